"""Rewrite what a file says of itself before its text; the bytes of the text stay as they are."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

import yaml

from rag.repair import clean

# As the reader of reports sees it (see corpus), but on text whose line ends are still its own.
_HEAD = re.compile(
    r"\s*---[ \t]*(?:\r\n?|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)", re.S
)
_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


def has_front_matter(raw: bytes) -> bool:
    """Whether a file states anything of itself that can be restated."""
    try:
        return bool(_parts(raw)[3])
    except ValueError:
        return False


def restate(raw: bytes, facts: Mapping[str, str]) -> bytes:
    """The file with these facts in its front matter; an empty one is taken out.

    Other facts, the encoding, the byte order mark and everything after the front
    matter are kept; comments inside it are not. Raises ValueError when the file is
    no text or its front matter no YAML.
    """
    mark, encoding, text, data, end = _parts(raw)
    for key, value in facts.items():
        if value:
            data[key] = _plain(key, value)
        else:
            data.pop(key, None)
    head = ""
    if data:
        dumped = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10**9)
        head = f"---\n{dumped}---\n" + ("" if end else "\n")
    if "\r\n" in text[: end + 1000]:
        head = head.replace("\n", "\r\n")
    body = raw[len(mark) + len(text[:end].encode(encoding)) :]
    return mark + head.encode(encoding) + body


def _parts(raw: bytes) -> tuple[bytes, str, str, dict[str, Any], int]:
    """(byte order mark, encoding, text, front matter, where it ends in the text)."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            text = raw[len(mark) :].decode(encoding)
            break
    else:
        mark, encoding = b"", "utf-8"
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            encoding = "gb18030"
            text = raw.decode(encoding)
    head = _HEAD.match(text)
    try:
        data = yaml.safe_load(clean(head[1])) if head else None
    except yaml.YAMLError as error:
        raise ValueError("the front matter is no YAML") from error
    if head and data is None:
        return mark, encoding, text, {}, head.end()
    if not head or not isinstance(data, dict):
        return mark, encoding, text, {}, 0
    return mark, encoding, text, data, head.end()


def _plain(key: str, value: str) -> object:
    """A date as YAML writes it; anything else stays a string and is quoted where it must be."""
    if key == "published" and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return datetime.date.fromisoformat(value)
    return value
