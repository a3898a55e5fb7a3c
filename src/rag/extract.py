"""question + Hits → Draft without an LLM: the sentences that answer, quoted whole.

Nothing is written here but labels and leads; every statement is a sentence of
a report. What keeps an answer from being given is told as a reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.choice import Sifting, tell_sifting
from rag.focus import focus
from rag.index import Index
from rag.mistaken import mistaken
from rag.names import people
from rag.premises import (
    held_by_another,
    one_event,
    other_day,
    other_year,
    strange_place,
    year_remark,
)
from rag.question import Question, content_words
from rag.refusal import (
    anchored_elsewhere,
    contradicted,
    mismatch,
    nothing_about,
    of_that_year_instead,
    off_topic,
    unknown_place,
    why_not,
)
from rag.rivals import CLOSE, with_rivals
from rag.select import Candidate, candidates
from rag.sift import NEAR, asks_publication, known_elsewhere, sift, untold
from rag.specifics import NOT_TOLD
from rag.text import squeeze
from rag.types import Draft, DraftStatement, Evidence, Hit
from rag.values import figures
from rag.whole import EXPLAINS, MAX_CHARS, joined, merged, under_its_heading

MAX_SENTENCES = 3
# A sentence that says this much of a question with a wrong premise is the one meant.
_MEANT = 0.4
# What is asked in these kinds stands in a sentence or does not; of the others, log-odds by which
# one must be ahead.
_EXACT = ("figure", "when", "who")
_AHEAD = 1.5
_FEW = 3  # of the best sentences one may contradict the question
# One of another year or edition than asked gives way to one this close that fits.
CLOSE_MATCH = 4.0


def extract(
    asked: Question,
    hits: Sequence[Hit],
    index: Index,
    elsewhere: Callable[[], Sequence[Hit]] = tuple,
) -> Draft:
    """Choose sentences that answer, or say why none does.

    elsewhere: finds what the same question finds when the places it names are ignored;
        a much better match there means that the fact is known of another place only.
    """
    if reason := off_topic(asked, index.documents.values()):
        return Draft((), reason=reason)
    if premise := strange_place(asked, hits, index):
        return _corrected(asked, premise, index)
    if reason := unknown_place(asked, index.documents.values()):
        return Draft((), reason=reason)
    asked, hits = _of_the_named_report(asked, hits, index)
    return answer_one(asked, hits, index, lambda: _of_other_places(asked, elsewhere(), index))


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
    others: Callable[[], Sequence[Candidate]] = tuple,
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
    if label:
        sifting = _by_matter(sifting)
    ranked, usable = sifting.placed, sifting.usable
    if premise := held_by_another(asked, ranked) or _false_figure(asked, ranked, usable, index):
        return _corrected(asked, premise, index, label, limit)
    if ranked and (premise := other_year(asked, ranked, usable) or mistaken(asked, ranked, index)):
        return _corrected(asked, premise, index, label, limit, usable[:1])
    if not usable:
        reason = why_not(asked, ranked[0]) or NOT_TOLD if ranked else nothing_about(asked)
        return Draft((), reason=reason)
    # In a comparison a place may be answered by what a question of its own would not be.
    sure = asks_publication(asked)
    if not (label or sure) and (reason := known_elsewhere(asked, sifting, others, index)):
        return Draft((), reason=reason)
    best = usable[0]
    if anchored_elsewhere(asked, ranked[0], best):
        return Draft((), reason=why_not(asked, ranked[0]))
    lead, reason = _premise_of(asked, best, ranked, index)
    for other in usable[1:]:
        # 2014年 is asked and the best sentence tells 2016年: one close behind may tell 2014年.
        if not reason or other.score < best.score - CLOSE_MATCH:
            break
        if of_that_year_instead(asked, best, other, index):
            best, (lead, reason) = other, _premise_of(asked, other, ranked, index)
            sifting = replace(sifting, usable=[best, *(c for c in usable if c is not best)])
    meant = lead and best.likeness >= _MEANT  # a wrong premise lowers the odds
    reason = reason or ("" if label or meant or sure else untold(sifting, index, bool(lead)))
    if reason:
        return Draft((), reason=reason)
    chosen = with_rivals(asked, best, sifting, index, most, slack, among=bool(label))
    if asked.kind in EXPLAINS:
        # Beside other places there is no room for a whole row of items.
        short = replace(asked, kind="other") if label else asked
        chosen = joined(chosen, under_its_heading(short, best, usable))
    chosen = merged(chosen)
    return Draft(tuple(statement(asked, c, index, label, limit) for c in chosen), lead=lead)


def _by_matter(sifting: Sifting) -> Sifting:
    """In a comparison what is asked is said once for all places, so that its form may fit one
    alone: the sentence that tells by far the most is not set aside for another, 纳入人才总盘子
    for no place where 放进了哪里 is asked."""
    asked, best = sifting.asked, sifting.personal[:1]
    if asked.kind in _EXACT or not best or best[0] in sifting.usable or not sifting.usable:
        return sifting
    next_ = sifting.usable[0]
    ahead = best[0].score - next_.score >= _AHEAD and best[0].likeness >= next_.likeness
    foreign = why_not(asked, best[0]) == nothing_about(asked)
    return sifting if foreign or not ahead else replace(sifting, usable=[*best, *sifting.usable])


def _corrected(
    asked: Question,
    premise: tuple[Candidate, str],
    index: Index,
    label: str = "",
    limit: int = MAX_CHARS,
    best: Sequence[Candidate] = (),
) -> Draft:
    """A sentence that contradicts what the question takes for granted, with the remark on it.

    best: the one that answers what else is asked; quoted where it stands beside the other and
        somebody is meant, whoever that is.
    """
    told, remark = premise
    chosen = [told]
    if asked.kind not in EXPLAINS:
        named = {p.name for p in people(told.text) if p.name in asked.text}
        chosen += [c for c in best if named and c.passage == told.passage and c.span != told.span]
    return Draft(tuple(statement(asked, c, index, label, limit) for c in chosen), lead=remark)


def _premise_of(
    asked: Question, best: Candidate, ranked: Sequence[Candidate], index: Index
) -> tuple[str, str]:
    """(remark, refusal) of the best sentence: see `mismatch`; one event of another year or day
    is no other event."""
    lead, reason = mismatch(asked, best, index)
    if reason and one_event(asked, best.text):
        lead, reason = year_remark(asked, best.text), ""
    lead = lead or other_day(asked, best)
    if not lead and _states_otherwise(asked, ranked):
        lead = contradicted(asked, best, index.late)
    return lead, reason


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
    found = candidates(asked, hits, index)
    return [c for c in found if c.passage.region not in asked.regions]


def _false_figure(
    asked: Question, ranked: Sequence[Candidate], usable: Sequence[Candidate], index: Index
) -> tuple[Candidate, str] | None:
    """(sentence, remark) when what the question asks about is told with another figure than it
    states, by a sentence that says more of it than the best one that may answer."""
    if not _states_otherwise(asked, ranked):
        return None
    for c in ranked[:_FEW]:
        close = c.score >= ranked[0].score - CLOSE and c not in usable[:1]
        if not close or (usable and c.likeness <= usable[0].likeness):
            continue
        if remark := contradicted(asked, c, index.late):
            return c, remark
    return None


def _states_otherwise(asked: Question, ranked: Sequence[Candidate]) -> bool:
    """Whether none of the sentences that may be about it tells a figure of the question."""
    near = [c for c in ranked if c.score >= ranked[0].score - NEAR]
    told = {(f.kind, f.value) for c in near for f in figures(c.text)}
    return not any((f.kind, f.value) in told for f in asked.figures)
