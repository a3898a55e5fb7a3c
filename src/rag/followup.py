"""Follow-up question + history → a question that stands on its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.question import Question
from rag.text import normalise_question

Analyse = Callable[[str], Question]

_DEMONSTRATIVE = re.compile(r"^(?:那么|那|然后|还有|另外|再问一下)?[,，]?|^(?:它|他|她|这|其)")
_THEN = re.compile(r"^(?:那么|那|还有|另外)[,，]?")
_BARE = re.compile(r"^(?:那么|那)?(?P<what>.{1,16}?)(?:的)?(?:呢|怎么样|怎样|如何)[?？]?$")
_PRONOUN = re.compile(r"它们|他们|她们|它|他|她|这个|那个|这次|那次|这项|那项|该|此|其中|当时|这些|那些")
_WHICH = re.compile(r"^(?:那)?哪(?:边|个|一个|家|里|儿)(?:更|最)?(?:多|少|大|小|高|低|早|晚)")


def rewrite(question: str, history: Sequence[tuple[str, str]], analyse: Analyse) -> str:
    """The self-contained form of a question; itself when it needs no history.

    Carried over from the newest question on: the places when none is named, the
    subject when only a place or a measure is named; what the follow-up names
    itself replaces it.
    """
    text = normalise_question(question)
    if not history:
        return text
    earlier = _standing(history, analyse)
    asked = analyse(text)
    if _WHICH.search(text):
        return _which(text, history, analyse) or text
    bare = _BARE.match(text)
    if asked.places and bare and _is_place_only(bare["what"], asked):
        return _swap_place(earlier, asked, analyse)
    if asked.places:
        similar = re.search(r"类似|同样|也", text) and not asked.quoted
        return f"{_THEN.sub('', text)}（{analyse(earlier).content}）" if similar else _THEN.sub("", text)
    previous = analyse(earlier)
    names = "和".join(dict.fromkeys(p.name for p in previous.places))
    if bare:
        return f"{names}{_measure_of(bare['what'], earlier, previous)}"
    own = _PRONOUN.sub("", _THEN.sub("", text))
    if _needs_subject(text, asked):
        return f"{names}{_subject(previous)}，{own}"
    return f"{names}{own}"


def _standing(history: Sequence[tuple[str, str]], analyse: Analyse) -> str:
    """The last question of the history, itself made to stand on its own."""
    text = normalise_question(history[0][0])
    for i in range(1, len(history)):
        text = rewrite(history[i][0], [(text, history[i - 1][1])], analyse)
    return text


def _is_place_only(what: str, asked: Question) -> bool:
    rest = what
    for place in asked.places:
        rest = rest.replace(place.name, "")
    return len(rest.strip("的和与、那 ")) < 2


def _swap_place(earlier: str, asked: Question, analyse: Analyse) -> str:
    """The earlier question with its places replaced by the newly named ones."""
    old = analyse(earlier).places
    new = "和".join(p.name for p in asked.places)
    if not old:
        return new + earlier
    start, end = old[0].start, old[-1].end
    between = earlier[start:end]
    if len(old) > 1 and len(between) > 24:
        end = old[0].end
    return earlier[:start] + new + earlier[end:]


def _measure_of(what: str, earlier: str, previous: Question) -> str:
    """ "那提档升级的呢": the earlier question with its act replaced by the one named."""
    unit = re.search(r"(?:多少|几).{0,8}$", earlier.rstrip("?。"))
    tail = unit[0] if unit else ""
    return f"{what}{tail}" if tail else f"{_subject(previous)}，{what}"


def _needs_subject(text: str, asked: Question) -> bool:
    """Whether a follow-up names too little to be searched by itself."""
    words = re.sub(r"[的了是在有和\s]", "", asked.content)
    return bool(_PRONOUN.search(text)) or len(words) < 12


def _subject(previous: Question) -> str:
    return re.sub(r"\s+", "", previous.content)


def _which(text: str, history: Sequence[tuple[str, str]], analyse: Analyse) -> str:
    """ "哪边多?": the last two questions about different places set side by side."""
    standing: list[str] = []
    for i in range(len(history)):
        standing.append(_standing(history[: i + 1], analyse))
    last = standing[-1]
    for other in reversed(standing[:-1]):
        places = {p.regions for p in analyse(other).places}
        if places and places.isdisjoint({p.regions for p in analyse(last).places}):
            return f"{_told(other)}，{_told(last)}，哪个更多"
    return f"{_told(last)}，{text}"


def _told(question: str) -> str:
    return question.rstrip("?？。 ")
