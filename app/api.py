"""Endpoints for programs: `search` and `ask`, through any Gradio client or plain HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import gradio as gr
from gradio.events import api as endpoint_of

from app.serving import Current
from rag.errors import RagError
from rag.retrieval import Filters

MAX_HITS = 50
MAX_HISTORY = 10


def publish(current: Current) -> None:
    """Add the endpoints to the page being built."""
    for name, endpoint in (("search", make_search(current)), ("ask", make_ask(current))):
        endpoint_of(endpoint, api_name=name)


def make_search(current: Current) -> Callable[..., list[dict[str, Any]]]:
    """The endpoint that finds passages."""

    def search(
        question: str,
        k: int = 5,
        region: str = "",
        doc_id: str = "",
        published_from: str = "",
        published_to: str = "",
    ) -> list[dict[str, Any]]:
        """Find the passages of the reports that are nearest to a question.

        Args:
            question: what to look for, in Chinese.
            k: how many passages, 1 to 50.
            region: only this region, a path or its beginning ("江苏省/盐城市").
            doc_id: only this report.
            published_from: only reports of this date or later ("2022" or "2022-11-01").
            published_to: only reports of this date or earlier.

        Returns:
            Hits, best first: passage (doc_id, start, end, text, title, source, region,
            published, …), score (higher is better), rank.
        """
        try:
            filters = Filters(region, doc_id, published_from, published_to)
            hits = current().searcher.search(question, min(k, MAX_HITS), filters)
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return [asdict(hit) for hit in hits]

    return search


def make_ask(current: Current) -> Callable[..., dict[str, Any]]:
    """The endpoint that answers."""

    def ask(
        question: str,
        history: list[list[str]] | None = None,
        region: str = "",
        doc_id: str = "",
        published_from: str = "",
        published_to: str = "",
    ) -> dict[str, Any]:
        """Answer a question with proved citations, or abstain and say why.

        Args:
            question: the question, in Chinese.
            history: earlier [question, answer] pairs, oldest first, for a follow-up.
            region: only this region, a path or its beginning ("江苏省/盐城市").
            doc_id: only this report.
            published_from: only reports of this date or later ("2022" or "2022-11-01").
            published_to: only reports of this date or earlier.

        Returns:
            text (with marks [1]), state (answered, partial or abstained), reason,
            statements, citations (number, doc_id, start, end, quote, title, …), hits.
        """
        try:
            pairs = [(str(q), str(a)) for q, a in history or []][-MAX_HISTORY:]
        except (TypeError, ValueError) as error:
            raise gr.Error("history 应为 [问题, 回答] 的列表。", print_exception=False) from error
        try:
            filters = Filters(region, doc_id, published_from, published_to)
            return asdict(current().ask(question, pairs, filters))
        except RagError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return ask
