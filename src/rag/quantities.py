"""Figures and dates of a statement against those of its evidence.

Stricter than comparing values: 600场 is not 600家, nor 3000元 3000万元, nor 65%
65个百分点, nor 近万名 万余名; and a figure that is there but said of something
else (提档升级265个, 新建212个) does not prove what the statement says of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.text import fold
from rag.types import Document, known_date
from rag.values import Date, dates, scaled

_GROUPS = (
    ("人", "名 人 位 个人 口 员"),
    ("人次", "人次 人(次)"),
    ("户", "户 户(次) 户次 个家庭"),
    ("元", "元 块钱 块"),
    ("%", "%"),
    ("百分点", "个百分点 百分点"),
    ("次", "场次 场 次 回 趟 期 轮"),
    ("年", "年"),
    ("月", "个多月 个月 月"),
    ("日", "天 日"),
    ("时", "个小时 小时"),
    ("件", "家单位 家企业 家 所 间 个 项 件 座 支 条 门 处 份 篇 台 个次"),
    ("类", "大类 类 种 方面 大"),
    ("公里", "公里 千米 km"),
    ("厘米", "厘米 公分 cm"),
    ("毫米", "毫米 mm"),
    ("公斤", "公斤 千克 kg"),
    ("平方米", "平方米 平米 m2"),
)
_UNITS = {unit: group for group, units in _GROUPS for unit in units.split()}
# Measure words that stand for themselves only.
_ALONE = (
    "分钟 秒 周 季度 起 批 套 倍 级 届 步 班 卡 带 联 成 辆 亩 吨 米 平方公里 斤 克 升 度 岁 分 号 "
    "页 字 本 张 只 头 匹 栋 层 楼 款 枚 颗 株 棵 艘 架 部 集 首 幅 盒 瓶 节 课时 学时 版 美元 港元 英镑 日元 欧元 对 组 句"
)
_UNITS |= {unit: unit for unit in _ALONE.split()}
# Measure words that also count what another group counts.
_ALSO = {frozenset(("件", group)) for group in ("类", "人", *"只头匹栋层楼颗株棵艘架部首幅盒瓶句")}
_ONLY_GE = {"个"}

_MEASURE = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_MEASURE = _MEASURE.replace("|部", "|部(?![分门委])").replace("|号", "|号(?![召称码角])")
_NUMERALS = "一二两三四五六七八九十百千零〇"
_NUMBER = re.compile(
    r"(?:(?P<before>(?:不得?|至)(?:少于|低于|多于|高于|超过|少|多)"
    r"|最多|最少|超过|突破|高达|达到|不足|不到|将近|接近|大约|近|约|超|逾|达)[了为有]?)?"
    rf"(?:(?P<percent>百分之)(?P<share>[{_NUMERALS}]+)|"
    rf"(?P<number>\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|[{_NUMERALS}]+)?"
    r"(?P<scale>[万亿]*)(?P<after>余|多|来|几)?(?P<scale2>[十百千]?[万亿])?"
    rf"(?P<unit>{_MEASURE})?(?P<more>以上|以下|以内|左右|之多|多)?)"
)
_MORE = {
    "余", "多", "来", "几", "以上", "之多", "超过", "突破", "超", "逾", "不少于", "不低于", "至少", "最少",
    "不得低于", "不得少于",
}  # fmt: skip
_LESS = {
    "不足", "不到", "近", "将近", "接近", "以下", "以内", "最多", "不超过", "不多于", "不高于", "至多", "不得超过",
    "不得高于", "不得多于",
}  # fmt: skip
_ABOUT = {"约", "大约", "左右"}
_BREAK = re.compile(r"[,，、;；。:：!！?？\n]")
_NOW = re.compile(r"今年|本年|目前|截至|近日|近期|刚刚")
_THEN = re.compile(r"今年|去年|前年|明年|上半年|下半年|年初|年底")
_MONTHS = re.compile(r"(\d{1,2})([-–—~至到])(\d{1,2})月")
_LIST_MARK = re.compile(r"^\s*\d{1,2}[.、](?!\d)|[(（]\d{1,2}[)）]|(?<![\d(（])\d{1,2}[)）]")
# Counts of the statement itself, not of what it tells: 一方面, 这两个, 原因有三点.
_OWN_COUNT = re.compile(r"一方面(?=,)|(?<=[这那])[两二三四五六七八九](?=[个种类点项句者])")
_ANNOUNCED = re.compile(r"(?<=[有是为下])[两二三四五六七八九](?=(?:点|个?方面|个?原因)[,:。])")
_PARTS = re.compile(r"[\d一二两三四五六七八九十](?:点|个?方面|个?原因)")
_PLAIN = re.compile(r"[\W\d_]+|[的了共有为是达在]")
_ELSEWHERE_SHARE = 0.5
_ELSEWHERE_MARGIN = 0.3


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as said: value with its scale, measure word ("" for none), bound (=, ~, <, >).

    before, after: the words it is said of, up to the next number or break.
    """

    start: int
    end: int
    text: str
    value: float
    unit: str
    bound: str
    before: str
    after: str

    @property
    def around(self) -> str:
        """The words on both sides."""
        return self.before + self.after


@functools.lru_cache(maxsize=20_000)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Numbers of a folded text in order, dates left out; Chinese numerals only with a measure word."""
    taken = [(d.start, d.end) for d in dates(text)]
    found: list[tuple[int, int, float, str, str]] = []
    for match in _NUMBER.finditer(text):
        number, scale = (
            match["number"] or match["share"] or "",
            (match["scale"] or "") + (match["scale2"] or ""),
        )
        if (not number and not scale) or any(
            s < match.end() and match.start() < e for s, e in taken
        ):
            continue
        unit = "%" if match["percent"] else match["unit"] or ""
        digits = number[:1].isdigit()
        if not digits and (
            re.search(r"[一二三四五六七八九]{2}", number)
            or not unit
            or text[match.start() - 1 : match.start()] in ("第", *_NUMERALS)
        ):
            continue
        value = scaled(number, scale)
        marks = {match["before"], match["after"], match["more"]}
        bound = ">" if marks & _MORE else "<" if marks & _LESS else "~" if marks & _ABOUT else "="
        found.append((*match.span(), value, unit, bound))
    return tuple(
        Quantity(s, e, text[s:e], value, unit, bound, *_around(text, found, i))
        for i, (s, e, value, unit, bound) in enumerate(found)
    )


def _around(
    text: str, found: Sequence[tuple[int, int, float, str, str]], i: int
) -> tuple[str, str]:
    start, end = found[i][:2]
    low = found[i - 1][1] if i else 0
    high = found[i + 1][0] if i + 1 < len(found) else len(text)
    low = max([low, *(m.end() for m in _BREAK.finditer(text, low, start))])
    after = _BREAK.search(text, end, high)
    right = text[end : after.start() if after else high]
    return _PLAIN.sub("", text[low:start]), _PLAIN.sub("", right)


def same(claimed: Quantity, given: Quantity) -> bool:
    """Whether the evidence's figure is the claimed one: value, measure word, bound.

    An exact claim may not stand for a bounded source (600场 for 600余场), an
    approximate one may stand for an exact source.
    """
    if abs(claimed.value - given.value) > 1e-9 * max(1.0, abs(given.value)):
        return False
    if claimed.unit and not _same_unit(claimed.unit, given.unit):
        return False
    return claimed.bound == given.bound or (given.bound == "=" and claimed.bound == "~")


def _same_unit(a: str, b: str) -> bool:
    if not b:
        return False
    if _UNITS[a] == _UNITS[b]:
        return True
    # 8个 may be 8类 or 8名, but no 8家 is 8名.
    return frozenset((_UNITS[a], _UNITS[b])) in _ALSO and bool({a, b} & _ONLY_GE)


def _spelt(text: str) -> str:
    """Folded, with 1-8月 as 1月-8月: 2023年1-8月 is no eighth of January."""
    return _MONTHS.sub(r"\1月\2\3月", fold(text))


def missing_figure(statement: str, evidence: str) -> str:
    """What the evidence lacks of the figures of a statement, as a Chinese reason; "" when nothing."""
    claim, source = _spelt(_LIST_MARK.sub("", statement)), _spelt(evidence)
    claim = _OWN_COUNT.sub("", claim)
    if not _PARTS.search(source):
        claim = _ANNOUNCED.sub("", claim)
    given = quantities(source)
    for claimed in quantities(claim):
        alike = [g for g in given if same(claimed, g)]
        if alike:
            if _said_of_another(claimed, alike, given):
                return f"原文的“{claimed.text}”说的不是这件事"
            continue
        # 一名, 一种: an article, not a count, where nothing of the kind is counted.
        article = claimed.text[0] == "一" and claimed.value == 1
        if not article or any(_counts_the_same(claimed, g) for g in given):
            return f"原文没有“{claimed.text}”"
    return _missing_numeral(claim, source)


def _counts_the_same(claimed: Quantity, given: Quantity) -> bool:
    return given.unit == claimed.unit and _overlap(claimed.around, given.around) >= _ELSEWHERE_SHARE


def _said_of_another(
    claimed: Quantity, alike: Sequence[Quantity], given: Sequence[Quantity]
) -> bool:
    """Whether the words around a figure belong to another figure of the evidence."""
    if len(claimed.around) < 2:
        return False
    # A rewording may run on into the next words; one side in common will do.
    sides = [pair for g in alike for pair in ((claimed.before, g.before), (claimed.after, g.after))]
    here = max(_overlap(claimed.around, g.around) for g in alike)
    here = max([here, *(_overlap(ours[:4], theirs) for ours, theirs in sides if len(ours) > 1)])
    others = [
        g
        for g in given
        if g.value != claimed.value and _same_unit(g.unit or "个", claimed.unit or "个")
    ]
    there = max((_overlap(claimed.around, g.around) for g in others), default=0.0)
    return there >= _ELSEWHERE_SHARE and there - here >= _ELSEWHERE_MARGIN


def _overlap(a: str, b: str) -> float:
    """Share of the character bigrams of `a` that are in `b`."""
    pairs = [a[i : i + 2] for i in range(len(a) - 1)]
    return sum(p in b for p in pairs) / len(pairs) if pairs else float(a in b)


def _missing_numeral(claim: str, source: str) -> str:
    """Numerals that are part of a word (四位一体, 十大, 第二届) must stand there with a neighbour."""
    counted = [(q.start, q.end) for q in quantities(claim)] + [
        (d.start, d.end) for d in dates(claim)
    ]
    for match in re.finditer(r"第?[二两三四五六七八九十百千]+", claim):
        if any(s < match.end() and match.start() < e for s, e in counted):
            continue
        before, after = (
            claim[max(0, match.start() - 1) : match.end()],
            claim[match.start() : match.end() + 1],
        )
        if before not in source and after not in source:
            return f"原文没有“{after}”"
    return ""


def missing_date(statement: str, evidence: str, report: Document | None) -> str:
    """What the evidence lacks of the dates of a statement, as a Chinese reason; "" when nothing.

    A year that the sentence leaves out may come from the date of the report,
    where the sentence says 今年, 目前 or 去年.
    """
    given = dates(_spelt(evidence))
    years = {d.year for d in given if d.year} | _implied_years(evidence, report)
    for claimed in dates(_spelt(statement)):
        if not any(_within(claimed, g, years) for g in given) and not (
            claimed.year in years and not claimed.month
        ):
            return f"原文没有“{claimed.text}”"
    spans = {m.group(1, 3) for m in _MONTHS.finditer(fold(evidence))}
    for match in _MONTHS.finditer(fold(statement)):
        if match.group(1, 3) not in spans:
            return f"原文没有“{match[0]}”"
    for match in _THEN.finditer(statement):
        if match[0] not in evidence:
            return f"原文没有“{match[0]}”"
    return ""


def _within(claimed: Date, given: Date, years: set[int]) -> bool:
    """Whether every part of the claimed date is known from the evidence."""
    if claimed.year and (given.year or claimed.year) != claimed.year:
        return False
    if claimed.year and not given.year and claimed.year not in years:
        return False
    return (not claimed.month or claimed.month == given.month) and (
        not claimed.day or claimed.day == given.day
    )


def _implied_years(evidence: str, report: Document | None) -> set[int]:
    if report is None:
        return set()
    known = known_date(report)
    if not known[:4].isdigit():
        return set()
    year = int(known[:4])
    implied = {year} if _NOW.search(evidence) else set()
    return (
        implied
        | ({year - 1} if "去年" in evidence else set())
        | ({year - 2} if "前年" in evidence else set())
    )
