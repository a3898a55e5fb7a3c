"""What the page fetches beside Gradio's events: reports, exports, health.

Nothing here keeps state: the page says what it wants shown, and an export carries the answers
as the visitor's own browser kept them (see `record`).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app import reader, record, sheet, sources, table
from app.serving import Current
from rag.errors import QuestionError
from rag.types import Answer

if TYPE_CHECKING:
    from rag import Assistant

MAX_ANSWERS = 30
STALE = "报告已更新，保存的回答不再有效，请重新提问。"
CHANGED = "这份报告已更新，原来的引文不一定还在原处，请重新提问。"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {
    "docx": _WORD,
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "xlsx": _EXCEL,
}


def routes(current: Current) -> list[Route]:
    """Routes to stand before Gradio's own."""

    def report(request: Request) -> Response:
        return _report(current(), request)

    def reports(_: Request) -> Response:
        index = current().searcher.index
        return HTMLResponse(reader.library_html(index.documents, index.passages))

    def scope(_: Request) -> Response:
        return HTMLResponse(reader.scope_html(current().searcher.index.documents))

    async def export(request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(_export, current(), body)

    def health(_: Request) -> Response:
        manifest = current().searcher.index.manifest
        return JSONResponse(
            {
                "status": "ok",
                "generation": manifest.generation,
                "documents": manifest.documents,
                "passages": manifest.passages,
            }
        )

    return [
        Route("/report", report),
        Route("/reports", reports),
        Route("/scope", scope),
        Route("/export", export, methods=["POST"]),
        Route("/health", health),
    ]


def _report(assistant: Assistant, request: Request) -> Response:
    query = request.query_params
    try:
        document = assistant.document(query.get("id", ""))
        turn = int(query.get("turn", "0"))
        places = [_place(mark) for mark in query.getlist("mark")[:50]]
        places += [_place(f"0.{span}.0.0") for span in query.getlist("passage")[:1]]
    except QuestionError as error:
        return PlainTextResponse(str(error), 404)
    except ValueError:
        return PlainTextResponse("这个链接不完整。", 400)
    if query.get("seal", sources.seal(document.text)) != sources.seal(document.text):
        return PlainTextResponse(CHANGED, 409)
    passages = [p for p in assistant.searcher.index.passages if p.doc_id == document.doc_id]
    return HTMLResponse(reader.report_html(document, passages, places, turn))


def _place(mark: str) -> reader.Place:
    number, start, end, focus_start, focus_end = map(int, mark.split("."))
    if not 0 <= number < 1000 or not 0 <= start < end:
        raise ValueError("no such place")
    return reader.Place(number, start, end, (focus_start, focus_end))


def _export(assistant: Assistant, body: bytes) -> Response:
    try:
        asked = json.loads(body)
        kind, raw = asked["as"], asked["records"][:MAX_ANSWERS]
        media_type = _TYPES[kind]
        answers = read_records(assistant, raw)
    except record.RecordError:
        return PlainTextResponse(STALE, 409)
    except (ValueError, KeyError, TypeError, RecursionError):
        return PlainTextResponse("这个请求不完整。", 400)
    if not answers:
        return PlainTextResponse("还没有可以导出的回答。", 400)
    if kind in ("csv", "xlsx"):
        write = table.table_csv if kind == "csv" else table.table_xlsx
        content = write(answers[0], assistant.document)
    else:
        content = (sheet.docx if kind == "docx" else sheet.markdown)(answers, assistant.document)
    headers = {"Content-Disposition": f'attachment; filename="evidence.{kind}"'}
    return Response(content, media_type=media_type, headers=headers)


def read_records(assistant: Assistant, raw: list[Any]) -> list[Answer]:
    """The answers a browser sends back. Raises RecordError (see `record`)."""
    index = assistant.searcher.index
    return [record.from_record(one, index.documents, index.passages) for one in raw]
