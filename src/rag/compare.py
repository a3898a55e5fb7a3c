"""Questions about several places, or two things of one: answered one by one, set side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.extract import answer_one
from rag.fitness import clause
from rag.focus import answering_figure, beside
from rag.index import Index
from rag.question import Question, content_words
from rag.refusal import off_topic
from rag.rerank import LateInteraction
from rag.sift import sift
from rag.types import Draft, DraftStatement, Hit
from rag.values import Figure

# 多少, 多大 and 大小 ask, they compare nothing.
_MORE = re.compile(
    r"[更最](?P<a>[多大高长少小低短])|(?<!多)(?P<b>[多大高长短低]|(?<!大)小|少)(?:一?[些点])?(?=$|[?,，？。]|还是)"
)
_LESS = "少小低短"
# A figure in a sentence or a clause that says less of what is asked is not set against another.
_ABOUT, _CLAUSE_ABOUT = 0.4, 0.1
# Of what a place is asked whether it does it, its report says this share of what another's does.
_AS_GOOD = 0.8
MAX_PLACES = 6
MAX_CHARS = 350
# Of what a place does, one sentence seldom tells all; a figure or a date is told by one.
SLACK = 0.9
_TELLS_MORE = ("measure", "list")


_ASKS_MORE = re.compile(
    r"(?P<things>.{6,}?)[,，]?(?P<asks>(?:[数人规总额]+[量数模]?上)?(?:哪一?[个次边家项种类方批届]|哪(?=更)|谁)"
    r"[^,，]{0,24}[多少大小高低早晚长短][^,，]{0,3}|两[个次边家项种类场][^,，]{0,10}?相?差了?(?:多少|几)[^,，]{0,3})$"
)
_ASKS_EACH = re.compile(
    r"(?P<first>[^,，和与跟]{2,8})(?:和|与|跟)(?P<second>[^,，和与跟]{2,8}?),?"
    r"(?:分别|各自?(?=[是有由在担负])|都(?=是|在))(?P<asks>[^,，]*(?:什么|哪|谁|几|多少|何|啥)[^,，]*)"
)
_AND = re.compile(r"[,，]?(?:和|与|跟|同|以及|、|[,，])")
# Behind both things: 甲和乙相比, 甲和乙这两项.
_AGAINST = re.compile(
    r"[,，]?(?:相比|比起来|比较|比|[这那]?两[项个家种者次场拨](?:里面?|当中|之间)?)[,，]?$"
)
# "来调研的两拨人,甲和乙,谁…": what both are, before they are named.
_BOTH = re.compile(
    r"(?P<head>[^,，]*(?:两[拨个种项家类次场者批组件份]|[上中里]$|方面|数量|规模)[^,，和与跟]{0,6}?)[,，:：](?=.*(?:和|与|跟|同|以及))"
)
# 甲和乙两项,花的钱哪项多: what is compared stands behind both.
_WHAT = re.compile(
    r"[,，]?[这那]?两[项个家种者次场拨](?:里面?|当中|之间)?[,，](?P<what>[^,，]{1,8})$"
)
_MAX_NAME = 16

_Part = tuple[str, Question, Sequence[Hit]]


def things(question: str) -> list[tuple[str, str]]:
    """(name, question of its own) for each of two things set against each other, or [].

    "2022年的大赛和2023年的大赛,哪一次比赛项目多" asks twice how many 比赛项目 there were.
    The parts are alike: of all places where the question may be cut in two, that one is
    taken where the parts share the most pairs of characters.
    """
    match = _ASKS_MORE.match(question.rstrip("?？。! "))
    if match is None:
        return _each_asked(question.rstrip("?？。! "))
    told, noun = match["things"], content_words(match["asks"])
    if what := _WHAT.search(told):
        told, noun = told[: what.start()], what["what"]
    told = _AGAINST.sub("", told)
    noun = re.sub(
        r"^(?:两[个次边家项种类场])?[个边次年家的些项]*|[更最多少大小高低早晚长短的是有数量上差]+$",
        "",
        noun,
    )
    both = _BOTH.match(told)
    head, told = (f"{both['head']}," if both else ""), told[both.end() if both else 0 :]
    cuts: list[tuple[float, str, str]] = []
    for cut in _AND.finditer(told):
        left, right = told[: cut.start()].strip(), told[cut.end() :].strip()
        if min(len(left), len(right)) >= 3:
            alike = len(_pairs(left) & _pairs(right)) + 1.5 * (cut[0][0] in ",，")
            cuts.append((alike, left, right))
    if not cuts or (len(cuts) > 1 and max(cuts)[0] < 1):
        return []
    asks = f"的{noun}是多少?" if noun else "有多少?"
    return [(_name(part), head + part + asks) for part in max(cuts, key=lambda cut: cut[0])[1:]]


def _each_asked(question: str) -> list[tuple[str, str]]:
    """徐小宝和朱冬梅都是干什么工种的: the same asked of two that one 和 joins."""
    match = _ASKS_EACH.fullmatch(question)
    if match is None:
        return []
    return [(_name(match[x]), f"{match[x]}{match['asks']}?") for x in ("first", "second")]


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _name(part: str) -> str:
    return part if len(part) <= _MAX_NAME else f"{part[: _MAX_NAME - 1]}…"


def compare_things(asked: Question, parts: Sequence[_Part], index: Index) -> Draft | None:
    """One statement for each thing, or None where they are not told apart.

    parts: name of each thing, its own question and the hits of that.
    """
    if off_topic(asked, index.documents.values()):
        return None
    statements: list[DraftStatement] = []
    found: list[_Told] = []
    for name, part, hits in parts:
        draft = answer_one(part, hits, index, label=name, limit=MAX_CHARS // 2, most=1)
        if not draft.statements or draft.lead:
            return None
        statements.extend(draft.statements)
        found.extend(_told(name, part, draft.statements[:1], index.late))
    if len({one.evidence for one in statements}) < len(statements):
        return None  # one sentence tells both
    return Draft(tuple(statements), lead=_larger(asked, found, len(parts)))


def compare(
    asked: Question,
    parts: Sequence[_Part],
    index: Index,
    most: int = 2,
) -> Draft:
    """Statements for each place, labelled with it; places without an answer are named.

    parts: name of each place, the question as it concerns that place, and the hits of that.
    most: statements for each at most.
    """
    reason = off_topic(asked, index.documents.values())
    if reason:
        return Draft((), reason=reason)
    missing = [name for name, _ in asked.groups[MAX_PLACES:]]
    missing += [place.name for place in asked.places if not place.regions]
    shown = _doing(parts[:MAX_PLACES], index)
    missing += [part[0] for part in parts[:MAX_PLACES] if part not in shown]
    statements: list[DraftStatement] = []
    found: list[_Told] = []
    for (name, part, _), kept in zip(shown, _cells(shown, index, most), strict=True):
        statements.extend(kept)
        found.extend(_told(name, part, kept, index.late))
        missing += [] if kept else [name]
    if not statements:
        return Draft((), reason="这几个地方的报告里都没有相关内容")
    lead = "" if missing else _larger(asked, found, len(parts))
    return Draft(tuple(statements), lead=lead, missing="、".join(missing))


def _doing(parts: Sequence[_Part], index: Index) -> list[_Part]:
    """The places that do what they are asked whether they do it: those that tell about as much of
    it as the one that tells most. All where not every place is asked whether it does the same."""
    same = len({part.text for _, part, _ in parts}) == 1
    if not same or not all("check" in (part.kind, *part.also) for _, part, _ in parts):
        return list(parts)
    usable = [sift(part, hits, index).usable for _, part, hits in parts]
    told = [found[0].likeness if found else 0.0 for found in usable]
    least = _AS_GOOD * max(told, default=0.0)
    return [part for part, much in zip(parts, told, strict=True) if much >= least]


def _cells(parts: Sequence[_Part], index: Index, most: int) -> list[tuple[DraftStatement, ...]]:
    """The statements of each place. What one leaves of its room, another may use."""
    each = max(1, min(most, MAX_PLACES // len(parts)))
    limit = MAX_CHARS // len(parts) - 6  # room for the label and the marks
    full, cells = [], []
    for name, part, hits in parts:
        own = [hit for hit in hits if hit.passage.region in part.regions]
        slack = SLACK if part.kind in _TELLS_MORE else 0.0
        kept = answer_one(part, own, index, label=name, limit=limit, most=each, slack=slack)
        full.append(kept.statements)
        if _chars(kept.statements) > limit:  # they stand in the report's order: the best
            kept = answer_one(part, own, index, label=name, limit=limit, most=1)
        cells.append(kept.statements)
    spare = len(parts) * limit - sum(map(_chars, cells))
    for i, more in enumerate(full):
        extra = _chars(more) - _chars(cells[i])
        if 0 < extra <= spare:
            cells[i], spare = more, spare - extra
    return cells


def _chars(statements: Sequence[DraftStatement]) -> int:
    return sum(len(one.text) for one in statements)


@dataclass(frozen=True, slots=True)
class _Told:
    """The figure told of one place or thing. noun: what it counts, as far as that stands beside it."""

    name: str
    figure: Figure
    noun: str


def _told(
    name: str, part: Question, statements: Sequence[DraftStatement], late: LateInteraction
) -> list[_Told]:
    """The figure that answers best for one of the parts, [] where none stands in what is asked."""
    words = late.question(part.content)
    rated = []
    for text in (one.text for one in statements):
        figure = answering_figure(part, text, late)
        if figure is None:
            continue
        own = clause(text, figure)
        whole, said = map(float, late.scores(words, [late.word_ids(text), late.word_ids(own)]))
        if whole >= _ABOUT and (said >= _CLAUSE_ABOUT or beside(part.content, text, figure)):
            rated.append((said, _Told(name, figure, own.replace(figure.text, " "))))
    return [max(rated, key=lambda pair: pair[0])[1]] if rated else []


def _larger(asked: Question, found: Sequence[_Told], parts: int) -> str:
    """Which place has the most (or least), where the question asks and the figures allow it.

    Every part must tell one. Only figures of one unit are compared (人 and 人次 count
    different things); things counted in 个 or 项 must be the same things. Nothing is said
    when 余, 近 or 约 could turn the order round.
    """
    match = _MORE.search(asked.text)
    kinds = {told.figure.kind for told in found}
    if match is None or parts < 2 or len(found) < parts or len(kinds) != 1:
        return ""
    if kinds == {"个"} and not _count_the_same(found):
        return ""
    units = {_plain_unit(told.figure) for told in found}
    if len(units) > 1 and kinds != {"个"}:
        return f"各地计数单位不同（{'、'.join(sorted(units))}），不直接比较大小。"
    how = match["a"] or match["b"]
    less = how in _LESS
    ordered = sorted(found, key=lambda told: told.figure.value if less else -told.figure.value)
    first, second = ordered[0].figure, ordered[1].figure
    exact = first.bound == second.bound == "="
    if first.value == second.value:
        return "按原文数字，两者相同。" if exact and len(found) == 2 else ""
    if not exact and max(first.value, second.value) < 1.1 * min(first.value, second.value):
        return ""
    return f"按原文数字，{ordered[0].name}{'更' if len(found) == 2 else '最'}{how}。"


def _count_the_same(found: Sequence[_Told]) -> bool:
    """Whether the clauses of figures in 个, 项 or 件 share a word: 26个比赛项目, 41个比赛工种."""
    return bool(set.intersection(*(_pairs(told.noun) for told in found)))


def _plain_unit(figure: Figure) -> str:
    """名, 位 and 口 count people as 人 does; 人(次) and 人次 are attendances."""
    if figure.kind == "人":
        return "人次" if "次" in figure.unit else "人"
    return figure.unit
