"""What a question calls by another name than the reports do: 三轮驱动 for 四轮驱动, the firm that
did it, where a person works, the office a person holds.

Nothing is put right unless it is told of the same name but for its number, the same term or the
same person. What the question says of it must stand nowhere in the reports found: the term or name
nowhere at all, a doer in no sentence with the term, an employer or office in none with the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.index import Index
from rag.names import people
from rag.question import Question
from rag.select import Candidate
from rag.sift import NEAR

Correction = tuple[Candidate, str]

_NUMERAL = "[一二两三四五六七八九十双]"
_TERM = re.compile(r"[“‘]([^“”‘’]{3,12})[”’]")
_FRAME = 2  # characters that a term has beside its numerals: 轮驱动
# Names of one family of which one is easily said for the other.
_FAMILIES = tuple(
    map(
        re.compile,
        (
            r"中国(?:移动|电信|联通|铁塔|广电)",
            r"(?:工商|农业|建设|交通|邮储)银行",
            r"(?:人民|工人|光明|经济|农民|中国青年)(?:日)?报",
        ),
    )
)
_SISTER_BEHIND, _SISTER_LIKE = 4.0, 0.4
_FIRM = (
    r"(?:[\u4e00-\u9fff]{2,14}?(?:有限公司|公司|集团|煤矿)"
    r"|[\u4e00-\u9fff]{2,10}?(?:[厂矿]|电力|电机|车业|纺织|钢铁|乳业|化工|银行|医院|学院|大学))"
)
_DOER = re.compile(rf"(?:^|[,，。;；\n])(?P<firm>{_FIRM})(?=[把将开举组建推设]|先后|实行|坚持)")
_TAIL = 4  # characters by which a firm is known: 国金电力 of 吕梁建龙国金电力
# Offices of which a person who is named with others does not hold one; 负责人 or 领队 anybody may be.
_OFFICE = "主席|书记|县长|市长|区长|主任|部长|局长|秘书长|组长|会长|院长|校长|董事长|总经理|钳工|车工|焊工|电工|倍捻工"
# What a firm's name has of its own is left when these are gone.
_GENERIC = re.compile(r"有限|公司|集团|煤矿|纺织|钢铁|电力|电机|车业|乳业|化工|[厂矿]")
_BEFORE_NAME = re.compile(r"^.*(?:[以在由了里给被是的为]|那[家个位]|[这一][家个位])")


def mistaken(asked: Question, ranked: Sequence[Candidate], index: Index) -> Correction | None:
    """(sentence, remark) when the question calls what a sentence tells by another name.

    ranked: the sentences of the places named, best first.
    """
    near = [c for c in ranked if c.score >= ranked[0].score - NEAR]
    # Who a person is may be told far from what he says.
    of_people = (_employer, _office)
    found_in = dict.fromkeys(c.passage.doc_id for c in ranked)
    reports = "\n".join(index.documents[doc_id].text for doc_id in found_in)
    finders: tuple[Callable[[Question, Sequence[Candidate], str], Correction | None], ...] = (
        _other_number,
        _other_doer,
        _sister,
        *of_people,
    )
    found = (find(asked, ranked if find in of_people else near, reports) for find in finders)
    return next(filter(None, found), None)


def _remark(said: str, told: str) -> str:
    return f"问题说的是{said}，原文为{told}。"


def _other_number(asked: Question, near: Sequence[Candidate], reports: str) -> Correction | None:
    """“三轮驱动” where the report has “四轮驱动” and no 三轮驱动."""
    for c in near:
        for term in _TERM.findall(c.text):
            plain = re.sub(_NUMERAL, "", term)
            counts = not re.search(r"第|十[一二三四五]五|[一二三]线", term)
            if plain == term or len(plain) < _FRAME or term in asked.text or not counts:
                continue
            pattern = "".join(_NUMERAL if re.match(_NUMERAL, ch) else re.escape(ch) for ch in term)
            found = re.search(rf"(?<!第){pattern}", asked.text)
            if found and found[0] not in reports:
                return c, _remark(f"“{found[0]}”", f"“{term}”")
    return None


def _other_doer(asked: Question, near: Sequence[Candidate], reports: str) -> Correction | None:
    """“最美职工” of one firm, where the sentence with these words has another and no sentence has
    them of that one."""
    for c in near:
        terms = [term for term in _TERM.findall(c.text) if term in asked.text]
        doers = [m["firm"] for m in _DOER.finditer(c.text)] if terms else []
        if len(doers) != 1 or _stem(doers[0])[-_TAIL:] in asked.text:
            continue
        for firm in dict.fromkeys(m["firm"] for m in _DOER.finditer(reports)):
            for term in terms:
                does = _does(re.escape(_stem(firm)[-_TAIL:]), re.escape(term))
                both = any(term in s and firm in s for s in re.split(r"[。\n]", reports))
                if re.search(does, asked.text) and not both:
                    return c, _remark(firm, doers[0])
    return None


def _does(firm: str, term: str) -> str:
    """What a question matches that says of a firm that it has or does what a term stands for."""
    gap = "[^,，。]{0,8}"
    return rf"{firm}{gap}{term}|{term}{gap}[是由]{gap}{firm}"


def _sister(asked: Question, near: Sequence[Candidate], reports: str) -> Correction | None:
    """中国电信, which no report names, where the sentence meant has 中国移动."""
    close = [
        c for c in near if c.score >= near[0].score - _SISTER_BEHIND and c.likeness >= _SISTER_LIKE
    ]
    for family in _FAMILIES:
        said = family.search(asked.text)
        if said is None or said[0] in reports:
            continue
        for c in close:
            told = set(family.findall(c.text))
            # 工人报 is 工人日报; where both are named nothing is put right.
            names = {name.replace("日", "") for name in family.findall(asked.text)}
            if len(told) == 1 and not {name.replace("日", "") for name in told} & names:
                return c, f"原文为{told.pop()}，与问题所说不同。"
    return None


def _employer(asked: Question, near: Sequence[Candidate], reports: str) -> Correction | None:
    """朱冬梅 of one firm, where the report says of which other she is."""
    for c in near:
        for person in dict.fromkeys(p.name for p in people(c.text) if p.name in asked.text):
            said = re.search(
                rf"{person}(?:同志)?(?:是|在|来自|就职于|任职于)(?P<after>{_FIRM})"
                rf"|(?P<before>{_FIRM})的?[\u4e00-\u9fff]{{0,8}}{person}",
                asked.text,
            )
            told = re.search(
                rf"{person}(?:同志)?是(?P<after>{_FIRM})|(?P<before>{_FIRM})[^,，。、]{{0,12}}{person}",
                c.text,
            )
            if not said or not told:
                continue
            firm, own = (
                _bare(said["after"] or said["before"]),
                _bare(told["after"] or told["before"]),
            )
            known = [s for s in re.split(r"[。\n]", reports) if person in s]
            asks = re.search(r"[哪何啥]|什么", firm)
            told_so = any(_stem(firm)[-_TAIL:] in s for s in known) or _stem(own) in asked.text
            if not asks and not told_so and not _short_for(firm, own):
                return c, _remark(firm, own)
    return None


def _bare(firm: str) -> str:
    """A firm's name without the words before it: 凌源钢铁集团 of 评选表彰了以凌源钢铁集团."""
    return _BEFORE_NAME.sub("", firm)


def _short_for(said: str, told: str) -> bool:
    """Whether a name says nothing of its own, 纺织公司, or is short for another, 凌钢 for 凌源钢铁."""
    own = _GENERIC.sub("", said)
    rest = iter(told)
    return len(own) < 2 or all(ch in rest for ch in own)


def _stem(firm: str) -> str:
    """A firm's name as people say it: 江苏今达纺织 of 江苏今达纺织公司."""
    return re.sub(r"(?:有限)?公司$|集团$", "", firm)


def _office(asked: Question, near: Sequence[Candidate], reports: str) -> Correction | None:
    """副县长计俊, who is named with other offices only."""
    for c in near:
        for person in people(c.text):
            said = re.search(rf"(?P<office>{_OFFICE})(?:同志)?{person.name}", asked.text)
            if said is None:
                continue
            held = [
                before + after
                for before, after in re.findall(
                    rf"([^,，。;；\n]*){person.name}([^,，。;；\n]{{0,10}})", reports
                )
            ]
            told = re.search(rf"([^,，。;；“”\n]*){person.name}", c.text)
            titles = re.split(r"[以由被了]", told[1])[-1] if told else ""
            if not any(said["office"] in text for text in held) and re.search(_OFFICE, titles):
                before = asked.text[: said.start("office")]
                rank = "副" if before.endswith("副") else ""
                return c, _remark(f"{rank}{said['office']}{person.name}", f"{titles}{person.name}")
    return None
