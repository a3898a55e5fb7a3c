"""Dates of publication as people and web pages write them → ISO dates."""

from __future__ import annotations

import datetime
import logging
import re

_log = logging.getLogger(__name__)


def iso_date(value: str) -> str:
    """ISO date, or a part of it, from "2023-02-02", "2023年2月2日", "2023/2", "2023"; or ""."""
    match = re.fullmatch(
        r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?(?:[ T].*)?|月)?|年)?", value
    )
    if match:
        year, month, day = match.groups()
        try:
            datetime.date(int(year), int(month or 1), int(day or 1))
            return "-".join([year, *(part.zfill(2) for part in (month, day) if part)])
        except ValueError:
            pass
    if value not in {"", "unknown", "未知"}:
        _log.warning("看不懂的发布日期“%s”，按未知处理", value)
    return ""


def stated_date(text: str) -> str:
    """The date of a line like "发布时间:2023-02-02 09:47:51" near the top."""
    line = re.search(
        r"^(?:发布|发表)?(?:时间|日期)\s*[:：]\s*(\d{4}[-/.年][^\n]*)", text[:1000], re.M
    )
    return iso_date(line[1].strip()) if line else ""
