"""A chat model's reply → statements with the evidence they name. Pure functions; nothing is trusted.

The form asked for is one statement a line, ending in [S2] or [S2][S5]. What
comes instead is read where its meaning is plain (other brackets, list marks,
bold type) and left out where it is not (JSON, code, thinking aloud). Reading
a line never makes it true: every statement goes to the prover.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.places import place_names
from rag.support import coverage
from rag.text import squeeze
from rag.values import dates, figures

# Shared by the prompt, this parser and the tests: how a model says that it has no answer.
REFUSAL_LINE = "资料中没有找到可以回答这个问题的内容。"

_IDS = re.compile(
    r"[\[【(（]\s*\^?\s*(?:依据|来源|见|出处)?[:：]?\s*"
    r"(?P<ids>[Ss]?\d{1,3}(?:\s*[\]】]?\s*[,，、;；和与\-–~]?\s*[\[【]?\s*[Ss]\d{1,3})*)\s*[\]】)）]"
)
_TRAILING_IDS = re.compile(
    r"[(（]?(?:依据|来源|证据|出处)?[:：]?\s*(?P<ids>[Ss]\d{1,3}(?:[\s,，、;；和与]+[Ss]\d{1,3})*)\s*[)）]?$"
)
_LEADING_ID = re.compile(r"^[Ss](?P<ids>\d{1,3})\s*[:：]\s*")
_LIST_MARK = re.compile(r"^(?:[-*+•·>#]+\s*|\d{1,2}[.、)）](?!\d)\s*|[(（]\d{1,2}[)）]\s*)+")
_MARKS = re.compile(r"\*\*|__|`+|~~")
_BOLD_STAR = re.compile(r"(?<!\*)\*(?!\*)")
_STRUCTURE = re.compile(r'^\s*[{}<|]|^\s*\[\s*(?:[{"]|$)|"\s*:|^\s*```|^\s*\|')
_THINKING = ("<think>", "<thinking>", "<reasoning>")
_THOUGHT = re.compile(r"</(?:think|thinking|reasoning)>", re.IGNORECASE)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_HALF_WIDTH = {
    ord(c): unicodedata.normalize("NFKC", c)
    for c in map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF5B)))
}
_MIN_CHARS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A statement read from a reply; ids may be forged. refuses: it says there is no answer."""

    text: str
    ids: tuple[int, ...]
    refuses: bool = False


class Lines:
    """Cuts a stream of text pieces into complete lines; what a model thinks aloud is dropped."""

    def __init__(self) -> None:
        self._open = ""
        self._thinking = False

    @property
    def unfinished(self) -> bool:
        """Whether the reply ended while the model was still thinking."""
        return self._thinking

    def feed(self, piece: str) -> Iterator[str]:
        """Complete lines, once a piece is added."""
        self._open += piece
        while True:
            if self._thinking:
                end = _THOUGHT.search(self._open)
                if not end:
                    self._open = self._open[-16:]  # the closing mark may come in pieces
                    return
                self._open, self._thinking = self._open[end.end() :], False
            line, newline, rest = self._open.partition("\n")
            start = self._thought(line)
            if start >= 0:
                self._open, self._thinking = self._open[start:], True
                continue
            if not newline:
                return
            self._open = rest
            yield line

    def rest(self) -> str:
        """What is left when the stream ends, "" when it is a thought."""
        return "" if self._thinking else self._open

    @staticmethod
    def _thought(line: str) -> int:
        found = [line.lower().find(mark) for mark in _THINKING]
        return max(found)


def parse_line(line: str) -> Iterator[Line]:
    """The statements of one line: none, one, or several when ids stand between them."""
    plain = "".join(c for c in line if unicodedata.category(c) not in ("Cf", "Cc")).strip()
    plain = _THOUGHT.sub("", plain.translate(_HALF_WIDTH))
    if not plain or _STRUCTURE.search(plain):
        return
    plain = _BOLD_STAR.sub("", _MARKS.sub("", _LIST_MARK.sub("", plain))).strip()
    first = _LEADING_ID.match(plain)
    ahead: tuple[int, ...] = ()
    if first:
        ahead, plain = _numbers(first["ids"]), plain[first.end() :]
    yield from _segments(plain, ahead)


def _segments(plain: str, ahead: tuple[int, ...]) -> Iterator[Line]:
    text, ids = "", list(ahead)
    at = 0
    for match in _IDS.finditer(plain):
        if match["ids"].isdigit() and match[0][0] in "(（":
            continue  # (3) is no reference; [3] is one
        before = plain[at : match.start()]
        if ids and text and _CHINESE.search(before):
            yield from _line(text, ids)
            text, ids = "", []
        text += before
        ids += _numbers(match["ids"])
        at = match.end()
    tail = plain[at:]
    trailing = _TRAILING_IDS.search(tail)
    if trailing:
        ids += _numbers(trailing["ids"])
        tail = tail[: trailing.start()]
    if at and text and _CHINESE.search(tail):
        yield from _line(text, ids)
        text, ids = "", []
    yield from _line(text + tail, ids)


def _line(text: str, ids: list[int]) -> Iterator[Line]:
    clean = re.sub(r"\s+", " ", text).strip(" ，,;；、")
    clean = re.sub(r"([。！？])[。！？]+$", r"\1", clean)
    if REFUSAL_LINE.rstrip("。") in clean:
        yield Line(REFUSAL_LINE, (), refuses=True)
    elif len(_CHINESE.findall(clean)) >= _MIN_CHARS and not clean.endswith(("：", ":")):
        yield Line(clean, tuple(dict.fromkeys(ids)))


def _numbers(text: str) -> tuple[int, ...]:
    """S2, S5 → 2, 5; a range S2-S5 counts as its ends."""
    return tuple(int(n) for n in re.findall(r"\d{1,3}", unicodedata.normalize("NFKC", text)))


def plausible(rewritten: str, question: str, earlier: Sequence[str]) -> bool:
    """Whether a model's rewriting of a follow-up says the same: nothing new in it, nothing left out.

    Places, years and figures are those of the question and of the questions
    before, the question's own are all kept, and the wording comes from them.
    """
    given = "\n".join([*earlier, question])
    if not 4 <= len(rewritten) <= 200 or "\n" in rewritten:
        return False

    def named(text: str) -> set[str]:
        return {
            *place_names(text),
            *(f"{d.year}-{d.month}-{d.day}" for d in dates(text)),
            *(f"{f.value}" for f in figures(text)),
            *re.findall(r"\d+", unicodedata.normalize("NFKC", text)),
        }

    if not named(question) <= named(rewritten) <= named(given) | named(question):
        return False
    return coverage(squeeze(rewritten), given) >= 0.6
