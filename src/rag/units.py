"""Whether a figure counts what a question asks for: by its kind and its measure word."""

from __future__ import annotations

from rag.counted import EITHER
from rag.values import Figure

# What these count is counted in nothing else, or in a few words besides.
_OWN_MEASURE = {
    **dict.fromkeys(("对", "届", "级", "步", "篇", "所", "带", "联", "班", "卡"), ""),
    "首": "篇", "支": "个", "门": "户家个项", "座": "个处", "处": "个座", "起": "件个", "张": "份本个", "份": "张个本",
    "本": "册部", "册": "本", "辆": "台个", "艘": "只个", "幅": "", "架": "台个", "台": "个辆架",
}  # fmt: skip
# Measure words that make names and count little else: 四带四联, 三级, 二十大.
_NAMING = ("带", "联", "级", "班", "大")
# Lengths of time by size; 几天 is not told in years.
_SCALE = {"毫秒": 0, "秒": 0, "秒钟": 0, "分钟": 1, "小时": 2, "个小时": 2, "个多小时": 2, "个钟头": 2, "个多钟头": 2, "天": 3, "日": 3,
          "个星期": 3, "个多星期": 3, "个月": 4, "个多月": 4, "年": 5, "周年": 5}  # fmt: skip
# What is told by a number alone: 票房突破2.18亿, 装机量超7亿.
_BARE = ("钱", "个", "人", "次")


def unit_fit(unit: tuple[str, str], figure: Figure) -> float:
    """How well a figure fits the asked (kind, measure word), 0 to 1."""
    kind, word = unit
    if figure.unit == "大" and kind not in ("个", "人"):
        return 0.2  # 十大窗口 and 二十大 are names
    if (
        figure.value == 1
        and figure.text[0] == "一"
        and figure.kind in ("人", "个", "家", "户", "次")
    ):
        return 0.2  # 是公司的一名职工 counts nothing
    if not kind:
        return 0.6 if figure.kind == "时长" else 0.8
    if not figure.kind:
        return 0.6 if kind in _BARE else 0.0
    if word == EITHER and (figure.kind == "比例" or figure.unit == "倍"):
        return 0.7
    if figure.kind == kind:
        if word in _OWN_MEASURE and figure.unit != word and figure.unit not in _OWN_MEASURE[word]:
            return 0.2  # 几对 are not told by 26个项目
        if figure.unit in _NAMING and word != figure.unit:
            return 0.2
        if figure.unit == "支" and word != "支":
            return 0.2  # teams
        if kind == "时长" and figure.text in ("一分钟", "一秒"):
            return 0.2  # by the minute
        if word in _SCALE and abs(_SCALE[word] - _SCALE.get(figure.unit, _SCALE[word])) > 1:
            return 0.2
        return 1.0 if word in ("", EITHER, figure.unit) else 0.95
    # What is handed out one each may be told by the people: 1.5万名 for "发了多少张".
    generic = word in ("张", "份", "套", "本") and figure.kind == "人"
    if {figure.kind, kind} == {"家", "个"}:
        # 80余万个次 counts no firms; cases, measures and books are not told in 家.
        if "个次" in (word, figure.unit) or (kind == "个" and word not in ("", "个")):
            return 0.2
        return 0.85  # 多少家工会, told as 212个
    if kind == "个" and not word and figure.kind == "人":
        return 0.45  # plain speech counts people in 个 as well
    # 多少次活动 may be told as 12项; a union is no household.
    alike = {"个": {"家", "户", "次"}, "次": {"个"}, "家": {"户"}, "户": {"家"}}
    if (
        kind == "个"
        and word not in ("", "个", "项")
        and figure.unit not in _OWN_MEASURE.get(word, "")
    ):
        return 0.0  # 多少条措施 is not told by 32家
    return 0.6 if generic or figure.kind in alike.get(kind, set()) else 0.0
