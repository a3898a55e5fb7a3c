"""Answer ↔ the JSON a reader's own browser keeps, so that nothing need be kept on the server.

What comes back is not trusted: every quotation is cut from the report again and must be what
the record says. A report that has changed since makes the record invalid, never a citation
that is not in the text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rag.types import Answer, Citation, Document, Hit, Passage, Statement

VERSION = 1
MAX_PARTS = 50
_STATES = ("answered", "partial", "abstained")
_MODES = ("extract", "llm")


class RecordError(ValueError):
    """A record that is damaged, forged, or of a report that has changed."""


def to_record(answer: Answer) -> str:
    """An answer as JSON; passages only by their place."""
    hits = [
        [h.passage.doc_id, h.passage.start, h.passage.end, h.score, h.dense, h.lexical, h.late]
        for h in answer.hits
    ]
    fields = {
        "version": VERSION,
        "question": answer.question,
        "text": answer.text,
        "state": answer.state,
        "reason": answer.reason,
        "searched": answer.searched,
        "mode": answer.mode,
        "statements": [asdict(s) for s in answer.statements],
        "citations": [
            [c.number, c.doc_id, c.start, c.end, c.quote, c.heading, c.focus]
            for c in answer.citations
        ],
        "hits": hits,
    }
    return json.dumps(fields, ensure_ascii=False)


def from_record(raw: Any, documents: dict[str, Document], passages: Sequence[Passage]) -> Answer:
    """The answer of a parsed record. Raises RecordError."""
    try:
        if raw["version"] != VERSION or raw["state"] not in _STATES or raw["mode"] not in _MODES:
            raise RecordError("unknown version or state")
        texts = [_text(raw[key]) for key in ("question", "text", "reason", "searched")]
        citations = tuple(_citation(c, documents) for c in raw["citations"][:MAX_PARTS])
        numbers = {c.number for c in citations}
        statements = tuple(_statement(s, numbers) for s in raw["statements"][:MAX_PARTS])
        known = {(p.doc_id, p.start, p.end): p for p in passages}
        hits = tuple(
            _hit(known[_text(h[0]), h[1], h[2]], rank, h[3:])
            for rank, h in enumerate(raw["hits"][:MAX_PARTS], 1)
        )
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise RecordError(f"{type(error).__name__} in a record") from error
    question, text, reason, searched = texts
    return Answer(
        question, text, statements, citations, raw["state"], reason, searched, hits, raw["mode"]
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise RecordError("not a text")
    return value


def _citation(row: Any, documents: dict[str, Document]) -> Citation:
    number, doc_id, start, end, quote, heading, focus = row
    document = documents[doc_id]
    in_text = type(start) is int and type(end) is int and 0 <= start < end <= len(document.text)
    if type(number) is not int or not in_text or document.text[start:end] != quote:
        raise RecordError("a quotation is not in its report")
    if _text(focus) not in quote:
        raise RecordError("the words that answer are not in the quotation")
    return Citation(
        number, doc_id, start, end, quote, document.title, document.source, document.region,
        document.published, _text(heading), focus,
    )  # fmt: skip


def _statement(row: Any, numbers: set[int]) -> Statement:
    if row["kind"] not in ("verbatim", "reworded") or not set(row["citations"]) <= numbers:
        raise RecordError("a statement without its citation")
    return Statement(_text(row["text"]), tuple(row["citations"]), row["kind"], _text(row["label"]))


def _hit(passage: Passage, rank: int, scores: Any) -> Hit:
    score, dense, lexical, late = (float(value) for value in scores)
    return Hit(passage, score, rank, dense, lexical, late)
