"""The real reports, indexed once for the whole run; nothing here stands in for anything."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, Document, Retriever, build_index
from rag.index import open_index
from rag.retrieval import Searcher

RunPython = Callable[..., str]
ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "benchmarks" / "questions"


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of corpus/, so that an edit made while the tests run cannot disturb them."""
    return Path(shutil.copytree(ROOT / "corpus", tmp_path_factory.mktemp("reports") / "corpus"))


@pytest.fixture(scope="session")
def built(reports: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the reports; shared, so never to be written to."""
    folder = tmp_path_factory.mktemp("built") / "index"
    build_index(reports, folder)
    return folder


@pytest.fixture
def index_copy(built: Path, tmp_path: Path) -> Path:
    """An index of the reports for one test to spoil."""
    return Path(shutil.copytree(built, tmp_path / "index"))


@pytest.fixture
def corpus_copy(reports: Path, tmp_path: Path) -> Path:
    """The reports for one test to edit."""
    return Path(shutil.copytree(reports, tmp_path / "corpus"))


@pytest.fixture(scope="session")
def searcher(built: Path) -> Searcher:
    return Searcher(open_index(built))


@pytest.fixture(scope="session")
def retriever(searcher: Searcher) -> Retriever:
    return Retriever(searcher)


@pytest.fixture(scope="session")
def assistant(searcher: Searcher) -> Assistant:
    return Assistant(searcher)


@pytest.fixture(scope="session")
def documents(searcher: Searcher) -> Mapping[str, Document]:
    return searcher.index.documents


@pytest.fixture(scope="session")
def dev() -> list[dict[str, Any]]:
    """The labelled development questions."""
    lines = (QUESTIONS / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _run(code: str, *arguments: object, **environment: str) -> str:
    """Standard output of a Python program in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def run_python() -> RunPython:
    """Standard output of a Python program in a process of its own: (code, *arguments, **environment)."""
    return _run


_DETERMINISM = """
import dataclasses, hashlib, json, pathlib, sys
from rag import Assistant, Retriever, build_index
corpus, index, questions = sys.argv[1:]
build_index(corpus, index)
files = {p.relative_to(index).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
         for p in sorted(pathlib.Path(index).rglob("*")) if p.is_file()}
retriever = Retriever.load(index)
assistant = Assistant(retriever.searcher)
asked = json.loads(questions)
hits = [[(h.passage.doc_id, h.passage.start, h.score) for h in retriever.search(q, k=10)]
        for q in asked]
answers = [repr(assistant.ask(q)) for q in asked]
print(json.dumps({"files": files, "hits": hits, "answers": answers}))
"""


@pytest.fixture(scope="session")
def hash_seed_runs(
    reports: Path, dev: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """The index's files, hits and answers of three processes with different hash seeds."""
    asked = json.dumps([row["question"] for row in dev[::6]])
    runs = []
    for seed in ("0", "1", "2"):
        index = tmp_path_factory.mktemp("seed") / "index"
        out = _run(_DETERMINISM, reports, index, asked, PYTHONHASHSEED=seed)
        runs.append(json.loads(out))
    return runs


def over_texts(root: Path, texts: Mapping[str, str]) -> Assistant:
    """An assistant over texts by name, one report each, of no known place."""
    (root / "corpus").mkdir()
    for name, text in texts.items():
        (root / "corpus" / f"{name}.txt").write_text(text, encoding="utf-8")
    build_index(root / "corpus", root / "index")
    return Assistant.load(str(root / "index"))
