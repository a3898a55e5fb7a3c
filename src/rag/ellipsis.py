"""What a question leaves out, and what of the one before fills it in. Pure functions on wording."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.counted import asked_figures
from rag.question import Question, content_words

Analyse = Callable[[str], Question]

PRONOUN = re.compile(
    r"它们|他们|她们|它|他|她|(?<!的)(?:这个|那个|这次|那次|这项|那项)|(?<!的)这(?![么样些里边几\d一二两三四五六七八九十年]).|该|此|其中|当时"
    r"|[这那]些(?![^,，]{2,12}的)|[这那][种类]|里面"
)
ASKING = re.compile(
    r"多少|几(?=\S)|(?:什么|啥)(?:时候|时间|地方|人)?|哪[一两几]?(?:[些个位名家天年月日里儿边次项种]|$)?|谁|为何|为什么|怎么样?|怎样|咋样?|干[嘛吗啥]|如何|多[大高长久远]|何时"
)
_UNIT = re.compile(r"^(?:多少|几|多大?)?(?:类(?!型)|[个名位项次场家种户条座支届期回口人张元])?")
_TRAILING = re.compile(
    r"[有是为达共了的在,，到过得着又也被要]+$|(?<=..)(?:办|叫|是?指|包[括含])$|^包[括含]$"
)
_DANGLING = re.compile(r"(?<=.)(?:[跟和与给对向由被把]|是[干做当])$")
_LONG_NOUN, _SHORT_SUBJECT = 16, 6
# What was measured of a subject; the next question measures something else of it.
_MEASURED = re.compile(r"的?(?:钱|金额|资金|人数|数量|数目|户数|比例|占比|时间|日期|名字)$")
_TIME = (
    r"(?:(?:19|20)?\d\d年(?:\d{1,2}月)?|第[一二三四五六七八九十百\d]+届|\d{1,2}月|[上下]半年|去年|今年|前年"
    r"|以前|之前|原来|过去|最初|开始|起初|后来|现在|目前|如今|眼下)(?:份|的?时候)?"
)
ONLY_TIME = re.compile(rf"^(?P<time>{_TIME})的?$")
_OTHERS = re.compile(
    r"^(?:还有|有没有)?(?:没有)?(?:别的|其他的?|其它的?)|^还有(?:没有|吗|呢|啥|什么|哪些)"
)
# Asks where the answer stands; every answer shows that.
SOURCE = re.compile(
    r"出处|来源|原文(?:在哪|怎么说|是什么)|依据(?:是什么|在哪)|哪[份篇](?:报告|文章|材料)|怎么知道的"
)
# 发了多少?, 赔出去多少?: a verb that leaves out what it speaks of.
_VERB_ALONE = re.compile(
    r"^(?:又|也|都|一共|总共)*[\u4e00-\u9fff]{1,2}(?:了|过|出去?|出来|到|掉|给)+(?:多少|几)"
    r"[个名位项次场家类种户条座支期人张件天年月]?(?:钱|人|次|小时)?[啊呀呢]?[?？]?$"
)
# 以前办过没有: a verb that leaves out its object.
_EVER = re.compile(
    r"^(?:以前|之前|过去|后来|现在)*(?:有没有)?[\u4e00-\u9fff]{1,2}过(?:没有?|吗|么)?[?？]?$"
)
_DAYS = re.compile(r"几[号日月点]|[从到]")
LIGHT = re.compile(
    r"^[又也都]*(?:发|办|评|花|给|投|拿|做|开|搞|建|奖|补|救|帮|用|招|赔|来|去|参加|涉及)[了过出]?$"
)


def leans(own: str) -> bool:
    """Whether a question says too little of its own to be about anything: 还有吗, 什么时候办的."""
    if re.search(r"[你您]|我(?![市县省区])", own):
        return False
    # 怎么推进的 asks how something was done that was spoken of, 怎么减肥 does not.
    least = 3 if re.search(r"[的了过][?？]?$|^(?:又|是)?谁", own) else 2
    return bool(
        _OTHERS.search(own)
        or _VERB_ALONE.search(own)
        or _EVER.search(own)
        or (ASKING.search(own) and len(telling(_DAYS.sub("", re.sub(_TIME, "", own)))) < least)
    )


def repeats(own: str, earlier: str) -> bool:
    """Whether a short question takes up a word of the earlier one: 为什么要返还, after 返还了多少."""
    words = telling(own)
    return len(words) < 6 and any(words[i : i + 2] in earlier for i in range(len(words) - 1))


def telling(own: str) -> str:
    """The characters of a question that tell what it is about."""
    return re.sub(r"[\s的了有是人过着又也都]|一共|开始|时候", "", content_words(own))


def about(names: str, earlier: str, own: str, analyse: Analyse) -> str:
    """A follow-up with the subject of the earlier question before it; what is asked anew stays.

    还有别的待遇吗 asks what other 待遇 there are; 还有别的吗 asks the same again.
    """
    plain = PRONOUN.sub("", own)
    if _OTHERS.search(own):
        more = _OTHERS.sub("", plain).strip(",，?？ 的吗呢")
        if len(more) < 2:
            return earlier
        plain = f"还有哪些{more}?"
    topic = subject(earlier, analyse)
    if re.search(_TIME, own):  # the newest time replaces the old one
        topic = re.sub(_TIME, "", topic)
    before = topic if names in topic else names + topic
    return f"{before}，{plain}" if before else own


def swap_time(earlier: str, when: str, names: str) -> str:
    """The earlier question with its time, or its edition, replaced by the newly named one."""
    edition = when.startswith("第")
    for old in re.finditer(_TIME, earlier):
        if old[0].startswith("第") == edition:
            return earlier[: old.start()] + when + earlier[old.end() :]
    at = earlier.find(names) + len(names) if names and names in earlier else 0
    return earlier[:at] + when + earlier[at:]


def asked_part(earlier: str, what: str) -> str:
    """What an earlier question asked, for another thing: 多少家基层工会?, 多少家?

    Its noun is kept for a bare verb (提档升级的呢), not for another noun.
    """
    match = ASKING.search(earlier)
    if match is None:
        return ""
    if len(what.replace("的", "")) <= 4:
        # 多少人参加, after which 实训基地呢 asks how many of these there are.
        counted = asked_figures(earlier[match.start() :])[0][0]
        if counted == "人" and asked_figures(f"多少{what}?")[0][0] != "人":
            return "有多少?"
        return earlier[match.start() :]
    if match[0] not in ("多少", "几"):
        return earlier[match.start() :]
    unit = _UNIT.match(earlier[match.start() :])
    return f"有{unit[0]}?" if unit and unit[0] else ""


def subject(earlier: str, analyse: Analyse) -> str:
    """What the earlier question was about: its last clause without what it asked for.

    文水县第二届职业技能大赛有多少个比赛项目 → 第二届职业技能大赛比赛项目.
    """
    clauses = [c for c in re.split(r"[,，。?？]", earlier) if len(content_words(c)) > 3]
    clauses = [re.sub(r"^还有|^是(?=.{2})|一共|总共", "", c) for c in clauses]
    last = _without_question(clauses[-1] if clauses else earlier)
    if len(last) < _SHORT_SUBJECT and len(clauses) > 1:
        last = _without_question(clauses[-2]) + last
    if not any(c.isalnum() for c in last):
        return ""
    for place in reversed(analyse(last).places):
        last = last[: place.start] + last[place.end :]
    return last.strip("的 ")


def _without_question(clause: str) -> str:
    match = ASKING.search(clause)
    if match is None:
        return clause
    noun = _UNIT.sub("", clause[match.end() :], count=1)
    noun = re.sub(rf"[?？]|(?:{ASKING.pattern}).*", "", noun)
    told = _MEASURED.sub("", _TRAILING.sub("", clause[: match.start()]))
    told = _DANGLING.sub("", _TRAILING.sub("", told))
    return told + (noun if len(noun) < _LONG_NOUN else "")
