"""The commands: results on one stream, one sentence of trouble on the other, true exit statuses."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from test_index import flip_byte, generation, reseal

from rag import Answer, Citation, Hit, Passage
from rag.cli import main
from rag.manifest import FORMAT_VERSION

QUESTION = "文水县五年办了多少场培训？"


def fields(kind: Any) -> set[str]:
    return {f.name for f in dataclasses.fields(kind)}


class Shell:
    """Runs commands in this process and reads what they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        try:
            status = main([str(a) for a in arguments])
        except SystemExit as stop:  # argparse
            status = int(stop.code or 0)
        out, err = self._capsys.readouterr()
        return status, out, err

    def fails(self, *arguments: object) -> str:
        """The one sentence a command fails with."""
        status, out, err = self(*arguments)
        assert status == 2
        assert out == ""
        assert "Traceback" not in err
        assert len(err.strip().splitlines()) == 1, err
        assert err.startswith("错误：")
        assert err.strip().endswith("。")
        return err


@pytest.fixture
def rag(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    for name in [name for name in os.environ if name.startswith("RAG_")]:
        monkeypatch.delenv(name)
    return Shell(capsys)


# --- what they do -------------------------------------------------------------------------


def test_index_says_what_it_read_and_what_it_skipped(
    rag: Shell, corpus_copy: Path, tmp_path: Path
) -> None:
    (corpus_copy / "空.md").write_bytes(b"")
    status, out, err = rag("index", "--corpus", corpus_copy, "--index", tmp_path / "i")
    assert status == 0
    assert "5 份报告" in out
    assert "空.md" in err
    assert (tmp_path / "i" / "CURRENT").is_file()


def test_index_if_needed_builds_once(rag: Shell, corpus_copy: Path, tmp_path: Path) -> None:
    command = ("index", "--if-needed", "--corpus", corpus_copy, "--index", tmp_path / "i")
    assert "5 份报告" in rag(*command)[1]
    status, out, err = rag(*command)
    assert (status, out) == (0, "")
    assert "最新" in err
    (corpus_copy / "001-丰县.md").unlink()
    assert "4 份报告" in rag(*command)[1]
    flip_byte(generation(tmp_path / "i") / "passages.jsonl")
    assert "4 份报告" in rag(*command)[1]
    assert rag("search", "--index", tmp_path / "i", "培训")[0] == 0


def test_search_prints_passages_with_where_they_stand(rag: Shell, built: Path) -> None:
    status, out, err = rag("search", "--index", built, "-k", "3", QUESTION)
    assert (status, err) == (0, "")
    assert [line[0] for line in out.splitlines() if line[:2] in ("1.", "2.", "3.", "4.")] == list(
        "123"
    )
    assert "600余场" in out
    assert "文水县" in out


def test_search_json_carries_the_fields_of_the_dataclasses(rag: Shell, built: Path) -> None:
    status, out, err = rag("search", "--json", "--index", built, "-k", "4", QUESTION)
    hits = json.loads(out)
    assert (status, err) == (0, "")
    assert [h["rank"] for h in hits] == [1, 2, 3, 4]
    for hit in hits:
        assert set(hit) == fields(Hit)
        assert set(hit["passage"]) == fields(Passage)
        start, end = hit["passage"]["start"], hit["passage"]["end"]
        assert len(hit["passage"]["text"]) == end - start
    assert "600余场" in hits[0]["passage"]["text"]


def test_search_that_finds_nothing_says_so(rag: Shell, built: Path) -> None:
    status, out, err = rag("search", "--index", built, "--from", "2099", "培训")
    assert (status, out) == (0, "")
    assert err.strip()
    assert json.loads(rag("search", "--json", "--index", built, "--from", "2099", "培训")[1]) == []


def test_search_obeys_its_filters(rag: Shell, built: Path) -> None:
    command = ("search", "--json", "--index", built, "-k", "99", "培训")
    for option, value, key in (
        ("--region", "江苏省/盐城市", "region"),
        ("--doc-id", "001-丰县", "doc_id"),
    ):
        hits = json.loads(rag(*command, option, value)[1])
        assert hits
        assert all(h["passage"][key].startswith(value) for h in hits)


def test_ask_prints_the_answer_and_where_it_stands(rag: Shell, built: Path) -> None:
    status, out, err = rag("ask", "--index", built, QUESTION)
    assert (status, err) == (0, "")
    assert "600余场" in out.splitlines()[0]
    assert out.splitlines()[-1].startswith("[1] ")
    assert "000-文水县" in out


def test_ask_json_carries_the_fields_of_the_dataclasses(rag: Shell, built: Path) -> None:
    status, out, err = rag("ask", "--json", "--index", built, QUESTION)
    answer = json.loads(out)
    assert (status, err) == (0, "")
    assert set(answer) == fields(Answer)
    assert answer["state"] == "answered"
    assert all(set(c) == fields(Citation) for c in answer["citations"])
    assert all(set(h) == fields(Hit) for h in answer["hits"])


def test_refused_question_has_its_own_exit_status(rag: Shell, built: Path) -> None:
    status, out, err = rag("ask", "--index", built, "今天天气怎么样？")
    assert (status, err) == (1, "")
    assert "资料中没有" in out
    status, out, _ = rag("ask", "--json", "--index", built, "今天天气怎么样？")
    assert status == 1
    assert json.loads(out)["reason"]


def test_eval_prints_a_table_or_json(rag: Shell, built: Path, dev: Any, tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in dev[::12]), encoding="utf-8")
    status, out, err = rag("eval", "--index", built, path)
    assert (status, err) == (0, "")
    assert "| all |" in out
    report = json.loads(rag("eval", "--json", "--index", built, path)[1])
    assert set(report) >= {"types", "misses", "latency_ms"}
    assert {row["type"] for row in dev[::12]} | {"all"} == set(report["types"])
    _, out, _ = rag("eval", "--errors", "--index", built, path)
    assert all(miss["question"] in out for miss in report["misses"])


@pytest.mark.parametrize("command", ["index", "search", "ask", "chat", "eval"])
def test_every_command_explains_itself(rag: Shell, command: str) -> None:
    status, out, _ = rag(command, "--help")
    assert status == 0
    assert "--index" in out


def test_settings_are_the_defaults_of_the_options(
    rag: Shell, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_INDEX", str(built))
    assert rag("search", "培训")[0] == 0
    monkeypatch.setenv("RAG_PORT", "none")
    assert "RAG_PORT" in rag.fails("search", "培训")


# --- bad input gets one clear sentence ----------------------------------------------------


@pytest.mark.parametrize("command", ["search", "ask"])
@pytest.mark.parametrize("question", ["", "   ", "？", "\u200b", "问" * 33_334], ids=range(5))
def test_blank_or_endless_question(rag: Shell, built: Path, command: str, question: str) -> None:
    assert "问题" in rag.fails(command, "--index", built, question)


@pytest.mark.parametrize("k", ["0", "-3"])
def test_k_below_one(rag: Shell, built: Path, k: str) -> None:
    assert "k" in rag.fails("search", "--index", built, "-k", k, "培训")


@pytest.mark.parametrize("arguments", [(), ("serch",), ("search",), ("search", "-k", "x", "培训")])
def test_wrong_usage(rag: Shell, arguments: tuple[str, ...]) -> None:
    status, out, err = rag(*arguments)
    assert (status, out) == (2, "")
    assert "rag" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["search", "ask"])
@pytest.mark.parametrize("option", ["--region", "--doc-id", "--from", "--to"])
def test_filter_that_means_nothing(rag: Shell, built: Path, command: str, option: str) -> None:
    assert "火星" in rag.fails(command, "--index", built, option, "火星", "培训")


@pytest.mark.parametrize("command", [("search", "培训"), ("ask", "培训")])
def test_missing_index(rag: Shell, tmp_path: Path, command: tuple[str, ...]) -> None:
    for folder in ("nowhere", "."):
        err = rag.fails(*command, "--index", tmp_path / folder)
        assert "rag index" in err
        assert str(tmp_path) in err


def test_missing_index_or_labels_of_an_evaluation(rag: Shell, built: Path, tmp_path: Path) -> None:
    assert "nolabels" in rag.fails("eval", "--index", built, tmp_path / "nolabels.jsonl")
    (tmp_path / "bad.jsonl").write_text("{}")
    assert "bad.jsonl" in rag.fails("eval", "--index", built, tmp_path / "bad.jsonl")
    (tmp_path / "good.jsonl").write_text(
        '{"id": "1", "question": "培训", "type": "x", "evidence": ["培训"]}'
    )
    assert "rag index" in rag.fails("eval", "--index", tmp_path, tmp_path / "good.jsonl")


def test_missing_or_empty_corpus(rag: Shell, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "useless").mkdir()
    (tmp_path / "useless" / "图.txt").write_bytes(b"\x00\x01")
    for folder in ("nowhere", "empty", "useless"):
        for more in ((), ("--if-needed",)):
            err = rag.fails(
                "index", *more, "--corpus", tmp_path / folder, "--index", tmp_path / "i"
            )
            assert folder in err
    assert "图.txt" in err


def test_index_that_cannot_be_written(rag: Shell, reports: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    err = rag.fails("index", "--corpus", reports, "--index", tmp_path / "file" / "index")
    assert "写不进" in err


def test_unknown_encoder(rag: Shell, built: Path, tmp_path: Path) -> None:
    model = tmp_path / "no-model"
    assert "no-model" in rag.fails("search", "--index", built, "--encoder", model, "培训")


@pytest.mark.parametrize("command", ["search", "ask"])
@pytest.mark.parametrize(
    "name",
    ["CURRENT", "manifest.json", "passages.jsonl", "passages.faiss", "bm25/vocab.index.json"],
)
def test_one_flipped_byte(rag: Shell, index_copy: Path, command: str, name: str) -> None:
    path = index_copy / name if name == "CURRENT" else generation(index_copy) / name
    flip_byte(path, 0)
    err = rag.fails(command, "--index", index_copy, "培训")
    assert "rag index" in err
    assert name in err


def test_index_of_another_time(rag: Shell, index_copy: Path) -> None:
    newer, other = {"format_version": FORMAT_VERSION + 1}, {"encoder_fingerprint": "0"}
    for change in (newer, {"format_version": FORMAT_VERSION} | other):
        reseal(index_copy, **change)
        assert "rag index" in rag.fails("ask", "--index", index_copy, "培训")


def test_corpus_that_has_changed(rag: Shell, corpus_copy: Path, tmp_path: Path) -> None:
    rag("index", "--corpus", corpus_copy, "--index", tmp_path / "i")
    (corpus_copy / "001-丰县.md").unlink()
    assert "rag index" in rag.fails("ask", "--index", tmp_path / "i", "培训")


# --- as a process -------------------------------------------------------------------------


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "rag.cli", *map(os.fsencode, map(str, arguments))],
        capture_output=True,
        timeout=120,
        env={**os.environ, **environment},
        check=False,
    )


def test_cold_question_loads_neither_torch_nor_gradio(
    run_python: Callable[..., str], built: Path
) -> None:
    code = """
import sys
from rag.cli import main
assert main(["ask", "--index", sys.argv[1], sys.argv[2]]) == 0
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""
    loaded = set(run_python(code, built, QUESTION).splitlines()[-1].split())
    assert "faiss" in loaded
    heavy = {
        "torch",
        "gradio",
        "sentence_transformers",
        "transformers",
        "sklearn",
        "pandas",
        "langchain",
    }
    assert not loaded & heavy


def test_question_that_is_no_utf8_is_answered_or_refused(built: Path) -> None:
    """Bytes of another encoding on the command line reach Python as lone surrogates."""
    odd = "\udcff\udcfe" + QUESTION
    done = process("ask", "--json", "--index", built, odd, PYTHONIOENCODING="utf-8")
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    assert json.loads(done.stdout)["state"] == "answered"


def test_terminal_that_cannot_show_chinese_gets_no_traceback(built: Path) -> None:
    done = process("ask", "--index", built, QUESTION, PYTHONIOENCODING="ascii")
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0
    assert b"600" in done.stdout


def test_reader_that_goes_away_gets_no_traceback(built: Path) -> None:
    """rag search … | head -1."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "rag.cli", "search", "--index", built, "-k", "60", QUESTION],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    os.close(writing)
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
