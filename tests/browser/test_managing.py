"""A person adds a report, describes it, rebuilds and asks; a colleague cannot."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from chromium import NARROW, ROOT, TRAINING, WIDE, Visitor, arrival, free_port, overflow, serving
from playwright.sync_api import Browser, Page, Route, expect
from test_access import AXE

from rag import build_index

PASSWORD = "vier richtige 词"
ASKED = "新县举办了多少场陶艺培训班？"
NEW = "新县产改纪实\n\n新县2023年举办陶艺培训班77场。\n\n" + "".join(
    f"新县第{n}车间在{n}月里办了{n}次安全讲座。\n\n" for n in range(100, 500)
)
Enter = Callable[..., Visitor]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder of reports and its index, for one test to change."""
    (tmp_path / "corpus").mkdir()
    for report in (ROOT / "corpus").glob("0*.md"):
        shutil.copy(report, tmp_path / "corpus")
    build_index(str(tmp_path / "corpus"), str(tmp_path / "index"))
    return tmp_path


@pytest.fixture
def enter(place: Path, browser: Browser) -> Iterator[Enter]:
    """Starts a server with these options at the first call; each call is one more visitor."""
    port, visitors = free_port(), list[Visitor]()
    running = []

    def enter(*options: str, size: tuple[int, int] = WIDE, theme: str = "light") -> Visitor:
        if not running:
            server = serving(place / "index", port, place / "log", *options)
            server.__enter__()
            running.append(server)
        visitor = arrival(browser, size, theme)
        visitors.append(visitor)
        visitor.page.on("pageerror", lambda error: visitor.errors.append(str(error)))
        visitor.page.goto(f"http://127.0.0.1:{port}")
        expect(visitor.page.locator("#question textarea")).to_be_visible(timeout=20_000)
        return visitor

    yield enter
    errors = [list(v.errors) for v in visitors]  # Before leaving cuts the pages' streams short.
    for visitor in visitors:
        visitor.page.context.close()
    for server in running:
        server.__exit__(None, None, None)
    assert errors == [[] for _ in visitors]


def manage(page: Page) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("button", name="管理", exact=True).click()
    expect(page.locator(".manage h2")).to_be_visible()


def drop(page: Page, *files: tuple[str, str | bytes]) -> None:
    """Files dragged from the desktop and dropped on the page."""
    carried = page.evaluate_handle(
        """files => { const carried = new DataTransfer();
        for (const [name, bytes] of files)
          carried.items.add(new File([new Uint8Array(bytes)], name));
        return carried; }""",
        [[n, list(c.encode() if isinstance(c, str) else c)] for n, c in files],
    )
    zone = page.locator(".dropzone")
    zone.dispatch_event("dragover", {"dataTransfer": carried})
    expect(zone).to_have_class("dropzone over")
    zone.dispatch_event("drop", {"dataTransfer": carried})


def rebuild(page: Page) -> None:
    page.get_by_role("button", name="重建索引").click()
    expect(page.locator(".status")).to_contain_text("重建完成", timeout=30_000)


def test_a_word_file_comes_in_by_the_picker_and_by_dropping(enter: Enter) -> None:
    page = enter("--manage").page
    manage(page)
    made = []
    for text in (NEW, "另一份报告的正文。"):
        document, out = docx.Document(), io.BytesIO()
        document.add_paragraph(text)
        document.save(out)
        made.append(out.getvalue())
    picker = page.locator(".dropzone input[type=file]")
    expect(picker).to_have_attribute("accept", ".txt,.md,.docx")
    picker.set_input_files({"name": "选的.docx", "mimeType": "", "buffer": made[0]})
    item = page.locator('.entries > li[data-name="选的.docx"]')
    expect(item.locator(".badge")).to_have_text("新增，待重建")
    item.get_by_label("来源").fill("新县工会")
    item.get_by_role("button", name="保存").click()
    expect(item).to_contain_text("新县工会")
    drop(page, ("拖的.DOCX", made[1]), ("又.docx", made[0]))
    expect(page.locator('.entries > li[data-name="拖的.docx"]')).to_be_visible()
    expect(page.locator(".told li")).to_contain_text("与已有的“选的.docx”相同")


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_a_new_report_does_not_need_a_command_line(
    enter: Enter, size: tuple[int, int], theme: str
) -> None:
    visitor = enter("--manage", "--slow-build", size=size, theme=theme)
    page = visitor.page
    visitor.ask(ASKED)
    expect(page.locator(".answer").last).to_have_class("answer abstained")
    manage(page)
    drop(page, ("新县.txt", NEW), ("表格.pdf", "x"), ("空.txt", ""))
    told = page.locator(".told li")
    expect(told).to_have_count(2)
    expect(told.nth(0)).to_contain_text(re.compile("“表格.pdf”没有收下.*另存为 .docx"))
    expect(told.nth(1)).to_contain_text("“空.txt”没有收下：文件为空")
    item = page.locator('.entries > li[data-name="新县.txt"]')
    expect(item.locator(".badge")).to_have_text("新增，待重建")
    expect(item.get_by_label("标题")).to_have_value("新县产改纪实")
    expect(item.get_by_label("地区")).to_be_focused()
    item.get_by_label("发布日期").fill("去年")
    item.get_by_role("button", name="保存").click()
    expect(item.get_by_role("alert")).to_contain_text("看不懂发布日期“去年”")
    item.get_by_label("发布日期").fill("2023年5月6日")
    item.get_by_label("来源").fill("新县工会")
    item.get_by_label("地区").fill("河南省信阳市新县")
    item.get_by_label("地区").press("Enter")
    expect(item.locator("form")).to_have_count(0)
    expect(item.locator(".meta").first).to_have_text("河南省信阳市新县2023年5月6日新县工会")
    assert overflow(page) <= 0

    page.get_by_role("button", name="重建索引").click()
    bar = page.get_by_role("progressbar", name="重建进度")
    expect(page.locator(".status")).to_contain_text("正在计算语义向量（")
    share = float(str(bar.evaluate("bar => bar.value / bar.max")))
    assert 0 < share <= 1  # full by the time it is read, where the machine is busy
    if size == WIDE:  # The old index answers meanwhile.
        visitor.ask(TRAINING)
        expect(page.locator(".answer").last).to_contain_text("600余场")
        manage(page)
    expect(page.locator(".status")).to_contain_text("重建完成：6份报告", timeout=30_000)
    expect(page.locator(".badge")).to_have_count(0)
    assert overflow(page) <= 0

    page.keyboard.press("Escape")
    visitor.ask(ASKED)
    expect(page.locator(".answer").last).to_contain_text("77场")
    page.locator("a.cite").last.click()
    expect(page.locator(".report h2")).to_have_text("新县产改纪实")
    expect(page.locator(".report mark.n1 strong")).to_have_text("77场")
    page.keyboard.press("Escape")
    page.locator("#scope summary").click()
    expect(page.locator("#scope option[value='河南省/信阳市/新县']")).to_have_count(1)
    page.keyboard.press("Escape")

    manage(page)
    gone = page.get_by_role("button", name="移除：新县产改纪实")
    gone.click()
    expect(gone).to_have_text("再点一次，移除")
    gone.click()
    expect(page.locator(".entries > li")).to_have_count(5)
    expect(page.locator(".status")).to_contain_text("移除1份，还没有重建")
    rebuild(page)
    page.keyboard.press("Escape")
    visitor.ask(ASKED)
    expect(page.locator(".answer").last).to_have_class("answer abstained")
    # The old answer's citation leads into a report that is no longer there.
    page.locator("a.cite").last.click()
    expect(page.locator("#said")).to_contain_text("没有编号为“新县”的报告")
    manage(page)
    page.locator(".bin summary").click()
    page.get_by_role("button", name="放回：新县.txt").click()
    expect(page.locator(".entries > li")).to_have_count(6)
    assert overflow(page) <= 0


def test_a_colleague_does_not_get_in_without_the_password(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setenv("RAG_MANAGE_PASSWORD", PASSWORD)
    page = enter().page
    manage(page)
    box = page.get_by_label("密码")
    expect(box).to_be_focused()
    expect(page.locator(".manage")).not_to_contain_text("文水")
    box.fill("falsch")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("密码不对。")
    box.fill(PASSWORD)
    box.press("Enter")
    expect(page.locator(".entries > li")).to_have_count(5)
    other = enter().page  # Another person's browser is not let in by that.
    manage(other)
    expect(other.get_by_label("密码")).to_be_visible()
    page.get_by_role("button", name="退出管理").click()
    expect(page.get_by_label("密码")).to_be_visible()
    assert PASSWORD not in (place / "log").read_text()
    assert PASSWORD not in page.content()


def test_an_ended_session_does_not_lose_the_way_back(
    enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_MANAGE_PASSWORD", PASSWORD)
    page = enter().page
    manage(page)
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".entries > li")).to_have_count(5)
    page.context.clear_cookies()
    page.get_by_role("button", name="重建索引").click()
    expect(page.get_by_label("密码")).to_be_visible()
    expect(page.locator("#said")).to_have_text("请先输入密码。")


def test_a_report_of_the_same_name_is_neither_overwritten_nor_dropped(enter: Enter) -> None:
    page = enter("--manage").page
    manage(page)
    drop(page, ("000-文水县.txt", "文水县新稿\n\n文水县有工人88名。"))
    told = page.locator(".told li")
    expect(told).to_contain_text("已有同名而内容不同的“000-文水县.md”")
    told.get_by_role("button", name="两份都留").click()
    expect(page.locator('.entries > li[data-name="000-文水县-2.txt"] form')).to_be_visible()
    expect(told).to_have_count(0)
    page.locator(".dropzone input").set_input_files(
        [{"name": "000-文水县.txt", "mimeType": "text/plain", "buffer": "又一稿。".encode()}]
    )
    told.get_by_role("button", name="换成新的").click()
    expect(page.locator('.entries > li[data-name="000-文水县.txt"]')).to_be_visible()
    expect(page.locator('.entries > li[data-name="000-文水县.md"]')).to_have_count(0)
    expect(page.locator(".bin summary")).to_have_text("移除的报告（1份）")
    # Whoever leaves the view in the middle of an upload finds the report later.
    held: list[Route] = []
    page.route("**/manage/add?*", lambda route: held.append(route))
    drop(page, ("新.txt", "新的一份。"))
    page.get_by_role("button", name="返回", exact=True).click()
    expect(page.locator(".manage")).to_be_hidden()
    assert held
    held[0].continue_()
    expect(page.locator("#said")).to_have_text("收下了“新.txt”。")
    manage(page)
    expect(page.locator('.entries > li[data-name="新.txt"]')).to_be_visible()


def test_what_is_being_typed_is_not_lost_when_the_list_changes(enter: Enter) -> None:
    page = enter("--manage").page
    manage(page)
    page.get_by_role("button", name="修改：阜宁县").click()
    form = page.locator(".describe")
    expect(form.get_by_label("标题")).to_be_focused()
    form.get_by_label("来源").fill("盐阜大众报")
    drop(page, ("新.txt", "新的一份。"))
    expect(page.locator(".describe")).to_have_count(2)
    rebuild(page)
    typed = page.locator('.entries > li[data-name="002-阜宁县.md"]').get_by_label("来源")
    expect(typed).to_have_value("盐阜大众报")
    typed.press("Escape")
    expect(page.locator(".describe")).to_have_count(1)
    expect(page.get_by_role("button", name="修改：阜宁县")).to_be_focused()
    expect(page.locator(".manage")).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_the_view_is_readable_for_everybody(
    enter: Enter, size: tuple[int, int], theme: str
) -> None:
    page = enter("--manage", size=size, theme=theme).page
    manage(page)
    drop(page, ("新.txt", "新的一份。"), ("x.pdf", "x"))
    expect(page.locator(".describe")).to_be_visible()
    nameless = page.locator(".manage").evaluate(
        """view => [...view.querySelectorAll("button, input")].filter(e => !(e.textContent.trim()
             || e.ariaLabel || e.labels?.length)).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
    reached = set()
    page.locator(".manage h2").focus()
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("document.activeElement.name || document.activeElement.className")
        )
    assert {"rebuild go", "edit", "remove", "title", "source", "region", "published"} <= reached
    page.wait_for_timeout(600)
    page.evaluate(AXE)
    result = page.evaluate("axe.run()")
    found = [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in result["violations"]]
    assert found == []
