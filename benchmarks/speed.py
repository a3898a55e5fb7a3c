"""How long things take and how much memory: `python -m benchmarks.speed [DATA]`.

Every figure comes from a fresh process on one thread, so that nothing is warm by accident.
Times are wall time, in brackets CPU time: on a shared machine only the latter means much.
With DATA (or RAG_DATA), the folder of outside texts, also among 20,000 foreign passages.
Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.common import LABELS, QUESTIONS, data_folder, foreign_paragraphs, table
from benchmarks.common import write_corpus as written

_QUESTION = "文水县五年办了多少场培训？"
_RUNS = 5
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
Figures = dict[str, float]


# --- in a process of its own ------------------------------------------------------------


def build(corpus: str, index: str) -> Figures:
    """Build an index; embedding is timed again alone, on the passages it made."""
    from rag import build_index
    from rag.encoder import load_encoder
    from rag.index import dense_text, open_index

    stop = _clock("build")
    manifest = build_index(corpus, index)
    figures = stop() | {"passages": float(manifest.passages), "build_mb": _peak()}
    texts = [dense_text(p) for p in open_index(index).passages]
    texts *= max(1, 2000 // len(texts))
    cpu = time.process_time()
    load_encoder(None).encode_documents(texts)
    spent = time.process_time() - cpu
    figures["passage_chars"] = float(np.mean([len(text) for text in texts]))
    return figures | {"embedded_per_cpu_s": len(texts) / spent}


def use(index: str) -> Figures:
    """Load the parts one by one, then search for and answer every labelled question,
    and find what to ask next."""
    stop = _clock("import")
    import rag

    figures = stop()
    stop = _clock("encoder")
    from rag.encoder import load_encoder

    load_encoder(None)
    figures |= stop()
    stop = _clock("index")
    assistant = rag.Assistant.load(index)
    figures |= stop()
    stop = _clock("first_ask")
    assistant.ask(_QUESTION)
    figures |= stop()
    asked = [
        json.loads(line)["question"]
        for name in LABELS
        for line in (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    figures |= _spread("search", lambda q: assistant.searcher.search(q, 10), asked)
    figures |= _spread("ask", assistant.ask, asked)
    from rag.suggest import suggest

    answers = {question: assistant.ask(question) for question in asked}
    figures |= _spread("suggest", lambda q: suggest(assistant, answers[q]), asked)
    return figures | {"use_mb": _peak()}


def _clock(name: str) -> Callable[[], Figures]:
    """Starts a clock; called, it gives milliseconds of wall and of CPU time since then."""
    wall, cpu = time.perf_counter(), time.process_time()
    return lambda: {
        f"{name}_wall": 1000 * (time.perf_counter() - wall),
        f"{name}_cpu": 1000 * (time.process_time() - cpu),
    }


def _peak() -> float:
    """Peak resident memory of this process in MB (the unit of ru_maxrss differs by system)."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _spread(name: str, call: Callable[[str], object], asked: Sequence[str]) -> Figures:
    taken = []
    for question in asked:
        stop = _clock(name)
        call(question)
        taken.append(stop())
    return {
        f"{key}{p}": float(np.percentile([row[key] for row in taken], p))
        for key in taken[0]
        for p in (50, 95)
    }


# --- from outside -----------------------------------------------------------------------


def _child(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _figures(*arguments: str) -> Figures:
    return {
        k: float(v) for k, v in json.loads(_child("-m", "benchmarks.speed", *arguments)).items()
    }


def cold(index: Path) -> Figures:
    """Medians of whole processes: `rag ask`, and `import rag` less the bare interpreter."""
    ask = ("-m", "rag.cli", "ask", "--index", str(index), _QUESTION)
    taken = {
        name: [_process(*command) for _ in range(_RUNS)]
        for name, command in {
            "ask": ask,
            "import": ("-c", "import rag"),
            "bare": ("-c", ""),
        }.items()
    }
    wall, cpu = (
        {name: float(np.median([r[i] for r in rows])) for name, rows in taken.items()}
        for i in (0, 1)
    )
    return {
        "cold_wall": wall["ask"],
        "cold_cpu": cpu["ask"],
        "import_wall": wall["import"] - wall["bare"],
        "import_cpu": cpu["import"] - cpu["bare"],
    }


def _process(*arguments: str) -> tuple[float, float]:
    """Milliseconds of wall and of CPU time of a whole child process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    _child(*arguments)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return 1000 * wall, 1000 * cpu


def measure(foreign: Sequence[str]) -> Figures:
    """All figures over the five reports and the foreign passages."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus, index = written(folder, foreign), folder / "index"
        figures = _figures("--build", str(corpus), str(index))
        size = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
        return figures | _figures("--use", str(index)) | cold(index) | {"index_mb": size / 2**20}


ROWS = (
    ("passages", "{passages:,.0f}"),
    (f"cold `rag ask`, whole process, median of {_RUNS}", "{cold_wall:.0f} ({cold_cpu:.0f}) ms"),
    (
        f"`import rag`, less the bare interpreter, median of {_RUNS}",
        "{import_wall:.0f} ({import_cpu:.0f}) ms",
    ),
    ("load the encoder", "{encoder_wall:.0f} ({encoder_cpu:.0f}) ms"),
    ("then open the index and the assistant", "{index_wall:.0f} ({index_cpu:.0f}) ms"),
    ("then the first answer", "{first_ask_wall:.0f} ({first_ask_cpu:.0f}) ms"),
    ("search, p50", "{search_wall50:.1f} ({search_cpu50:.1f}) ms"),
    ("search, p95", "{search_wall95:.1f} ({search_cpu95:.1f}) ms"),
    ("ask (search, answer, proof), p50", "{ask_wall50:.1f} ({ask_cpu50:.1f}) ms"),
    ("ask, p95", "{ask_wall95:.1f} ({ask_cpu95:.1f}) ms"),
    ("what to ask next, p50", "{suggest_wall50:.1f} ({suggest_cpu50:.1f}) ms"),
    ("what to ask next, p95", "{suggest_wall95:.1f} ({suggest_cpu95:.1f}) ms"),
    ("build the index", "{build_wall:,.0f} ({build_cpu:,.0f}) ms"),
    (
        "embedding alone, texts per CPU-second",
        "{embedded_per_cpu_s:,.0f} (mean {passage_chars:.0f} characters)",
    ),
    ("peak memory: building / answering", "{build_mb:.0f} / {use_mb:.0f} MB"),
    ("index on disk", "{index_mb:.1f} MB"),
)


def report(columns: Sequence[tuple[str, Figures]]) -> str:
    """The figures as a Markdown table, one column a collection."""
    rows = [[name, *(form.format(**figures) for _, figures in columns)] for name, form in ROWS]
    return table(["one thread, wall (CPU)", *(name for name, _ in columns)], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", help="folder of outside texts (default: RAG_DATA)")
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--build", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--use", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build:
        print(json.dumps(build(*options.build)))
    elif options.use:
        print(json.dumps(use(options.use)))
    else:
        columns = [("five reports", measure([]))]
        if data := data_folder(options.data):
            foreign = foreign_paragraphs(data, options.passages)
            columns.append((f"with {len(foreign):,} foreign passages", measure(foreign)))
        print(report(columns))


if __name__ == "__main__":
    main()
