"""Chinese sentences with exact offsets.

A sentence ends at 。！？ and also at ；, because these reports chain facts by semicolons. It
never ends inside a short pair of quotation marks, brackets or 《》, nor inside a number or a
web address. A line end always ends it. One pass: time grows with the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

_LONG_QUOTE = 120  # characters; in a longer quotation the sentences inside count
_PAIRS = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", "〈": "〉", "【": "】", "[": "]"}
_PAIRS |= {"（": "）", "(": ")"}
_SAME = {"）": ")"}  # the two widths of a bracket are often mixed
_CLOSERS = '”’」』》〉】])）"'
_QUOTE_CLOSERS = '”’」』")）'  # 《谁是最可爱的人？》 is a title: its mark ends no sentence
_FULL_STOPS = "。！？!?｡…"
_END_MARKS = _FULL_STOPS + "；;."
_MARK = re.compile(
    r"[“”‘’「」『』《》〈〉【】\[\]（）()\"。！？!?｡；;…]|(?<=[a-z)])\.(?=\s+[A-Z\u4e00-\u9fff])"
)
_RUN = re.compile(r"[。！？!?｡；;…]*[”’」』》〉】\])）\"]*")
_GOES_ON = re.compile(r"[的地得等、，,。；;：:！？!?）)》〉”’」』】与和及之…]")


class Sentence(NamedTuple):
    """Half-open offsets; `strong`: ends at a full stop or a line end, not only at ；."""

    start: int
    end: int
    strong: bool


def sentences(text: str) -> list[tuple[int, int]]:
    """Half-open offsets of the sentences of `text`, without white space around them.

    Together they cover every non-blank character.
    """
    return [(s, e) for start, end in lines(text) for s, e, _ in line_sentences(text, start, end)]


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the lines that are not blank, without white space around them."""
    for match in re.finditer(r"[^\n]+", text):
        line = match[0].rstrip()
        start = match.start() + len(line) - len(line.lstrip())
        if line.strip():
            yield start, match.start() + len(line)


def line_sentences(text: str, start: int, end: int) -> list[Sentence]:
    """The sentences of the one line text[start:end]."""
    line = text[start:end]
    marks = list(_MARK.finditer(line))
    pairs = _pairs(line, marks)
    found: list[tuple[int, int, bool]] = []
    begin = opened = 0
    guard = done = -1
    for match in marks:
        at, mark = match.start(), match[0]
        if at < done or at < guard:
            continue
        if at in pairs:
            if pairs[at] - at <= _LONG_QUOTE:
                opened, guard = at, pairs[at]
            continue
        if at == guard:
            stop = at + 1 if _quote_ends(line, begin, opened, at) else -1
        else:
            stop = _stop(line, at) if mark in _END_MARKS else -1
        if stop > 0:
            found.append((begin, stop, set(line[at:stop]).isdisjoint("；;") or at == guard))
            begin = done = stop
    found.append((begin, len(line), True))
    return [
        Sentence(start + e - len(line[s:e].lstrip()), start + s + len(line[s:e].rstrip()), strong)
        for s, e, strong in found
        if line[s:e].strip()
    ]


def _pairs(line: str, marks: list[re.Match[str]]) -> dict[int, int]:
    """Opening offset → closing offset of the marks that match, straight quotes by turns."""
    pairs: dict[int, int] = {}
    stack: list[tuple[int, str]] = []
    straight = [m.start() for m in marks if m[0] == '"']
    if len(straight) % 2 == 0:
        pairs.update(zip(straight[::2], straight[1::2], strict=True))
    for match in marks:
        mark = match[0]
        if mark in _PAIRS:
            closer = _PAIRS[mark]
            stack.append((match.start(), _SAME.get(closer, closer)))
        elif mark in _CLOSERS:
            wanted = _SAME.get(mark, mark)
            for depth in range(1, min(4, len(stack)) + 1):  # pass over a few left open
                if stack[-depth][1] == wanted:
                    pairs[stack[-depth][0]] = match.start()
                    del stack[-depth:]
                    break
    return pairs


def _stop(line: str, at: int) -> int:
    """Where the sentence ends that has an end mark at `at`; -1 when it goes on."""
    run = _RUN.match(line, at)
    stop = run.end() if run and run.end() > at else at + 1
    before, after = line[at - 1 : at], line[stop : stop + 1]
    if line[at] in "!?;" and (before + after).isascii() and before.isalnum() and after.isalnum():
        return -1  # a web address or an entity
    if line[at] == "…" and line[at : at + 2] != "……" and after:
        return -1  # a pause
    if line[at] == "…" and _GOES_ON.match(after):
        return -1  # "技术、资金……等"
    return stop


def _quote_ends(line: str, begin: int, opened: int, closed: int) -> bool:
    """Whether a quotation that ends in a full stop ends the sentence around it too.

    It does when it stands on its own (“……。”他说), not as a word of it (喊出“加油！”的口号).
    """
    inside = line[max(opened, closed - 4) : closed].rstrip(_CLOSERS)  # a copy of bounded size
    if line[closed] not in _QUOTE_CLOSERS or inside[-1:] not in _FULL_STOPS or not inside:
        return False
    before = line[max(begin, opened - 4) : opened].rstrip()
    after = line[closed + 1 : closed + 2]
    alone = not before or before[-1] in "：:，,。！？；;—)）"
    return alone and not (after and _GOES_ON.match(after))


# --- sentences that are too long ---------------------------------------------------------

_COMMA = re.compile(r"[，、：]|(?<!\d)[,:]|[,:](?!\d)")
_NO_LINE_START = re.compile(r"[，。、；：！？,.;:!?%％”’」』》〉）)\]】…—]")
_IN_NUMBER = re.compile(r"[0-9A-Za-z.,:%+/-]{2}|\d\S|[一二三四五六七八九十百千万亿两零点]{2}")


def fragments(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """A sentence as it is when it fits `limit`, else cut near its commas, else between words.

    Cuts fall inside a quotation, a title or a number only where nothing else is possible.
    """
    if end - start <= limit:
        yield start, end
        return
    line = text[start:end]
    shut: list[tuple[int, int]] = []  # outermost short pairs, in order
    for opening, closing in sorted(_pairs(line, list(_MARK.finditer(line))).items()):
        outermost = not shut or start + opening > shut[-1][1]
        if outermost and closing - opening <= min(limit, _LONG_QUOTE):
            shut.append((start + opening, start + closing))
    while end - start > limit:
        cut = _cut(text, start, end, limit, shut)
        yield start, start + len(text[start:cut].rstrip())
        start = cut
        while text[start].isspace():  # the line ends in something else
            start += 1
    yield start, end


def _cut(text: str, start: int, end: int, limit: int, shut: list[tuple[int, int]]) -> int:
    def torn(at: int) -> bool:
        """Whether a cut before `at` lies inside a pair."""
        number = bisect_left(shut, (at, 0)) - 1
        return number >= 0 and shut[number][0] < at <= shut[number][1]

    def bad(at: int) -> bool:
        pair = text[at - 1 : at + 1]
        together = unicodedata.combining(pair[1]) or pair[0] in _PAIRS
        return bool(together or _NO_LINE_START.match(pair[1]) or _IN_NUMBER.match(pair))

    aim = start + (end - start) // -(-(end - start) // limit)
    low, high = start + max(1, limit // 3), start + limit
    commas = [m.end() for m in _COMMA.finditer(text, low, high) if not torn(m.end())]
    if commas:
        return min(commas, key=lambda at: abs(at - aim))
    between = range(high, low - 1, -1)
    return next(
        (at for at in between if not torn(at) and not bad(at)),
        next((at for at in between if not bad(at)), high),
    )
