"""Follow-up question + history → a question that stands on its own.

Carried over: the places (or the person) when none is named; the subject of the last
question when the follow-up points at it (它, 这次) or says too little to be searched.
What the follow-up names itself replaces what was said before, by its kind: a place the
place, a time the time, a measure the measure. A question of its own is left alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence

from rag.config import MAX_QUESTION_CHARS
from rag.ellipsis import (
    ASKING,
    LIGHT,
    ONLY_TIME,
    PRONOUN,
    SOURCE,
    Analyse,
    about,
    asked_part,
    leans,
    repeats,
    subject,
    swap_time,
    telling,
)
from rag.errors import QuestionError
from rag.names import first_person
from rag.question import Question, content_words
from rag.text import normalise_question

Covered = Callable[[str], tuple[float, float, float]]

# Turns that are looked back over.
_TURNS = 6
# A follow-up whose own words are covered this well by one sentence needs no subject.
_STANDS_ALONE = 0.7
# One with lower log-odds (rag.related) asks about something else. One of a few characters says
# little either way: everyday ones (怎么减肥) lie below -4.4, follow-ups (奖章呢) above -3.3; of longer
# ones all everyday ones lie below -2.4, and no follow-up that says what it asks about.
_FOREIGN = -2.0
_SHORT, _FOREIGN_SHORT = 4, -3.9
# So does one that other reports cover so much better than those of the last place; a long one
# says more of itself. Of 50 follow-ups none reaches it, of 14 new questions 11 do.
_BETTER_ELSEWHERE = ((14, 0.05), (6, 0.2))
_THEN = re.compile(
    r"^(?:那么|那|还有(?!别|其|没)|另外|然后|再问一下|换成|改成|换作|如果(?:是|换成)|要是|至于)[,，]?(?![个些次年里边儿位名家项条种届场块])"
)
# What the last place has and the new one, of another level, may not: 全市的, 三级试点, 县级.
_OF_ALL = re.compile(
    r"^(?:(?:全[省市县区州]|各地)的?)?(?:[两三县]?级(?=的|试点|产改|企业|工会))?的?"
)
_BARE = re.compile(r"^(?:那么|那)?(?P<what>.{1,16}?)(?:的)?(?:呢|怎么样|怎样|如何)?[?？]?$")
# What is said on the way to the question, and what takes back how it was understood.
_ASIDE = re.compile(
    r"^(?:对了|嗯+|哦|好[的吧]?|换个[事话]题?|插一句|先问个别的|顺便问一?下?|再问一?下?|说回|再说|回到刚才(?:那个|的)?)[,， ]+"
)
_CORRECTS = re.compile(
    r"^(?:不对|不是(?:这个|那个)?|错了|弄错了)(?:[,， ]+|(?=我))(?:我(?:是|想|要)?(?:问|说|指)的?是?|应该是)?"
)
# Log-odds of an answer from which a second reading of a follow-up is taken, and by how much it
# must be better than the first.
_SURE, _LIKELIER = 0.0, 1.0
_WHICH = re.compile(
    r"^(?:那)?(?:[这那]?两[边家地个]|它们|他们|二者|两者)?(?:当中|里面?|之中)?,?哪(?:边|个|一个|家|里|儿)(?:的?[\u4e00-\u9fff]{1,3})??(?:更|最)?(?:多|少|大|小|高|低|早|晚)"
    r"(?:[一]?[些点])?[?？]?$"
)


def rewrite(
    question: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None = None,
) -> str:
    """The self-contained form of a question; itself when it needs no history.

    covered: how well the best sentence of the reports covers a question's words, 0
        to 1, the log-odds that it is about what is asked and those that any answers;
        decide whether a short follow-up stands by itself, whether it changes the
        subject, and which of two readings is meant.

    Raises QuestionError when the question is blank or too long.
    """
    text = normalise_question(question)
    covered = functools.cache(covered) if covered else None  # asked of the same again and again
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
    text, corrected = _without_asides(text)
    asked = analyse(text)
    if _WHICH.search(text):
        return _which(text, history, analyse, covered)
    own = _THEN.sub("", text)
    points, leaning = bool(PRONOUN.search(text)), leans(own)
    earlier = _standing(history, analyse, covered)
    if not (points or leaning):
        earlier = _spoken_of(earlier, history, analyse, covered)
    if SOURCE.search(own) and len(content_words(own)) < 9:
        return earlier
    if asked.places:
        return _with_new_place(own, asked, earlier, history, analyse, covered)
    places = _places(earlier, analyse)
    names = places or _person(own, history)
    bare = _BARE.match(text) if text.rstrip("?？").endswith("呢") else None
    what = _THEN.sub("", bare["what"]) if bare else own.rstrip("?？呢的")
    if when := ONLY_TIME.match(what):
        return swap_time(earlier, when["time"], names)
    own_subject = not (points or leaning or corrected or repeats(own, earlier))
    carried = about(names, earlier, own, analyse)
    if own_subject and _changes_subject(places, content_words(own), covered):
        return text
    if bare or (len(own) < 9 and not ASKING.search(own) and not leaning):
        asks = f"{what}{asked_part(earlier, what)}"
        return _likelier(f"{names}{asks}", about(names, earlier, asks, analyse), covered)
    if points or leaning or not _stands_alone(places + own, own, covered):
        if len(history) < 2:
            return carried
        before = _standing(history[:-1], analyse, covered)
        return _likelier(carried, about(names, before, own, analyse), covered)
    return f"{places}{own}" if places else _likelier(own, carried, covered)


def _without_asides(text: str) -> tuple[str, bool]:
    """(a question without what is only said on the way to it, whether it corrects the last one)."""
    own = _ASIDE.sub("", text)
    corrects = _CORRECTS.match(own)
    rest = own[corrects.end() :] if corrects else own
    if not any(c.isalnum() for c in rest) or (corrects and re.search(r"[吗吧][?？。]?$", rest)):
        return text, False
    if corrects and not ASKING.search(rest):
        rest = f"{rest.rstrip('?？。!！呢')}呢"
    return rest, bool(corrects)


def _likelier(first: str, second: str, covered: Covered | None) -> str:
    """The reading of a follow-up that the reports answer more likely, in doubt the first."""
    if covered is None or first == second:
        return first
    return second if covered(second)[2] > max(_SURE, covered(first)[2] + _LIKELIER) else first


def _person(own: str, history: Sequence[tuple[str, str]]) -> str:
    """The person last asked about, where the conversation names no place; "" where `own` has one."""
    if first_person(own):
        return ""
    asked = (first_person(normalise_question(question)) for question, _ in reversed(history))
    return next((name for name in asked if name), "")


def _standing(history: Sequence[tuple[str, str]], analyse: Analyse, covered: Covered | None) -> str:
    """The last question of the history, itself made to stand on its own."""
    text = normalise_question(history[0][0])
    for i in range(1, len(history)):
        text = rewrite(history[i][0], [(text, history[i - 1][1])], analyse, covered)
    return text


def _spoken_of(
    last: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None,
) -> str:
    """The last question, or the one about a place before an aside that no report can answer.

    An aside, or a question of the topic that had to be refused, does not end the topic.
    """
    found = last
    for end in range(len(history) - 1, 0, -1):
        if analyse(found).places:
            return found
        before = _standing(history[:end], analyse, covered)
        words, names = content_words(found), _places(before, analyse)
        if not _foreign(names, words, covered) or _better_elsewhere(names, words, covered):
            return last
        found = before
    return found if analyse(found).places else last


def _places(question: str, analyse: Analyse) -> str:
    return "和".join(dict.fromkeys(p.name for p in analyse(question).places))


def _changes_subject(names: str, words: str, covered: Covered | None) -> bool:
    """Whether a question is about something the reports do not speak of at all, or not those of
    the last place.

    "红烧肉怎么做" after a question about 文水县 is a new question; with 文水县
    carried over it would be answered from the reports.
    """
    return _foreign(names, words, covered) or _better_elsewhere(names, words, covered)


def _foreign(names: str, words: str, covered: Covered | None) -> bool:
    """Whether the reports do not speak of such things at all."""
    limit = _FOREIGN_SHORT if len(telling(words)) <= _SHORT else _FOREIGN
    return covered is not None and covered(names + words)[1] < limit


def _better_elsewhere(names: str, words: str, covered: Covered | None) -> bool:
    """Whether other reports than those of the last place cover a question far better."""
    length = len(telling(words))
    margin = next((m for least, m in _BETTER_ELSEWHERE if length >= least), None)
    if covered is None or margin is None or not names:
        return False
    return covered(words)[0] - covered(names + words)[0] >= margin


def _stands_alone(text: str, own: str, covered: Covered | None) -> bool:
    words = re.sub(r"[\s的了有是人]", "", content_words(own))
    if len(words) >= 12:
        return True
    if len(words) < 4 or covered is None:
        return False
    known, odds, _ = covered(text)
    return known >= _STANDS_ALONE or (len(words) >= 8 and odds >= 0)


def _with_new_place(
    own: str,
    asked: Question,
    earlier: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None,
) -> str:
    """A follow-up that names a place: alone it replaces the old one, else it stands by itself."""
    rest = own
    for place in asked.places:
        rest = rest.replace(place.name, "")
    words = re.sub(r"[那这]边|情况|[的和与、那呢有\s]", "", content_words(rest))
    names = "和".join(dict.fromkeys(p.name for p in asked.places))
    if len(words) < 2:
        if ASKING.search(rest) and asked.kind not in (analyse(earlier).kind, "other"):
            topic = _OF_ALL.sub("", subject(earlier, analyse))  # 丰县的是哪几家
            return f"{names}{topic}{rest.lstrip('的')}"
        swapped = _swap_place(earlier, asked, analyse)
        if len(history) < 2 or len(telling(analyse(earlier).content)) > 4:
            return swapped
        # 多少人达成意向: the question before tells of what.
        before = _standing(history[:-1], analyse, covered)
        if analyse(before).regions != analyse(earlier).regions:
            return swapped
        return f"{names}{subject(before, analyse)}，{swapped.removeprefix(names)}"
    if re.search(r"类似|同样", own):
        return f"{re.sub('(?:这个|这样的?)', '', own).rstrip('?？')}（{subject(earlier, analyse)}）"
    if LIGHT.match(words) or (PRONOUN.search(rest) and not _stands_alone(own, own, covered)):
        return about(names, earlier, rest, analyse)
    if own.rstrip("?？").endswith("呢") and not ASKING.search(own):
        what = own.rstrip("?？").removesuffix("呢")  # 丰县的实施意见呢
        return f"{what}{asked_part(earlier, what)}"
    return own


def _swap_place(earlier: str, asked: Question, analyse: Analyse) -> str:
    """The earlier question with its places replaced by the newly named ones."""
    old = analyse(earlier).places
    new = "和".join(p.name for p in asked.places)
    if not old:
        return new + earlier
    together = len(old) > 1 and old[-1].start - old[0].end <= 12
    end = old[-1].end if together else old[0].end
    # 盐城全市三级的…; 那阜宁呢 → 阜宁的…: the new place may be of another level.
    rest = _OF_ALL.sub("", earlier[end:])
    new += "级" * asked.text[asked.places[-1].end :].startswith("级的")
    return earlier[: old[0].start] + new + rest


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
