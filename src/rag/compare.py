"""Questions about several places, or two things of one: answered one by one, set side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.extract import answer_one
from rag.focus import answering_figure
from rag.index import Index
from rag.question import Question, content_words
from rag.refusal import off_topic
from rag.types import Draft, DraftStatement, Hit
from rag.values import Figure, dates, figures

_MORE = re.compile(r"更多|最多|更大|最大|更高|最高|多$|多[?,，？]|更长|最长")
_MIN_OWN_WORDS = 5
MAX_PLACES = 6
MAX_CHARS = 350
# Its piece of a comparison says less than a question does: a second sentence comes in sooner.
SLACK = 0.9


_ASKS_MORE = re.compile(
    r"(?P<things>.{6,}?)[,，]?(?P<asks>(?:[数人规总额]+[量数模]?上)?(?:哪一?[个次边家项种类方批届]|哪(?=更)|谁)"
    r"[^,，]{0,24}[多少大小高低早晚长短][^,，]{0,3})$"
)
_AND = re.compile(r"[,，]?(?:和|与|跟|同|以及|、|[,，])")
_AGAINST = re.compile(r"[,，]?(?:相比|比起来|比较|比)[,，]?$")
_MAX_NAME = 16


def things(question: str) -> list[tuple[str, str]]:
    """(name, question of its own) for each of two things set against each other, or [].

    "2022年的大赛和2023年的大赛,哪一次比赛项目多" asks twice how many 比赛项目 there were.
    The parts are alike: of all places where the question may be cut in two, that one is
    taken where the parts share the most pairs of characters.
    """
    match = _ASKS_MORE.match(question.rstrip("?？。! "))
    if match is None:
        return []
    told, noun = _AGAINST.sub("", match["things"]), content_words(match["asks"])
    noun = re.sub(r"^[个边次年家的些]+|[更最多少大小高低早晚长短的是有数量上]+$", "", noun)
    cuts: list[tuple[float, str, str]] = []
    for cut in _AND.finditer(told):
        left, right = told[: cut.start()].strip(), told[cut.end() :].strip()
        if min(len(left), len(right)) >= 3:
            alike = len(_pairs(left) & _pairs(right)) + 1.5 * (cut[0][0] in ",，")
            cuts.append((alike, left, right))
    if not cuts or (len(cuts) > 1 and max(cuts)[0] < 1):
        return []
    asks = f"的{noun}是多少?" if noun else "有多少?"
    return [(_name(part), part + asks) for part in max(cuts, key=lambda cut: cut[0])[1:]]


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _name(part: str) -> str:
    return part if len(part) <= _MAX_NAME else f"{part[: _MAX_NAME - 1]}…"


def compare_things(
    asked: Question, parts: Sequence[tuple[str, Question, Sequence[Hit]]], index: Index
) -> Draft | None:
    """One statement for each thing, or None where they are not told apart.

    parts: name of each thing, its own question and the hits of that.
    """
    if off_topic(asked):
        return None
    statements: list[DraftStatement] = []
    found: list[tuple[str, Figure]] = []
    for name, part, hits in parts:
        draft = answer_one(part, hits, index, label=name, limit=MAX_CHARS // 2, most=1)
        if not draft.statements or draft.lead:
            return None
        statements.extend(draft.statements)
        figure = answering_figure(part, draft.statements[0].text, index.late)
        if figure is not None:
            found.append((name, figure))
    if len({one.evidence for one in statements}) < len(statements):
        return None  # one sentence tells both
    return Draft(tuple(statements), lead=_larger(asked, found) if len(found) > 1 else "")


def compare(asked: Question, hits: Sequence[Hit], index: Index) -> Draft:
    """Statements for each place, labelled with it; places without an answer are named."""
    reason = off_topic(asked)
    if reason:
        return Draft((), reason=reason)
    groups = asked.groups[:MAX_PLACES]
    each = max(1, min(2, MAX_PLACES // len(groups)))
    statements: list[DraftStatement] = []
    found: list[tuple[str, Figure]] = []
    missing = [name for name, _ in asked.groups[MAX_PLACES:]]
    missing += [place.name for place in asked.places if not place.regions]
    for name, regions in groups:
        part = part_of(asked, name, regions)
        own = [hit for hit in hits if hit.passage.region in regions]
        limit = MAX_CHARS // len(groups) - 6  # room for the label and the marks
        draft = answer_one(part, own, index, label=name, limit=limit, most=each, slack=SLACK)
        kept = _short(draft.statements, limit)
        if not kept:
            missing.append(name)
            continue
        statements.extend(kept)
        figure = answering_figure(part, kept[0].text, index.late)
        if figure is not None:
            found.append((name, figure))
    if not statements:
        return Draft((), reason="这几个地方的报告里都没有相关内容")
    lead = "" if missing else _larger(asked, found)
    return Draft(tuple(statements), lead=lead, missing="、".join(missing))


def _short(drafted: Sequence[DraftStatement], limit: int) -> list[DraftStatement]:
    """The first statements that fit into `limit` characters together, one at least."""
    kept: list[DraftStatement] = []
    for one in drafted:
        if not kept or sum(len(k.text) for k in kept) + len(one.text) <= limit:
            kept.append(one)
    return kept


def part_of(asked: Question, name: str, regions: tuple[str, ...]) -> Question:
    """The question as it concerns one place.

    "A 的甲和 B 的乙,哪个多": each place keeps its own piece and the common end.
    Where the pieces beside the names say little ("A 和 B 的甲"), each keeps the whole.
    """
    mentions = [p for p in asked.places if p.regions]
    pieces: dict[tuple[str, ...], str] = {}
    tail = ""
    for i, place in enumerate(mentions):
        end = mentions[i + 1].start if i + 1 < len(mentions) else len(asked.text)
        piece = asked.text[place.end : end]
        if i + 1 == len(mentions):
            piece, _, tail = piece.partition(",")
        pieces[place.regions] = pieces.get(place.regions, "") + piece
    own = re.sub(
        r"^(?:的|和|与|跟|、)+|(?:的|和|与|跟|、|,|，|一起)+$", "", pieces.get(regions, "")
    )
    places = tuple(p for p in mentions if p.regions == regions)
    if min(len(re.sub(r"[和与跟、,的]", "", p)) for p in pieces.values()) < _MIN_OWN_WORDS:
        return replace(asked, places=places, compares=False)
    return replace(
        asked,
        places=places,
        compares=False,
        content=f"{own} {content_words(tail)}".strip(),
        dates=tuple(dates(own)),
        figures=tuple(figures(own)),
    )


def _larger(asked: Question, found: Sequence[tuple[str, Figure]]) -> str:
    """Which place has the most, where the question asks and the figures allow it.

    Only figures of one unit are compared (人 and 人次 count different things), and
    nothing is said when 余, 近 or 约 could turn the order round.
    """
    if not _MORE.search(asked.text) or len({figure.kind for _, figure in found}) != 1:
        return ""
    units = {_plain_unit(figure) for _, figure in found}
    if len(units) > 1:
        return f"各地计数单位不同（{'、'.join(sorted(units))}），不直接比较大小。"
    ordered = sorted(found, key=lambda pair: -pair[1].value)
    (name, first), (_, second) = ordered[0], ordered[1]
    exact = first.bound == second.bound == "="
    if first.value == second.value:
        return "按原文数字，两者相同。" if exact else ""
    if not exact and first.value < 1.1 * second.value:
        return ""
    return f"按原文数字，{name}{'更' if len(found) == 2 else '最'}多。"


def _plain_unit(figure: Figure) -> str:
    """名, 位 and 口 count people as 人 does; 人(次) and 人次 are attendances."""
    if figure.kind == "人":
        return "人次" if "次" in figure.unit else "人"
    return figure.unit
