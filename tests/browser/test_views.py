"""What stands beside and below the conversation, in a real browser, wide and narrow."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import HOSTILE, NARROW, TRAINING, WIDE, Visitor, eventually, in_view, overflow
from docx import Document as read_docx
from playwright.sync_api import Page, expect

COMPARISON = "文水县和丰县的技能大赛各有多少个比赛项目（工种）？"
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])
Visit = Callable[..., Visitor]


def downloaded(page: Page, name: str, nth: int = 0) -> tuple[str, bytes]:
    """Export the last answer; (file name, content)."""
    page.locator(".export summary").last.click()
    with page.expect_download() as download:
        page.locator(".export[open] a.act", has_text=name).nth(nth).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@SIZES
def test_the_keys_do_not_lose_the_way_through_the_citations(
    visit: Visit, size: tuple[int, int]
) -> None:
    visitor = visit(size)
    visitor.ask(COMPARISON)
    page = visitor.page
    page.locator("a.cite").first.click()
    expect(page.locator(".report h2")).to_contain_text("文水")
    expect(page.locator("a.cite[aria-current]")).to_have_text("[1]")
    page.keyboard.press("j")
    expect(page.locator(".report h2")).to_contain_text("丰")
    eventually(lambda: in_view(page, ".report mark.n2"))
    page.get_by_role("button", name="上一处").click()
    expect(page.locator(".report h2")).to_contain_text("文水")
    page.keyboard.press("Escape")
    expect(page.locator(".report")).to_be_hidden()
    expect(page.locator("a.cite").first).to_be_focused()
    page.locator("#question textarea").press("j")
    expect(page.locator("#question textarea")).to_have_value("j")
    expect(page.locator(".report")).to_be_hidden()
    assert overflow(page) <= 0


def test_a_mark_shows_its_sentence_before_it_is_clicked(visit: Visit) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    page = visitor.page
    page.locator("a.cite").first.hover()
    expect(page.get_by_role("tooltip")).to_contain_text("累计开展技能培训600余场")
    page.mouse.move(5, 5)
    expect(page.locator("#tip")).to_be_hidden()
    page.locator("a.cite").first.focus()
    expect(page.get_by_role("tooltip")).to_be_visible()


@SIZES
def test_a_comparison_is_a_table_with_a_mark_in_each_row(
    visit: Visit, size: tuple[int, int]
) -> None:
    visitor = visit(size)
    visitor.ask(COMPARISON)
    page = visitor.page
    rows = page.locator("table.places tbody tr")
    expect(rows).to_have_count(2)
    for row, place in enumerate(("文水县", "丰县")):
        expect(rows.nth(row).locator("th")).to_have_text(place)
        expect(rows.nth(row).locator("a.cite")).to_have_count(1)
    expect(page.locator("svg.chart rect")).to_have_count(2)
    assert overflow(page) <= 0
    name, content = downloaded(page, "CSV")
    assert name.startswith("对照表-")
    assert content.startswith(b"\xef\xbb\xbf")
    assert "41个" in content.decode("utf-8")


@SIZES
def test_an_evidence_sheet_does_not_lose_question_quotation_or_reference(
    visit: Visit, size: tuple[int, int]
) -> None:
    visitor = visit(size)
    visitor.ask(TRAINING)
    visitor.ask("南京市有多少产业工人？")
    name, content = downloaded(visitor.page, "Word", 1)
    text = "\n".join(p.text for p in read_docx(io.BytesIO(content)).paragraphs)
    assert name.endswith(".docx")
    for words in (TRAINING, "累计开展技能培训600余场", "南京市有多少产业工人", "[Z]. 黄河新闻网"):
        assert words in text
    name, content = downloaded(visitor.page, "Markdown")
    assert "南京" in content.decode()
    assert "600" not in content.decode()


def test_a_copied_answer_does_not_leave_its_sources_behind(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.ask(TRAINING)
    page.locator("a.act", has_text="复制").first.click()
    expect(page.locator("#said")).to_have_text("已复制。")
    text = page.evaluate("navigator.clipboard.readText()")
    assert "600余场" in text
    assert "[1] “" in text
    assert "[Z]. 黄河新闻网" in text


def test_a_link_repeats_its_question_and_what_it_was_limited_to(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#scope summary").click()
    page.get_by_label("地区").select_option("山西省/吕梁市")
    visitor.ask(f"{TRAINING}&region=<b>")
    page.locator(".export summary").last.click()
    page.locator("a.act", has_text="复制提问链接").click()
    expect(page.locator("#said")).to_have_text("已复制。")
    link = page.evaluate("navigator.clipboard.readText()")
    with visitor.leaving():
        page.goto(link)
    expect(page.locator(".asked")).to_have_text(f"{TRAINING}&region=<b>")
    expect(page.locator(".answer .after")).to_be_attached()
    expect(page.locator(".chip")).to_have_text("地区：山西省 吕梁市")
    assert "?" not in page.url


@SIZES
def test_a_question_is_not_answered_from_outside_its_limits(
    visit: Visit, size: tuple[int, int]
) -> None:
    visitor = visit(size)
    page = visitor.page
    page.get_by_role("button", name="报告", exact=True).click()
    item = page.locator(".library li", has_text="丰县").first
    item.get_by_role("button").click()
    expect(page.locator(".chip")).to_contain_text("报告：让产业工人幸福生活")
    expect(page.locator("#question textarea")).to_be_focused()
    visitor.ask(TRAINING)
    expect(page.locator(".answer")).not_to_contain_text("600余场")
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)
    visitor.ask(TRAINING)
    expect(page.locator(".answer").last).to_contain_text("600余场")
    assert overflow(page) <= 0


@SIZES
def test_the_reports_are_listed_read_and_searched(visit: Visit, size: tuple[int, int]) -> None:
    page = visit(size).page
    page.get_by_role("button", name="报告", exact=True).click()
    expect(page.locator(".library li")).to_have_count(6)
    expect(page.locator(".library")).to_contain_text("山西省吕梁市文水县")
    page.locator(".library a.whole", has_text="文水").click()
    expect(page.locator(".report")).to_contain_text("夯实政治根基")
    page.get_by_label("在文中查找").fill("技能大赛")
    expect(page.locator("output")).to_have_text("1/4")
    page.keyboard.press("Enter")
    expect(page.locator("output")).to_have_text("2/4")
    page.get_by_label("在文中查找").fill("没有的词")
    expect(page.locator("output")).to_have_text("没有")
    assert overflow(page) <= 0
    page.get_by_role("button", name="返回报告").click()
    expect(page.locator(".library li")).to_have_count(6)
    page.keyboard.press("Escape")
    expect(page.locator("#sources")).not_to_be_in_viewport()


def test_the_reason_for_a_source_is_not_kept_back(visit: Visit) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    why = visitor.page.locator("details.why").first
    why.locator("summary").click()
    expect(why.locator(".terms")).to_contain_text("文水县")
    expect(why).to_contain_text("在检索结果中排第")


@SIZES
def test_a_conversation_is_found_again_and_can_be_forgotten(
    visit: Visit, size: tuple[int, int]
) -> None:
    visitor = visit(size)
    page = visitor.page
    visitor.ask("阜宁县三年新建了多少家基层工会？")
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".answer")).to_have_count(0)
    visitor.ask(TRAINING)
    with visitor.leaving():
        page.reload()
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".past li")).to_have_count(2)
    page.locator(".past .reopen", has_text="阜宁").click()
    expect(page.locator(".asked")).to_contain_text("阜宁")
    expect(page.locator(".report, .past")).to_be_hidden()
    visitor.ask("那提档升级的呢？")
    expect(page.locator(".searched")).to_contain_text("阜宁")
    page.locator("a.cite").first.click()
    expect(page.locator(".report mark").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".past li")).to_have_count(2)
    expect(page.locator(".past li").first).to_contain_text("2问")
    page.locator(".past .drop").first.click()
    expect(page.locator(".past li")).to_have_count(1)
    assert "阜宁" not in page.evaluate("localStorage['chanye-conversations']")
    assert overflow(page) <= 0


@pytest.mark.parametrize(
    "kept",
    ["{", "7", "null", '[{"turns":7}]', '[{"id":1,"turns":[{"question":"坏"}]}]'],
)
def test_a_damaged_history_does_not_stop_the_chat(visit: Visit, kept: str) -> None:
    visitor = visit()
    page = visitor.page
    page.evaluate("kept => { localStorage['chanye-conversations'] = kept; }", kept)
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".past")).to_be_visible()
    if "坏" in kept:
        page.locator(".reopen").click()
        expect(page.locator(".answer.failed")).to_contain_text("请重新提问")
    visitor.ask(TRAINING)


def test_an_answer_can_be_stopped_and_given_anew(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    stop = page.get_by_role("button", name="停止")
    expect(stop).to_be_hidden()
    page.locator("#question textarea").fill(f"测试慢{TRAINING}")
    page.keyboard.press("Enter")
    stop.click()
    expect(page.locator(".answer.stopped")).to_have_text("已停止。")
    expect(stop).to_be_hidden()
    visitor.ask(TRAINING)
    visitor.ask("阜宁县三年新建了多少家基层工会？")
    expect(page.locator("a.again:visible")).to_have_count(1)
    page.locator("#question textarea").fill("下一个问题")
    page.locator("a.again:visible").click()
    expect(page.locator(".answer.growing, .answer.pending")).to_have_count(0)
    expect(page.locator(".asked")).to_have_count(3)
    expect(page.locator(".answer .after")).to_have_count(2)
    expect(page.locator("#question textarea")).to_have_value("下一个问题")


@SIZES
def test_a_hostile_report_does_not_come_alive_in_any_view(
    visit: Visit, size: tuple[int, int]
) -> None:
    visitor = visit(size)
    page = visitor.page
    visitor.ask(f"恶县和文水县各举办了多少场培训？{HOSTILE}")
    visitor.ask("恶县陶艺培训班有多少名学员？")
    page.locator("a.more").last.click()
    page.locator("details.why summary:visible").first.click()
    page.locator("a.whole:visible").first.click()
    expect(page.locator(".report")).to_be_visible()
    page.get_by_role("button", name="返回", exact=True).click()
    page.get_by_role("button", name="报告", exact=True).click()
    expect(page.locator(".library")).to_contain_text("<script>")
    page.locator(".library a.whole", has_text="恶县").click()
    expect(page.locator(".report")).to_contain_text("<img src=x onerror")
    inside = "#desk :is(img, script, iframe, object, embed), #reader style"
    assert page.locator(inside).count() == 0
    assert overflow(page) <= 0
    page.get_by_role("button", name="历史").click()
    expect(page.locator(".past")).to_contain_text("恶县和文水县")
    page.locator(".reopen").click()
    expect(page.locator(".asked").first).to_contain_text("<script>")
    for name in ("Word", "Markdown"):
        downloaded(page, name)
    assert page.locator(inside).count() == 0
    assert page.evaluate("window.__pwned") is None
    assert not set("\u202e\u202c\u200b") & set(page.locator("#desk").inner_text())
    assert overflow(page) <= 0


def test_a_crooked_link_does_not_come_alive(visit: Visit) -> None:
    visitor = visit()
    page = visitor.page
    address = page.url
    for query in (
        "q=" + "%3Cscript%3Ewindow.__pwned=1%3C/script%3E",
        "q=%E5%8D%97%E4%BA%AC%00%ff&region=%3Cb%3E",
    ):
        with visitor.leaving():
            page.goto(f"{address}?{query}")
        expect(page.locator(".answer .after")).to_be_attached()
    assert page.evaluate("window.__pwned") is None


def test_nothing_is_kept_that_the_page_does_not_need(visit: Visit) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    kept = visitor.page.evaluate("Object.keys(localStorage)")
    assert [key for key in kept if re.search("chanye", key)] == ["chanye-conversations"]
    saved = json.loads(visitor.page.evaluate("localStorage['chanye-conversations']"))
    assert [turn["question"] for turn in saved[0]["turns"]] == [TRAINING]
