"""What a person hands in → what can be stored: file names, facts, what a file is."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath

from rag.corpus import NO_SOURCE, Skipped, id_of, passed_over, read_report
from rag.dates import iso_date
from rag.errors import CollectionError
from rag.repair import clean
from rag.text import squeeze

_NAME_BYTES = 180  # of the 255 most file systems allow: a number or a copy's ending still fits
_FACT_CHARS = 200
_UNSAFE = re.compile(r'[<>:"|?*]+')
_PARTS = re.compile(r"(.*?)(\.[A-Za-z0-9]{1,9})?")
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.I)
_REGION = re.compile(r".+?(?:特别行政区|自治区|自治州|自治县|地区|省|市|县|区|盟|旗)")
_NAMES = {"title": "标题", "source": "来源", "region": "地区", "published": "发布日期"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person says of a report; "" where it is not known.

    region: path from the province down; published: an ISO date or its beginning.
    """

    title: str = ""
    source: str = ""
    region: str = ""
    published: str = ""


_NOTHING = Facts()


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the folder; `reason` says why it is no report, "" when it is one.

    name: its path inside the folder. sha256: of its bytes. digest: of its text alone,
    equal for two copies of one report. inferred: see `Document.published_inferred`.
    """

    name: str
    doc_id: str
    sha256: str = ""
    digest: str = ""
    characters: int = 0
    facts: Facts = _NOTHING
    inferred: str = ""
    reason: str = ""


def read_entry(path: Path, name: str) -> Entry:
    """What a file is, by its name inside the folder."""
    read = read_report(path, name)
    if isinstance(read, Skipped):
        return Entry(name, id_of(name), reason=read.reason)
    published = "" if read.published == "unknown" else read.published
    source = "" if read.source == NO_SOURCE else read.source
    return Entry(
        name=name,
        doc_id=read.doc_id,
        sha256=read.sha256,
        digest=hashlib.sha256(squeeze(read.text).encode()).hexdigest(),
        characters=len(read.text),
        facts=Facts(read.title, source, read.region, published),
        inferred=read.published_inferred,
    )


def safe_name(name: str) -> str:
    """A file name for any text: no folder, nothing hidden, none that a system refuses.

    At most 180 bytes of UTF-8; the ending is kept, in small letters. A name that the
    reader of reports would pass over (README, ~$a.docx) gets one that it reads.
    """
    visible = "".join(c for c in clean(name) if unicodedata.category(c)[0] != "C")
    last = " ".join(_UNSAFE.sub("-", re.split(r"[/\\]", visible)[-1]).split())
    stem, ending = _PARTS.fullmatch(last.rstrip(". ")).groups("")  # type: ignore[union-attr]
    stem, ending = stem.strip(". "), ending.lower()
    if not stem or passed_over(stem + ending) or _DEVICES.fullmatch(stem):
        stem = f"报告-{stem}".rstrip("-")
    room = _NAME_BYTES - len(ending.encode())
    return stem.encode()[:room].decode("utf-8", "ignore").rstrip(". ") + ending


def numbered(name: str, taken: Container[str]) -> str:
    """The name with the first number that is free. taken: names without endings, folded."""
    path = PurePosixPath(name)
    number = 2
    while folded(f"{path.stem}-{number}") in taken:
        number += 1
    return f"{path.stem}-{number}{path.suffix}"


def folded(name: str) -> str:
    """The form in which names are compared: some systems do not tell A from a."""
    return unicodedata.normalize("NFC", name).casefold()


def usable(facts: Facts) -> Facts:
    """The facts as they are stored. Raises CollectionError, naming what cannot be used."""
    values = {}
    for field in fields(Facts):
        value = " ".join(clean(str(getattr(facts, field.name))).split())
        if len(value) > _FACT_CHARS:
            raise CollectionError(
                f"{_NAMES[field.name]}有 {len(value)} 个字，最多 {_FACT_CHARS} 个，请缩短。"
            )
        values[field.name] = value
    published = iso_date(values["published"])
    if values["published"] and not published:
        raise CollectionError(
            f"看不懂发布日期“{values['published']}”，请写成 2023-02-02、2023-02 或 2023 的样子。"
        )
    if values["source"] == NO_SOURCE:
        values["source"] = ""
    return Facts(**{**values, "region": region_path(values["region"]), "published": published})


def region_path(text: str) -> str:
    """A region as people write it → a path: 江苏省盐城市阜宁县, 江苏省 盐城市 → with slashes."""
    parts = [part for part in re.split(r"[/\uff0f\\>\uff1e、，,\s]+", text) if part]
    if len(parts) == 1:
        found = _REGION.findall(parts[0])
        parts = found if "".join(found) == parts[0] else parts
    return "/".join(parts)
