"""The folder on disk as a type: generations, their manifest, the pointer to the current one.

    index/
      CURRENT                  JSON: name of the published generation, the corpus folder it came from
      generations/<name>/
        manifest.json          format version, encoder, settings, corpus digest, size and sha256 of each file
        documents.jsonl passages.jsonl passages.faiss sentences.faiss sentences.npy words.npy word_ends.npy bm25/…

A generation's name is taken from its contents, nothing in it depends on the
time or the machine: the same reports give the same bytes. Readers hold the
generation they opened; a new one is published by renaming CURRENT into place.
No file is trusted before its hash is checked, none is a pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rag.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
)

FORMAT_VERSION = 1
REBUILD = "请运行 rag index 重建"


@dataclass(frozen=True, slots=True)
class IndexManifest:
    """What a generation was made of.

    encoder: name of the model, "" for the bundled one. words_fingerprint: of the
    word vectors late interaction uses, which are the bundled ones whatever the encoder.
    skipped: (file name, reason) of unread files. files: name → (bytes, sha256).
    """

    format_version: int
    generation: str
    encoder: str
    encoder_fingerprint: str
    words_fingerprint: str
    dimension: int
    passage_settings: Mapping[str, int]
    corpus_digest: str
    documents: int
    passages: int
    sentences: int
    skipped: tuple[tuple[str, str], ...]
    files: Mapping[str, tuple[int, str]]

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, one form for one content."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def file_digest(path: Path) -> tuple[int, str]:
    """(size in bytes, sha256 hex digest) of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return path.stat().st_size, digest


def digest_files(folder: Path) -> dict[str, tuple[int, str]]:
    """Size and sha256 of every file below `folder` but the manifest, by relative name."""
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    return {p.relative_to(folder).as_posix(): file_digest(p) for p in paths}


def generation_name(manifest_fields: Mapping[str, Any]) -> str:
    """Name of a generation: 16 hex digits over everything the manifest says."""
    text = json.dumps(manifest_fields, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_manifest(folder: Path) -> IndexManifest:
    """Manifest of one generation.

    Raises IndexDamagedError when it is no manifest, IndexMismatchError when it
    is of another format version.
    """
    path = folder / "manifest.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        version = raw["format_version"]
        if version == FORMAT_VERSION:
            raw["skipped"] = tuple((str(n), str(r)) for n, r in raw["skipped"])
            raw["files"] = {str(n): (int(s), str(d)) for n, (s, d) in raw["files"].items()}
            manifest = IndexManifest(**raw)
            _check_types(manifest)
            return manifest
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamagedError(f"索引清单 {path} 已损坏，{REBUILD}。") from error
    raise IndexMismatchError(
        f"索引 {folder} 的格式版本是 {version}，本程序需要 {FORMAT_VERSION}，{REBUILD}。"
    )


def _check_types(manifest: IndexManifest) -> None:
    texts = (manifest.generation, manifest.encoder, manifest.encoder_fingerprint)
    numbers = (manifest.dimension, manifest.documents, manifest.passages, manifest.sentences)
    if not all(isinstance(t, str) for t in texts) or not all(type(n) is int for n in numbers):
        raise TypeError("manifest fields of the wrong type")


def verify_files(folder: Path, manifest: IndexManifest) -> None:
    """Compare every file with the manifest.

    Raises IndexDamagedError naming the first file that is missing, altered or unexpected.
    """
    for name, expected in manifest.files.items():
        path = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or not path.is_file():
            raise IndexDamagedError(f"索引文件 {path} 不见了，{REBUILD}。")
        if path.stat().st_size != expected[0] or file_digest(path) != expected:
            raise IndexDamagedError(f"索引文件 {path} 已损坏（校验不符），{REBUILD}。")


def read_pointer(index: Path) -> tuple[Path, str]:
    """(folder of the published generation, corpus folder it was built from).

    Raises IndexMissingError when nothing was ever published here, and
    IndexDamagedError when the pointer leads nowhere.
    """
    pointer = index / "CURRENT"
    try:
        raw = json.loads(pointer.read_text(encoding="utf-8"))
        name, corpus = str(raw["generation"]), str(raw["corpus"])
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissingError(
            f"文件夹 {index} 里还没有索引，请先运行 rag index 建立。"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(f"索引指针 {pointer} 已损坏，{REBUILD}。") from error
    folder = index / "generations" / name
    if not name.isalnum() or not folder.is_dir():
        raise IndexDamagedError(f"索引 {folder} 不见了，{REBUILD}。")
    return folder, corpus


def write_durably(path: Path, data: bytes) -> None:
    """Write a file and force it to the disk before returning."""
    with path.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    """Force a folder's entries to the disk, where the system can."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def publish(index: Path, name: str, corpus: str) -> None:
    """Make a generation the current one by a single rename."""
    partial = index / "CURRENT.part"
    text = json.dumps({"generation": name, "corpus": corpus}, ensure_ascii=False, sort_keys=True)
    write_durably(partial, text.encode() + b"\n")
    partial.replace(index / "CURRENT")
    sync_folder(index)
