"""Figures and dates in Chinese text as values.

600余场 → value 600, unit 场, kind 次, bound ">="; 3.2万人(次) → 32000 人次;
近万名 → 10000 名, bound "<~"; 2020年7月20日 → (2020, 7, 20).
Ordinals (第二届, 十三届) are names, not figures, and are left out.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

# Units by what they count. Two figures can be compared only within one kind.
UNIT_KINDS: dict[str, tuple[str, ...]] = {
    kind: tuple(units.split())
    for kind, units in (
        ("人", "人(次) 万人次 人次 个人 名 人 位 口"),
        ("户", "户(次) 户次 户 个家庭"),
        (
            "钱",
            "亿元 万元 美元 美金 港元 日元 欧元 英镑 加元 澳元 韩元 新元 克朗 泰铢 越南盾 比索 里拉 人民币 毛钱 卢布 元 块钱 块",
        ),
        ("比例", "% 个百分点 成"),
        ("次", "场次 场 次 回 趟 期 轮"),
        ("家", "家单位 家企业 家 所 间"),
        ("长度", "公里 千米 公分 厘米 毫米 英尺 英寸 海里 米 里 km cm mm m KM CM MM"),
        ("面积", "平方公里 平方千米 平方米 公顷 亩 平米 km² m² ㎡"),
        ("重量", "公斤 千克 毫克 万吨 吨 克 斤 kg"),
        ("年龄", "周岁 岁"),
        (
            "时长",
            "个多小时 个多钟头 个多月 个多星期 个月 个星期 个小时 个钟头 周年 年 天 日 小时 分钟 毫秒 秒钟 秒",
        ),
        ("容量", "立方米 立方 毫升 升 桶 ml mL GB TB MB"),
        ("功率", "千瓦时 千瓦 兆瓦 瓦 kW MW kWh mAh W GW GHz MHz Hz"),
        ("温度", "摄氏度 ℃ °C"),
        (
            "个",
            "个次 个 项 类 种 件 座 支 条 届 步 篇 台 方面 大类 大 门 张 处 起 份 批 套 块 级 班 卡 带 联 倍 对 册 本 部 首 "
            "幅 辆 艘 架 双 只 款 枚 颗 棵 株 匹 栋 幢 盏 根 盒 瓶 袋 箱 粒 列",
        ),
    )
}
_KIND_OF = {unit: kind for kind, units in UNIT_KINDS.items() for unit in reversed(units)}
_KIND_OF["块"] = "钱"
# 三部分, 11部门 count no books; 5mg, 3M are no metres.
_UNITS = (
    "|".join(
        re.escape(unit) + ("(?![A-Za-z])" if unit.isascii() and unit.isalpha() else "")
        for unit in sorted(_KIND_OF, key=len, reverse=True)
    )
    .replace("|部|", "|部(?![分门委长队署])|")
    .replace("|位|", "|位(?!一体)|")
    .replace("|只|", "|只(?![能有要是会剩])|")
    .replace("|双|", "|双(?![创师向重])|")
    .replace("|款|", "|款(?![项待])|")
    .replace("|根|", "|根(?![本据])|")
    .replace("|列|", "|列(?![为入举出席车])|")
    .replace("|架|", "|架(?!构)|")
    .replace("|台|", "|台(?!阶)|")
    .replace("|对|", "|对(?![一于待应象外口此])|")
)
# 2000余产业工人, 12万农民工: nouns counted without a measure word; but 12351职工热线.
_COUNTED = {
    "人": r"产业工人|农民工|工人|职工|员工|劳动者|会员|党员|群众|人员|人才|学员|学生|选手|劳模|骑手|居民|村民|师生"
    r"|观众|游客|旅客|乘客|市民|用户|玩家|患者|病人|儿童|老人|志愿者|开发者|民众|考生|毕业生|运动员",
    "户": r"家庭|困难户|贫困户|农户",
    "家": r"企业|单位|公司|机构|基层工会",
    "个": r"项目|岗位|工种|课程|站点|专利",
}
_KIND_OF |= {noun: kind for kind, nouns in _COUNTED.items() for noun in nouns.split("|")}
_NOUNS = "|".join(_COUNTED.values())
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_SCALES = {"十": 10, "百": 100, "千": 1000}

_FIGURE = re.compile(
    r"(?P<before>不少于|不低于|不超过|不高于|不多于|至少|最多|超过|突破|高达|将近|接近|近|约|超|逾|达)?"
    r"(?P<number>\d+(?:,\d{3})+|\d+(?:\.\d+)?|(?<![第一二两三四五六七八九十百千])"
    r"[一二两三四五六七八九十百千][一二两三四五六七八九十百千零〇]*"
    r"|(?<![上下前后])半(?=个?多?(?:月|年|天|小时|钟头)))?"
    r"(?P<scale>[万亿])?"
    r"(?P<after>余|多|来|几)?(?P<scale2>[十百千]?[万亿])?"
    # 599 元, as computers are written about
    rf"(?:(?:(?<=\d) )?(?P<unit>{_UNITS})|(?<=[余多万])(?P<noun>{_NOUNS}))"
    r"(?P<more>以上|以下|以内|左右|多)?"
)
# Numbers without a measure word that count something: 超7亿, 3.6万, 省四万多, 从-14.7上升到-12.3, 得31分.
_NUMBER = re.compile(
    r"(?<![\d.A-Za-z第+/-])(?P<number>-?\d+(?:,\d{3})+|-?\d+(?:\.\d+)?|[一二两三四五六七八九][一二三四五六七八九十百千]*(?=[余多]?[万亿]))"
    r"(?P<scale>[余多]?[万亿]*)(?P<unit>分(?![之钟别类为成析公布配级局店会工开行支期管]))?"
    r"(?![\dA-Za-z.%年月日号届:+/-])"
)
_REACHED = re.compile(r"(?:达到?|为|从|[升降涨跌]?至|到|过|突破|有|仅|约|近|超|是|得)[了出]?$")
# 连续举办十二届 counts them; 十三届 names one.
_HELD = re.compile(r"(?:连续|连着|接连|举办|办|共|累计)[了过]?$")
_SHARE = re.compile(
    r"(?P<under>百|[二三四五六七八九十])分之(?P<over>[一二两三四五六七八九十百]+)"
    r"|(?P<half>一半|半数)|(?P<most>过半|大半)"
)
_YEAR, _MONTH, _DAY = r"(?:19|20)\d{2}", r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_DAY_END = r"(?:日|(?=[-–—~至、]\d{1,2}日))"  # 7月20日; 7月20-25日
_DATE = re.compile(
    rf"(?<!\d)(?P<y>{_YEAR})(?:"
    rf" ?年(?: ?(?P<m>{_MONTH}) ?月份?(?: ?(?P<d>{_DAY}) ?{_DAY_END})?)?"
    rf"|(?P<sep>[-/.])(?P<m1>{_MONTH})(?P=sep)(?P<d1>{_DAY})日?(?!\d)"
    # 2022-11, but 2020.5万元 is a sum.
    rf"|(?:[-/]|\.(?!\d+(?:[万亿余多]|{_UNITS})))(?P<m2>{_MONTH})(?:月份?|(?!\d))"
    rf"|(?=[-–—](?:{_YEAR}(?!\d)|\d\d年)|[~至]{_YEAR}年)"  # the first of 2018-2020
    rf")|(?<![\d.])(?P<m3>{_MONTH}) ?月份?(?: ?(?P<d3>{_DAY}) ?{_DAY_END})?"
    # Of older years only those written with 年 or 公元: 1200-1500人 is no span of time.
    r"|(?<!\d)(?P<y2>1[0-8]\d\d)年(?![前来以内间多])|公元前?(?P<y3>\d{1,4})年"
)
_CHINESE_YEAR = re.compile(r"(?P<century>二[零〇]|一九)(?P<rest>[零〇一二三四五六七八九]{2})年")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit. Offsets are within the text it was parsed from.

    bound: "=" exact; "~" about; ">" at least or somewhat more; "<" at most or nearly.
    """

    start: int
    end: int
    text: str
    value: float
    unit: str
    kind: str
    bound: str


@dataclass(frozen=True, slots=True)
class Date:
    """A calendar date or a part of one; 0 where a part is not given, years before Christ below 0."""

    start: int
    end: int
    text: str
    year: int
    month: int
    day: int


def chinese_number(text: str) -> float:
    """Value of a number in digits or Chinese numerals below ten thousand.

    Raises ValueError when `text` is neither.
    """
    plain = text.replace(",", "")
    if plain == "半":
        return 0.5
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return float(plain)
    if not plain or any(c not in _DIGITS and c not in _SCALES for c in plain):
        raise ValueError(f"not a number: {text!r}")
    total, digit = 0, 0
    for char in plain:
        if char in _SCALES:
            total += (digit or 1) * _SCALES[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return float(total + digit)


def scaled(number: str, scale: str) -> float:
    """Value of a number ("" for one) times its scale: ("3.2", "万"), ("", "百万")."""
    value = chinese_number(number) if number else 1.0
    for char in scale:
        value *= {"十": 10, "百": 100, "千": 1000, "万": 1e4, "亿": 1e8}[char]
    return value


def _bound(before: str, after: str, more: str) -> str:
    if before in ("不超过", "不高于", "不多于", "最多", "近", "将近", "接近") or more in (
        "以下",
        "以内",
    ):
        return "<"
    if before in ("约",) or more == "左右":
        return "~"
    if (before and before != "达") or after or more:
        return ">"
    return "="


@functools.lru_cache(maxsize=20_000)
def figures(text: str) -> tuple[Figure, ...]:
    """All figures of a text in order. Full-width digits and traditional characters count too."""
    folded = text.translate(_SIMPLE)
    found = _shares(text)
    taken = [(d.start, d.end) for d in dates(text)] + [(f.start, f.end) for f in found]
    for match in _FIGURE.finditer(folded):
        number, scale = match["number"] or "", (match["scale"] or "") + (match["scale2"] or "")
        start = match.start()
        if (not number and not scale) or any(s < match.end() and start < e for s, e in taken):
            continue
        ordinal = match["unit"] == "届" and not _HELD.search(folded[:start])
        if (start and folded[start - 1] == "第") or ordinal:
            continue
        value = scaled(number, scale)
        unit = match["unit"] or match["noun"]
        for prefix, factor in (("亿元", 1e8), ("万元", 1e4), ("万人次", 1e4), ("万吨", 1e4)):
            if unit == prefix:
                value, unit = value * factor, prefix[1:]
        bound = _bound(match["before"] or "", match["after"] or "", match["more"] or "")
        found.append(
            Figure(
                start,
                match.end(),
                text[start : match.end()],
                value,
                unit,
                _KIND_OF[match["unit"] or match["noun"]],
                bound,
            )
        )
    return tuple(sorted(found, key=lambda figure: figure.start))


@functools.lru_cache(maxsize=20_000)
def numbers(text: str) -> tuple[Figure, ...]:
    """Numbers that stand alone and count something, of no kind: in 万 or 亿, points, or behind
    a word that leads to one. What is a figure or a date is none; words of bound are not read."""
    taken = [(f.start, f.end) for f in figures(text)] + [(d.start, d.end) for d in dates(text)]
    found = []
    for match in _NUMBER.finditer(text.translate(_SIMPLE)):
        start, end = match.span()
        scale = match["scale"].strip("余多")
        leading = scale or match["unit"] or _REACHED.search(text[:start])
        if not leading or any(s < end and start < e for s, e in taken):
            continue
        sign = -1 if match["number"].startswith("-") else 1
        value = sign * scaled(match["number"].lstrip("-"), scale)
        found.append(Figure(start, end, text[start:end], value, match["unit"] or "", "", "="))
    return tuple(found)


def _shares(text: str) -> list[Figure]:
    """百分之三十, 三分之一 and 一半以上 as percentages."""
    found = []
    for match in _SHARE.finditer(text):
        more = text.startswith("以上", match.end())
        value, bound = 50.0, ">" if more or match["most"] else "="
        if match["under"]:
            under = 100.0 if match["under"] == "百" else chinese_number(match["under"])
            value = 100.0 * chinese_number(match["over"]) / under
        end = match.end() + 2 * more
        whole = text[match.start() : end]
        found.append(Figure(match.start(), end, whole, value, "%", "比例", bound))
    return found


@functools.lru_cache(maxsize=20_000)
def dates(text: str) -> tuple[Date, ...]:
    """All calendar dates of a text in order (2020年7月20日, 8月6日, 2022-11-29, 二〇二三年)."""
    folded = text.translate(_HALF_WIDTH)
    found = []
    for match in _DATE.finditer(folded):
        start, end = match.span()
        month = match["m"] or match["m1"] or match["m2"] or match["m3"] or 0
        day = match["d"] or match["d1"] or match["d3"] or 0
        year = match["y"] or match["y2"] or match["y3"] or 0
        era = -1 if folded.startswith("公元前", start) else 1
        found.append(Date(start, end, text[start:end], era * int(year), int(month), int(day)))
    for match in _CHINESE_YEAR.finditer(folded):
        digits = "".join(str(_DIGITS[c]) for c in match["century"] + match["rest"])
        found.append(Date(*match.span(), text[match.start() : match.end()], int(digits), 0, 0))
    return tuple(sorted(found, key=lambda d: d.start))


_HALF_WIDTH = {
    ord(full): half
    for full, half in zip("０１２３４５６７８９．％（）", "0123456789.%()", strict=True)
}
# Traditional characters of numbers, bounds and measure words, one for one so that offsets stay
# exact. Words that opencc would change in length or by context do not occur among them.
_SIMPLE = _HALF_WIDTH | {
    ord(traditional): simple
    for traditional, simple in zip(
        "萬億兩餘幾來約達過於將內個戶場項類種條臺塊時間鐘歲畝噸頃級張處門單業聯帶錢釐",
        "万亿两余几来约达过于将内个户场项类种条台块时间钟岁亩吨顷级张处门单业联带钱厘",
        strict=True,
    )
}
