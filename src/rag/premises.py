"""What a question wrongly takes for granted: the place, who holds an office, the day of an event.

What is told of the very thing is quoted, with a remark on what the source says otherwise; what
only resembles it is refused (`rag.refusal`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from rag.index import Index
from rag.names import OFFICES, people
from rag.places import place_names, short_name
from rag.question import Question
from rag.refusal import editions, why_not
from rag.select import Candidate, candidates
from rag.types import Hit
from rag.values import dates, figures
from rag.years import asked_years, same_month

# Said to be confirmed, not asked.
_ASSERTS = re.compile(r"吧|对吗|对不对|没错|没弄错|没记错|是不是|是吗|既然")
# A sentence that says this much of the question, the strange place and all, and names another
# place in its stead is the one meant.
_MEANT = 0.4
_BEHIND = 6.0  # log-odds behind the best at most of the sentence that names who holds an office
# What is done once, in words for the same.
_FOUNDED = ("出台|印发|制定|下发|发布", "定下|建立|成立|设立|组建", "启动|开通", "挂牌|揭牌")
_VISITED = re.compile(r"考察|取经|调研|督查|视察|到访|召开|签约")
_BOUND = re.compile(r"(?:份|底|初)?(?:之?[前后]|以[前后来]|起|至|到|期间|[-—–~])")
_FIRM = r"[^,，、。]{0,12}(?:公司|集团|厂|矿|银行)"


def strange_place(
    asked: Question, hits: Sequence[Hit], index: Index
) -> tuple[Candidate, str] | None:
    """(sentence, remark) when the question sets a known person, a known thing or a known figure
    of a place that has a report in another place, which its reports do not name:
    王玉新是大丰区的主席,对吗; 文水的优胜者参加了太原市的大赛,对吧."""
    strange = [place for place in asked.places if not place.exact]
    covered = tuple(place for place in asked.places if place.exact)
    asserts = bool(_ASSERTS.search(asked.text))
    if any(_joined(asked, a.name, b.name) for a in strange for b in covered):
        return None
    if not strange or not (asked.kind == "check" or (covered and (asked.figures or asserts))):
        return None
    found = candidates(replace(asked, places=covered), hits, index)
    told = [c for c in found if not why_not(asked, c)]
    known = {p.name for c in told for p in people(c.text) if p.name in asked.text}
    if known:
        told = [c for c in told if any(name in c.text for name in known)]
    elif covered:
        own = [c for c in told[:1] if c.passage.region in covered[0].regions]
        told = [c for c in own if _meant(asked, c)]
    else:
        told = []
    if not told or any(place.short in told[0].text for place in strange):
        return None
    others = [] if known else _other_places(asked, told[0].text)
    if len(others) == 1:
        return told[0], f"问题说的是{strange[0].name}，原文为{others[0]}。"
    return told[0], f"引用的这句没有提到{'、'.join(place.name for place in strange)}。"


def _meant(asked: Question, candidate: Candidate) -> bool:
    """Whether a sentence is the one meant, though the place is another."""
    if candidate.likeness < _MEANT or len(_other_places(asked, candidate.text)) != 1:
        return False
    if _ASSERTS.search(asked.text):
        return True
    told = {(f.kind, f.value) for f in figures(candidate.text)}
    return asked.kind != "check" and all((f.kind, f.value) in told for f in asked.figures)


def _joined(asked: Question, a: str, b: str) -> bool:
    """Whether two places are named side by side, to be compared."""
    a, b = re.escape(a), re.escape(b)
    return bool(
        re.search(rf"{a}(?:和|与|跟|同|比|、|以及){b}|{b}(?:和|与|跟|同|比|、|以及){a}", asked.text)
    )


def _other_places(asked: Question, text: str) -> list[str]:
    """The places a text names that the question does not; 徐州 in the name of a firm is none."""
    plain = re.sub(rf"(?:{'|'.join(map(re.escape, place_names(text))) or '$^'}){_FIRM}", "", text)
    named = {name: short_name(name) for name in place_names(plain)}
    return [name for name, short in named.items() if short not in asked.text]


def held_by_another(asked: Question, placed: Sequence[Candidate]) -> tuple[Candidate, str] | None:
    """(sentence, remark) when the question says of a person that he holds an office which a
    sentence gives to another: 组长就是县委书记杨洋吧, where 孟兰生任组长."""
    named = {p.name for c in placed for p in people(c.text) if p.name in asked.text}
    states = asked.kind in ("check", "who", "other") and _ASSERTS.search(asked.text)
    for office in OFFICES if named and states else ():
        said = re.search(
            rf"(?P<body>[\u4e00-\u9fff]{{2}})的?(?<![副班]){office}(?:既然|就|也|应该)*(?:是|由)",
            asked.text,
        )
        for c in placed if said else ():
            far = c.score < placed[0].score - _BEHIND or any(name in c.text for name in named)
            if far or not said or said["body"] not in c.text:
                continue
            for person in people(c.text):
                behind = c.text[person.end : person.end + 6]
                if re.match(rf"(?:同志)?(?:担?任|兼任|当|是){office}", behind):
                    return (
                        c,
                        f"问题说的是{'、'.join(sorted(named))}，原文为{person.name}任{office}。",
                    )
    return None


def one_event(asked: Question, text: str) -> bool:
    """Whether a sentence tells of the very event that the question sets in another year: the same
    edition, a visit or meeting in the same month, or what is done once."""
    told = dates(text)
    years = {date.year for date in told if date.year}
    if not years or not asked_years(asked) or asked_years(asked) & years:
        return False
    if wanted := editions(asked.text):
        return bool(wanted & editions(text))
    if same_month(asked, text) and _VISITED.search(asked.text):
        return True
    begun = r"\d{4}年(?:\d+月(?:\d+[日号])?)?[^,，年月]{0,3}?"
    return any(
        re.search(f"{begun}(?:{verbs})", asked.text) and re.search(verbs, text)
        for verbs in _FOUNDED
    )


def other_day(asked: Question, candidate: Candidate) -> str:
    """A remark when the question names a month or a day, and a sentence and what stands before it
    in its passage name others."""
    passage = candidate.passage
    named = [d for d in asked.dates if d.month]
    if any(_BOUND.match(asked.text, d.start + len(d.text)) for d in named):
        return ""
    if same_month(asked, passage.text[: candidate.span.end - passage.start]) is not False:
        return ""
    told = next((d for d in dates(candidate.text) if d.month), None)
    if told is None or re.search(r"[-—–~至到]$", candidate.text[: told.start]):
        return ""
    return f"问题说的是{named[0].text}，原文为{told.text}。"
