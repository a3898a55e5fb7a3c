"""What the page may load and what a request may carry, enforced around Gradio.

Gradio accepts uploads at an address of its own even when no component takes files, and reads a
request of any size. The policy header makes the browser refuse what escaping might ever miss:
nothing is loaded from, or sent to, anywhere but this server.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.corpus import MAX_BYTES

MAX_BODY_BYTES = 1_000_000  # A question of 100 kB must still reach its clear refusal.

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",  # Gradio compiles its templates.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class Guard:
    """ASGI middleware: no uploads, bounded requests, a closed content policy.

    admits: whether a request may carry as much as a report, told from its head alone.
    """

    def __init__(self, app: ASGIApp, admits: Callable[[Scope], bool] = lambda _: False) -> None:
        self.app = app
        self._admits = admits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["path"].rstrip("/").endswith("/upload"):
            await PlainTextResponse("不接受上传文件。", 404)(scope, receive, send)
            return
        limit = MAX_BYTES if self._admits(scope) else MAX_BODY_BYTES
        try:
            body = await _body(receive, limit)
        except _GoneError:
            return
        if body is None:
            await PlainTextResponse("请求太大。", 413)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), _with_headers(send))


class _GoneError(Exception):
    """The sender has gone in the middle: half a body must not be taken for a whole one."""


async def _body(receive: Receive, limit: int) -> bytes | None:
    """The request's body, or None when it is too large; never more than the limit is held."""
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands out the body once, then waits for the disconnect as before."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = POLICY
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "no-referrer"
        await send(message)

    return sent
