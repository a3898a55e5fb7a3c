"""What a question leaves out, and what of the one before fills it in. Pure functions on wording."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.counted import asked_figures
from rag.pointing import named_person, taken_up, whole_name
from rag.question import Question, content_words
from rag.times import timeless, without_times

Analyse = Callable[[str], Question]

_HOW = ("怎么", "怎样", "如何", "咋")
PRONOUN = re.compile(
    # 公安局、供电公司他们 has what it points at before it.
    r"[它他她](?!们)|(?<![局司会院厂等])[它他她]们|(?<!的)(?:这个|那个|这次|那次|这项|那项)|(?<!的)这(?![么样些里边几\d一二两三四五六七八九十年块]).|^这一?块|该|此|其中|当时"
    r"|[这那]些(?![^,，]{2,12}的)|[这那][种类]|里面"
)
ASKING = re.compile(
    r"多少|(?<![这那好近])几(?=\S)|(?:什么|啥)(?:时候|时间|地方|人)?|哪[一两几]?(?:[些个位名家天年月日里儿边次项种]|$)?|谁|为何|为什么|怎么样?|怎样|咋样?|干[嘛吗啥]|如何|多[大高长久远]|何时"
)
_UNIT = re.compile(
    r"^(?:多少|几|多大?)?(?:大?类(?!型)|名(?!字)|个?月|[个位项次场家种户条座支届期回口人张元天年台对件份块]|成(?![果员就立])|字)?"
)
_TRAILING = re.compile(
    r"(?:[有是为达共了的在,，到过得着又也被要啊呀]|现在|目前)+$|(?<=..)(?:[办评发搞开]|叫|是?指|包[括含])$|^包[括含]$"
)
_DANGLING = re.compile(r"(?<=.)(?:[跟和与给对向由被把]|是[干做当])$")
_MONEY = ("钱", "块钱", "万元", "资金")  # is what was asked of a subject, not a part of it
_POLITE = re.compile(r"^还有|^是(?=.{2})|一共|总共|^(?:请问|听说|麻烦(?:问|查)?一?下?)")
_LONG_NOUN, _SHORT_SUBJECT = 16, 6
# What was measured of a subject; the next question measures something else of it.
_MEASURED = re.compile(r"的?(?:钱|金额|资金|人数|数量|数目|户数|比例|占比|时间|日期|名字)$")
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
# 冬送温暖又发了多少: of what is counted only the verb tells.
_BARE_COUNT = re.compile(r"(?P<verb>(?![有是占达为])[\u4e00-\u9fff])[了过出]*多少[?？]?$")
_MORE = re.compile(r"还有(?:没有)?(?:别的|其[他它]的?)[吗么]?[?？]?$")  # 体育这块还有别的吗
# 看病方面, 住房这块.
_ASPECT = re.compile(r"(?:方面|[这那]一?块儿?)$")
# 不能低于多少, 占几成: what is asked of a figure.
_SAID_OF_FIGURE = re.compile(
    r"(?:(?:不[能得可]?|至少|最[多少高低]|得|要|应|须)*(?:低于|少于|超过|高于|占|达到?|[提涨增升加]\S{0,2}到))$"
)


def is_aspect(what: str) -> bool:
    """Whether a thing is one side of the matter: 看病方面 of what is done for workers."""
    return bool(_ASPECT.search(what))


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
        or _MORE.search(own)
        or (ASKING.search(own) and len(telling(_DAYS.sub("", timeless(own)))) < least)
    )


def says_little(rest: str) -> bool:
    """Whether a question without the words that ask has nothing left to be asked of: 能干嘛."""
    return leans(rest) or len(telling(ASKING.sub("", rest))) < 2


def repeats(own: str, earlier: str) -> bool:
    """Whether a short question takes up a word of the earlier one: 为什么要返还, after 返还了多少."""
    words = telling(own)
    if words and len(words) < 4 and set(words) <= set(earlier):
        return True  # 卡是什么卡
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
    topic = without_times(subject(earlier, analyse, names), own)
    this = taken_up(own)
    if whole := whole_name(own, this, topic) if this and this[0] != this["noun"] else "":
        return whole if names in whole else names + whole
    said = [n for n in names.split("和") if n and n in topic]
    if said and topic.startswith(f"{said[0]}的"):
        topic = topic.replace("的", "", 1)
    before = topic if said else names + topic
    return f"{before}，{plain}" if before else own


def counted_as_before(own: str, earlier: str) -> str:
    """A follow-up that asks for a bare 多少 of a verb, with what the last question counted by it.

    送温暖发了多少钱; 冬送温暖又发了多少 → 冬送温暖又发了多少钱.
    """
    bare = _BARE_COUNT.search(own)
    if bare is None:
        return own
    told = re.search(
        rf"{bare['verb']}[了过出]*(?:多少|几)(?P<noun>[\u4e00-\u9fff]{{1,5}}?)(?=[?？,，]|$)",
        earlier,
    )
    return f"{own.rstrip('?？')}{told['noun']}?" if told else own


def asked_part(earlier: str, what: str) -> str:
    """What an earlier question asked, for another thing: 多少家基层工会?, 多少家?

    Its noun is kept for a bare verb (提档升级的呢), not for another noun.
    """
    match = ASKING.search(earlier)
    if match is None:
        return ""
    if is_aspect(what) and match[0] in _HOW:
        return f"{match[0]}做?"  # 怎么帮困难家庭解决住房 is not asked of 看病方面
    if said := _SAID_OF_FIGURE.search(earlier[: match.start()]):
        unit = _UNIT.match(earlier[match.start() :])
        return f"{said[0]}{unit[0] if unit else ''}?"
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


def subject(earlier: str, analyse: Analyse, kept: str = "") -> str:
    """What the earlier question was about: its last clause without what it asked for.

    文水县第二届职业技能大赛有多少个比赛项目 → 第二届职业技能大赛比赛项目.
    """
    clauses = _clauses(earlier) or [earlier]
    last = _without_question(clauses[-1])
    name = named_person(clauses[-1])
    if name and name in last:  # of whom something was asked, without what it was
        last = last[: last.index(name) + len(name)]
    if len(timeless(last)) < _SHORT_SUBJECT and len(clauses) > 1:
        before = without_times(_without_question(clauses[-2]), last)
        last = before + last if telling(timeless(last)) else last + before  # 2024年又评了多少
    if not any(c.isalnum() for c in last):
        return ""
    for place in reversed(analyse(last).places):
        if place.name not in kept.split("和"):
            last = last[: place.start] + last[place.end :]
    return last.strip("的和 ")


def _clauses(earlier: str) -> list[str]:
    """The clauses of a question that say something of their own, without 请问 and the like."""
    said = [c for c in re.split(r"[,，。?？]", earlier) if len(content_words(c)) > 3]
    # 以前办过没有 and 还有别的吗 are about what was spoken of before.
    said = [c for c in said if not (_EVER.search(c) or _OTHERS.search(c))] or said
    return [_POLITE.sub("", c) for c in said]


def _without_question(clause: str) -> str:
    match = ASKING.search(clause)
    if match is None:
        return re.sub(r"(?:吗|吧|没有)[?？]?$", "", clause)
    noun = _UNIT.sub("", clause[match.end() :], count=1)
    noun = re.sub(rf"[?？啊呀]|(?:{ASKING.pattern}).*", "", noun)
    told = _MEASURED.sub("", _TRAILING.sub("", clause[: match.start()]))
    told = _DANGLING.sub("", _TRAILING.sub("", told))
    return told + (noun if len(noun) < _LONG_NOUN and noun not in _MONEY else "")
