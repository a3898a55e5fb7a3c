"""Hits → their sentences side by side, and how well each question word is said in each.

All sentences of all hits are matched in one pass, each of the arrays over them all: a pass for
each passage took three times as long, nearly all of it in calls on a handful of numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rag.index import Index, context_text
from rag.rerank import QuestionWords, Units
from rag.sentences import sentences
from rag.text import simplify
from rag.types import Document, Hit, Passage, Span

Floats = NDArray[np.float32]

_OPENING = 400  # characters looked at for a report's first sentence
NAMED = 0.95  # cosine from which a word is the very word
_INSIDE = 0.7  # a character of the question inside a word of the text


@dataclass(frozen=True, slots=True)
class Laid:
    """The sentences of some hits one after the other, their headings in the line left out.

    hit: the number of the hit of each, ascending, shape (n,). number: which of its passage each
    is, from 0, shape (n,).
    """

    hits: Sequence[Hit]
    hit: NDArray[np.intp]
    number: NDArray[np.intp]
    spans: list[Span]
    texts: list[str]

    @classmethod
    def of(cls, hits: Sequence[Hit]) -> Laid:
        kept = [_sentences(hit.passage) for hit in hits]
        counts = [len(own) for own in kept]
        flat = [one for own in kept for one in own]
        return cls(
            hits,
            np.repeat(np.arange(len(hits)), counts),
            np.concatenate([np.arange(count) for count in counts])
            if counts
            else np.zeros(0, np.intp),
            [span for span, _ in flat],
            [text for _, text in flat],
        )

    @property
    def places(self) -> list[tuple[str, int]]:
        """Report and offset of each sentence."""
        ids = [hit.passage.doc_id for hit in self.hits]
        return [
            (ids[at], span.start) for at, span in zip(self.hit.tolist(), self.spans, strict=True)
        ]

    def opens(self, index: Index) -> list[bool]:
        """Whether each is the first sentence of its report."""
        first = [h.passage.sentences[:1] if _opens(h.passage, index) else () for h in self.hits]
        return [span in first[at] for at, span in zip(self.hit.tolist(), self.spans, strict=True)]

    def before(self, values: Floats) -> Floats:
        """Rows of `values`, shape (n, m), of the sentence before each; 0 at a passage's first."""
        rows = np.zeros_like(values)
        rows[1:] = values[:-1]
        rows[self.number == 0] = 0
        return rows

    def after(self, values: Floats) -> Floats:
        """Rows of `values`, shape (n, m), of the sentence behind each; 0 at a passage's last."""
        rows = np.zeros_like(values)
        rows[:-1] = np.where(self.number[1:, None] == 0, 0, values[1:])
        return rows


@dataclass(frozen=True, slots=True)
class Seen:
    """How well each question word is said, shape (sentences, m) or (hits, m).

    plain: in each sentence; own: there, what the report is about granted; told: of that, what
    only other wording gives. By hit, topic: in the report's title or, without one, its first
    sentence, 0 below NAMED; it is granted to all its sentences, else the sentence that repeats
    the name would beat the one that says what is asked of it. around: in the passage with its
    heading and title; heading: there alone; covered: in any sentence. sizes: words of each.
    """

    plain: Floats
    own: Floats
    told: Floats
    topic: Floats
    around: Floats
    heading: Floats
    covered: Floats
    sizes: list[int]

    @classmethod
    def of(cls, laid: Laid, words: QuestionWords, index: Index) -> Seen:
        late, passages = index.late, [hit.passage for hit in laid.hits]
        subjects = {p.doc_id: subject(index.documents[p.doc_id]) for p in passages}
        units = [late.word_ids(text) for text in laid.texts]
        n, h = len(units), len(passages)
        ready = Units.of(
            [
                *units,
                *(late.word_ids(context_text(p)) for p in passages),
                *(late.word_ids(p.heading) for p in passages),
                *(late.word_ids(text) for text in subjects.values()),
            ]
        )
        bare, inside = late.cosines(words, ready), _inside(words, laid.texts)
        said = late.or_instead(words, ready, bare)
        plain, around, heading, about = np.split(said, [n, n + h, n + 2 * h])
        topics = dict(zip(subjects, np.where(about >= NAMED, about, 0), strict=True))
        topic = np.array([topics[p.doc_id] for p in passages], dtype=np.float32)
        plain = np.maximum(plain, inside)
        own = np.maximum(plain, topic[laid.hit])
        covered = np.zeros_like(topic)
        np.maximum.at(covered, laid.hit, own)
        told = np.maximum(plain - np.maximum(bare[:n], inside) - topic[laid.hit], 0)
        around = np.maximum(around, covered)
        return cls(plain, own, told, topic, around, heading, covered, [len(u) for u in units])


def _sentences(passage: Passage) -> list[tuple[Span, str]]:
    """The sentences of a passage that are none of its headings."""
    told = [(span, passage.at(span)) for span in passage.sentences]
    above = (passage.heading, passage.title)
    return [(s, text) for s, text in told if not any(text.strip() in line for line in above)]


def _opens(passage: Passage, index: Index) -> bool:
    """Whether a passage is the first of its document."""
    return not index.documents[passage.doc_id].text[: passage.start].strip()


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


@functools.lru_cache(maxsize=10_000)
def _opening(start: str) -> str:
    first = next(iter(sentences(start)), (0, 0))
    return start[first[0] : first[1]]
