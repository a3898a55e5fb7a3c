"""Times a question names: which of them one named anew replaces, and what 第二年 and 下一届 mean."""

from __future__ import annotations

import re

from rag.values import chinese_number

_NUMERALS = "一二三四五六七八九十百"
_KINDS = {
    "edition": rf"第[{_NUMERALS}\d]+届|[头首上下]一?届",
    "year": r"(?:19|20)?\d\d年(?:\d{1,2}月)?|去年|今年|前年|次年|第二年|[前后上下]一年",
    # A month is one of the year spoken of, an occasion comes every year.
    "month": r"\d{1,2}月|[上下]半年",
    "occasion": r"春节|元旦|五一(?!劳动|奖|”)|国庆|中秋|端午|[春夏秋冬][天季]|年[初底]",
    "vague": r"以前|之前|原来|过去|最初|开始|起初|后来|现在|目前|如今|眼下",
}
TIME = rf"(?:{'|'.join(f'(?:{kind})' for kind in _KINDS.values())})(?:份|的?时候)?"
EDITION = re.compile(rf"第[{_NUMERALS}\d]+届")
_ONE_OF_THEM = r"(?:的?[那这]?一?[年届次批回场期])?"  # 22年那批, 第二年那届
ONLY_TIME = re.compile(rf"^再?(?P<time>{TIME}){_ONE_OF_THEM}的?$")
# What a time of each kind cannot stand beside.
_REPLACES = {
    "edition": ("edition", "year"),
    "year": ("year", "vague", "edition"),
    "month": ("month",),
    "occasion": ("occasion",),
    "vague": ("vague", "year"),
}
# “技能文水 成就未来”大赛: a motto is of one year's event, a name (“最美职工”评选) is of all.
_MOTTO = re.compile(r"[“\"][^“”\"]+[ ,，、][^“”\"]+[”\"](?=[\u4e00-\u9fff]{2})")
_NEXT = re.compile(r"次年|第二年|[后下]一年")


# 头八个月, 近三年, 1至8月.
_SPAN = rf"[头前近这]?[{_NUMERALS}两几\d]+(?:个月|年)[来间内]?|\d{{1,2}}[至到-]\d{{1,2}}月"


def timeless(text: str) -> str:
    """A text without the times and the spans of time it names."""
    return re.sub(rf"{_SPAN}|{TIME}", "", text)


def _kind(time: str) -> str:
    return next(kind for kind, pattern in _KINDS.items() if re.match(pattern, time))


def without_times(topic: str, own: str) -> str:
    """A subject without the times that those a follow-up names replace, spans among them."""
    gone = {kind for new in re.finditer(TIME, own) for kind in _REPLACES[_kind(new[0])]}
    topic = re.sub(TIME, lambda old: "" if _kind(old[0]) in gone else old[0], topic)
    # 这三年, then 去年.
    return re.sub(_SPAN, "", topic) if "year" in gone else topic


def swap_time(earlier: str, when: str, names: str) -> str:
    """The earlier question with its time, or its edition, replaced by the newly named one."""
    kind, when = _kind(when), _meant(when, earlier)
    if kind in ("year", "edition"):
        plain = _MOTTO.sub("", earlier)
        earlier = plain if names in plain else names + plain
    found = [(_kind(old[0]), old) for old in re.finditer(TIME, earlier)]
    # The edition of an event gives way to a year only where no year is told.
    for replaced in _REPLACES[kind]:
        for told, old in found:
            if told == replaced and not (kind == "edition" and told == "year"):
                return earlier[: old.start()] + when + earlier[old.end() :]
    if kind == "month":  # 2022年, then 下半年呢
        at = next((old.end() for told, old in found if told == "year"), None)
        if at is not None:
            return earlier[:at] + when + earlier[at:]
    at = earlier.find(names) + len(names) if names and names in earlier else 0
    return earlier[:at] + when + earlier[at:]


def _meant(when: str, earlier: str) -> str:
    """第二年 after 2022年 is 2023年, 下一届 after 第一届 is 第二届, 首届 is 第一届."""
    if re.match(r"[头首]一?届", when):
        return "第一届"
    years = re.findall(r"(\d{2,4})年", earlier)
    if years and (_NEXT.match(when) or re.match(r"[前上]一年", when)):
        number = int(years[-1]) + (1 if _NEXT.match(when) else -1)
        return f"{number:0{len(years[-1])}d}年"  # 08年 after 09年
    editions = re.findall(rf"第([{_NUMERALS}\d]+)届|(首届|头一?届)", earlier)
    if editions and (step := re.match(r"([上下])一?届", when)):
        told, first = editions[-1]
        number = (1 if first else int(chinese_number(told))) + (1 if step[1] == "下" else -1)
        return f"第{_written(number)}届" if number else when
    return when


def _written(number: int) -> str:
    """A small number as editions are counted: 十三."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 20:
        return str(number)
    return "十" * tens + (_NUMERALS[ones - 1] if ones else "")
