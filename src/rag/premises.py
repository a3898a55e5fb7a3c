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
from rag.years import asked_years, listed, same_month

# Said to be confirmed, not asked.
_ASSERTS = re.compile(
    r"吧|对吗|对不对|没错|没弄错|没记错|是不是|是吗|既然|(?<=[搞办做建设创评])的[那这](?=[一二三四五六七八九十\d几]|个|场|次|项)"
)
# A sentence that says this much of the question, the strange place and all, and names another
# place in its stead is the one meant.
_MEANT = 0.4
_FEW = 4  # best sentences among which the one of the edition named is looked for
_TOLD = 0.6  # likeness from which a sentence tells of the very event
_BEHIND = 6.0  # log-odds behind the best at most of the sentence that names who holds an office
# What is done once, in words for the same.
_FOUNDED = ("出台|印发|制定|下发|发布", "定下|建立|成立|设立|组建", "启动|开通", "挂牌|揭牌")
_VISITED = re.compile(r"考察|取经|调研|督查|视察|到访|召开|签约")
_MOTTO = re.compile(r"“([^“”]{6,})”")
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
    if not strange or not (asked.kind == "check" or asserts or (covered and asked.figures)):
        return None
    found = candidates(replace(asked, places=covered), hits, index)
    told = [c for c in found if not why_not(asked, c)]
    known = {p.name for c in told for p in people(c.text) if p.name in asked.text}
    if known:
        told = [c for c in told if any(name in c.text for name in known)]
    elif covered or strange[0].relation == "around":
        # 大丰区, in the report on the city it lies in.
        regions = covered[0].regions if covered else strange[0].regions
        own = [c for c in told[:1] if c.passage.region in regions]
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
    # What is told of 盐城市 may well be so of 大丰区.
    inside = [place for place in asked.places if place.relation == "around"]
    above = {part for place in inside for r in place.regions for part in r.split("/")}
    named = {name: short_name(name) for name in place_names(plain)}
    return [
        name
        for name, short in named.items()
        if short not in asked.text and short not in map(short_name, above)
    ]


def held_by_another(asked: Question, placed: Sequence[Candidate]) -> tuple[Candidate, str] | None:
    """(sentence, remark) when the question says of a person that he holds an office which a
    sentence gives to another: 组长就是县委书记杨洋吧, where 孟兰生任组长."""
    named = {p.name for c in placed for p in people(c.text) if p.name in asked.text}
    holder = "|".join(map(re.escape, sorted(named)))
    states = asked.kind in ("check", "who", "other") and _ASSERTS.search(asked.text)
    for office in OFFICES if named else ():
        held = rf"(?P<body>[\u4e00-\u9fff]{{2}})的?(?<![副班]){office}"
        said = re.search(
            rf"(?:{holder})(?:同志)?(?:兼任|担任|[任兼当])[^,，]{{0,16}}{held}", asked.text
        )
        if said is None:
            # 领导小组是县委书记杨洋当组长
            said = re.search(
                rf"(?P<body>[\u4e00-\u9fff]{{2}})的?[是由][^,，]{{0,8}}(?:{holder})(?:同志)?"
                rf"(?:担任|[任兼当])的?{office}",
                asked.text,
            )
        if said is None and (states or "不是" in asked.text):
            said = re.search(rf"{held}(?:既然|不|就|也|应该)*(?:是|由)", asked.text)
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
    # A motto in so many words: “新时代新职工新作为”主题竞赛.
    if any(term in text for term in _MOTTO.findall(asked.text)):
        return True
    if same_month(asked, text) and _VISITED.search(asked.text):
        return True
    begun = r"\d{4}年(?:\d+月(?:\d+[日号])?)?[^,，年月]{0,3}?"
    return any(
        re.search(f"{begun}(?:{verbs})", asked.text) and re.search(verbs, text)
        for verbs in _FOUNDED
    )


def year_remark(asked: Question, text: str) -> str:
    """What is said of an event that is told of another year."""
    told = listed(date.year for date in dates(text) if date.year)
    return f"问题说的是{listed(asked_years(asked))}，原文为{told}。"


def other_year(
    asked: Question, ranked: Sequence[Candidate], usable: Sequence[Candidate]
) -> tuple[Candidate, str] | None:
    """(sentence, remark) when the one that says most tells of the very event in another year, and
    was set aside for what else it does not tell; or the one of the edition named does, and the one
    of the year named is of another event."""
    best = ranked[0]
    wanted = editions(asked.text)
    if wanted and not wanted & editions(best.text) and asked_years(asked):
        of_it = [c for c in ranked[1:_FEW] if wanted & editions(c.text)]
        if of_it and of_it[0].likeness >= _TOLD and one_event(asked, of_it[0].text):
            return of_it[0], year_remark(asked, of_it[0].text)
    if best in usable or best.likeness < _TOLD or not one_event(asked, best.text):
        return None
    return best, year_remark(asked, best.text)


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
