"""Words of a follow-up that point at one thing said before: 他 a person, 那里 a place, 这个小组."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.names import first_person, people
from rag.text import normalise_question

_HE = re.compile(r"(?<!其)[他她](?!们|人)")
_ASKED_OF = re.compile(r".{3}(?:哪|什么|怎|何|几|多大|啥|干|带|到|来|当|做|担|兼|获|讲|吗|吧)")
_ASKS_WHO = re.compile(r"谁|哪一?[位名]|哪个人|什么人|何人|叫(?:什么|啥)(?!名堂)")
# 那里的主席, 那边还办过; but 那里面, 电力公司那边.
_THERE = re.compile(r"(?:^|(?<=[,，]))(?:[那这](?:里|边|儿)|当地)(?![面头])")
_MEASURE = "[个家名位项座场次届期支种条份]"
_THIS = re.compile(rf"(?<![它们应])[这那该此](?:一?{_MEASURE})?(?P<noun>[\u4e00-\u9fff]{{2,6}})")
_OPENS = re.compile(r"(?P<noun>[\u4e00-\u9fff]{2,6}?)(?=的)")
_EACH = re.compile(rf"(?:每一?{_MEASURE}?|各{_MEASURE}?)(?P<noun>[\u4e00-\u9fff]{{2}})")


def points_at_person(text: str) -> bool:
    """Whether a question is about one person it does not name."""
    return bool(_HE.search(text))


def named_person(question: str) -> str:
    """The person a question is about, wherever it names it; "" when there is none."""
    # 报道里的朱冬梅, 叫朱冬梅的女工, 丰县马文刚, 代表是徐小宝吗.
    parts = reversed(re.split(r"(?<=[的叫是,，、 位县市区])", question))
    return next(filter(None, map(_opening_name, parts)), "")


def _opening_name(part: str) -> str:
    # rag.names knows a name by what is told of it; here something may be asked: 王子华哪天来.
    return first_person(f"{part[:3]}是" if _ASKED_OF.match(part) else part)


def person(history: Sequence[tuple[str, str]]) -> str:
    """The person the questions named last; "" where one since then asks for somebody else.

    谁带队 asks for a person that no question has named.
    """
    for question, _ in reversed(history):
        text = normalise_question(question)
        if name := named_person(text):
            return name
        if titled := people(text):
            return titled[-1].name
        if _ASKS_WHO.search(text):
            return ""
    return ""


def with_person(own: str, name: str, topic: str) -> str:
    """A follow-up with the person in place of the first 他 or 她, as the topic tells of him.

    到丰县调研的王子华 that is, where the topic is 到丰县调研的王子华的职务.
    """
    told = topic[: topic.index(name)] if name in topic else ""
    return _HE.sub("", _HE.sub(told + name, own, count=1))


def with_place(own: str, place: str, says_little: Callable[[str], bool]) -> tuple[str, bool]:
    """(a follow-up with the place spoken of for 那里, 那边, 当地, whether it is about more than that).

    那里能干嘛 says nothing that a whole county could be asked; it is about what stands there.
    """
    rest = _THERE.sub("", own)
    if rest == own or not place or not re.search(r"[^\W_]", rest):
        return own, False
    return (rest, True) if says_little(rest) else (_THERE.sub(place, own), False)


def each_of(own: str, earlier: str) -> bool:
    """Whether a question asks of each of what was spoken of: 每个工作室补助多少."""
    return any(each["noun"] in earlier for each in _EACH.finditer(own))


def taken_up(own: str) -> re.Match[str] | None:
    """The noun by which a follow-up takes up a thing said before: this 小组, or what it opens with."""
    return _THIS.search(own) or _OPENS.match(own)


def whole_name(own: str, taken: re.Match[str], said: str) -> str:
    """A follow-up with the whole name that an earlier question gave what it takes up, "" if none.

    产改协调领导小组组长; 这个小组多久开一次会 → 产改协调领导小组多久开一次会.
    """
    for end in range(len(taken["noun"]), 1, -1):
        noun = taken["noun"][:end]
        if noun in said:
            whole = said[: said.rindex(noun) + len(noun)]
            return own[: taken.start()] + whole + own[taken.start("noun") + end :]
    return ""
