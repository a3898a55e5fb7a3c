"""corpus/ → a new generation of the index, published atomically.

A generation is written into a folder of its own, read back and checked, and
only then becomes current; whatever goes wrong before leaves the old one serving.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from rag.corpus import Corpus, corpus_digest, read_corpus
from rag.encoder import Encoder, load_encoder, load_word_vectors
from rag.errors import EncoderError, IndexStoreError, IndexWriteError
from rag.index import (
    dense_text,
    flat_index,
    lexical_text,
    load_generation,
    open_index,
    passage_to_dict,
    sentence_texts,
    serialise,
    stored_vectors,
)
from rag.lexical import LexicalIndex
from rag.manifest import (
    IndexManifest,
    publish,
    read_manifest,
    read_pointer,
    seal,
    sync,
    verify_files,
)
from rag.passages import PassageSettings, split
from rag.placed import add_places, region_rows
from rag.places import region_name
from rag.types import Passage

logger = logging.getLogger(__name__)
Progress = Callable[[int, int], None]
Floats = NDArray[np.float32]
_LOCK_SECONDS = 60
_SCRATCH = ".building-"


def build_index(
    corpus: str | Path = "corpus",
    index: str | Path = "index",
    encoder: str | None = None,
    progress: Progress | None = None,
    written: Progress | None = None,
) -> IndexManifest:
    """Read the reports, embed what is new and publish the index.

    progress: called with (texts embedded, texts in all); by default a bar is
    drawn when a person watches standard error.
    written: after that, called with (parts of the index written, parts in all).

    Raises CorpusError (nothing readable), EncoderError, IndexWriteError
    (read-only folder, disk full, another build under way). The index that was
    current before stays so on any error.
    """
    documents = read_corpus(corpus)
    model = load_encoder(encoder)
    target = Path(index)
    try:
        (target / "generations").mkdir(parents=True, exist_ok=True)
        with FileLock(target / ".lock", timeout=_LOCK_SECONDS):
            _sweep(target)
            manifest = _build(documents, target, encoder or "", model, (progress, written))
            previous = _published(target)
            publish(target, manifest.generation, Path(corpus))
            if manifest.generation != previous:
                _remove_old(target, keep={manifest.generation, previous})
            return manifest
    except Timeout as error:
        raise IndexWriteError(f"另一个程序正在重建索引 {target}，请稍后再试。") from error
    except OSError as error:
        raise IndexWriteError(
            f"索引写不进文件夹 {target}（{error.strerror or error}），请检查权限和磁盘空间后重试。"
        ) from error


def _build(
    documents: Corpus,
    target: Path,
    encoder: str,
    model: Encoder,
    hooks: tuple[Progress | None, Progress | None],
) -> IndexManifest:
    """Write, check and name a generation; it is not current yet."""
    passages = [p for document in documents.documents for p in split(document)]
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=target / "generations") as scratch:
        folder = Path(scratch) / "new"
        folder.mkdir()
        vectors = _embed(passages, target, model, hooks[0])
        _write(folder, documents, passages, vectors, hooks[1])
        about = {
            "encoder": encoder,
            "encoder_fingerprint": model.fingerprint,
            "words_fingerprint": load_word_vectors().fingerprint,
            "dimension": model.dimension,
            "passage_settings": asdict(PassageSettings()),
            "corpus_digest": documents.digest,
            "documents": len(documents.documents),
            "passages": len(passages),
            "sentences": len(sentence_texts(passages)),
            "skipped": [[s.name, s.reason] for s in documents.skipped],
        }
        folder = seal(folder, about)
        for path in (*folder.rglob("*"), folder):
            sync(path)
        manifest = read_manifest(folder)
        load_generation(folder, manifest, model)
        _move_into_place(folder, target / "generations" / folder.name)
    return manifest


def _move_into_place(folder: Path, final: Path) -> None:
    """Give a finished generation its name; an intact one of that name stays (same content)."""
    if final.exists():
        try:
            verify_files(final, read_manifest(final))
            return
        except IndexStoreError:
            logger.warning("replacing the damaged generation %s", final.name)
            final.rename(folder.with_name("damaged"))
    folder.rename(final)
    sync(final.parent)


def _published(target: Path) -> str:
    """Name of the generation that is current; "" when none is."""
    try:
        return read_pointer(target)[0].name
    except IndexStoreError:
        return ""


def _sweep(target: Path) -> None:
    """Remove what killed builds left: they held the lock that is ours now."""
    for litter in (target / "generations").glob(f"{_SCRATCH}*"):
        shutil.rmtree(litter, ignore_errors=True)


def _remove_old(target: Path, keep: Collection[str]) -> None:
    """Remove all generations but the new one and the one before: readers may be opening that."""
    for old in (target / "generations").iterdir():
        if old.name not in keep:
            shutil.rmtree(old, ignore_errors=True)


def _write(
    folder: Path,
    documents: Corpus,
    passages: Sequence[Passage],
    vectors: _Vectors,
    written: Progress | None,
) -> None:
    def tell(done: int) -> None:
        if written is not None:
            written(done, 2 * len(passages))  # once for the words, once for the terms

    tell(0)
    _write_rows(folder / "documents.jsonl", [asdict(d) for d in documents.documents])
    _write_rows(folder / "passages.jsonl", [passage_to_dict(p) for p in passages])
    (folder / "passages.faiss").write_bytes(serialise(flat_index(vectors.passages)))
    (folder / "sentences.faiss").write_bytes(serialise(flat_index(vectors.sentences)))
    np.save(folder / "norms.npy", vectors.norms)
    np.save(folder / "places.npy", vectors.places)
    owners = np.array([i for i, _ in sentence_texts(passages)], dtype=np.int32)
    np.save(folder / "sentences.npy", owners)
    texts = [lexical_text(p) for p in passages]
    words = load_word_vectors()
    ids = []
    for number, text in enumerate(texts):
        ids.append(np.unique([t[0] for t in words.tokenize(text)]).astype(np.int32))
        if number % 256 == 0:
            tell(number)
    np.save(folder / "words.npy", np.concatenate(ids))
    np.save(folder / "word_ends.npy", np.cumsum([len(row) for row in ids], dtype=np.int64))
    (folder / "bm25").mkdir()
    tell(len(passages))
    LexicalIndex(texts).save(folder / "bm25")
    tell(2 * len(passages))


def _write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in rows)
    path.write_bytes("".join(lines).encode())


class _Vectors(NamedTuple):
    """What is stored: unit rows with their places added, the norms before that, and the places."""

    passages: Floats
    sentences: Floats
    norms: Floats
    places: Floats


def _embed(
    passages: Sequence[Passage], target: Path, model: Encoder, progress: Progress | None
) -> _Vectors:
    """Vectors of passages and sentences; what the published index holds is not embedded again."""
    texts = _texts(passages)
    known = _known_vectors(target, model)
    new = [text for text in dict.fromkeys(texts) if text not in known]
    logger.info("embedding %d new of %d texts", len(new), len(texts))
    regions = region_rows(p.region for p in passages)
    names = [region_name(region) for region in regions]
    places = model.encode_documents(names)
    places[[not name for name in names]] = 0.0
    if new:
        with _Bar(progress) as report:
            fresh = model.encode_documents([text for _, text in new], progress=report)
        rows, norms = add_places(fresh, places[[regions[region] for region, _ in new]])
        known.update(zip(new, zip(rows, norms, strict=True), strict=True))
    rows = np.array([known[text][0] for text in texts], dtype=np.float32)
    rows = rows.reshape(-1, model.dimension)
    norms = np.array([known[text][1] for text in texts], dtype=np.float32)
    if not (np.isfinite(rows).all() and np.isfinite(norms).all()):
        raise EncoderError("向量模型给出了无效的数值，请换用别的模型（RAG_ENCODER）。")
    return _Vectors(rows[: len(passages)], rows[len(passages) :], norms, places)


def _texts(passages: Sequence[Passage]) -> list[tuple[str, str]]:
    """(region, text) of every passage, then of every sentence."""
    texts = [(p.region, dense_text(p)) for p in passages]
    return texts + [(passages[i].region, text) for i, text in sentence_texts(passages)]


def _known_vectors(target: Path, model: Encoder) -> dict[tuple[str, str], tuple[Floats, float]]:
    """(region, text) → vector and norm of the published index when the same encoder built it."""
    try:
        folder, _ = read_pointer(target)
        manifest = read_manifest(folder)
        if manifest.encoder_fingerprint != model.fingerprint:
            return {}
        old = load_generation(folder, manifest, model)
    except IndexStoreError:
        return {}  # damaged or absent: everything is new
    whole, parts, norms = stored_vectors(old)
    rows = np.concatenate([whole, parts])
    return dict(zip(_texts(old.passages), zip(rows, norms.tolist(), strict=True), strict=True))


class _Bar:
    """A progress bar on standard error when a person watches, unless the caller has a hook."""

    def __init__(self, progress: Progress | None) -> None:
        self._given = progress
        self._bar: Any = None

    def __enter__(self) -> Progress | None:
        if self._given is not None or not sys.stderr.isatty():
            return self._given
        from tqdm import tqdm

        self._bar = tqdm(desc="嵌入", unit="段", leave=False)
        return self._step

    def _step(self, done: int, total: int) -> None:
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def is_current(corpus: str | Path, index: str | Path, encoder: str | None = None) -> bool:
    """Whether the index can be opened and was built from just this folder as it is now.

    An index of another folder is not current even when the reports are the same:
    who opens it would be told of changes in that folder, not in this one.

    Raises CorpusError when the folder is missing, and EncoderError: a rebuild
    would fail on them as well.
    """
    digest = corpus_digest(corpus)
    try:
        here = read_pointer(Path(index))[1] == str(Path(corpus).resolve())
        return here and open_index(index, encoder, False).manifest.corpus_digest == digest
    except IndexStoreError:
        return False
