"""Passage recall on reading-comprehension sets: `python -m benchmarks.public DATA`.

CMRC 2018 trial (simplified) and DRCD dev (traditional; "as printed" and in simplified
characters), below DATA/eval. All passages of a set go into one index, one report each,
without titles or regions; a question counts when the first hit is of its passage's report.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import data_folder, percents, questions_of, rankings, read_reading, table
from benchmarks.unseen import assistant_over

# Name → file below the data folder, whether its passages are simplified before indexing.
SETS = {
    "CMRC 2018 trial": ("eval/cmrc2018_trial.jsonl.xz", False),
    "DRCD dev, as printed": ("eval/drcd_dev_traditional.jsonl.xz", False),
    "DRCD dev, simplified": ("eval/drcd_dev_traditional.jsonl.xz", True),
}
AT = (1, 5)


def passage_recall(rows: Sequence[Mapping[str, Any]]) -> tuple[int, dict[str, list[float]]]:
    """(number of questions, method → share of questions whose passage is in the first 1 and 5)."""
    with tempfile.TemporaryDirectory() as scratch:
        passages = [(i, row["passage"]) for i, row in enumerate(rows)]
        searcher = assistant_over(passages, Path(scratch)).searcher
    asked = [(f"{i:05d}", q["q"]) for i, q in questions_of(rows)]
    found: dict[str, list[float]] = {}
    for name, rank in rankings(searcher).items():
        hits = [(gold, rank(question, max(AT))) for gold, question in asked]
        found[name] = [
            sum(gold in {h.passage.doc_id for h in got[:k]} for gold, got in hits) / len(asked)
            for k in AT
        ]
    return len(asked), found


def simplified(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their passages in simplified characters."""
    from opencc import OpenCC

    convert = OpenCC("t2s").convert
    return [{**row, "passage": convert(row["passage"])} for row in rows]


def report(data: Path, limit: int | None = None) -> str:
    """The table of all sets below a data folder."""
    lines = []
    head: list[str] = []
    for name, (file, simplify) in SETS.items():
        rows = read_reading(data / file, limit)
        count, found = passage_recall(simplified(rows) if simplify else rows)
        head = ["passage recall @" + "/".join(map(str, AT)), "questions", *found]
        lines.append([name, str(count), *(percents(values) for values in found.values())])
    return table(head, lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", help="folder of outside texts (default: RAG_DATA)")
    parser.add_argument("--limit", type=int, help="passages of each set")
    options = parser.parse_args()
    data = data_folder(options.data)
    if data is None:
        parser.error("name the folder of outside texts, or set RAG_DATA")
    print(report(data, options.limit))


if __name__ == "__main__":
    main()
