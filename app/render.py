"""Answer → HTML of the conversation. Pure functions: no gradio, no I/O.

Marks become links only where the answer itself put them, never inside a quotation, so a
report that contains "[1]" cannot forge a citation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from app import table
from app.markup import clip, emphasised, inert, lines, mark_html
from rag.types import Answer, Citation

NEAREST_SHOWN = 3
QUESTION_SHOWN = 400

_MARK = re.compile(r"\[([1-9][0-9]{0,2})\]")
_TRAILING_MARKS = re.compile(r"[”’」》。；！？]*(?:\s*\[[0-9]{1,3}\])*[”’」》。；！？]*")


def question_html(question: str) -> str:
    """The visitor's own message; a very long one only by its beginning and its length."""
    shown = clip(question.strip(), QUESTION_SHOWN).splitlines()
    return f'<div class="asked">{"<br>".join(inert(line) for line in shown)}</div>'


def notice_html(sentence: str, kind: str = "failed") -> str:
    """One sentence in place of an answer: something failed, or it is still being looked up."""
    return f'<div class="answer {kind}"><p>{inert(sentence)}</p></div>'


def stopped_html(reply: str) -> str:
    """What there was of an answer when the visitor stopped it."""
    if "pending" in reply or not reply:
        return notice_html("已停止。", "stopped")
    return reply.replace(" growing", " stopped", 1).removesuffix("</div>") + (
        '<p class="reason">已停止，回答不完整。</p></div>'
    )


# ---- what stands around the conversation ---------------------------------------------------

READER = (
    '<aside class="reader" aria-label="原文"><div class="bar">'
    '<button type="button" class="back">返回</button>'
    '<label class="find"><input type="search" placeholder="在文中查找" aria-label="在文中查找">'
    "<output></output></label>"
    '<div class="steps"><button type="button" title="上一处引文（K）">上一处</button>'
    '<button type="button" title="下一处引文（J）">下一处</button></div>'
    '</div><div class="page"></div></aside>'
)


def header_html(title: str, subtitle: str) -> str:
    """The page's head."""
    return f"<h1>{inert(title)}</h1><p>{inert(subtitle)}</p>"


def navigation_html(manage: bool) -> str:
    """The ways to what stands beside the conversation."""
    views = [("show-history", "历史"), ("show-reports", "报告")]
    views += [("show-manage", "管理")] * manage
    buttons = "".join(f'<button type="button" id="{id_}">{name}</button>' for id_, name in views)
    return f'<nav aria-label="查看">{buttons}</nav>'


def welcome_html(examples: Sequence[str]) -> str:
    """What an empty conversation shows; a click on an example asks it (see chat.js)."""
    items = "".join(
        f'<li><a class="example" href="#question">{inert(e)}</a></li>' for e in examples
    )
    return f'<div class="welcome"><p>可以这样问：</p><ul>{items}</ul></div>'


def note_html(sentence: str) -> str:
    """A remark under the question box, read out when it appears."""
    return f'<p role="status">{inert(sentence)}</p>'


# ---- the answer ----------------------------------------------------------------------------


def growing_steps(answer: Answer, turn: int) -> Iterator[str]:
    """The answer as it grows, statement by statement, up to its last word."""
    compared = table.compares(answer)
    pieces = [] if compared else _pieces(answer, turn)
    for shown in range(1, 1 + (len(answer.statements) if compared else len(pieces))):
        body = _table(answer, turn, shown) if compared else _paragraphs("".join(pieces[:shown]))
        yield _answer_html(answer, _searched_html(answer) + body, " growing")


def answer_html(answer: Answer, turn: int, next_questions: Sequence[str] = ()) -> str:
    """The whole answer, what can be done with it, and what to ask next."""
    compared = table.compares(answer)
    body = _table(answer, turn) if compared else _paragraphs("".join(_pieces(answer, turn)))
    end = _after_html(answer, turn) + _next_html(answer, next_questions)
    return _answer_html(answer, _searched_html(answer) + body + end)


def growing_html(answer: Answer, turn: int) -> str:
    """An answer that a chat model is still writing, as far as it has been proved."""
    compared = table.compares(answer)
    body = _table(answer, turn, len(answer.statements)) if compared else ""
    body = body or _paragraphs("".join(_pieces(answer, turn)))
    return _answer_html(answer, _searched_html(answer) + body, " growing")


def _answer_html(answer: Answer, inner: str, also: str = "") -> str:
    # One block without a blank line: the chat component then passes it through as HTML.
    return f'<div class="answer {answer.state}{also}">{inner}</div>'


def _table(answer: Answer, turn: int, shown: int | None = None) -> str:
    """A comparison, after what the answer says before its first statement."""
    label, first = answer.statements[0].label, answer.statements[0].text
    lead = answer.text.split(f"{label}：{first}", 1)[0] if first in answer.text else ""
    return _paragraphs(lines(lead)) + table.table_html(answer, turn, shown)


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
            + emphasised(statement.text, focus)
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
        if citation is not None:
            parts += [lines(text[cursor : mark.start()]), mark_html(citation, turn)]
            cursor = mark.end()
    return "".join([*parts, lines(text[cursor:])])


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


# ---- below the answer ----------------------------------------------------------------------


def _after_html(answer: Answer, turn: int) -> str:
    """The reason, unless the text says it; the way to the sources; what can be done with it."""
    parts: list[str] = []
    if answer.reason and _bare(answer.reason) not in _bare(answer.text):
        name = "未能回答的原因" if answer.state == "abstained" else "尚缺"
        parts.append(f'<p class="reason">{name}：{inert(answer.reason)}</p>')
    if answer.note:
        parts.append(f'<p class="reason">{inert(answer.note)}</p>')
    if answer.mode == "llm":
        parts.append('<p class="reason">由语言模型撰写，每句都已对照原文核实。</p>')
    if answer.unproved:
        dropped = "".join(f"<p><s>{inert(sentence)}</s></p>" for sentence in answer.unproved)
        name = f"略去了{len(answer.unproved)}句没有依据的话"
        parts.append(f'<details class="unproved"><summary>{name}</summary>{dropped}</details>')
    if answer.citations:
        count, name = len(answer.citations), "查看来源"
    else:
        count, name = min(len(answer.hits), NEAREST_SHOWN), "查看最接近的内容"
    links = [f'<a class="more" href="#sources-{turn}">{name}（{count}处）</a>'] if count else []
    links.append(f'<a class="act" href="#copy-{turn}">复制</a>')
    links.append(_export_html(answer, turn))
    links.append(f'<a class="act again" href="#again-{turn}">重新回答</a>')
    return f'{"".join(parts)}<div class="after">{"".join(links)}</div>'


def _next_html(answer: Answer, questions: Sequence[str]) -> str:
    """Questions that a click asks (see chat.js); CSS shows those of the last answer only."""
    if not questions:
        return ""
    name = "可以改问" if answer.state == "abstained" else "接着问"
    items = "".join(f'<li><button type="button">{inert(q)}</button></li>' for q in questions)
    return f'<div class="next"><p>{name}</p><ul>{items}</ul></div>'


def _export_html(answer: Answer, turn: int) -> str:
    """A small menu. The links are carried out by history.js, which has the conversation."""

    def link(name: str, what: str) -> str:
        return f'<a class="act" href="#{what}-{turn}">{name}</a>'

    one = link("Word", "docx") + link("Markdown", "md")
    if table.compares(answer):
        one += f"<p>对照表</p>{link('Excel', 'xlsx')}{link('CSV', 'csv')}"
        one += link("图片", "png") if table.chart_data(answer) else ""
    return (
        '<details class="export"><summary>导出</summary><div class="menu">'
        f"<p>这个回答</p>{one}<p>整个对话</p>{link('Word', 'alldocx')}{link('Markdown', 'allmd')}"
        f"<p>分享</p>{link('复制提问链接', 'link')}</div></details>"
    )
