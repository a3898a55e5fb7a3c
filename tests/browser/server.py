"""The web chat as a process for the browser tests: `python server.py INDEX PORT [OPTIONS]`.

It is `python -m app` with two seams: a question that starts with 测试故障 fails inside the
assistant, and one that starts with 测试慢 takes three seconds, because no real question can be
counted on to do so. With --slow-build a rebuild waits after every 256 texts, long enough for its
bar to be seen.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

import rag
from app import layout, manage, serving
from app.__main__ import main
from rag import Assistant
from rag.retrieval import Filters
from rag.types import Answer


class Trying(Assistant):
    """The real assistant, but for two questions."""

    def ask_stream(
        self,
        question: str,
        history: Sequence[tuple[str, str]] = (),
        filters: Filters | None = None,
    ) -> Generator[Answer]:
        if question.startswith("测试故障"):
            raise ZeroDivisionError("内部细节")
        if question.startswith("测试慢"):
            time.sleep(3)
        yield from super().ask_stream(question, history, filters)


class SlowRebuild(serving.Rebuild):
    """The real rebuild, at a pace that can be watched."""

    def _embedded(self, done: int, total: int) -> None:
        super()._embedded(done, total)
        time.sleep(1)


if __name__ == "__main__":
    rag.Assistant = Trying  # type: ignore[misc]
    index, port, *options = sys.argv[1:]
    if "--tiny-queue" in options:
        options.remove("--tiny-queue")
        layout.AT_ONCE = layout.QUEUE_LIMIT = 1
    if "--slow-build" in options:
        options.remove("--slow-build")
        manage.Rebuild = SlowRebuild  # type: ignore[misc]
    sys.exit(main(["--index", index, "--port", port, "--no-browser", *options]))
