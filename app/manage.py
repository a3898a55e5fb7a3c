"""Routes of those who manage the reports. They exist only where a start option asks for them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from app import log, manage_view
from app.access import COOKIE, SESSION_S, Access
from app.serving import Rebuild, Serving
from rag.collection import Collection, OnTaken
from rag.errors import CorpusError, NameTakenError, RagError
from rag.intake import Facts
from rag.manifest import REBUILD, read_pointer

UPLOAD = "/manage/add"
FOREIGN = "只能在本机或从本站的页面管理报告。"
SIGN_IN = "请先输入密码。"
_CROOKED = PlainTextResponse("这个请求不完整。", 400)
_NO_STORE = {"Cache-Control": "no-store"}
_ON_TAKEN: dict[str, OnTaken] = {"refuse": "refuse", "replace": "replace", "number": "number"}
Act = Callable[[Request, bytes], Response]


class Manager:
    """The collection, the rebuild and the rights, joined for the routes."""

    def __init__(self, serving: Serving, access: Access, index: str, encoder: str | None) -> None:
        """Raises CorpusError when the folder that the index was built from is not there."""
        corpus = read_pointer(Path(index))[1]
        try:
            self.collection = Collection(corpus)
        except CorpusError as error:
            raise CorpusError(
                f"找不到建立索引 {index} 的报告文件夹“{corpus}”，请放回原处；如果它搬了家，{REBUILD}。"
            ) from error
        self.rebuild = Rebuild(serving, corpus, index, encoder)
        self.access = access
        self._serving = serving

    def admits(self, scope: Scope) -> bool:
        """Whether a request may carry a whole report (see `guard`)."""
        wanted = scope["method"] == "POST" and scope["path"].endswith(UPLOAD)
        return wanted and self.access.judge(HTTPConnection(scope)) == "yes"

    def routes(self) -> list[Route]:
        """To stand before Gradio's own."""
        acts: dict[str, Act] = {
            "add": self._add,
            "describe": self._describe,
            "remove": self._remove,
            "put-back": self._put_back,
            "rebuild": self._rebuild,
            "leave": self._leave,
        }
        return [
            Route("/manage", self._page),
            Route("/manage/status", self._status),
            Route("/manage/sign-in", self._sign_in, methods=["POST"]),
            *(Route(f"/manage/{n}", self._guarded(a), methods=["POST"]) for n, a in acts.items()),
        ]

    def _state(self) -> manage_view.State:
        # The progress first: what it then says of the index is never older than that index.
        progress, documents = self.rebuild.progress, self._serving().searcher.index.documents
        entries, removed = self.collection.entries(), self.collection.removed()
        return manage_view.State(entries, removed, documents, progress)

    # ---- who may ----

    def _refused(self, request: Request) -> Response | None:
        verdict = self.access.judge(request)
        if verdict == "no":
            return PlainTextResponse(FOREIGN, 403)
        return PlainTextResponse(SIGN_IN, 401) if verdict == "sign in" else None

    def _guarded(self, act: Act) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            refused = self._refused(request)
            if refused is not None:
                return refused
            body = await request.body()
            try:
                return await run_in_threadpool(act, request, body)
            except NameTakenError as error:
                return PlainTextResponse(str(error), 409)
            except RagError as error:
                return PlainTextResponse(str(error), 422)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                return _CROOKED

        return endpoint

    async def _sign_in(self, request: Request) -> Response:
        if self.access.judge(request) == "no" or not self.access.has_password:
            return PlainTextResponse(FOREIGN, 403)
        try:
            given = json.loads(await request.body())["password"]
            token = self.access.sign_in(str(given), request)
        except RagError as error:
            log.managed("sign-in refused")
            return PlainTextResponse(str(error), 403)
        except (ValueError, KeyError, TypeError, RecursionError):
            return _CROOKED
        log.managed("signed in")
        answer = Response(status_code=204)
        answer.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_S,
            httponly=True,
            samesite="strict",
            secure=request.url.scheme == "https",
        )
        return answer

    # ---- what is shown ----

    def _page(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            if refused.status_code == 401:
                return HTMLResponse(manage_view.sign_in_html(), headers=_NO_STORE)
            return refused
        try:
            html = manage_view.manage_html(self._state(), signed_in=self.access.has_password)
        except RagError as error:
            return PlainTextResponse(str(error), 422)
        return HTMLResponse(html, headers=_NO_STORE)

    def _status(self, request: Request) -> Response:
        refused = self._refused(request)
        if refused is not None:
            return refused
        try:
            return HTMLResponse(manage_view.build_html(self._state()), headers=_NO_STORE)
        except RagError as error:
            return PlainTextResponse(str(error), 422)

    # ---- what can be done ----

    def _add(self, request: Request, body: bytes) -> Response:
        query = request.query_params
        entry = self.collection.add(query["name"], body, _ON_TAKEN[query.get("taken", "refuse")])
        return self._changed("added", entry.name)

    def _describe(self, _: Request, body: bytes) -> Response:
        asked = json.loads(body)
        facts = Facts(*(str(asked[key]) for key in ("title", "source", "region", "published")))
        entry = self.collection.describe(str(asked["name"]), facts, str(asked["seen"]))
        return self._changed("described", entry.name)

    def _remove(self, _: Request, body: bytes) -> Response:
        removed = self.collection.remove(str(json.loads(body)["name"]))
        return self._changed("removed", removed.name)

    def _put_back(self, _: Request, body: bytes) -> Response:
        entry = self.collection.put_back(str(json.loads(body)["token"]))
        return self._changed("put back", entry.name)

    def _changed(self, what: str, name: str) -> Response:
        self.rebuild.forget()
        log.managed(what, file=name)
        return JSONResponse({"name": name})

    def _rebuild(self, _: Request, __: bytes) -> Response:
        if not self.rebuild.start():
            return PlainTextResponse("已经在重建了，请等它完成。", 409)
        log.managed("rebuild")
        return Response(status_code=202)

    def _leave(self, request: Request, _: bytes) -> Response:
        self.access.sign_out(request)
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE)
        return answer
