"""Tables, whole reports, evidence sheets, kept records and routes, without a browser."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import threading
from collections.abc import Iterator
from dataclasses import replace

import openpyxl
import pytest
from docx import Document as read_docx
from starlette.applications import Starlette
from starlette.testclient import TestClient
from test_app import (
    DOCUMENT,
    NASTY,
    PASSAGE,
    REFUSED,
    TEXT,
    TWO,
    FakeAssistant,
    Page,
    answered,
    citation,
    find,
    shown,
    whole,
)

from app import api, chat, log, reader, record, routes, sheet, sources, table
from rag.errors import QuestionError
from rag.types import Answer, Citation, Span, Statement

PASSAGES = [PASSAGE]
COMPARED = replace(
    TWO,
    text="按原文数字，文水县更多。\n文水县：五年来共举办培训班320场次[1]，培训职工2.6万人次。[1]\n"
    "丰县：大赛分8个类型，26个比赛项目。[2]\n未见报道：南京市。",
    statements=(
        replace(TWO.statements[0], label="文水县"),
        replace(TWO.statements[1], label="丰县"),
    ),
    state="partial",
    reason="南京市",
)


def scored(*figures: str) -> Answer:
    """A comparison whose answering words are these."""
    text = "".join(f"某地{figure}。" for figure in figures)
    document = replace(DOCUMENT, text=text)
    cited = [citation(n, f"某地{f}。", f, document) for n, f in enumerate(figures, 1)]
    said = tuple(Statement(c.quote, (c.number,), "verbatim", f"地{c.number}") for c in cited)
    return replace(TWO, citations=tuple(cited), statements=said, text="")


# ---- comparison ----------------------------------------------------------------------------


def test_a_comparison_does_not_lose_a_place_its_mark_or_what_was_said_first() -> None:
    page = Page(whole(COMPARED))
    assert page.text.startswith("按原文数字，文水县更多。")
    assert [n for n, _ in page.tags].count("tr") == 4
    assert page.links() == ["#src-1-1", "#src-1-2", "#sources-1"]
    assert "南京市未见报道" in shown(page.text)


def test_one_place_is_not_made_a_table() -> None:
    assert not table.compares(TWO)
    assert "table" not in Page(whole(TWO)).names()


def test_a_table_grows_by_rows() -> None:
    steps = [
        Page(step)
        for step in [*chat.render.growing_steps(COMPARED, 1), chat.render.answer_html(COMPARED, 1)]
    ]
    assert [[n for n, _ in s.tags].count("tr") for s in steps] == [2, 3, 4]


@pytest.mark.parametrize(
    ("figures", "drawn"),
    [
        (("26个", "41个"), True),
        (("600余场", "320场"), True),
        (("26个", "41场"), False),
        (("26个", "41"), False),
        (("26个41个", "3个"), False),
        (("0个", "0个"), False),
    ],
)
def test_figures_of_different_units_are_not_drawn_on_one_scale(
    figures: tuple[str, ...], drawn: bool
) -> None:
    assert bool(table.chart_svg(scored(*figures))) is drawn


def test_bars_are_not_out_of_proportion() -> None:
    svg = table.chart_svg(scored("26个", "52个"))
    widths = [float(w) for w in re.findall(r'<rect x="22%" y="\d+" width="([\d.]+)%"', svg)]
    assert widths[0] * 2 == pytest.approx(widths[1])


STARTS = [
    "=1+1",
    "+1",
    "-1",
    "@A1",
    "\t=1",
    "\uff1d1",
    " =1",
    "\n=1",
    "\u200b=1",
    "\u202e \u3000@A",
]


@pytest.mark.parametrize("start", STARTS)
def test_a_cell_is_not_run_as_a_formula(start: str) -> None:
    first = replace(COMPARED.statements[0], label=start, text=start)
    evil = replace(COMPARED, statements=(first, COMPARED.statements[1]))
    data = table.table_csv(evil, find)
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data[3:].decode())))
    assert rows[1][0] == rows[1][2] == f"'{start}"
    assert rows[-1][:3] == ["南京市", "", "未见报道"]
    cells = list(
        openpyxl.load_workbook(io.BytesIO(table.table_xlsx(evil, find))).active.iter_rows()
    )
    assert {cell.data_type for row in cells for cell in row} <= {"s", "n"}  # n: empty
    for cell in (cells[1][0], cells[1][2]):
        assert cell.data_type == "s"
        assert cell.value.startswith("'")
        assert cell.hyperlink is None


def test_the_excel_file_does_not_say_less_than_the_csv_file() -> None:
    link = replace(COMPARED.statements[0], label="http://evil.example/", text="7" * 12)
    answer = replace(COMPARED, statements=(link, *COMPARED.statements[1:]))
    told = list(csv.reader(io.StringIO(table.table_csv(answer, find)[3:].decode())))
    page = openpyxl.load_workbook(io.BytesIO(table.table_xlsx(answer, find))).active
    assert [[cell.value or "" for cell in row] for row in page.iter_rows()] == told
    assert page.freeze_panes == "B2"
    assert page["A2"].hyperlink is None
    assert page["C2"].data_type == "s"


def test_only_a_comparison_is_offered_as_table_and_only_one_with_bars_as_picture() -> None:
    assert {"#xlsx-1", "#csv-1", "#png-1"} & set(
        re.findall(r'href="(#\w+-1)"', whole(TWO))
    ) == set()
    links = {
        n: re.findall(r'href="#(xlsx|csv|png)-1"', whole(a))
        for n, a in (("bars", scored("26个", "41个")), ("no bars", scored("26个", "41场")))
    }
    assert links == {"bars": ["xlsx", "csv", "png"], "no bars": ["xlsx", "csv"]}


# ---- whole reports -------------------------------------------------------------------------


def test_a_report_is_not_shown_in_part() -> None:
    places = [reader.Place(1, *_span(TWO.citations[0])), reader.Place(2, *_span(TWO.citations[1]))]
    page = Page(reader.report_html(DOCUMENT, PASSAGES, places, 3))
    assert shown(TEXT) in shown(page.text)
    assert {a["id"] for _, a in page.tags if "id" in a} == {"doc-3-1", "doc-3-2"}
    assert [n for n, _ in page.tags].count("mark") == 2


def test_a_heading_is_not_shown_as_running_text() -> None:
    marked = replace(DOCUMENT, headings=(Span(0, 4),))
    assert "<h3>素质提升</h3>" in reader.report_html(marked, [], [], 0)
    covering = replace(PASSAGE, start=0, text=TEXT[:-1])
    html = reader.report_html(DOCUMENT, [covering], [], 0)
    assert html.count("<h3>") == 1
    assert "<h3>素质提升</h3>" in html


def test_a_quotation_over_several_lines_is_marked_once_and_whole() -> None:
    place = reader.Place(1, 0, len(TEXT) - 1)
    html = reader.report_html(DOCUMENT, [], [place], 1)
    assert html.count('id="doc-1-1"') == 1
    assert shown(Page("".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html))).text) == shown(TEXT)


def test_a_huge_report_does_not_stop_the_browser_and_keeps_the_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "SHOWN_CHARS", 100)
    text = "甲" * 20 + "\n"
    document = replace(DOCUMENT, text=text * 100)
    page = Page(reader.report_html(document, [], [reader.Place(1, 1050, 1060)], 1))
    assert "这里显示第" in page.text
    assert "mark" in page.names()
    assert len(page.text) < 300


@pytest.mark.parametrize("nasty", NASTY)
def test_a_hostile_report_stays_text_in_every_view(nasty: str) -> None:
    text = f"前文。{nasty}共7场。后文。"
    document = replace(
        DOCUMENT, doc_id=nasty, title=nasty, source=nasty, region=f"{nasty}/县", text=text
    )
    documents = {nasty: document}
    cited = replace(citation(1, f"{nasty}共7场。", "7场", document), heading=nasty)
    said = tuple(Statement(cited.quote, (1,), "verbatim", label) for label in (nasty, "乙"))
    answer = replace(TWO, citations=(cited,), statements=said, text=nasty, reason=nasty)
    allowed = {"a", "table", "thead", "tbody", "tr", "th", "td", "p", "div", "strong", "span"}
    allowed |= {
        "details",
        "summary",
        "svg",
        "text",
        "rect",
        "h2",
        "h3",
        "header",
        "article",
        "mark",
    }
    allowed |= {"caption", "section", "ul", "li", "button", "label", "select", "option"}
    for html in (
        whole(replace(answer, state="partial")),
        reader.report_html(document, [], [reader.Place(1, *_span(cited))], 1),
        reader.library_html(documents | {"b": replace(document, region="乙")}, []),
        reader.scope_html(documents),
    ):
        page = Page(html)
        assert page.names() <= allowed
        names = {attr for _, attrs in page.tags for attr in attrs}
        assert not {n for n in names if n.startswith("on")}
        assert page.depth == 0
        assert shown(nasty.split("\n")[0])[:30] in shown(page.text)
        for link in page.links():
            assert re.fullmatch(r"#[a-z]+(-\d+)+|report\?[\w=&%.+*~-]+", link), link


def _span(cited: Citation) -> tuple[int, int]:
    return cited.start, cited.end


def test_the_overview_does_not_miscount_or_hide_what_is_unknown() -> None:
    dates = [("2022-01-02", ""), ("2022", ""), ("unknown", "2023"), ("unknown", "")]
    places = ["江苏省/盐城市", "江苏省", "山西省/吕梁市", ""]
    documents = {
        str(n): replace(DOCUMENT, region=place, published=date, published_inferred=inferred)
        for n, (place, (date, inferred)) in enumerate(zip(places, dates, strict=True))
    }
    page = Page(reader.library_html(documents, []))
    assert "2022|2023|不详" in "|".join(re.findall("2022|2023|不详", page.text))
    html = reader.library_html(documents, [])
    assert re.findall(r"<td[^>]*>(\d+)</td>", html) == ["1", "2", "1"]
    assert "overview" not in reader.library_html({"1": DOCUMENT}, [])


# ---- why this source -----------------------------------------------------------------------


def test_the_words_a_passage_shares_with_the_question_are_not_cut_up() -> None:
    words = sources.matched_terms("文水县举办了多少培训班", PASSAGE)
    assert words == ["文水县", "举办", "培训班"]


def test_scores_that_are_not_there_are_not_drawn() -> None:
    assert "score" not in sources.sources_html(TWO, 1, find)
    hit = replace(TWO.hits[0], dense=0.5, lexical=9.25)
    html = sources.sources_html(replace(TWO, hits=(hit,)), 1, find)
    assert html.count('class="score"') == 2
    assert "9.25" in html


# ---- evidence sheets -----------------------------------------------------------------------

FACTS = ("文水县产改纪实", "黄河新闻网", "约2023年（推断）", "“素质提升”一节，第7–35字")


def test_a_sheet_does_not_lose_a_quotation_or_where_it_stands() -> None:
    document = read_docx(io.BytesIO(sheet.docx([TWO, REFUSED], find)))
    text = "\n".join(p.text for p in document.paragraphs)
    markdown = re.sub(r"\\(.)", r"\1", sheet.markdown([TWO, REFUSED], find).decode())
    for said in (text, markdown):
        for quote in (c.quote for c in TWO.citations):
            assert quote in said
        for fact in (*FACTS, REFUSED.question, REFUSED.text):
            assert fact in said
        assert said.count("[1] 文水县产改纪实[Z]. 黄河新闻网, [2023][") == 1


@pytest.mark.parametrize(
    ("source", "published", "inferred", "end"),
    [
        ("新华网", "2023-02-02", "", "新华网, 2023-02-02["),
        ("", "unknown", "2023", "[出版者不详], [2023]["),
        ("未注明来源", "unknown", "", "[出版者不详], [日期不详]["),
    ],
)
def test_a_reference_does_not_invent_what_a_report_does_not_say(
    source: str, published: str, inferred: str, end: str
) -> None:
    document = replace(DOCUMENT, source=source, published=published, published_inferred=inferred)
    assert end in sheet.reference(document, sheet.datetime.date(2026, 1, 2))


@pytest.mark.parametrize("nasty", NASTY)
def test_a_hostile_report_stays_text_in_a_sheet(nasty: str) -> None:
    from markdown_it import MarkdownIt

    document = replace(DOCUMENT, title=nasty, source=nasty, text=f"{nasty}共7场。")
    cited = replace(citation(1, f"{nasty}共7场。", "7场", document), heading=nasty)
    answer = replace(answered(cited), question=nasty, text=f"{nasty}共7场。[1]")
    html = MarkdownIt("default").render(sheet.markdown([answer], lambda _: document).decode())
    assert Page(html).names() <= {*("h1", "h2", "p", "br", "strong", "blockquote", "ul", "li")}
    word = read_docx(io.BytesIO(sheet.docx([answer], lambda _: document)))
    assert shown(nasty) in shown("".join(p.text for p in word.paragraphs))
    copied = sheet.plain(answer, lambda _: document)
    assert not set("\u202e\u200b\u2066\x1b\x00") & set(copied)


# ---- records -------------------------------------------------------------------------------


def kept(answer: Answer) -> dict[str, object]:
    return dict(json.loads(record.to_record(answer)))


def test_a_record_does_not_change_what_it_keeps() -> None:
    for answer in (TWO, COMPARED, REFUSED):
        assert record.from_record(kept(answer), {"report": DOCUMENT}, PASSAGES) == answer


def test_a_record_in_the_page_is_not_changed_by_escaping() -> None:
    odd = replace(TWO, question="他说“<b>”\u200b&amp; '\"\n第二行\ud800")
    page = Page(sources.sources_html(odd, 1, find))
    (kept_here,) = [a["data-record"] for _, a in page.tags if "data-record" in a]
    assert json.loads(str(kept_here))["question"] == odd.question.replace("\ud800", "")


@pytest.mark.parametrize(
    "forged",
    [
        {"version": 2},
        {"state": "proved"},
        {"mode": "magic"},
        {"text": 7},
        {"citations": [[1, "report", 6, 35, "伪造的引文", "", ""]], "statements": []},
        {"citations": [[1, "report", -30, -2, TEXT[-30:-2], "", ""]], "statements": []},
        {"citations": [[1, "nowhere", 0, 4, "素质提升", "", ""]], "statements": []},
        {"citations": [["1", "report", 0, 4, "素质提升", "", ""]], "statements": []},
        {"citations": [[1, "report", 0, 4, "素质提升", "", "不在里面"]], "statements": []},
        {"citations": []},
        {"statements": [{"text": "x", "citations": [1], "kind": "unsupported", "label": ""}]},
        {"hits": [["report", 0, 1, 1, 0, 0, 0]]},
        {"hits": [[]]},
    ],
)
def test_a_forged_record_is_not_believed(forged: dict[str, object]) -> None:
    """Each is wrong in one thing only: without its statements the rest would be believed."""
    assert record.from_record(kept(TWO) | {"statements": []}, {"report": DOCUMENT}, PASSAGES)
    with pytest.raises(record.RecordError):
        record.from_record(kept(TWO) | forged, {"report": DOCUMENT}, PASSAGES)


@pytest.mark.parametrize("raw", [None, 7, "x", [], {}])
def test_what_is_no_record_is_refused_as_such(raw: object) -> None:
    with pytest.raises(record.RecordError):
        record.from_record(raw, {"report": DOCUMENT}, PASSAGES)


def test_a_kept_conversation_opens_and_a_stale_answer_says_so() -> None:
    conversation = chat.Conversation()
    stale = kept(TWO) | {"citations": [[1, "report", 0, 2, "变了", "", ""]], "statements": []}
    restore = chat.make_restore(FakeAssistant())  # type: ignore[arg-type]
    shown_now = restore(json.dumps([kept(TWO), stale]), conversation)
    assert [t.number for t in conversation.turns] == [1, 2]
    assert conversation.turns[0].answer == TWO.text
    assert conversation.turns[1].answer == ""
    assert "报告已更新" in Page(str(shown_now[0])).text
    epoch = conversation.epoch
    for damaged in ("{", "7", "[1]", "[" * 100_000, '{"a":1}'):
        note = restore(damaged, conversation)[3]
        assert "已损坏" in Page(str(note)).text
    assert (len(conversation.turns), conversation.epoch) == (2, epoch)


# ---- stop, again, scope --------------------------------------------------------------------


def test_a_stopped_answer_is_not_taken_for_a_whole_one() -> None:
    conversation = chat.Conversation()
    steps = chat.make_respond(FakeAssistant())("问", "", conversation)  # type: ignore[arg-type]
    next(steps)
    chat.stop(conversation)
    assert [Page(t.reply).text for t in conversation.turns] == ["已停止。"]
    (last,) = steps
    assert Page(last[0][-1]["content"]).text == "已停止。"
    conversation = chat.Conversation()
    steps = chat.make_respond(FakeAssistant())("问", "", conversation)  # type: ignore[arg-type]
    next(steps)
    next(steps)
    chat.stop(conversation)
    (turn,) = conversation.turns
    assert "320场次" in turn.reply
    assert "回答不完整" in turn.reply
    assert turn.answer == ""
    assert "data-record" not in turn.sources
    assert 'id="src-1-1"' in turn.sources
    assert Page(turn.reply).depth == 0


class Writing(FakeAssistant):
    """As with a chat model: statement by statement, and one sentence that nothing proves."""

    model_name = "model"

    def ask_stream(self, question: str, *_: object) -> Iterator[Answer]:
        one = replace(TWO, text=TWO.text.split("\n")[0], statements=TWO.statements[:1])
        yield replace(one, citations=TWO.citations[:1], mode="llm")
        yield replace(TWO, mode="llm", note="模型中断，", unproved=("<b>编的</b>",))


def test_a_model_that_hangs_does_not_hold_up_a_stop() -> None:
    answers, closed = threading.Event(), threading.Event()

    class Hanging(FakeAssistant):
        def ask_stream(self, *_: object) -> Iterator[Answer]:
            try:
                answers.wait(30)
                yield TWO
            finally:
                closed.set()

    conversation = chat.Conversation()
    steps = chat.make_respond(Hanging())("问", "", conversation)  # type: ignore[arg-type]
    next(steps)
    threading.Timer(0.2, chat.stop, [conversation]).start()
    list(steps)
    assert not closed.is_set(), "the stop waited for the model"
    answers.set()
    assert closed.wait(30), "the work goes on although nobody wants it"
    assert "已停止" in conversation.turns[-1].reply


def test_what_a_model_writes_grows_and_what_nothing_proves_is_struck_out() -> None:
    conversation = chat.Conversation()
    steps = list(chat.make_respond(Writing())("问", "", conversation))  # type: ignore[arg-type]
    replies = [Page(step[0][-1]["content"]) for step in steps]
    assert "320场次" in replies[1].text
    assert "26个" not in replies[1].text
    assert replies[2].text in replies[3].text
    assert ["s" in reply.names() for reply in replies] == [False, False, False, True]
    assert "<b>编的</b>" in replies[3].text
    assert "由语言模型撰写" in replies[3].text
    assert ["data-record" in str(step[1]) for step in steps] == [False, False, False, True]
    assert "由语言模型撰写" in sheet.markdown([replace(TWO, mode="llm")], find).decode()


def test_an_answer_given_anew_takes_the_place_of_the_old_one() -> None:
    assistant, conversation = FakeAssistant(), chat.Conversation()
    respond = chat.make_respond(assistant)  # type: ignore[arg-type]
    list(respond("第一问", "", conversation))
    list(respond("第二问", "", conversation))
    steps = list(chat.make_again(respond)("", conversation))
    assert [t.question for t in conversation.turns] == ["第一问", "第二问"]
    assert assistant.asked[2] == ("第二问", [("第一问", TWO.text)])
    assert len(steps) > 1


@pytest.mark.parametrize("scope", ["{", "[]", "7", "[" * 100_000])
def test_a_damaged_scope_is_not_ignored(scope: str) -> None:
    with pytest.raises(QuestionError, match="检索范围"):
        chat.read_scope(scope)


def test_a_scope_reaches_the_search() -> None:
    filters = chat.read_scope('{"region": "江苏省", "published_to": "2023", "other": 1}')
    assert (filters.region, filters.doc_id, filters.published_to) == ("江苏省", "", "2023")


# ---- routes, endpoints, log ----------------------------------------------------------------


@pytest.fixture
def client() -> TestClient:
    manifest = type("M", (), {"generation": "abc", "documents": 1, "passages": 1})
    assistant = FakeAssistant()
    assistant.searcher.index.manifest = manifest  # type: ignore[attr-defined]
    return TestClient(Starlette(routes=routes.routes(assistant)))  # type: ignore[arg-type]


def test_health_is_told_without_anything_private(client: TestClient) -> None:
    told = client.get("/health").json()
    assert told == {"status": "ok", "generation": "abc", "documents": 1, "passages": 1}


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("id=report&turn=1&mark=1.6.35.0.0", 200),
        ("id=report&turn=x", 400),
        ("id=report&mark=1.6", 400),
        ("id=report&mark=1.35.6.0.0", 400),
        ("id=report&mark=a.b.c.d.e", 400),
        ("id=report&passage=1", 400),
        ("id=report&turn=1&mark=1.6.99999999.0.99999999", 200),
    ],
)
def test_a_crooked_link_to_a_report_does_not_end_in_an_error(
    client: TestClient, query: str, status: int
) -> None:
    assert client.get(f"/report?{query}").status_code == status


def test_an_export_is_not_made_of_forged_or_crooked_records(client: TestClient) -> None:
    def post(body: object) -> int:
        return client.post("/export", json=body).status_code

    assert post({"as": "md", "records": [kept(TWO)]}) == 200
    assert post({"as": "md", "records": [kept(TWO) | {"version": 9}]}) == 409
    assert post({"as": "exe", "records": [kept(TWO)]}) == 400
    assert post({"as": "md", "records": []}) == 400
    for crooked in (
        None,
        7,
        [],
        {"as": "md"},
        {"as": "md", "records": 7},
        {"as": [], "records": []},
    ):
        assert post(crooked) == 400
    assert client.post("/export", content=b"[" * 100_000).status_code == 400


def test_programs_get_plain_values_and_a_plain_reason() -> None:
    assistant = FakeAssistant()
    (hit,) = api.make_search(assistant)("培训")  # type: ignore[arg-type]
    assert hit["passage"]["doc_id"] == "report"
    answer = api.make_ask(assistant)("培训", [["问", "答"]])  # type: ignore[arg-type]
    assert json.loads(json.dumps(answer))["citations"][0]["quote"] == TWO.citations[0].quote
    assert assistant.asked == [("培训", [("问", "答")])]
    refusing = api.make_ask(FakeAssistant(QuestionError("问题太长。")))  # type: ignore[arg-type]
    with pytest.raises(api.gr.Error, match="问题太长"):
        refusing("问")
    with pytest.raises(api.gr.Error, match="history"):
        api.make_ask(assistant)("问", [["只有问"]])  # type: ignore[arg-type]


def test_a_question_is_not_written_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    list(chat.make_respond(FakeAssistant())("私密问题", "", chat.Conversation()))  # type: ignore[arg-type]
    lines = [log.JsonLines().format(entry) for entry in caplog.records]
    (line,) = [json.loads(one) for one in lines if "answered" in one]
    assert (line["state"], line["question_chars"], line["citations"]) == ("answered", 4, 2)
    assert "私密" not in "".join(lines)
