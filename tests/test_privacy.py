"""Nothing leaves the machine: building, searching and answering work with the network shut."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, Retriever, build_index


class NetworkUsedError(AssertionError):
    """Some code tried to reach another machine."""


@pytest.fixture
def _shut(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **_: Any) -> Any:
        raise NetworkUsedError(arguments)

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


@pytest.mark.usefixtures("_shut")
def test_building_searching_and_answering_reach_no_network(reports: Path, tmp_path: Path) -> None:
    build_index(reports, tmp_path / "index")
    retriever = Retriever.load(str(tmp_path / "index"))
    assert retriever.search("文水县五年办了多少场培训？")
    assert retriever.invoke("文水縣辦了多少場培訓")
    assistant = Assistant(retriever.searcher)
    for question in ("文水县五年办了多少场培训？", "文水县和丰县哪个培训更多？", "今天天气怎么样"):
        assert assistant.ask(question, history=[("丰县有哪些品牌？", "……")]).text
        assert list(assistant.stream({"input": question}))


_COMMANDS = """
import socket, sys
def refuse(*arguments, **_):
    print("NETWORK", arguments)
    raise OSError("shut")
for name in ("connect", "connect_ex", "sendto"):
    setattr(socket.socket, name, refuse)
for name in ("create_connection", "getaddrinfo", "gethostbyname"):
    setattr(socket, name, refuse)
from rag.cli import main
corpus, index, labels = sys.argv[1:]
print(main(["index", "--corpus", corpus, "--index", index]))
print(main(["search", "--index", index, "培训"]))
print(main(["ask", "--index", index, "文水县五年办了多少场培训？"]))
print(main(["eval", "--index", index, labels]))
"""


def test_commands_reach_no_network_from_their_first_import_on(
    run_python: Callable[..., str], reports: Path, tmp_path: Path
) -> None:
    """In a fresh process, so that nothing was fetched while modules were loaded before."""
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        '{"id": "1", "question": "文水县办了多少场培训", "type": "figure", "evidence": ["培训"]}'
    )
    tracing = {"LANGCHAIN_TRACING_V2": "", "LANGSMITH_TRACING": ""}
    out = run_python(_COMMANDS, reports, tmp_path / "index", labels, **tracing)
    assert "NETWORK" not in out
    assert [line for line in out.splitlines() if line in ("0", "1", "2")] == ["0"] * 4
