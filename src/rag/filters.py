"""What of a collection may be searched: region, report, dates of publication."""

from __future__ import annotations

import datetime
import re
from dataclasses import astuple, dataclass

from rag.errors import QuestionError
from rag.types import Passage, known_date


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be searched; "" means everything.

    region: a path or the beginning of one ("江苏省/盐城市"). published_from,
    published_to: an ISO date or the beginning of one (2022, 2022-11, 2022-11-29),
    both ends included.
    """

    region: str = ""
    doc_id: str = ""
    published_from: str = ""
    published_to: str = ""

    def check(self) -> None:
        """Raises QuestionError when a date is none, or the first lies after the last."""
        if not all(isinstance(value, str) for value in astuple(self)):
            raise QuestionError("检索条件必须是文字，如地区“江苏省/盐城市”、日期“2022-11-29”。")
        first, last = self.published_from, self.published_to
        for date in filter(None, (first, last)):
            if not _is_date(date):
                raise QuestionError(
                    f"看不懂日期“{date}”，请写成 2022、2022-11 或 2022-11-29 的样子。"
                )
        # Cut to one precision: 2022-11 up to 2022 is no contradiction.
        if last and first[: len(last)] > last:
            raise QuestionError(f"起始日期 {first} 晚于截止日期 {last}，请对调或改正。")

    def admits(self, passage: Passage) -> bool:
        """Whether a passage is inside the filters; undated reports fail date filters."""
        if self.doc_id and passage.doc_id != self.doc_id:
            return False
        if self.region and not (passage.region + "/").startswith(self.region.rstrip("/") + "/"):
            return False
        if not (self.published_from or self.published_to):
            return True
        known = known_date(passage)
        # ISO dates compare as text; a year alone lies in a range that holds any of its days.
        return bool(known) and (
            known >= self.published_from[: len(known)]
            and (not self.published_to or known[: len(self.published_to)] <= self.published_to)
        )


def _is_date(text: str) -> bool:
    """Whether a text is an ISO date or the beginning of one, of a day that exists."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        return False
    try:
        datetime.date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        return False
    return True
