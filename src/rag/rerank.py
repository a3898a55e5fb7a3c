"""question words and passage words → late-interaction scores.

    score(q, p) = Σ_{w in q} weight(w) · max_{v in p} cos(w, v)

with static word vectors: the late interaction of ColBERT (Khattab & Zaharia
2020, arXiv:2004.12832) without a transformer, or a BM25 whose terms may match
softly. weight(w) is the static weight of the word times its log idf in the
collection.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.text import simplify
from rag.thesaurus import bundled

Ids = NDArray[np.int32]
Floats = NDArray[np.float32]

# Cosines below this are chance, not likeness: they add nothing.
FLOOR = 0.25
_TERM_WORDS = 3  # a term of the thesaurus has no more


class WordVectors(Protocol):
    """Static word vectors: segmentation, unit vectors (V, d), weights (V,)."""

    vectors: Floats
    weights: Floats

    def tokenize(self, text: str) -> list[tuple[int, int, int]]:
        """(word id, start, end) of the known words of a text."""


@dataclass(frozen=True, slots=True)
class Instead:
    """Words that say the same as some of a question, where a text has all of them.

    ids: the words of the text. columns: numbers of the question words they stand for.
    worth: 0 to 1, counted as their cosine.
    """

    ids: tuple[int, ...]
    columns: tuple[int, ...]
    worth: float


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """Distinct words of a question.

    ids: shape (m,). weights: shape (m,), summing to 1. texts: the words as written.
    instead: other words that may stand for them (`rag.thesaurus`), by the first of each.
    """

    ids: Ids
    weights: Floats
    texts: tuple[str, ...]
    instead: Mapping[int, Sequence[Instead]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Units:
    """Texts made ready to be matched with many questions.

    distinct: the word ids that occur, ascending. rows: where each stands in them. position: where
    each word of each text stands there, text after text; owner: the number of its text. filled:
    numbers of the texts that have words; starts: where the words of each of these begin. count:
    texts in all.
    """

    distinct: Ids
    rows: Mapping[int, int]
    position: NDArray[np.intp]
    owner: NDArray[np.intp]
    filled: NDArray[np.intp]
    starts: NDArray[np.intp]
    count: int

    @classmethod
    def of(cls, texts: Sequence[Ids]) -> Units:
        """Of the word ids of each text."""
        lengths = np.array([len(text) for text in texts], dtype=np.intp)
        flat = np.concatenate(texts) if len(texts) else np.zeros(0, np.int32)
        # Marking what occurs takes a pass over the vocabulary; sorting takes longer.
        occurs = np.zeros(int(flat.max(initial=-1)) + 1, dtype=np.bool_)
        occurs[flat] = True
        distinct = np.flatnonzero(occurs).astype(np.int32)
        number = np.empty(len(occurs), dtype=np.intp)
        number[distinct] = np.arange(len(distinct))
        rows = {word: row for row, word in enumerate(distinct.tolist())}
        filled = np.flatnonzero(lengths)
        starts = (np.cumsum(lengths) - lengths)[filled]
        owner = np.repeat(np.arange(len(texts)), lengths)
        return cls(distinct, rows, number[flat], owner, filled, starts, len(texts))

    def having(self, words: Sequence[int]) -> NDArray[np.bool_]:
        """Which texts have each of these words, which some text has, shape (words, texts)."""
        column = np.full(len(self.distinct), -1)
        column[[self.rows[word] for word in words]] = np.arange(len(words))
        at = column[self.position]
        meant = at >= 0
        found = np.zeros((len(words), self.count), dtype=np.bool_)
        found[at[meant], self.owner[meant]] = True
        return found


class LateInteraction:
    """Scores units of text (passages, sentences) against a question's words.

    document_frequency: shape (V,), in how many of the `size` passages a word occurs.
    """

    def __init__(self, words: WordVectors, document_frequency: Ids, size: int) -> None:
        self._words = words
        self._idf = np.log1p((size - document_frequency + 0.5) / (document_frequency + 0.5)).astype(
            np.float32
        )

        self._most = float(np.log1p((size + 0.5) / 0.5)) - 1e-4
        self._cached_ids = functools.lru_cache(maxsize=20_000)(self._word_ids)
        self._cached_question = functools.lru_cache(maxsize=200)(self._question)

    def word_ids(self, text: str) -> Ids:
        """Distinct word ids of a text, simplified, ascending. Remembered: sentences come up again and again."""
        return self._cached_ids(text)

    def _word_ids(self, text: str) -> Ids:
        words = self._words.tokenize(simplify(text))
        return np.unique(np.array([word for word, _, _ in words], dtype=np.int32))

    def question(self, text: str) -> QuestionWords:
        """The words of a question with weights that sum to 1 (or no words at all). Remembered."""
        return self._cached_question(text)

    def _question(self, text: str) -> QuestionWords:
        first: dict[int, str] = {}
        tokens = self._words.tokenize(text)
        for word, start, end in tokens:
            first.setdefault(word, text[start:end])
        ids = np.array(list(first), dtype=np.int32)
        weights = self._words.weights[ids] * self._idf[ids]
        total = float(weights.sum())
        keep = weights > 0
        scaled = (weights[keep] / total if total > 0 else weights[keep]).astype(np.float32)
        kept = tuple(t for t, k in zip(first.values(), keep, strict=True) if k)
        instead: dict[int, list[Instead]] = {}
        # Each once, though its wording comes again and again.
        for other in dict.fromkeys(self._instead(text, tokens, ids[keep].tolist())):
            instead.setdefault(other.ids[0], []).append(other)
        return QuestionWords(ids[keep], scaled, kept, instead)

    def _instead(
        self, text: str, tokens: Sequence[tuple[int, int, int]], ids: Sequence[int]
    ) -> Iterator[Instead]:
        """What may stand for wording of the question, whose words are `ids`."""
        column = {word: i for i, word in enumerate(ids)}
        for wording in bundled().find(text):
            inside = {
                column[word]
                for word, start, end in tokens
                if word in column and wording.start <= start and end <= wording.end
            }
            if not inside:
                continue
            for term, worth in wording.words.items():
                meant = tuple(self.word_ids(term).tolist())
                if 0 < len(meant) <= _TERM_WORDS:
                    yield Instead(meant, tuple(sorted(inside)), worth)

    def unheard(self, question: QuestionWords) -> float:
        """Weight of the question words that no passage has, 0 to 1."""
        return float(question.weights[self._idf[question.ids] >= self._most].sum())

    def matches(self, question: QuestionWords, units: Sequence[Ids] | Units) -> Floats:
        """How well each question word is said in each unit, shape (units, m), in [0, 1]: the
        highest cosine, or what a word said instead is worth."""
        ready = units if isinstance(units, Units) else Units.of(units)
        return self.or_instead(question, ready, self.cosines(question, ready))

    def cosines(self, question: QuestionWords, units: Units) -> Floats:
        """Highest cosine of each question word in each unit, shape (units, m), in [0, 1]."""
        out = np.zeros((units.count, len(question.ids)), dtype=np.float32)
        if not len(units.filled) or not len(question.ids):
            return out
        cosines = self._words.vectors[units.distinct] @ self._words.vectors[question.ids].T
        best = np.maximum.reduceat(cosines[units.position], units.starts, axis=0)
        out[units.filled] = np.where(best < FLOOR, 0.0, np.minimum(best, 1.0))
        return out

    def or_instead(self, question: QuestionWords, units: Units, cosines: Floats) -> Floats:
        """The cosines of some units, raised to what words said instead are worth."""
        known = units.rows
        there = [o for word, others in question.instead.items() if word in known for o in others]
        told = [other for other in there if all(word in known for word in other.ids)]
        if not told:
            return cosines
        words = list(dict.fromkeys(word for other in told for word in other.ids))
        having = dict(zip(words, units.having(words), strict=True))
        raised = cosines.copy()
        for other in told:
            said = having[other.ids[0]]
            for word in other.ids[1:]:
                said = said & having[word]
            for column in other.columns:
                np.maximum(raised[:, column], other.worth, out=raised[:, column], where=said)
        return raised

    def scores(self, question: QuestionWords, units: Sequence[Ids] | Units) -> Floats:
        """Late-interaction score of each unit, shape (units,), in [0, 1]."""
        return np.asarray(self.matches(question, units) @ question.weights, dtype=np.float32)
