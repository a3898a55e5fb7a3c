"""Draft → Answer: every citation is proved here. Pure functions, no model, no I/O.

A draft is not trusted, whoever wrote it. A claimed piece of evidence counts
only when the document's own text at its offsets is the quote; a quote with
wrong offsets is looked for in that document, width and white space aside, and
then replaced by the document's own characters. A statement is shown only when
`supports` finds it in its proved quotes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rag.support import supports
from rag.text import fold_with_map
from rag.types import (
    Answer,
    Citation,
    Document,
    Draft,
    DraftStatement,
    Evidence,
    Hit,
    Passage,
    State,
    Statement,
    SupportKind,
)

__all__ = ["find_quote", "locate", "marked_text", "prove", "supports"]

MAX_CITATIONS = 6
REFUSAL = "资料中没有找到可以回答这个问题的内容。"


def find_quote(text: str, quote: str) -> tuple[int, int] | None:
    """Half-open offsets of a quote in a text, width, case and white space aside.

    None when it is not there or there more than once (then nothing says which
    place is meant).
    """
    folded, offsets = fold_with_map(text)
    wanted, _ = fold_with_map(quote)
    at = folded.find(wanted) if wanted else -1
    if at < 0 or folded.find(wanted, at + 1) >= 0:
        return None
    return offsets[at], offsets[at + len(wanted) - 1] + 1


def locate(evidence: Evidence, documents: Mapping[str, Document]) -> Evidence | None:
    """The evidence with proved offsets and the document's own words, or None."""
    document = documents.get(evidence.doc_id)
    if document is None or not evidence.quote.strip():
        return None
    start, end = evidence.start, evidence.end
    if 0 <= start < end and document.text[start:end] == evidence.quote:
        return evidence
    found = find_quote(document.text, evidence.quote)
    if found is None:
        return None
    return Evidence(evidence.doc_id, *found, document.text[found[0] : found[1]])


def prove(
    question: str,
    searched: str,
    draft: Draft,
    hits: Sequence[Hit],
    documents: Mapping[str, Document],
) -> Answer:
    """Check a draft against the documents; what is not proved is left out.

    The answer abstains when no statement survives, and is partial when one was
    dropped or the draft itself says that something is missing.
    """
    citations: dict[tuple[str, int, int], Citation] = {}
    statements: list[Statement] = []
    for drafted in draft.statements:
        proved = [e for e in (locate(e, documents) for e in drafted.evidence) if e is not None]
        fresh = [e for e in proved if (e.doc_id, e.start, e.end) not in citations]
        if len(citations) + len(fresh) > MAX_CITATIONS:
            continue
        kind = _verdict(drafted, proved)
        if kind is None:
            continue
        for evidence in fresh:
            key = (evidence.doc_id, evidence.start, evidence.end)
            number = len(citations) + 1
            citations[key] = _citation(number, evidence, documents, hits, drafted.focus)
        numbers = tuple(citations[(e.doc_id, e.start, e.end)].number for e in proved)
        statements.append(Statement(drafted.text, numbers, kind, drafted.label))
    if not statements:
        reason = draft.reason or "没有一句话能在原文中得到证实"
        text = f"{REFUSAL}{reason}。" if reason not in REFUSAL else REFUSAL
        return Answer(question, text, (), (), "abstained", reason, searched, tuple(hits))
    state: State = "answered"
    if draft.missing or len(statements) < len(draft.statements):
        state = "partial"
    text = marked_text(statements, draft.lead, draft.missing)
    proved_citations = tuple(citations.values())
    return Answer(
        question, text, tuple(statements), proved_citations, state, draft.missing, searched, tuple(hits)
    )


def _verdict(drafted: DraftStatement, proved: Sequence[Evidence]) -> SupportKind | None:
    if not proved:
        return None
    verdict = supports(drafted.text, "\n".join(e.quote for e in proved))
    return verdict.kind if verdict.supported else None


def _citation(
    number: int,
    evidence: Evidence,
    documents: Mapping[str, Document],
    hits: Sequence[Hit],
    focus: str,
) -> Citation:
    document = documents[evidence.doc_id]
    heading = next((p.heading for p in _around(evidence, hits)), "")
    return Citation(
        number=number,
        doc_id=evidence.doc_id,
        start=evidence.start,
        end=evidence.end,
        quote=document.text[evidence.start : evidence.end],
        title=document.title,
        source=document.source,
        region=document.region,
        published=document.published,
        heading=heading,
        focus=focus if focus in evidence.quote else "",
    )


def _around(evidence: Evidence, hits: Sequence[Hit]) -> Iterable[Passage]:
    for hit in hits:
        p = hit.passage
        if p.doc_id == evidence.doc_id and p.start <= evidence.start < p.end:
            yield p


def marked_text(statements: Sequence[Statement], lead: str = "", missing: str = "") -> str:
    """The answer as text: a line each for the lead, the statements with [n], and what is missing."""
    lines = [lead] if lead else []
    for statement in statements:
        marks = "".join(f"[{n}]" for n in statement.citations)
        label = f"{statement.label}：" if statement.label else ""
        lines.append(f"{label}{statement.text}{marks}")
    if missing:
        lines.append(f"未见报道：{missing}。")
    return "\n".join(lines)
