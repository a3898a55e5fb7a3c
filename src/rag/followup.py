"""Follow-up question + history → a question that stands on its own.

Carried over: the places (or the person) when none is named; the subject of the last
question when the follow-up points at it (它, 这次) or says too little to be searched.
What the follow-up names itself replaces what was said before, by its kind: a place the
place, a time the time, a measure the measure. What it points at is named in full: 他 by the
person named last, 那里 by the place, 这个小组 and 奖章的 by the whole name of an earlier question.
A question of its own is left alone.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from rag.asides import topic_first, without_asides, without_then
from rag.carrying import OF_ALL, named_places, side_by_side, swap_place
from rag.ellipsis import (
    ASKING,
    LIGHT,
    PRONOUN,
    SOURCE,
    Analyse,
    about,
    asked_part,
    counted_as_before,
    is_aspect,
    leans,
    repeats,
    says_little,
    subject,
    telling,
)
from rag.errors import QuestionError
from rag.names import first_person
from rag.pointing import (
    each_of,
    person,
    points_at_person,
    taken_up,
    whole_name,
    with_person,
    with_place,
)
from rag.question import Question, content_words
from rag.text import normalise_question
from rag.times import ONLY_TIME, swap_time, timeless
from rag.topics import (
    Covered,
    better_elsewhere,
    changes_subject,
    foreign,
    likelier,
    stands_alone,
)

# A question that says no more of its own keeps the subject before it, for the next to be asked of.
_CHAINED = 8
# Turns that are looked back over.
_TURNS = 6
_COUNTED = re.compile(r"(?:多少|几)[个名位项场家户座次]")
_BARE = re.compile(r"^(?:那么|那)?(?P<what>.{1,16}?)(?:的)?(?:呢|怎么样|怎样|如何)?[?？]?$")
_YES_NO = re.compile(r"(?:没有?|吗|么|[吧不])[?？]?$|有没有|是不是|是否|能不能|会不会")
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
    # A long question needs no subject carried over, and must not become too long by it; of a
    # stray 的 or 他 nothing may be left.
    return rewritten if _usable(rewritten) else text


def _usable(question: str) -> bool:
    """Whether a text can be asked; one of the history that cannot must not break the next."""
    try:
        return bool(normalise_question(question))
    except QuestionError:
        return False


def _rewrite(
    text: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None,
    chained: bool = False,
) -> str:
    text, corrected = without_asides(text)
    if _WHICH.search(text):
        standing = [_standing(history[: i + 1], analyse, covered) for i in range(len(history))]
        return side_by_side(text, standing, analyse)
    own, is_topic = topic_first(without_then(text))
    if not re.search(r"[^\W_呢吗啊吧]", own):  # 还有呢?, 然后呢?: the same again
        return _standing(history, analyse, covered)
    earlier = _standing(history, analyse, covered)
    own, there = with_place(own, named_places(earlier, analyse), says_little)
    own = counted_as_before(own, earlier)
    points = there or bool(PRONOUN.search(own)) or each_of(own, earlier)
    asked, leaning = analyse(own), leans(own)
    if not (points or leaning):
        earlier = _spoken_of(earlier, history, analyse, covered)
    if SOURCE.search(own) and len(content_words(own)) < 9:
        return earlier
    if whole := "" if asked.places else _gone_back_to(own, earlier, history, analyse, covered):
        return whole
    if asked.places:
        return _with_new_place(own, asked, earlier, history, analyse, covered)
    places = named_places(earlier, analyse)
    names = places or _person(own, history)
    topic = _chained(history, analyse, covered, places) if leaning else ""
    carried = about(names, topic or earlier, own, analyse)
    if named := person(history) if points_at_person(own) else "":
        own = with_person(own, named, subject(earlier, analyse))
    bare = _BARE.match(own) if own.rstrip("?？").endswith("呢") else None
    bare = bare if bare and not ASKING.search(bare["what"]) else None  # 拿了几项专利呢
    what = bare["what"] if bare else own.rstrip("?？呢的")
    if when := ONLY_TIME.match(what):
        return swap_time(earlier, when["time"], names)
    tied = points or leaning or corrected or is_topic or is_aspect(what) or repeats(own, earlier)
    if not tied and changes_subject(places, content_words(own), covered, carried):
        return text
    if bare or (len(own) < 9 and not (ASKING.search(own) or _YES_NO.search(own) or leaning)):
        asks = f"{what}{asked_part(earlier, what)}"
        return likelier(f"{names}{asks}", about(names, earlier, asks, analyse), covered)
    if is_topic or named:
        return likelier(f"{places}{own}", carried, covered)
    if points or leaning or not stands_alone(places + own, own, covered):
        if len(history) < 2:
            return carried
        before = _standing(history[:-1], analyse, covered)
        return likelier(carried, about(names, before, own, analyse), covered)
    if chained and len(telling(own)) < _CHAINED:
        return carried
    return f"{places}{own}" if places else likelier(own, carried, covered)


def _chained(
    history: Sequence[tuple[str, str]], analyse: Analyse, covered: Covered | None, places: str
) -> str:
    """The last question with all it is about, for one that says nothing of its own: of 评上了有啥好处
    the award before it; "" where it is about other places."""
    spoken = _standing(history, analyse, covered, chained=True)
    return spoken if named_places(spoken, analyse) == places else ""


def _person(own: str, history: Sequence[tuple[str, str]]) -> str:
    """The person last asked about, where the conversation names no place; "" where `own` has one."""
    if first_person(own):
        return ""
    asked = (first_person(normalise_question(question)) for question, _ in reversed(history))
    return next((name for name in asked if name), "")


def _standing(
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None,
    chained: bool = False,
) -> str:
    """The last question of the history, itself made to stand on its own.

    chained: a short one keeps the subject before it, though it could be asked without.
    """
    text = normalise_question(history[0][0])
    for i in range(1, len(history)):
        told = _rewrite(
            normalise_question(history[i][0]),
            [(text, history[i - 1][1])],
            analyse,
            covered,
            chained,
        )
        text = told if _usable(told) else normalise_question(history[i][0])
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
        words, names = content_words(found), named_places(before, analyse)
        if not foreign(names, words, covered) or better_elsewhere(names, words, covered):
            return last
        found = before
    return found if analyse(found).places else last


def _gone_back_to(
    own: str,
    last: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None,
) -> str:
    """A follow-up that goes back to a thing named before the last question, with its whole name.

    Chinese puts first what a sentence is about: 奖章的获得者 are those of the 五一劳动奖章 of an
    earlier question, past one about 劳模. "" where it goes back to nothing.
    """
    words = taken_up(own)
    if words is None or words["noun"][:2] in last:
        return ""
    for end in range(len(history) - 1, 0, -1):
        before = _standing(history[:end], analyse, covered)
        if named_places(before, analyse) != named_places(last, analyse):
            break
        if words["noun"][:2] in before:
            return whole_name(own, words, before)
    return ""


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
    words = re.sub(
        r"[那这]边|情况|[的和与、那呢有\s]", "", content_words(_COUNTED.sub("多少", timeless(rest)))
    )
    names = "和".join(dict.fromkeys(p.name for p in asked.places))
    if LIGHT.match(words):
        earlier = _of_the_verb(words, earlier, history, analyse, covered)
    if len(words) < 2 and not LIGHT.match(words):
        if ASKING.search(rest) and asked.kind not in (analyse(earlier).kind, "other"):
            topic = OF_ALL.sub("", subject(earlier, analyse))  # 丰县的是哪几家
            return f"{names}{topic}{rest.lstrip('的')}"
        if points_at_person(history[-1][0]) and len(history) > 1:
            # 他还兼着啥 is asked of the one who was asked for; the other place has another.
            earlier = _standing(history[:-1], analyse, covered)
        swapped = swap_place(earlier, asked, analyse)
        if len(history) < 2 or len(telling(analyse(earlier).content)) > 4:
            return swapped
        # 多少人达成意向: the question before tells of what.
        before = _standing(history[:-1], analyse, covered)
        if analyse(before).regions != analyse(earlier).regions:
            return swapped
        rest = swapped.removeprefix(names).removeprefix("级")
        return f"{names}{subject(before, analyse)}，{rest}"
    if re.search(r"类似|同样", own):
        return f"{re.sub('(?:这个|这样的?)', '', own).rstrip('?？')}（{subject(earlier, analyse)}）"
    if LIGHT.match(words) or (PRONOUN.search(rest) and not stands_alone(own, own, covered)):
        return about(names, earlier, rest, analyse)
    if own.rstrip("?？").endswith("呢") and not ASKING.search(own):
        what = own.rstrip("?？").removesuffix("呢")  # 丰县的实施意见呢
        return f"{what}{asked_part(earlier, what)}"
    return own


def _of_the_verb(
    verb: str,
    last: str,
    history: Sequence[tuple[str, str]],
    analyse: Analyse,
    covered: Covered | None,
) -> str:
    """The last question that says of what a bare verb speaks: 建了多少个, after 组建了几个工会."""
    counted = re.compile(rf"{verb.rstrip('了过出')[-1]}[了过出]*(?:多少|几)(?![个家名项]?[?？]?$)")
    standing = (_standing(history[:end], analyse, covered) for end in range(len(history), 0, -1))
    return next((said for said in standing if counted.search(said)), last)
