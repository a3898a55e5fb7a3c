"""Lines of a file → clean paragraphs: one normalisation and the repair of broken lines.

Line repair. Copies from the web and from PDF break lines inside sentences and even inside
words. Two neighbouring lines A and B become one when one of these holds:

1. B begins with a mark that cannot begin a line (，。、；”）》 …), or A ends with one that
   cannot end a paragraph (，、“（《) or leaves a quotation open that B closes.
2. The file is hard-wrapped (most lines are as wide as the widest) and A is a full line:
   the first word of B would not have fitted on it.
3. A is running text without its end: no final mark, but a sentence end inside or more
   than 60 characters; and B is running text by the same measure.

Headings, list items, bylines, dates and captions are short, carry no sentence end and so
are neither A nor B of rule 3; list items, numbered heads, bylines and dates never continue
a line. Limits: a heading that breaks in the middle stays two lines; a caption inside a
sentence, or a heading glued to its paragraph, has no visible mark and must be edited by
hand; a paragraph printed without its final mark is joined to the next; in hard-wrapped
text, a full line that ends a sentence also ends the paragraph unless blank lines or
indents show where paragraphs begin.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import NamedTuple

from rag.types import Span

# Category Cf: zero-width and bidi marks, soft hyphens, tags. They are not seen, but break search.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2"
    "\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd"
    "\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]"
)
_END = re.compile(r"[。！？!?；;…：:｡.][”’」』\"》〉）)】\]*_]*$")
_CREDIT = re.compile(r"[（(【\[][^（(【\[]{0,60}[)）\]】]$")  # "…。(某办供稿)" ends as well
_INNER_END = re.compile(r"[。！？；…]|[!?;](?![\w/=&])")
_STARTS_INSIDE = re.compile(r"[，,。、；;：！？）)》〉】%％]")
_ENDS_INSIDE = re.compile(r"[，,、（(《〈“‘「『【]$")
_OWN_LINE = re.compile(  # list items, numbered heads, bylines and dates begin a line of their own
    r"[•·●◆■▪○*+>#-][ \t\u3000]|[|<]|!\[|\*\*|[—－-]{2}|[①-⑳]|\d{1,2}[.、．)）](?!\d)"
    r"|[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、"
    r"|第[一二三四五六七八九十百\d]+[章节条部编]"
    r"|(?:本报)?(?:记者|通讯员|作者|来源|编辑|责编|编审|审核|供稿|摄影|发布时间|发布日期)[\s:：][^。]{0,40}$"
    r"|\d{4}[-/.年]\d{1,2}[-/.月][^。，,]{0,20}$"
)


# Marks of whole lines. `clean` takes these characters out of every text, so none is forged.
HEADING, ROW = "\x01", "\x02"


class _Line(NamedTuple):
    text: str
    gap: int  # blank lines above
    indent: str  # beyond that of the other lines
    heading: bool  # marked as one by the file
    alone: bool  # neither continues a line nor is continued


def clean(text: str) -> str:
    """Newlines as \\n, no control or invisible characters, NFC."""
    text = re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text)
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text))


def _lines(text: str, markdown: bool) -> list[_Line]:
    lines: list[_Line] = []
    gap = 0
    for raw in text.split("\n"):
        line = raw.strip()
        if not line:
            gap += 1
            continue
        mark = re.match(r"#{1,6}[ \t]+(?=\S)", line) if markdown else None
        heading = bool(mark) or line.startswith(HEADING)
        alone = heading or line.startswith(ROW)
        if mark:
            line = re.sub(r"[ \t]+#+$", "", line[mark.end() :])
        elif alone:
            line = line[1:].strip()
        if markdown:
            line = re.sub(r"\*\*(?=\S)([^*]+)(?<=\S)\*\*", r"\1", line)
        indent = raw[: len(raw) - len(raw.lstrip())]
        lines.append(_Line(line, gap, indent, heading, alone))
        gap = 0
    margin = min((len(line.indent) for line in lines), default=0)
    return [line._replace(indent=line.indent[margin:]) for line in lines]


def paragraphs(body: str, markdown: bool) -> tuple[str, tuple[Span, ...]]:
    """The repaired text, one paragraph a line, and where the file marks a heading.

    Of Markdown, the marks of headings and of bold type are dropped; the rest is text.
    `body` has gone through `clean`; what knows its lines better may then have set HEADING
    or ROW (a row of a table) before some of them.
    """
    lines = _lines(body, markdown)
    full = _full_lines(lines)
    joined: list[list[str]] = []
    headings: list[Span] = []
    position = 0  # where the current paragraph ends
    running = False  # whether it shows that it is running text
    for number, line in enumerate(lines):
        above = lines[number - 1] if number else None
        if above and _continues(above, line, running, number - 1 in full):
            piece = glue(above.text, line.text) + line.text
            joined[-1].append(piece)
            position += len(piece)
            running = True
            continue
        joined.append([line.text])
        start = position + 1 if above else 0
        position = start + len(line.text)
        running = runs(line.text)
        if line.heading:
            headings.append(Span(start, position))
    return "\n".join("".join(pieces) for pieces in joined), tuple(headings)


def _continues(above: _Line, line: _Line, running: bool, full: bool) -> bool:
    """Whether `line` goes on where `above`, the last line of a paragraph, stops."""
    if above.alone or line.alone:
        return False
    if _STARTS_INSIDE.match(line.text):
        return True
    if full and not _OWN_LINE.match(line.text):
        return True
    complete = is_complete(above.text)
    closes = _closes(above.text, line.text)
    if closes and line.text[0] in "”」":  # else a ” typed for “
        return True
    if not complete and (closes or _ENDS_INSIDE.search(above.text)):
        return True
    if complete or _OWN_LINE.match(line.text) or line.indent:
        return False
    return running and (runs(line.text) or is_complete(line.text))


def is_complete(text: str) -> bool:
    """Whether a line ends as a sentence or an introduction does, a closing credit aside."""
    if text.startswith(("![", "<", "|")):  # a picture, a remark, a row of a table
        return True
    tail = text[-80:]
    credit = _CREDIT.search(tail)
    return bool(_END.search(tail) or (credit and _END.search(tail[: credit.start()].rstrip())))


def runs(text: str) -> bool:
    """Whether a line is running text: long, or with the end of a sentence inside."""
    return len(text) > 60 or bool(_INNER_END.search(text, 0, len(text) - 1))


def _closes(above: str, line: str) -> bool:
    """Whether `line` closes a quotation, title or bracket that `above` leaves open."""
    for opening, closing in ("“”", "《》", "（）", "()", "「」"):
        end = line.find(closing)
        if above.rfind(opening) > above.rfind(closing) and end >= 0:
            return opening not in line[:end]
    return False


def glue(above: str, line: str) -> str:
    """What stands between two lines that become one: a space between Latin words."""
    words = re.search(r"(?:[A-Za-z][,;:.)]?|[A-Za-z0-9])$", above), re.match(r"[A-Za-z0-9]", line)
    digits = above[-1].isdigit() and line[0].isdigit()
    return " " if all(words) and not digits else ""


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _full_lines(lines: list[_Line]) -> set[int]:
    """Numbers of the lines broken only because they were full; empty if not hard-wrapped.

    Width is tried in characters and in columns of a terminal.
    """
    gaps = Counter(line.gap for line in lines[1:])
    best: set[int] = set()
    ended: set[int] = set()
    if len(lines) < 3 or not any(is_complete(line.text) for line in lines):
        return best
    gap = gaps.most_common(1)[0][0]
    marked = max(gaps) > gap or any(line.indent for line in lines)
    for measure, low, high in ((len, 15, 100), (_columns, 30, 160)):
        if sum(len(line.text) for line in lines) > high * len(lines):
            continue
        sizes = [measure(line.indent + line.text) for line in lines]
        width = sorted(sizes)[-1 - len(sizes) // 20]  # a long URL or two do not count
        if not low <= width <= high:
            continue
        full = set()
        for number, below in enumerate(lines[1:]):
            word = re.match(r"(?:[!-~]+|.)[，。、；：！？”》）]*", below.text)
            room = width - sizes[number] - measure(word[0] if word else "")
            if room < 2 and below.gap == gap and not below.indent:
                full.add(number)
        # sentences set one a line may be equally long by chance, but then they are complete
        inside = {number for number in full if not is_complete(lines[number].text)}
        if len(full) >= max(2, 0.4 * len(lines)) and len(inside) > max(len(best), len(full) / 2):
            best, ended = inside, full - inside
    return best | ended if marked else best
