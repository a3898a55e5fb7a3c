"""What is quoted beside the best sentence: the other things asked, sentences too close to choose
between, and those that go on where it stops."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from rag.choice import Sifting
from rag.fitness import fits
from rag.focus import focus
from rag.index import Index
from rag.parts import clauses
from rag.question import Question
from rag.refusal import nothing_about, why_not
from rag.select import Candidate, candidates
from rag.whole import adjoin, within_budget

# Sentences whose log-odds are this close to the best are quoted with it: where it does not say
# the question almost word for word; a name, a date or a figure where it does; in the passage of
# an enumeration; and, of what is told rather than named, those that go on where it stops.
CLOSE = 2.6
CLOSE_FACT = 2.1
CLOSE_PASSAGE = 2.8
CLOSE_BEHIND = 6.5
# A question of no report's place is less sure of its sentence: more counts as close.
CLOSE_PLACELESS = 1.6
MIN_SURE = 0.9  # likeness
MAX_BEHIND = 1  # sentences
# Of two things asked, each has the sentence that tells it by so much better.
CLOSE_CLAUSE = 1.5
_NAME = 4  # characters of what a clause names, to be looked for to the letter


def with_rivals(
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
        room += CLOSE_PLACELESS if room and not (asked.regions or asked.names_report) else 0.0
        if other not in chosen and not again and other.score >= best.score - room - slack:
            chosen.append(other)
    if enumerates and asked.kind != "measure" and not among:
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
