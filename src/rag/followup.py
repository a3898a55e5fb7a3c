"""Follow-up question + history → a question that stands on its own.

Carried over: the places (or the person) when none is named; the subject of the last
question when the follow-up points at it (它, 这次) or says too little to be searched.
What the follow-up names itself replaces what was said before, by its kind: a place the
place, a time the time, a measure the measure. A question of its own is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.config import MAX_QUESTION_CHARS
from rag.errors import QuestionError
from rag.names import first_person
from rag.question import Question, content_words
from rag.text import normalise_question

Analyse = Callable[[str], Question]
Covered = Callable[[str], tuple[float, float]]

# Turns that are looked back over.
_TURNS = 6
# A follow-up whose own words are covered this well by one sentence needs no subject.
_STANDS_ALONE = 0.7
# One with lower log-odds (rag.related) asks about something else. All of 40 everyday
# questions lie below, of 28 follow-ups without a pronoun one.
_FOREIGN = -2.0
# So does one that other reports cover so much better than those of the last place; a long one
# says more of itself. Of 50 follow-ups none reaches it, of 14 new questions 11 do.
_BETTER_ELSEWHERE = ((14, 0.05), (6, 0.2))
_THEN = re.compile(
    r"^(?:那么|那|还有(?!别|其|没)|另外|然后|再问一下|换成|改成|换作|如果(?:是|换成)|要是|至于)[,，]?(?![个些次年里边儿位名家项条种届场块])"
)
_BARE = re.compile(r"^(?:那么|那)?(?P<what>.{1,16}?)(?:的)?(?:呢|怎么样|怎样|如何)?[?？]?$")
_PRONOUN = re.compile(
    r"它们|他们|她们|它|他|她|(?<!的)(?:这个|那个|这次|那次|这项|那项)|(?<!的)这(?![么样些里边几\d一二两三四五六七八九十年]).|该|此|其中|当时"
    r"|[这那]些(?![^,，]{2,12}的)|里面"
)
_WHICH = re.compile(r"^(?:那)?哪(?:边|个|一个|家|里|儿)(?:更|最)?(?:多|少|大|小|高|低|早|晚)")
_ASKING = re.compile(
    r"多少|几(?=\S)|(?:什么|啥)(?:时候|时间|地方|人)?|哪[一两几]?(?:[些个位名家天年月日里儿边次项种]|$)?|谁|为何|为什么|怎么样?|怎样|如何|多[大高长久远]|何时"
)
_UNIT = re.compile(r"^(?:多少|几|多大?)?[个名位项次场家类种户条座支届期回口人张元]?")
_TRAILING = re.compile(r"[有是为达共了的在,，到过得着又也还被要]+$")
# What was measured of a subject; the next question measures something else of it.
_MEASURED = re.compile(r"的?(?:钱|金额|资金|人数|数量|数目|户数|比例|占比|时间|日期|名字)$")
_TIME = (
    r"(?:(?:19|20)?\d\d年(?:\d{1,2}月)?|第[一二三四五六七八九十百\d]+届|\d{1,2}月|[上下]半年|去年|今年|前年"
    r"|以前|之前|原来|过去|最初|开始|起初|后来|现在|目前|如今|眼下)(?:份|的?时候)?"
)
_ONLY_TIME = re.compile(rf"^(?P<time>{_TIME})的?$")
_OTHERS = re.compile(
    r"^(?:还有|有没有)?(?:没有)?(?:别的|其他的?|其它的?)|^还有(?:没有|吗|呢|啥|什么|哪些)"
)
# Asks where the answer stands; every answer shows that.
_SOURCE = re.compile(
    r"出处|来源|原文(?:在哪|怎么说|是什么)|依据(?:是什么|在哪)|哪[份篇](?:报告|文章|材料)|怎么知道的"
)
# 发了多少?, 赔出去多少?: a verb that leaves out what it speaks of.
_VERB_ALONE = re.compile(
    r"^(?:又|也|都|一共|总共)*[\u4e00-\u9fff]{1,2}(?:了|过|出去?|出来|到|掉|给)+(?:多少|几)"
    r"[个名位项次场家类种户条座支期人张件]?(?:钱|人|次)?[?？]?$"
)
_LIGHT = re.compile(
    r"^[又也都]*(?:发|办|评|花|给|投|拿|做|开|搞|建|奖|补|救|帮|用|招|赔|来|去|参加|涉及)[了过出]?$"
)


def rewrite(
    question: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None = None,
) -> str:
    """The self-contained form of a question; itself when it needs no history.

    covered: how well the best sentence of the reports covers a question's words, 0
        to 1, and the log-odds that it is about what is asked; decide whether a short
        follow-up stands by itself, and whether it changes the subject.

    Raises QuestionError when the question is blank or too long.
    """
    text = normalise_question(question)
    told = [turn for turn in history if _usable(turn[0])][-_TURNS:]
    rewritten = _rewrite(text, told, analyse, covered) if told else text
    # A long question needs no subject carried over, and must not become too long by it.
    return rewritten if len(rewritten) <= MAX_QUESTION_CHARS else text


def _usable(question: str) -> bool:
    """Whether an earlier question can be looked back to; a broken one must not break the next."""
    try:
        return bool(normalise_question(question))
    except QuestionError:
        return False


def _rewrite(
    text: str, history: Sequence[tuple[str, str]], analyse: Analyse, covered: Covered | None
) -> str:
    asked = analyse(text)
    if _WHICH.search(text):
        return _which(text, history, analyse, covered)
    earlier = _standing(history, analyse, covered)
    own = _THEN.sub("", text)
    if _SOURCE.search(own) and len(content_words(own)) < 9:
        return earlier
    if asked.places:
        before = _standing(history[:-1], analyse, covered) if history[:-1] else ""
        return _with_new_place(own, asked, earlier, before, analyse, covered)
    names = _names(earlier, analyse)
    bare = _BARE.match(text) if text.rstrip("?？").endswith("呢") else None
    what = _THEN.sub("", bare["what"]) if bare else own.rstrip("?？呢的")
    if when := _ONLY_TIME.match(what):
        return _swap_time(earlier, when["time"], names)
    points = bool(_PRONOUN.search(text))
    leans = _leans(own)
    if not points and not leans and _changes_subject(names, content_words(own), covered):
        return text
    if bare or (len(own) < 9 and not _ASKING.search(own) and not leans):
        return f"{names}{what}{_asked_part(earlier, what)}"
    if points or leans or not _stands_alone(names + own, own, covered):
        return _about(names, earlier, own, analyse)
    return f"{names}{own}"


def _leans(own: str) -> bool:
    """Whether a question says too little of its own to be about anything: 还有吗, 什么时候办的."""
    if re.search(r"[你您]|我(?![市县省区])", own):
        return False
    return bool(
        _OTHERS.search(own)
        or _VERB_ALONE.search(own)
        or (_ASKING.search(own) and len(_telling(own)) < 3)
    )


def _telling(own: str) -> str:
    return re.sub(r"[\s的了有是人过着]|一共|开始|时候", "", content_words(own))


def _about(names: str, earlier: str, own: str, analyse: Analyse) -> str:
    """A follow-up with the subject of the last question before it."""
    rest = _OTHERS.sub("", _PRONOUN.sub("", own)).strip(",，?？ 的吗呢")
    if _OTHERS.search(own) and len(rest) < 2:
        return earlier
    subject = _subject(earlier, analyse)
    if re.search(_TIME, own):  # the newest time replaces the old one
        subject = re.sub(_TIME, "", subject)
    return (
        f"{names}{'' if names in subject else subject}，{_PRONOUN.sub('', own)}"
        if rest
        else earlier
    )


def _names(earlier: str, analyse: Analyse) -> str:
    """The places a question names or, without one, the person it begins with."""
    places = "和".join(dict.fromkeys(p.name for p in analyse(earlier).places))
    return places or first_person(earlier)


def _swap_time(earlier: str, when: str, names: str) -> str:
    """The earlier question with its time, or its edition, replaced by the newly named one."""
    edition = when.startswith("第")
    for old in re.finditer(_TIME, earlier):
        if old[0].startswith("第") == edition:
            return earlier[: old.start()] + when + earlier[old.end() :]
    at = earlier.find(names) + len(names) if names and names in earlier else 0
    return earlier[:at] + when + earlier[at:]


def _standing(history: Sequence[tuple[str, str]], analyse: Analyse, covered: Covered | None) -> str:
    """The last question of the history, itself made to stand on its own."""
    text = normalise_question(history[0][0])
    for i in range(1, len(history)):
        text = rewrite(history[i][0], [(text, history[i - 1][1])], analyse, covered)
    return text


def _changes_subject(names: str, words: str, covered: Covered | None) -> bool:
    """Whether a question is about something the reports do not speak of at all, or not those of
    the last place.

    "红烧肉怎么做" after a question about 文水县 is a new question; with 文水县
    carried over it would be answered from the reports.
    """
    if covered is None:
        return False
    here, odds = covered(names + words)
    if odds < _FOREIGN:
        return True
    length = len(_telling(words))
    margin = next((m for least, m in _BETTER_ELSEWHERE if length >= least), None)
    return bool(names) and margin is not None and covered(words)[0] - here >= margin


def _stands_alone(text: str, own: str, covered: Covered | None) -> bool:
    words = re.sub(r"[\s的了有是人]", "", content_words(own))
    if len(words) >= 12:
        return True
    if len(words) < 4 or covered is None:
        return False
    known, odds = covered(text)
    return known >= _STANDS_ALONE or (len(words) >= 8 and odds >= 0)


def _with_new_place(
    own: str,
    asked: Question,
    earlier: str,
    before: str,
    analyse: Analyse,
    covered: Covered | None,
) -> str:
    """A follow-up that names a place: alone it replaces the old one, else it stands by itself.

    before: the question before the earlier one, where that too leaves out what it speaks of.
    """
    rest = own
    for place in asked.places:
        rest = rest.replace(place.name, "")
    words = re.sub(r"[那这]边|情况|的话|换成|[的和与、那呢有\s]", "", content_words(rest))
    names = "和".join(dict.fromkeys(p.name for p in asked.places))
    if len(words) < 2:
        swapped = _swap_place(earlier, asked, analyse)
        same = before and analyse(before).regions == analyse(earlier).regions
        if same and len(_telling(analyse(earlier).content)) < 5:
            return f"{names}{_subject(before, analyse)}，{swapped.removeprefix(names)}"
        return swapped
    if re.search(r"类似|同样", own):
        return (
            f"{re.sub('(?:这个|这样的?)', '', own).rstrip('?？')}（{_subject(earlier, analyse)}）"
        )
    if _LIGHT.match(words) or (_PRONOUN.search(rest) and not _stands_alone(own, own, covered)):
        return _about(names, earlier, rest, analyse)
    return own


def _swap_place(earlier: str, asked: Question, analyse: Analyse) -> str:
    """The earlier question with its places replaced by the newly named ones."""
    old = analyse(earlier).places
    new = "和".join(p.name for p in asked.places)
    if not old:
        return new + earlier
    together = len(old) > 1 and old[-1].start - old[0].end <= 12
    end = old[-1].end if together else old[0].end
    # 盐城全市的…; 那阜宁呢 → 阜宁的…: the new place may be of another level.
    rest = re.sub(r"^(?:全[省市县区州]|各地)的?", "", earlier[end:])
    return earlier[: old[0].start] + new + rest


def _asked_part(earlier: str, what: str) -> str:
    """What an earlier question asked, for another thing: 多少家基层工会?, 多少家?

    Its noun is kept for a bare verb (提档升级的呢), not for another noun.
    """
    match = _ASKING.search(earlier)
    if match is None:
        return ""
    if len(what.replace("的", "")) <= 4:
        return earlier[match.start() :]
    unit = _UNIT.match(earlier[match.start() :])
    return f"有{unit[0]}?" if unit and unit[0] else ""


def _subject(earlier: str, analyse: Analyse) -> str:
    """What the earlier question was about: its last clause without what it asked for.

    文水县第二届职业技能大赛有多少个比赛项目 → 第二届职业技能大赛比赛项目.
    """
    clauses = [c for c in re.split(r"[,，。?？]", earlier) if len(content_words(c)) > 3]
    last = _without_question(clauses[-1] if clauses else earlier)
    if len(last) < 4 and len(clauses) > 1:
        last = _without_question(clauses[-2]) + last
    if not any(c.isalnum() for c in last):
        return ""
    for place in reversed(analyse(last).places):
        last = last[: place.start] + last[place.end :]
    return last.strip("的 ")


def _without_question(clause: str) -> str:
    match = _ASKING.search(clause)
    if match is None:
        return clause
    noun = _UNIT.sub("", clause[match.end() :], count=1)
    noun = re.sub(rf"[?？]|(?:{_ASKING.pattern}).*", "", noun)
    told = _MEASURED.sub("", _TRAILING.sub("", clause[: match.start()]))
    return _TRAILING.sub("", told) + (noun if len(noun) < 12 else "")


def _which(
    text: str, history: Sequence[tuple[str, str]], analyse: Analyse, covered: Covered | None
) -> str:
    """ "哪边多?": the last two questions about different places set side by side."""
    standing = [_standing(history[: i + 1], analyse, covered) for i in range(len(history))]
    last = standing[-1]
    asked = [s for s in standing if re.search(r"多少|几", s)] or standing
    for other in reversed(asked[:-1] if asked[-1] == last else asked):
        places = {p.regions for p in analyse(other).places}
        if places and places.isdisjoint({p.regions for p in analyse(last).places}):
            return f"{other.rstrip('?？ ')}，{last.rstrip('?？ ')}，哪个更多?"
    return f"{last.rstrip('?？ ')}，{text}"
