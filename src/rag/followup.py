"""Follow-up question + history → a question that stands on its own.

Carried over: the places when none is named; the subject of the last question
when the follow-up points at it (它, 这次) or names too little to be searched.
What the follow-up names itself replaces what was said before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.config import MAX_QUESTION_CHARS
from rag.errors import QuestionError
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
_THEN = re.compile(r"^(?:那么|那|还有|另外|然后|再问一下)[,，]?(?![个些次年里边儿])")
_BARE = re.compile(r"^(?:那么|那)?(?P<what>.{1,16}?)(?:的)?(?:呢|怎么样|怎样|如何)?[?？]?$")
_PRONOUN = re.compile(
    r"它们|他们|她们|它|他|她|这个|那个|这次|那次|这项|那项|这[^么样些里边]|该|此|其中|当时|[这那]些(?![^,，]{2,12}的)|里面"
)
_WHICH = re.compile(r"^(?:那)?哪(?:边|个|一个|家|里|儿)(?:更|最)?(?:多|少|大|小|高|低|早|晚)")
_ASKING = re.compile(r"多少|几(?=\S)|哪|谁|什么|怎么|怎样|如何|多大|啥|何时")
_UNIT = re.compile(r"^(?:多少|几|多大)?[个名位项次场家类种户条座支届期回口人张元]?")
_TRAILING = re.compile(r"[有是为达共了的在,，到过得着]+$")


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
    if asked.places:
        return _with_new_place(own, asked, earlier, analyse)
    previous = analyse(earlier)
    names = "和".join(dict.fromkeys(p.name for p in previous.places))
    bare = _BARE.match(text) if text.rstrip("?？").endswith("呢") else None
    short = len(own) < 9 and not _ASKING.search(own)
    if short and not bare and _changes_subject(names + content_words(own), covered):
        return text
    if bare or short:
        what = (bare["what"] if bare else own).rstrip("?？呢的")
        return f"{names}{what}{_asked_part(earlier, what)}"
    if not _PRONOUN.search(text) and _changes_subject(names + content_words(own), covered):
        return text
    if _PRONOUN.search(text) or not _stands_alone(names + own, own, covered):
        return f"{names}{_subject(earlier, analyse)}，{_PRONOUN.sub('', own)}"
    return f"{names}{own}"


def _standing(history: Sequence[tuple[str, str]], analyse: Analyse, covered: Covered | None) -> str:
    """The last question of the history, itself made to stand on its own."""
    text = normalise_question(history[0][0])
    for i in range(1, len(history)):
        text = rewrite(history[i][0], [(text, history[i - 1][1])], analyse, covered)
    return text


def _changes_subject(text: str, covered: Covered | None) -> bool:
    """Whether a question is about something the reports do not speak of at all.

    "红烧肉怎么做" after a question about 文水县 is a new question; with 文水县
    carried over it would be answered from the reports.
    """
    return covered is not None and covered(text)[1] < _FOREIGN


def _stands_alone(text: str, own: str, covered: Covered | None) -> bool:
    words = re.sub(r"[\s的了有是人]", "", content_words(own))
    if len(words) >= 12:
        return True
    if len(words) < 4 or covered is None:
        return False
    known, odds = covered(text)
    return known >= _STANDS_ALONE or (len(words) >= 8 and odds >= 0)


def _with_new_place(own: str, asked: Question, earlier: str, analyse: Analyse) -> str:
    """A follow-up that names a place: alone it replaces the old one, else it stands by itself."""
    rest = own
    for place in asked.places:
        rest = rest.replace(place.name, "")
    words = re.sub(r"[那这]边|情况|[的和与、那呢有\s]", "", content_words(rest))
    if len(words) < 2:
        return _swap_place(earlier, asked, analyse)
    if re.search(r"类似|同样|也有?这", own):
        return (
            f"{re.sub('(?:这个|这样的?)', '', own).rstrip('?？')}（{_subject(earlier, analyse)}）"
        )
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
    noun = re.sub(r"[?？]|(?:多少|几|哪|谁|什么|怎么|如何).*", "", noun)
    return _TRAILING.sub("", clause[: match.start()]) + (noun if len(noun) < 12 else "")


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
