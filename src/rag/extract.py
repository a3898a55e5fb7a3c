"""question + Hits → Draft without an LLM: the sentences that answer, quoted whole.

Nothing is written here but labels and leads; every statement is a sentence of
a report. What keeps an answer from being given is told as a reason.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.choice import Sifting, tell_sifting
from rag.fitness import fits
from rag.focus import focus
from rag.index import Index
from rag.parts import clauses
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
from rag.select import Candidate, candidates
from rag.sift import known_elsewhere, sift, untold
from rag.text import squeeze
from rag.types import Draft, DraftStatement, Evidence, Hit
from rag.whole import EXPLAINS, MAX_CHARS, adjoin, joined, merged, with_neighbours, within_budget

MAX_SENTENCES = 3
# Sentences whose log-odds are this close to the best are quoted with it: where it does not say
# the question almost word for word; a name, a date or a figure where it does; in the passage of
# an enumeration; and, of what is told rather than named, those that go on where it stops.
CLOSE = 2.0
CLOSE_FACT = 1.1
CLOSE_PASSAGE = 2.2
CLOSE_BEHIND = 5.0
MIN_SURE = 0.9  # likeness
MAX_BEHIND = 1  # sentences
# Of two things asked, each has the sentence that tells it by so much better.
CLOSE_CLAUSE = 1.5
_NAME = 4  # characters of what a clause names, to be looked for to the letter
# One of another year or edition than asked gives way to one this close that fits.
CLOSE_MATCH = 3.0


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
    chosen = _with_rivals(asked, best, sifting, index, most, slack, among=bool(label))
    if asked.kind in EXPLAINS:
        chosen = joined(chosen, with_neighbours(asked, best))
    chosen = merged(chosen)
    return Draft(tuple(statement(asked, c, index, label, limit) for c in chosen), lead=lead)


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
    ends = [m.end() for m in re.finditer(r"[,，;；。]|$", text) if _balanced(text[: m.end()])]
    ends = ends or [len(text)]
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


def _balanced(text: str) -> bool:
    """Whether every quotation mark and bracket that opens in a text closes there."""
    return all(text.count(a) == text.count(b) for a, b in ("“”", "《》", "（）", "()"))


def _of_other_places(asked: Question, hits: Sequence[Hit], index: Index) -> list[Candidate]:
    found = candidates(asked, hits, index) if asked.regions else []
    return [c for c in found if c.passage.region not in asked.regions]


def _with_rivals(
    asked: Question,
    best: Candidate,
    sifting: Sifting,
    index: Index,
    most: int,
    slack: float,
    *,
    among: bool,
) -> list[Candidate]:
    """The best sentence, what else was asked, and sentences too close to it to choose between.

    among: whether other places are asked the same; then a second figure only confuses.

    Enumerations go on in the next sentences of their passage, so for lists and
    measures its own passage is given more room.
    """
    usable = sifting.usable
    chosen = [best]
    # "Who wrote it, and when": one sentence for each thing asked.
    for kind in (asked.kind, *asked.also):
        if kind in ("who", "when", "figure") and not any(fits(kind, asked, c.text) for c in chosen):
            near = [c for c in usable if c.passage == best.passage and fits(kind, asked, c.text)]
            chosen.extend(near[:1])
    chosen.extend(_of_each_clause(asked, chosen, index))
    # A second sentence with the same figure or name tells nothing new.
    enumerates = asked.kind in ("list", "measure", "other", "why", "check")
    marked = "" if asked.also or enumerates else focus(asked, best.text, index.late)
    for other in usable[1:]:
        sure = among or best.likeness >= MIN_SURE
        room = CLOSE_FACT if sure and not enumerates else CLOSE
        if enumerates and other.passage == best.passage:
            room = CLOSE_PASSAGE
        # Beside a date or a figure a sentence without one only distracts; names are known by
        # what stands beside them, if at all.
        may_fit = enumerates or asked.kind in ("who", "where")
        room = room if may_fit or other.fit >= best.fit - 0.3 else 0.0
        # Nor does a caption or a line of a table beside a sentence.
        room = room if _is_sentence(other.text) or not _is_sentence(best.text) else 0.0
        again = bool(marked) and bool(re.search(rf"(?<![\d.]){re.escape(marked)}", other.text))
        if other not in chosen and not again and other.score >= best.score - room - slack:
            chosen.append(other)
    if enumerates and asked.kind != "measure":
        chosen = _going_on(best, chosen, sifting.placed)
    kept = within_budget(chosen[:most])
    if enumerates and all(c.passage == best.passage for c in kept):
        kept.sort(key=lambda c: c.span.start)
    return kept


def _is_sentence(text: str) -> bool:
    return text.rstrip("”’」』)）\"' ").endswith(tuple("。.！!？?；;…：:"))


def _going_on(
    best: Candidate, chosen: Sequence[Candidate], ranked: Sequence[Candidate]
) -> list[Candidate]:
    """The chosen sentences, behind the best one those that go on where it stops, though they
    say little of the question themselves."""
    chain = [best]
    near = [c for c in ranked if c.score >= best.score - CLOSE_BEHIND]
    while len(chain) <= MAX_BEHIND and (more := [c for c in near if _follows(c, chain[-1])]):
        chain.append(more[0])
    return [*chain, *(c for c in chosen if c not in chain)]


def _follows(b: Candidate, a: Candidate) -> bool:
    return b.span.start > a.span.start and adjoin(a, b)


def _of_each_clause(
    asked: Question, chosen: Sequence[Candidate], index: Index
) -> Iterator[Candidate]:
    """What else the passage of the best sentence tells where the question asks two things."""
    hit = chosen[0].hit
    for part in clauses(asked):
        # A clause alone says too little of what the question is about to be judged by that.
        fine = ("", nothing_about(part))
        rated = [c for c in candidates(part, [hit], index) if why_not(part, c) in fine]
        score = {c.span: c.score for c in rated}
        told = max((score.get(c.span, -math.inf) for c in chosen), default=-math.inf)
        if rated and rated[0].score >= told + CLOSE_CLAUSE:
            yield rated[0]
            continue
        # 技术创新成果转化平台 is much like 技术创新平台, but not it.
        named = [word.strip("的") for word in part.content.split()]
        names = [n for n in named if len(n) >= _NAME and not any(n in c.text for c in chosen)]
        close = [c for c in rated if c.score >= told - CLOSE_FACT]
        yield from [c for c in close if any(n in c.text for n in names)][:1]
