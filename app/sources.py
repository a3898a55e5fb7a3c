"""The sources beside the conversation → HTML. Pure functions, like those of `render`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from app.render import NEAREST_SHOWN, clip, cut, inert
from rag.types import Answer, Citation, Document, Hit, Passage

FindDocument = Callable[[str], Document]


def panel_html(sections: Sequence[str]) -> str:
    """Sources of all turns; CSS shows the last one, chat.js the one whose mark was clicked."""
    if not sections:
        return ""
    close = '<button type="button" class="close">返回对话</button>'
    return f'<aside aria-label="来源">{close}{"".join(sections)}</aside>'


def sources_html(answer: Answer, turn: int, find_document: FindDocument) -> str:
    """The sources of one answer; for a refusal the nearest passages, named as such."""
    cited = bool(answer.citations)
    if cited:
        cards = _cited_cards(answer, turn, find_document)
        lead = ""
    else:
        cards = [_nearest_card(hit) for hit in answer.hits[:NEAREST_SHOWN]]
        lead = "以下内容与问题最接近，但不足以回答。" if cards else "没有找到与这个问题接近的内容。"
    note = f'<p class="lead">{lead}</p>' if lead else ""
    return (
        f'<section class="turn" id="sources-{turn}" tabindex="-1" aria-label="第{turn}问的来源">'
        f"<h2>{'来源' if cited else '最接近的内容'}</h2>"
        f'<p class="for">{inert(clip(answer.question.strip(), 60))}</p>'
        f"{note}{''.join(cards)}</section>"
    )


def _cited_cards(answer: Answer, turn: int, find_document: FindDocument) -> list[str]:
    """One card per passage, so that two sentences of a paragraph are read in one place."""
    groups: dict[tuple[str, int, int], list[Citation]] = {}
    passages = [hit.passage for hit in answer.hits]
    for citation in sorted(answer.citations, key=lambda c: c.number):
        start, end = surroundings(citation, passages, find_document(citation.doc_id).text)
        groups.setdefault((citation.doc_id, start, end), []).append(citation)
    cards = []
    for (doc_id, start, end), citations in groups.items():
        document, first = find_document(doc_id), citations[0]
        focus = [_focus_span(c) for c in citations]
        body = cut(document.text, start, end, citations, [f for f in focus if f], turn)
        numbers = "".join(f'<span class="number">{c.number}</span>' for c in citations)
        label = "、".join(str(c.number) for c in citations)
        cards.append(
            f'<article class="source" id="card-{turn}-{first.number}" tabindex="-1" '
            f'aria-label="来源{label}"><div class="numbers" aria-hidden="true">{numbers}</div>'
            + _card_body(document, first.heading, body)
        )
    return cards


def _nearest_card(hit: Hit) -> str:
    body = cut(hit.passage.text, 0, len(hit.passage.text), [], [], 0)
    return '<article class="source nearest">' + _card_body(hit.passage, hit.passage.heading, body)


def _card_body(origin: Document | Passage, heading: str, body: str) -> str:
    date = date_text(origin.published, origin.published_inferred)
    facts = [origin.region.replace("/", ""), date, origin.source]
    meta = "".join(f"<span>{inert(fact)}</span>" for fact in facts if fact)
    section = f'<p class="heading">{inert(heading)}</p>' if heading else ""
    title = inert(origin.title or origin.doc_id)
    return (
        f'<h3>{title}</h3><p class="meta">{meta}</p>{section}'
        f"<blockquote>{body}</blockquote></article>"
    )


def surroundings(citation: Citation, passages: Sequence[Passage], text: str) -> tuple[int, int]:
    """The piece of the document to show a citation in: its passage, else its own lines."""
    for passage in passages:
        if passage.doc_id == citation.doc_id and (
            passage.start <= citation.start and citation.end <= passage.end
        ):
            return passage.start, passage.end
    end = text.find("\n", citation.end)
    return text.rfind("\n", 0, citation.start) + 1, len(text) if end < 0 else end


def _focus_span(citation: Citation) -> tuple[int, int] | None:
    at = citation.quote.find(citation.focus) if citation.focus else -1
    return None if at < 0 else (citation.start + at, citation.start + at + len(citation.focus))


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
