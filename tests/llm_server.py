"""A chat model server that says what a test tells it to: the OpenAI protocol on 127.0.0.1, streamed.

Nothing of the product is replaced: the real client connects to a real socket,
and failures are real ones (a status, a silence, a connection closed in mid-answer).
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse


@dataclass(frozen=True)
class Reply:
    """What the server does with one request.

    die_after, hang_after: after so many characters the connection is closed, or falls silent.
    piece: characters a chunk, few, so that marks and lines come torn.
    pause: seconds between chunks. finish: the last finish_reason; "" leaves it out.
    """

    text: str = ""
    status: int = 200
    die_after: int = -1
    hang_after: int = -1
    pause: float = 0.0
    finish: str = "stop"
    body: str = ""
    piece: int = 7


@dataclass(frozen=True)
class Asked:
    """A request as the model sees it."""

    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        return str(self.body["messages"][-1]["content"])

    @property
    def question(self) -> str:
        return re.findall(r"<问题>(.*?)</问题>", self.user, re.DOTALL)[-1]

    @property
    def sentences(self) -> dict[int, str]:
        """The evidence by its number."""
        return {int(n): text for n, text in re.findall(r"^S(\d+)：(.*)$", self.user, re.MULTILINE)}


Script = Callable[[Asked], Reply | str]


@dataclass
class Server:
    """A running server: its address, what it was asked, how many readers left early."""

    url: str
    script: Script
    asked: list[Asked] = field(default_factory=list)
    sent: int = 0
    left: threading.Event = field(default_factory=threading.Event)


def _chunk(text: str, finish: str | None = None) -> str:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
    return f"data: {json.dumps({**head, 'choices': [choice]}, ensure_ascii=False)}\n\n"


async def _stream(server: Server, reply: Reply) -> AsyncIterator[str]:
    try:
        for at in range(0, len(reply.text), reply.piece):
            if 0 <= reply.die_after <= at:
                raise ConnectionAbortedError("the script ends here")
            if 0 <= reply.hang_after <= at:
                await asyncio.sleep(60)
            yield _chunk(reply.text[at : at + reply.piece])
            server.sent = at + reply.piece
            await asyncio.sleep(reply.pause)
        yield _chunk("", reply.finish or None)
        yield "data: [DONE]\n\n"
    except asyncio.CancelledError:
        server.left.set()
        raise


def _app(server: Server) -> FastAPI:
    app = FastAPI()

    @app.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        asked = Asked(await request.json(), dict(request.headers))
        server.asked.append(asked)
        told = server.script(asked)
        reply = Reply(told) if isinstance(told, str) else told
        if reply.status != 200:
            return Response(reply.body or '{"error":{"message":"no"}}', reply.status)
        if reply.body:
            return Response(reply.body, media_type="text/event-stream")
        return StreamingResponse(_stream(server, reply), media_type="text/event-stream")

    return app


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """A server for the time of a `with` block; `server.script` may be changed at any time."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}/v1", script)
    config = uvicorn.Config(_app(server), log_level="critical", lifespan="off")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([listener],), daemon=True)
    thread.start()
    try:
        while not running.started:
            time.sleep(0.01)
        yield server
    finally:
        running.should_exit = running.force_exit = True
        thread.join(5)
        listener.close()
