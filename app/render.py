"""Answer → HTML. Pure functions: no gradio, no I/O, and no text that is not made inert first.

Two texts cannot be trusted here: what the visitor typed and what the reports say. Both reach
the page only through `inert`. Marks become links only where the answer itself put them, never
inside a quotation, so a report that contains "[1]" cannot forge a citation.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from rag.types import Answer, Citation

NEAREST_SHOWN = 3
QUESTION_SHOWN = 400

_MARK = re.compile(r"\[([1-9][0-9]{0,2})\]")
_TRAILING_MARKS = re.compile(r"[”’」》。；！？]*(?:\s*\[[0-9]{1,3}\])*[”’」》。；！？]*")
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


def question_html(question: str) -> str:
    """The visitor's own message; a very long one only by its beginning and its length."""
    lines = clip(question.strip(), QUESTION_SHOWN).splitlines()
    return f'<div class="asked">{"<br>".join(inert(line) for line in lines)}</div>'


def notice_html(sentence: str, kind: str = "failed") -> str:
    """One sentence in place of an answer: something failed, or it is still being looked up."""
    return f'<div class="answer {kind}"><p>{inert(sentence)}</p></div>'


def clip(text: str, limit: int) -> str:
    """The text, or its beginning and its length where it is longer than `limit`."""
    return text if len(text) <= limit else f"{text[:limit]}……（共{len(text)}字）"


# ---- what stands around the conversation ---------------------------------------------------


def header_html(title: str, subtitle: str) -> str:
    """The page's head."""
    return f"<h1>{inert(title)}</h1><p>{inert(subtitle)}</p>"


def welcome_html(examples: Sequence[str]) -> str:
    """What an empty conversation shows; a click on an example asks it (see chat.js)."""
    items = "".join(
        f'<li><a class="example" href="#question">{inert(e)}</a></li>' for e in examples
    )
    return f'<div class="welcome"><p>可以这样问：</p><ul>{items}</ul></div>'


def note_html(sentence: str) -> str:
    """A remark under the question box, read out when it appears."""
    return f'<p role="status">{inert(sentence)}</p>'


# ---- the answer in the conversation -------------------------------------------------------


def answer_steps(answer: Answer, turn: int) -> Iterator[str]:
    """The answer as it grows, statement by statement; the last one is the whole of it."""
    before = _searched_html(answer)
    pieces = _pieces(answer, turn)
    for shown in range(1, len(pieces)):
        yield _answer_html(answer, before + _paragraphs("".join(pieces[:shown])))
    yield _answer_html(answer, before + _paragraphs("".join(pieces)) + _after_html(answer, turn))


def _answer_html(answer: Answer, inner: str) -> str:
    # One block without a blank line: the chat component then passes it through as HTML.
    return f'<div class="answer {answer.state}">{inner}</div>'


def _pieces(answer: Answer, turn: int) -> list[str]:
    """The answer's text as HTML, cut after each statement and its marks; "\\n" parts paragraphs."""
    text, known = answer.text, {c.number: c for c in answer.citations}
    pieces: list[str] = []
    cursor = 0
    for statement in answer.statements:
        start = text.find(statement.text, cursor) if statement.text else -1
        if start < 0:
            continue  # Not literally in the text: it is then shown as part of what lies between.
        end = start + len(statement.text)
        marks = _TRAILING_MARKS.match(text, end)
        stop = marks.end() if marks else end
        focus = [known[n].focus for n in statement.citations if n in known]
        pieces.append(
            _linked(text[cursor:start], turn, known)
            + _emphasised(statement.text, focus)
            + _linked(text[end:stop], turn, known)
        )
        cursor = stop
    if cursor < len(text):
        pieces.append(_linked(text[cursor:], turn, known))
    return pieces or [""]


def _linked(text: str, turn: int, known: dict[int, Citation]) -> str:
    """Text the answer wrote itself: its marks are links where they name a citation."""
    parts: list[str] = []
    cursor = 0
    for mark in _MARK.finditer(text):
        citation = known.get(int(mark.group(1)))
        if citation is None:
            continue
        parts.append(_lines(text[cursor : mark.start()]))
        hint = inert(clip(citation.quote, 120))
        parts.append(
            f'<a class="cite" href="#src-{turn}-{citation.number}" title="{hint}">'
            f"[{citation.number}]</a>"
        )
        cursor = mark.end()
    parts.append(_lines(text[cursor:]))
    return "".join(parts)


def _lines(text: str) -> str:
    return "\n".join(inert(line) for line in text.split("\n"))


def _emphasised(text: str, focus: Sequence[str]) -> str:
    """A statement with the words that answer in bold (the first place of each)."""
    places = [(text.find(words), len(words)) for words in focus if words]
    return cut(text, 0, len(text), [], [(at, at + n) for at, n in places if at >= 0], 0)


def _paragraphs(html: str) -> str:
    return "".join(f"<p>{line.strip()}</p>" for line in html.split("\n") if line.strip())


def _searched_html(answer: Answer) -> str:
    if not answer.searched or _bare(answer.searched) == _bare(answer.question):
        return ""
    return f'<p class="searched">按此检索：{inert(clip(answer.searched, QUESTION_SHOWN))}</p>'


def _bare(text: str) -> str:
    """Letters and digits only: a tidied question is not a rewritten one."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def _after_html(answer: Answer, turn: int) -> str:
    """The reason, unless the text says it, and the way to the sources."""
    parts: list[str] = []
    if answer.reason and _bare(answer.reason) not in _bare(answer.text):
        name = "未能回答的原因" if answer.state == "abstained" else "尚缺"
        parts.append(f'<p class="reason">{name}：{inert(answer.reason)}</p>')
    if answer.citations:
        count, name = len(answer.citations), "查看来源"
    else:
        count, name = min(len(answer.hits), NEAREST_SHOWN), "查看最接近的内容"
    if count:
        link = f'<a class="more" href="#sources-{turn}">{name}（{count}处）</a>'
        parts.append(f'<p class="after">{link}</p>')
    return "".join(parts)


# ---- a text with highlights -----------------------------------------------------------------


def cut(
    text: str,
    start: int,
    end: int,
    citations: Sequence[Citation],
    focus: Sequence[tuple[int, int]],
    turn: int,
) -> str:
    """text[start:end] with citations highlighted and focus words strong; both may overlap."""
    spans = [(c.start, c.end) for c in citations] + list(focus)
    cuts = {start, end} | {edge for span in spans for edge in span if start < edge < end}
    parts: list[str] = []
    for a, b in pairwise(sorted(cuts)):
        piece = _breaks(text[a:b])
        if any(lo <= a and b <= hi for lo, hi in focus):
            piece = f"<strong>{piece}</strong>"
        parts.extend(
            f'<span class="anchor" id="src-{turn}-{c.number}" data-n="{c.number}"></span>'
            for c in citations
            if max(c.start, start) == a
        )
        covering = " ".join(f"n{c.number}" for c in citations if c.start <= a and b <= c.end)
        parts.append(f'<mark class="{covering}">{piece}</mark>' if covering else piece)
    return "".join(parts)


def _breaks(text: str) -> str:
    """A passage may hold several paragraphs; each keeps its own line."""
    return '<span class="para"></span>'.join(inert(line) for line in re.split(r"\n+", text))
