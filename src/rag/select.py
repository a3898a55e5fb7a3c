"""question + Hits → sentences that may answer, each with what speaks for it.

The score is a sum whose weights are rounded from a linear ranker fitted to the
labelled questions and CMRC 2018 trial (softmax over the sentences of a question,
checked four-fold); fitted weights ranked no better than the rounded ones.

A candidate is one sentence of a retrieved passage. `likeness` is how much of
the question's wording it covers (late interaction); words that only its
surroundings cover (heading, title, the sentences before it in its passage)
count for less. `fit` is whether it holds the kind of thing that is asked for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from rag.index import Index, context_text
from rag.names import people
from rag.question import Kind, Question
from rag.related import log_odds, setting
from rag.rerank import QuestionWords
from rag.sentences import sentences
from rag.text import simplify, squeeze
from rag.types import Document, Hit, Passage, Span
from rag.values import Figure, dates, figures

Floats = NDArray[np.float32]

_NEAR = 0.75  # a question word that only the sentence before covers
_FAR = 0.5  # one that only the heading, title or rest of the passage covers
_PLACE_WORD = re.compile(
    r"在[^,，。;；]{2,20}(?:举[行办]|召开|开[班幕营]|成立|设立|建立|启动|出生|去世)|位于|地处|坐落"
    r"|公司|[厂矿局]|中心|学校|学院|大学|车间|[宫站楼层馆厅岛山州省]|广场|园区|开发区|基地|街道|行业|铸造|[日晚]报|电视台|公众号|网站"
    r"|[^全本该各农融\s,，。;；]{1,3}(?<!城)[市县区镇村](?![级委级总直政振])"
)
_OPENING = 400  # characters looked at for a report's first sentence
_NAMED = 0.95
_BREAK = re.compile(r"[,，、;；。:：]")
_RHYTHM = re.compile(r"每[两三四五六]?个?[年月周季天日]")  # 每两月: how often, not how long
_ENUMERATION = re.compile(r"、|“[^”]+”|《[^》]+》|[;；]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer.

    likeness: 0 to 1, question wording covered by the sentence and, for less, its
        surroundings. own: covered by the sentence and, for half, the one before.
        cosine: of the single vectors. fit: 0 to 1, whether it holds the kind of
        answer asked for. score: all of it and the passage's own score. related: log-odds
        that it is about what is asked, whatever else the collection holds.
    """

    hit: Hit
    span: Span
    text: str
    likeness: float
    own: float
    cosine: float
    fit: float
    score: float
    shared: float
    related: float

    @property
    def passage(self) -> Passage:
        """The passage the sentence stands in."""
        return self.hit.passage


def candidates(asked: Question, hits: Sequence[Hit], index: Index) -> list[Candidate]:
    """Every sentence of the hits, best first; ties go by position."""
    words = index.late.question(asked.content)
    query = index.encoder.encode_queries([asked.content])[0]
    found: list[Candidate] = []
    about = setting(words, max((hit.late for hit in hits), default=0.0), index)
    odds, slope = log_odds(about)
    topics = {
        doc_id: _topic(doc_id, words, index) for doc_id in {hit.passage.doc_id for hit in hits}
    }
    for hit in hits:
        passage = hit.passage
        spans = [s for s in passage.sentences if not _is_heading(passage, s)]
        texts = [passage.at(s) for s in spans]
        if not texts:
            continue
        units = [index.late.word_ids(text) for text in texts]
        own = np.maximum(index.late.matches(words, units), topics[passage.doc_id])
        asks = _beyond(asked.content, words, topics[passage.doc_id])
        around = index.late.matches(words, [index.late.word_ids(context_text(passage))])[0]
        around = np.maximum(around, own.max(axis=0))
        cover = float(own.max(axis=0) @ words.weights)
        cosines = index.sentence_vectors(passage.doc_id, [s.start for s in spans]) @ query
        for i, (span, text) in enumerate(zip(spans, texts, strict=True)):
            before = own[i - 1] if i else np.zeros_like(around)
            matched = np.maximum.reduce([own[i], _NEAR * before, _FAR * around])
            likeness = float(matched @ words.weights)
            alone = float(np.maximum(own[i], 0.5 * before) @ words.weights)
            cosine, fit = float(cosines[i]), _kind_fit(asked, text, index, words)
            run = min(1.0, shared_run(asked.content, text) / 8)
            phrase = run if asks == asked.content else min(1.0, shared_run(asks, text) / 8)
            shared = likeness + alone + cosine + run
            score = shared - run + phrase + 0.95 * fit + 0.75 * cover
            score += 0.09 * hit.score - 0.075 * (hit.rank - 1)
            related = odds + slope * shared
            found.append(
                Candidate(hit, span, text, likeness, alone, cosine, fit, score, shared, related)
            )
    found.sort(key=lambda c: (-c.score, c.passage.doc_id, c.span.start))
    return found


def _kind_fit(asked: Question, text: str, index: Index, words: QuestionWords) -> float:
    """`fitness`; of a figure also whether its own clause speaks of what is asked."""
    fit = fitness(asked, text)
    if "多久" in asked.text and _RHYTHM.search(text):
        return max(fit, 0.9)
    states = asked.kind in ("check", "why", "other") and bool(asked.figures)
    if fit and (states or (asked.kind == "figure" and "list" not in asked.also)):
        fit = min(fit, _figure_fit(asked, text, index, words))
    return fit


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


def _figure_fit(asked: Question, text: str, index: Index, words: QuestionWords) -> float:
    """How well some figure fits the unit asked for and stands in a clause on what is asked.

    Mean over the figures asked for, 0 to 1; a clause on something else takes off two fifths.
    """
    units = asked.asked or tuple((f.kind, "") for f in asked.figures) or (("", ""),)
    found = figures(text)
    if not found:
        return 0.0
    said = index.late.scores(words, [index.late.word_ids(clause(text, f)) for f in found])
    told = [0.6 + 0.4 * min(1.0, float(share) / 0.5) for share in said]
    best = [max(unit_fit(u, f) * t for f, t in zip(found, told, strict=True)) for u in units]
    return float(np.mean(best))


def clause(text: str, figure: Figure) -> str:
    """The clause a figure stands in; its noun may come before or after it."""
    before = [m.end() for m in _BREAK.finditer(text, 0, figure.start)]
    after = _BREAK.search(text, figure.end)
    return text[before[-1] if before else 0 : after.start() if after else len(text)]


def _is_heading(passage: Passage, span: Span) -> bool:
    text = passage.at(span).strip()
    return text in passage.heading or text in passage.title


def fitness(asked: Question, text: str) -> float:
    """How well a text holds the kind of answer asked for, 0 to 1 (best of the kinds asked)."""
    kinds: list[Kind] = [asked.kind, *asked.also]
    scores = [_fit(kind, asked, text) for kind in kinds]
    return max(scores[0], 0.7 * max(scores[1:], default=0.0))


def fits(kind: Kind, asked: Question, text: str) -> bool:
    """Whether a text holds what one of the asked kinds asks for."""
    return _fit(kind, asked, text) >= 0.5


def _fit(kind: Kind, asked: Question, text: str) -> float:
    if kind == "figure":
        found = figures(text)
        units = asked.asked or (("", ""),)
        return float(np.mean([max((unit_fit(u, f) for f in found), default=0.0) for u in units]))
    if kind == "who":
        return 1.0 if people(text) else 0.0
    if kind == "when":
        return _date_fit(asked.text, text)
    if kind == "where":
        return 1.0 if _PLACE_WORD.search(text) else 0.3
    if kind == "list":
        return min(1.0, 0.4 + 0.2 * len(_ENUMERATION.findall(text)))
    if kind in ("check", "why", "other") and asked.figures:
        kinds = {figure.kind for figure in figures(text)}
        return float(np.mean([figure.kind in kinds for figure in asked.figures]))
    return 0.5


def _date_fit(question: str, text: str) -> float:
    """1 for a date as fine as asked (月 needs a month, 日 a day), 0.4 for a coarser one."""
    found = dates(text)
    if not found:
        return 0.0
    if re.search(r"哪[一]?[天日]|几号|几月几", question):
        return 1.0 if any(date.day for date in found) else 0.4
    if re.search(r"月", question):
        return 1.0 if any(date.month for date in found) else 0.4
    return 1.0


def unit_fit(unit: tuple[str, str], figure: Figure) -> float:
    """How well a figure fits the asked (kind, measure word), 0 to 1."""
    kind, word = unit
    if not kind:
        return 0.6 if figure.kind == "时长" else 0.8
    if figure.kind == kind:
        return 1.0 if not word or word == figure.unit else 0.95
    # What is handed out one each may be told by the people: 1.5万名 for "发了多少张".
    generic = word in ("张", "份", "套", "本") and figure.kind == "人"
    if {figure.kind, kind} == {"家", "个"}:
        return 0.85  # 多少家工会, told as 212个
    return 0.6 if generic or {figure.kind, kind} <= {"家", "个", "户", "次"} else 0.0
