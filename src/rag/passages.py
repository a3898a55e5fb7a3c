"""Document → Passages: paragraph-sized pieces with exact offsets.

A passage is made of whole sentences (`rag.sentences`). Headings are recognised by their
form (`_heading_flags`), or taken from the document where the file marks them; they lie in
the span of the passage below them. Time and memory grow with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from rag.sentences import fragments, line_sentences, lines, sentences
from rag.types import Document, Passage, Span

__all__ = ["PassageSettings", "sentences", "split"]


@dataclass(frozen=True, slots=True)
class PassageSettings:
    """Sizes in characters. `max_chars` is never passed; `min_chars` is what merging aims at."""

    min_chars: int = 100
    max_chars: int = 350

    def __post_init__(self) -> None:
        if not 1 <= self.min_chars <= self.max_chars:
            raise ValueError("段落长度应满足 1 ≤ min_chars ≤ max_chars。")


class _Unit(NamedTuple):
    """What is never split further: a sentence, or a fragment of one that is too long."""

    start: int
    end: int
    strong: bool  # ends at a full stop, not at ； or a comma
    spans: tuple[Span, ...]  # its sentence, after the heading lines that belong to it


class _Piece(NamedTuple):
    units: list[_Unit]
    section: int
    heading: str  # of the section
    lead: str  # of the paragraph: "强化政府公共服务", for the pieces it is not part of
    opens: bool  # ends with a colon: what follows belongs to it

    @property
    def start(self) -> int:
        return self.units[0].start

    @property
    def end(self) -> int:
        return self.units[-1].end


def split(document: Document, settings: PassageSettings | None = None) -> list[Passage]:
    """The passages of a document, in order; together they cover every non-blank character.

    Short neighbours under the same heading merge, long paragraphs are cut at sentence
    ends into pieces of about the same size, and a sentence longer than `max_chars` at
    its commas.
    """
    settings = settings or PassageSettings()
    text = document.text
    return [
        Passage(
            doc_id=document.doc_id,
            start=piece.start,
            end=piece.end,
            text=text[piece.start : piece.end],
            heading=" ".join(part for part in (piece.heading, piece.lead) if part),
            title=document.title,
            source=document.source,
            region=document.region,
            published=document.published,
            published_inferred=document.published_inferred,
            sentences=tuple(span for unit in piece.units for span in unit.spans),
        )
        for piece in _merged(_pieces(document, settings), settings)
    ]


# --- headings ---------------------------------------------------------------------------

_LONG_HEAD, _SHORT_HEAD = 30, 14
_NUMBERED_HEAD = re.compile(
    r"[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十]{1,3}[)）]|第[一二三四五六七八九十百\d]+[章节编部]"
)
_NO_HEAD = re.compile(
    r"[—－•·●◆■▪○*+>|=]|(?:本报)?(?:记者|通讯员|作者|来源|编辑|责编|编审|审核|供稿|摄影|图)[\s:：]|.*\d{4}-\d{1,2}"
    r"|(?:发布|发表)?(?:时间|日期)[\s:：]"
)
_BODY_END = re.compile(r"[。！？!?；;…｡][”’」』\"》〉）)】\]]*$")
_INNER_END = re.compile(r"[。！？；…;]")


def _is_body(line: str) -> bool:
    return len(line) > 60 or bool(_BODY_END.search(line[-8:]) or _INNER_END.search(line))


def _heading_flags(document: Document, spans: list[tuple[int, int]]) -> list[bool]:
    """Which lines are headings: marked in the file, or short lines without an end mark
    that stand directly above running text (or begin with a heading's number).

    A caption directly above running text cannot be told from a heading.
    """
    marked = {span.start for span in document.headings}
    flags = [False] * len(spans)
    room = 0  # how long a heading may be here: none unless running text follows
    for number in range(len(spans) - 1, -1, -1):
        start, end = spans[number]
        line = document.text[start:end]
        numbered = bool(_NUMBERED_HEAD.match(line)) and len(line) <= _LONG_HEAD
        if start in marked:
            flags[number], room = True, 0
        elif _is_body(line):
            room = _LONG_HEAD
        elif _NO_HEAD.match(line) or line[-1] in "：:，,、." or not (numbered or len(line) <= room):
            room = 0
        else:
            flags[number] = True
            second_line = room == _LONG_HEAD and len(line) <= _SHORT_HEAD
            room = _SHORT_HEAD if second_line else 0
    if flags.count(True) == 1:  # a lone line above everything is a subtitle
        only = flags.index(True)
        below = any(_is_body(document.text[start:end]) for start, end in spans[:only])
        flags[only] = below or spans[only][0] in marked
    return flags


def _heading_text(run: list[str], title: str) -> str:
    """One heading of the heading lines directly above a paragraph.

    Heads set in two lines (提升劳动技能 / 打造高素质产业工人大军) become one. The title is the
    document's heading, not a section's.
    """
    run = [line for line in run if not "".join(title.split()).startswith("".join(line.split()))]
    if len(run) > 1 and max(map(len, run[-2:])) <= _SHORT_HEAD:
        return " ".join(run[-2:])
    return run[-1] if run else ""


# --- passages ---------------------------------------------------------------------------

_LEAD = re.compile(
    r"[^。，,；;：:]{2,15}。|(?:[一二三四五六七八九十]是|第[一二三四五六七八九十]|首先|其次|再次|最后)[^。]{2,30}。"
)


def _pieces(document: Document, settings: PassageSettings) -> Iterator[_Piece]:
    """Each paragraph, cut where it is too long, with the heading lines above it."""
    text, title = document.text, document.title
    spans = list(lines(text))
    flags = _heading_flags(document, spans)
    section, heading = 0, ""
    section_start, has_body = 0, False
    run: list[str] = []
    above: list[_Unit] = []  # heading lines that wait for their paragraph
    for (start, end), is_heading in zip(spans, flags, strict=True):
        units = _units(text, start, end, settings.max_chars)
        if is_heading:
            # the lines before the first paragraph (title, date) stay with it when they are few
            if not run and (has_body or start - section_start >= settings.min_chars):
                section, section_start, has_body = section + 1, start, False
            run.append(text[start:end])
            above += units
            continue
        if run:
            heading, run = _heading_text(run, title), []
        has_body = has_body or _is_body(text[start:end])
        units, above = _glued(above, units, settings.max_chars), []
        lead = _LEAD.match(text, start, end)
        opens = text[end - 1] in "：:"
        for number, part in enumerate(_packed(units, settings.max_chars)):
            named = lead[0].rstrip("。") if lead and number else ""
            yield _Piece(part, section, heading, named, opens)
    if above:
        yield from (_Piece([unit], section, heading, "", False) for unit in above)


def _units(text: str, start: int, end: int, limit: int) -> list[_Unit]:
    units = []
    for s, e, strong in line_sentences(text, start, end):
        for fs, fe in fragments(text, s, e, limit):
            units.append(_Unit(fs, fe, strong and fe == e, (Span(fs, fe),)))
    return units


def _glued(above: list[_Unit], units: list[_Unit], limit: int) -> list[_Unit]:
    """Heading lines made one with the first sentence below them, as far as they fit."""
    while above and units[0].end - above[-1].start <= limit:
        head, first = above[-1], units[0]
        units = [_Unit(head.start, first.end, first.strong, head.spans + first.spans), *units[1:]]
        above = above[:-1]
    return [*above, *units]


def _packed(units: list[_Unit], limit: int) -> Iterator[list[_Unit]]:
    """Cut a paragraph into as few pieces as fit, about equally long, best at full stops."""
    first, last_end = 0, units[-1].end
    while first < len(units):
        begin = units[first].start
        rest = last_end - begin
        if rest <= limit:
            yield units[first:]
            return
        target = rest / -(-rest // limit)
        best, cost = first, float("inf")
        for number in range(first, len(units)):
            size = units[number].end - begin
            if size > limit:
                break
            here = abs(size - target) + (0 if units[number].strong else 40)
            if here < cost:
                best, cost = number, here
        yield units[first : best + 1]
        first = best + 1


def _merged(pieces: Iterator[_Piece], settings: PassageSettings) -> Iterator[_Piece]:
    """Short neighbours of one section put together, as far as they fit."""
    last: _Piece | None = None
    for piece in pieces:
        if last and last.section == piece.section:
            short = last.end - last.start < settings.min_chars or last.opens
            short |= piece.end - piece.start < settings.min_chars and not piece.opens
            if short and piece.end - last.start <= settings.max_chars:
                lead = last.lead if last.lead == piece.lead else ""
                heading = last.heading or piece.heading
                units = last.units + piece.units
                last = _Piece(units, piece.section, heading, lead, piece.opens)
                continue
        if last:
            yield last
        last = piece
    if last:
        yield last
