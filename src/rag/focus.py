"""The words in a chosen sentence that answer: which of its figures, which date, which name."""

from __future__ import annotations

import re

from rag.fitness import clause, unit_fit
from rag.names import people
from rag.question import Question
from rag.rerank import LateInteraction
from rag.values import Figure, dates, figures

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


def _counts_it(content: str, text: str, figure: Figure) -> bool:
    """Whether the noun right behind a figure is one the question names: 四大类13个项目."""
    noun = re.match(r"[\u4e00-\u9fff]{2}", text[figure.end :])
    return noun is not None and noun[0] in content


def answering_figure(asked: Question, text: str, late: LateInteraction) -> Figure | None:
    """The figure that counts what is asked for, or None.

    Of "提档升级基层工会265个,新建基层工会212个" it is the one whose clause says
    most of the question: fit of the unit plus late interaction with the clause.
    """
    unit = asked.asked[0] if asked.asked else ("", "")
    found = [f for f in figures(text) if unit_fit(unit, f) > 0]
    if not found:
        return None
    words = late.question(asked.content)
    said = late.scores(words, [late.word_ids(clause(text, f)) for f in found])
    rated = [
        unit_fit(unit, f) + 2.0 * float(s) + _COUNTS * _counts_it(asked.content, text, f)
        for f, s in zip(found, said, strict=True)
    ]
    return found[rated.index(max(rated))]
