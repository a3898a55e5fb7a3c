"""The words in a chosen sentence that answer: which of its figures, which date, which name."""

from __future__ import annotations

import re

from rag.fitness import clause
from rag.names import people
from rag.question import Question
from rag.rerank import LateInteraction
from rag.units import unit_fit
from rag.values import Figure, dates, figures, numbers

_COUNTS = 0.3


def focus(asked: Question, text: str, late: LateInteraction) -> str:
    """The figure, date or name in `text` that answers; "" where no single one does."""
    if asked.kind == "figure":
        figure = answering_figure(asked, text, late)
        return figure.text if figure else ""
    if asked.kind == "when":
        found = dates(text)
        return (
            max(found, key=lambda d: bool(d.year) + bool(d.month) + bool(d.day)).text
            if found
            else ""
        )
    if asked.kind == "who":
        persons = people(text)
        return persons[0].name if persons else ""
    return ""


def beside(content: str, text: str, figure: Figure) -> bool:
    """Whether a noun right beside a figure is one the question names: 26个比赛项目, 试点企业1036家."""
    behind = re.match(r"[\u4e00-\u9fff]{0,4}", text[figure.end :])
    before = re.search(r"[\u4e00-\u9fff]{0,2}$", text[: figure.start])
    near = [side[0] if side else "" for side in (behind, before)]
    return any(side[i : i + 2] in content for side in near for i in range(len(side) - 1))


def _is_name(text: str, figure: Figure) -> bool:
    """Whether a numeral is part of a name: 三级试点企业, “万名职工大练兵”."""
    if any(c.isdigit() for c in figure.text):
        return False
    quoted = text.count("“", 0, figure.start) > text.count("”", 0, figure.start)
    return quoted or figure.unit == "级"


def answering_figure(asked: Question, text: str, late: LateInteraction) -> Figure | None:
    """The figure that counts what is asked for, or None.

    Of "提档升级基层工会265个,新建基层工会212个" it is the one whose clause says
    most of the question: fit of the unit plus late interaction with the clause.
    """
    unit = asked.asked[0] if asked.asked else ("", "")
    found = [f for f in figures(text) if unit_fit(unit, f) > 0]
    found = found or [f for f in numbers(text) if unit_fit(unit, f) > 0]
    found = [f for f in found if not _is_name(text, f)] or found
    if not found:
        return None
    words = late.question(asked.content)
    said = late.scores(words, [late.word_ids(clause(text, f)) for f in found])
    rated = [
        unit_fit(unit, f) + 2.0 * float(s) + _COUNTS * beside(asked.content, text, f)
        for f, s in zip(found, said, strict=True)
    ]
    return found[rated.index(max(rated))]
