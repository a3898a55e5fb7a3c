"""How far the evidence sinks when 20,000 passages from elsewhere are added: `python -m benchmarks.foreign DATA`.

DATA is the folder of outside texts (text/gov_work_reports.tsv.xz, text/crud_news.txt.xz).
The labelled questions are searched first in the five reports alone, then among the foreign
passages too, which have neither titles nor regions. The last rows ask as if no place had
been named: what is then left of the difference is what the place constraint wins.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.common import (
    CUTS,
    LABELS,
    answerable,
    data_folder,
    evidence_recall,
    foreign_paragraphs,
    rankings,
    recall_table,
    write_corpus,
)
from rag import build_index
from rag.index import open_index
from rag.retrieval import Searcher

Recall = dict[str, dict[str, dict[str, list[float]]]]
WHOLE = "whole retrieval"


def measure(foreign: Sequence[str]) -> Recall:
    """Question set → method → group of questions → evidence-recall at each cut."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        build_index(write_corpus(folder, foreign), folder / "index")
        searcher = Searcher(open_index(folder / "index"))
    methods = rankings(searcher)
    methods["whole, places not used"] = lambda question, k: searcher.search(
        replace(searcher.analyse(question), places=(), compares=False), k
    )
    return {
        name: {method: evidence_recall(answerable(name), rank) for method, rank in methods.items()}
        for name in LABELS
    }


def report(alone: Recall, among: Mapping[str, Recall]) -> str:
    """Both measurements as Markdown, with the points lost at the second cut."""
    parts = []
    for name in LABELS:
        parts += [f"`{name}.jsonl`, the five reports alone", recall_table(alone[name])]
        for label, recall in among.items():
            lost = alone[name][WHOLE]["all"][1] - recall[name][WHOLE]["all"][1]
            parts += [f"`{name}.jsonl`, {label}", recall_table(recall[name])]
            parts.append(f"Whole retrieval @{CUTS[1]}: {100 * lost:.1f} points lost.")
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", help="folder of outside texts (default: RAG_DATA)")
    parser.add_argument("--passages", type=int, default=20_000)
    options = parser.parse_args()
    data = data_folder(options.data)
    if data is None:
        parser.error("name the folder of outside texts, or set RAG_DATA")
    foreign = foreign_paragraphs(data, options.passages)
    label = f"with {len(foreign):,} foreign passages"
    print(report(measure([]), {label: measure(foreign)}))


if __name__ == "__main__":
    main()
