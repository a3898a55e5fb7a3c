"""Word files (.docx) → their text as a reader of the printed page sees it.

The package is read as a stream and not through python-docx: that unpacks every part
(pictures, macros) before it can be asked anything, and leaves out the text of content
controls and of accepted insertions.

Left out: headers, footers, comments, foot- and endnotes, what tracked changes delete,
hidden text, tables of contents, formulas (3/4 would become 34), and the numbers that
Word itself gives to paragraphs. Core properties are not read: the title is mostly that
of a template, and the dates are those of the file, not of the report.

A row of a table is a line, its cells joined by "、": white space does not count when a
quotation is compared with an answer, so that by a space cells 12 and 34 would prove 1234.
A row of one cell is a frame around paragraphs and stays paragraphs.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from rag.errors import UnreadableError
from rag.repair import HEADING, ROW, clean, glue, runs

MAX_XML = 32 * 1024 * 1024  # bytes of one part, unpacked; 20 MB of zip can hold 20 GB
_CHUNK = 1024 * 1024  # expat begins a token anew with each chunk: small ones take squared time
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"  # said twice
_NOT_SEEN = frozenset({"del", "moveFrom", "rt"})  # rt: the reading above a character
_SPACES = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_HEADINGS = re.compile(r"(?:heading|标题)\s*\d?|title")
_CONTENTS = re.compile(r"(?:toc|目录)\s*(?:\d|heading|标题)")
_NO_WORD = "不是 Word 文件（.docx）"
_SAVE_AGAIN = f"{_NO_WORD}，请用 Word 或 WPS 另存为 .docx"
_BROKEN = "Word 文件已损坏，请用 Word 或 WPS 打开，重新另存为 .docx"


def body(raw: bytes) -> str:
    """The text, cleaned, a blank line between paragraphs; marked as `paragraphs` reads it.

    Raises UnreadableError when it is no Word file, has a password, is damaged or too large.
    """
    if raw.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise UnreadableError("Word 文件有密码，请去掉密码后另存")
        raise UnreadableError("是旧版 Word 文件（.doc），请用 Word 或 WPS 另存为 .docx")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            main = _related(package, "", "officeDocument")
            if not main:
                raise UnreadableError(_SAVE_AGAIN)
            styles = _Styles()
            path = _related(package, main, "styles")
            if path:
                _parse(package, path, styles)
            text = _Text(styles.kinds())
            _parse(package, main, text)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise UnreadableError(f"{_NO_WORD}或已损坏，请用 Word 或 WPS 打开，重新另存") from error
    except (ET.ParseError, LookupError, ValueError, NotImplementedError, RuntimeError) as error:
        raise UnreadableError(_BROKEN) from error
    if not text.is_word:
        raise UnreadableError(_SAVE_AGAIN)
    return "\n\n".join(block.line() for block in text.blocks)


# --- the package ------------------------------------------------------------------------


def _parse(package: zipfile.ZipFile, path: str, target: _Part) -> None:
    """Feed a part to `target`; a part that is not there is an empty one."""
    try:
        info = package.getinfo(path)
    except KeyError:
        return
    if info.flag_bits & 1:
        raise UnreadableError("Word 文件有密码，请去掉密码后另存")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UnreadableError(_BROKEN)
    parser = ET.XMLParser(target=target)  # noqa: S314  no DTD is let in (_Part.doctype)
    read = 0
    with package.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            read += len(chunk)  # what the package says of its sizes may be untrue
            if read > MAX_XML:
                raise UnreadableError(f"Word 文件的正文解开后超过 {MAX_XML // 2**20} MB，请拆分")
            parser.feed(chunk)
    parser.close()


def _related(package: zipfile.ZipFile, source: str, kind: str) -> str:
    """The part that `source` ("" for the package) names as its `kind`, or ""."""
    folder, name = posixpath.split(source)
    links = _Links(kind)
    _parse(package, posixpath.join(folder, "_rels", f"{name}.rels"), links)
    return posixpath.normpath(posixpath.join("/", folder, links.found))[1:] if links.found else ""


class _Part:
    """What every part has in common: it brings no document type, so no entities either."""

    def start(self, tag: str, attrs: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def doctype(self, *_: object) -> None:
        raise UnreadableError("Word 文件含有不允许的 XML 声明（DOCTYPE），没有读取")


class _Links(_Part):
    def __init__(self, kind: str) -> None:
        self.kind, self.found = kind, ""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        wanted = attrs.get("Type", "").endswith(f"/{self.kind}")
        if wanted and attrs.get("TargetMode") != "External":
            self.found = self.found or attrs.get("Target", "")


class _Styles(_Part):
    """The names of the styles and what they are made from."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, str]] = {}
        self._id = self._name = self._base = ""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = _local(tag)
        if name == "style":
            self._id, self._name, self._base = _value(attrs, "styleId"), "", ""
        elif name == "name":
            self._name = _value(attrs, "val")
        elif name == "basedOn":
            self._base = _value(attrs, "val")

    def end(self, tag: str) -> None:
        if _local(tag) == "style":
            self.known[self._id] = self._name, self._base

    def kinds(self) -> dict[str, str]:
        """styleId → "heading" or "contents", for the styles that are either."""
        found = {one: self._kind(one) for one in self.known}
        return {one: kind for one, kind in found.items() if kind}

    def _kind(self, style: str) -> str:
        for _ in range(10):  # styles of a crooked file may be made from each other
            name, base = self.known.get(style, (style, ""))
            if _CONTENTS.fullmatch(name.casefold()):
                return "contents"
            if _HEADINGS.fullmatch(name.casefold()):
                return "heading"
            style = base
        return ""


def _local(tag: str) -> str:
    """The name of an element of Word, "" for those of other vocabularies."""
    return tag.rpartition("}")[2] if tag.startswith(_WORD) else ""


def _value(attrs: Mapping[str, str], name: str) -> str:
    return next((attrs[space + name] for space in _WORD if space + name in attrs), "")


# --- the text ---------------------------------------------------------------------------


@dataclass(slots=True)
class _Block:
    """A paragraph or a row of a table."""

    pieces: list[str] = field(default_factory=list)
    kind: str = ""  # heading, row, contents
    goes_on: bool = False  # its end is deleted: the next paragraph continues it

    def line(self) -> str:
        text = clean("".join(self.pieces))
        if self.kind == "row":
            return ROW + " ".join(text.split())
        if self.kind != "heading":
            return text
        head = ""
        for line in filter(None, (" ".join(line.split()) for line in text.split("\n"))):
            head += glue(head, line) + line if head else line  # one heading set in two lines
        return HEADING + head if head and not runs(head) else text


class _Text(_Part):
    """Gathers the blocks of the body while its XML goes by."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.blocks: list[_Block] = []
        self.is_word = False
        self._kinds = kinds
        self._open: list[str] = []
        self._unseen = 0  # how deep inside what is not seen
        self._hidden = False  # the run is
        self._paragraphs: list[_Block] = []  # one inside the other: text boxes
        self._within = [self.blocks]  # the body and the cells inside each other
        self._rows: list[list[list[_Block]]] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = _local(tag)
        if self._unseen or tag == _FALLBACK or name in _NOT_SEEN or name.endswith("Change"):
            if name == "del" and self._open[-2:] == ["pPr", "rPr"] and self._paragraphs:
                self._paragraphs[-1].goes_on = True
            self._unseen += 1
            return
        self._open.append(name)
        if name == "document":
            self.is_word = True
        elif name == "p":
            self._begin()
        elif name == "tr":
            self._rows.append([])
        elif name == "tc" and self._rows:
            self._within.append([])
        elif name == "r":
            self._hidden = False
        elif name == "vanish" and self._open[-3:-1] == ["r", "rPr"]:
            self._hidden = _value(attrs, "val") not in ("0", "false", "off")
        elif name == "pStyle" and self._paragraphs:
            self._paragraphs[-1].kind = self._kinds.get(_value(attrs, "val"), "")
        elif name in _SPACES and self._open[-2:-1] == ["r"]:  # not the stops of a w:tabs
            self._say(_SPACES[name])

    def data(self, text: str) -> None:
        if self._open and self._open[-1] == "t" and not self._unseen:
            self._say(re.sub(r"[\t\n\r]", " ", text))

    def end(self, tag: str) -> None:
        if self._unseen:
            self._unseen -= 1
            return
        name = self._open.pop()
        if name == "p":
            self._finish()
        elif name == "tc" and self._rows:
            self._rows[-1].append(self._within.pop())
        elif name == "tr":
            self._row(self._rows.pop())

    def _say(self, text: str) -> None:
        if self._paragraphs and not self._hidden:
            self._paragraphs[-1].pieces.append(text)

    def _begin(self) -> None:
        """A paragraph stands where it begins: a text box follows what it is tied to."""
        blocks = self._within[-1]
        if not (blocks and blocks[-1].goes_on):
            blocks.append(_Block())
        blocks[-1].goes_on, blocks[-1].kind = False, ""
        self._paragraphs.append(blocks[-1])

    def _finish(self) -> None:
        block, blocks = self._paragraphs.pop(), self._within[-1]
        if block.kind == "contents":
            block.pieces.clear()
        empty = not block.pieces and not block.goes_on
        if empty and block is blocks[-1] and not (len(blocks) > 1 and blocks[-2].pieces):
            blocks.pop()  # millions of empty ones cost nothing

    def _row(self, cells: list[list[_Block]]) -> None:
        if len(cells) == 1:
            self._within[-1].extend(cells[0])
            return
        said = (" ".join("".join(b.pieces) for b in cell).split() for cell in cells)
        line = ""
        for cell in filter(None, map(" ".join, said)):
            ended = line.endswith(("。", "！", "？", "；"))  # nothing runs together there
            line += (" " if ended else "、" if line else "") + cell
        if line:
            self._within[-1].append(_Block([line], "row"))
