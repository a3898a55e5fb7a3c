"""What a download holds, cell by cell and line by line."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from docx import Document as read_docx
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_app import DOCUMENT, REFUSED, TWO, FakeAssistant, citation

from app import record, routes, sheet, table
from rag.types import Answer, Document, Hit, Passage, Statement

FENG = Document(
    doc_id="feng",
    title="丰县产改纪实",
    text="县总工会开办法律课。全县举办培训班41期，培训2800人，其中女工900人。",
    source="丰县产改办",
    region="江苏省/徐州市/丰县",
    published="2021-06-30",
    published_inferred="",
    sha256="1" * 64,
)
HALF, WHOLE = "全县举办培训班41期，", "培训2800人，其中女工900人。"
TODAY = "2024-02-29"  # The real day may change while the tests run.
HEAD = ["数字", "报告原文", "报告标题", "发布者", "发布日期", "位置"]


both = {"report": DOCUMENT, "feng": FENG}.__getitem__


@pytest.fixture(autouse=True)
def _fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    class Day(datetime.date):
        @classmethod
        def today(cls) -> Day:
            return cls.fromisoformat(TODAY)

    monkeypatch.setattr(datetime, "date", Day)


# 文水县 with one citation; 丰县 with one statement from two; 南京市 with nothing.
COMPARED = Answer(
    question="文水县和丰县、南京市各办了多少培训？",
    text="",
    statements=(
        Statement(TWO.citations[0].quote, (1,), "verbatim", "文水县"),
        Statement("培训班41期，培训2800人。", (2, 3), "reworded", "丰县"),
    ),
    citations=(
        TWO.citations[0],
        citation(2, HALF, "41期", FENG),
        citation(3, WHOLE, "2800人", FENG),
    ),
    state="partial",
    reason="南京市",
    searched="",
    hits=(),
)
ROWS = [
    [
        *("文水县", "320场次", TWO.citations[0].quote, "文水县产改纪实", "黄河新闻网"),
        *("约2023年（推断）", "report 第7–35字"),
    ],
    [
        *("丰县", "41期", "培训班41期，培训2800人。", "丰县产改纪实", "丰县产改办"),
        *("2021-06-30", "feng 第11–21字"),
    ],
    [
        *("丰县", "2800人", "培训班41期，培训2800人。", "丰县产改纪实", "丰县产改办"),
        *("2021-06-30", "feng 第22–38字"),
    ],
    ["南京市", "", "未见报道", "", "", "", ""],
]


def csv_rows(answer: Answer, documents: sheet.FindDocument = both) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.table_csv(answer, documents).decode("utf-8-sig"))))


def xlsx_rows(answer: Answer, documents: sheet.FindDocument = both) -> list[list[str]]:
    book = openpyxl.load_workbook(io.BytesIO(table.table_xlsx(answer, documents)))
    return [[cell or "" for cell in row] for row in book.active.values]


Read = Callable[[Answer], list[list[str]]]


@pytest.mark.parametrize("read", [csv_rows, xlsx_rows])
def test_no_cell_of_a_comparison_is_missing_or_in_another_column(read: Read) -> None:
    assert read(COMPARED) == [["地方", *HEAD], *ROWS]


@pytest.mark.parametrize("read", [csv_rows, xlsx_rows])
def test_an_unknown_date_is_not_told_in_english(read: Read) -> None:
    undated = replace(FENG, published="unknown")
    rows = read(COMPARED, lambda doc_id: undated if doc_id == "feng" else DOCUMENT)  # type: ignore[call-arg]
    assert [row[5] for row in rows[1:]] == ["约2023年（推断）", "不详", "不详", ""]


@pytest.mark.parametrize("read", [csv_rows, xlsx_rows])
def test_no_column_of_a_comparison_is_run_as_a_formula(read: Read) -> None:
    evil = "=HYPERLINK(1)"
    document = replace(FENG, doc_id=evil, title=evil, source=evil, published=evil, text=evil)
    quoted = citation(1, evil, evil, document)
    answer = replace(
        COMPARED,
        citations=(quoted,),
        statements=(Statement(evil, (1,), "verbatim", evil),),
        reason=evil.replace("1", "2"),
    )
    first, missing = read(answer, lambda _: document)[1:]  # type: ignore[call-arg]
    assert first == [*[f"'{evil}"] * 6, f"'{evil} 第1–{len(evil)}字"]
    assert missing[0] == "'=HYPERLINK(2)"


def test_things_of_one_place_are_not_headed_as_places() -> None:
    things = replace(
        COMPARED,
        statements=tuple(replace(s, label=f"{s.label[0]}赛") for s in COMPARED.statements),
    )
    assert csv_rows(things)[0][0] == "比较的事项"


def test_a_long_sentence_is_not_cut_off_by_its_cell() -> None:
    page = openpyxl.load_workbook(io.BytesIO(table.table_xlsx(COMPARED, both))).active
    assert page["C2"].alignment.wrap_text
    assert page["A1"].font.bold
    assert page.column_dimensions["C"].width > page.column_dimensions["B"].width


def test_a_hidden_character_does_not_reach_a_spreadsheet() -> None:
    odd = replace(COMPARED.statements[0], text="办了\u202e3\u200b场\x00")
    answer = replace(COMPARED, statements=(odd, *COMPARED.statements[1:]))
    assert xlsx_rows(answer)[1][2] == "办了3场"


# ---- evidence sheets -----------------------------------------------------------------------

REFERENCES = [
    f"[1] 文水县产改纪实[Z]. 黄河新闻网, [2023][{TODAY}].",
    f"[2] 丰县产改纪实[Z]. 丰县产改办, 2021-06-30[{TODAY}].",
]
SHEET = [
    "引文证据表",
    f"导出日期：{TODAY}",
    "1. 文水县和丰县、南京市各办了多少培训？",
    "文水：320场次。[1]",
    "丰县：41期。[2][3]",
    "[1]",
    TWO.citations[0].quote,
    *("标题：文水县产改纪实", "发布者：黄河新闻网", "地区：山西省吕梁市文水县"),
    *("发布日期：约2023年（推断）", "位置：“素质提升”一节，第7–35字（report）"),
    "[2]",
    HALF,
    *("标题：丰县产改纪实", "发布者：丰县产改办", "地区：江苏省徐州市丰县"),
    *("发布日期：2021-06-30", "位置：“素质提升”一节，第11–21字（feng）"),
    "[3]",
    WHOLE,
    *("标题：丰县产改纪实", "发布者：丰县产改办", "地区：江苏省徐州市丰县"),
    *("发布日期：2021-06-30", "位置：“素质提升”一节，第22–38字（feng）"),
    "2. 火星上有多少工人？",
    REFUSED.text,
    "参考文献",
    *REFERENCES,
]
TOLD = replace(COMPARED, text="文水：320场次。[1]\n丰县：41期。[2][3]")


def markdown_lines(answers: list[Answer]) -> list[str]:
    """Lines as read, without marks of headings, lists, quotations and escapes."""
    text = sheet.markdown(answers, both).decode()
    lines = (re.sub(r"\\(.)", r"\1", line.strip()) for line in text.splitlines())
    return [re.sub(r"^(#+|>|-) |^\*\*|\*\*$", "", line) for line in lines if line]


def word_lines(answers: list[Answer]) -> list[str]:
    """Paragraphs as read; a quotation's number on a line of its own, as in Markdown."""
    document = read_docx(io.BytesIO(sheet.docx(answers, both)))
    lines: list[str] = []
    for paragraph in document.paragraphs:
        quoted = re.fullmatch(r"(\[\d\]) (.*)", paragraph.text)
        is_quote = quoted and paragraph.style.name == "Intense Quote"
        lines += quoted.groups() if quoted and is_quote else [paragraph.text]
    return lines


@pytest.mark.parametrize("read", [markdown_lines, word_lines])
def test_no_line_of_a_sheet_is_missing_or_out_of_its_place(
    read: Callable[[list[Answer]], list[str]],
) -> None:
    assert read([TOLD, REFUSED]) == SHEET


@pytest.mark.parametrize("read", [markdown_lines, word_lines])
def test_a_sheet_does_not_hide_that_a_model_wrote_the_answer(
    read: Callable[[list[Answer]], list[str]],
) -> None:
    note = "（由语言模型撰写，每句都已对照原文核实。）"
    assert note in read([replace(TOLD, mode="llm")])
    assert note not in read([TOLD])


def test_markdown_does_not_run_the_lines_of_an_answer_together() -> None:
    lines = sheet.markdown([TOLD], both).decode().splitlines()
    parts = [line for line in lines if line.startswith(("文水：", "丰县：", "[1]", "[2]"))]
    assert len(parts) == 4
    assert all(part.endswith("  ") for part in parts)


def test_no_part_of_a_sheet_is_read_as_markdown() -> None:
    from markdown_it import MarkdownIt

    evil = "**粗** `码` [点](http://a) <b>b</b>"
    document = replace(FENG, title=evil, source=evil, region=evil, text=evil)
    answer = replace(
        TOLD, question=evil, text=evil, citations=(replace(citation(1, evil, "", document)),)
    )
    html = MarkdownIt("default").render(sheet.markdown([answer], lambda _: document).decode())
    assert not set(re.findall(r"<(\w+)", html)) & {"a", "b", "code", "em"}
    assert html.count("<strong>") == 1  # the number of the quotation


def test_chinese_in_a_word_file_is_not_left_to_a_latin_font() -> None:
    paper = sheet.docx([TOLD], both)
    assert (
        'w:eastAsia="宋体"' in zipfile.ZipFile(io.BytesIO(paper)).read("word/styles.xml").decode()
    )
    told = read_docx(io.BytesIO(paper)).core_properties
    assert (told.title, told.author) == ("引文证据表", "")


def test_a_copied_answer_is_not_without_question_source_or_place() -> None:
    assert sheet.plain(TOLD, both).splitlines() == [
        TOLD.question,
        "",
        *TOLD.text.splitlines(),
        "",
        "来源：",
        f"[1] “{TWO.citations[0].quote}”{REFERENCES[0][4:]}“素质提升”一节，第7–35字（report）",
        f"[2] “{HALF}”{REFERENCES[1][4:]}“素质提升”一节，第11–21字（feng）",
        f"[3] “{WHOLE}”{REFERENCES[1][4:]}“素质提升”一节，第22–38字（feng）",
    ]


@pytest.fixture
def post() -> Callable[..., Any]:
    """Asks for a download: (kind, answers)."""
    client = TestClient(Starlette(routes=routes.routes(FakeAssistant())))  # type: ignore[arg-type]

    def post(kind: str, *answers: Answer, **forged: object) -> Any:
        records = [json.loads(record.to_record(answer)) | forged for answer in answers]
        return client.post("/export", json={"as": kind, "records": records})

    return post


@pytest.mark.parametrize(
    ("kind", "begins", "media"),
    [
        ("md", "# 引文证据表".encode(), "text/markdown; charset=utf-8"),
        ("csv", b"\xef\xbb\xbf", "text/csv; charset=utf-8"),
        ("docx", b"PK", "vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("xlsx", b"PK", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_download_is_not_of_another_kind_than_asked(
    post: Callable[..., Any], kind: str, begins: bytes, media: str
) -> None:
    answer = post(kind, TWO)
    assert answer.status_code == 200
    assert answer.content.startswith(begins)
    assert answer.headers["content-type"].endswith(media)
    assert answer.headers["content-disposition"] == f'attachment; filename="evidence.{kind}"'
    parts = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
    if kind in parts:
        assert parts[kind] in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


def test_a_download_is_not_cut_to_one_answer_or_without_end(post: Callable[..., Any]) -> None:
    many = post("md", *[REFUSED] * (routes.MAX_ANSWERS + 5)).text
    assert len(re.findall(r"^## ", many, re.M)) == routes.MAX_ANSWERS
    first = post("csv", TWO, replace(TWO, citations=TWO.citations[1:], statements=()))
    assert "320场次" in first.text


def test_a_download_that_fails_does_not_fail_in_silence(post: Callable[..., Any]) -> None:
    changed = [[1, "report", 0, 2, "变了", "", ""]]
    stale = post("xlsx", TWO, citations=changed, statements=[])
    assert (stale.status_code, stale.text) == (409, routes.STALE)
    assert post("md").text == "还没有可以导出的回答。"
    assert post("exe", TWO).text == "这个请求不完整。"


def test_a_kept_answer_does_not_lose_who_wrote_it_or_mix_its_scores() -> None:
    passage = Passage("report", 6, 35, DOCUMENT.text[6:35], "", "", "", "", "", "", ())
    answer = replace(TWO, mode="llm", hits=(Hit(passage, 4.0, 1, 0.3, 2.0, 0.1),))
    raw = json.loads(record.to_record(answer))
    assert record.from_record(raw, {"report": DOCUMENT}, [passage]) == answer
