"""The assistant that answers now, and the rebuild that puts a new one in its place.

Whoever answers takes the current assistant once and keeps it to the end: a question under
way finishes with the reports it began with.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.errors import RagError

if TYPE_CHECKING:
    from rag import Assistant

logger = logging.getLogger(__name__)

Current = Callable[[], "Assistant"]
UNEXPECTED = "重建时出了意外，请联系管理员看运行记录。"


class Serving:
    """Gives the current assistant when called; `swap` changes it in one step."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    def __call__(self) -> Assistant:
        return self._assistant

    def swap(self, assistant: Assistant) -> None:
        """From now on this one is given."""
        self._assistant = assistant


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild is, or how the last one ended.

    step: what is being done now, "" when nothing is. done, total: how far that is,
        (0, 0) where it cannot be told. finished: whether the last one succeeded, with what it read
        (`documents`, `passages`) and what it could not (`skipped`: file, reason).
    error: why the last one failed, "" when it did not.
    """

    step: str = ""
    done: int = 0
    total: int = 0
    finished: bool = False
    documents: int = 0
    passages: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    error: str = ""


READING, EMBEDDING, WRITING, SWAPPING = (
    "正在读取报告",
    "正在计算语义向量",
    "正在写入新索引",
    "正在检查并换上新索引",
)


class Rebuild:
    """Builds the index in the background, one build at a time."""

    def __init__(self, serving: Serving, corpus: str, index: str, encoder: str | None) -> None:
        self._serving = serving
        self._corpus, self._index, self._encoder = corpus, index, encoder
        self._lock = threading.Lock()
        self.progress = Progress()

    def start(self) -> bool:
        """False when one is under way already."""
        with self._lock:
            if self.progress.step:
                return False
            self.progress = Progress(READING)
        threading.Thread(target=self._run, daemon=True, name="rebuild").start()
        return True

    def forget(self) -> None:
        """How the last one ended is no news once the reports have changed again."""
        with self._lock:
            if not self.progress.step:
                self.progress = Progress()

    def _run(self) -> None:
        """The index that answers stays as it is until the new one has been opened."""
        from rag import Assistant, build_index

        try:
            manifest = build_index(
                self._corpus, self._index, self._encoder, self._embedded, self._written
            )
            self.progress = Progress(SWAPPING)
            # Files may have come since: they are told as not yet built, not as an error.
            fresh = Assistant.load(self._index, self._encoder, check_corpus=False)
            self._serving.swap(fresh)
        except RagError as error:
            self.progress = Progress(error=str(error))
        except Exception:
            logger.exception("the index could not be rebuilt")
            self.progress = Progress(error=UNEXPECTED)
        else:
            self.progress = Progress(
                finished=True,
                documents=manifest.documents,
                passages=manifest.passages,
                skipped=manifest.skipped,
            )

    def _embedded(self, done: int, total: int) -> None:
        self.progress = Progress(EMBEDDING, done, total)

    def _written(self, done: int, total: int) -> None:
        # All is written: what follows (checking it, opening it) is the next step.
        self.progress = Progress(WRITING, done, total) if done < total else Progress(SWAPPING)
