"""question + Hits → Draft without an LLM: the sentences that answer, quoted whole.

Nothing is written here but labels and leads; every statement is a sentence of
a report. What keeps an answer from being given is told as a reason.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.index import Index
from rag.names import OFFICES, people
from rag.places import place_names, short_name
from rag.question import Question
from rag.select import Candidate, best_figure, candidates
from rag.types import Draft, DraftStatement, Evidence, Hit
from rag.values import Date, dates, figures

MAX_CHARS = 330
MAX_SENTENCES = 4

# Below these a sentence merely resembles the question. Set on questions with
# and without an answer in the reports; see benchmarks/README.md.
MIN_LIKENESS = 0.42
MIN_OWN = 0.25
# A further sentence is quoted when it is nearly as good as the best one.
ALSO = 0.88

_RELATIVE_YEAR = re.compile(r"今年|去年|前年|当年|同年")


def extract(asked: Question, hits: Sequence[Hit], index: Index) -> Draft:
    """Choose sentences that answer, or say why none does."""
    unknown = _unknown_place(asked, index)
    if unknown:
        return Draft((), reason=f"资料中没有{unknown}的报道")
    if asked.compares and len(asked.groups) > 1:
        from rag.compare import compare

        return compare(asked, hits, index)
    return answer_one(asked, hits, index)


def answer_one(asked: Question, hits: Sequence[Hit], index: Index, label: str = "") -> Draft:
    """Answer a question about one place (or none)."""
    ranked = _of_the_place(asked, candidates(asked, hits, index))
    if not ranked:
        return Draft((), reason=_nothing(asked))
    usable = [c for c in ranked if acceptable(asked, c)]
    if not usable:
        return Draft((), reason=_why_not(asked, ranked[0]))
    best = usable[0]
    lead, reason = _premise(asked, best)
    if reason:
        return Draft((), reason=reason)
    chosen = _with_neighbours(asked, best, usable)
    return Draft(tuple(statement(asked, c, label) for c in chosen), lead=lead)


def statement(asked: Question, chosen: Candidate, label: str = "") -> DraftStatement:
    """A candidate as a statement: its own text, and the words in it that answer."""
    passage, span = chosen.passage, chosen.span
    evidence = Evidence(passage.doc_id, span.start, span.end, chosen.text)
    return DraftStatement(chosen.text, (evidence,), label, focus(asked, chosen.text))


def focus(asked: Question, text: str) -> str:
    """The figure, date or name in `text` that answers; "" where no single one does."""
    if asked.kind == "figure" and asked.asked:
        figure = best_figure(asked.asked[0], figures(text))[1]
        return figure.text if figure else ""
    if asked.kind == "when":
        found = dates(text)
        return found[0].text if found else ""
    if asked.kind == "who":
        persons = people(text)
        return persons[0].name if persons else ""
    return ""


def _unknown_place(asked: Question, index: Index) -> str:
    """A named place that no report is of and none mentions, or ""."""
    for place in asked.places:
        if not place.regions and not any(place.name in d.text for d in index.documents.values()):
            return place.name
    return ""


def _of_the_place(asked: Question, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Candidates about the places named: of their reports, and naming what has no report."""
    kept = list(ranked)
    if asked.regions:
        kept = [c for c in kept if c.passage.region in asked.regions]
    elif asked.places:
        names = [short_name(p.name) for p in asked.places]
        kept = [c for c in kept if any(n in c.text for n in names)]
    return kept


def acceptable(asked: Question, candidate: Candidate) -> bool:
    """Whether a sentence says enough of what is asked, and holds the kind of thing asked for."""
    if candidate.likeness < MIN_LIKENESS or candidate.own < MIN_OWN:
        return False
    if asked.kind == "figure" and candidate.fit < 0.5:
        return False
    if asked.kind == "who":
        return _names_the_person(asked, candidate.text)
    return not (asked.kind == "when" and candidate.fit < 1.0 and not _RELATIVE_YEAR.search(candidate.text))


def _names_the_person(asked: Question, text: str) -> bool:
    """Whether a person in `text` holds the office asked for, in the place asked about."""
    wanted = [office for office in OFFICES if office in asked.text]
    named = {short_name(p.name) for p in asked.places}
    for person in people(text):
        before = re.split(r"[。;；]", text[: person.start])[-1][-30:]
        if wanted and not any(office in before for office in wanted):
            continue
        others = {short_name(name) for name in place_names(before)}
        if not named or not others or others & named or any(p.regions and not p.exact for p in asked.places):
            return True
    return False


def _premise(asked: Question, best: Candidate) -> tuple[str, str]:
    """(remark, refusal) when the question's years or figures are not those of the evidence."""
    years = {d.year for d in asked.dates if d.year}
    given = _years_around(best)
    if years and given and not years & given:
        said = "、".join(f"{y}年" for y in sorted(years))
        found = "、".join(f"{y}年" for y in sorted(given))
        if asked.kind in ("why", "other", "measure"):
            return f"问题说的是{said}，原文为{found}。", ""
        return "", f"有{found}的相关内容，没有{said}的"
    if asked.kind in ("why", "other"):
        numbers = figures(best.text)
        for figure in asked.figures:
            same_kind = [f for f in numbers if f.kind == figure.kind]
            if same_kind and all(f.value != figure.value for f in same_kind):
                return f"问题说的是“{figure.text}”，原文不是这个数。", ""
    return "", ""


def _years_around(candidate: Candidate) -> set[int]:
    """Years a sentence speaks of: its own, else those named last before it in its passage."""
    own = {d.year for d in dates(candidate.text) if d.year}
    if own:
        return own
    passage = candidate.passage
    before: list[Date] = [d for d in dates(passage.text[: candidate.span.start - passage.start]) if d.year]
    return {before[-1].year} if before else set()


def _with_neighbours(asked: Question, best: Candidate, usable: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence and those of its passage that belong to the answer, in reading order."""
    single = asked.kind in ("who", "when", "where") or (asked.kind == "figure" and len(asked.asked) < 2)
    bar = ALSO + (0.07 if single else 0.0)
    chosen = [best]
    length = len(best.text)
    for other in usable[1:]:
        near = other.passage is best.passage
        enough = other.score >= bar * best.score
        if not (near and enough) or len(chosen) >= (2 if single else MAX_SENTENCES):
            continue
        if length + len(other.text) <= MAX_CHARS:
            chosen.append(other)
            length += len(other.text)
    return sorted(chosen, key=lambda c: (c.passage.doc_id, c.span.start))


def _nothing(asked: Question) -> str:
    names = "、".join(p.name for p in asked.places)
    return f"资料中没有{names}的相关内容" if names else "资料中没有与问题相关的内容"


def _why_not(asked: Question, best: Candidate) -> str:
    if best.likeness < MIN_LIKENESS or best.own < MIN_OWN:
        return _nothing(asked)
    wanted = {"figure": "相应的数字", "who": "姓名", "when": "日期"}.get(asked.kind, "所问的内容")
    return f"有相近的内容，但没有写明{wanted}"
