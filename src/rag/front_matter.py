"""What is said of a report: in the file before its text, or in a small file beside it.

A text file says it between two lines of ---. So may a Word file in its first paragraphs,
but nothing rewrites it there: what is said of it later lies in `NAME.docx.yaml` beside it
and counts for more.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from rag.errors import UnreadableError
from rag.repair import clean

_KEYS = ("title", "source", "region", "published", "published_inferred")
_MAX = 64 * 1024  # a longer one is no front matter; the YAML reader is slow
_INSIDE, _BESIDE = "文件开头 --- 之间的信息", "文件旁边的 .yaml 里的信息"
_STATED = re.compile(r"\s*---[ \t]*\n(.*?)(?<=\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S)
# The same on text whose line ends are still its own.
_HEAD = re.compile(
    r"\s*---[ \t]*(?:\r\n?|\n)(.*?)(?<=[\r\n])(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)", re.S
)
_MARKS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xef\xbb\xbf", "utf-8"))


def stated(text: str, side: bytes = b"") -> tuple[dict[str, str], str]:
    """What is said of a report and the text without it.

    text: cleaned. side: what lies beside the file, b"" for nothing. The facts have the
    keys title, source, region, published, published_inferred; "" where one is cleared or
    not known; none at all where nothing is said. Raises UnreadableError.
    """
    head = _STATED.match(text)
    facts: dict[str, str] = {}
    if head and len(head[1]) <= _MAX:
        data = _mapping(head[1], _INSIDE)
        if isinstance(data, dict):  # else two rules drawn with hyphens
            facts, text = {key: _value(key, data.get(key)) for key in _KEYS}, text[head.end() :]
    if side:
        data = _mapping(clean(side.decode("utf-8-sig", "replace")), _BESIDE)
        if not isinstance(data, dict):
            raise UnreadableError(f"{_BESIDE}应为“名称: 值”")
        facts |= {key: _value(key, data[key]) for key in _KEYS if key in data}
    return facts, text


def _mapping(text: str, where: str) -> dict[str, object] | str:
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: no such day
        raise UnreadableError(f"{where}不是正确的 YAML") from error
    data = {} if data is None else data
    if not isinstance(data, dict | str):
        raise UnreadableError(f"{where}应为“名称: 值”")
    return data


def _value(key: str, value: object) -> str:
    if key == "region" and isinstance(value, list):
        return "/".join(_value("", part) for part in value)
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        value = value.date()
    if not isinstance(value, str | int | float | datetime.date):
        raise UnreadableError(f"报告信息里的 {key} 应为一行文字")
    return " ".join(clean(str(value)).split())


# --- beside the file --------------------------------------------------------------------


def side_of(path: Path) -> Path | None:
    """Where facts of this file are kept beside it; None: in the file itself."""
    return path.with_name(f"{path.name}.yaml") if path.suffix.lower() == ".docx" else None


def is_beside(name: str) -> bool:
    """Whether a file name is one of `side_of`."""
    return name.lower().endswith(".docx.yaml")


def beside(path: Path) -> bytes:
    """What lies beside a file, b"" for nothing. Raises UnreadableError."""
    side = side_of(path)
    if side is None:
        return b""
    try:
        if not os.path.lexists(side):
            return b""
        if side.is_symlink() or not side.is_file():  # a link may lead out of the folder
            raise UnreadableError("旁边的 .yaml 不是普通文件")
        if side.stat().st_size > _MAX:
            raise UnreadableError(f"旁边的 .yaml 超过 {_MAX // 1024} KB")
        return side.read_bytes()
    except FileNotFoundError:  # it went meanwhile
        return b""
    except OSError as error:
        raise UnreadableError(f"旁边的 .yaml 无法打开（{error.strerror or error}）") from error


def side_bytes(facts: Mapping[str, str]) -> bytes:
    """What to keep beside a file. A cleared fact stays, else the file's own would show again."""
    data = {key: _plain(key, value) for key, value in facts.items()}
    return _dumped(data).encode()


def _dumped(data: Mapping[str, object]) -> str:
    # One line a fact, in the order given, Chinese as it is.
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=10**9)


# --- in the file ------------------------------------------------------------------------


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
        head = f"---\n{_dumped(data)}---\n" + ("" if end else "\n")
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
