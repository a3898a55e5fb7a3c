"""Evidence sheets: what was asked, what was answered, and every quotation with its place.

References follow GB/T 7714—2015 for what the reports tell of themselves: a guessed year stands
in brackets, an unknown publisher is named as unknown. They are of type [Z] ("other"), because a
report in the collection has no address from which it could be cited as online.
"""

from __future__ import annotations

import datetime
import io
import re
import unicodedata
from collections.abc import Callable, Sequence

from rag.types import Answer, Citation, Document

FindDocument = Callable[[str], Document]
TITLE = "引文证据表"
_BY_MODEL = "（由语言模型撰写，每句都已对照原文核实。）"
_UNKNOWN_SOURCES = ("", "未注明来源")


def reference(document: Document, today: datetime.date) -> str:
    """One entry of the list of references, without its number."""
    source = "[出版者不详]" if document.source in _UNKNOWN_SOURCES else document.source
    if document.published and document.published != "unknown":
        date = document.published
    else:
        date = f"[{document.published_inferred}]" if document.published_inferred else "[日期不详]"
    title = document.title or document.doc_id
    return f"{title}[Z]. {source}, {date}[{today.isoformat()}]."


def place(citation: Citation) -> str:
    """Where in its report a quotation stands."""
    heading = f"“{citation.heading}”一节，" if citation.heading else ""
    return f"{heading}第{citation.start + 1}–{citation.end}字（{citation.doc_id}）"


def plain(answer: Answer, find: FindDocument) -> str:
    """The answer and its quotations as text for the clipboard."""
    lines = [answer.question.strip(), "", answer.text]
    if answer.citations:
        lines += ["", "来源："]
        today = datetime.date.today()
        for c in answer.citations:
            lines.append(f"[{c.number}] “{c.quote}”{reference(find(c.doc_id), today)}{place(c)}")
    return visible("\n".join(lines))


def visible(text: str) -> str:
    """Without what a document or clipboard would hide: controls, zero-width, bidi."""
    return "".join(
        c for c in text if c == "\n" or unicodedata.category(c) not in {"Cf", "Cc", "Cs"}
    )


# ---- Markdown ------------------------------------------------------------------------------

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&@:=^])")


def escape(text: str) -> str:
    """One line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(visible(text).split()))


def markdown(answers: Sequence[Answer], find: FindDocument) -> bytes:
    """The sheet as Markdown."""
    today = datetime.date.today()
    out = [f"# {TITLE}", "", f"导出日期：{today.isoformat()}"]
    for number, answer in enumerate(answers, 1):
        out += ["", f"## {number}. {escape(answer.question)}", ""]
        out += [f"{escape(line)}  " for line in _lines(answer)]
        for c in answer.citations:
            document = find(c.doc_id)
            out += ["", f"**[{c.number}]**", "", f"> {escape(c.quote)}", ""]
            out += [f"- {name}：{escape(value)}" for name, value in _facts(c, document)]
    cited = _cited(answers, find)
    if cited:
        out += ["", "## 参考文献", ""]
        out += [f"[{n}] {escape(reference(d, today))}  " for n, d in enumerate(cited, 1)]
    return ("\n".join(out) + "\n").encode("utf-8")


def _lines(answer: Answer) -> list[str]:
    lines = [line for line in answer.text.splitlines() if line.strip()]
    return [*lines, _BY_MODEL] if answer.mode == "llm" else lines


def dated(document: Document) -> str:
    """When a report was published, as far as is known: 2023-02-02, 约2023年（推断）, 不详."""
    if document.published not in ("", "unknown"):
        return document.published
    inferred = document.published_inferred
    return f"约{inferred}年（推断）" if inferred else "不详"


def _facts(citation: Citation, document: Document) -> list[tuple[str, str]]:
    return [
        ("标题", document.title or document.doc_id),
        ("发布者", document.source or "不详"),
        ("地区", document.region.replace("/", "") or "不详"),
        ("发布日期", dated(document)),
        ("位置", place(citation)),
    ]


def _cited(answers: Sequence[Answer], find: FindDocument) -> list[Document]:
    ids = dict.fromkeys(c.doc_id for answer in answers for c in answer.citations)
    return [find(doc_id) for doc_id in ids]


# ---- Word ----------------------------------------------------------------------------------


def docx(answers: Sequence[Answer], find: FindDocument) -> bytes:
    """The sheet as a Word document."""
    from docx import Document as new_document  # Late: only an export needs it.

    today = datetime.date.today()
    paper = new_document()
    _set_fonts(paper)
    paper.core_properties.title = TITLE
    paper.core_properties.author = ""
    paper.add_heading(TITLE, 0)
    paper.add_paragraph(f"导出日期：{today.isoformat()}")
    for number, answer in enumerate(answers, 1):
        paper.add_heading(f"{number}. {_word(answer.question)}", 1)
        for line in _lines(answer):
            paper.add_paragraph(_word(line))
        for c in answer.citations:
            paper.add_paragraph(f"[{c.number}] {_word(c.quote)}", style="Intense Quote")
            for name, value in _facts(c, find(c.doc_id)):
                paper.add_paragraph(f"{name}：{_word(value)}", style="List Bullet")
    cited = _cited(answers, find)
    if cited:
        paper.add_heading("参考文献", 1)
        for n, document in enumerate(cited, 1):
            paper.add_paragraph(f"[{n}] {_word(reference(document, today))}")
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def _word(text: str) -> str:
    # XML has no place for controls; what is invisible should not be in evidence anyway.
    return " ".join(visible(text).split())


def _set_fonts(paper: object) -> None:
    """Chinese text in a Chinese font: Word's default styles name only a Latin one."""
    from docx.oxml.ns import qn

    for style in paper.styles:  # type: ignore[attr-defined]
        properties = getattr(style.element, "rPr", None)
        if properties is not None and properties.rFonts is not None:
            properties.rFonts.set(qn("w:eastAsia"), "宋体")
