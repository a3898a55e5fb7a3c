"""The folder on disk as a type: generations, their manifest, the pointer to the current one.

    index/
      CURRENT                  JSON: name of the published generation, the corpus folder it came from:
                               "../NAME" where it lies beside index/, so that both can be moved; else whole
      generations/<name>/
        manifest.json          format version, encoder, settings, corpus digest, size and sha256 of each file
        documents.jsonl passages.jsonl passages.faiss sentences.faiss sentences.npy norms.npy places.npy words.npy word_ends.npy bm25/…

A generation's name is taken from its contents, nothing in it depends on the
time or the machine: the same reports give the same bytes. The name seals the
manifest and the manifest the files, so that no change goes unnoticed.
Readers hold the generation they opened; a new one is published by renaming
CURRENT into place. No file is trusted before its hash is checked, none is a pickle.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
)

FORMAT_VERSION = 4
REBUILD = "请运行 rag index 重建"
_BESIDE = "../"
# What a file of JSON can raise when it is not what we wrote: no JSON, too deep, Infinity, no such key.
_NOT_OURS = (OSError, ValueError, OverflowError, RecursionError, LookupError, TypeError)


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


# How JSON holds the fields: by kind of value.
_KINDS: dict[type, tuple[str, ...]] = {
    str: ("generation", "encoder", "encoder_fingerprint", "words_fingerprint", "corpus_digest"),
    int: ("format_version", "dimension", "documents", "passages", "sentences"),
    dict: ("passage_settings", "files"),
    list: ("skipped",),
}


def file_digest(path: Path) -> tuple[int, str]:
    """(size in bytes, sha256 hex digest) of a file."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return path.stat().st_size, digest


def _files(folder: Path) -> dict[str, Path]:
    return {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file()}


def generation_name(manifest_fields: Mapping[str, Any]) -> str:
    """Name of a generation: 16 hex digits over everything else the manifest says."""
    text = json.dumps(manifest_fields, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def seal(folder: Path, about: Mapping[str, Any]) -> Path:
    """Complete a finished generation with its manifest and its name; the renamed folder.

    about: the fields of the manifest but generation, format_version and files.
    """
    files = {name: list(file_digest(path)) for name, path in _files(folder).items()}
    fields = {**about, "format_version": FORMAT_VERSION, "files": files}
    name = generation_name(fields)
    text = json.dumps({**fields, "generation": name}, sort_keys=True, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="ascii", newline="\n")
    return folder.rename(folder.with_name(name))


def read_manifest(folder: Path) -> IndexManifest:
    """Manifest of one generation.

    Raises IndexDamagedError when it is no manifest or not the one that gave the
    folder its name, IndexMismatchError when it is of another format version.
    """
    path = folder / "manifest.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        version = raw["format_version"]
        if type(version) is not int:
            raise TypeError("no version")
        if version == FORMAT_VERSION:
            return _sealed(raw, folder.name)
    except _NOT_OURS as error:
        raise IndexDamagedError(f"索引清单 {path} 已损坏，{REBUILD}。") from error
    raise IndexMismatchError(
        f"索引 {folder} 的格式版本是 {version}，本程序需要 {FORMAT_VERSION}，{REBUILD}。"
    )


def _sealed(raw: dict[str, Any], name: str) -> IndexManifest:
    fields = {key: value for key, value in raw.items() if key != "generation"}
    if not raw["generation"] == generation_name(fields) == name:
        raise ValueError("the seal is broken")
    for kind, names in _KINDS.items():
        # type, not isinstance: true is no number.
        if any(type(raw[field]) is not kind for field in names):
            raise TypeError(f"a field that is no {kind.__name__}")
    skipped = tuple((str(file), str(reason)) for file, reason in raw["skipped"])
    files = {file: (int(size), str(digest)) for file, (size, digest) in raw["files"].items()}
    return IndexManifest(**{**raw, "skipped": skipped, "files": files})


def verify_files(folder: Path, manifest: IndexManifest) -> None:
    """Compare every file of the manifest with what lies in the folder.

    Other files are left alone: they are never opened.

    Raises IndexDamagedError naming the first file that is missing or altered.
    """
    # Looked up among the files that are there: no name in a manifest leads out of the folder.
    found = _files(folder)
    for name, expected in manifest.files.items():
        if name not in found:
            raise IndexDamagedError(f"索引文件 {folder / name} 不见了，{REBUILD}。")
        try:
            size = found[name].stat().st_size  # tells most damage without reading
            intact = size == expected[0] and file_digest(found[name]) == expected
        except OSError as error:
            raise IndexDamagedError(f"索引文件 {found[name]} 读不出来，{REBUILD}。") from error
        if not intact:
            raise IndexDamagedError(f"索引文件 {found[name]} 已损坏（校验不符），{REBUILD}。")


def read_pointer(index: Path) -> tuple[Path, str]:
    """(folder of the published generation, whole path of the corpus folder it was built from).

    Raises IndexMissingError when nothing was ever published here, and
    IndexDamagedError when the pointer leads nowhere.
    """
    pointer = index / "CURRENT"
    try:
        raw = json.loads(pointer.read_text(encoding="utf-8"))
        name, corpus = raw["generation"], raw["corpus"]
        if not isinstance(corpus, str) or not re.fullmatch(r"[0-9a-f]{16}", name):
            raise ValueError("no name of a generation")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise IndexMissingError(
            f"文件夹 {index} 里还没有索引，请先运行 rag index 建立。"
        ) from error
    except _NOT_OURS as error:
        raise IndexDamagedError(f"索引指针 {pointer} 已损坏，{REBUILD}。") from error
    folder = index / "generations" / name
    if not folder.is_dir():
        raise IndexDamagedError(f"索引 {folder} 不见了，{REBUILD}。")
    if corpus.startswith(_BESIDE):
        corpus = str(index.resolve().parent / corpus.removeprefix(_BESIDE))
    return folder, corpus


def sync(path: Path) -> None:
    """Force what a file holds, or which names a folder holds, to the disk."""
    if path.is_dir() and os.name != "posix":
        return  # Windows cannot, and need not
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(index: Path, name: str, corpus: Path) -> None:
    """Make a generation the current one by a single rename."""
    partial = index / "CURRENT.part"
    corpus = corpus.resolve()
    beside = corpus.parent == index.resolve().parent
    origin = _BESIDE + corpus.name if beside else str(corpus)
    # ASCII, because a folder's name need not be Unicode.
    text = json.dumps({"generation": name, "corpus": origin}, sort_keys=True) + "\n"
    partial.write_text(text, encoding="ascii", newline="\n")
    sync(partial)
    partial.replace(index / "CURRENT")
    sync(index)
