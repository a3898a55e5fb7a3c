"""The tools `search` and `ask` for programs that speak MCP, over standard input and output.

No port is opened. The SDK's low-level server is used, because the high-level one puts English
before every error; what a caller reads here is one Chinese sentence.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Annotated, Any

import anyio
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from rag.assistant import Assistant
from rag.errors import RagError
from rag.retrieval import Filters
from rag.types import Answer, Hit

logger = logging.getLogger(__name__)

MAX_HITS = 50
INSTRUCTIONS = (
    "产业工人队伍建设改革（产改）报告的检索与问答。search 找段落，ask 直接回答；"
    "回答里的 [1] 对应 citations，quote 是报告原文，doc_id、start、end 是它的位置。"
    "state 为 abstained 表示报告没有写，reason 说明缺什么，请不要自行补充。"
)
UNEXPECTED = "出了意外，没有完成；原因见本程序的错误输出。"


class _Arguments(BaseModel):
    """What both tools take."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="问题，用中文。")
    region: str = Field("", description="只查某地，地区路径或其开头，如 江苏省/盐城市。")
    doc_id: str = Field("", description="只查某一份报告，用它的编号 doc_id。")
    published_from: str = Field("", description="发布日期不早于，如 2022、2022-11 或 2022-11-29。")
    published_to: str = Field("", description="发布日期不晚于，写法相同。")

    def filters(self) -> Filters:
        """The part of the arguments that limits what is searched."""
        return Filters(self.region, self.doc_id, self.published_from, self.published_to)


class _SearchArguments(_Arguments):
    k: int = Field(5, ge=1, le=MAX_HITS, description=f"段落数，1–{MAX_HITS} 的整数。")


class _AskArguments(_Arguments):
    history: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        default=[], description="之前的问答，用于追问：[问题, 回答] 的列表，最早的在前。"
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """The passages nearest to the question, best first."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class _Offer:
    """A tool: how it presents itself, what it takes, what it does."""

    tool: Tool
    takes: type[_Arguments]
    run: Callable[[Any], _Found | Answer]


def serve(assistant: Assistant) -> None:
    """Answer requests on standard input until it ends. Nothing else is written to standard output."""
    anyio.run(_serve, make_server(assistant))


async def _serve(server: Server[Any]) -> None:
    async with stdio_server() as (requests, replies):
        await server.run(requests, replies, server.create_initialization_options())


def make_server(assistant: Assistant) -> Server[Any]:
    """The two tools as an MCP server that is not connected to anything yet."""
    offers = {offer.tool.name: offer for offer in _offers(assistant)}

    async def list_tools(
        _: ServerRequestContext[Any], __: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=[offer.tool for offer in offers.values()])

    async def call_tool(
        _: ServerRequestContext[Any], asked: CallToolRequestParams
    ) -> CallToolResult:
        if asked.name not in offers:
            return _failed(f"没有工具“{asked.name}”，可用的有：{'、'.join(offers)}。")
        return await anyio.to_thread.run_sync(_call, offers[asked.name], asked.arguments or {})

    return Server(
        "chanye-rag",
        title="产改报告问答",
        version=version("chanye-rag"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _offers(assistant: Assistant) -> tuple[_Offer, _Offer]:
    def search(given: _SearchArguments) -> _Found:
        return _Found(tuple(assistant.searcher.search(given.question, given.k, given.filters())))

    def ask(given: _AskArguments) -> Answer:
        pairs = [(question, answer) for question, answer in given.history]
        return assistant.ask(given.question, pairs, given.filters())

    found = "在产改报告中查找与问题最相关的段落，按相关程度排列，附标题、来源、地区、日期和位置。"
    answered = (
        "根据产改报告回答问题，每句话附经过核对的原文引文；可追问，可比较几个地方。"
        "报告没有写的不回答，state 为 abstained，并说明缺什么。"
    )
    return (
        _Offer(
            _tool("search", "查找段落", found, _SearchArguments, _Found), _SearchArguments, search
        ),
        _Offer(_tool("ask", "回答问题", answered, _AskArguments, Answer), _AskArguments, ask),
    )


def _tool(name: str, title: str, does: str, takes: type[_Arguments], gives: Any) -> Tool:
    return Tool(
        name=name,
        title=title,
        description=does,
        input_schema=takes.model_json_schema(),
        output_schema=TypeAdapter(gives).json_schema(mode="serialization"),
        annotations=ToolAnnotations(
            read_only_hint=True, idempotent_hint=True, destructive_hint=False, open_world_hint=False
        ),
    )


def _call(offer: _Offer, arguments: dict[str, Any]) -> CallToolResult:
    """A tool's result, or why there is none, in one sentence."""
    try:
        # Programs that fill in every parameter send null for those they do not mean.
        given = offer.takes.model_validate({k: v for k, v in arguments.items() if v is not None})
        result = asdict(offer.run(given))
    except ValidationError as error:
        return _failed(_complaint(error, offer.takes))
    except RagError as error:
        return _failed(str(error))
    except Exception:
        logger.exception("a tool call failed")  # Without its arguments: private.
        return _failed(UNEXPECTED)
    text = json.dumps(result, ensure_ascii=False)
    return CallToolResult(content=[TextContent(text=text)], structured_content=json.loads(text))


def _complaint(error: ValidationError, takes: type[_Arguments]) -> str:
    """What is wrong with the arguments, by the first thing that is."""
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    if first["type"] == "extra_forbidden":
        return f"没有参数 {name}，可用的有：{'、'.join(takes.model_fields)}。"
    told = takes.model_fields[name].description
    return (
        f"缺少参数 {name}：{told}" if first["type"] == "missing" else f"参数 {name} 不能用：{told}"
    )


def _failed(sentence: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=sentence)], is_error=True)
