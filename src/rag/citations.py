"""Draft → Answer: every citation is proved here. Pure functions, no model, no I/O.

A draft is not trusted, whoever wrote it. A claimed piece of evidence counts
only when the document's own text at its offsets is the quote; a quote with
wrong offsets is looked for in that document, width and white space aside, and
then replaced by the document's own characters. A statement is shown only when
`supports` finds it in its proved quotes, those of one report at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.places import short_name
from rag.reply import REFUSAL_LINE as REFUSAL
from rag.support import coverage, supports
from rag.text import fold_with_map, squeeze
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
_NEAREST = 4  # quotations a statement is tried against beside those it names


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


@dataclass(frozen=True, slots=True)
class Proof:
    """A drafted statement and the quotations that say it."""

    drafted: DraftStatement
    evidence: tuple[Evidence, ...]
    kind: SupportKind


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


def check(
    drafted: DraftStatement,
    documents: Mapping[str, Document],
    pool: Sequence[Evidence] = (),
) -> Proof | None:
    """The proof of one statement, or None.

    Tried in turn: each quotation it names, those of one report together, its
    clauses each by a report of its own, then the quotations of `pool` that are
    nearest to its wording (a right statement with a wrong reference is kept,
    with the right one).
    """
    named = [e for e in (locate(e, documents) for e in drafted.evidence) if e is not None]
    for group in _groupings(named):
        kind = _kind(drafted.text, group, documents)
        if kind:
            return Proof(drafted, group, kind)
    clauses = _clause_by_clause(drafted.text, named, documents)
    if clauses:
        return Proof(drafted, clauses, "reworded")
    for group in _nearest(drafted.text, named, pool):
        located = [locate(e, documents) for e in group]
        proved = tuple(e for e in located if e is not None)
        kind = _kind(drafted.text, proved, documents) if len(proved) == len(group) else None
        if kind:
            return Proof(drafted, proved, kind)
    return None


def _groupings(named: Sequence[Evidence]) -> Iterator[tuple[Evidence, ...]]:
    """Each quotation alone (the fewest citations that prove), then those of one report together."""
    yield from ((e,) for e in named)
    for doc_id in dict.fromkeys(e.doc_id for e in named):
        group = tuple(sorted((e for e in named if e.doc_id == doc_id), key=lambda e: e.start))
        if len(group) > 1:
            yield group


def _kind(
    text: str, group: Sequence[Evidence], documents: Mapping[str, Document]
) -> SupportKind | None:
    """How quotations of one report support a text, None when they do not."""
    verdict = supports(text, "\n".join(e.quote for e in group), documents[group[0].doc_id])
    return verdict.kind if verdict.supported else None


def _clause_by_clause(
    text: str, named: Sequence[Evidence], documents: Mapping[str, Document]
) -> tuple[Evidence, ...]:
    """Quotations of several reports for a statement that sets places side by side, () when one lacks.

    Never taken together: the figure of one report would pass as another's.
    Every clause must name the place of the report that proves it.
    """
    if len({e.doc_id for e in named}) < 2:
        return ()
    found: list[Evidence] = []
    for clause in (c for c in re.split(r"[，,；;。]", text) if c.strip()):
        fitting = (
            group
            for group in _groupings(named)
            if short_name(documents[group[0].doc_id].region.split("/")[-1]) in clause
            and _kind(clause, group, documents)
        )
        group = next(fitting, ())
        if not group:
            return ()
        found.extend(e for e in group if e not in found)
    return tuple(found)


def _nearest(
    text: str, named: Sequence[Evidence], pool: Sequence[Evidence]
) -> Iterator[tuple[Evidence, ...]]:
    """Quotations whose wording covers most of a text, each alone and with the sentence before it."""
    claim = squeeze(text)
    rated = sorted(
        ((-coverage(claim, e.quote), i) for i, e in enumerate(pool)), key=lambda pair: pair
    )[:_NEAREST]
    yield from ((pool[i],) for _, i in rated if pool[i] not in named)
    for _, i in rated:
        if i and pool[i - 1].doc_id == pool[i].doc_id:
            yield pool[i - 1], pool[i]


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
    for proof in proofs:
        if proof is None:
            continue
        fresh = [e for e in proof.evidence if (e.doc_id, e.start, e.end) not in citations]
        if len(citations) + len(fresh) > MAX_CITATIONS:
            continue
        for evidence in fresh:
            key = (evidence.doc_id, evidence.start, evidence.end)
            number = len(citations) + 1
            citations[key] = _citation(number, evidence, documents, hits, proof.drafted.focus)
        numbers = tuple(citations[e.doc_id, e.start, e.end].number for e in proof.evidence)
        drafted = proof.drafted
        statements.append(Statement(drafted.text, numbers, proof.kind, drafted.label))
    if not statements:
        reason = draft.reason or "没有一句话能在原文中得到证实"
        text = f"{REFUSAL}{reason}。" if reason not in REFUSAL else REFUSAL
        return Answer(question, text, (), (), "abstained", reason, searched, tuple(hits))
    state: State = "partial" if draft.missing or len(statements) < len(proofs) else "answered"
    text = marked_text(statements, draft.lead, draft.missing)
    proved = tuple(citations.values())
    return Answer(
        question, text, tuple(statements), proved, state, draft.missing, searched, tuple(hits)
    )


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
