"""Let go of slow work at once.

Gradio can cancel an event, but its page then waits for the cancelled event before it sends the
next one, and a generator in the middle of a call to a chat model does not notice. So the work
runs in a thread of its own, and the event ends as soon as nobody wants its outcome.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TypeVar

T = TypeVar("T")
_LOOK_EVERY_S = 0.1


def until(unwanted: Callable[[], bool], work: Generator[T]) -> Iterator[T]:
    """The items of `work`, until `unwanted` says so; what `work` raises is raised here.

    When it is unwanted, `work` is closed in its thread, as soon as it gives its next item.
    """
    items: queue.SimpleQueue[tuple[T] | Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            with closing(work):
                for item in work:
                    items.put((item,))
                    if unwanted():
                        return
            items.put(None)
        except Exception as error:
            items.put(error)

    threading.Thread(target=run, daemon=True, name="answer").start()
    while not unwanted():
        try:
            got = items.get(timeout=_LOOK_EVERY_S)
        except queue.Empty:
            continue
        if got is None or unwanted():  # It may have become so while we waited.
            return
        if isinstance(got, Exception):
            raise got
        yield got[0]
