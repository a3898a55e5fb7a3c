"""A question about several places → the question it asks of each.

"论试点企业的数量,盐城全市三级的和阜宁县级的各是多少" is a head (what both are asked about),
a piece for each place and a tail (what is asked): each place is asked with the head, its own
piece and the tail. A place without a piece ("A 和 B 的甲", "甲是 A 多还是 B 多") shares that of
its neighbour. Where each place has a question of its own ("文水建了什么,丰县又把工人放进了哪里")
it is asked nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from rag.counted import HOW
from rag.places import PlaceMention
from rag.question import Question, content_words, narrowed

_JOINS = re.compile(
    r"^(?:的|和|与|跟|同|比起来|相比|比|及|以及|还有|而|又|、|,|:|呢)+"
    r"|(?:和|与|跟|同|比起来|相比|比|及|以及|还有|还是|而|、|,|;|呢|一起|[先再]看|有没有(?:像|如)?)+$"
)
# Where what is asked begins behind the last place's piece.
_ASKS = re.compile(
    r",|都|各(?!级|类|种|地|行|项|部门|单位)|分别|一个[^,、]{2,}一个|[差好强]在哪|哪(?!怕)|谁|相比|差多少|[有是](?:什么|何|啥|哪|多少|几)|怎么|怎样|如何|为什么"
)
# What stands before a place and behind a break belongs to it: 写文水的那篇和写丰县的那篇.
_LEAD = re.compile(r"(?:[,?;。]|(?<=.)(?:和|与|跟))(?P<lead>[^,?;。:、和与跟]+)$")
_LEAD_CHARS = 4  # of one behind 和, which may be part of a word
# 三地, 两家的: so many places there are, each of which is asked by itself.
_HOW_MANY = re.compile(
    r"(?<![第\d])[两二三四五六](?:地(?!方)|(?:处|个?地方|个?县|个?市|家|边|者)(?=$|[,?的都各在搞]|分别))的?"
)
# Said of all together, to a reader or of the answer: 请把…说一下, 二者一样不.
_ASIDE = re.compile(
    r"请(?:你|您)?(?:把|将)(?=,|$)|(?:分别|逐一|简单)?(?:说|讲|介绍|列|比)一?[说讲绍下比](?=$|[,?])"
)
# How far apart they are: what each is must be told.
_GAP = re.compile(
    r"(?:[两二三]个?(?:数目|数字?|者))?(?:之间)?"
    r"(?:相?差(?:了|着)?(?:几个?(?:档次|数量级)|多少|得?[远多]|[大多远])|差[别距](?:有?多?大|明显)"
    r"|[多少高低](?:多少|几[个家人名户项])|的?(?:多少|几)倍)(?:吗|不|么|了)?(?=$|[,?])"
)
# Which of them comes first: when each was is asked.
_FIRST = re.compile(
    r"(?P<which>谁|哪一?[个边家方里头篇次场届项份])(?P<what>[^,?]{0,8}?)"
    r"(?:(?:最|率)?先(?P<did>[^,?进行]{1,12})|(?<=[\u4e00-\u9fff])(?:在前|在先|靠前))(?:的|吗)?(?=$|[,?])"
)
# Each is asked by itself; of it, 分别 and 各 ask nothing.
_EACH_ONE = re.compile(
    r"(?:分别|各自?)[是有为](?=多[少大]|几|什么|哪|谁|啥)|分别|各自的?|各(?=[是有由在设占办发以靠打建借干叫搞])"
)
# Which of the places it is: each is asked whether it does.
_WHICH = re.compile(
    rf"(?:^|(?<=,))(?:谁家?|哪一?[家边里头个])的?(?![^?]*(?:[更最先]|{HOW}))(?=[^,?是]{{5,}})"
)
_WHICH_PLACE = re.compile(
    r"哪(?:一?个)?(?:县|市|区|地方|地区)(?=的|[^,?]{0,12}(?:多|少|大|高|早|晚))"
)
_AGAIN = re.compile(r"[又则却](?=[是有叫得设靠])")
# The same as of the first: 盐城有没有同样的安排, 朝阳有这么多吗.
_LIKEWISE = re.compile(
    r"(?:是不是|是否)?(?:有没有|有|也|能)?(?:也|同样|这么|那么|这样|那样|一样|类似)[^,?]{0,6}"
)
_LIKE_IT = re.compile(r"^(?:那样|一样|那么|这样)")
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
    found = {
        place.regions: _part(
            asked, tuple(p for p in covered if p.regions == place.regions), text, own
        )
        for place, text, own in _texts(cuts)
    }
    return [(name, found[regions]) for name, regions in asked.groups]


def inner(asked: Question) -> list[tuple[str, Question]]:
    """The same of places without a report of their own that lie in one that has one (大丰和东台,
    in 盐城); [] where there are no two."""
    named = {place.short: place for place in asked.places if place.relation == "around"}
    if len(named) < 2 or len(asked.groups) > 1:
        return []
    cuts = _cuts(asked, list(named.values()))
    return [(place.name, _part(asked, (place,), text, own)) for place, text, own in _texts(cuts)]


def _texts(cuts: _Cuts) -> Iterator[tuple[PlaceMention, str, bool]]:
    """Each place of a question with its own text, and whether its piece asks by itself."""
    whole = _shared(cuts.pieces, cuts.head)
    for place, piece, tail, own in zip(cuts.mentions, whole, cuts.tails, cuts.asking, strict=True):
        yield place, _said((cuts.head, piece, tail)), own


def _part(asked: Question, mentions: tuple[PlaceMention, ...], text: str, own: bool) -> Question:
    """The question of one place. own: whether its piece asks by itself, whatever the others do."""
    plain = _WHICH.sub("", text)
    if plain == text:
        return narrowed(asked, text, mentions, same_kind=not (own or _ASKING.search(text)))
    part = narrowed(asked, plain, mentions, same_kind=False)
    if part.kind == "other":
        return replace(part, kind="check")
    return replace(part, also=(*part.also, "check"))


def _said(texts: Sequence[str]) -> str:
    """The pieces of a question of one place as one text, without what concerns all together."""
    text = ",".join(filter(None, texts))
    text = _WHICH_PLACE.sub("哪边", text)
    for pattern in (_ASIDE, _HOW_MANY, _AGAIN, _EACH_ONE):
        text = pattern.sub("", text)
    text = _FIRST.sub(_when, _GAP.sub("多少", text))
    return re.sub(r",{2,}", ",", text).strip(",")


def _when(found: re.Match[str]) -> str:
    """哪篇发布在前 → 哪篇什么时候发布; 谁 would ask for a person."""
    which = found["which"].replace("谁", "")
    return f"{which}什么时候{found['what']}{found['did'] or ''}"


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
    """A question cut at the places it names; a piece and a tail for each, and whether the piece
    asks by itself."""

    mentions: list[PlaceMention]
    head: str
    pieces: list[str]
    tails: list[str]
    asking: list[bool]


def _cuts(asked: Question, named: list[PlaceMention]) -> _Cuts:
    mentions = sorted(named, key=lambda place: place.start)
    ends = [*(place.start for place in mentions[1:]), len(asked.text)]
    owns = [_own(asked, place, end) for place, end in zip(mentions, ends, strict=True)]
    split = [_split(own) for own in owns[:-1]]
    pieces, leads = [piece for piece, _ in split], ["", *(lead for _, lead in split)]
    head = asked.text[: mentions[0].start]
    if all(0 < len(lead) <= _LEAD_CHARS for lead in leads[1:]):  # 关于文水…和关于丰县…
        at = max(head.rfind(mark) for mark in ",?;。:") + 1
        head, leads[0] = head[:at], head[at:]
    behind = owns[-1].rstrip("?。! ")
    asking = [bool(_ASKING.search(piece)) for piece in pieces]
    asks = None if all(asking) else _ASKS.search(behind)
    if all(asking):
        behind = behind.partition("?")[0]
    pieces.append(behind[: asks.start()] if asks else behind)
    tails = _tails(behind[asks.start() :].strip(",") if asks else "", len(mentions))
    asking.append(all(asking) and bool(_ASKING.search(behind)))
    tails = ["" if own else tail for own, tail in zip(asking, tails, strict=True)]
    pieces = [
        _LIKE_IT.sub("", _JOINS.sub("", lead + piece))
        for lead, piece in zip(leads, pieces, strict=True)
    ]
    for i in range(1, len(pieces)):
        first = not asking[0] and content_words(pieces[0])
        if first and _LIKEWISE.fullmatch(pieces[i] + tails[i]):
            pieces[i], tails[i] = pieces[0], ""
    return _Cuts(mentions, _without(head, 0, asked.places), pieces, tails, asking)


def _split(between: str) -> tuple[str, str]:
    """What stands between two places: the piece of the one before, and what belongs to the next."""
    lead = _LEAD.search(between)
    joined = lead and between[lead.start()] not in ",?;。"
    if lead is None or (joined and len(lead["lead"]) > _LEAD_CHARS):
        return between, ""
    return between[: lead.start()], lead["lead"]


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
