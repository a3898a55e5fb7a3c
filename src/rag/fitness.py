"""Whether a text holds the kind of thing that is asked for: a figure of the unit, a name, a date.

A fit of 1 says that it does, of 0 that it does not; what lies between is told less surely.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.names import people
from rag.question import Kind, Question
from rag.rerank import LateInteraction, QuestionWords, Units
from rag.specifics import marks
from rag.units import unit_fit
from rag.values import Figure, dates, figures, numbers

_PLACE_WORD = re.compile(
    r"在[^,，。;；]{2,20}(?:举[行办]|召开|开[班幕营]|成立|设立|建立|启动|出生|去世)|位于|地处|坐落"
    r"|公司|[厂矿局]|中心|学校|学院|大学|车间|[宫站楼层馆厅岛山州省]|广场|园区|开发区|基地|街道|行业|铸造|[日晚]报|电视台|公众号|网站"
    r"|[^全本该各农融\s,，。;；]{1,3}(?<!城)[市县区镇村](?![级委级总直政振])"
)
_HOW_OFTEN = re.compile(r"多久|隔多|多长时间[^,]{0,3}一[次回]|几个?[月天周年][^,]{0,3}一[次回]")
_RHYTHM = re.compile(r"每[两三四五六]?个?[年月周季天日]")  # 每两月: how often, not how long
_FROM_TO = re.compile(r"\d[日月]份?(?:至|到|[-—–~])(?:\d{4}年)?\d{1,2}[日月]")
_ASKING = re.compile(
    r"什么|哪些|哪[一两三几]?[个位家种项类年月天里儿]?|多少|几|谁|何|怎么样?|怎样|如何|啥|多[大高长久远]"
)
_JOINT = re.compile(r"[的是有为在了都由占被分别叫做属于主要]+$")
# What is asked for each must be told for each: 每人多少钱 is not told by a sum.
_EACH = re.compile(r"每一?[个家户名位人场座件间台对]|人均|户均|单人")
_TOLD_EACH = re.compile(
    r"每|人均|户均|平均|均为|各(?![类级种地行项方]|部门|单位|企业)|/|一[名位人户家]"
)
# Ages and lengths of time in a question say which are meant, not how many.
_SAY_WHICH = ("时长", "年龄")
_OF_THESE = re.compile(r"[里中](?=[,，]|面|头|有|的|女|男|省|全国|一线|占)")
_NAMED = 0.8  # cosine from which a clause says the very noun asked for
_BREAK = re.compile(r"[,，、;；。:：?？]")


def kind_fits(
    asked: Question, texts: Sequence[str], late: LateInteraction, words: QuestionWords
) -> list[float]:
    """`fitness` of each text; of a figure also whether its own clause speaks of what is asked."""
    fits = [fitness(asked, text) for text in texts]
    lasting = any(kind == "时长" for kind, _ in asked.asked)
    often = bool(_HOW_OFTEN.search(asked.text))
    states = asked.kind in ("check", "why", "other") and bool(asked.figures)
    strict = states or (asked.kind == "figure" and "list" not in asked.also)
    stands: list[int] = []
    for i, text in enumerate(texts):
        # 办了多少天 is told by 7月20日至8月6日.
        if (often and _RHYTHM.search(text)) or (lasting and _FROM_TO.search(text)):
            fits[i] = max(fits[i], 0.9)
        elif fits[i] and strict:
            stands.append(i)
    for i, fit in zip(
        stands, _figure_fits(asked, [texts[i] for i in stands], late, words), strict=True
    ):
        fits[i] = min(fits[i], fit)
    return fits


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
        found = _told(asked, text)
        units = asked.asked or (("", ""),)
        return float(np.mean([max((unit_fit(u, f) for f in found), default=0.0) for u in units]))
    if kind == "who":
        return 1.0 if people(text) else 0.0
    if kind == "when":
        return _date_fit(asked.text, text)
    if kind == "where":
        return 1.0 if _PLACE_WORD.search(text) else 0.3
    if kind == "list":
        return min(1.0, 0.4 + 0.2 * marks(text))
    if kind in ("check", "why", "other") and asked.figures:
        kinds = {figure.kind for figure in figures(text)}
        return float(np.mean([figure.kind in kinds for figure in asked.figures]))
    return 0.5


def _figure_fits(
    asked: Question, texts: Sequence[str], late: LateInteraction, words: QuestionWords
) -> list[float]:
    """How well some figure of each text fits the unit asked for and stands in a clause on what is
    asked.

    Mean over the figures asked for, 0 to 1; a clause on something else takes off two fifths.
    """
    units = _wanted(asked)
    found = [_told(asked, text) for text in texts]
    said = iter(_clauses_said(asked, texts, found, late, words))
    fits = []
    for figures_ in found:
        told = [(figure, 0.6 + 0.4 * min(1.0, next(said))) for figure in figures_]
        best = [max((unit_fit(u, f) * share for f, share in told), default=0.0) for u in units]
        fits.append(sum(best) / len(best))
    return fits


def _clauses_said(
    asked: Question,
    texts: Sequence[str],
    found: Sequence[Sequence[Figure]],
    late: LateInteraction,
    words: QuestionWords,
) -> list[float]:
    """How much of the question the clause of each figure says, text after text; 1 and more is
    enough."""
    clauses = [clause(text, f) for text, told in zip(texts, found, strict=True) for f in told]
    ready = Units.of([late.word_ids(one) for one in clauses])
    matches = late.cosines(words, ready)
    # Shares of much the same are many: what a share is of must be said in so many words.
    units = _wanted(asked)
    of_shares = all(kind == "比例" for kind, _ in units)
    if not of_shares:
        matches = late.or_instead(words, ready, matches)
    said = matches @ words.weights / 0.5
    if not of_shares:
        noun = matches[:, noun_columns(asked.text, words)].max(axis=1, initial=0.0)
        said = np.maximum(said, np.where(noun > _NAMED, noun, 0.0))
    return [float(share) for share in said]


def _wanted(asked: Question) -> Sequence[tuple[str, str]]:
    """(kind, measure word) of each figure asked for or stated; one of no kind where there is none."""
    return asked.asked or tuple((f.kind, "") for f in asked.figures) or (("", ""),)


def _told(asked: Question, text: str) -> Sequence[Figure]:
    """The figures of a text without those the question states.

    Of 149个创新工作室 asked back, 1031项 counts something else: beside a figure of the question
    only one of the same measure word can answer.
    """
    found = figures(text)
    if asked.kind != "figure":
        return found
    found = (*found, *numbers(text))
    if _EACH.search(asked.text) and not _TOLD_EACH.search(text):
        return ()
    if any(kind == "时长" for kind, _ in asked.asked):
        found = tuple(f for f in found if f.kind != "时长" or f.text not in asked.text)
    # 一二类竞赛 and 三年来 only say which are meant.
    stated = {
        (f.kind, f.value) for f in asked.figures if f.value >= 10 and f.kind not in _SAY_WHICH
    }
    again = {f.unit for f in found if (f.kind, f.value) in stated}
    # 省级的占多少个 does not say of what: it is of the same.
    kinds = {kind for kind, _ in stated} | ({f.kind for f in found} if not _unit(asked) else set())
    return [
        f
        for f in found
        if (f.kind, f.value) not in stated
        and not (
            again
            and f.kind in kinds
            and f.unit not in again
            and (_OF_THESE.search(asked.text) or not _asked_for(asked, f))
        )
    ]


def _asked_for(asked: Question, figure: Figure) -> bool:
    """Whether a figure has the very measure word asked for, and this counts few things: 多少座城市
    is told by 255个 beside the 70万套 of the question."""
    return any(
        word not in ("", "个", "项")
        and kind == figure.kind
        and unit_fit((kind, word), figure) > 0.9
        for kind, word in asked.asked
    )


def _unit(asked: Question) -> bool:
    """Whether the question says in what unit a figure is asked for."""
    return any(kind for kind, _ in asked.asked)


def noun_columns(text: str, words: QuestionWords) -> list[int]:
    """Columns of the word that is asked for: 颜色 in 是什么颜色, 职业 in 职业是什么."""
    asks = _ASKING.search(text)
    if not asks:
        return []
    after, before = text[asks.end() :], _JOINT.sub("", text[: asks.start()])
    columns = [(i, word) for i, word in enumerate(words.texts) if len(word) > 1]
    behind = [i for i, word in columns if after.startswith(word)]
    return behind or [i for i, word in columns if before.endswith(word)]


def about_columns(text: str, words: QuestionWords) -> NDArray[np.bool_]:
    """Which words stand where the question asks, shape (m,): of 羽毛球赛的男单冠军是哪个单位的
    those behind the last 的."""
    asks = _ASKING.search(text)
    if not asks:
        return np.ones(len(words.texts), dtype=np.bool_)
    start = max(text.rfind(mark, 0, max(0, asks.start() - 1)) for mark in "的,，;；。") + 1
    end = _BREAK.search(text, asks.end())
    part = text[start : end.start() if end else len(text)]
    return np.array([word in part for word in words.texts], dtype=np.bool_)


def clause(text: str, figure: Figure) -> str:
    """The clause a figure stands in; its noun may come before or after it. Of 856名,其中70%是党员
    also the clause before, which says of whom."""
    starts = [0, *(m.end() for m in _BREAK.finditer(text, 0, figure.start))]
    if len(starts) > 1 and text.startswith("其中", starts[-1]):
        starts.pop()
    after = _BREAK.search(text, figure.end)
    return text[starts[-1] : after.start() if after else len(text)]


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
