"""Questions with the sentences that answer them, for the nets that are fitted to choose.

The labelled questions of the five reports whose misses were looked at and their conversations,
CMRC 2018 trial, DRCD dev and the open half of the news questions, each in an index of its own.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.common import QUESTIONS, answerable, read_reading
from benchmarks.news import OTHERS, collect, read_articles, read_questions
from benchmarks.unseen import assistant_over, holds
from rag import Assistant
from rag.retrieval import Searcher
from rag.text import squeeze
from training.data import WORK, data_file

INDEX = Path(__file__).resolve().parent.parent / "index"
# Labelled sets whose misses have been looked at; `sixth` is kept for measuring.
SETS = ("dev", "own", "third", "fourth", "fifth")
TURNS = ("dev_turns", "own_turns", "third_turns")  # asked as questions of their own
# What a question counts for: the reports are what the product is for, and few.
WEIGHTS = {"cmrc": 1.0, "drcd": 1.0, "news": 4.0, "reports": 10.0}
FOLDS = 5


@dataclass(frozen=True)
class Known:
    """A question, where it is asked, and a test for the sentences that answer it.

    group keeps all that concerns one passage in one fold.
    """

    searcher: Searcher
    world: str
    name: str
    group: str
    question: str
    right: Callable[[str], bool]
    reworded: bool = False

    @property
    def fold(self) -> int:
        return zlib.crc32(f"{self.world}{self.group}".encode()) % FOLDS


def reports() -> Iterator[Known]:
    """The labelled questions of the five reports; comparisons have no one best sentence."""
    searcher = Assistant.load(str(INDEX)).searcher
    for name in TURNS:
        for turn in turns_of(name):
            if turn["evidence"]:
                right = overlapping(turn["evidence"])
                question = turn["standalone"]
                yield Known(searcher, "reports", "turns", question, question, right)
    for name in SETS:
        for label in answerable(name):
            if label.type == "compare":
                continue
            right = overlapping(label.evidence)
            reworded = label.type == "paraphrase"
            question = label.question
            yield Known(searcher, "reports", name, question, question, right, reworded)


def reading(world: str, path: Path, folder: Path) -> Iterator[Known]:
    """A reading-comprehension set."""
    rows = read_reading(path)
    passages = [(i, row["passage"]) for i, row in enumerate(rows)]
    searcher = opened(passages, folder)
    for i, row in enumerate(rows):
        for q in row["questions"]:
            if any(c.isalnum() for c in q["q"]):
                right = holding(q["answers"])
                yield Known(searcher, world, world, str(i), q["q"], right)


def news(path: Path, folder: Path) -> Iterator[Known]:
    """The open half of the news questions."""
    rows = read_questions()
    wanted = list(dict.fromkeys(row["article"] for row in rows))
    searcher = opened(collect(read_articles(path), wanted, OTHERS), folder)
    for row in rows:
        if row["half"] == "open":
            right = holding(row["answers"])
            yield Known(searcher, "news", "news", row["article"], row["question"], right)


def opened(passages: Sequence[tuple[int, str]], folder: Path) -> Searcher:
    """A search over passages, its index built once a work folder."""
    if (folder / "index" / "CURRENT").exists():
        return Assistant.load(str(folder / "index")).searcher
    return assistant_over(passages, folder).searcher


def turns_of(name: str) -> Iterator[dict[str, Any]]:
    """The turns of a set of conversations."""
    for line in (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        yield from json.loads(line)["turns"]


def overlapping(evidence: Sequence[str]) -> Callable[[str], bool]:
    """A test for sentences that hold some evidence or lie in it."""
    wanted = [squeeze(e) for e in evidence]
    return lambda text: any(e in squeeze(text) or squeeze(text) in e for e in wanted)


def holding(answers: Sequence[str]) -> Callable[[str], bool]:
    """A test for sentences that hold a gold string or lie in one of several sentences."""

    def right(text: str) -> bool:
        inside = len(squeeze(text)) > 8 and any(squeeze(text) in squeeze(a) for a in answers)
        return inside or holds(text, answers)

    return right


def questions() -> Iterator[Known]:
    """All the questions that are fitted to."""
    scratch = WORK / "ranker"
    scratch.mkdir(parents=True, exist_ok=True)
    yield from reports()
    yield from reading("cmrc", data_file("eval/cmrc2018_trial.jsonl.xz"), scratch / "cmrc")
    yield from reading("drcd", data_file("eval/drcd_dev_traditional.jsonl.xz"), scratch / "drcd")
    yield from news(data_file("text/crud_news.txt.xz"), scratch / "news")
