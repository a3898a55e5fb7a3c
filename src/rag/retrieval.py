"""question → Hits: FAISS and BM25 find candidates, late interaction orders them.

Every part is scaled to its own spread over the candidates (z-scores) before
the weighted sum, so that no part wins by its units. The place a question names
is a soft constraint: reports of other places stay in, far behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from numpy.typing import NDArray
from pydantic import ConfigDict, PrivateAttr

from rag.errors import QuestionError
from rag.filters import Filters
from rag.index import Index, open_index
from rag.places import Places
from rag.question import Question, analyse
from rag.text import normalise_question
from rag.types import Hit

__all__ = ["Filters", "Retriever", "Searcher", "Weights", "to_langchain"]
Floats = NDArray[np.float32]

_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the parts of a passage's score; see benchmarks/README.md for how they were set."""

    sentence: float = 0.75
    lexical: float = 0.75
    late: float = 1.5
    place: float = 16.0


class Searcher:
    """Search over one opened index. Immutable; safe to share between threads."""

    def __init__(self, index: Index, weights: Weights | None = None) -> None:
        self.index = index
        self.places = Places(index.regions)
        self._weights = weights or Weights()
        self._rows_of = {
            region: np.flatnonzero([p.region == region for p in index.passages])
            for region in index.regions
        }

        order = sorted(
            range(len(index.passages)),
            key=lambda row: (index.passages[row].doc_id, index.passages[row].start),
        )
        self._position = np.argsort(order)  # of each passage in the whole collection

    def analyse(self, question: str) -> Question:
        """Understand a question against this collection's places."""
        return analyse(question, self.places)

    def search(
        self, question: str | Question, k: int = 5, filters: Filters | None = None
    ) -> list[Hit]:
        """The k best passages, best first.

        A question that names several covered places gets passages of each in turn.

        Raises QuestionError: blank or overlong question, k not a whole number from 1,
        unknown region or report, a date that is none.
        """
        if isinstance(k, bool) or not isinstance(k, Integral) or k < 1:
            raise QuestionError(f"k 必须是不小于 1 的整数，现在是 {k}。")
        asked = self.analyse(question) if isinstance(question, str) else question
        filters = filters or Filters()
        self._check(filters)
        allowed: NDArray[np.int64] | None = None
        if filters != Filters():
            allowed = np.flatnonzero([filters.admits(p) for p in self.index.passages])
            if not len(allowed):
                return []
        parts = self._parts(asked, allowed)
        if len(asked.groups) > 1 and asked.compares:
            ordered = self._in_turn(asked, parts)
        else:
            ordered = self._order(parts, asked.regions, k)
        return [replace(hit, rank=rank) for rank, hit in enumerate(ordered[:k], start=1)]

    def by_bm25(self, question: str, k: int) -> list[Hit]:
        """BM25 alone on the question as typed: the baseline of `rag eval`."""
        return self._plain(self.index.lexical.scores(normalise_question(question)), k)

    def by_vector(self, question: str, k: int) -> list[Hit]:
        """Single vectors alone (passage and best sentence, in their places): the other baseline."""
        query = self.index.encoder.encode_queries([normalise_question(question)])[0]
        whole, sentence = self.index.dense(query, None, len(self.index.passages))
        return self._plain(0.5 * whole + sentence, k)

    def _plain(self, scores: Floats, k: int) -> list[Hit]:
        order = np.argsort(-scores, kind="stable")[:k]
        return [
            Hit(self.index.passages[i], float(scores[i]), rank)
            for rank, i in enumerate(order.tolist(), start=1)
        ]

    def _check(self, filters: Filters) -> None:
        filters.check()
        if filters.doc_id and filters.doc_id not in self.index.documents:
            raise QuestionError(f"没有编号为“{filters.doc_id}”的报告，请用 rag index 输出的编号。")
        prefix = filters.region.rstrip("/") + "/"
        if filters.region and not any((r + "/").startswith(prefix) for r in self.index.regions):
            known = "、".join(self.index.regions)
            raise QuestionError(f"资料里没有地区“{filters.region}”，现有：{known}。")

    def _parts(self, asked: Question, allowed: NDArray[np.int64] | None) -> _Parts:
        """Scores of every passage by every method; late interaction only for candidates.

        Candidates are the best of all that is allowed, and the best of each place
        named: among many reports its passages need not be among the best of all.
        """
        index, n = self.index, len(self.index.passages)
        lexical = index.lexical.scores(asked.content)
        candidates = np.zeros(n, dtype=bool)
        pools = [np.arange(n) if allowed is None else allowed]
        pools += [np.intersect1d(pools[0], self._rows_of[region]) for region in asked.regions]
        for pool in pools:
            if len(pool) <= _CANDIDATES:
                candidates[pool] = True
                continue
            # Nearest in their places: the whole question, which names one. Weighed without.
            query, everything = index.query(asked.text), len(pool) == n
            near, best = index.dense(query, None if everything else pool, _CANDIDATES)
            candidates |= (near > -1) | (best > -1)
            candidates[pool[np.argsort(-lexical[pool], kind="stable")[:_CANDIDATES]]] = True
        rows = np.flatnonzero(candidates)
        whole, sentence = index.exact(index.query(asked.content), rows)
        late = index.late_scores(asked.content, rows)
        return _Parts(rows, whole, sentence, lexical[rows], late)

    def _fused(self, parts: _Parts, regions: Sequence[str]) -> Floats:
        """One score for each candidate, shape (len(parts.rows),)."""
        w = self._weights
        total = w.sentence * _standard(parts.sentence)
        total += w.lexical * _standard(parts.lexical) + w.late * _standard(parts.late)
        if regions:
            meant = np.zeros(len(self.index.passages), dtype=np.float32)
            for region in regions:
                meant[self._rows_of[region]] = 1.0
            total += w.place * meant[parts.rows]
        return np.asarray(total, dtype=np.float32)

    def _in_turn(self, asked: Question, parts: _Parts) -> list[Hit]:
        """Best of each named place, then second best of each, and so on."""
        lists = [
            [hit for hit in self._order(parts, regions) if hit.passage.region in regions]
            for _, regions in asked.groups
        ]
        turns = max(map(len, lists))
        mixed = [hits[i] for i in range(turns) for hits in lists if i < len(hits)]
        unique: dict[tuple[str, int], Hit] = {}
        for hit in mixed:
            unique.setdefault((hit.passage.doc_id, hit.passage.start), hit)
        return list(unique.values())

    def _order(self, parts: _Parts, regions: Sequence[str], k: int | None = None) -> list[Hit]:
        """The k best of the candidates, or all."""
        passages, fused = self.index.passages, self._fused(parts, regions)
        # Ties go by position, so that results never depend on hash order.
        best = np.lexsort((self._position[parts.rows], -fused))[:k]
        return [
            Hit(
                passages[parts.rows[at]],
                float(fused[at]),
                rank,
                dense=float(max(parts.whole[at], parts.sentence[at])),
                lexical=float(parts.lexical[at]),
                late=float(parts.late[at]),
            )
            for rank, at in enumerate(best.tolist(), start=1)
        ]


@dataclass(frozen=True, slots=True)
class _Parts:
    """Candidates (rows: passage numbers, ascending) and their scores, shape (len(rows),) each."""

    rows: NDArray[np.int64]
    whole: Floats
    sentence: Floats
    lexical: Floats
    late: Floats


def _standard(values: Floats) -> Floats:
    """z-scores; zeros where all values are alike."""
    spread = float(values.std())
    if spread < 1e-9:
        return np.zeros_like(values)
    return np.asarray((values - values.mean()) / spread, dtype=np.float32)


class Retriever(BaseRetriever):
    """The search as a LangChain retriever.

    `search` returns Hits; `invoke` returns LangChain Documents whose metadata
    holds doc_id, title, source, region, published, start, end, score and rank.
    """

    # forbid: a misspelt filter that is dropped searches everything.
    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    k: int = 5
    region: str = ""
    doc_id: str = ""
    published_from: str = ""
    published_to: str = ""
    _searcher: Searcher = PrivateAttr()

    def __init__(self, searcher: Searcher, **settings: Any) -> None:
        super().__init__(**settings)
        self._searcher = searcher

    @classmethod
    def load(cls, index: str = "index", encoder: str | None = None, **settings: Any) -> Retriever:
        """Open an index folder. Raises IndexStoreError with the command that mends it."""
        return cls(Searcher(open_index(index, encoder)), **settings)

    @property
    def searcher(self) -> Searcher:
        """The search behind the retriever."""
        return self._searcher

    def search(
        self,
        question: str,
        k: int | None = None,
        *,
        region: str | None = None,
        doc_id: str | None = None,
        published_from: str | None = None,
        published_to: str | None = None,
    ) -> list[Hit]:
        """The k best passages for a question, best first.

        region: region path or its beginning; published_from, published_to: ISO
        dates, months or years, both included. Filters not given are the retriever's own.

        Raises QuestionError: see `Searcher.search`.
        """
        filters = Filters(
            self.region if region is None else region,
            self.doc_id if doc_id is None else doc_id,
            self.published_from if published_from is None else published_from,
            self.published_to if published_to is None else published_to,
        )
        return self._searcher.search(question, self.k if k is None else k, filters)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, **options: Any
    ) -> list[LangChainDocument]:
        return [to_langchain(hit) for hit in self.search(query, **options)]


def to_langchain(hit: Hit) -> LangChainDocument:
    """A hit as a LangChain Document."""
    p = hit.passage
    return LangChainDocument(
        page_content=p.text,
        metadata={
            "doc_id": p.doc_id, "title": p.title, "source": p.source, "region": p.region,
            "published": p.published, "heading": p.heading, "start": p.start, "end": p.end,
            "score": hit.score, "rank": hit.rank,
        },
    )  # fmt: skip
