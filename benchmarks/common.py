"""What the programs share: labelled questions, rankings, foreign passages, tables."""

from __future__ import annotations

import json
import lzma
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from rag.evaluate import Labelled, evidence_found, read_labels
from rag.retrieval import Searcher
from rag.sentences import sentences
from rag.text import normalise_question
from rag.types import Hit

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = Path(__file__).resolve().parent / "questions"
NEWS = QUESTIONS / "news.jsonl"  # on articles, not on the reports: no labels in the others' sense
LABELS = ("dev", "own")
CUTS = (1, 5, 10)
Ranking = Callable[[str, int], list[Hit]]

_SHORTEST, _LONGEST = 100, 350  # one paragraph, one passage: the product's own limits
_PER_FILE = 100


# --- questions and rankings -------------------------------------------------------------


def answerable(name: str) -> list[Labelled]:
    """The labelled questions of a set that the five reports answer."""
    return [label for label in read_labels(QUESTIONS / f"{name}.jsonl") if label.answerable]


def label_files() -> list[Path]:
    """The files of questions on the five reports."""
    return sorted(set(QUESTIONS.glob("*.jsonl")) - {NEWS})


def groups(labels: Sequence[Labelled]) -> dict[str, list[Labelled]]:
    """The questions whose recall is reported apart."""
    return {
        "all": list(labels),
        "paraphrase": [label for label in labels if label.type == "paraphrase"],
        "one piece of evidence": [label for label in labels if len(label.evidence) == 1],
    }


def rankings(searcher: Searcher) -> dict[str, Ranking]:
    """The whole retrieval and, as baselines, each of its methods alone on the question as typed."""
    return {
        "BM25": searcher.by_bm25,
        "single vectors": searcher.by_vector,
        "late interaction": lambda question, k: by_late(searcher, question, k),
        "whole retrieval": lambda question, k: searcher.search(question, k),
    }


def by_late(searcher: Searcher, question: str, k: int) -> list[Hit]:
    """Late interaction alone, over every passage: the product scores candidates only."""
    index = searcher.index
    scores = index.late.scores(index.late.question(normalise_question(question)), index.words)
    order = np.argsort(-scores, kind="stable")[:k].tolist()
    return [Hit(index.passages[i], float(scores[i]), r) for r, i in enumerate(order, start=1)]


def evidence_recall(labels: Sequence[Labelled], ranking: Ranking) -> dict[str, list[float]]:
    """Group of questions → evidence-recall at each of CUTS."""
    found = {
        label.id: [evidence_found(label.evidence, hits, k) for k in CUTS]
        for label in labels
        for hits in [ranking(label.question, max(CUTS))]
    }
    return {
        name: np.mean([found[label.id] for label in chosen], axis=0).tolist()
        for name, chosen in groups(labels).items()
        if chosen
    }


# --- outside data -----------------------------------------------------------------------


def data_folder(given: str | None = None) -> Path | None:
    """The folder of outside texts: the argument, else RAG_DATA, else None."""
    name = given or os.environ.get("RAG_DATA")
    return Path(name) if name else None


def read_reading(path: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """Rows {"passage", "questions": [{"q", "answers"}]} of a reading-comprehension set."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in islice(lines, limit)]


def questions_of(rows: Sequence[Mapping[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """(number of its row, question) of all questions that ask something in words."""
    return [
        (i, q)
        for i, row in enumerate(rows)
        for q in row["questions"]
        if any(map(str.isalnum, q["q"]))
    ]


def foreign_paragraphs(data: Path, most: int) -> list[str]:
    """Paragraphs of one passage's length, half from work reports, half from news.

    A hash of the text chooses, so the sample is the same everywhere. It comes from the
    two fifths of the work reports that the encoder's contrastive training left out.
    """
    reports = _sample((p for p in _reports(data) if unit_hash(p) >= 0.6), most - most // 2)
    news = _sample(_news(data), most // 2)
    # Mixed, so that a file is no better known by its neighbours than any other.
    return sorted(reports + news, key=lambda text: unit_hash(f"#{text}"))


def unit_hash(text: str) -> float:
    """A number in [0, 1) that depends on the text alone (as in training/data.py)."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def _sample(paragraphs: Iterable[str], most: int) -> list[str]:
    distinct = {p for p in paragraphs if _SHORTEST <= len(p) <= _LONGEST and p[-1] in "。！？"}
    return sorted(distinct, key=lambda text: unit_hash(f"+{text}"))[:most]


def _reports(data: Path) -> Iterator[str]:
    with lzma.open(data / "text/gov_work_reports.tsv.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n").partition("\t")[2].strip()


def _news(data: Path) -> Iterator[str]:
    """The first paragraph's worth of whole sentences of each article."""
    with lzma.open(data / "text/crud_news.txt.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            body = re.sub(r"\s+", " ", line.split("正文：", 1)[-1])[: 2 * _LONGEST].strip()
            paragraph = ""
            for start, end in sentences(body):
                if len(paragraph) >= 200 or len(paragraph) + end - start > _LONGEST:
                    break
                paragraph += body[start:end]
            if paragraph:
                yield paragraph


def write_corpus(folder: Path, foreign: Sequence[str]) -> Path:
    """The five reports and, beside them, files of a hundred foreign paragraphs each."""
    corpus = folder / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    if foreign:
        (corpus / "foreign").mkdir()
    for start in range(0, len(foreign), _PER_FILE):
        path = corpus / "foreign" / f"{start // _PER_FILE:04d}.txt"
        path.write_text("\n\n".join(foreign[start : start + _PER_FILE]), encoding="utf-8")
    return corpus


# --- tables -----------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def percents(values: Sequence[float]) -> str:
    """Shares as "85.3 / 96.0 / 98.7"."""
    return " / ".join(f"{100 * value:.1f}" for value in values)


def recall_table(measured: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    """Method → group → recalls, as a Markdown table."""
    columns = list(next(iter(measured.values())))
    head = ["evidence-recall @" + "/".join(map(str, CUTS)), *columns]
    rows = [[name, *(percents(by[c]) for c in columns)] for name, by in measured.items()]
    return table(head, rows)
