"""Vectors, terms and passages of one generation in memory: open, refuse what does not match, search.

The only module that knows faiss. Scores are cosines and BM25 values: higher is better.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.corpus import corpus_digest
from rag.encoder import Encoder, load_encoder, load_word_vectors
from rag.errors import CorpusError, IndexDamagedError, IndexMismatchError, IndexStaleError, RagError
from rag.lexical import LexicalIndex
from rag.manifest import REBUILD, IndexManifest, read_manifest, read_pointer, verify_files
from rag.passages import PassageSettings
from rag.placed import own_cosines, region_rows, without_places
from rag.rerank import LateInteraction, Units
from rag.text import simplify
from rag.types import Document, Passage, Span

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
_SAMPLE = 200
_REMEMBERED = 200  # questions


def context_text(passage: Passage) -> str:
    """What a passage stands under: title, place, heading. Searched, never quoted."""
    return " ".join(
        filter(None, (passage.title, passage.region.replace("/", " "), passage.heading))
    )


def dense_text(passage: Passage) -> str:
    """What is embedded for a passage beside its place: heading and text, in simplified characters."""
    return simplify(f"{passage.heading} {passage.text}".strip())


def lexical_text(passage: Passage) -> str:
    """What BM25 and late interaction see of a passage, in simplified characters."""
    return simplify(f"{context_text(passage)} {passage.text}")


def flat_index(vectors: Floats) -> Any:
    """Exact inner-product index over unit rows, shape (n, d)."""
    import faiss

    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


def serialise(index: Any) -> bytes:
    """A faiss index as bytes."""
    import faiss

    return bytes(faiss.serialize_index(index).tobytes())


def _deserialise(path: Path, rows: int, dimension: int) -> Any:
    import faiss

    try:
        index = faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8))
    except RuntimeError as error:
        raise IndexDamagedError(f"索引文件 {path} 读不出来，{REBUILD}。") from error
    if index.ntotal != rows or index.d != dimension:
        raise IndexDamagedError(f"索引文件 {path} 与清单不符，{REBUILD}。")
    return index


def passage_to_dict(passage: Passage) -> dict[str, Any]:
    """A passage as JSON-ready fields; sentences as [start, end] pairs."""
    row = asdict(passage)
    row["sentences"] = [[s.start, s.end] for s in passage.sentences]
    return row


def _passage_from_dict(row: dict[str, Any]) -> Passage:
    return Passage(**{**row, "sentences": tuple(Span(*pair) for pair in row["sentences"])})


class Index:
    """One opened generation. Immutable; safe to share between threads."""

    def __init__(self, folder: Path, manifest: IndexManifest, encoder: Encoder) -> None:
        """Load a generation whose files have been verified. Use `load_generation`."""
        import faiss

        # Two threads make a single query slower on a busy machine, not faster.
        faiss.omp_set_num_threads(1)
        self.manifest, self.encoder = manifest, encoder
        documents = [Document(**_spans(row)) for row in _rows(folder / "documents.jsonl")]
        self.documents = {document.doc_id: document for document in documents}
        self.passages = [_passage_from_dict(row) for row in _rows(folder / "passages.jsonl")]
        d = manifest.dimension
        self._passage_vectors = _deserialise(folder / "passages.faiss", manifest.passages, d)
        self._sentence_vectors = _deserialise(folder / "sentences.faiss", manifest.sentences, d)
        self._sentence_passage: NDArray[np.int32] = np.load(folder / "sentences.npy")
        self._places: Floats = np.load(folder / "places.npy")
        regions = region_rows(p.region for p in self.passages)
        self._place_of = np.array([regions[p.region] for p in self.passages], dtype=np.int64)
        norms = np.load(folder / "norms.npy")
        self._passage_norms, self._sentence_norms = np.split(norms, [manifest.passages])
        self.lexical = LexicalIndex.load(folder / "bm25")
        starts = [(p.doc_id, s.start) for p in self.passages for s in p.sentences]
        self._sentence_row = {start: row for row, start in enumerate(starts)}
        words, ends = np.load(folder / "words.npy"), np.load(folder / "word_ends.npy")
        self.words = np.split(words, ends[:-1]) if len(ends) else []
        vectors = load_word_vectors()
        frequency = np.bincount(words, minlength=len(vectors.weights)).astype(np.int32)
        self.late = LateInteraction(vectors, frequency, len(self.passages))
        # Of a question's text, remembered: its unit vector, and how each of the sample matches it.
        once = functools.lru_cache(maxsize=_REMEMBERED)
        self.query = once(lambda text: encoder.encode_queries([text])[0])
        self.sampled = once(lambda content: self._scores(content, self._sample))
        if len(self.passages) != manifest.passages or len(self.words) != manifest.passages:
            raise IndexDamagedError(f"索引 {folder} 的内容与清单不符，{REBUILD}。")

    @property
    def regions(self) -> list[str]:
        """Region paths of the collection, sorted, without repeats."""
        return sorted({d.region for d in self.documents.values() if d.region})

    def late_scores(self, content: str, rows: Ints) -> Floats:
        """Late interaction of a question with the passages `rows`, shape (len(rows),)."""
        if np.array_equal(rows, self._sample_rows):  # as in every collection that is small
            return self.sampled(content)
        return self._scores(content, Units.of([self.words[row] for row in rows]))

    def _scores(self, content: str, units: Units) -> Floats:
        return self.late.scores(self.late.question(content), units)

    @functools.cached_property
    def _sample(self) -> Units:
        """Words of at most `_SAMPLE` passages, evenly spread: what the collection is like."""
        return Units.of([self.words[row] for row in self._sample_rows])

    @functools.cached_property
    def alike(self) -> float:
        """Length of the mean of the sample's passage vectors, places aside: 1 when all are the same."""
        rows = self._sample_rows
        if not len(rows):
            return 0.0
        places = self._places[self._place_of[rows]]
        stored = self._passage_vectors.reconstruct_batch(rows)
        vectors = without_places(stored, self._passage_norms[rows], places)
        return float(np.linalg.norm(vectors.mean(axis=0)))

    @functools.cached_property
    def _sample_rows(self) -> Ints:
        n = len(self.passages)
        return np.unique(np.linspace(0, n - 1, min(n, _SAMPLE)).astype(np.int64))

    def sentence_vectors(self, sentences: Sequence[tuple[str, int]]) -> Floats:
        """Vectors without place of sentences, given by report and offset, shape (n, d)."""
        rows = np.array([self._sentence_row[sentence] for sentence in sentences])
        places = self._places[self._place_of[self._sentence_passage[rows]]]
        stored = self._sentence_vectors.reconstruct_batch(rows)
        return without_places(stored, self._sentence_norms[rows], places)

    def exact(self, query: Floats, rows: Ints) -> tuple[Floats, Floats]:
        """Cosines of the question with the passages `rows` and with the best sentence of each.

        What the texts say themselves: their places are not counted. query: unit
        vector, shape (d,). rows: passage numbers, ascending. Returns two arrays of
        shape (len(rows),); every passage has a sentence.
        """
        if not len(rows):
            return np.zeros(0, np.float32), np.zeros(0, np.float32)
        places = (self._places @ query)[self._place_of]
        whole = self._passage_vectors.reconstruct_batch(rows) @ query
        whole = own_cosines(whole, self._passage_norms[rows], places[rows])
        first = np.searchsorted(self._sentence_passage, rows, side="left")
        last = np.searchsorted(self._sentence_passage, rows, side="right")
        sentences = np.concatenate([np.arange(a, b) for a, b in zip(first, last, strict=True)])
        cosines = self._sentence_vectors.reconstruct_batch(sentences) @ query
        places = places[self._sentence_passage[sentences]]
        cosines = own_cosines(cosines, self._sentence_norms[sentences], places)
        starts = np.cumsum([0, *(last - first)[:-1]])
        return whole, np.maximum.reduceat(cosines, starts)

    def dense(self, query: Floats, candidates: Ints | None, k: int) -> tuple[Floats, Floats]:
        """Cosines of the question with passages and with each passage's best sentence, in their places.

        query: unit vector, shape (d,). candidates: passage numbers to look at, or
        None for all. Returns two arrays of shape (passages,); -1 where a passage
        was not among the k best (or not allowed).
        """
        n = len(self.passages)
        whole, best = np.full(n, -1, np.float32), np.full(n, -1, np.float32)
        allowed = None
        if candidates is not None:
            allowed = np.zeros(n, dtype=bool)
            allowed[candidates] = True
        for score, row in self._nearest(self._passage_vectors, query, k, allowed):
            whole[row] = score
        by_sentence = None if allowed is None else allowed[self._sentence_passage]
        for score, row in self._nearest(self._sentence_vectors, query, 2 * k, by_sentence):
            passage = self._sentence_passage[row]
            best[passage] = max(best[passage], score)
        return whole, best

    @staticmethod
    def _nearest(
        index: Any, query: Floats, k: int, allowed: NDArray[np.bool_] | None
    ) -> list[tuple[float, int]]:
        import faiss

        if not index.ntotal:
            return []
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(len(allowed), faiss.swig_ptr(bits))
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, rows = index.search(query[None, :], min(k, index.ntotal), params=parameters)
        return [(float(s), int(r)) for s, r in zip(scores[0], rows[0], strict=True) if r >= 0]


def _rows(path: Path) -> list[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    except ValueError as error:
        raise IndexDamagedError(f"索引文件 {path} 读不出来，{REBUILD}。") from error


def _spans(row: dict[str, Any]) -> dict[str, Any]:
    """Document fields with `headings` as spans again."""
    return {**row, "headings": tuple(Span(s["start"], s["end"]) for s in row.get("headings", []))}


def check_current(manifest: IndexManifest, corpus: str) -> None:
    """Compare an index with the corpus it came from, where that folder still exists.

    Raises IndexStaleError when reports were added, removed or edited, or the
    passage settings changed.
    """
    if dict(manifest.passage_settings) != asdict(PassageSettings()):
        raise IndexStaleError(f"段落设置已改变，索引过期，{REBUILD}。")
    try:
        changed = bool(corpus) and corpus_digest(corpus) != manifest.corpus_digest
    except CorpusError:
        return  # the folder is gone; an index may travel alone
    if changed:
        raise IndexStaleError(f"文件夹 {corpus} 里的报告有变动，索引过期，{REBUILD}。")


def open_index(index: str | Path, encoder: str | None = None, check_corpus: bool = True) -> Index:
    """Open the published generation of an index folder.

    encoder: what questions are to be embedded with; must be what built the index.

    Raises IndexMissingError, IndexDamagedError, IndexMismatchError or
    IndexStaleError, each naming the command that mends it.
    """
    folder, corpus = read_pointer(Path(index))
    manifest = read_manifest(folder)
    loaded = load_encoder(encoder)
    words = load_word_vectors().fingerprint
    if (loaded.fingerprint, words) != (manifest.encoder_fingerprint, manifest.words_fingerprint):
        model = manifest.encoder or "自带模型"
        raise IndexMismatchError(
            f"建立索引 {index} 的向量模型（{model}）与现在用的不同，{REBUILD}。"
        )
    check_current(manifest, corpus if check_corpus else "")
    return load_generation(folder, manifest, loaded)


def load_generation(folder: Path, manifest: IndexManifest, encoder: Encoder) -> Index:
    """Verify and load one generation. Raises IndexDamagedError."""
    verify_files(folder, manifest)
    try:
        return Index(folder, manifest, encoder)
    except RagError:
        raise
    except (OSError, ValueError, TypeError, KeyError, IndexError) as error:
        raise IndexDamagedError(f"索引 {folder} 读不出来，{REBUILD}。") from error


def stored_vectors(index: Index) -> tuple[Floats, Floats, Floats]:
    """Passage vectors (passages, d) and sentence vectors (sentences, d), both in their places,
    and the norms they were divided by, (passages + sentences,)."""
    whole, parts = index._passage_vectors, index._sentence_vectors
    norms = np.concatenate([index._passage_norms, index._sentence_norms])
    return whole.reconstruct_n(0, whole.ntotal), parts.reconstruct_n(0, parts.ntotal), norms


def sentence_texts(passages: Sequence[Passage]) -> list[tuple[int, str]]:
    """(number of its passage, text in simplified characters) of every sentence, in order."""
    return [(i, simplify(p.at(span))) for i, p in enumerate(passages) for span in p.sentences]
