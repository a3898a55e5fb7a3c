"""Folding of text for comparison, with a map back to where each character stood.

Documents are quoted as they are; questions, terms and matches are compared
folded: NFKC, lower case, invisible characters dropped.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING

from rag.config import MAX_QUESTION_CHARS
from rag.errors import QuestionError

if TYPE_CHECKING:
    from opencc import OpenCC

# What is left out where the words alone are compared.
PUNCTUATION = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """NFKC, lower case, without format characters (zero width, bidi; category Cf)."""
    normal = unicodedata.normalize("NFKC", text).lower()
    if normal.isascii():
        return normal
    return "".join(c for c in normal if unicodedata.category(c) != "Cf")


def fold_with_map(text: str) -> tuple[str, list[int]]:
    """Folded text without white space, and for each of its characters the offset in `text`.

    Folding is done character by character so that the map stays exact; a
    ligature that unfolds to several characters maps them all to one offset.
    """
    out: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for folded in fold(char):
            if not folded.isspace():
                out.append(folded)
                offsets.append(offset)
    return "".join(out), offsets


def squeeze(text: str) -> str:
    """Folded text with all white space removed (the form answers are compared in)."""
    return "".join(fold(text).split())


def overlap(a: str, b: str) -> int:
    """Length of the longest run two texts share, folded, without white space."""
    return longest_run(squeeze(a), squeeze(b))


def longest_run(a: str, b: str) -> int:
    """Length of the longest run of characters two texts share; quickest where a is the shorter."""
    longest = 0
    for start in range(len(a)):
        # Looked for only where it would be longer than the longest so far.
        while start + longest < len(a) and a[start : start + longest + 1] in b:
            longest += 1
    return longest


@functools.cache
def _simplifier() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@functools.lru_cache(maxsize=20_000)
def simplify(text: str) -> str:
    """Traditional characters as simplified ones; what is searched, never what is quoted.

    Simplified text stays as it is: of 薴 the converter makes 苧, and 苎 of that.
    """
    once = str(_simplifier().convert(text))
    return once if once == text else str(_simplifier().convert(once))


def normalise_question(question: str) -> str:
    """A question as it is searched: NFKC, invisible characters dropped, simplified script.

    Case is kept (names of companies, LED); runs of white space become one space.

    Raises QuestionError when the question is blank or longer than
    MAX_QUESTION_CHARS characters.
    """
    if not isinstance(question, str):
        raise QuestionError("问题必须是文字。")
    _check_length(question)  # before any work is done on it
    normal = unicodedata.normalize("NFKC", question)
    kept = "".join(c for c in normal if unicodedata.category(c) not in ("Cf", "Cs", "Co"))
    clean = " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in kept).split())
    if not any(c.isalnum() for c in clean):
        raise QuestionError("问题是空的，请输入要查的内容。")
    _check_length(clean)  # NFKC unfolds one character to as many as eighteen
    return simplify(clean).replace("甚么", "什么")


def _check_length(question: str) -> None:
    if len(question) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"问题有 {len(question)} 个字，最多 {MAX_QUESTION_CHARS} 个字，请缩短后再问。"
        )
