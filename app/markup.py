"""Text → inert HTML. Pure functions: no gradio, no I/O.

Two texts cannot be trusted here: what the visitor typed and what the reports say. Both reach
the page only through `inert`.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from rag.types import Citation, Document, Passage

# Written as references: what the chat component would read as Markdown, a link or a template.
_REFERENCES = {ord(c): escape(c) if c in "&<>\"'" else f"&#{ord(c)};" for c in string.punctuation}
# Cf holds the zero-width and bidi controls that hide or reorder text, Cc the terminal's.
_INVISIBLE = {"Cf", "Cc", "Cs", "Co"}
_BREAKS = "\n\r\t\v\f\x85\u2028\u2029"


def inert(text: str) -> str:
    """One line that displays as itself: no HTML, no Markdown, nothing hidden or reordering."""
    visible = "".join(
        " " if c in _BREAKS else c
        for c in text
        if c in _BREAKS or unicodedata.category(c) not in _INVISIBLE
    )
    return visible.translate(_REFERENCES)


def attribute(text: str) -> str:
    """A text that scripts read from an attribute: as it is, invisible characters included."""
    whole = text.encode("utf-8", "ignore").decode("utf-8")  # Half a surrogate pair is no text.
    return whole.translate(_REFERENCES).replace("\n", "&#10;")


def lines(text: str) -> str:
    """The same for several lines, which stay apart."""
    return "\n".join(inert(line) for line in text.split("\n"))


def emphasised(text: str, focus: Sequence[str]) -> str:
    """A statement with the words that answer in bold (the first place of each)."""
    places = [(text.find(words), len(words)) for words in focus if words]
    return cut(text, 0, len(text), [], [(at, at + n) for at, n in places if at >= 0], "")


def mark_html(citation: Citation, turn: int) -> str:
    """A numbered mark that leads to the sentence it stands for."""
    hint = inert(clip(citation.quote, 120))
    return (
        f'<a class="cite" href="#src-{turn}-{citation.number}" title="{hint}">'
        f"[{citation.number}]</a>"
    )


def clip(text: str, limit: int) -> str:
    """The text, or its beginning and its length where it is longer than `limit`."""
    return text if len(text) <= limit else f"{text[:limit]}……（共{len(text)}字）"


def cut(
    text: str,
    start: int,
    end: int,
    citations: Sequence[Citation],
    focus: Sequence[tuple[int, int]],
    anchor: str,
) -> str:
    """text[start:end] with citations highlighted and focus words strong; both may overlap.

    anchor: how the ids of the places begin ("src-3"); "" for no ids.
    """
    spans = [(c.start, c.end) for c in citations] + list(focus)
    cuts = {start, end} | {edge for span in spans for edge in span if start < edge < end}
    parts: list[str] = []
    for a, b in pairwise(sorted(cuts)):
        piece = _breaks(text[a:b])
        if any(lo <= a and b <= hi for lo, hi in focus):
            piece = f"<strong>{piece}</strong>"
        parts.extend(
            f'<span class="anchor" id="{anchor}-{c.number}" data-n="{c.number}"></span>'
            for c in citations
            if anchor and c.start == a
        )
        covering = " ".join(f"n{c.number}" for c in citations if c.start <= a and b <= c.end)
        parts.append(f'<mark class="{covering}">{piece}</mark>' if covering else piece)
    return "".join(parts)


def _breaks(text: str) -> str:
    """A passage may hold several paragraphs; each keeps its own line."""
    return '<span class="para"></span>'.join(inert(line) for line in re.split(r"\n+", text))


def facts_html(origin: Document | Passage) -> str:
    """Where a text comes from, in one line: place, date, publisher."""
    date = date_text(origin.published, origin.published_inferred)
    return f'<p class="meta">{origin_html(origin.region, date, origin.source)}</p>'


def origin_html(region: str, date: str, source: str) -> str:
    """What is known of place, date and publisher, in this order."""
    facts = (region.replace("/", ""), date, source)
    return "".join(f"<span>{inert(fact)}</span>" for fact in facts if fact)


def date_text(published: str, inferred: str) -> str:
    """A date as it is written in Chinese; an inferred year is named as inferred."""
    parts = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", published)
    if parts:
        return "".join(
            f"{int(value)}{unit}"
            for value, unit in zip(parts.groups(), "年月日", strict=True)
            if value
        )
    if published and published != "unknown":
        return published
    return f"约{inferred}年（推断）" if inferred else "日期不详"
