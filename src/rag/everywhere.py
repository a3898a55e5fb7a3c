"""哪几个地方…: a question asked of every place that has a report.

Each place is asked by itself. A term is told where it stands; anything else where the best
sentence says about as much of the question as that of the best place. The others are named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from rag.compare import MAX_PLACES, compare
from rag.index import Index
from rag.parts import inner
from rag.places import PlaceMention, region_name
from rag.question import Question, narrowed
from rag.refusal import off_topic
from rag.select import Candidate
from rag.sift import sift
from rag.text import squeeze
from rag.types import Draft, Hit

_PLACE = r"(?:地方|地区|县市|市县|县区|区县|县|市|地)(?![级域面])"
_EVERYWHERE = re.compile(
    rf"(?:^|(?<=[,，。:： ])|(?<=请问|知道|都有|中有|里有)|(?<=有))"
    rf"(?:哪(?:几|些|两|三|四|五)个?{_PLACE}|各个?{_PLACE}|每个{_PLACE})"
    r"(?:的?报[告道]里?)?[的都也]*"
)
# A report that tells of something: only what it tells of is searched.
_TELLS = re.compile(r"(?:讲|说|写|谈|提|报道|介绍|涉及)(?:到|了|过|的是)+")
# Share of the best place's likeness; of one word alone, which another word may resemble, nearly all.
_AS_GOOD, _SAME_WORD = 0.8, 0.87
_ONE_WORD = 0.5  # share of the question's weight from which one word is all that is asked
_TERM_CHARS = 8  # a term asked about is no longer
_LEAST = 0.6  # likeness below which no place tells it


def everywhere(asked: Question, regions: Sequence[str]) -> list[tuple[str, Question]]:
    """(place name, the question as it concerns that place), [] where not all places are asked,
    nor two that lie in one of them."""
    if within := inner(asked):
        return within
    match = _EVERYWHERE.search(asked.text)
    if match is None or asked.groups or len(regions) < 2:
        return []
    rest = asked.text[: match.start()] + _TELLS.sub("", asked.text[match.end() :], count=1)
    plain = replace(asked, kind="other", also=(), compares=False)
    found = []
    for region in regions:
        name = region_name(region)
        place = PlaceMention(0, 0, name, (region,), "is")
        found.append((name, narrowed(plain, rest, (place,))))
    return found


def collect(
    asked: Question, parts: Sequence[tuple[str, Question, Sequence[Hit]]], index: Index
) -> Draft:
    """Statements for each place that tells what is asked, labelled with it; the others are named.

    parts: name of each place, the question as it concerns that place, and the hits of that.
    """
    reason = off_topic(asked, index.documents.values())
    if reason:
        return Draft((), reason=reason)
    if asked.groups:  # named one by one
        return compare(asked, parts, index)
    usable = {name: sift(part, hits, index).usable for name, part, hits in parts}
    told = _word_for_word(parts[0][1].content, usable) or _about_as_well(parts[0][1], usable, index)
    telling = [part for part in parts if part[0] in told]
    if not telling:
        return Draft((), reason="各地的报告里都没有相关内容")
    telling.sort(key=lambda part: -usable[part[0]][0].likeness)
    kept = [part for part in parts if part in telling[:MAX_PLACES]]
    draft = compare(asked, kept, index, most=1)
    silent = [name for name, *_ in parts if name not in told]
    missing = [*filter(None, [draft.missing]), *silent]
    return replace(draft, missing="、".join(missing) if len(parts) <= MAX_PLACES else "")


def _word_for_word(content: str, usable: Mapping[str, Sequence[Candidate]]) -> set[str]:
    """The places that have a term of one piece in so many words."""
    if " " in content or len(content) > _TERM_CHARS:
        return set()
    term = squeeze(content)
    return {name for name, found in usable.items() if any(term in squeeze(c.text) for c in found)}


def _about_as_well(
    part: Question, usable: Mapping[str, Sequence[Candidate]], index: Index
) -> set[str]:
    """The places whose best sentence says about as much of the question as that of the best."""
    likeness = {name: found[0].likeness for name, found in usable.items() if found}
    weights = index.late.question(part.content).weights
    alike = _SAME_WORD if weights.max(initial=0.0) >= _ONE_WORD else _AS_GOOD
    least = max(_LEAST, alike * max(likeness.values(), default=0.0))
    return {name for name, found in likeness.items() if found >= least}
