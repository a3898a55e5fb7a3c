"""The sources beside the conversation → HTML. Pure functions, like those of `render`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

from app import record, sheet
from app.markup import attribute, clip, cut, facts_html, inert
from app.render import NEAREST_SHOWN
from rag.lexical import terms
from rag.types import Answer, Citation, Document, Hit, Passage

FindDocument = Callable[[str], Document]


def panel_html(sections: Sequence[str]) -> str:
    """Sources of all turns; CSS shows the last one, chat.js the one whose mark was clicked."""
    if not sections:
        return ""
    close = '<button type="button" class="close">返回对话</button>'
    return f'<aside aria-label="来源">{close}{"".join(sections)}</aside>'


def sources_html(
    answer: Answer, turn: int, find_document: FindDocument, *, final: bool = True
) -> str:
    """The sources of one answer; for a refusal the nearest passages, named as such.

    final: whether the answer is whole; only then may the browser keep or copy it.
    """
    cited = bool(answer.citations)
    if cited:
        cards = _cited_cards(answer, turn, find_document)
        lead = ""
    else:
        nearest = answer.hits[:NEAREST_SHOWN]
        cards = [_nearest_card(hit, answer, turn, find_document) for hit in nearest]
        lead = "以下内容与问题最接近，但不足以回答。" if cards else "没有找到与这个问题接近的内容。"
    note = f'<p class="lead">{lead}</p>' if lead else ""
    kept = ""
    if final:
        kept = (
            f' data-record="{attribute(record.to_record(answer))}"'
            f' data-copy="{attribute(sheet.plain(answer, find_document))}"'
        )
    return (
        f'<section class="turn" id="sources-{turn}" tabindex="-1" '
        f'aria-label="第{turn}问的来源"{kept}>'
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
        focus = [focus_span(c) for c in citations]
        body = cut(document.text, start, end, citations, [f for f in focus if f], f"src-{turn}")
        numbers = "".join(f'<span class="number">{c.number}</span>' for c in citations)
        label = "、".join(str(c.number) for c in citations)
        hit = next((h for h in answer.hits if _is_at(h.passage, doc_id, start)), None)
        cited = [c for c in answer.citations if c.doc_id == doc_id]
        url = report_url(doc_id, turn, cited, document.text)
        cards.append(
            f'<article class="source" id="card-{turn}-{first.number}" tabindex="-1" '
            f'aria-label="来源{label}"><div class="numbers" aria-hidden="true">{numbers}</div>'
            + _card_body(document, first.heading, body)
            + _card_end(url, hit, answer, document.title)
        )
    return cards


def _nearest_card(hit: Hit, answer: Answer, turn: int, find_document: FindDocument) -> str:
    p = hit.passage
    body = cut(p.text, 0, len(p.text), [], [], "")
    document = find_document(p.doc_id)
    place = urlencode({"passage": f"{p.start}.{p.end}"})
    url = f"{report_url(p.doc_id, turn, [], document.text)}&{place}"
    title = document.title
    end = _card_end(url, hit, answer, title)
    return f'<article class="source nearest">{_card_body(p, p.heading, body)}{end}'


def _card_body(origin: Document | Passage, heading: str, body: str) -> str:
    section = f'<p class="heading">{inert(heading)}</p>' if heading else ""
    title = inert(origin.title or origin.doc_id)
    return f"<h3>{title}</h3>{facts_html(origin)}{section}<blockquote>{body}</blockquote>"


def _card_end(url: str, hit: Hit | None, answer: Answer, title: str) -> str:
    name = inert(clip(title, 40))
    link = (
        f'<a class="whole" href="{inert(url)}" aria-label="在全文中查看：{name}">在全文中查看</a>'
    )
    why = _why_html(hit, answer) if hit is not None else ""
    return f'<div class="foot">{link}{why}</div></article>'


def _is_at(passage: Passage, doc_id: str, start: int) -> bool:
    return passage.doc_id == doc_id and passage.start == start


def surroundings(citation: Citation, passages: Sequence[Passage], text: str) -> tuple[int, int]:
    """The piece of the document to show a citation in: its passage, else its own lines."""
    for passage in passages:
        if passage.doc_id == citation.doc_id and (
            passage.start <= citation.start and citation.end <= passage.end
        ):
            return passage.start, passage.end
    end = text.find("\n", citation.end)
    return text.rfind("\n", 0, citation.start) + 1, len(text) if end < 0 else end


def focus_span(citation: Citation) -> tuple[int, int] | None:
    """Where the words that answer lie in the document, if they are named."""
    at = citation.quote.find(citation.focus) if citation.focus else -1
    return None if at < 0 else (citation.start + at, citation.start + at + len(citation.focus))


def seal(text: str) -> str:
    """Tells one text from another, not from a forgery."""
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def report_url(doc_id: str, turn: int, citations: Sequence[Citation], text: str = "") -> str:
    """Where the whole report is, with these sentences marked (see `routes`).

    text: the report's, so that no place is marked in another one once it has been edited.
    """
    marks = []
    for c in citations:
        focus = focus_span(c) or (0, 0)
        marks.append(("mark", f"{c.number}.{c.start}.{c.end}.{focus[0]}.{focus[1]}"))
    sealed = [("seal", seal(text))] if text else []
    return "report?" + urlencode([("id", doc_id), ("turn", str(turn)), *marks, *sealed])


# ---- why this source -----------------------------------------------------------------------


def matched_terms(question: str, passage: Passage) -> list[str]:
    """The question's words that the passage (title and heading included) contains.

    Neighbouring character pairs that both occur are read as one longer word.
    """
    context = f"{passage.title} {passage.region} {passage.heading} {passage.text}"
    inside = set(terms(context))
    found: list[str] = []
    for term in terms(question):
        if len(term) < 2 and not term.isascii():
            continue
        if term not in inside:
            found.append("")
        elif found and found[-1] and not term.isascii() and found[-1][-1] == term[0]:
            found[-1] += term[1:]
        else:
            found.append(term)
    return list(dict.fromkeys(word for word in found if word))


def _why_html(hit: Hit, answer: Answer) -> str:
    words = "".join(
        f"<span>{inert(w)}</span>"
        for w in matched_terms(answer.searched or answer.question, hit.passage)
    )
    said = f'<p class="terms">相同的词：{words}</p>' if words else ""
    bars = "".join(
        _bar(name, getattr(hit, part), max(getattr(h, part) for h in answer.hits))
        for name, part in (("语义", "dense"), ("用词", "lexical"), ("逐词", "late"))
        if any(getattr(h, part) for h in answer.hits)
    )
    key = "条的长短与这次检索到的最高分相比。" if bars else ""
    rank = f'<p class="rank">在检索结果中排第{hit.rank}。{key}</p>'
    return f'<details class="why"><summary>为何选中</summary>{said}{bars}{rank}</details>'


def _bar(name: str, value: float, top: float) -> str:
    width = max(0.0, min(1.0, value / top)) if top > 0 else 0.0
    return (
        f'<p class="score"><span>{name}</span><svg aria-hidden="true">'
        f'<rect width="{100 * width:.1f}%" height="8" rx="2"></rect></svg>'
        f"<span>{value:.2f}</span></p>"
    )
