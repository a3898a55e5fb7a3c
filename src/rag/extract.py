"""question + Hits → Draft without an LLM: the sentences that answer, quoted whole.

Nothing is written here but labels and leads; every statement is a sentence of
a report. What keeps an answer from being given is told as a reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.choice import tell_sifting
from rag.fitness import fits
from rag.focus import focus
from rag.index import Index
from rag.question import Question, content_words
from rag.refusal import (
    anchored_elsewhere,
    mismatch,
    nothing_about,
    of_that_year_instead,
    off_topic,
    unknown_place,
    why_not,
)
from rag.select import HEADING_CHARS, Candidate, candidates
from rag.sift import known_elsewhere, sift, untold
from rag.text import squeeze
from rag.types import Draft, DraftStatement, Evidence, Hit, Span

MAX_CHARS = 360
MAX_SENTENCES = 3
# Sentences whose log-odds are this close to the best are quoted with it: anywhere;
# in the passage of an enumeration; anywhere when the best says little of the question's wording.
CLOSE = 1.1
CLOSE_PASSAGE = 1.8
CLOSE_REWORDED = 1.6
MIN_SURE = 0.5  # likeness from which the wording itself shows which sentence is meant
# Kinds whose answer may need the sentence before or the items behind; how long they may get together.
_EXPLAINS = ("why", "list", "measure", "other", "check")
MAX_JOINED = 300
_LEANS = re.compile(
    r"因此|所以|于是|因而|为此|由此|从而|此[战举次外]|这[些样就是种一]|该|其|[他她它]们?|但|并且|而且"
)
_GIVES_REASON = re.compile(r"因|由于|为了|为[^,，]{2,20}[,，]|旨在|以便|从而")
# One of another year or edition than asked gives way to one this close that fits.
CLOSE_MATCH = 2.2


def extract(
    asked: Question, hits: Sequence[Hit], index: Index, elsewhere: Sequence[Hit] = ()
) -> Draft:
    """Choose sentences that answer, or say why none does.

    elsewhere: what the same question finds when the places it names are ignored;
        a much better match there means that the fact is known of another place only.
    """
    reason = off_topic(asked) or unknown_place(asked, index.documents.values())
    if reason:
        return Draft((), reason=reason)
    asked, hits = _of_the_named_report(asked, hits, index)
    others = _of_other_places(asked, elsewhere, index)
    return answer_one(asked, hits, index, others)


def _of_the_named_report(
    asked: Question, hits: Sequence[Hit], index: Index
) -> tuple[Question, Sequence[Hit]]:
    """When the question names a report by its title: only its hits, and the title is no content."""
    text = squeeze(asked.text)
    # The title is searched with every passage, so a report named by it is among the hits.
    for doc_id in dict.fromkeys(hit.passage.doc_id for hit in hits):
        document = index.documents[doc_id]
        title = re.split(r"——|--", document.title)[0].strip()
        if len(title) >= 5 and squeeze(title) in text:
            own = [hit for hit in hits if hit.passage.doc_id == document.doc_id]
            rest = asked.text.replace(title, " ") if title in asked.text else asked.text
            content = content_words(rest) or asked.content
            return replace(asked, content=content, names_report=True), own
    return asked, hits


def answer_one(
    asked: Question,
    hits: Sequence[Hit],
    index: Index,
    others: Sequence[Candidate] = (),
    label: str = "",
    limit: int = MAX_CHARS,
    most: int = MAX_SENTENCES,
    slack: float = 0.0,
) -> Draft:
    """Answer a question about one place (or none).

    At most `most` statements, those up to `slack` further behind the best than
    usual among them; one longer than `limit` characters is cut to whole clauses.
    """
    sifting = sift(asked, hits, index)
    tell_sifting(sifting)
    ranked, usable = sifting.placed, sifting.usable
    if not usable:
        reason = why_not(asked, ranked[0]) if ranked else ""
        return Draft((), reason=reason or nothing_about(asked))
    # In a comparison a place may be answered by what a question of its own would not be.
    if not label and (reason := known_elsewhere(asked, usable, others)):
        return Draft((), reason=reason)
    best = usable[0]
    if anchored_elsewhere(asked, ranked[0], best):
        return Draft((), reason=why_not(asked, ranked[0]))
    lead, reason = mismatch(asked, best, index)
    for other in usable[1:]:
        # 2014年 is asked and the best sentence tells 2016年: one close behind may tell 2014年.
        if not reason or other.score < best.score - CLOSE_MATCH:
            break
        if of_that_year_instead(asked, best, other, index):
            best, (lead, reason) = other, mismatch(asked, other, index)
    reason = reason or ("" if label else untold(asked, usable))
    if reason:
        return Draft((), reason=reason)
    chosen = _with_rivals(asked, best, usable, index, most, slack)
    if asked.kind in _EXPLAINS:
        chosen = _joined(chosen, _with_neighbours(asked, best))
    chosen = _merged(chosen)
    return Draft(tuple(statement(asked, c, index, label, limit) for c in chosen), lead=lead)


def _with_neighbours(asked: Question, best: Candidate) -> Candidate:
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


def _length(spans: Sequence[Span], first: int, last: int) -> int:
    return spans[last].end - spans[first].start


def _joined(chosen: Sequence[Candidate], whole: Candidate) -> list[Candidate]:
    """The chosen sentences, those inside `whole` replaced by it."""
    inside = [
        c.passage == whole.passage
        and whole.span.start <= c.span.start
        and c.span.end <= whole.span.end
        for c in chosen
    ]
    at = inside.index(True)
    rest = [whole if i == at else c for i, c in enumerate(chosen) if i == at or not inside[i]]
    return _within_budget(rest)


def _merged(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The chosen sentences, those that follow each other in a passage as one quotation."""
    merged: list[Candidate] = []
    for one in chosen:
        i = next((i for i, c in enumerate(merged) if _adjoin(c, one)), None)
        if i is None:
            merged.append(one)
        else:
            merged[i] = _spanning(merged[i], one)
    return merged if len(merged) == len(chosen) else _merged(merged)


def _adjoin(a: Candidate, b: Candidate) -> bool:
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


def statement(
    asked: Question, chosen: Candidate, index: Index, label: str = "", limit: int = MAX_CHARS
) -> DraftStatement:
    """A candidate as a statement: its own text, and the words in it that answer.

    limit: characters at most; of a longer sentence the clauses that say most of
        the question are quoted, the words that answer among them.
    """
    marked = focus(asked, chosen.text, index.late)
    start, end = _clip(asked, chosen.text, marked, index, limit)
    text = chosen.text[start:end]
    at = chosen.span.start
    return DraftStatement(
        text, (Evidence(chosen.passage.doc_id, at + start, at + end, text),), label, marked
    )


def _clip(asked: Question, text: str, marked: str, index: Index, limit: int) -> tuple[int, int]:
    """Offsets of the run of whole clauses, within `limit`, that says most of the question."""
    if len(text) <= limit:
        return 0, len(text)
    ends = [m.end() for m in re.finditer(r"[,，;；。]|$", text)]
    starts = [0, *ends[:-1]]
    words = index.late.question(asked.content)
    runs = [
        (start, max((e for e in ends if start < e <= start + limit), default=start + limit))
        for start in starts
        if start < len(text)
    ]
    said = index.late.scores(words, [index.late.word_ids(text[s:e]) for s, e in runs])
    rated = [
        (float(r) + (marked in text[s:e]), -s, e) for (s, e), r in zip(runs, said, strict=True)
    ]
    _, start, end = max(rated)
    return -start, end - (text[end - 1] in ",，;；")


def _of_other_places(asked: Question, hits: Sequence[Hit], index: Index) -> list[Candidate]:
    found = candidates(asked, hits, index) if asked.regions else []
    return [c for c in found if c.passage.region not in asked.regions]


def _with_rivals(
    asked: Question,
    best: Candidate,
    usable: Sequence[Candidate],
    index: Index,
    most: int,
    slack: float,
) -> list[Candidate]:
    """The best sentence, what else was asked, and sentences too close to it to choose between.

    Enumerations go on in the next sentences of their passage, so for lists and
    measures its own passage is given more room.
    """
    chosen = [best]
    # "Who wrote it, and when": one sentence for each thing asked.
    for kind in (asked.kind, *asked.also):
        if kind in ("who", "when", "figure") and not any(fits(kind, asked, c.text) for c in chosen):
            near = [c for c in usable if c.passage == best.passage and fits(kind, asked, c.text)]
            chosen.extend(near[:1])
    # A second sentence with the same figure or name tells nothing new.
    enumerates = asked.kind in ("list", "measure", "other", "why", "check")
    marked = "" if asked.also or enumerates else focus(asked, best.text, index.late)
    for other in usable[1:]:
        room = CLOSE_REWORDED if best.likeness < MIN_SURE else CLOSE
        if enumerates and other.passage == best.passage:
            room = CLOSE_PASSAGE
        # Beside a date or a figure a sentence without one only distracts.
        room = room if enumerates or other.fit >= best.fit - 0.3 else 0.0
        again = bool(marked) and bool(re.search(rf"(?<![\d.]){re.escape(marked)}", other.text))
        if other not in chosen and not again and other.score >= best.score - room - slack:
            chosen.append(other)
    kept = _within_budget(chosen[:most])
    if enumerates and all(c.passage == best.passage for c in kept):
        kept.sort(key=lambda c: c.span.start)
    return kept


def _within_budget(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The first candidates whose texts fit into an answer together; always at least one."""
    kept: list[Candidate] = []
    for candidate in chosen:
        if not kept or sum(len(c.text) for c in kept) + len(candidate.text) <= MAX_CHARS:
            kept.append(candidate)
    return kept
