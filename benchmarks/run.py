"""All measurements as Markdown: `make bench`, or `python -m benchmarks.run`.

What needs no outside data always runs: the labelled questions beside their baselines, the
answers, the prover, speed, the page in a browser. With RAG_DATA (the folder of outside texts) the foreign passages
and the public question sets follow. Printed, and written to benchmarks/results/<commit>.md.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import foreign, public, speed
from benchmarks.common import (
    LABELS,
    ROOT,
    answerable,
    data_folder,
    evidence_recall,
    foreign_paragraphs,
    label_files,
    rankings,
    recall_table,
    write_corpus,
)
from rag import Assistant, build_index
from rag.evaluate import evaluate, format_report, read_labels

RESULTS = Path(__file__).resolve().parent / "results"
_FOREIGN = 20_000


def labelled() -> str:
    """The labelled questions: retrieval beside its baselines, then the answers."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        build_index(write_corpus(folder, []), folder / "index")
        assistant = Assistant.load(str(folder / "index"))
    parts = []
    for name in LABELS:
        labels = answerable(name)
        methods = rankings(assistant.searcher).items()
        recall = {method: evidence_recall(labels, rank) for method, rank in methods}
        parts += [f"`{name}.jsonl`, {len(labels)} answerable questions", recall_table(recall)]
    for path in label_files():
        report = format_report(evaluate(assistant, read_labels(path)))
        parts += [f"Answers, `{path.name}`", report]
    return "\n\n".join(parts)


def program(name: str, *arguments: str) -> str:
    """What another program of this folder prints."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or f"failed: {done.stderr.strip().splitlines()[-1]}"


def chapters(data: Path | None) -> dict[str, Callable[[], str]]:
    """Title → what measures it, in order."""
    among = foreign_paragraphs(data, _FOREIGN) if data else []
    label = f"with {len(among):,} foreign passages"
    speeds: dict[str, list[str]] = {"five reports": []} | ({label: among} if data else {})
    found: dict[str, Callable[[], str]] = {
        "Labelled questions": labelled,
        "Speed": lambda: speed.report([(n, speed.measure(f)) for n, f in speeds.items()]),
        "Page": lambda: program("page"),
    }
    if data is None:
        return found | {"Prover": lambda: program("prover")}
    cmrc, drcd = (str(data / public.SETS[name][0]) for name in list(public.SETS)[:2])
    return found | {
        "Prover": lambda: program("prover", str(data / "eval/citecheck_dev.jsonl")),
        "Foreign passages": lambda: foreign.report(
            foreign.measure([]), {label: foreign.measure(among)}
        ),
        "Public question sets": lambda: public.report(data),
        "Answers to CMRC 2018 trial": lambda: program("unseen", cmrc),
        "Answers to DRCD dev, 250 passages": lambda: program("unseen", drcd, "--limit", "250"),
        "Answers to news never trained on": lambda: program(
            "news", str(data / "text/crud_news.txt.xz")
        ),
    }


def commit() -> str:
    """The commit measured; "-dirty" where the product differs from it."""

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--untracked-files=no", "--", "src", "corpus")
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("-dirty" if changed else "")


def main() -> None:
    # For the programs it starts; one thread, so that figures of different machines compare.
    os.environ.update(speed.ONE_THREAD)
    name = commit()
    text = f"# {name}\n\nPython {platform.python_version()}, {platform.system()} {platform.machine()}, one thread.\n"
    print(text, flush=True)
    for title, measured in chapters(data_folder()).items():
        part = f"## {title}\n\n{measured()}\n"
        print(part, flush=True)
        text += f"\n{part}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
