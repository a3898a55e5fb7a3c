"""question + Hits → what is measured of every sentence that may answer.

`likeness` is how much of the question's wording a sentence covers (late interaction); words that
only its surroundings cover (heading, title, the sentences before it in its passage) count for
less. `fit` is whether it holds the kind of thing that is asked for. What the measures are worth
together is fitted (`rag.ranker`).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from rag.fitness import about_columns, kind_fit, noun_columns
from rag.index import Index, context_text
from rag.question import Question
from rag.rerank import QuestionWords, Units
from rag.sentences import sentences
from rag.specifics import held
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
    query = index.encoder.encode_queries([asked.content])[0]
    topics = {
        doc_id: _topic(doc_id, words, index) for doc_id in {hit.passage.doc_id for hit in hits}
    }
    found: list[Measured] = []
    said = np.zeros(len(words.ids), dtype=np.float32)
    for hit in hits:
        topic = topics[hit.passage.doc_id]
        found.extend(_of_passage(asked, words, query, hit, topic, index, said))
    unsaid = words.weights[said <= _MEANT]
    for one in found:
        one.values["unsaid"] = float(unsaid.sum())
        one.values["heaviest unsaid"] = float(unsaid.max(initial=0.0))
    return found


def _of_passage(
    asked: Question,
    words: QuestionWords,
    query: Floats,
    hit: Hit,
    topic: Floats,
    index: Index,
    said: Floats,
) -> list[Measured]:
    """The measures of a passage's sentences. said: how well each question word is said in any
    sentence so far, shape (m,), raised here."""
    passage = hit.passage
    spans = [s for s in passage.sentences if not _is_heading(passage, s)]
    if not spans:
        return []
    texts = [passage.at(s) for s in spans]
    seen = _Seen.of(passage, texts, words, topic, index)
    cosines = index.sentence_vectors(passage.doc_id, [s.start for s in spans]) @ query
    of_all = _of_all(seen, words, hit)
    np.maximum(said, seen.plain.max(axis=0), out=said)
    about = about_columns(asked.text, words)
    asks = _beyond(asked.content, words, topic)
    noun = noun_columns(asked.text, words)
    first = _opens(passage, index)
    found: list[Measured] = []
    for i, (span, text) in enumerate(zip(spans, texts, strict=True)):
        run = min(1.0, shared_run(asked.content, text) / 8)
        values = {
            **of_all,
            **_wording(seen, i, words, topic),
            "cosine": float(cosines[i]),
            "fit": kind_fit(asked, text, index.late, words),
            "phrase": run if asks == asked.content else min(1.0, shared_run(asks, text) / 8),
            "characters": math.log1p(len(text)),
            "short": float(len(text) <= HEADING_CHARS),
            "figure": float(bool(figures(text))),
            "about": _share(seen.plain[i], words, about),
            **_least(seen.plain[i], words, about),
            "rest": _share(seen.plain[i], words, ~about),
            **held(text),
            "noun": float(seen.own[i][noun].max()) if noun else 0.5,
            "opening": float(first and span == passage.sentences[0]),
            "position": math.log1p(i),
        }
        shared = values["likeness"] + values["own"] + values["cosine"] + run
        found.append(Measured(hit, span, text, values, shared))
    return found


def _of_all(seen: _Seen, words: QuestionWords, hit: Hit) -> dict[str, float]:
    """The measures all sentences of a passage have in common."""
    return {
        "cover": float(seen.covered @ words.weights),
        "hit": hit.score,
        "rank": float(hit.rank),
        "heading": float(seen.heading @ words.weights),
        "late": hit.late,
        "dense": hit.dense,
        "lexical": hit.lexical,
        "asked": math.log1p(len(words.ids)),
    }


@dataclass(frozen=True, slots=True)
class _Seen:
    """How well each question word is said in a passage, shape (sentences, m) or (m,).

    plain: in each sentence; own: there, what the report is about granted; told: of that, what
    only other wording gives. around: in the passage with its heading and title; heading: there
    alone; covered: in any sentence. sizes: words of each sentence.
    """

    plain: Floats
    own: Floats
    told: Floats
    around: Floats
    heading: Floats
    covered: Floats
    sizes: tuple[int, ...]

    @classmethod
    def of(
        cls,
        passage: Passage,
        texts: Sequence[str],
        words: QuestionWords,
        topic: Floats,
        index: Index,
    ) -> _Seen:
        late = index.late
        units = [late.word_ids(text) for text in texts]
        ready, inside = Units.of(units), _inside(words, texts)
        bare = late.cosines(words, ready)
        plain = np.maximum(late.or_instead(words, ready, bare), inside)
        own = np.maximum(plain, topic)
        around, heading = late.matches(
            words, [late.word_ids(context_text(passage)), late.word_ids(passage.heading)]
        )
        return cls(
            plain=plain,
            own=own,
            told=np.maximum(plain - np.maximum(bare, inside) - topic, 0.0),
            around=np.maximum(around, own.max(axis=0)),
            heading=heading,
            covered=own.max(axis=0),
            sizes=tuple(map(len, units)),
        )


def _wording(seen: _Seen, i: int, words: QuestionWords, topic: Floats) -> dict[str, float]:
    """The measures of how much of the question's wording sentence i covers."""
    own, weights = seen.own[i], words.weights
    nothing = np.zeros_like(own)
    before = seen.own[i - 1] if i else nothing
    after = seen.own[i + 1] if i + 1 < len(seen.own) else nothing
    near = np.maximum(own, _NEAR * before)
    beyond = np.where(topic > 0, 0.0, weights)
    return {
        "likeness": float(np.maximum(near, _FAR * seen.around) @ weights),
        "own": float(np.maximum(own, 0.5 * before) @ weights),
        "exact": float(np.where(own > _NAMED, own, 0) @ weights),
        "told": float(seen.told[i] @ weights),
        "soft": float(np.where(own > _NAMED, 0, own) @ weights),
        "words": math.log1p(seen.sizes[i]),
        "before": float(before @ weights),
        "plain": float(seen.plain[i] @ weights),
        "after": float(after @ weights),
        "heaviest": float(own[int(weights.argmax())]) if len(weights) else 0.0,
        "most": float(weights[near > _MEANT].sum()),
        "missing": float(weights[near <= _MEANT].max(initial=0.0)),
        "beyond": float(own @ beyond / max(float(beyond.sum()), 1e-6)),
    }


def _share(said: Floats, words: QuestionWords, columns: NDArray[np.bool_]) -> float:
    """How well some of the question words are said, 0 to 1; 0.5 where there are none."""
    weight = float(words.weights[columns].sum())
    return float(said[columns] @ words.weights[columns]) / weight if weight else 0.5


def _least(said: Floats, words: QuestionWords, columns: NDArray[np.bool_]) -> dict[str, float]:
    """How well the heaviest and the least said of some question words are said, 0 to 1; 0.5 where
    there are none."""
    named = columns & np.array([len(word) > 1 for word in words.texts], dtype=np.bool_)
    if not named.any():
        return {"about heaviest": 0.5, "about least": 0.5}
    heaviest = int(np.where(named, words.weights, -1.0).argmax())
    return {
        "about heaviest": float(said[heaviest]),
        "about least": float(said[named].min()),
    }


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
    left, right = squeeze(a), _plain(b)
    return SequenceMatcher(None, left, right, autojunk=False).find_longest_match().size


@functools.lru_cache(maxsize=20_000)
def _plain(text: str) -> str:
    """Folded and simplified, white space aside. Remembered: sentences come up again and again."""
    return squeeze(simplify(text))


def _is_heading(passage: Passage, span: Span) -> bool:
    text = passage.at(span).strip()
    return text in passage.heading or text in passage.title
