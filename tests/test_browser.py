"""The web chat in a real browser: the real assistant, a real server, Chromium."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from rag import build_index

expect.set_options(timeout=20_000)  # Shared machines are slow; a right page answers in 0.2 s.

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, NARROW = (1280, 800), (390, 844)
TRAINING = "文水县五年来举办了多少场培训？"
HOSTILE = (
    "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=2>"
    "![图](http://evil.example/a.png)[点我](javascript:window.__pwned=3)"
    "<iframe src=javascript:alert(4)></iframe>${window.__pwned=5}{{window.__pwned=6}}"
    "</blockquote></article></section></aside>"
)

if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("needs Chromium: apt-get install chromium fonts-noto-cjk", allow_module_level=True)


@dataclass
class Visitor:
    """One browser session and everything it should never have done."""

    page: Page
    outside: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Type, send, wait for the whole answer."""
        before = self.page.locator(".answer").count()
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".answer")).to_have_count(before + 1)
        expect(self.page.locator(".answer.pending")).to_have_count(0)
        last = self.page.locator(".answer").last
        expect(last.locator(".after").or_(last.locator(":scope.failed"))).to_be_attached()


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    corpus = tmp_path_factory.mktemp("corpus")
    for report in (ROOT / "corpus").glob("0*.md"):
        shutil.copy(report, corpus)
    (corpus / "hostile.md").write_text(
        f"---\ntitle: '恶县{HOSTILE}纪实'\nsource: '{HOSTILE}'\nregion: 甲省/恶市/恶县\n"
        f"published: 2023-05-06\n---\n\n恶县{HOSTILE}在2023年举办陶艺培训班77场。\n\n"
        f"恶县陶艺培训班还印着[1]和[2]，共有学员\u202e88\u202c名、教\u200b师9名。{'W' * 400}。\n",
        encoding="utf-8",
    )
    folder = tmp_path_factory.mktemp("index")
    build_index(corpus=str(corpus), index=str(folder))
    return folder


@pytest.fixture(scope="session")
def address(index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with serving(index, port, tmp_path_factory.mktemp("log") / "server.log") as server:
        yield f"http://127.0.0.1:{port}"
        server.terminate()
        assert server.wait(20) == 0, "the server does not end on SIGTERM"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(index: Path, port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(ROOT / "tests/browser_server.py"), str(index), str(port)]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output)
    try:
        _wait(f"http://127.0.0.1:{port}", server, log)
        yield server
    finally:
        server.kill()
        server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visitor]]:
    """Opens sessions; at the end each must be free of outside requests, dialogs and errors."""
    visitors: list[Visitor] = []

    def visit(size: tuple[int, int] = WIDE, theme: str = "light") -> Visitor:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            color_scheme=theme,  # type: ignore[arg-type]
        )
        visitor = Visitor(context.new_page())
        visitors.append(visitor)

        def request(asked: Request) -> None:
            if not asked.url.startswith((f"{address}/", "data:", "blob:")):
                visitor.outside.append(asked.url)

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                visitor.errors.append(message.text)

        visitor.page.on("request", request)
        visitor.page.on("console", console)
        visitor.page.on("pageerror", lambda error: visitor.errors.append(str(error)))
        visitor.page.on("dialog", lambda d: (visitor.dialogs.append(d.message), d.dismiss()))
        visitor.page.goto(address)
        expect(visitor.page.locator("#question textarea")).to_be_visible(timeout=20_000)
        return visitor

    yield visit
    for visitor in visitors:
        visitor.page.context.close()
        assert (visitor.outside, visitor.dialogs, visitor.errors) == ([], [], [])


def in_view(page: Page, selector: str) -> bool:
    """Whether a person can see the element: inside the window and not covered."""
    return bool(
        page.locator(selector).first.evaluate(
            """(element) => {
              const box = element.getBoundingClientRect();
              const x = box.x + Math.min(box.width, 20) / 2;
              const y = box.y + Math.min(box.height, 20) / 2;
              const top = document.elementFromPoint(x, y);
              return Boolean(top) && (element.contains(top) || top.contains(element));
            }"""
        )
    )


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what an animation brings about."""
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


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
    highlighted = page.locator(".turn mark.n1.flash")
    expect(highlighted.first).to_be_visible()
    eventually(lambda: in_view(page, ".turn mark.n1"))
    assert "培训600余场" in "".join(highlighted.all_inner_texts())
    expect(page.locator(".turn mark strong")).to_have_text("600余场")
    expect(page.locator(".source")).to_contain_text("山西省吕梁市文水县")
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
    assert "文水" not in first.page.locator("#desk").inner_text()
    assert "阜宁" not in second.page.locator("#talk").inner_text()


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
    assert all(re.fullmatch(r"#(src-\d+-\d+|sources-\d+)", href) for href in hrefs), hrefs
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
    from app.chat import EXAMPLES

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
