"""Reasons not to answer: what is missing, said plainly.

A question that the reports cannot answer usually looks like one they can: the
figure is known of another county, of another year, of another competition. So
most of these checks are about mismatch, not about low similarity; a reworded
question is no more similar to its answer than a foreign one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from rag.fitness import clause
from rag.index import Index
from rag.names import people
from rag.question import Question
from rag.rerank import LateInteraction, Units
from rag.said import subject
from rag.select import Candidate
from rag.specifics import lacking
from rag.types import Document
from rag.values import Figure, figures
from rag.years import asked_years, holds_year, listed, years_around

# Likeness plus cosine below this: the question is not about these reports. A
# question that names one of their places is about them, however it is worded.
MIN_RELATED = 0.36
# One that names none must reach these log-odds (rag.related). Measured in five folds by
# training/related.py: between 92 and 94 % of everyday questions lie below, and 4 to 5 % of the
# labelled ones with their places unread. More is refused by what answers (rag.answerable).
MIN_ODDS = -0.8
# A sentence this like the question is the one it is about, if others score so much less.
ANCHORED = 0.7
ANCHOR_MARGIN = 2.1
# Share of the best sentence's likeness that one of the year asked about must have in its stead.
AS_MUCH = 0.5
_ONE_STORY = 400  # characters behind its opening that a text is sure to be about the same
# A clause that says this much of the question's own tells the same with another figure; smaller
# figures count too much else.
_SAME_CLAUSE, _STATED = 0.6, 5
# Characters around a sentence in which the person it speaks of may be named.
_BESIDE = 40

_TASK = re.compile(
    r"(?:帮我|请你?|给我|替我|给.{1,8}|^|[,，。 ])(?:写|编|作|画|翻译|讲|唱|用)"
    r"(?:一?[首篇段个幅封下]|成|出|点)?.{0,12}"
    r"(?:诗|词|绝句|律诗|作文|故事|小说|代码|程序|排序|脚本|笑话|对联|歌|情书|英文|英语|演讲稿|总结|检讨)"
    r"|冒泡|系统提示|提示词|(?:忽略|无视|忘记).{0,12}(?:指令|规则|要求|设定)"
    r"|(?:你|请|假装)扮演|扮演(?:一[个名位]|成)|越狱|(?:[Pp]ython|[Jj]ava|SQL).{0,6}(?:代码|程序|脚本|怎么写)"
    r"|怎么做菜|算命|几点了|你是谁|你叫什么"
)
# Everyday matters: out of the field unless the collection speaks of them, as news do.
_EVERYDAY = re.compile(r"天气|下雨|下雪|气温|股价|股票|彩票|菜谱|星座")
# Kinds of question that state something: a wrong statement is corrected, not refused.
_STATES = ("why", "check", "other", "measure")
# What happens once and is stated with its year.
_HAPPENED = re.compile(
    r"(?:才|就|已经?|是|在|于|年)[^,?]{0,4}(?:被?[定列评]为|成立|设立|举[办行]|办[了的]|出台|印发|启动|挂牌|获评|当选|建成|召开)"
    r"(?![^,?]*(?:多少|几|哪|什么|谁|啥|怎))"
)
_NUMBERED = re.compile(r"(?:是|到了?|成了?)第[一二三四五六七八九十百\d]+届")
_ORDINAL = re.compile(r"第?([一二三四五六七八九十百\d]+)届")


def off_topic(asked: Question, documents: Iterable[Document]) -> str:
    """A reason when the question asks for a task, or for an everyday matter that no document names."""
    matters = set(_EVERYDAY.findall(asked.text))
    told = any(matter in d.text for d in documents for matter in matters) if matters else True
    return "" if told and not _TASK.search(asked.text) else "这不是可以从报告中查到的内容"


def unknown_place(asked: Question, documents: Iterable[Document]) -> str:
    """A reason when a named place has no report and none mentions it."""
    texts = [d.text for d in documents]
    for place in asked.places:
        if place.relation in ("", "around") and not any(place.short in text for text in texts):
            return f"资料中没有{place.name}的报道"
    return ""


def nothing_about(asked: Question) -> str:
    """The reason when no sentence has to do with the question."""
    names = "、".join(p.name for p in asked.places)
    return f"资料中没有{names}的相关内容" if names else "资料中没有与问题相关的内容"


def why_not(asked: Question, candidate: Candidate) -> str:
    """Why a sentence cannot be the answer, or ""."""
    foreign = candidate.likeness + max(0.0, candidate.cosine) < MIN_RELATED
    if not (asked.regions or asked.names_report):
        foreign = candidate.related < MIN_ODDS
    if foreign:
        return nothing_about(asked)
    return lacking(asked, candidate.text, candidate.fit)


def anchored_elsewhere(asked: Question, anchor: Candidate, best: Candidate) -> bool:
    """Whether another sentence is plainly the one asked about, but leaves the asked thing out.

    "全县职工武术大赛有多少人参加": the contest is told, its participants are not;
    some other sentence with a number of people is no answer. The sentence that opens a text
    names what it is about: those not far behind may well tell more of that.
    """
    opening = (
        anchor.values["opening"]
        and anchor.passage.doc_id == best.passage.doc_id
        and best.span.start - anchor.span.end < _ONE_STORY
    )
    return (
        not opening
        and asked.kind in ("figure", "who", "when", "list")
        and bool(why_not(asked, anchor))
        and anchor.likeness >= ANCHORED
        and anchor.score - best.score >= ANCHOR_MARGIN
    )


def mismatch(asked: Question, best: Candidate, index: Index) -> tuple[str, str]:
    """(remark, refusal): a premise the source contradicts, or why the best sentence is no answer."""
    said, found = _other_edition(asked, best)
    if not said and not of_the_year(asked, best, index):
        said, found = (
            listed(asked_years(asked)),
            listed(years_around(best.passage, best.span)),
        )
    if said and (asked.kind in _STATES or _states_first(asked)):
        return f"问题说的是{said}，原文{f'为{found}' if found else '没有写明年份'}。", ""
    if said and not found:
        here = "、".join(p.name for p in asked.places)
        return "", f"有{here or '问题'}的相关内容，没有写明{said}的"
    if said:
        return "", f"有{found}的相关内容，没有{said}的"
    return _other_figure(asked, best), ""


def _states_first(asked: Question) -> bool:
    """Whether a question states what happened in a year, or the edition of what did, before it asks
    something else: 君乐宝2021年才被定为试点企业,之前做了哪些准备; 已经是第三届了,来了多少支队伍."""
    first, comma, _ = asked.text.partition(",")
    dated = asked.dates and asked.dates[0].end <= len(first)
    return bool(comma and dated and (_HAPPENED.search(first) or _NUMBERED.search(first)))


def about_the_person(asked: Question, ranked: Sequence[Candidate], index: Index) -> list[Candidate]:
    """Candidates that name the person the question names, stand beside the name or in a text
    about that person; all when it names none that these sentences know."""
    names = {person.name for c in ranked for person in people(c.text) if person.name in asked.text}
    if not names:
        return list(ranked)
    subjects = {c.passage.doc_id: subject(index.documents[c.passage.doc_id]) for c in ranked}
    return [
        c
        for c in ranked
        if any(name in _beside(c) or subjects[c.passage.doc_id].startswith(name) for name in names)
    ]


def _beside(candidate: Candidate) -> str:
    """A sentence and the text close around it."""
    text, at = candidate.passage.text, candidate.passage.start
    span = candidate.span
    return text[max(0, span.start - at - _BESIDE) : span.end - at + _BESIDE]


def of_the_year(asked: Question, candidate: Candidate, index: Index) -> bool:
    """Whether a sentence speaks of a year the question names."""
    passage, span = candidate.passage, candidate.span
    if asked_years(asked) & years_around(passage, span):
        return True
    return holds_year(asked, index.documents[passage.doc_id], passage, span)


def of_that_year_instead(asked: Question, best: Candidate, other: Candidate, index: Index) -> bool:
    """Whether another sentence is of the year asked about and, the year aside, says about as
    much of the question as the best one, which is not."""
    if not of_the_year(asked, other, index):
        return False
    content = asked.content
    for date in asked.dates:
        content = content.replace(date.text, " ")
    words = index.late.question(content)
    texts = Units.of([index.late.word_ids(one.text) for one in (best, other)])
    # In so many words: what is like it, of the year asked about, is soon found.
    said, also = map(float, index.late.cosines(words, texts) @ words.weights)
    return also >= AS_MUCH * said


def editions(text: str) -> set[str]:
    """The editions of events that a text names: 十三 of 第十三届."""
    return set(re.findall(r"第([一二三四五六七八九十百\d]+)届", text))


def _other_edition(asked: Question, best: Candidate) -> tuple[str, str]:
    """(asked, told) when 第十二届 is asked and only 第十三届 told around the sentence."""
    wanted = set(_ORDINAL.findall(asked.text))
    around = editions(best.passage.text)
    if wanted and around and not wanted & around:
        return f"第{sorted(wanted)[0]}届", f"第{sorted(around)[0]}届"
    return "", ""


def contradicted(asked: Question, candidate: Candidate, late: LateInteraction) -> str:
    """A remark when a clause of a sentence says what the question states with another figure:
    每人5000元 where the source has 对每位劳动模范给予3000元."""
    told = figures(candidate.text)
    for stated in asked.figures:
        # 5000块 is said of 3000元; a person and a time are counted in words of their own.
        same_unit = stated.kind == "钱"
        others = [f for f in told if f.kind == stated.kind and (same_unit or f.unit == stated.unit)]
        if (
            stated.value < _STATED
            or stated.kind == "时长"
            or any(_agree(stated, f) for f in others)
        ):
            continue
        said_of = clause(asked.text, stated)
        for place in asked.places:
            said_of = said_of.replace(place.name, "")
        told_of = [late.word_ids(clause(candidate.text, f)) for f in others]
        # The figures differ; their words may still be alike (5000元, 3000元) or not (5000块).
        said = np.maximum(
            *(
                late.scores(late.question(text), told_of)
                for text in (said_of, said_of.replace(stated.text, ""))
            )
        )
        if len(said) and max(said) >= _SAME_CLAUSE:
            return _remark(stated, others[int(np.argmax(said))])
    return ""


def _agree(stated: Figure, told: Figure) -> bool:
    """Whether 1036家 is 一千多家 as well; 近万名 is somewhat less."""
    if stated.bound == "=":
        return told.value == stated.value
    more = stated.bound.startswith(">")
    least, most = (stated.value, 2 * stated.value) if more else (stated.value / 2, stated.value)
    return least <= told.value <= most


def _other_figure(asked: Question, best: Candidate) -> str:
    """A remark when the question states a figure that the source gives otherwise."""
    if asked.kind not in _STATES:
        return ""
    numbers = figures(best.text)
    for figure in asked.figures:
        same = [f for f in numbers if f.kind == figure.kind]
        if same and all(f.value != figure.value for f in same):
            return _remark(figure, same[0])
    return ""


def _remark(stated: Figure, told: Figure) -> str:
    return f"问题说的是“{stated.text}”，原文为“{told.text}”。"
