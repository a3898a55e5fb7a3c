"""question + Hits → the sentences that may answer, and what was set aside on the way."""

from __future__ import annotations

from collections.abc import Sequence

from rag.choice import Sifting
from rag.index import Index
from rag.question import Question
from rag.refusal import about_the_person, why_not
from rag.select import Candidate, candidates
from rag.types import Hit


def sift(asked: Question, hits: Sequence[Hit], index: Index) -> Sifting:
    """The sentences of the hits, and which of them are of the places and the person named and
    hold what is asked for."""
    own = [hit for hit in hits if not asked.regions or hit.passage.region in asked.regions]
    found = candidates(asked, own, index)
    placed = of_the_place(asked, found, index)
    personal = about_the_person(asked, placed, index)
    usable = [c for c in personal if not why_not(asked, c)]
    return Sifting(asked, hits, found, placed, personal, usable)


def of_the_place(asked: Question, ranked: Sequence[Candidate], index: Index) -> list[Candidate]:
    """Candidates about the places named.

    They stand in the reports of those places. A place without a report of its own must be
    named: 大丰区, inside 盐城市, in the passage; 沛县, which is nowhere inside, in the sentence.
    A text of no known place is about any that it names.
    """
    kept = [c for c in ranked if not asked.regions or c.passage.region in asked.regions]
    exact = any(place.exact for place in asked.places)
    for place in asked.places:
        if place.relation == "around":
            kept = [c for c in kept if place.short in c.passage.text]
        elif not place.relation and not exact:
            kept = [c for c in kept if place.short in _where_named(c, index)]
    return kept


def _where_named(candidate: Candidate, index: Index) -> str:
    """The text in which a place must be named that has no report of its own."""
    passage = candidate.passage
    return candidate.text if passage.region else index.documents[passage.doc_id].text
