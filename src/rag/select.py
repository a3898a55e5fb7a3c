"""question + Hits → sentences that may answer, each with what speaks for it.

A candidate is one sentence of a retrieved passage. `likeness` is how much of
the question's wording it covers (late interaction); words that only its
surroundings cover (heading, title, the sentences before it in its passage)
count for less. `fit` is whether it holds the kind of thing that is asked for.
What the measures are worth together is fitted (`rag.ranker`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from rag.fitness import kind_fit
from rag.index import Index, context_text
from rag.question import Question
from rag.ranker import scores
from rag.related import log_odds, setting
from rag.rerank import QuestionWords
from rag.sentences import sentences
from rag.text import simplify, squeeze
from rag.types import Document, Hit, Passage, Span
from rag.values import figures

Floats = NDArray[np.float32]

_NEAR = 0.75  # a question word that only the sentence before covers
_FAR = 0.5  # one that only the heading, title or rest of the passage covers
_OPENING = 400  # characters looked at for a report's first sentence
_NAMED = 0.95
_MEANT = 0.6  # cosine from which another word says what a question word says
_INSIDE = 0.7  # a character of the question inside a word of the text
HEADING_CHARS = 16  # a sentence no longer may be a heading in the line


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer.

    values: what was measured of it, by name (`ranker.MEASURES` and more). score: log-odds
        against the question's other sentences, up to a constant. shared: 0 to about 4, how
        much wording it shares with the question.
        related: log-odds that it is about what is asked, whatever else the collection holds.
    """

    hit: Hit
    span: Span
    text: str
    values: Mapping[str, float]
    score: float
    shared: float
    related: float

    @property
    def likeness(self) -> float:
        """0 to 1: question wording covered by the sentence and, for less, its surroundings."""
        return self.values["likeness"]

    @property
    def own(self) -> float:
        """0 to 1: question wording covered by the sentence and, for half, the one before."""
        return self.values["own"]

    @property
    def cosine(self) -> float:
        """Of the single vectors."""
        return self.values["cosine"]

    @property
    def fit(self) -> float:
        """0 to 1: whether it holds the kind of answer asked for."""
        return self.values["fit"]

    @property
    def passage(self) -> Passage:
        """The passage the sentence stands in."""
        return self.hit.passage


@dataclass(frozen=True, slots=True)
class Measured:
    """A sentence and what was measured of it, under the names of `ranker.MEASURES`.

    shared: how much wording it shares with the question, 0 to about 4 (see `related`).
    """

    hit: Hit
    span: Span
    text: str
    values: dict[str, float]
    shared: float


def candidates(asked: Question, hits: Sequence[Hit], index: Index) -> list[Candidate]:
    """Every sentence of the hits, best first; ties go by position."""
    words = index.late.question(asked.content)
    odds, slope = log_odds(setting(words, max((hit.late for hit in hits), default=0.0), index))
    measured = measure(asked, words, hits, index)
    rated = scores([found.values for found in measured], asked.kind)
    found = [
        Candidate(
            hit=one.hit,
            span=one.span,
            text=one.text,
            values=one.values,
            score=score,
            shared=one.shared,
            related=odds + slope * one.shared,
        )
        for one, score in zip(measured, rated, strict=True)
    ]
    found.sort(key=lambda c: (-c.score, c.passage.doc_id, c.span.start))
    return found


def measure(
    asked: Question, words: QuestionWords, hits: Sequence[Hit], index: Index
) -> list[Measured]:
    """The measures of every sentence of the hits, in their order (see `ranker.MEASURES`)."""
    query = index.encoder.encode_queries([asked.content])[0]
    topics = {
        doc_id: _topic(doc_id, words, index) for doc_id in {hit.passage.doc_id for hit in hits}
    }
    found: list[Measured] = []
    for hit in hits:
        found.extend(_of_passage(asked, words, query, hit, topics[hit.passage.doc_id], index))
    return found


def _of_passage(
    asked: Question, words: QuestionWords, query: Floats, hit: Hit, topic: Floats, index: Index
) -> list[Measured]:
    passage, late = hit.passage, index.late
    spans = [s for s in passage.sentences if not _is_heading(passage, s)]
    texts = [passage.at(s) for s in spans]
    if not texts:
        return []
    units = [late.word_ids(text) for text in texts]
    plain = np.maximum(late.matches(words, units), _inside(words, texts))
    own = np.maximum(plain, topic)
    asks = _beyond(asked.content, words, topic)
    around, heading = late.matches(
        words, [late.word_ids(context_text(passage)), late.word_ids(passage.heading)]
    )
    covered = own.max(axis=0)
    around = np.maximum(around, covered)
    cosines = index.sentence_vectors(passage.doc_id, [s.start for s in spans]) @ query
    heaviest = int(words.weights.argmax()) if len(words.ids) else -1
    nothing = np.zeros_like(around)
    found: list[Measured] = []
    for i, (span, text) in enumerate(zip(spans, texts, strict=True)):
        before = own[i - 1] if i else nothing
        near = np.maximum(own[i], _NEAR * before)
        run = min(1.0, shared_run(asked.content, text) / 8)
        values = {
            "likeness": float(np.maximum(near, _FAR * around) @ words.weights),
            "own": float(np.maximum(own[i], 0.5 * before) @ words.weights),
            "exact": float(np.where(own[i] > _NAMED, own[i], 0) @ words.weights),
            "soft": float(np.where(own[i] > _NAMED, 0, own[i]) @ words.weights),
            "cosine": float(cosines[i]),
            "fit": kind_fit(asked, text, late, words),
            "phrase": run if asks == asked.content else min(1.0, shared_run(asks, text) / 8),
            "cover": float(covered @ words.weights),
            "hit": hit.score,
            "rank": float(hit.rank),
            "words": math.log1p(len(units[i])),
            "characters": math.log1p(len(text)),
            "before": float(before @ words.weights),
            "plain": float(plain[i] @ words.weights),
            "after": float((own[i + 1] if i + 1 < len(own) else nothing) @ words.weights),
            "heading": float(heading @ words.weights),
            "short": float(len(text) <= HEADING_CHARS),
            "heaviest": float(own[i][heaviest]) if heaviest >= 0 else 0.0,
            "late": hit.late,
            "dense": hit.dense,
            "lexical": hit.lexical,
            "figure": float(bool(figures(text))),
            "most": float(words.weights[near > _MEANT].sum()),
            "missing": float(words.weights[near <= _MEANT].max(initial=0.0)),
            "asked": math.log1p(len(words.ids)),
        }
        shared = values["likeness"] + values["own"] + values["cosine"] + run
        found.append(Measured(hit, span, text, values, shared))
    return found


def _inside(words: QuestionWords, texts: Sequence[str]) -> Floats:
    """Which one-character words of the question stand inside words of each text, shape
    (texts, m): 评 in 评选, 奖 in 奖励. A lone character has no vector worth the name."""
    found = np.zeros((len(texts), len(words.texts)), dtype=np.float32)
    simple = [simplify(text) for text in texts]
    for column, word in enumerate(words.texts):
        if len(word) == 1:
            found[:, column] = [_INSIDE * (word in text) for text in simple]
    return found


def subject(document: Document) -> str:
    """What a report is about: its title or, without one, its first sentence."""
    if document.title != document.doc_id.split("/")[-1]:
        return document.title
    return _opening(document.text[:_OPENING])


def _topic(doc_id: str, words: QuestionWords, index: Index) -> Floats:
    """Which question words the report is about, shape (m,): in its title or, without one, its
    first sentence.

    They are granted to all of its sentences; else the sentence that repeats the
    name would beat the one that says what is asked of it.
    """
    match = index.late.matches(words, [index.late.word_ids(subject(index.documents[doc_id]))])[0]
    return np.where(match >= _NAMED, match, 0.0).astype(np.float32)


def _beyond(content: str, words: QuestionWords, topic: Floats) -> str:
    """The question without the words its report is about: a run of those tells nothing apart."""
    rest = content
    for word, granted in zip(words.texts, topic, strict=True):
        if granted:
            rest = rest.replace(word, " ")
    return rest if rest.strip() else content


@functools.lru_cache(maxsize=10_000)
def _opening(start: str) -> str:
    first = next(iter(sentences(start)), (0, 0))
    return start[first[0] : first[1]]


def shared_run(a: str, b: str) -> int:
    """Length of the longest run of characters two texts share, folded, white space aside."""
    left, right = squeeze(a), squeeze(simplify(b))
    return SequenceMatcher(None, left, right, autojunk=False).find_longest_match().size


def _is_heading(passage: Passage, span: Span) -> bool:
    text = passage.at(span).strip()
    return text in passage.heading or text in passage.title
