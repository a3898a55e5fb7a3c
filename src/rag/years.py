"""The years a sentence of a report speaks of, and whether they hold a year asked about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.question import Question
from rag.types import Document, Passage, Span, known_date
from rag.values import Date, chinese_number, dates

_RELATIVE = (("今年", 0), ("去年", 1), ("前年", 2))
_PLAN = re.compile(r"十(?P<n>[一二三四五])五")
_SINCE = re.compile(r"(?P<y>(?:19|20)\d\d)年(?:\d{1,2}月)?(?:份)?(?:以来|至今|起|开始|之后|后)")
# 三年来, 近五年, 三年提档升级; but not 三年级, 三年一轮回, 第三年, 十三年前.
_RUN = re.compile(
    r"(?<![第每\d一二三四五六七八九十])(?P<n>[两二三四五六七八九十]|\d{1,2})年(?![级轮度龄制一前后期内以之培行规计])"
)
# Said of no span in particular: these hold whatever year before the report.
_ALWAYS = re.compile(r"每年|逐年|历年|多年|年年|以来")
# A few years back: how far is not said, so this many.
_LATELY, _FEW = re.compile(r"近年|近几年|几年来|这些年"), 6
_ASKED_SPAN = re.compile(r"年(?:以来|至今|起|之后|以后|前|之前|以前|[到至—–~-])|之间")
# A report this early in the year tells of the year before.
_EARLY = ("01", "02", "03")


def years_around(passage: Passage, span: Span) -> set[int]:
    """Years a sentence names: its own, 今年 and 去年 by the date of publication, else the one
    named last before it in its passage."""
    text = passage.at(span)
    own = {d.year for d in dates(text) if d.year}
    published = known_date(passage)
    if published[:4].isdigit():
        own |= {int(published[:4]) - back for word, back in _RELATIVE if word in text}
    if own:
        return own
    before = [d for d in dates(passage.text[: span.start - passage.start]) if d.year]
    return {before[-1].year} if before else set()


def holds_year(asked: Question, document: Document, passage: Passage, span: Span) -> bool:
    """Whether a sentence can be of a year asked about, though it names none or another.

    It is where the sentence, what stands before it in its passage, its heading or the title
    tells a span with the year in it; where the report, up to there, named the year last; and
    where nothing is told and the report is of that year. Of a report without a date nothing
    is known, unless it names another.
    """
    wanted = asked_years(asked)
    if not wanted or _ASKED_SPAN.search(asked.text):
        return True
    published = known_date(passage)
    year = int(published[:4]) if published[:4].isdigit() else 0
    so_far = passage.text[: span.end - passage.start]
    # 9月23日召开会议。对企业(2019年8月试点)下发清单: of the day named before it.
    days = [d for d in dates(so_far) if d.day or (d.month and not d.year)]
    own = [d for d in days if d.start >= span.start - passage.start]
    if any(wanted & _implied(day, published) for day in _same_day(asked, own or days[-1:])):
        return True
    around = f"{passage.title} {passage.heading} {so_far}"
    if wanted & _spans(around, year):
        return True
    if years_around(passage, span):
        return False
    if not year or (_ALWAYS.search(passage.at(span)) and min(wanted) <= year):
        return True
    if _LATELY.search(passage.at(span)) and year - _FEW <= min(wanted) <= year:
        return True
    named = {d.year for d in dates(f"{passage.title} {passage.heading}") if d.year}
    before = [d.year for d in dates(document.text[: span.start]) if d.year]
    told = named | set(before[-1:]) | {year}
    if published[5:7] in _EARLY:
        told.add(year - 1)
    return bool(wanted & told)


def same_month(asked: Question, text: str) -> bool | None:
    """Whether a text names a month the question names, with its day where both tell one; None
    where one of them names none."""
    named = [d for d in dates(text) if d.month]
    if not named or not any(d.month for d in asked.dates):
        return None
    return any(_agree(a, d) for a in asked.dates for d in named)


def _same_day(asked: Question, days: Iterable[Date]) -> list[Date]:
    """Those dates that leave out the year and else are one the question names."""
    return [d for d in days if not d.year and any(_agree(a, d) for a in asked.dates)]


def _agree(a: Date, b: Date) -> bool:
    return bool(a.month) and a.month == b.month and (not a.day or not b.day or a.day == b.day)


def _implied(day: Date, published: str) -> set[int]:
    """The year of a date that leaves it out: the last such day before the report."""
    if not published[:4].isdigit():
        return set()
    year, month = int(published[:4]), published[5:7]
    if not month:
        return {year, year - 1}
    return {year if day.month <= int(month) else year - 1}


def asked_years(asked: Question) -> set[int]:
    """The years a question names."""
    return {d.year for d in asked.dates if d.year}


def listed(years: Iterable[int]) -> str:
    """Years as people read them: 公元前221年、2020年."""
    return "、".join(f"{'公元前' * (year < 0)}{abs(year)}年" for year in sorted(years))


def _spans(text: str, published: int) -> set[int]:
    """Years within the spans a text names: 十三五, 2019年以来, 五年来."""
    found: set[int] = set()
    for match in _PLAN.finditer(text):
        first = 1956 + 5 * (10 + int(chinese_number(match["n"])) - 1)
        found.update(range(first, first + 5))
    for match in _SINCE.finditer(text) if published else ():
        found.update(range(int(match["y"]), published + 1))
    for match in _RUN.finditer(text) if published else ():
        found.update(range(published - int(chinese_number(match["n"])), published + 1))
    return found
