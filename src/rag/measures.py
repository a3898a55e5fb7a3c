"""question + Hits → what is measured of every sentence that may answer.

`likeness` is how much of the question's wording a sentence covers (late interaction); words that
only its surroundings cover (heading, title, the sentences before it in its passage) count for
less. `fit` is whether it holds the kind of thing that is asked for. What the measures are worth
together is fitted (`rag.ranker`).
Each measure is one array over the sentences of all hits.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rag.fitness import about_columns, kind_fits, noun_columns
from rag.index import Index
from rag.question import Question
from rag.rerank import QuestionWords
from rag.said import NAMED, Laid, Seen
from rag.specifics import held
from rag.text import longest_run, simplify, squeeze
from rag.types import Hit, Span
from rag.values import figures

Floats = NDArray[np.float32]
Columns = Mapping[str, ArrayLike]

_NEAR = 0.75  # a question word that only the sentence before covers
_FAR = 0.5  # one that only the heading, title or rest of the passage covers
_MEANT = 0.6  # cosine from which another word says what a question word says
_RUN = 8  # characters in a row shared with the question from which more tells nothing
HEADING_CHARS = 16  # a sentence no longer may be a heading in the line


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


def measure(
    asked: Question, words: QuestionWords, hits: Sequence[Hit], index: Index
) -> list[Measured]:
    """The measures of every sentence of the hits, in their order (see `ranker.MEASURES`)."""
    laid = Laid.of(hits)
    if not laid.texts:
        return []
    seen = Seen.of(laid, words, index)
    run, phrase = _runs(asked.content, laid, words, seen.topic)
    columns = {
        **_of_hits(laid, seen, words),
        **_wording(laid, seen, words),
        **_asked_for(asked, seen, words),
        **_of_texts(laid.texts),
        "cosine": index.sentence_vectors(laid.places) @ index.query(asked.content),
        "fit": kind_fits(asked, laid.texts, index.late, words),
        "phrase": phrase,
        "opening": laid.opens(index),
        "position": np.log1p(laid.number),
    }
    table = np.empty((len(laid.texts), len(columns)))
    for at, column in enumerate(columns.values()):
        table[:, at] = column
    rows = [dict(zip(columns, row, strict=True)) for row in table.tolist()]
    return [
        Measured(hits[at], span, text, row, row["likeness"] + row["own"] + row["cosine"] + same)
        for at, span, text, row, same in zip(
            laid.hit.tolist(), laid.spans, laid.texts, rows, run.tolist(), strict=True
        )
    ]


def _of_hits(laid: Laid, seen: Seen, words: QuestionWords) -> Columns:
    """The measures all sentences of a passage have in common, and those all have."""
    unsaid = words.weights[seen.plain.max(axis=0) <= _MEANT]
    by_hit: dict[str, ArrayLike] = {
        "cover": seen.covered @ words.weights,
        "hit": [hit.score for hit in laid.hits],
        "rank": [hit.rank for hit in laid.hits],
        "heading": seen.heading @ words.weights,
        "late": [hit.late for hit in laid.hits],
        "dense": [hit.dense for hit in laid.hits],
        "lexical": [hit.lexical for hit in laid.hits],
    }
    return {
        **{name: np.asarray(values)[laid.hit] for name, values in by_hit.items()},
        "asked": math.log1p(len(words.ids)),
        "unsaid": unsaid.sum(),
        "heaviest unsaid": unsaid.max(initial=0.0),
    }


def _wording(laid: Laid, seen: Seen, words: QuestionWords) -> Columns:
    """The measures of how much of the question's wording each sentence covers."""
    own, weights = seen.own, words.weights
    before, after = laid.before(own), laid.after(own)
    near, named = np.maximum(own, _NEAR * before), own > NAMED
    beyond = np.where(seen.topic > 0, 0, weights)[laid.hit]
    return {
        "likeness": np.maximum(near, _FAR * seen.around[laid.hit]) @ weights,
        "own": np.maximum(own, 0.5 * before) @ weights,
        "exact": np.where(named, own, 0) @ weights,
        "told": seen.told @ weights,
        "soft": np.where(named, 0, own) @ weights,
        "words": np.log1p(seen.sizes),
        "before": before @ weights,
        "plain": seen.plain @ weights,
        "after": after @ weights,
        "heaviest": own[:, weights.argmax()] if len(weights) else 0.0,
        "most": np.where(near > _MEANT, weights, 0).sum(axis=1),
        "missing": np.where(near > _MEANT, 0, weights).max(axis=1, initial=0),
        "beyond": (own * beyond).sum(axis=1) / np.maximum(beyond.sum(axis=1), 1e-6),
    }


def _asked_for(asked: Question, seen: Seen, words: QuestionWords) -> Columns:
    """The measures of how well each sentence says the words that stand where the question asks."""
    about, noun = about_columns(asked.text, words), noun_columns(asked.text, words)
    least: dict[str, ArrayLike] = {"about heaviest": 0.5, "about least": 0.5}
    named = about & np.array([len(word) > 1 for word in words.texts], dtype=np.bool_)
    if named.any():
        heaviest = np.where(named, words.weights, -1).argmax()
        least = {
            "about heaviest": seen.plain[:, heaviest],
            "about least": seen.plain[:, named].min(axis=1),
        }
    return {
        "about": _share(seen.plain, words, about),
        **least,
        "rest": _share(seen.plain, words, ~about),
        "noun": seen.own[:, noun].max(axis=1) if noun else 0.5,
    }


def _share(said: Floats, words: QuestionWords, columns: NDArray[np.bool_]) -> ArrayLike:
    """How well some of the question words are said, 0 to 1; 0.5 where there are none."""
    weight = float(words.weights[columns].sum())
    return said[:, columns] @ words.weights[columns] / weight if weight else 0.5


def _of_texts(texts: Sequence[str]) -> Columns:
    """The measures that are of each sentence alone, whatever is asked."""
    rows = [_of_text(text) for text in texts]
    return {name: [row[name] for row in rows] for name in rows[0]}


@functools.lru_cache(maxsize=20_000)
def _of_text(text: str) -> Mapping[str, float]:
    """Remembered: sentences come up again and again."""
    return {
        "characters": math.log1p(len(text)),
        "short": float(len(text) <= HEADING_CHARS),
        "figure": float(bool(figures(text))),
        **held(text),
    }


def _runs(content: str, laid: Laid, words: QuestionWords, topic: Floats) -> tuple[Floats, Floats]:
    """How long a run of characters each sentence shares with the question, 0 to 1, shape (n,);
    and with the question without the words its report is about, which tell nothing apart.

    topic: which words these are, by hit, shape (hits, m).
    """
    wholly = squeeze(content)
    by_report = {hit.passage.doc_id: granted for hit, granted in zip(laid.hits, topic, strict=True)}
    beyond = {one: squeeze(_beyond(content, words, said)) for one, said in by_report.items()}
    asks = [beyond[hit.passage.doc_id] for hit in laid.hits]
    plain = [_plain(text) for text in laid.texts]
    run = [longest_run(wholly, text) for text in plain]
    phrase = [
        same if asks[at] == wholly else longest_run(asks[at], text)
        for at, text, same in zip(laid.hit.tolist(), plain, run, strict=True)
    ]
    return np.minimum(1, np.divide(run, _RUN)), np.minimum(1, np.divide(phrase, _RUN))


def _beyond(content: str, words: QuestionWords, topic: Floats) -> str:
    """The question without the words its report is about."""
    rest = content
    for word, granted in zip(words.texts, topic.tolist(), strict=True):
        if granted:
            rest = rest.replace(word, " ")
    return rest if rest.strip() else content


@functools.lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    """Folded and simplified, white space aside. Remembered: sentences come up again and again."""
    return squeeze(simplify(text))
