"""Whether a sentence of this collection can be what a question asks about: log-odds.

A logistic model over a few readable features. What a sentence shares with the question
decides among unlike texts; in a collection of one field, like ours, it matters as much
whether the typical passage speaks of such things at all: a question about refrigerators
matches every report badly, a colloquial one about miners matches all of them a little.
The weights are in data/related.json; training/related.py fits them, on questions with
their passage in the collection and without it.
"""

from __future__ import annotations

import functools
import json
import math
from dataclasses import asdict, dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from rag.index import Index

Floats = NDArray[np.float32]
# Range of `alike` among the collections the weights were fitted on, about; none beyond is trusted.
_ALIKE = (0.3, 0.7)


@dataclass(frozen=True, slots=True)
class Features:
    """What the log-odds are computed from.

    shared: wording the sentence shares with the question (see `select.Candidate`).
    typical: mean late interaction of the question with a sample of the collection;
    outstanding: how far its best passage lies above that, in standard deviations of
    the sample. words: logarithm of the number of question words. alike: length of the
    collection's mean passage vector, 1 when all passages are the same; what the other
    features weigh depends on it.
    """

    shared: float
    typical: float
    outstanding: float
    words: float
    alike: float


@dataclass(frozen=True, slots=True)
class Setting:
    """What a question is to the collection as a whole; the same for all its sentences."""

    typical: float
    outstanding: float
    words: float
    alike: float

    def features(self, shared: float) -> Features:
        """Features of one sentence."""
        return Features(shared, self.typical, self.outstanding, self.words, self.alike)


def setting(content: str, late: float, index: Index) -> Setting:
    """The setting of a question, given by the words that name something, whose best passage has
    the late interaction `late`."""
    words, scores = index.late.question(content), index.sampled(content)
    typical, spread = (float(scores.mean()), float(scores.std())) if len(scores) else (0.0, 0.0)
    low, high = _ALIKE
    return Setting(
        typical=typical,
        outstanding=(late - typical) / (spread + 0.02),
        words=math.log(max(1, len(words.ids))),
        alike=min(max(index.alike, low), high),
    )


def terms(features: Features) -> dict[str, float]:
    """What the weights are applied to: every feature, and its product with `alike`."""
    plain = asdict(features)
    alike = plain["alike"]
    products = {f"{k} x alike": v * alike for k, v in plain.items() if k != "alike"}
    return {**plain, **products}


def log_odds(about: Setting) -> tuple[float, float]:
    """(a, b) of a question: a + b·shared are the log-odds that a sentence is about what it asks."""
    weights = _weights()
    at_zero, at_one = (
        weights["bias"] + math.fsum(weights[k] * v for k, v in terms(features).items())
        for features in (about.features(0.0), about.features(1.0))
    )
    return at_zero, at_one - at_zero


@functools.cache
def _weights() -> dict[str, float]:
    text = resources.files("rag").joinpath("data/related.json").read_text(encoding="utf-8")
    return {str(name): float(value) for name, value in json.loads(text)["weights"].items()}
