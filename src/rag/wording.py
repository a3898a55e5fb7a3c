"""Names, negations and words of direction of a statement against its evidence.

Each check returns a Chinese reason, or "" when it finds nothing wrong. They
look for what similarity does not see: one name for another, a dropped 不, 下降
for 增长, a plan told as done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.names import FAMILY, NAMED_AS, people
from rag.places import place_names, short_name
from rag.text import PUNCTUATION, fold, squeeze
from rag.types import Document

_NEGATION = re.compile(
    r"不[得准能可会再要](?!低|高|少|多|超|或缺)|严禁|杜绝|不(?!断|仅|但|少|同|管|论|久|锈|过|限|等|良|足|动|只|光|单|可或缺|超过|低于|高于|少于|多于|得低|得高|得少|得超)"
    r"|未(?!来|成年|婚)|没有?|无法|无(?!偿|论|线|人机|私|疑|缝|锡|障碍|党派|形)|非(?!公|常|国|学历|物质|遗|凡|洲|营利)"
    r"|禁止|拒绝|停止|取消|否认|避免|并非|尚未"
)
_CLAUSE_END = re.compile(r"[,;。:!?\n]")
_LIMIT = re.compile(r"(?<![不得])(?:低于|高于|少于|多于|超过)")
_LIMIT_IN = {w: re.compile(f"(?<![不得]){w}") for w in ("低于", "高于", "少于", "多于", "超过")}
_SCOPE = 8  # characters after a negation that it surely denies
_JOINTS = frozenset("的了是在和与及或也都就而被把让将会能可有个其这那")
_OPPOSITES = (
    ("高于", "低于"), ("多于", "少于"), ("超过", "不足"),
    ("最多", "最少"), ("最大", "最小"),
    ("最高", "最低"), ("最早", "最晚"), ("以上", "以下"), ("之前", "之后"), ("成立", "撤销"), ("加强", "削弱"),
    ("加入", "退出"), ("支持", "反对"), ("优于", "劣于"), ("大于", "小于"), ("早于", "晚于"), ("快于", "慢于"),
    ("推进", "推迟"), ("完善", "破坏"), ("维护", "损害"),
)  # fmt: skip
_RISE = re.compile(r"增长|上升|增加|提高|提升|上涨|扩大|上调|增多")
_FALL = re.compile(r"下降|减少|降低|缩小|下跌|下调|下滑|缩减|减小")
# Claims of rank and extent need words of the same kind in the evidence.
_EXTENTS = (
    (r"最[多少大小高低早晚好差强快新优]", r"最|第一|冠|首"),
    (r"唯一|独一", r"唯一|独一|只有|仅有"),
    (r"首次|首个|首家|首批|首届|首创|率先", r"首|第一|率先"),
    (r"全国|全球|世界|国际", r"全国|全球|世界|国际|国家|中国|中华|全总"),
    (r"全省", r"全省|省内|省级|省"),
    (r"所有|全部|一律|百分之百", r"所有|全部|全|各|都|均|每|一律|100%"),
)
_PLAN = re.compile(
    r"计划|拟于|拟在|力争|准备|争取|打算|即将|将(?=继续|进一步|根据|陆续|全面)|下一步"
)
_QUOTED = re.compile(r"[《“\"「]([^《》“”\"「」]{2,60})[》”\"」]")
_ORGANISATION = re.compile(
    r"有限责任公司|有限公司|分公司|公司|集团|学院|学校|大学|中学|小学|总工会|联合会|协会|研究院|研究所|合作社|银行|医院"
    r"|电力|街道|开发区|产业园|煤矿|电视台|法院|检察院|委员会|办公室"
)
_NAME_CHARS = 10  # as much of a name in agreement is the name
_BOUNDARY = set(
    "如些式类了在到与和及、由对向为的是从将把被给让等各该本此这那某家个所为同跟或乡县市区省全其经以用按据，。；：“”《》()（）「」,;:!?！？ 一二三四五六七八九十0123456789"
)
_NAMED_AFTER = re.compile(
    rf"(?:^|[，。；、,;]|由|是|为|叫|请|邀请|和|与)(?P<name>[{FAMILY}][\u4e00-\u9fff]{{1,2}})"
)
_NAMED_OFFICE = re.compile(rf"(?:{'|'.join(NAMED_AS)})(?:同志)?(?P<name>[{FAMILY}][\u4e00-\u9fff])")


def missing_name(statement: str, evidence: str, report: Document | None) -> str:
    """Quoted names, places, organisations and people that the evidence does not name."""
    source = squeeze(evidence)
    for name in _QUOTED.findall(statement):
        if squeeze(name) not in source:
            return f"原文没有“{name}”"
    return (
        _missing_place(statement, evidence, report)
        or _missing_organisation(squeeze(statement), source)
        or _missing_person(statement, evidence)
    )


def _missing_place(statement: str, evidence: str, report: Document | None) -> str:
    """The place of the report goes without saying in its sentences; those around it do not:
    what a county did is not told of its city."""
    path = report.region.split("/") if report and report.region else []
    own = path[-1] if path else ""
    told = place_names(evidence)
    for place in place_names(statement):
        if place in evidence:
            continue
        if own and short_name(place) == short_name(own):
            others = [p for p in told if not any(short_name(p) == short_name(q) for q in path)]
            if own in told or all(p in statement for p in others):
                continue
            return f"原文说的是“{others[0]}”，不是“{place}”"
        above = next(
            (i for i, part in enumerate(path[:-1]) if short_name(part) == short_name(place)), -1
        )
        # 盐城市阜宁县: where the place lies; 江苏省总工会: a body above it that the sentence names.
        if above >= 0 and re.search(
            rf"{place}[省市]?(?:{path[above + 1]}|{short_name(path[above + 1])})", statement
        ):
            continue
        body = path[above][-1] if above >= 0 else ""
        if body and re.search(rf"{place}{body}?总", statement) and f"{body}总" in evidence:
            continue
        if short_name(place) in evidence:
            continue
        return f"原文没有提到“{place}”"
    return ""


def _missing_organisation(claim: str, source: str) -> str:
    """An organisation must be named as it is: 徐州佳禾食品有限公司 is not 徐州佳合食品有限公司.

    Read from its end (公司, 学院) to the left: the name is that of the evidence as
    far as the characters agree, and must stop agreeing only where a name can begin.
    """
    for match in _ORGANISATION.finditer(claim):
        start, end = match.span()
        if match[0] not in source:
            before = claim[max(0, start - 2) : start]
            if len(before) == 2 and before not in source and before[-1] not in _BOUNDARY:
                return f"原文没有提到“{before}{match[0]}”"
            continue
        while start and claim[start - 1 : end] in source and claim[start - 1] not in _BOUNDARY:
            start -= 1
        before = claim[max(0, start - 2) : start]
        known = not before or before[-1] in _BOUNDARY or end - start >= _NAME_CHARS
        if not known and before + claim[start : start + 1] not in source and before not in source:
            return f"原文没有提到“{before}{claim[start:end]}”"
    return ""


def _missing_person(statement: str, evidence: str) -> str:
    for person in people(statement):
        before = statement[max(0, person.start - 1) : person.start]
        if not person.office and before and before not in _BOUNDARY:
            continue  # 过程主要是: no 程主要
        if person.name not in evidence and person.name[:2] not in evidence:
            return f"原文没有提到“{person.name}”"
    for match in _NAMED_OFFICE.finditer(statement):
        if match["name"] not in evidence:
            return f"原文没有提到“{match['name']}”"
    named = [person.name for person in people(evidence)]
    if named and not any(name in statement for name in named):
        for match in _NAMED_AFTER.finditer(statement):
            if not set(match["name"][1:]) & set(evidence):
                return f"原文没有提到“{match['name']}”"
    return ""


def changed_negation(statement: str, evidence: str) -> str:
    """A negation must be of the same words in the evidence, and none may be dropped."""
    claimed, given = PUNCTUATION.sub("", fold(statement)), PUNCTUATION.sub("", fold(evidence))
    own, denials = _denials(statement), _denials(evidence)
    for denial in own:
        after = denial.scope[:2]
        if (
            denial.before[-1:] + denial.word + after[:1] in given
            or denial.word + after[:1] in given
        ):
            continue
        if any(after in other.scope[:6] for other in denials):
            continue
        # 没有给出明确的原因 for 没有公开解释原因; but what the evidence says outright is not denied,
        # unless its denial goes on in the same words: 避免在睡前喝酒 for 睡前避免喝酒.
        alike = max((_same_denied(denial, other) for other in denials), default=0)
        if alike < (3 if _said_outright(after, given) else 2):
            return f"原文没有“{denial.word}{after}”这样的否定"
    for match in _LIMIT.finditer(claimed):
        if "不" + match[0] in given.replace("不得", "不") and not _LIMIT_IN[match[0]].search(given):
            return f"原文是“不{match[0]}”，否定被去掉了"
    for denial in denials:
        after = denial.scope[:4]
        for words, offset in ((after, 0), (denial.before + after[:2], 2)):
            at = claimed.find(words) if len(words) == 4 else -1
            if at < 0 or _denied(claimed, at + offset) or any(words in d.scope for d in own):
                continue
            # 航空和非航空服务: both kinds are spoken of.
            if denial.word == "非" and _said_outright(after[:2], given):
                continue
            if not _said_outright(words, given):
                return f"原文是“{denial.word}{after}”，否定被去掉了"
    return ""


@dataclass(frozen=True, slots=True)
class _Denial:
    """A negation: the two characters before it, and what it surely denies of its clause."""

    word: str
    before: str
    scope: str


def _denials(text: str) -> list[_Denial]:
    found = []
    for clause in _CLAUSE_END.split(fold(text)):
        plain = PUNCTUATION.sub("", clause)
        for match in _NEGATION.finditer(plain):
            before, scope = plain[max(0, match.start() - 2) : match.start()], plain[match.end() :]
            # 能不能 and 为什么不 ask, they do not deny.
            if match[0] == "不" and (before[-1:] == scope[:1] or before in ("什么", "为何")):
                continue
            found.append(_Denial(match[0], before, scope[:_SCOPE]))
    return found


def _same_denied(claimed: _Denial, given: _Denial) -> int:
    """Length of the longest run, joints apart, that two denials share in their first characters."""
    scope = claimed.scope
    runs = (scope[i:j] for i in range(len(scope)) for j in range(i + 2, len(scope) + 1))
    return max((len(r) for r in runs if r in given.scope and not set(r) & _JOINTS), default=0)


def _said_outright(words: str, text: str) -> bool:
    """Whether words stand in a text with no negation before them."""
    return any(not _denied(text, m.start()) for m in re.finditer(re.escape(words), text))


def _denied(text: str, at: int) -> bool:
    """Whether a negation stands right before (or at) a position."""
    return bool(_NEGATION.search(text[max(0, at - 4) : at + 1]))


def reversed_sense(statement: str, evidence: str) -> str:
    """A word of direction turned round, a rank or extent the evidence does not give, a plan told as done."""
    for pair in _OPPOSITES:
        for word, other in (pair, pair[::-1]):
            if (
                word in statement
                and word not in evidence
                and other in evidence
                and other not in statement
            ):
                return f"原文是“{other}”，不是“{word}”"
    for rise, fall in ((_RISE, _FALL), (_FALL, _RISE)):
        said, found = rise.search(statement), fall.search(evidence)
        if said and found and not rise.search(evidence):
            return f"原文是“{found[0]}”，不是“{said[0]}”"
    for extent, grounds in _EXTENTS:
        match = re.search(extent, statement)
        if match and not re.search(grounds, evidence):
            return f"原文没有说“{match[0]}”"
    return _told_as_done(statement, evidence)


def _told_as_done(statement: str, evidence: str) -> str:
    if _PLAN.search(statement):
        return ""
    claimed = PUNCTUATION.sub("", fold(statement))
    for match in _PLAN.finditer(evidence):
        planned = PUNCTUATION.sub("", fold(re.split(r"[,，;；。]", evidence[match.end() :])[0]))[
            :12
        ]
        pairs = [planned[i : i + 2] for i in range(len(planned) - 1)]
        if len(pairs) >= 4 and sum(p in claimed for p in pairs) >= 0.6 * len(pairs):
            return f"原文说的是“{match[0]}{planned[:6]}”，还没有做"
    return ""
