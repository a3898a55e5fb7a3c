"""question words and passage words → late-interaction scores.

    score(q, p) = Σ_{w in q} weight(w) · max_{v in p} cos(w, v)

with static word vectors: the late interaction of ColBERT (Khattab & Zaharia
2020, arXiv:2004.12832) without a transformer, or a BM25 whose terms may match
softly. weight(w) is the static weight of the word times its log idf in the
collection.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.text import simplify

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]

# Cosines below this are chance, not likeness: they add nothing.
FLOOR = 0.25


class WordVectors(Protocol):
    """Static word vectors: segmentation, unit vectors (V, d), weights (V,)."""

    vectors: Floats
    weights: Floats

    def tokenize(self, text: str) -> list[tuple[int, int, int]]:
        """(word id, start, end) of the known words of a text."""


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """Distinct words of a question.

    ids: shape (m,). weights: shape (m,), summing to 1. texts: the words as written.
    """

    ids: Ids
    weights: Floats
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Units:
    """Texts made ready to be matched with many questions.

    distinct: the word ids that occur, ascending. position: where each word of each text stands
    in them, text after text. filled: numbers of the texts that have words; starts: where the
    words of each of these begin. count: texts in all.
    """

    distinct: Ids
    position: NDArray[np.intp]
    filled: list[int]
    starts: NDArray[np.intp]
    count: int

    @classmethod
    def of(cls, texts: Sequence[Ids]) -> Units:
        """Of the word ids of each text."""
        filled = [i for i, text in enumerate(texts) if len(text)]
        flat = np.concatenate([texts[i] for i in filled]) if filled else np.zeros(0, np.int32)
        distinct, position = np.unique(flat, return_inverse=True)
        starts = np.cumsum([0] + [len(texts[i]) for i in filled[:-1]])
        return cls(distinct, position, filled, starts, len(texts))


class LateInteraction:
    """Scores units of text (passages, sentences) against a question's words.

    document_frequency: shape (V,), in how many of the `size` passages a word occurs.
    """

    def __init__(self, words: WordVectors, document_frequency: Ids, size: int) -> None:
        self._words = words
        self._idf = np.log1p((size - document_frequency + 0.5) / (document_frequency + 0.5)).astype(
            np.float32
        )

        self._cached_ids = functools.lru_cache(maxsize=20_000)(self._word_ids)

    def word_ids(self, text: str) -> Ids:
        """Distinct word ids of a text, simplified, ascending. Remembered: sentences come up again and again."""
        return self._cached_ids(text)

    def _word_ids(self, text: str) -> Ids:
        words = self._words.tokenize(simplify(text))
        return np.unique(np.array([word for word, _, _ in words], dtype=np.int32))

    def question(self, text: str) -> QuestionWords:
        """The words of a question with weights that sum to 1 (or no words at all)."""
        first: dict[int, str] = {}
        for word, start, end in self._words.tokenize(text):
            first.setdefault(word, text[start:end])
        ids = np.array(list(first), dtype=np.int32)
        weights = self._words.weights[ids] * self._idf[ids]
        total = float(weights.sum())
        keep = weights > 0
        scaled = (weights[keep] / total if total > 0 else weights[keep]).astype(np.float32)
        kept = tuple(t for t, k in zip(first.values(), keep, strict=True) if k)
        return QuestionWords(ids[keep], scaled, kept)

    def matches(self, question: QuestionWords, units: Sequence[Ids] | Units) -> Floats:
        """Highest cosine of each question word in each unit, shape (units, m), in [0, 1]."""
        ready = units if isinstance(units, Units) else Units.of(units)
        out = np.zeros((ready.count, len(question.ids)), dtype=np.float32)
        if not ready.filled or not len(question.ids):
            return out
        cosines = self._words.vectors[ready.distinct] @ self._words.vectors[question.ids].T
        best = np.maximum.reduceat(cosines[ready.position], ready.starts, axis=0)
        out[ready.filled] = np.where(best < FLOOR, 0.0, np.minimum(best, 1.0))
        return out

    def scores(self, question: QuestionWords, units: Sequence[Ids] | Units) -> Floats:
        """Late-interaction score of each unit, shape (units,), in [0, 1]."""
        return np.asarray(self.matches(question, units) @ question.weights, dtype=np.float32)
