"""The conversation in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from chromium import (
    HOSTILE,
    NARROW,
    ROOT,
    TRAINING,
    WIDE,
    Visitor,
    eventually,
    free_port,
    in_view,
    overflow,
    serving,
)
from playwright.sync_api import Browser, expect


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_mark_does_not_fail_to_lead_to_its_sentence(
    visit: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    visitor = visit(size)
    visitor.ask(TRAINING)
    page = visitor.page
    expect(page.locator(".answer")).to_contain_text("600余场")
    assert overflow(page) <= 0
    page.locator("a.cite").first.click()
    highlighted = page.locator(".report mark.n1.flash")
    expect(highlighted.first).to_be_visible()
    eventually(lambda: in_view(page, ".report mark.n1"))
    assert "培训600余场" in "".join(highlighted.all_inner_texts())
    expect(page.locator(".report mark strong")).to_have_text("600余场")
    report = page.locator(".report")
    for words in ("山西省吕梁市文水县", "约2023年（推断）", "黄河新闻网"):
        expect(report.locator(".meta").first).to_contain_text(words)
    expect(report.locator("h3", has_text="打造高素质产业工人大军")).to_be_attached()
    expect(report).to_contain_text("夯实政治根基")  # The whole report, not the passage.
    assert overflow(page) <= 0


def test_the_sheet_does_not_keep_a_phone_from_the_conversation(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit(NARROW)
    visitor.ask(TRAINING)
    page = visitor.page
    assert not in_view(page, ".turn mark")
    for leave in ("button", "escape", "outside"):
        page.locator("a.more").click()
        eventually(lambda: in_view(page, ".turn h2"))
        if leave == "button":
            page.get_by_role("button", name="返回对话").click()
        elif leave == "escape":
            page.keyboard.press("Escape")
        else:
            page.mouse.click(195, 30)
        expect(page.locator(".turn mark").first).not_to_be_in_viewport()
        expect(page.locator("a.more")).to_be_focused()
    visitor.ask("火星上有多少工人？")


def test_a_refusal_is_not_left_unexplained(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.ask("南京市有多少产业工人？")
    page = visitor.page
    expect(page.locator(".answer.abstained")).to_contain_text("没有南京市的报道")
    expect(page.locator("a.cite")).to_have_count(0)
    expect(page.locator("#panel h2")).to_have_text("最接近的内容")
    expect(page.locator(".source")).not_to_have_count(0)


def test_a_follow_up_is_not_searched_without_being_told_how(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit()
    visitor.ask("阜宁县三年新建了多少家基层工会？")
    visitor.ask("那提档升级的呢？")
    page = visitor.page
    expect(page.locator(".searched")).to_contain_text("按此检索：")
    expect(page.locator(".searched")).to_contain_text("阜宁")
    expect(page.locator(".answer").last).to_contain_text("265")
    expect(page.locator("#sources-1")).to_be_hidden()
    page.locator("a.cite[href='#src-1-1']").click()
    expect(page.locator(".report")).to_contain_text("阜宁")
    page.get_by_role("button", name="返回", exact=True).click()
    expect(page.locator("#sources-1")).to_be_visible()
    expect(page.locator("#sources-2")).to_be_hidden()


def test_two_visitors_do_not_see_or_continue_each_others_conversation(
    visit: Callable[..., Visitor],
) -> None:
    first, second = visit(), visit()
    first.ask("阜宁县三年新建了多少家基层工会？")
    second.ask(TRAINING)
    second.ask("那劳动模范呢？")
    first.ask("那提档升级的呢？")
    expect(first.page.locator(".searched")).to_contain_text("阜宁")
    expect(second.page.locator(".searched")).to_contain_text("文水")
    # Not what is suggested: that may be of any place.
    said = ".asked, .answer > p, #panel .turn"
    assert "文水" not in "".join(first.page.locator(said).all_inner_texts())
    assert "阜宁" not in "".join(second.page.locator(said).all_inner_texts())


ADDRESSES = (
    r"#((src-\d+|sources|copy|again|link|(all)?(docx|md)|csv|xlsx|png)-\d+)|report\?[\w=&%.-]+"
)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_hostile_question_and_report_do_not_come_alive(
    visit: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    visitor = visit(size)
    page = visitor.page
    foreign = "#desk :is(img, script, iframe, object, embed), .turn style, .message-content style"
    visitor.ask(f"恶县举办了多少场陶艺培训班？{HOSTILE}")
    visitor.ask("恶县陶艺培训班有多少名学员？")
    expect(page.locator(".source").last).to_contain_text("<script>")
    page.locator(".answer").last.locator(".more").click()
    page.wait_for_timeout(500)
    assert page.locator(foreign).count() == 0
    assert page.evaluate("window.__pwned") is None
    hrefs = page.locator("#desk a").evaluate_all("all => all.map(a => a.getAttribute('href'))")
    assert all(re.fullmatch(ADDRESSES, href) for href in hrefs), hrefs
    text = page.locator("#desk").inner_text()
    assert "<img src=x onerror=window.__pwned=2>" in text
    assert "{{window.__pwned=6}}" in text
    assert not set("\u202e\u202c\u200b") & set(text)
    assert overflow(page) <= 0


def test_a_bad_question_does_not_cost_the_conversation(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.page
    box, note = page.locator("#question textarea"), page.locator("#note")
    box.fill("   ")
    page.keyboard.press("Enter")
    expect(note).to_contain_text("请先写下您的问题")
    box.fill("长" * 100_000)
    page.keyboard.press("Enter")
    expect(note).to_contain_text("2000")
    expect(page.locator(".answer")).to_have_count(0)
    visitor.ask(TRAINING)
    expect(note).to_have_text("")


def test_a_failure_does_not_show_a_traceback(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.ask("测试故障")
    expect(visitor.page.locator(".answer.failed")).to_contain_text("抱歉")
    assert not re.search("内部细节|Traceback|ZeroDivision", visitor.page.content())
    visitor.ask(TRAINING)


def test_an_example_does_not_need_typing_and_a_new_conversation_forgets(
    visit: Callable[..., Visitor],
) -> None:
    page = visit().page
    page.locator("a.example").first.click()
    expect(page.locator("a.cite").first).to_be_visible()
    expect(page.locator(".after")).to_be_attached()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator("a.example").first).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)
    page.locator("#question textarea").fill("那阜宁县呢？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer .after")).to_be_attached()
    expect(page.locator(".searched")).to_have_count(0)


def test_every_example_is_answered(visit: Callable[..., Visitor]) -> None:
    from app.layout import EXAMPLES

    visitor = visit()
    for example in EXAMPLES:
        visitor.ask(example)
        expect(visitor.page.locator(".answer").last).to_have_class("answer answered")


def test_a_question_sent_while_an_answer_comes_is_not_lost(visit: Callable[..., Visitor]) -> None:
    page = visit().page
    box = page.locator("#question textarea")
    for question in (TRAINING, "丰县改造提升工人文化宫投入了多少资金？"):
        box.fill(question)
        page.keyboard.press("Enter")
        expect(box).to_have_value("")
    expect(page.locator(".answer .after")).to_have_count(2)
    assert "600万元" in page.locator(".answer").last.inner_text()


def test_a_new_conversation_is_not_haunted_by_an_answer_still_coming(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit()
    page = visitor.page
    page.locator("#question textarea").fill("文水县和丰县的技能大赛各有多少个比赛项目（工种）？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(1)
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".answer")).to_have_count(0)
    visitor.ask("那阜宁县呢？")
    expect(page.locator(".asked")).to_have_count(1)
    expect(page.locator(".searched")).to_have_count(0)


def test_an_input_method_does_not_send_half_a_question(visit: Callable[..., Visitor]) -> None:
    page = visit().page
    page.locator("#question textarea").fill("文水县wunian")
    for kind in ("keydown", "keypress"):
        page.locator("#question textarea").dispatch_event(
            kind, {"key": "Enter", "isComposing": True}
        )
    page.wait_for_timeout(500)
    expect(page.locator(".answer")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_not_too_faint_to_read(visit: Callable[..., Visitor], theme: str) -> None:
    visitor = visit(theme=theme)
    visitor.ask(TRAINING)
    ratios = visitor.page.evaluate(CONTRAST)
    assert len(ratios) > 8
    assert {what: ratio for what, ratio in ratios.items() if ratio < 4.5} == {}


CONTRAST = """() => {
  const parse = (c) => (c.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const found = {};
  for (const e of document.querySelectorAll("#top *, #desk *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest(".flash, .sr-only")) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const name = `${e.tagName}.${e.className}`;
    found[name] = Math.min(found[name] ?? 99, Math.round(ratio * 10) / 10);
  }
  return found;
}"""


def test_a_lost_server_is_not_told_in_english(
    browser: Browser, index: Path, tmp_path: Path
) -> None:
    port = free_port()
    with serving(index, port, tmp_path / "log") as server:
        page = browser.new_context(locale="en-US").new_page()
        page.goto(f"http://127.0.0.1:{port}")
        page.locator("#question textarea").fill(TRAINING)
        server.kill()
        page.keyboard.press("Enter")
        expect(page.locator("[data-testid=toast-body]")).to_contain_text("连接断了")
        assert "Error" not in page.locator("[data-testid=toast-body]").inner_text()
        page.context.close()


def test_files_of_the_machine_are_not_served(address: str) -> None:
    for path in ("gradio_api/file=pyproject.toml", f"gradio_api/file={ROOT}/pyproject.toml"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{address}/{path}", timeout=10)
        assert refused.value.code in (403, 404)


@pytest.mark.parametrize("state", ["missing", "damaged"])
def test_a_start_without_a_usable_index_does_not_end_in_a_traceback(
    index: Path, tmp_path: Path, state: str
) -> None:
    broken = tmp_path / "index"
    if state == "damaged":
        shutil.copytree(index, broken)
        target = next(broken.rglob("passages.jsonl"))
        target.write_bytes(target.read_bytes().replace(b"1", b"7", 1))
    command = [sys.executable, "-m", "app", "--index", str(broken), "--no-browser"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2
    assert "rag index" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""
