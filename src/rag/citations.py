"""Draft → Answer: every citation is proved here. Pure functions; no chat model.

A draft is not trusted, whoever wrote it. A claimed piece of evidence counts
only when the document's own text at its offsets is the quote; a quote with
wrong offsets is looked for in that document, width and white space aside, and
then replaced by the document's own characters. A statement is shown only when
`supports` finds it in its proved quotes, those of one report at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from rag.proof import Proof, check
from rag.quotes import find_quote, locate
from rag.reply import REFUSAL_LINE as REFUSAL
from rag.support import supports
from rag.types import (
    Answer,
    Citation,
    Document,
    Draft,
    Evidence,
    Hit,
    Passage,
    State,
    Statement,
)

__all__ = [
    "Proof",
    "assemble",
    "check",
    "find_quote",
    "locate",
    "marked_text",
    "prove",
    "supports",
]

MAX_CITATIONS = 6

_MARK = re.compile(r"\[(\d+)\]")


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
    proofs = [check(drafted, documents) for drafted in draft.statements]
    return assemble(question, searched, draft, proofs, hits, documents)


def assemble(
    question: str,
    searched: str,
    draft: Draft,
    proofs: Sequence[Proof | None],
    hits: Sequence[Hit],
    documents: Mapping[str, Document],
) -> Answer:
    """The answer of the proved statements, citations numbered in order of use.

    proofs: one for each statement drafted so far, None where nothing proves it.
    """
    citations: dict[tuple[str, int, int], Citation] = {}
    statements: list[Statement] = []
    full: list[str] = []
    for proof in proofs:
        if proof is None:
            continue
        fresh = [e for e in proof.evidence if (e.doc_id, e.start, e.end) not in citations]
        if len(citations) + len(fresh) > MAX_CITATIONS:
            full.append(proof.drafted.label)
            continue
        for evidence in fresh:
            key = (evidence.doc_id, evidence.start, evidence.end)
            number = len(citations) + 1
            citations[key] = _citation(number, evidence, documents, hits, proof.drafted.focus)
        numbers = tuple(citations[e.doc_id, e.start, e.end].number for e in proof.evidence)
        drafted = proof.drafted
        # A [3] of the report is no mark of ours.
        text = _MARK.sub("\uff3b\\1\uff3d", drafted.text)
        statements.append(Statement(text, numbers, proof.kind, drafted.label))
    if not statements:
        reason = draft.reason or "没有一句话能在原文中得到证实"
        text = f"{REFUSAL}{reason}。" if reason not in REFUSAL else REFUSAL
        return Answer(question, text, (), (), "abstained", reason, searched, tuple(hits))
    # Places for which there was no room are told.
    without = [label for label in full if label and label not in {s.label for s in statements}]
    missing = "、".join(dict.fromkeys(part for part in (draft.missing, *without) if part))
    state: State = "partial" if missing or len(statements) < len(proofs) else "answered"
    reason = missing
    if state == "partial" and not missing:
        reason = f"有 {len(proofs) - len(statements)} 句话未能在原文中证实，已略去"
        if len(full) == len(proofs) - len(statements):
            reason = f"引文最多列 {MAX_CITATIONS} 条，其余未列"
    text = marked_text(statements, draft.lead, missing)
    proved = tuple(citations.values())
    return Answer(question, text, tuple(statements), proved, state, reason, searched, tuple(hits))


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
