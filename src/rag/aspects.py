"""The aspect a question asks of its subject, and how much of it a sentence says.

农民工驿站晚上能不能过夜 is on a place the report describes; whether one may sleep there is the aspect.
Words around the asking word give it: what follows 能不能, 有没有 or 怎么, what stands before 了没有 or 吗.
Told apart from it is what is asked after the event (结业以后, 后来怎么样了), whose parts an account of
the event itself does not hold.
"""

from __future__ import annotations

import re

import numpy as np

from rag.index import Index
from rag.question import Question, content_words
from rag.rerank import Units
from rag.said import NAMED
from rag.select import Candidate

_WHETHER = re.compile(
    r"有没有|有无|是不是|是否|能不能|能否|可不可以|可以不可以|允不允许|愿不愿意|满不满意"
    r"|(?P<verb>[\u4e00-\u9fff])不(?P=verb)"
)
_WHETHER_BEHIND = re.compile(r"(?:了没有?|没有|吗|[了过]吧|不)(?=[?,。]|$)")
_HOW = re.compile(
    r"怎么(?!样|回事|看)|怎样(?!了)|如何(?![?]|$)|咋(?!样)|(?:用|靠|凭|按照?|通过)(?:什么|啥|哪些)(?:标准|办法|方式|手段|途径|条件|方法|依据)?"
)
_WHY = re.compile(r"为什么|为何|为啥|怎么会|原因|出于(?:什么|啥)|凭(?:什么|啥)|图(?:什么|啥)")
_AFTER = re.compile(
    r"后来|(?:以|之|过|结业|毕业|培训|学)后|[办搞学建用]完|下来|起来后|结果|效果|成效|变化|有没有用|有用吗|管用|怎么?样了|好转|改善|反响|反应|见效"
)
_MADE_OF = re.compile(
    r"(?:包括|包含|含有?|[指写列提讲装]了?的?)(?:些|哪|什么|啥)|由哪|构成|组成|内涵|内容是|是(?:哪几|什么[?]|啥[?])|是什么$|哪几[条项款个]|里[头面]"
)
_SAYS = re.compile(r"怎么[看说想]|看法|评价|意见|建议|满意|反映|感受|心得|体会|教训")
_MODAL = "会能要是有该让用需可愿"
_CLAUSE = re.compile(r"[,，。;；?？]")
_WORD = 2  # characters from which a word says something by itself
_MEANT = 0.6  # cosine from which another word says what a question word says
_WHOLE = 0.5  # of a question that asks nothing of the sort

ASPECTS = (
    "aspect", "aspect least", "aspect heaviest", "aspect unsaid", "aspect beside", "aspect exact", "subject",
)  # fmt: skip
FORMS = ("whether", "how", "why", "after", "made of", "says")


def aspect(question: str) -> str:
    """The words of a question that stand where it asks how or whether, or "" where it does not."""
    if found := _WHETHER.search(question):
        verb = found["verb"] or ""
        verb = "" if verb in _MODAL else verb
        return _beside(question, found.start(), found.end(), verb)
    for pattern in (_HOW, _WHY):
        if found := pattern.search(question):
            return _beside(question, found.start(), found.end(), "")
    if found := _WHETHER_BEHIND.search(question):
        return _CLAUSE.split(question[: found.start()])[-1]
    if _AFTER.search(question):
        return _CLAUSE.split(question.rstrip("?。"))[-1]
    return ""


def _beside(question: str, start: int, end: int, verb: str) -> str:
    """What follows the asking word in its clause, or, where nothing does, what precedes it."""
    after = _CLAUSE.split(question[end:])[0]
    if len(content_words(after).replace(" ", "")) >= _WORD:
        return verb + after
    return _CLAUSE.split(question[:start])[-1] + verb + after


def forms(question: str) -> dict[str, float]:
    """In which forms a question asks, as numbers."""
    tests = (_WHETHER, _HOW, _WHY, _AFTER, _MADE_OF, _SAYS)
    found = {name: float(bool(p.search(question))) for name, p in zip(FORMS, tests, strict=True)}
    if _WHETHER_BEHIND.search(question):
        found["whether"] = 1.0
    return found


def said(asked: Question, best: Candidate, index: Index) -> dict[str, float]:
    """How much of its aspect and of the rest of a question a sentence says, 0 to 1 each."""
    text = aspect(asked.text)
    words = index.late.question(asked.content)
    own = np.array([word in text for word in words.texts], dtype=np.bool_)
    if not text or not own.any():
        return dict.fromkeys(ASPECTS, _WHOLE)
    units = Units.of([index.late.word_ids(best.text), index.late.word_ids(_following(best))])
    plain = index.late.cosines(words, units)
    matched = index.late.or_instead(words, units, plain)
    weights = np.where(own, words.weights, 0.0)
    total = max(float(weights.sum()), 1e-6)
    rest = np.where(own, 0.0, words.weights)
    here = matched[0]
    return {
        "aspect": float(here @ weights) / total,
        "aspect least": float(here[own].min()),
        "aspect heaviest": float(here[weights.argmax()]),
        "aspect unsaid": float(np.where(here > _MEANT, 0.0, weights).max()),
        "aspect beside": float(np.maximum(here, matched[1]) @ weights) / total,
        "aspect exact": float((here > NAMED) @ weights) / total,
        "subject": float(here @ rest) / max(float(rest.sum()), 1e-6),
    }


def _following(best: Candidate) -> str:
    """The sentence behind one, "" for the last of its passage."""
    spans = list(best.passage.sentences)
    at = spans.index(best.span) + 1
    return best.passage.at(spans[at]) if at < len(spans) else ""
