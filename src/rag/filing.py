"""A report and what lies beside it, as one thing on disk: its state, its moves, its trash.

The file beside goes first when a report comes and when it leaves, so that nobody reads a
report at its place without its facts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from rag.errors import CollectionError
from rag.front_matter import side_of

REMOVED = ".removed"  # hidden folders are no part of the corpus
State = tuple[tuple[int, int, int], ...]


def state(path: Path) -> State:
    """What changes whenever a report or what lies beside it does. Raises OSError."""
    found = [path.stat()]
    side = side_of(path)
    if side is not None:
        with suppress(OSError):
            found.append(side.lstat())
    return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in found)


def bin_for(folder: Path, inside: Path) -> tuple[str, Path]:
    """A new place in the trash for a file of this path inside the folder, and its token."""
    token = f"{time.strftime('%Y%m%d-%H%M%S')}-{os.urandom(4).hex()}"
    kept = folder / REMOVED / token / inside
    kept.parent.mkdir(parents=True)
    return token, kept


def move(path: Path, target: Path) -> None:
    """Move a report and what lies beside it; both or, on an OSError, neither."""
    side, there = side_of(path), side_of(target)
    if side is None or there is None or not os.path.lexists(side):
        path.replace(target)
        return
    side.replace(there)
    try:
        path.replace(target)
    except OSError:
        there.replace(side)
        raise


def place(path: Path, target: Path, folder: Path) -> None:
    """Give a complete report its name at once; a report that is there stays.

    Facts that lie at its place without a report are another's: they go to the trash of
    `folder`. Raises CollectionError.
    """
    with told(f"“{target.name}”写不进报告文件夹"):
        target.touch(exist_ok=False)  # the name is ours from here on
        try:
            left = side_of(target)
            if left is not None and os.path.lexists(left):
                left.replace(bin_for(folder, left.relative_to(folder))[1])
            move(path, target)
        except OSError:
            target.unlink()
            raise


@contextmanager
def told(what: str) -> Iterator[None]:
    """What the disk refuses, as a sentence."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise CollectionError(f"{what}（{why}），请检查权限和磁盘空间。") from error
