"""Files → Documents: formats, encodings, front matter, one normalisation, line repair.

Text is normalised here once and never again: newlines, no control or invisible format
characters, NFC (not NFKC: what is quoted must look as it was printed), one paragraph per
line. A file that cannot be read is named in `Corpus.skipped`; it never stops the others.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from rag import word
from rag.dates import iso_date, stated_date
from rag.errors import CorpusError, UnreadableError
from rag.front_matter import beside, is_beside, stated
from rag.repair import clean, is_complete, paragraphs
from rag.types import Document, Span

SUFFIXES = (".txt", ".md", ".docx")
MAX_BYTES = 20 * 1024 * 1024
_NOT_REPORTS = frozenset({"readme", "sources"})  # notes about the folder
NO_SOURCE = "未注明来源"
_KINDS = "、".join(SUFFIXES) + " "


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read: its path inside the folder and the reason, in Chinese."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Corpus:
    """The readable reports, sorted by doc_id; what was skipped; see `corpus_digest`."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    digest: str


def read_corpus(folder: str | Path) -> Corpus:
    """Read every report below `folder`, except hidden files, README and SOURCES.

    Symbolic links that lead out of the folder are ignored. Raises CorpusError when there
    is nothing to read.
    """
    root = _root(folder)
    documents: dict[str, Document] = {}
    names: dict[str, str] = {}
    skipped: list[Skipped] = []
    digest = hashlib.sha256()
    for path in _report_paths(root, skipped):
        name = _name(path.relative_to(root))
        doc_id = id_of(name)
        try:
            raw, side = _bytes(path), beside(path)
            digest.update(_digest_line(name, raw + side))
            if doc_id in documents:
                raise UnreadableError(same_name(names[doc_id]))
            documents[doc_id] = _document(raw, side, path.suffix, doc_id)
            names[doc_id] = name
        except UnreadableError as error:
            skipped.append(Skipped(name, str(error)))
    if not documents:
        named = "；".join(f"{s.name}：{s.reason}" for s in skipped[:3])
        why = f"（{named}）" if named else ""
        raise CorpusError(f"文件夹“{folder}”里没有可读的报告{why}，请放入 {_KINDS}文件。")
    ordered = tuple(documents[doc_id] for doc_id in sorted(documents))
    return Corpus(ordered, tuple(skipped), digest.hexdigest())


def corpus_digest(folder: str | Path) -> str:
    """The digest of `read_corpus`, at the price of reading the bytes: nothing is parsed.

    It is over the names and bytes of all files of these kinds and what lies beside
    them, those that would be skipped for what they hold included. Raises CorpusError when there is no folder.
    """
    digest = hashlib.sha256()
    for name, path in report_files(folder):
        with contextlib.suppress(UnreadableError):
            digest.update(_digest_line(name, _bytes(path) + beside(path)))
    return digest.hexdigest()


def _digest_line(name: str, raw: bytes) -> bytes:
    return f"{name}\0{hashlib.sha256(raw).hexdigest()}\n".encode()


def _root(folder: str | Path) -> Path:
    root = Path(folder)
    with contextlib.suppress(OSError):  # a name too long, a closed folder above
        if root.is_dir():
            return root
    raise CorpusError(f"找不到报告文件夹“{folder}”，请检查路径，或新建它并放入 {_KINDS}文件。")


def read_document(path: str | Path) -> Document:
    """Read one report; its doc_id is the file name without ending.

    Raises CorpusError with the reason when it cannot be read.
    """
    path = Path(path)
    read = read_report(path, _name(Path(path.name)))
    if isinstance(read, Skipped):
        raise CorpusError(f"无法读取报告“{path.name}”：{read.reason}。")
    return read


def report_files(folder: str | Path) -> list[tuple[str, Path]]:
    """(name inside the folder, path) of the files of `read_corpus`. Raises CorpusError."""
    root = _root(folder)
    return [(_name(p.relative_to(root)), p) for p in _report_paths(root, [])]


def read_report(path: Path, name: str) -> Document | Skipped:
    """One file of the folder by its name inside it, or why it cannot be read."""
    try:
        return _document(_bytes(path), beside(path), path.suffix, id_of(name))
    except UnreadableError as error:
        return Skipped(name, str(error))


def id_of(name: str) -> str:
    """The doc_id of a file by its name inside the folder: the name without its ending."""
    return Path(name).with_suffix("").as_posix()


def _name(path: Path) -> str:
    """The path as text, also where the file system's bytes are no UTF-8."""
    return clean(os.fsencode(path.as_posix()).decode("utf-8", "replace"))


def _report_paths(root: Path, skipped: list[Skipped]) -> list[Path]:
    def refused(error: OSError) -> None:
        folder = Path(error.filename or root)
        skipped.append(Skipped(_name(folder.relative_to(root)), f"无法打开（{error.strerror}）"))

    inside = root.resolve()
    found: list[Path] = []
    for folder, subfolders, files in os.walk(root, onerror=refused):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in files:
            path = Path(folder, name)
            # realpath: Path.resolve raises on a link that leads to itself.
            if passed_over(name) or not Path(os.path.realpath(path)).is_relative_to(inside):
                continue
            found.append(path)
    return sorted(found)


def passed_over(name: str) -> bool:
    """Whether a file of this name is no report: hidden, a note, Word's ~$ of an open file."""
    notes = Path(name).stem.lower() in _NOT_REPORTS
    return notes or name.startswith((".", "~$")) or is_beside(name)


def has_facts(path: Path) -> bool:
    """Whether a report states anything of itself, inside or beside it."""
    try:
        return any(stated(_text(_bytes(path), path.suffix), beside(path))[0].values())
    except UnreadableError:
        return False


def _text(raw: bytes, suffix: str) -> str:
    return word.body(raw) if suffix.lower() == ".docx" else clean(_decode(raw))


def _document(raw: bytes, side: bytes, suffix: str, doc_id: str) -> Document:
    meta, body = stated(_text(raw, suffix), side)
    text, headings = paragraphs(body, markdown=suffix.lower() == ".md")
    if not text:
        raise UnreadableError("文件没有正文")
    published = iso_date(meta.get("published", "")) or stated_date(text)
    inferred = re.fullmatch(r"\d{4}", meta.get("published_inferred", ""))
    return Document(
        doc_id=doc_id,
        title=meta.get("title") or _first_title(text, headings) or Path(doc_id).name,
        text=text,
        source=meta.get("source") or NO_SOURCE,
        region="/".join(p.strip() for p in meta.get("region", "").split("/") if p.strip()),
        published=published or "unknown",
        published_inferred=inferred.group() if inferred and not published else "",
        sha256=hashlib.sha256(raw + side).hexdigest(),
        headings=headings,
    )


def unsupported(suffix: str) -> str:
    """Why files with this ending are no reports and what to do, without a full stop."""
    how = "请用 Word 或 WPS 打开，另存为 .docx 或 .txt"
    scan = "；扫描件要先识别文字" if suffix == ".pdf" else ""
    return f"暂不支持{suffix or '没有扩展名的'}文件，{how}{scan}"


def same_name(other: str) -> str:
    """The reason against a file whose name but for its ending is that of another."""
    return f"与“{other}”重名，请改名"


def _bytes(path: Path) -> bytes:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UnreadableError(unsupported(suffix))
    try:
        if not path.is_file():  # a pipe or a device would block or never end
            raise UnreadableError("不是普通文件")
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableError(f"文件超过 {MAX_BYTES // 2**20} MB，请拆分")
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"无法打开（{error.strerror or error}）") from error
    if not raw.strip():
        raise UnreadableError("文件为空")
    return raw


# --- bytes to characters ----------------------------------------------------------------


def _decode(raw: bytes) -> str:
    try:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            return _checked(raw.decode("utf-16"))
        if b"\0" in raw:
            raise UnreadableError("不是文本文件（含二进制内容）")
        return _checked(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    try:
        text = _checked(raw.decode("gb18030"))
    except UnicodeDecodeError:
        text = ""
    if not _looks_chinese(text):
        raise UnreadableError("编码无法识别或文件已损坏，请另存为 UTF-8")
    return text


def _checked(text: str) -> str:
    odd = sum(len(run) for run in re.findall(r"[\x00-\x08\x0e-\x1f\x7f]+", text))
    if odd > 2 + len(text) // 1000:
        raise UnreadableError("不是文本文件（含二进制内容）")
    return text


def _looks_chinese(text: str) -> bool:
    """Whether GB18030 was right. Damaged UTF-8 and Big5 decode too, but to rare characters.

    The first level of GB 2312 (rows up to 0xD7) holds the 3,755 characters of daily use.
    """
    han = re.findall(r"[\u3400-\u9fff\ue000-\uf8ff\U00020000-\U0003ffff]", text[:20_000])
    common = sum(b"\xb0" <= c.encode("gb2312", "replace")[:1] <= b"\xd7" for c in han)
    return bool(han) and common >= 0.45 * len(han)


def _first_title(text: str, headings: tuple[Span, ...]) -> str:
    """The first heading, unless a sentence stands above it: then it is a section's."""
    first = text.split("\n", 1)[0]
    fits = first if len(first) <= 60 and not is_complete(first) else ""
    if not headings or any(is_complete(line) for line in text[: headings[0].start].split("\n")):
        return fits
    return text[headings[0].start : headings[0].end]
