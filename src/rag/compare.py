"""Questions about several places: answered place by place, then set side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.extract import answer_one
from rag.focus import answering_figure
from rag.index import Index
from rag.question import Question, content_words
from rag.types import Draft, DraftStatement, Hit
from rag.values import Figure, dates, figures

_MORE = re.compile(r"更多|最多|更大|最大|更高|最高|多$|多[?,，？]|更长|最长|更早")
_MIN_OWN_WORDS = 5


def compare(asked: Question, hits: Sequence[Hit], index: Index) -> Draft:
    """One statement (or more) a place, each labelled with it; places without an answer are named."""
    statements: list[DraftStatement] = []
    found: list[tuple[str, Figure]] = []
    missing: list[str] = []
    for name, regions in asked.groups:
        part = part_of(asked, name, regions)
        own = [hit for hit in hits if hit.passage.region in regions]
        draft = answer_one(part, own, index, label=name)
        kept = draft.statements[:2]
        if not kept:
            missing.append(name)
            continue
        statements.extend(kept)
        figure = answering_figure(part, kept[0].text, index.late)
        if figure is not None:
            found.append((name, figure))
    if not statements:
        return Draft((), reason="这几个地方的报告里都没有相关内容")
    lead = _larger(asked, found) if len(found) == len(asked.groups) else ""
    return Draft(tuple(statements), lead=lead, missing="、".join(missing))


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
    """Which place has the larger figure, where the question asks and the units are of one kind."""
    if not _MORE.search(asked.text) or len({figure.kind for _, figure in found}) != 1:
        return ""
    ordered = sorted(found, key=lambda pair: -pair[1].value)
    if ordered[0][1].value == ordered[1][1].value:
        return "按原文数字，两者相同。"
    listing = "，".join(f"{name}{figure.text}" for name, figure in ordered)
    return f"按原文数字，{ordered[0][0]}更多：{listing}。"
