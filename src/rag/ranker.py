"""Measures of the sentences of one question → log-odds of each against the others.

    score = a·prior + Σ_h out_h · tanh(w_h · x + b_h)

x holds a sentence's measures, how far each lies below the best among the question's sentences,
and the kind of question. The prior is a plain weighted sum; what the hidden units add is what
no such sum can say: a long sentence matches everything a little, a sentence that repeats the
question seldom answers it. exp(score), normalised, is the share of questions in which that
sentence answers. training/ranker.py fits the weights in data/ranker.json.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MEASURES = (
    "likeness", "own", "exact", "soft", "cosine", "fit", "phrase", "cover", "hit", "rank",
    "words", "characters", "before", "plain", "after", "heading", "short", "heaviest",
    "late", "dense", "lexical", "figure",
)  # fmt: skip
KINDS = ("figure", "who", "when", "where", "list", "measure", "why", "check", "other")
# A sentence counts by these alone, before anything is fitted.
_PRIOR = {
    "likeness": 1.0, "own": 1.0, "cosine": 1.0, "phrase": 1.0, "fit": 0.95, "cover": 0.75,
    "hit": 0.09, "rank": -0.075,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted numbers; d = 2·len(MEASURES) + len(KINDS) inputs, h hidden units.

    mean, scale: shape (d,). hidden: (h, d). bias, out: (h,). prior: a above.
    """

    mean: Floats
    scale: Floats
    hidden: Floats
    bias: Floats
    out: Floats
    prior: float


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
    weights = _weights()
    x = (inputs(measured, kind) - weights.mean) / weights.scale
    learnt = np.tanh(x @ weights.hidden.T + weights.bias) @ weights.out
    plain = np.array([prior(row) for row in measured])
    return [float(score) for score in weights.prior * plain + learnt]


@functools.cache
def _weights() -> Weights:
    text = resources.files("rag").joinpath("data/ranker.json").read_text(encoding="utf-8")
    stored = json.loads(text)
    if (tuple(stored["measures"]), tuple(stored["kinds"])) != (MEASURES, KINDS):
        raise ValueError("data/ranker.json was fitted to other measures: run training.ranker")
    arrays = {name: np.array(stored[name]) for name in ("mean", "scale", "hidden", "bias", "out")}
    return Weights(**arrays, prior=float(stored["prior"]))
