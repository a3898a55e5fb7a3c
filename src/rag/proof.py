"""A drafted statement → the quotations that prove it, or nothing. Pure functions.

What a writer names as evidence is tried first; a right statement with a wrong
reference is kept with the right one. Reports are never mixed: the figure of
one would pass as another's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.places import region_name, short_name
from rag.quotes import locate
from rag.support import coverage, supports
from rag.text import squeeze
from rag.types import Document, DraftStatement, Evidence, SupportKind

_OWN_CLAUSE = 0.55  # share of a clause that one of several quotations must say
_CLAUSE_END = re.compile(r"[，,、。；;：:！!？?\n“”]")
_NEAREST = 4  # quotations a statement is tried against beside those it names


@dataclass(frozen=True, slots=True)
class Proof:
    """A drafted statement and the quotations that say it."""

    drafted: DraftStatement
    evidence: tuple[Evidence, ...]
    kind: SupportKind


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
    """How quotations of one report support a text, None when they do not.

    They must do so as quoted and as they stand in the report: 举办培训300场
    proves nothing where the report says 没有举办培训300场. Several must not be
    run together: each clause of the text needs one that says most of it.
    """
    document = documents[group[0].doc_id]
    quotes = [e.quote for e in group]
    if len(group) > 1 and not _each_said(text, quotes):
        return None
    verdict = supports(text, "。\n".join(quotes), document)
    whole = [_whole_clauses(document.text, e) for e in group]
    if verdict.supported and whole != quotes:
        verdict = supports(text, "。\n".join(whole), document)
    return verdict.kind if verdict.supported else None


def _each_said(text: str, quotes: Sequence[str]) -> bool:
    clauses = [c for c in re.split(r"[，,；;。：:]", text) if len(c.strip()) > 3]
    return all(max(coverage(c, q) for q in quotes) >= _OWN_CLAUSE for c in clauses)


def _whole_clauses(text: str, evidence: Evidence) -> str:
    """A quotation widened to the ends of the clauses it is cut from."""
    before = _CLAUSE_END.split(text[: evidence.start])[-1]
    after = _CLAUSE_END.split(text[evidence.end :], maxsplit=1)[0]
    if evidence.quote[-1:] and _CLAUSE_END.match(evidence.quote[-1]):
        after = ""
    return before + evidence.quote + after


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
            if short_name(region_name(documents[group[0].doc_id].region)) in clause
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
