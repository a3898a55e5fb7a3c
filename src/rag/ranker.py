"""Measures of the sentences of one question → log-odds of each against the others.

    score = 3·prior + net(x)

x holds a sentence's measures, how far each lies below the best among the question's sentences,
and the kind of question. The prior is a plain weighted sum; what the hidden units add is what
no such sum can say: a long sentence matches everything a little, a sentence that repeats the
question seldom answers it. exp(score), normalised, is the share of questions in which that
sentence answers. training/ranker.py fits the weights in data/ranker.json.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rag.nets import Net

Floats = NDArray[np.float64]

MEASURES = (
    "likeness", "own", "exact", "soft", "cosine", "fit", "phrase", "cover", "hit", "rank",
    "words", "characters", "before", "plain", "after", "heading", "short", "heaviest",
    "late", "dense", "lexical", "figure", "told",
    "beyond", "noun", "opening", "position", "about", "rest",
    "about heaviest", "about least",
    "holds people", "holds bodies", "holds places", "holds dates", "holds figures", "holds marks",
    "holds reason", "holds speech",
)  # fmt: skip
KINDS = ("figure", "who", "when", "where", "list", "measure", "why", "check", "other")
INPUTS = (*MEASURES, *(f"{name} below best" for name in MEASURES), *KINDS)
PRIOR = 3.0
# A sentence counts by these alone, before anything is fitted.
_PRIOR = {
    "likeness": 1.0, "own": 1.0, "cosine": 1.0, "phrase": 1.0, "fit": 0.95, "cover": 0.75,
    "hit": 0.09, "rank": -0.075,
}  # fmt: skip


def prior(measures: Mapping[str, float]) -> float:
    """The plain weighted sum of a sentence."""
    return sum(weight * measures[name] for name, weight in _PRIOR.items())


def inputs(measured: Sequence[Mapping[str, float]], kind: str) -> Floats:
    """What the hidden units see of the sentences of one question, shape (n, d)."""
    own = np.array([[row[name] for name in MEASURES] for row in measured], dtype=np.float64)
    asked = np.array([[float(kind == name) for name in KINDS]])
    return np.hstack([own, own.max(axis=0) - own, np.repeat(asked, len(own), axis=0)])


def scores(measured: Sequence[Mapping[str, float]], kind: str) -> list[float]:
    """Log-odds of each sentence of one question against the others, up to a constant."""
    if not measured:
        return []
    learnt = _net()(inputs(measured, kind))
    plain = np.array([prior(row) for row in measured])
    return [float(score) for score in PRIOR * plain + learnt]


@functools.cache
def _net() -> Net:
    return Net.load("ranker", INPUTS)
