"""A whole report, and the list of reports → HTML. Pure functions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.markup import clip, cut, facts_html, inert
from app.sources import report_url
from rag.types import Citation, Document, Passage, known_date

# More than any real report; a file of many megabytes would stop the browser.
SHOWN_CHARS = 300_000
_MAX_HEADING = 40


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence to mark: number (0: a passage without one), its span, the words that answer."""

    number: int
    start: int
    end: int
    focus: tuple[int, int] = (0, 0)


def report_html(
    document: Document, passages: Sequence[Passage], places: Sequence[Place], turn: int
) -> str:
    """The report with its headings and the places marked."""
    first = min((p.start for p in places), default=0)
    begin, end = _window(document.text, first)
    heads = _headings(document, passages)
    body = "".join(
        _line_html(document, start, stop, places, turn, start in heads)
        for start, stop in _lines(document.text, begin, end)
    )
    part = ""
    if (begin, end) != (0, len(document.text)):
        part = f'<p class="lead">报告很长，这里显示第{begin + 1}–{end}字。</p>'
    count = f'<p class="meta">全文{len(document.text)}字</p>'
    return (
        f'<article class="report" lang="zh-CN"><header><h2 tabindex="-1">'
        f"{inert(document.title or document.doc_id)}</h2>{facts_html(document)}{count}</header>"
        f'{part}<div class="body">{body}</div></article>'
    )


def _window(text: str, first: int) -> tuple[int, int]:
    """The part to show: all of it, or whole lines around the first marked place."""
    if len(text) <= SHOWN_CHARS:
        return 0, len(text)
    begin = max(0, min(first - SHOWN_CHARS // 2, len(text) - SHOWN_CHARS))
    return text.rfind("\n", 0, begin) + 1, min(len(text), begin + SHOWN_CHARS)


def _lines(text: str, begin: int, end: int) -> Iterable[tuple[int, int]]:
    for match in re.finditer(r"[^\n]*\S[^\n]*", text[begin:end]):
        yield begin + match.start(), begin + match.end()


def _headings(document: Document, passages: Sequence[Passage]) -> set[int]:
    """Where heading lines begin: those the file marks, and those passages are filed under."""
    found = {span.start for span in document.headings}
    for passage in passages:
        for start, end in _lines(document.text, passage.start, passage.end):
            line = document.text[start:end].strip()
            named = f" {passage.heading} "
            if len(line) <= _MAX_HEADING and passage.heading and f" {line} " in named:
                found.add(start)
    return found


def _line_html(
    document: Document, start: int, end: int, places: Sequence[Place], turn: int, heading: bool
) -> str:
    inside = [p for p in places if p.start < end and start < p.end]
    marked = [_as_citation(p, document) for p in inside]
    focus = [p.focus for p in inside if p.focus[0] < p.focus[1]]
    anchor = f"doc-{turn}" if any(p.number for p in inside) else ""
    html = cut(document.text, start, end, marked, focus, anchor)
    return f"<h3>{html}</h3>" if heading else f"<p>{html}</p>"


def _as_citation(place: Place, document: Document) -> Citation:
    quote = document.text[place.start : place.end]
    return Citation(
        place.number, document.doc_id, place.start, place.end, quote, "", "", "", "", ""
    )


# ---- the list of reports -------------------------------------------------------------------


def library_html(documents: Mapping[str, Document], passages: Sequence[Passage]) -> str:
    """All reports, with what tells them apart."""
    counts = Counter(p.doc_id for p in passages)
    ordered = sorted(documents.values(), key=lambda d: (d.region, d.published, d.doc_id))
    items = "".join(_item_html(d, counts[d.doc_id]) for d in ordered)
    places = len({d.region for d in documents.values() if d.region})
    total = f"{len(documents)}份报告，{places}个地方，{sum(counts.values())}个段落"
    return (
        '<section class="library"><h2 tabindex="-1">报告</h2>'
        f'<p class="lead">{total}。点标题读全文，也可以只在一份报告里提问。</p>'
        f"{_overview_html(ordered)}<ul>{items}</ul></section>"
    )


def _overview_html(documents: Sequence[Document]) -> str:
    """How many reports of which province and year; nothing where one row would say it all."""
    counts = Counter((_province(d), _year(d)) for d in documents)
    provinces = sorted({province for province, _ in counts}, key=lambda p: (not p, p))
    years = sorted({year for _, year in counts}, key=lambda y: (not y, y))
    if len(provinces) < 2 or len(years) > 15:
        return ""
    most = max(counts.values())
    head = "".join(f'<th scope="col">{inert(year) or "不详"}</th>' for year in years)
    body = ""
    for province in provinces:
        cells = ""
        for year in years:
            count = counts[province, year]
            shade = f' class="s{-(-3 * count // max(most, 3))}"' if count else ""
            cells += f"<td{shade}>{count or ''}</td>"
        body += f'<tr><th scope="row">{inert(province) or "不详"}</th>{cells}</tr>'
    return (
        '<table class="overview"><caption>各地各年的报告份数</caption>'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _province(document: Document) -> str:
    return document.region.split("/", 1)[0]


def _year(document: Document) -> str:
    return known_date(document)[:4]


def _item_html(document: Document, passages: int) -> str:
    url = inert(report_url(document.doc_id, 0, []))
    title = inert(clip(document.title or document.doc_id, 120))
    size = f'<p class="meta"><span>{len(document.text)}字</span><span>{passages}段</span></p>'
    only = (
        f'<button type="button" class="only" data-doc="{inert(document.doc_id)}" '
        f'aria-label="只问这份：{title}">只问这份</button>'
    )
    return (
        f'<li><a class="whole" href="{url}">{title}</a>{facts_html(document)}'
        f'<div class="foot">{size}{only}</div></li>'
    )


# ---- what to ask in ------------------------------------------------------------------------


def scope_html(documents: Mapping[str, Document]) -> str:
    """Choices of region, report and years; chips show what is chosen (see reader.js)."""
    regions: set[str] = set()
    for document in documents.values():
        parts = document.region.split("/") if document.region else []
        regions.update("/".join(parts[: n + 1]) for n in range(len(parts)))
    years = sorted({year for year in map(_year, documents.values()) if year})
    reports = [(d.doc_id, clip(d.title or d.doc_id, 40)) for d in documents.values()]
    fields = (
        _select("region", "地区", [(r, r.replace("/", " ")) for r in sorted(regions)])
        + _select("doc_id", "报告", sorted(reports, key=lambda pair: pair[0]))
        + _select("published_from", "不早于", [(y, f"{y}年") for y in years])
        + _select("published_to", "不晚于", [(y, f"{y}年") for y in years])
    )
    return (
        '<div class="scope"><details><summary>检索范围</summary>'
        f'<div class="menu">{fields}</div></details>'
        '<div class="chips" aria-live="polite"></div></div>'
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]]) -> str:
    shown = "".join(f'<option value="{inert(v)}">{inert(text)}</option>' for v, text in options)
    every = '<option value="">全部</option>'
    return f'<label>{label}<select name="{name}">{every}{shown}</select></label>'
