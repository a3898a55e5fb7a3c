"""A question about several places → the question it asks of each.

"论试点企业的数量,盐城全市三级的和阜宁县级的各是多少" is a head (what both are asked about),
a piece for each place and a tail (what is asked): each place is asked with the head, its own
piece and the tail. A place without a piece ("A 和 B 的甲", "甲是 A 多还是 B 多") shares that of
its neighbour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.places import PlaceMention
from rag.question import Question, content_words, narrowed

_JOINS = re.compile(
    r"^(?:的|和|与|跟|同|比起来|相比|比|及|以及|还有|、|,|呢)+|(?:和|与|跟|同|比起来|相比|比|及|以及|还有|还是|、|,|;|呢|一起)+$"
)
# Where what is asked begins behind the last place's piece.
_ASKS = re.compile(
    r",|都|各(?!级|类|种|地|行|项|部门|单位)|分别|一个[^,、]{2,}一个|哪(?!怕)|谁|相比|差多少|[有是](?:什么|何|啥|哪|多少|几)|怎么|怎样|如何|为什么"
)
_EACH = re.compile(r"一个(?P<first>[^,、;]+)[,、;和]*一个(?P<second>[^,、;?]+)")
# "甲平台和乙平台分别怎么搭": two things of which the same is asked.
_BOTH = re.compile(
    r"(?P<head>.*[,;])?(?P<first>[^,;]{2,}?)(?:和(?!谐)|(?<!参)与|跟|、|以及)(?P<second>[^,;和与跟、]{2,}?)"
    r"(?:,?这?[两二]个?(?:[^,;]{0,4}))?,?"
    r"(?:(?:分别|各自|各(?=[是有怎如设建]))(?P<asks>.+)|(?<=[,在的对])(?P<differ>[^,;]{2,}?)有?(?:什么|何|啥|哪些)(?:区别|不同|不一样|差别).*)"
)
_SHORT = 4
_ASKING = re.compile(
    r"什么|哪|谁|多[少大高长久远]|几(?!乎|家单位怎么)|怎么|怎样|如何|啥|何时|何地|为何"
)


def parts(asked: Question) -> list[tuple[str, Question]]:
    """(place name, the question as it concerns that place), in order of naming."""
    covered = sorted((p for p in asked.places if p.regions), key=lambda place: place.start)
    first = {place.regions: place for place in reversed(covered)}
    if len(first) < 2:
        return [(name, asked) for name, _ in asked.groups]
    # "A 和 B 都办大赛,A 办了几场,B 办了几场": what counts is said where each is named last.
    cuts = _cuts(asked, list({place.regions: place for place in covered}.values()))
    if len(first) < len(covered) and not all(map(content_words, cuts.pieces)):
        cuts = _cuts(asked, sorted(first.values(), key=lambda place: place.start))
    whole = _shared(cuts.pieces, cuts.head)
    found = {
        place.regions: narrowed(
            asked,
            ",".join(filter(None, (cuts.head, piece, tail))),
            tuple(p for p in covered if p.regions == place.regions),
        )
        for place, piece, tail in zip(cuts.mentions, whole, cuts.tails, strict=True)
    }
    return [(name, found[regions]) for name, regions in asked.groups]


def clauses(asked: Question) -> list[Question]:
    """The clauses of a question that each ask something: two or more, else none.

    "搞了什么评选,又在媒体上推出了什么报道" asks two things, which two sentences may tell; so does
    "甲平台和乙平台分别怎么搭".
    """
    if asked.compares:
        return []
    found = [
        _without(text, start, asked.places)
        for start, text in _clauses(asked.text)
        if _ASKING.search(text)
    ]
    found = [text for text in found if content_words(text)]
    if len(found) < 2 and (both := _BOTH.fullmatch(_without(asked.text, 0, asked.places))):
        asks = both["asks"] or both["differ"]
        found = [f"{both[thing]}{asks}" for thing in ("first", "second")]
    if len(found) < 2:
        return []
    return [narrowed(asked, text, asked.places, same_kind=False) for text in found]


def _clauses(text: str) -> Iterator[tuple[int, str]]:
    return ((m.start(), m[0]) for m in re.finditer(r"[^,，;；。?？!！ ]+", text))


class _Cuts(NamedTuple):
    """A question cut at the places it names; a piece and a tail for each."""

    mentions: list[PlaceMention]
    head: str
    pieces: list[str]
    tails: list[str]


def _cuts(asked: Question, named: list[PlaceMention]) -> _Cuts:
    mentions = sorted(named, key=lambda place: place.start)
    ends = [*(place.start for place in mentions[1:]), len(asked.text)]
    pieces = [_own(asked, place, end) for place, end in zip(mentions, ends, strict=True)]
    behind = pieces.pop().rstrip("?。! ")
    cut = _ASKS.search(behind)
    pieces.append(behind[: cut.start()] if cut else behind)
    tails = _tails(behind[cut.start() :].strip(",") if cut else "", len(mentions))
    head = _without(asked.text[: mentions[0].start], 0, asked.places)
    return _Cuts(mentions, head, [_JOINS.sub("", piece) for piece in pieces], tails)


def _without(text: str, start: int, places: tuple[PlaceMention, ...]) -> str:
    """A part of the question, which begins at `start`, without the places it names."""
    for place in sorted(places, key=lambda place: -place.start):
        if start <= place.start and place.end <= start + len(text):
            text = text[: place.start - start] + text[place.end - start :]
    return _JOINS.sub("", text)


def _own(asked: Question, place: PlaceMention, end: int) -> str:
    """What stands behind a place; of 阜宁县级的 also the 县 that its name took."""
    start = place.end - (asked.text[place.end : place.end + 1] == "级" and len(place.name) > 2)
    return _without(asked.text[start:end], start, asked.places)


def _tails(tail: str, count: int) -> list[str]:
    """What is asked of each: the same, or "一个每年多少次、一个办了多少件"."""
    each = _EACH.search(tail) if count == 2 else None
    return [each["first"], each["second"]] if each else [tail] * count


def _shared(pieces: list[str], head: str) -> list[str]:
    """The pieces, the empty ones filled from the next that is not, or from the one before.

    Of "盐城三级的试点企业和阜宁县级的" the noun serves both; so does that of "丰县去年和文水
    今年的培训场次".
    """
    whole = list(pieces)
    for i in range(len(pieces)):
        others = [p for p in [*pieces[i + 1 :], *reversed(pieces[:i])] if content_words(p)]
        if not content_words(whole[i]):
            whole[i] = others[0] if others else "".join(pieces)
        elif others and not head:
            noun = others[0].rpartition("的")[2]
            short = len(whole[i]) < _SHORT and "的" not in whole[i] and "的" in others[0]
            if whole[i].endswith("的") or short:
                whole[i] += noun
    return whole
