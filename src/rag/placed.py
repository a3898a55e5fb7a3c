"""Vectors that carry the place a text speaks of.

A report says once which county it is about; most of its paragraphs never name it,
while a question does. So the vector that is stored and searched is

    u = (t + w·p) / n,   n = |t + w·p|

of the text's unit vector t and the unit vector p of its place's name (0 where the
place is unknown). Because n is kept, the cosine of a question q with the text alone
can be had back: t·q = n (u·q) - w (p·q).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# 0.5 to 0.7 do alike on the labelled questions (benchmarks/README.md); 0 loses a tenth of them.
PLACE_WEIGHT = 0.6


def add_places(texts: Floats, places: Floats) -> tuple[Floats, Floats]:
    """Unit rows u, shape (n, d), and their norms, shape (n,), of texts and their places, (n, d) each."""
    rows = texts + np.float32(PLACE_WEIGHT) * places
    norms = np.linalg.norm(rows, axis=1).astype(np.float32)
    return np.asarray(rows / np.maximum(norms, 1e-12)[:, None], dtype=np.float32), norms


def without_places(rows: Floats, norms: Floats, places: Floats) -> Floats:
    """The texts' own vectors t back from stored rows, shape (n, d)."""
    return np.asarray(norms[:, None] * rows - np.float32(PLACE_WEIGHT) * places, dtype=np.float32)


def own_cosines(cosines: Floats, norms: Floats, place_cosines: Floats) -> Floats:
    """t·q of each row from u·q, n and p·q, shape (n,) each."""
    return np.asarray(norms * cosines - np.float32(PLACE_WEIGHT) * place_cosines, dtype=np.float32)


def region_rows(regions: Iterable[str]) -> dict[str, int]:
    """Region path → its row among the vectors of places, of all regions that occur."""
    return {region: row for row, region in enumerate(sorted(set(regions)))}
