"""The web chat without a browser: rendering, turns, start and limits."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import __main__ as start
from app import chat, layout, markup, pump, render, sources
from rag.errors import IndexDamagedError, QuestionError, RagError
from rag.types import Answer, Citation, Document, Hit, Passage, Statement

TEXT = (
    "素质提升\n\n五年来共举办培训班320场次[1]，培训职工2.6万人次。大赛分8个类型，26个比赛项目。\n"
    "2022年2月表彰一批劳动模范。\n"
)
DOCUMENT = Document(
    doc_id="report",
    title="文水县产改纪实",
    text=TEXT,
    source="黄河新闻网",
    region="山西省/吕梁市/文水县",
    published="unknown",
    published_inferred="2023",
    sha256="0" * 64,
)
PASSAGE = Passage(
    doc_id="report",
    start=6,
    end=len(TEXT) - 1,
    text=TEXT[6:-1],
    heading="素质提升",
    title=DOCUMENT.title,
    source=DOCUMENT.source,
    region=DOCUMENT.region,
    published="unknown",
    published_inferred="2023",
    sentences=(),
)
NASTY = [
    "<script>window.__pwned=1</script>",
    '<img src=x onerror="window.__pwned=2">',
    '"><svg/onload=alert(1)>',
    "![图](http://evil.example/x.png)",
    "[点我](javascript:alert(1))",
    "<http://evil.example> http://evil.example www.evil.example",
    "**粗** _斜_ `码` ~~删~~ # 标题",
    "$$\\href{javascript:alert(1)}{x}$$ \\(x\\)",
    "${window.__pwned=3} {{constructor.constructor('alert(1)')()}} @children",
    "&lt;script&gt; &#60;script&#62; &amp;lt;",
    "第一行\n\n    <div>第二段\n- 列表\n> 引用\n```\n码\n```",
    "<!-- 注释 --><![CDATA[x]]><?php ?>",
    "</div></p></blockquote></article></section></aside><iframe src=//evil.example>",
    "零\u200b宽\u202e反转\u2066隔离\ufeff",
    "\x00\x1b[31m红\x07",
    "|a|b|\n|-|-|\n|1|2|",
    "<think>想</think>:::提示",
]


class Page(HTMLParser):
    """What a browser would see: the elements, their attributes and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.depth = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.depth += tag != "br"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= 1

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!--", {}))

    handle_decl = handle_pi = unknown_decl = handle_comment

    def names(self) -> set[str]:
        return {name for name, _ in self.tags}

    def links(self) -> list[str]:
        """Where the links lead, but those that only do something with the answer."""
        links = [attrs for name, attrs in self.tags if name == "a"]
        return [str(a["href"]) for a in links if "act" not in (a["class"] or "").split()]


def shown(text: str) -> str:
    """The visible characters, white space aside."""
    return "".join(
        c
        for c in text
        if not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc", "Cs", "Co"}
    )


def citation(number: int, quote: str, focus: str = "", document: Document = DOCUMENT) -> Citation:
    start = document.text.index(quote)
    return Citation(
        number=number,
        doc_id=document.doc_id,
        start=start,
        end=start + len(quote),
        quote=quote,
        title=document.title,
        source=document.source,
        region=document.region,
        published=document.published,
        heading="素质提升",
        focus=focus,
    )


def answered(*citations: Citation, lead: str = "", missing: str = "") -> Answer:
    statements = tuple(Statement(c.quote, (c.number,), "verbatim", "文水县") for c in citations)
    lines = [lead] if lead else []
    lines += [f"文水县：{s.text}[{s.citations[0]}]" for s in statements]
    return Answer(
        question="办了多少场培训？",
        text="\n".join(lines),
        statements=statements,
        citations=citations,
        state="partial" if missing else "answered",
        reason=missing,
        searched="办了多少场培训？",
        hits=(Hit(PASSAGE, 1.0, 1),),
    )


TWO = answered(
    citation(1, "五年来共举办培训班320场次[1]，培训职工2.6万人次。", "320场次"),
    citation(2, "大赛分8个类型，26个比赛项目。", "26个"),
)
REFUSED = Answer(
    question="火星上有多少工人？",
    text="资料中没有找到可以回答这个问题的内容。",
    statements=(),
    citations=(),
    state="abstained",
    reason="报告没有提到火星",
    searched="火星上有多少工人？",
    hits=(Hit(PASSAGE, 1.0, 1),),
)


def whole(answer: Answer, turn: int = 1) -> str:
    return render.answer_html(answer, turn)


def find(_: str) -> Document:
    return DOCUMENT


# ---- inert ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_does_not_become_markup(text: str) -> None:
    page = Page(render.question_html(text))
    assert page.names() <= {"div", "br"}
    assert page.depth == 0
    assert shown(page.text) == shown(text.strip())


@given(st.text())
def test_no_text_becomes_an_element_or_loses_a_visible_character(text: str) -> None:
    page = Page(markup.inert(text))
    assert page.tags == []
    assert shown(page.text) == shown(text)


@given(st.text())
def test_no_text_keeps_a_character_that_markdown_or_a_template_reads(text: str) -> None:
    html = markup.inert(text)
    assert not set("<>*_`[]()!|~$@{}\\:./+=-\n\r") & set(html)
    assert re.fullmatch(r"(?:[^&]|&(?:#x?[0-9a-f]+|[a-z]+);)*", html)


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u2060"])
def test_hidden_or_reordering_characters_do_not_reach_the_page(hidden: str) -> None:
    assert hidden not in markup.inert(f"三{hidden}十")


def test_a_huge_question_is_not_shown_whole() -> None:
    page = Page(render.question_html("长" * 100_000))
    assert len(page.text) < 500
    assert "共100000字" in page.text


@pytest.mark.parametrize("nasty", NASTY)
def test_a_hostile_report_stays_text_in_answer_and_sources(nasty: str) -> None:
    text = f"前文。{nasty}共7场。后文。"
    document = replace(DOCUMENT, title=nasty, source=nasty, region=f"{nasty}/县", text=text)
    cited = replace(citation(1, f"{nasty}共7场。", "7场", document), heading=nasty)
    answer = replace(answered(cited), question=nasty, searched="改写" + nasty)
    page = Page(whole(answer))
    assert page.names() <= {"div", "p", "a", "strong", "span", "details", "summary"}
    assert {attr for _, attrs in page.tags for attr in attrs} <= {"class", "href", "title"}
    assert page.links() == ["#src-1-1", "#sources-1"]
    panel = Page(sources.sources_html(answer, 1, lambda _: document))
    assert panel.names() <= {
        *("section", "h2", "h3", "p", "article", "div", "span", "blockquote", "mark", "strong"),
        *("a", "details", "summary", "svg", "rect"),
    }
    assert panel.depth == 0
    assert shown(nasty) in shown(panel.text)


# ---- marks ---------------------------------------------------------------------------------


def test_a_mark_does_not_lead_to_another_source() -> None:
    page = Page(whole(TWO, 7))
    assert page.links() == ["#src-7-1", "#src-7-2", "#sources-7"]
    panel = Page(sources.sources_html(TWO, 7, find))
    ids = [attrs["id"] for _, attrs in panel.tags if "id" in attrs]
    assert {"src-7-1", "src-7-2", "sources-7"} <= set(ids)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "mark",
    [
        "[99]",
        "[0]",
        "[01]",
        "[3]",
        "[1",
        "1]",
        "[-1]",
        "\uff3b1\uff3d",
        "[ 1 ]",
        "[1a]",
        "[1000]",
        "[\u0661]",
    ],
)
def test_a_forged_mark_is_not_a_link(mark: str) -> None:
    answer = replace(TWO, text=TWO.text + f"\n还有{mark}")
    assert Page(whole(answer)).links() == ["#src-1-1", "#src-1-2", "#sources-1"]
    assert shown(mark) in shown(Page(whole(answer)).text)


def test_a_mark_printed_in_the_report_is_not_a_link() -> None:
    assert TWO.text.count("[1]") == 2
    assert Page(whole(TWO)).links().count("#src-1-1") == 1


def test_two_marks_of_one_statement_are_both_links() -> None:
    statement = replace(TWO.statements[1], citations=(1, 2))
    answer = replace(TWO, statements=(statement,), text=f"{statement.text}[1][2]。")
    assert Page(whole(answer)).links()[:2] == ["#src-1-1", "#src-1-2"]


def test_a_statement_missing_from_the_text_does_not_hide_the_text() -> None:
    answer = replace(TWO, text="整体改写的回答[1]，还有一句[2]。")
    page = Page(whole(answer))
    assert "整体改写的回答[1]，还有一句[2]。" in page.text
    assert page.links()[:2] == ["#src-1-1", "#src-1-2"]


@given(st.text(alphabet="甲乙[]123\n<", max_size=40), st.integers(1, 3))
def test_no_text_makes_a_link_to_a_source_that_is_not_there(text: str, turn: int) -> None:
    page = Page(whole(replace(TWO, text=text), turn))
    assert set(page.links()) <= {f"#src-{turn}-1", f"#src-{turn}-2", f"#sources-{turn}"}
    assert shown(text) in shown(page.text)


# ---- the answer ----------------------------------------------------------------------------


def test_streaming_does_not_take_words_back_or_show_half_a_statement() -> None:
    steps = [
        Page(step).text for step in [*render.growing_steps(TWO, 1), render.answer_html(TWO, 1)]
    ]
    assert len(steps) == 3
    assert steps[2].startswith(steps[1])
    assert steps[1].startswith(steps[0])
    assert steps[0].endswith("2.6万人次。[1]")
    assert steps[1].endswith("26个比赛项目。[2]")


def test_the_lead_and_what_is_missing_are_not_lost() -> None:
    answer = answered(*TWO.citations, lead="两地口径不同。", missing="资金数额")
    page = Page(whole(answer))
    assert page.text.startswith("两地口径不同。")
    assert "尚缺：资金数额" in page.text


def test_the_words_that_answer_are_not_left_plain() -> None:
    assert "<strong>320场次</strong>" in whole(TWO)


@pytest.mark.parametrize(
    ("searched", "told"),
    [
        ("文水县办了多少场培训？", True),
        ("办了多少场培训?", False),
        ("办了多少场培训", False),
        ("", False),
    ],
)
def test_a_tidied_question_is_not_told_as_rewritten(searched: str, told: bool) -> None:
    assert ("按此检索：" in whole(replace(TWO, searched=searched))) is told


def test_a_refusal_is_not_silent_about_reason_and_nearest_evidence() -> None:
    page = Page(whole(REFUSED))
    assert "原因：报告没有提到火星" in page.text
    assert page.links() == ["#sources-1"]
    panel = Page(sources.sources_html(REFUSED, 1, find))
    assert "最接近的内容" in panel.text
    assert "不足以回答" in panel.text
    assert "mark" not in panel.names()
    assert shown(PASSAGE.text) in shown(panel.text)


def test_a_reason_is_not_said_twice() -> None:
    said = replace(REFUSED, text=REFUSED.text + REFUSED.reason + "。")
    assert Page(whole(said)).text.count(REFUSED.reason) == 1


def test_a_refusal_without_evidence_does_not_promise_any() -> None:
    bare = replace(REFUSED, hits=())
    assert Page(whole(bare)).links() == []
    assert "没有找到" in Page(sources.sources_html(bare, 1, find)).text


# ---- the sources ---------------------------------------------------------------------------


def test_a_source_does_not_hide_title_region_date_or_heading() -> None:
    text = Page(sources.sources_html(TWO, 1, find)).text
    for part in (
        "文水县产改纪实",
        "山西省吕梁市文水县",
        "约2023年（推断）",
        "黄河新闻网",
        "素质提升",
    ):
        assert part in text


def test_two_sentences_of_a_passage_do_not_show_it_twice() -> None:
    html = sources.sources_html(TWO, 1, find)
    assert html.count("<article") == 1
    assert Page(html).text.count("2022年2月") == 1


def test_a_citation_outside_every_hit_is_not_left_without_its_context() -> None:
    panel = Page(sources.sources_html(replace(TWO, hits=()), 1, find))
    assert "五年来共举办培训班" in panel.text
    assert "mark" in panel.names()


@given(st.data())
def test_overlapping_citations_do_not_lose_text_or_anchors(data: st.DataObject) -> None:
    places = st.integers(PASSAGE.start, PASSAGE.end)
    spans = data.draw(st.lists(st.tuples(places, places), min_size=1, max_size=5))
    citations = [
        replace(TWO.citations[0], number=n, start=a, end=b, quote=TEXT[a:b], focus=TEXT[a : a + 2])
        for n, (a, b) in enumerate(spans, 1)
        if a < b
    ]
    answer = replace(TWO, citations=tuple(citations))
    html = sources.sources_html(answer, 1, find)
    for c in citations:
        assert html.count(f'id="src-1-{c.number}"') == 1
        marked = re.findall(rf'<mark class="[^"]*\bn{c.number}\b[^"]*">(.*?)</mark>', html)
        assert shown(Page("".join(marked)).text) == shown(c.quote)
    if citations:
        assert shown(PASSAGE.text) in shown(Page(html).text)


@pytest.mark.parametrize(
    ("published", "inferred", "text"),
    [
        ("2023-02-02", "", "2023年2月2日"),
        ("2023-11", "", "2023年11月"),
        ("2023", "", "2023年"),
        ("unknown", "2023", "约2023年（推断）"),
        ("unknown", "", "日期不详"),
        ("", "", "日期不详"),
        ("2023年春", "2021", "2023年春"),
    ],
)
def test_an_inferred_date_is_not_told_as_known(published: str, inferred: str, text: str) -> None:
    assert markup.date_text(published, inferred) == text


# ---- turns ---------------------------------------------------------------------------------


class FakeIndex:
    documents: ClassVar = {"report": DOCUMENT}
    passages: ClassVar = [PASSAGE]


class FakeSearcher:
    index = FakeIndex()

    def search(self, question: str, k: int, filters: object) -> list[Hit]:
        return [Hit(PASSAGE, 1.0, 1)]


class FakeAssistant:
    """Answers with TWO, fails where told to, and remembers what it was asked."""

    searcher = FakeSearcher()

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.asked: list[tuple[str, Sequence[tuple[str, str]]]] = []

    def __call__(self) -> FakeAssistant:
        """Also what gives the current assistant: itself."""
        return self

    model_name = ""

    def ask(
        self, question: str, history: Sequence[tuple[str, str]] = (), filters: object = None
    ) -> Answer:
        *_, answer = self.ask_stream(question, history, filters)
        return answer

    def ask_stream(
        self, question: str, history: Sequence[tuple[str, str]] = (), filters: object = None
    ) -> Iterator[Answer]:
        self.asked.append((question, list(history)))
        if self.failure:
            raise self.failure
        yield replace(TWO, question=question)

    def document(self, doc_id: str) -> Document:
        return DOCUMENT


def run(
    assistant: FakeAssistant, question: str, conversation: chat.Conversation
) -> list[tuple[object, ...]]:
    return list(chat.make_respond(assistant)(question, "", conversation))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the fakes cannot be made to answer; see test_suggest for the real thing."""
    monkeypatch.setattr(chat, "suggest", lambda *_, **__: ("<b>丰县</b>呢？",))


def test_what_comes_after_it_was_given_up_is_not_shown() -> None:
    """A new conversation begun while the next step is awaited."""
    looked, gone = threading.Event(), threading.Event()

    def unwanted() -> bool:
        was = gone.is_set()
        looked.set()
        return was

    def work() -> Generator[str]:
        looked.wait(5)
        gone.set()
        yield "too late"

    assert list(pump.until(unwanted, work())) == []


def test_what_to_ask_next_comes_after_the_words_of_the_answer() -> None:
    *growing, last = run(FakeAssistant(), "第一问", chat.Conversation())
    said = [str(step[0]) for step in growing]
    assert "26个比赛项目" in said[-1]
    assert not any('class="next"' in step for step in said)
    assert "<p>接着问</p>" in str(last[0])
    assert '<button type="button">&lt;b&gt;丰县&lt;&#47;b&gt;呢？</button>' in str(last[0])


def test_a_failing_suggestion_does_not_cost_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> tuple[str, ...]:
        raise ZeroDivisionError

    monkeypatch.setattr(chat, "suggest", fail)
    *_, last = run(FakeAssistant(), "第一问", chat.Conversation())
    assert "26个比赛项目" in str(last[0])
    assert 'class="next"' not in str(last[0])


def test_a_follow_up_is_not_asked_without_its_history() -> None:
    assistant, conversation = FakeAssistant(), chat.Conversation()
    run(assistant, "第一问", conversation)
    run(assistant, "第二问", conversation)
    assert assistant.asked[1] == ("第二问", [("第一问", TWO.text)])
    assert [t.number for t in conversation.turns] == [1, 2]


def test_one_visitors_turns_do_not_reach_another() -> None:
    assistant = FakeAssistant()
    run(assistant, "甲的问题", chat.Conversation())
    run(assistant, "乙的问题", chat.Conversation())
    assert assistant.asked[1][1] == []


def test_an_answer_still_coming_does_not_enter_the_new_conversation() -> None:
    conversation = chat.Conversation()
    steps = chat.make_respond(FakeAssistant())("问", "", conversation)  # type: ignore[arg-type]
    next(steps)
    next(steps)
    chat.start_over(conversation)
    assert [step[:2] for step in steps] == [([], "")]
    assert conversation.turns == []


def test_a_forgotten_beginning_does_not_repeat_turn_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat, "TURNS_KEPT", 2)
    monkeypatch.setattr(chat, "PAUSE_S", 0)
    conversation = chat.Conversation()
    for _ in range(4):
        run(FakeAssistant(), "问", conversation)
    assert [t.number for t in conversation.turns] == [3, 4]


@pytest.mark.parametrize("question", ["", "  \n\t", "　"])
def test_a_blank_question_does_not_become_a_turn(question: str) -> None:
    assistant, conversation = FakeAssistant(), chat.Conversation()
    (only,) = run(assistant, question, conversation)
    assert "请先写下您的问题" in Page(str(only[3])).text
    assert (assistant.asked, conversation.turns) == ([], [])


def test_a_refused_question_is_not_lost_from_the_box() -> None:
    long, conversation = "长" * 3000, chat.Conversation()
    last = run(FakeAssistant(QuestionError("问题太长，请缩短。")), long, conversation)[-1]
    assert last[2] == long
    assert "问题太长，请缩短。" in Page(str(last[3])).text
    assert last[0] == []
    assert conversation.turns == []


def test_an_error_of_ours_does_not_lose_its_sentence() -> None:
    failing = FakeAssistant(IndexDamagedError("索引已损坏，请运行 rag index。"))
    steps = run(failing, "问", chat.Conversation())
    assert "索引已损坏，请运行 rag index。" in Page(str(steps[-1][0])).text


def test_an_unexpected_failure_does_not_show_its_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failing = FakeAssistant(ZeroDivisionError("内部细节"))
    steps = run(failing, "私密问题", chat.Conversation())
    page = " ".join(str(value) for step in steps for value in step)
    assert "抱歉" in page
    assert "内部细节" not in page
    assert "Traceback" not in page
    assert "ZeroDivisionError" in caplog.text
    assert "私密问题" not in caplog.text


def test_a_failed_turn_does_not_enter_the_history() -> None:
    conversation = chat.Conversation()
    run(FakeAssistant(RagError("坏了。")), "问", conversation)
    assistant = FakeAssistant()
    run(assistant, "再问", conversation)
    assert assistant.asked == [("再问", [])]


def test_the_page_does_not_publish_its_own_events_as_an_api() -> None:
    page = layout.build(FakeAssistant())  # type: ignore[arg-type]
    assert set(page.get_api_info()["named_endpoints"]) == {"/search", "/ask"}


# ---- start and limits ----------------------------------------------------------------------


@pytest.fixture
def busy_port() -> Iterator[int]:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_busy_port_is_not_taken_for_free(busy_port: int) -> None:
    assert start._port("127.0.0.1", None, busy_port) > busy_port
    with pytest.raises(RagError, match=f"端口 {busy_port} 已被占用"):
        start._port("127.0.0.1", busy_port, 7860)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--port", "0"], "不是 1–65535"),
        (["--host", "没有这个地址.invalid"], "找不到地址"),
        (["--host", "a" * 300], "找不到地址"),
    ],
)
def test_a_bad_option_does_not_end_in_a_traceback(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(arguments) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_a_bad_setting_does_not_end_in_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RAG_PORT", "八千")
    assert start.main([]) == 2
    assert "RAG_PORT" in capsys.readouterr().err


def test_nobody_there_opens_no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    assert not start._person_is_there()


def test_rendering_does_not_import_gradio() -> None:
    code = "import sys, app.render, app.__main__; sys.exit('gradio' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_uploads_large_requests_and_foreign_content_are_not_let_through() -> None:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from app import guard

    async def echo(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    client = TestClient(guard.Guard(app))
    assert client.post("/queue/join", content=b"x" * 300_000).text == "300000"
    assert client.post("/queue/join", content=b"x" * 2_000_000).status_code == 413
    assert client.post("/gradio_api/upload", content=b"x").status_code == 404
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
