"""Sentences of a report turned into the questions they answer.

Two forms are turned, because they come out as a person would ask: verb, number and noun
(新建基层工会212个 → 阜宁县新建了多少个基层工会？), and a date before what was done (8月举办第二届职业
技能大赛 → 文水县是什么时候举办第二届职业技能大赛的？). Everything else is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.places import place_names, region_name
from rag.types import Passage
from rag.values import Figure, dates, figures

MAX_CHARS = 34
# Verbs a clause with a number is built on.
_VERB = re.compile(
    "组织开展|提档升级|走访慰问|评选表彰|新发展|培育出|召开|举办|开展|建立|新建|组建|成立|建成|设立|创建|"
    "培训|培养|培育|培植|评选|选树|表彰|推荐|选配|发放|返还|新增|吸纳|投资|投入|资助|救助|帮扶|慰问|办理|"
    "提供|挽回|获得|产生|编制|介绍|打造|解决|确定"
)
_CLAUSE = re.compile(r"[^,，。;；:：!！?？\n]+")
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
_FOR = re.compile(r"(?:同时|并|还)?为(?:全[县市省区])?")
# A thing in a question of ours: plain words, no brackets or quotation marks, no second number.
_NOUN = re.compile(r"(?!的)[\u4e00-\u9fff、]{2,12}")
_REST = re.compile(r"(?!的)[\u4e00-\u9fff、]{2,20}")
_UNCLEAR = re.compile(
    r"[其该此等各每]|(?<!规模)以上|以下|分别|相关|有关|占比|学员|对象|人员|^(?:资金|损失)$"
)
# What was done on a date: a verb, and a thing that may be a title or begin with its edition.
_EVENT = re.compile(
    r"(?:(?:组织|隆重)?(?P<did>召开|举办|开展|建立|成立|设立|出台|印发|启动|表彰)了?)"
    r"(?P<what>(?:第[一二三四五六七八九十]+届)?[\u4e00-\u9fff]{5,20}|《[^《》]{4,24}》)"
)
_DOER = re.compile(r"[\u4e00-\u9fff、]{0,12}[,，]?")
# The sentence tells of somebody else than the place the report is about.
_SOMEBODY = re.compile(r"公司|集团|煤矿|电厂|学校|该区|[他她我]")
_UNCOUNTED = ("比例", "时长", "年龄")
_MEASURES = {"人": "名", "位": "名", "场次": "场", "个次": "个", "户(次)": "户", "户次": "户"}
_SUM = re.compile(r"资金|金$|损失|经费|款|价值|补助|补贴")


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A question and where in its document the number or date stands that answers it."""

    text: str
    start: int
    end: int


def inquiries(passage: Passage) -> Iterator[Inquiry]:
    """Questions that a passage answers, in the order of its text.

    None where the report has no region: a question must name the place it asks about.
    """
    place = region_name(passage.region)
    for span in passage.sentences if place else ():
        sentence = passage.at(span)
        for clause in _CLAUSE.finditer(sentence):
            said = sentence[: clause.end()]
            if _SOMEBODY.search(said) or set(place_names(said)) - set(passage.region.split("/")):
                continue
            yield from _asked(clause[0], span.start + clause.start(), place)
        yield from _when(sentence, span.start, place)


def _asked(clause: str, start: int, place: str) -> Iterator[Inquiry]:
    """The question for the only number of a clause."""
    found = [f for f in figures(clause) if f.kind not in _UNCOUNTED]
    if len(found) != 1 or found[0].value <= 1:
        return
    figure = found[0]
    before, after = clause[: figure.start], _BRACKETS.sub("", clause[figure.end :])
    question = _for_whom(before, figure, after) or _how_many(before, figure, after)
    if question and len(place + question) < MAX_CHARS:
        yield Inquiry(f"{place}{question}？", start + figure.start, start + figure.end)


def _when(sentence: str, start: int, place: str) -> Iterator[Inquiry]:
    """The question for the date a sentence begins with.

    A date without its year is left: the report's readers know the year, ours do not.
    """
    found = dates(sentence)
    if not found or not found[0].year or found[0].start > 0 or len(found) > 1:
        return
    first = found[0]
    clauses = re.split(r"(?<=[,，])", sentence[first.end :].lstrip(",，"), maxsplit=2)
    for text in ("".join(clauses[:2]), clauses[0]):
        event = _EVENT.search(text)
        if event is None or not _DOER.fullmatch(text[: event.start()]):
            continue
        rest = text[event.end() :]
        what = event["what"].removeprefix(place)
        if (
            rest[:1] in ("", *",，。;；")
            and not _UNCLEAR.search(what)
            and not _SOMEBODY.search(text)
        ):
            question = f"{place}是什么时候{event['did']}{what}的？"
            yield Inquiry(question, start + first.start, start + first.end)
            return


def _for_whom(before: str, figure: Figure, after: str) -> str:
    """为60名女职工提供家政培训服务 → 为多少名女职工提供了家政培训服务."""
    measure = _measure(figure)
    if not (measure and _FOR.fullmatch(before) and _REST.fullmatch(after)):
        return ""
    did = _VERB.search(after)
    if _UNCLEAR.search(after) or did is None:
        return ""
    return f"为多少{measure}{after[: did.end()]}了{after[did.end() :].removeprefix('了')}"


def _how_many(before: str, figure: Figure, after: str) -> str:
    """新建基层工会212个 → 新建了多少个基层工会; 组建12个产业职教联盟 → 组建了多少个产业职教联盟."""
    for verb in _VERB.finditer(before):
        noun = before[verb.end() :].removeprefix("了")
        thing = noun or after
        plain = (_NOUN if noun else _REST).fullmatch(thing)
        second = _VERB.match(thing) and not _SUM.search(thing)  # 慰问金 is a thing, 慰问职工 is not
        if (noun and after) or not plain or _UNCLEAR.search(thing) or second:
            continue
        did = verb[0] if verb[0].endswith("出") else f"{verb[0]}了"
        if figure.kind == "钱":
            return f"{did}多少{thing if _SUM.search(thing) else f'钱{thing}'}"
        measure = _measure(figure)
        return f"{did}多少{measure}{thing}" if measure else ""
    return ""


def _measure(figure: Figure) -> str:
    """The measure word to ask with, "" where a number cannot be asked for like this."""
    attendances = figure.kind == "人" and "次" in figure.unit
    return "" if attendances or figure.kind == "钱" else _MEASURES.get(figure.unit, figure.unit)
