"""Chosen sentences → quotations that can stand alone: with what they lean on, the items they
announce, and the sentences that follow them, as far as an answer has room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.measures import HEADING_CHARS
from rag.question import Question
from rag.select import Candidate
from rag.types import Span

MAX_CHARS = 360
# Kinds whose answer may need the sentence before or the items behind; how long they may get together.
EXPLAINS = ("why", "list", "measure", "other", "check")
MAX_JOINED = 300
_LEANS = re.compile(
    r"因此|所以|于是|因而|为此|由此|从而|此[战举次外]|这[些样就是种一]|该|其|[他她它]们?|但|并且|而且"
)
_GIVES_REASON = re.compile(r"因|由于|为了|为[^,，]{2,20}[,，]|旨在|以便|从而")


def with_neighbours(asked: Question, best: Candidate) -> Candidate:
    """A sentence with those it is no whole without: the one it leans on, the items it announces."""
    passage, spans = best.passage, list(best.passage.sentences)
    at = first = last = spans.index(best.span)
    leans = _LEANS.match(best.text) or (asked.kind == "why" and not _GIVES_REASON.search(best.text))
    if leans and first and _length(spans, first - 1, last) <= MAX_JOINED:
        first -= 1
    # 加强财政保障支持。 is a heading in the line: what was done stands behind it.
    # Items chained by semicolons belong together in a list, not in another answer.
    goes_on = tuple("；;：:") if asked.kind in ("list", "measure") else ("：", ":")
    headed = len(best.text) <= HEADING_CHARS
    # Of what was done under it all is told, as far as there is room.
    all_of_it = headed and asked.kind in ("list", "measure")
    while (headed and (last == at or all_of_it)) or passage.text[
        : spans[last].end - passage.start
    ].endswith(goes_on):
        if last + 1 == len(spans) or _length(spans, first, last + 1) > MAX_JOINED:
            break
        if all_of_it and last > at and _length(spans, last + 1, last + 1) <= HEADING_CHARS:
            break  # the next heading
        last += 1
    if first == last == at:
        return best
    span = Span(spans[first].start, spans[last].end)
    return replace(best, span=span, text=passage.at(span))


def under_its_heading(asked: Question, best: Candidate, usable: Sequence[Candidate]) -> Candidate:
    """The whole of a sentence, or of the heading in the line it stands under, where all under it is
    asked and the heading says as much of the question: 加强财政保障支持。 and what was done."""
    for head in usable if asked.kind in ("list", "measure") else ():
        before = head.passage == best.passage and head.span.end <= best.span.start
        if before and len(head.text) <= HEADING_CHARS and head.likeness >= best.likeness:
            whole = with_neighbours(asked, head)
            if whole.span.end >= best.span.end:
                return whole
    return with_neighbours(asked, best)


def _length(spans: Sequence[Span], first: int, last: int) -> int:
    return spans[last].end - spans[first].start


def joined(chosen: Sequence[Candidate], whole: Candidate) -> list[Candidate]:
    """The chosen sentences, those inside `whole` replaced by it."""
    inside = [
        c.passage == whole.passage
        and whole.span.start <= c.span.start
        and c.span.end <= whole.span.end
        for c in chosen
    ]
    at = inside.index(True)
    rest = [whole if i == at else c for i, c in enumerate(chosen) if i == at or not inside[i]]
    return within_budget(rest)


def merged(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen sentences, those that follow each other in a passage as one quotation."""
    kept: list[Candidate] = []
    for one in chosen:
        i = next((i for i, c in enumerate(kept) if adjoin(c, one)), None)
        if i is None:
            kept.append(one)
        else:
            kept[i] = _spanning(kept[i], one)
    return kept if len(kept) == len(chosen) else merged(kept)


def adjoin(a: Candidate, b: Candidate) -> bool:
    """Whether nothing but white space lies between two sentences of a passage."""
    if a.passage != b.passage:
        return False
    first, second = sorted((a.span, b.span), key=lambda span: span.start)
    start = a.passage.start
    return not a.passage.text[first.end - start : max(first.end, second.start) - start].strip()


def _spanning(a: Candidate, b: Candidate) -> Candidate:
    """The better of two adjoining candidates, its text drawn out over both."""
    span = Span(min(a.span.start, b.span.start), max(a.span.end, b.span.end))
    best, start = max((a, b), key=lambda c: c.score), a.passage.start
    return replace(best, span=span, text=a.passage.text[span.start - start : span.end - start])


def within_budget(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The first candidates whose texts fit into an answer together; always at least one."""
    kept: list[Candidate] = []
    for candidate in chosen:
        if not kept or sum(len(c.text) for c in kept) + len(candidate.text) <= MAX_CHARS:
            kept.append(candidate)
    return kept
