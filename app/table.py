"""Comparison answers as a table, a small chart, CSV and Excel files. Pure functions.

The chat component keeps SVG shapes but drops `viewBox` and labels, so the chart is drawn in
per cent of its width, and the table beside it says the same in words.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from app.markup import emphasised, inert, mark_html
from app.sheet import FindDocument, dated, visible
from rag.types import Answer, Citation, Statement
from rag.values import Figure, figures

MISSING = "未见报道"
_ROW_PX = 26
_NAME = 6  # characters beside a bar: a phone has room for no more
_FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20\t\r\n")


@dataclass(frozen=True, slots=True)
class Row:
    """One place. `statements` is empty where the reports say nothing."""

    place: str
    statements: tuple[tuple[Statement, tuple[Citation, ...]], ...] = ()


def compares(answer: Answer) -> bool:
    """Whether an answer sets at least two places side by side."""
    return len({s.label for s in answer.statements if s.label}) >= 2


def rows(answer: Answer, shown: int | None = None) -> list[Row]:
    """One row per place, in the order of the answer; those without a report last."""
    known = {c.number: c for c in answer.citations}
    places: dict[str, list[tuple[Statement, tuple[Citation, ...]]]] = {}
    for statement in answer.statements[:shown]:
        cited = tuple(known[n] for n in statement.citations if n in known)
        places.setdefault(statement.label, []).append((statement, cited))
    found = [Row(place, tuple(said)) for place, said in places.items()]
    if shown is not None or answer.state != "partial":
        return found
    return found + [Row(name) for name in answer.reason.split("、") if name and name not in places]


def table_html(answer: Answer, turn: int, shown: int | None = None) -> str:
    """The first `shown` statements, or all with the chart, as HTML."""
    body = "".join(_row_html(row, turn) for row in rows(answer, shown))
    head = f'<tr><th scope="col">{_compared(answer)}</th><th scope="col">报告原文</th></tr>'
    table = f'<table class="places"><thead>{head}</thead><tbody>{body}</tbody></table>'
    return table + (chart_svg(answer) if shown is None else "")


def _compared(answer: Answer) -> str:
    """What the first column holds: places, or things of one place."""
    regions = {c.number: c.region for c in answer.citations}
    of_places = all(
        any(s.label in regions.get(n, s.label) for n in s.citations) for s in answer.statements
    )
    return "地方" if of_places else "比较的事项"


def _row_html(row: Row, turn: int) -> str:
    cells = []
    for statement, cited in row.statements:
        marks = "".join(mark_html(c, turn) for c in cited)
        cells.append(f"<p>{emphasised(statement.text, [c.focus for c in cited])}{marks}</p>")
    said = "".join(cells) or f'<p class="missing">{MISSING}</p>'
    return f'<tr><th scope="row">{inert(row.place)}</th><td>{said}</td></tr>'


# ---- chart ---------------------------------------------------------------------------------


def chart_data(answer: Answer) -> list[tuple[str, Figure]]:
    """(place, figure) of every place, or [] where they cannot be set on one scale.

    Every place with a report must have exactly one figure among the words that answer, and
    all must count the same thing in the same unit.
    """
    found: list[tuple[str, Figure]] = []
    for row in rows(answer):
        if not row.statements:
            continue
        parsed = [f for _, cited in row.statements for c in cited for f in figures(c.focus)]
        if len(parsed) != 1:
            return []
        found.append((row.place, parsed[0]))
    alike = len({f.kind for _, f in found}) == 1 and len({f.unit for _, f in found}) == 1
    return found if len(found) >= 2 and alike and any(f.value for _, f in found) else []


def chart_svg(answer: Answer) -> str:
    """Bars from zero, one per place, or "" where the figures share no unit."""
    data = chart_data(answer)
    if not data:
        return ""
    top = max(f.value for _, f in data)
    bars = []
    for i, (place, figure) in enumerate(data):
        y, width = i * _ROW_PX, 100 * figure.value / top * 0.6
        name = place if len(place) <= _NAME else place[: _NAME - 1] + "…"
        bars.append(
            f'<text class="name" x="0" y="{y + 17}">{inert(name)}</text>'
            f'<rect x="22%" y="{y + 5}" width="{width:.2f}%" height="{_ROW_PX - 10}" rx="2"></rect>'
            f'<text x="{23 + width:.2f}%" y="{y + 17}">{inert(figure.text)}</text>'
        )
    height = len(data) * _ROW_PX
    return f'<svg class="chart" style="height:{height}px">{"".join(bars)}</svg>'


# ---- files ---------------------------------------------------------------------------------

_HEAD = ("数字", "报告原文", "报告标题", "发布者", "发布日期", "位置")
_WIDTHS = (14, 12, 60, 40, 24, 12, 26)


def _records(answer: Answer, find: FindDocument) -> Iterator[tuple[str, ...]]:
    """The cells of each row, safe to be opened by a spreadsheet."""
    for row in rows(answer):
        if not row.statements:
            yield (_cell(row.place), "", MISSING, "", "", "", "")
        for statement, cited in row.statements:
            for c in cited:
                position = f"{c.doc_id} 第{c.start + 1}–{c.end}字"
                told = (c.title, c.source, dated(find(c.doc_id)), position)
                yield tuple(map(_cell, (row.place, c.focus, statement.text, *told)))


def table_csv(answer: Answer, find: FindDocument) -> bytes:
    """The table for a spreadsheet: UTF-8 with a byte order mark, which Excel needs for Chinese."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_compared(answer), *_HEAD])
    writer.writerows(_records(answer, find))
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def table_xlsx(answer: Answer, find: FindDocument) -> bytes:
    """The table as an Excel file; every cell is text, none a formula or a link."""
    from xlsxwriter import Workbook  # Late: only an export needs it.

    out = io.BytesIO()
    with Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet("对照表")
        top = {"text_wrap": True, "valign": "top"}
        plain, head = book.add_format(top), book.add_format({**top, "bold": True, "bottom": 1})
        names = (_compared(answer), *_HEAD)
        for column, (name, width) in enumerate(zip(names, _WIDTHS, strict=True)):
            page.set_column(column, column, width)
            page.write_string(0, column, name, head)
        for line, record in enumerate(_records(answer, find), 1):
            for column, text in enumerate(record):
                page.write_string(line, column, visible(text), plain)
        page.freeze_panes(1, 1)
    return out.getvalue()


def _cell(text: str) -> str:
    """Never read as a formula: a spreadsheet runs what begins like one, seen or unseen."""
    begins = (text.lstrip(" \u3000"), visible(text).lstrip())
    return f"'{text}" if any(b.startswith(_FORMULA) for b in begins) else text
