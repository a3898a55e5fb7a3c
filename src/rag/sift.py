"""question + Hits → the sentences that may answer, what was set aside on the way, and whether
any of them does."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence

from rag.advice import for_oneself
from rag.answerable import log_odds
from rag.choice import Sifting
from rag.demands import unmet
from rag.index import Index
from rag.places import region_name
from rag.question import Question
from rag.refusal import about_the_person, nothing_about, why_not
from rag.select import Candidate, candidates
from rag.specifics import NO_FIGURE, NOT_TOLD
from rag.types import Hit
from rag.values import figures
from rag.whole import adjoin, with_neighbours
from rag.years import same_month

# A fact is another place's when the odds that it is told there are this much better. At 2.0 two
# answered questions more of 3,130 are refused, and two more of 1,628 that are left open.
ELSEWHERE = 4.0
# With these odds of an answer other places are not looked at, which takes as long as answering.
SURE = 0.5
# What is asked of a named place is not told when the log-odds that any sentence found tells it
# lie below MIN_ANSWERED (training/answerable.py); without a place far less is asked.
MIN_ANSWERED = -1.4
MIN_ANSWERED_PLACELESS = -3.2
# Where all reports are of one field, a question without a place may well be of another.
MIN_ANSWERED_IN_FIELD, ONE_FIELD = -2.0, 0.5
# Why something is so is not told without a word that gives a reason, unless all else fits.
MIN_REASONED = -1.2
_REASON = re.compile(
    r"因|由于|为了?|所以|旨在|使|从而|针对|以便|目的|避免|防止|鉴于|随着|导致|受惠|受益|得益|多亏|靠"
)
# Advice for oneself is hardly ever what reports tell.
MIN_ADVISED = 0.5
# A smaller figure names too much. What is asked of that very thing is asked in these kinds; the
# others state something that may be wrong.
_TELLING = 5
_MEANT = 0.25  # likeness by which a sentence of another month must be ahead to be meant
# Log-odds, from reading it, that a sentence tells what its form denies; and how far ahead it must
# be. Such a sentence was found, by readers that had not seen the question, for 140 of 5,100 on the
# news: 65 of the 85 with an answer were right (two behind them would have been), 55 are near misses.
READ_TO_TELL, AHEAD = 0.5, 1.0
NEAR = 12.0  # log-odds behind the best sentence from which one is about something else
_PART = re.compile(r"[里中](?=[,，]|面|有|的|女|男|省|全国|一线|占)")
# When a report was published is told by its dateline alone.
_PUBLISHED = re.compile(
    r"(?:[这那哪两]一?篇|(?<!投)稿子?|报道|文章|一文)[^,，里中提说]{0,14}?(?<![印下颁])"
    r"(?:登(?!记)|刊|见报|发[布表的得出]|推送|上线)"
)
# Kinds of events, by the words that tell of one.
_EVENTS = tuple(map(re.compile, (r"大赛|竞赛|比赛|比武|赛事|擂台", r"招聘|求职", r"疗休?养")))
_DATELINE = re.compile(r"\s*(?:发布|发表|刊发|更新)?(?:时间|日期)[:：]")
UNCOVERED = (0.0, -math.inf, -math.inf)  # of a question of which nothing is found
_ISSUED = re.compile(r"印发|出台|下发|颁布|制定|修订|签订|挂牌|成立")
_OF_THAT = ("figure", "when", "list", "where", "who")


def sift(asked: Question, hits: Sequence[Hit], index: Index) -> Sifting:
    """The sentences of the hits, and which of them are of the places and the person named and
    hold what is asked for."""
    own = [hit for hit in hits if not asked.regions or hit.passage.region in asked.regions]
    found = candidates(asked, own, index)
    placed = of_the_place(asked, found, index)
    personal = about_the_person(asked, placed, index)
    usable = _read_to_tell(asked, personal, [c for c in personal if not why_not(asked, c)])
    usable = of_the_month(asked, usable)
    usable = of_the_event(asked, of_the_figure(asked, placed, usable))
    if asks_publication(asked):
        usable = [c for c in placed if _DATELINE.match(c.text)] or usable
    elif asked.kind == "when" and _ISSUED.search(asked.text):
        usable = [c for c in usable if not _DATELINE.match(c.text)]
    return Sifting(asked, hits, found, placed, personal, usable)


def _read_to_tell(
    asked: Question, ranked: Sequence[Candidate], usable: Sequence[Candidate]
) -> list[Candidate]:
    """The usable candidates, before them the very best where only its form speaks against it and
    reading it says that it tells what is asked: who built it, told of a body whose name looks like
    none. Only where no place is named: near misses of a place's report are too close."""
    first = ranked[0] if ranked else None
    if first is None or first in usable or asked.regions or asked.names_report:
        return list(usable)
    ahead = not usable or first.score >= usable[0].score + AHEAD
    told = ahead and first.tells >= READ_TO_TELL and why_not(asked, first) != nothing_about(asked)
    return [first, *usable] if told else list(usable)


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


def of_the_month(asked: Question, usable: Sequence[Candidate]) -> list[Candidate]:
    """Candidates that tell of the month or the day the question names; where none does, all.

    Who came in December is not told by who came in September. A sentence without a date stays.
    """
    told = [same_month(asked, c.text) for c in usable]
    same = [c.likeness for c, agrees in zip(usable, told, strict=True) if agrees]
    # What says so much more of the question is meant, and the month is wrong.
    if not same or (told[0] is False and usable[0].likeness - max(same) > _MEANT):
        return list(usable)
    return [c for c, same in zip(usable, told, strict=True) if same is not False]


def of_the_figure(
    asked: Question, placed: Sequence[Candidate], usable: Sequence[Candidate]
) -> list[Candidate]:
    """Candidates that tell the figure by which the question says what it means, or stand right
    behind such a sentence; where none found tells it, all.

    How many of the 856名劳模 are women is not told by a sentence on other 劳模. Where no place
    narrows what is found, only of a question for a part is that so.
    """
    if not (asked.regions or _PART.search(asked.text)):
        return list(usable)
    stated = {(f.kind, f.value) for f in asked.figures if f.value >= _TELLING and f.kind != "时长"}
    near = [c for c in placed if c.score >= placed[0].score - NEAR]
    telling = [c for c in near if stated <= {(f.kind, f.value) for f in figures(c.text)}]
    if not stated or not telling or asked.kind not in _OF_THAT:
        return list(usable)
    return [c for c in usable if any(_is_or_follows(c, t) for t in telling)]


def of_the_event(asked: Question, usable: Sequence[Candidate]) -> list[Candidate]:
    """Candidates that tell of the kind of event of which the question asks a figure, or stand in a
    passage that does; where none does, all.

    How many 项目 a 技能大赛 has is not told by 6个方面的服务项目, though it has the word.
    """
    events = [family for family in _EVENTS if family.search(asked.text)]
    if asked.kind != "figure" or len(events) != 1:
        return list(usable)
    told = [c for c in usable if events[0].search(c.passage.text)]
    near = [c for c in told if c.score >= usable[0].score - NEAR]
    return told if near else list(usable)


def asks_publication(asked: Question) -> bool:
    """Whether a question asks when a report was published."""
    dated = "when" in (asked.kind, *asked.also) or (asked.kind == "check" and bool(asked.dates))
    return dated and bool(_PUBLISHED.search(asked.text))


def _is_or_follows(b: Candidate, a: Candidate) -> bool:
    """Whether b is the sentence a or the one right behind it."""
    same = b.passage.doc_id == a.passage.doc_id and b.span == a.span
    return same or (b.span.start > a.span.start and adjoin(a, b))


def _where_named(candidate: Candidate, index: Index) -> str:
    """The text in which a place must be named that has no report of its own."""
    passage = candidate.passage
    return candidate.text if passage.region else index.documents[passage.doc_id].text


def known_elsewhere(
    asked: Question, sifting: Sifting, others: Callable[[], Sequence[Candidate]], index: Index
) -> str:
    """A reason when what is asked is told of another place than the named one.

    sifting: with at least one usable sentence. others: looks for sentences of other places, best
        first; only called where they may matter.
    """
    here = answered(sifting, index)
    if "类似" in asked.text or here >= SURE:
        return ""
    found = others()
    there = [c for c in found if c.passage.region and not why_not(asked, c)]
    if not there or log_odds(asked, there, found, index) <= max(0.0, here + ELSEWHERE):
        return ""
    names = "、".join(p.name for p in asked.places)
    return f"有{region_name(there[0].passage.region)}的相关内容，没有{names}的"


def answered(sifting: Sifting, index: Index) -> float:
    """Log-odds that any usable sentence, of which there is one, answers."""
    return log_odds(sifting.asked, sifting.usable, sifting.placed, index)


def covered(sifting: Sifting, index: Index) -> tuple[float, float, float]:
    """How well the best sentence on the places named covers a question's words, 0 to 1, the
    log-odds that it is about what is asked and those that any sentence answers."""
    found = sifting.placed
    if not found:
        return UNCOVERED
    odds = answered(sifting, index) if sifting.usable else -math.inf
    return max(c.likeness for c in found), max(c.related for c in found), odds


def untold(sifting: Sifting, index: Index, corrected: bool = False) -> str:
    """A reason when what is asked is most likely told by none of the sentences found.

    corrected: whether the best contradicts the question, which is told in its stead.
    """
    asked = sifting.asked
    open_ = asked.regions and not corrected and asked.kind != "figure"
    if open_ and unmet(asked.text, sifting.usable[0].text):
        return NOT_TOLD
    if answered(sifting, index) >= least_odds(sifting, index):
        return ""
    return NO_FIGURE if asked.kind == "figure" else NOT_TOLD


def least_odds(sifting: Sifting, index: Index) -> float:
    """The limit below which `untold` refuses."""
    asked = sifting.asked
    if not (asked.regions or asked.names_report):
        if not asked.places and for_oneself(asked.text):
            return MIN_ADVISED
        return MIN_ANSWERED_IN_FIELD if index.alike > ONE_FIELD else MIN_ANSWERED_PLACELESS
    if asked.kind == "why" and not _REASON.search(with_neighbours(asked, sifting.usable[0]).text):
        return MIN_REASONED
    return MIN_ANSWERED
