"""Questions and answers in the shapes LangChain programs hand around. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import BaseMessage

from rag.citations import marked_text
from rag.retrieval import to_langchain
from rag.types import Answer


def given(input: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Question and history of {"input", "chat_history"}; history as pairs or LangChain messages."""
    return str(input.get("input") or ""), _pairs(input.get("chat_history") or ())


def context(answer: Answer) -> list[Any]:
    """The passages of an answer as LangChain Documents."""
    return [to_langchain(hit) for hit in answer.hits]


def output(answer: Answer, input: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as {"input", "context", "answer", "citations", "state"}; "note" where there is one."""
    shaped = {
        "input": input.get("input", ""),
        "context": context(answer),
        "answer": answer.text,
        "citations": list(answer.citations),
        "state": answer.state,
    }
    return shaped | ({"note": answer.note} if answer.note else {})


def after(shown: Answer, final: Answer) -> Answer:
    """What has been shown, followed by the answer that should have replaced it, numbered on.

    Pieces of a stream cannot be taken back; all of them are proved.
    """
    shift = len(shown.citations)
    later = [replace(c, number=c.number + shift) for c in final.citations]
    further = [
        replace(s, citations=tuple(n + shift for n in s.citations)) for s in final.statements
    ]
    return replace(
        final,
        text=f"{shown.text}\n{final.note}\n{marked_text(further)}",
        statements=(*shown.statements, *further),
        citations=(*shown.citations, *later),
    )


def _pairs(history: Sequence[Any]) -> list[tuple[str, str]]:
    """(question, answer) pairs out of pairs or of alternating LangChain messages."""
    pairs: list[tuple[str, str]] = []
    for turn in history:
        if isinstance(turn, BaseMessage):
            if turn.type == "human":
                pairs.append((str(turn.text), ""))
            elif turn.type == "ai" and pairs:
                pairs[-1] = (pairs[-1][0], str(turn.text))
        else:
            question, answer = turn
            pairs.append((str(question), str(answer)))
    return pairs
