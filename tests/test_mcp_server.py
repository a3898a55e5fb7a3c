"""`rag mcp` as other programs meet it: the SDK's own client, a process of its own, its pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters
from mcp.types import CallToolResult, TextContent, Tool

from rag.assistant import Assistant
from rag.cli import main
from rag.mcp_server import INSTRUCTIONS, UNEXPECTED, make_server
from rag.retrieval import Filters
from rag.types import Answer

TRAINING = "文水县五年办了多少场培训？"
Call = tuple[str, dict[str, Any] | None]


def command(index: Path) -> list[str]:
    return [sys.executable, "-m", "rag.cli", "mcp", "--index", str(index)]


def with_client(index: Path, visit: Callable[[Client], Awaitable[Any]]) -> Any:
    program, *options = command(index)

    async def run() -> Any:
        server = StdioServerParameters(command=program, args=options, env=dict(os.environ))
        async with Client(server) as client:
            return await visit(client)

    return anyio.run(run)


def called(index: Path, *calls: Call) -> list[CallToolResult]:
    """The results of calls in one session; the client checks them against the tools' schemas."""

    async def visit(client: Client) -> list[CallToolResult]:
        await client.list_tools()
        return [await client.call_tool(name, arguments) for name, arguments in calls]

    results: list[CallToolResult] = with_client(index, visit)
    return results


def text_of(result: CallToolResult) -> str:
    (block,) = result.content
    assert isinstance(block, TextContent)
    return block.text


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """What the command line prints for the same."""
    main(arguments)
    return json.loads(capsys.readouterr().out)


class Recording(Assistant):
    """An assistant that tells what it was asked with, or fails."""

    def __init__(self, assistant: Assistant, failure: Exception | None = None) -> None:
        super().__init__(assistant.searcher)
        self.given: list[tuple[Any, ...]] = []
        self._failure = failure

    def ask(self, question: str, history: Any = (), filters: Any = None) -> Answer:
        self.given.append((question, list(history), filters))
        if self._failure is not None:
            raise self._failure
        return super().ask(question, history, filters)


def visited(assistant: Assistant, visit: Callable[[Client], Awaitable[Any]]) -> Any:
    """A session with a server in this process."""

    async def run() -> Any:
        async with Client(make_server(assistant)) as client:
            return await visit(client)

    return anyio.run(run)


@pytest.fixture(scope="module")
def tools(built: Path) -> dict[str, Tool]:
    async def visit(client: Client) -> list[Tool]:
        return (await client.list_tools()).tools

    return {tool.name: tool for tool in with_client(built, visit)}


def test_no_parameter_is_left_unexplained(tools: dict[str, Tool]) -> None:
    shared = {"question", "region", "doc_id", "published_from", "published_to"}
    expected = {"search": shared | {"k"}, "ask": shared | {"history"}}
    assert set(tools) == set(expected)
    for name, tool in tools.items():
        assert tool.description
        assert tool.input_schema["required"] == ["question"]
        assert set(tool.input_schema["properties"]) == expected[name]
        for schema in tool.input_schema["properties"].values():
            assert schema["description"].endswith("。")
            assert schema["type"] in ("string", "integer", "array")


def test_results_do_not_differ_from_those_of_the_command_line(
    built: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = ("--index", str(built), "--json")
    region = "江苏省/盐城市"
    calls: list[Call] = [
        ("search", {"question": TRAINING, "k": 3}),
        ("search", {"question": "技能竞赛", "region": region, "doc_id": None}),
        ("ask", {"question": TRAINING}),
        ("ask", {"question": "红烧肉怎么做？"}),
    ]
    results = called(built, *calls)
    expected = [
        {"hits": printed(capsys, "search", TRAINING, "-k", "3", *index)},
        {"hits": printed(capsys, "search", "技能竞赛", "--region", region, *index)},
        printed(capsys, "ask", TRAINING, *index),
        printed(capsys, "ask", "红烧肉怎么做？", *index),
    ]
    for result, told in zip(results, expected, strict=True):
        assert not result.is_error
        assert result.structured_content == told
        assert json.loads(text_of(result)) == told
    assert expected[2]["state"] == "answered"
    assert expected[3]["state"] == "abstained"


def test_a_follow_up_is_not_asked_without_its_history(built: Path) -> None:
    history = [["文水县第二届职业技能大赛有多少个比赛项目？", "26个比赛项目。"]]
    question = "是哪个月办的？"
    dated = {"question": TRAINING, "published_from": "2024"}
    follow_up, outside = called(
        built, ("ask", {"question": question, "history": history}), ("ask", dated)
    )
    answer = follow_up.structured_content
    assert answer["state"] == "answered"
    assert "文水县" in answer["searched"]
    assert "2023年8月" in answer["text"]
    assert outside.structured_content["state"] == "abstained"


def test_no_argument_is_dropped_or_mistaken_for_another(assistant: Assistant) -> None:
    recording = Recording(assistant)
    history = [["第一问", "第一答"], ["第二问", "第二答"]]
    limits = {"region": "山西省", "doc_id": "000-文水县"}
    limits |= {"published_from": "2020", "published_to": "2024-05"}
    arguments = {"question": TRAINING, "history": history, **limits}
    visited(recording, lambda client: client.call_tool("ask", arguments))
    assert recording.given == [(TRAINING, [tuple(pair) for pair in history], Filters(**limits))]


def test_an_unexpected_failure_is_told_without_being_shown_or_logged_with_its_question(
    assistant: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    failing = Recording(assistant, ValueError("inner trouble"))
    result = visited(failing, lambda client: client.call_tool("ask", {"question": "私密问题"}))
    assert (result.is_error, text_of(result)) == (True, UNEXPECTED)
    (logged,) = [entry for entry in caplog.records if entry.name == "rag.mcp_server"]
    assert logged.exc_info
    assert "私密" not in logged.getMessage()


def test_a_program_is_not_left_without_what_the_tools_are_and_do(
    assistant: Assistant, tools: dict[str, Tool]
) -> None:
    async def greet(client: Client) -> Any:
        return client.server_info, client.instructions

    server, instructions = visited(assistant, greet)
    assert (server.title, instructions) == ("产改报告问答", INSTRUCTIONS)
    assert {name: tool.title for name, tool in tools.items()} == {
        "search": "查找段落",
        "ask": "回答问题",
    }
    assert set((tools["search"].output_schema or {})["properties"]) == {"hits"}
    assert {"state", "citations"} < set((tools["ask"].output_schema or {})["properties"])
    assert "段落" in (tools["search"].description or "")
    assert "引文" in (tools["ask"].description or "")
    for tool in tools.values():
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert not tool.annotations.destructive_hint
        assert not tool.annotations.open_world_hint


def test_text_is_not_sent_as_escapes(assistant: Assistant) -> None:
    """A model that reads the text pays for each of six characters."""
    result = visited(assistant, lambda client: client.call_tool("ask", {"question": TRAINING}))
    assert "600余场" in text_of(result)


def test_no_error_is_english_or_ends_the_session(built: Path) -> None:
    wrong: list[tuple[Call, str]] = [
        (("search", {"question": " "}), "问题"),
        (("search", {"question": "培训", "k": 0}), "参数 k 不能用：段落数，1–50 的整数。"),
        (("search", {"question": "培训", "k": 51}), "参数 k 不能用：段落数，1–50 的整数。"),
        (("search", {"question": "培训", "k": "许多"}), "参数 k 不能用"),
        (("search", {}), "缺少参数 question：问题，用中文。"),
        (("search", None), "缺少参数 question：问题，用中文。"),
        (("search", {"question": "培训", "top": 3}), "没有参数 top，可用的有：question、"),
        (("ask", {"question": "培训", "published_from": "去年"}), "看不懂日期“去年”"),
        (("ask", {"question": "培训", "history": [["只有问题"]]}), "参数 history 不能用"),
        (("ask", {"question": "长" * 3000}), "问题"),
        (("delete", {}), "没有工具“delete”，可用的有：search、ask。"),
    ]
    *failed, last = called(built, *(call for call, _ in wrong), ("ask", {"question": TRAINING}))
    for (call, expected), result in zip(wrong, failed, strict=True):
        assert result.is_error, call
        assert expected in text_of(result), call
        assert "\n" not in text_of(result)
        assert "rror" not in text_of(result)
    assert not last.is_error


def test_nothing_but_the_protocol_is_on_standard_output(built: Path) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    hello["clientInfo"] = {"name": "test", "version": "0"}
    messages = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/call"},
    ]
    messages[2]["params"] = {"name": "ask", "arguments": {"question": TRAINING}}
    with subprocess.Popen(
        command(built), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as server:
        assert server.stdin
        assert server.stdout
        for message in messages:
            server.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
        server.stdin.flush()
        lines = [server.stdout.readline() for _ in range(2)]
        rest, complaints = server.communicate(timeout=30)  # Closes the input: the server ends.
    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert "600余场" in lines[1].decode()
    assert (rest, complaints, server.returncode) == (b"", b"", 0)


def test_what_keeps_it_from_starting_is_not_a_traceback(tmp_path: Path) -> None:
    done = subprocess.run(command(tmp_path / "none"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("错误：")
    assert "rag index" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_its_package_the_way_to_install_it_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    for loaded in [name for name in sys.modules if name.startswith(("mcp.", "rag.mcp"))]:
        monkeypatch.delitem(sys.modules, loaded)
    assert main(["mcp"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "pip install" in err
    assert '".[mcp]"' in err
