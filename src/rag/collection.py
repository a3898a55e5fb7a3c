"""The folder of reports as a person keeps it: list, add, describe, remove, put back.

Pure file operations; the index follows when it is rebuilt. A file is named by what
`entries` lists, never by a path, so that no name leads anywhere else. Nothing is
overwritten or deleted: what is removed lies in a hidden folder inside (the reader
of reports does not look there, and a rename stays on one disk), from where it can
be put back.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from rag.corpus import (
    MAX_BYTES,
    SUFFIXES,
    has_facts,
    id_of,
    read_report,
    report_files,
    same_name,
    unsupported,
)
from rag.errors import CollectionError, NameTakenError
from rag.filing import REMOVED, State, bin_for, move, place, state, told
from rag.front_matter import restate, side_bytes, side_of
from rag.intake import Entry, Facts, folded, numbered, read_entry, safe_name, usable
from rag.manifest import sync
from rag.repair import clean
from rag.types import Document

OnTaken = Literal["refuse", "replace", "number"]

_INCOMING = ".incoming-"
_LITTER_S = 3600


@dataclass(frozen=True, slots=True)
class Removed:
    """A removed file: token names it, `name` is where it was, `at` is local time."""

    token: str
    name: str
    at: str


class Collection:
    """The reports below one folder. Safe to share between threads of one process."""

    def __init__(self, folder: str | Path) -> None:
        """Raises CorpusError when there is no folder."""
        report_files(folder)
        self.folder = Path(folder)
        for litter in self.folder.glob(f"{_INCOMING}*"):  # of programs that were killed
            with suppress(OSError):
                if time.time() - litter.stat().st_mtime > _LITTER_S and not litter.is_symlink():
                    shutil.rmtree(litter)
        self._lock = threading.RLock()
        self._known: dict[str, tuple[State, Entry]] = {}

    def entries(self) -> list[Entry]:
        """Every file, readable or not, in the order in which they are read.

        Raises CorpusError when the folder has gone.
        """
        with self._lock:
            files = report_files(self.folder)
            known: dict[str, tuple[State, Entry]] = {}
            taken: dict[str, str] = {}
            found = []
            for name, path in files:
                known[name] = self._entry(name, path)
                entry = known[name][1]
                if not entry.reason and taken.setdefault(entry.doc_id, name) != name:
                    entry = replace(entry, reason=same_name(taken[entry.doc_id]))
                found.append(entry)
            self._known = known
            return found

    def add(self, name: str, raw: bytes, on_taken: OnTaken = "refuse") -> Entry:
        """Take a file in under a safe form of its name.

        on_taken: when another report has the name and other content: refuse, replace
            it (the old one is removed as by `remove`; what was said of it is kept
            where the new file says nothing of itself), or number the new one.

        Raises CollectionError when it is no report that can be read or is there
        already, NameTakenError.
        """
        safe = safe_name(name)
        if Path(safe).suffix not in SUFFIXES:
            raise CollectionError(f"“{safe}”没有收下：{unsupported(Path(safe).suffix)}。")
        if len(raw) > MAX_BYTES:
            size = f"{len(raw) / 2**20:.1f} MB，最多 {MAX_BYTES // 2**20} MB"
            raise CollectionError(f"“{safe}”没有收下：文件有 {size}，请拆分。")
        with self._lock, self._incoming(safe) as path:
            path.write_bytes(raw)
            sync(path)
            entry = read_entry(path, safe)
            if entry.reason:
                raise CollectionError(f"“{safe}”没有收下：{entry.reason}。")
            there = self.entries()
            twin = next((e for e in there if e.digest == entry.digest), None)
            if twin is not None:
                raise CollectionError(
                    f"“{safe}”没有收下：内容与已有的“{twin.name}”相同，不必再放一份。"
                )
            other = next((e for e in there if folded(e.doc_id) == folded(entry.doc_id)), None)
            if other is not None and on_taken == "refuse":
                raise NameTakenError(f"“{safe}”没有收下：已有同名而内容不同的“{other.name}”。")
            if other is not None and on_taken == "replace":
                self._replace(path, safe, other)
            else:
                if other is not None:
                    safe = numbered(safe, {folded(e.doc_id) for e in there})
                place(path, self.folder / safe, self.folder)
            return self._listed(safe)

    def describe(self, name: str, facts: Facts, seen: str = "") -> Entry:
        """Change what is said of a report; its text stays untouched.

        seen: the sha256 of the file the change was made on; "" for whichever.

        Raises CollectionError when a fact cannot be used, the report is not there,
        cannot be read, or has been changed by somebody else meanwhile.
        """
        facts = usable(facts)
        with self._lock:
            path = self._path(name)
            entry = self._listed(name)
            if entry.reason:
                raise CollectionError(f"“{name}”读不出来（{entry.reason}），不能改它的信息。")
            if seen and seen != entry.sha256:
                raise CollectionError(f"“{name}”刚被别人改过，请看过新的内容再改。")
            self._restate(path, name, facts)
            return self._listed(name)

    def remove(self, name: str) -> Removed:
        """Take a file out of the folder; it is kept and can be put back."""
        with self._lock:
            path = self._path(name)
            with told(f"“{name}”没能移除"):
                token, kept = bin_for(self.folder, path.relative_to(self.folder))
                move(path, kept)
            return next(r for r in self.removed() if r.token == token)

    def removed(self) -> list[Removed]:
        """What can be put back, the last removed first."""
        bin_ = self.folder / REMOVED
        if bin_.is_symlink() or not bin_.is_dir():
            return []
        found = []
        for folder in sorted(bin_.iterdir(), reverse=True):
            match = re.fullmatch(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)\d\d-[0-9a-f]{8}", folder.name)
            files = report_files(folder) if match and not folder.is_symlink() else []
            if match and files:
                at = "{}-{}-{} {}:{}".format(*match.groups())
                found.append(Removed(folder.name, files[0][0], at))
        return found

    def put_back(self, token: str) -> Entry:
        """Undo `remove`. Raises CollectionError when its name is taken by now."""
        with self._lock:
            one = next((r for r in self.removed() if r.token == token), None)
            if one is None:
                raise CollectionError("这份移除的文件已经不在了。")
            folder = self.folder / REMOVED / token
            _, path = report_files(folder)[0]
            _, entry = self._entry(one.name, path)
            digest = entry.digest
            for there in self.entries():
                if folded(there.doc_id) == folded(id_of(one.name)):
                    raise NameTakenError(f"“{one.name}”没能放回：已有同名的报告。")
                if digest and there.digest == digest:
                    raise CollectionError(f"“{one.name}”没能放回：内容与“{there.name}”相同。")
            target = self.folder / path.relative_to(folder)
            with told(f"“{one.name}”没能放回"):
                target.parent.mkdir(parents=True, exist_ok=True)
            place(path, target, self.folder)
            shutil.rmtree(folder, ignore_errors=True)
            return self._listed(one.name)

    # ---- one file ----

    def _entry(self, name: str, path: Path) -> tuple[State, Entry]:
        """The file as it is now; what is known already is not read again."""
        try:
            now = state(path)
        except OSError:  # it went while the folder was being read
            return (), Entry(name, id_of(name), reason="文件不见了")
        if name in self._known and self._known[name][0] == now:
            return self._known[name]
        return now, read_entry(path, name)

    def _listed(self, name: str) -> Entry:
        for entry in self.entries():
            if entry.name == name:
                return entry
        raise _gone(name)

    def _path(self, name: str) -> Path:
        """The file that is listed by this name. Raises CollectionError."""
        path = dict(report_files(self.folder)).get(name)
        if path is None:
            raise _gone(name)
        if path.is_symlink():
            raise CollectionError(f"“{name}”只是一个链接，请在文件夹里修改它指向的文件。")
        return path

    def _restate(self, path: Path, name: str, facts: Facts) -> None:
        """Store these facts in or beside a file once its text is proved to stay. CollectionError."""
        side = side_of(path)
        before = read_report(path, name)
        refused = f"“{name}”开头的信息改不了，请在文件里改。"
        with self._incoming(path.name) as trial, told(f"“{name}”的信息没能写下来"):
            try:
                raw = restate(path.read_bytes(), asdict(facts)) if side is None else b""
            except ValueError as error:
                raise CollectionError(refused) from error
            fresh = side_of(trial) or trial
            if side is not None:
                shutil.copyfile(path, trial)
                raw = side_bytes(asdict(facts))
            fresh.write_bytes(raw)
            after = read_report(trial, name)
            if not (isinstance(before, Document) and isinstance(after, Document)) or (
                after.text != before.text or any(v and v != w for v, w in _pairs(facts, after))
            ):
                raise CollectionError(refused)
            sync(fresh)
            shutil.copymode(path, fresh)
            fresh.replace(side or path)

    @contextmanager
    def _incoming(self, name: str) -> Iterator[Path]:
        """Where to write a file before it is known to be good: never read as a report."""
        with (
            told(f"“{name}”写不进报告文件夹"),
            tempfile.TemporaryDirectory(prefix=_INCOMING, dir=self.folder) as folder,
        ):
            yield Path(folder, name)

    def _replace(self, path: Path, name: str, old: Entry) -> None:
        """Put a checked file in the place of a report; on failure the report is put back."""
        if not old.reason and has_facts(self._path(old.name)) and not has_facts(path):
            self._restate(path, name, old.facts)
        removed = self.remove(old.name)
        try:
            place(path, self.folder / name, self.folder)
        except CollectionError:
            self.put_back(removed.token)
            raise


def _gone(name: str) -> CollectionError:
    return CollectionError(f"没有叫“{clean(name)[:100]}”的报告，它可能刚被移除。")


def _pairs(facts: Facts, document: Document) -> list[tuple[str, str]]:
    return [(wanted, getattr(document, key)) for key, wanted in asdict(facts).items()]
