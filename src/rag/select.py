"""question + Hits → sentences that may answer, best first, each with what speaks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.index import Index
from rag.measures import measure
from rag.question import Question
from rag.ranker import scores
from rag.reader import READ, Reading, in_use, question_words, sentence_words
from rag.related import log_odds, setting
from rag.types import Hit, Passage, Span


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer.

    values: what was measured of it, by name (`ranker.MEASURES` and more). score: log-odds
        against the question's other sentences, up to a constant. tells: log-odds that it tells
        what is asked, by reading it alone. shared: 0 to about 4, how much wording it shares with
        the question.
        related: log-odds that it is about what is asked, whatever else the collection holds.
    """

    hit: Hit
    span: Span
    text: str
    values: Mapping[str, float]
    score: float
    tells: float
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


def candidates(asked: Question, hits: Sequence[Hit], index: Index) -> list[Candidate]:
    """Every sentence of the hits, best first; ties go by position."""
    words = index.late.question(asked.content)
    late = max((hit.late for hit in hits), default=0.0)
    odds, slope = log_odds(setting(asked.content, late, index))
    measured = measure(asked, words, hits, index)
    rated = scores([found.values for found in measured], asked.kind)
    read = _readings(asked, [found.text for found in measured], rated)
    found = [
        Candidate(
            hit=one.hit,
            span=one.span,
            text=one.text,
            values=one.values,
            score=score + reading.answers,
            tells=reading.tells,
            shared=one.shared,
            related=odds + slope * one.shared,
        )
        for one, score, reading in zip(measured, rated, read, strict=True)
    ]
    found.sort(key=lambda c: (-c.score, c.passage.doc_id, c.span.start))
    return found


def _readings(asked: Question, texts: Sequence[str], rated: Sequence[float]) -> list[Reading]:
    """Of the sentences rated best; all others count as the worst of these. A question put together
    from pieces reads like none that was fitted to: nothing is read for it."""
    if asked.pieced:
        return [Reading(0.0, 0.0)] * len(texts)
    best = sorted(range(len(texts)), key=lambda i: -rated[i])[:READ]
    words = question_words(asked.text, asked.content)
    found = in_use().read(words, [sentence_words(texts[i]) for i in best])
    told = [one for one in found if one is not None]
    worst = Reading(
        min((one.answers for one in told), default=0.0),
        min((one.tells for one in told), default=0.0),
    )
    read = dict(zip(best, found, strict=True))
    return [read.get(i) or worst for i in range(len(texts))]
