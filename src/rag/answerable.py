"""The sentences found for a question → log-odds that one of them answers it.

A question the reports leave open finds sentences as well: of the same place, on a matter next
to the one asked about. What tells them is small: the heaviest word of the question is said by
nothing like it, no sentence stands out from the others. A net over such measures is fitted by
training/answerable.py to questions with their answer and without it: its sentence taken out,
its text taken out, or one word of the question put in place of another.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.nets import Net
from rag.ranker import KINDS
from rag.select import Candidate

Floats = NDArray[np.float64]

# Of the best sentence. What was measured of its passage as a whole is left out: where only the
# sentence was taken out, that would tell the case.
_BEST = (
    "likeness", "own", "exact", "soft", "cosine", "fit", "phrase", "words", "characters",
    "before", "plain", "heaviest", "figure", "most", "missing", "asked",
)  # fmt: skip
_LEAD = ("own", "exact", "cosine", "phrase", "fit")
INPUTS = (
    *_BEST, *(f"{name} over second" for name in _LEAD), "over second", "over fourth", *KINDS
)  # fmt: skip


def inputs(ranked: Sequence[Candidate], kind: str) -> Floats:
    """What the net sees, shape (1, len(INPUTS)), of candidates best first; at least one."""
    best = ranked[0]
    second, fourth = ranked[min(1, len(ranked) - 1)], ranked[min(3, len(ranked) - 1)]
    own = [best.values[name] for name in _BEST]
    lead = [best.values[name] - second.values[name] for name in _LEAD]
    asked = [float(kind == name) for name in KINDS]
    return np.array([[*own, *lead, best.score - second.score, best.score - fourth.score, *asked]])


def log_odds(ranked: Sequence[Candidate], kind: str) -> float:
    """Log-odds that one of the candidates, best first, answers; at least one is needed."""
    return float(_net()(inputs(ranked, kind))[0])


@functools.cache
def _net() -> Net:
    return Net.load("answerable", INPUTS)
