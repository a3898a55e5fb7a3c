"""What to ask next, and what can be taken away from a comparison, in a real browser."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from chromium import NARROW, TRAINING, WIDE, Visitor, in_view, overflow
from PIL import Image
from playwright.sync_api import Page, Route, expect

COMPARISON = "文水县和丰县的技能大赛各有多少个比赛项目（工种）？"
FUNDS = "文水县财政每年安排多少专项资金用于高技能人才队伍建设？"
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


@SIZES
def test_a_suggestion_is_asked_by_a_click_and_answered(
    visit: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    visitor = visit(size)
    visitor.ask(TRAINING)
    page = visitor.page
    suggested = page.locator(".next button")
    expect(suggested).to_have_count(3)
    texts = suggested.all_inner_texts()
    assert TRAINING not in texts
    assert len(set(texts)) == 3
    assert overflow(page) <= 0
    assert in_view(page, ".next li:last-child button")
    suggested.first.click()
    expect(page.locator(".asked").last).to_have_text(texts[0])
    expect(page.locator(".answer.answered .after")).to_have_count(2)
    expect(page.locator(".answer a.cite").last).to_be_attached()
    # The older answer's are gone from view, and none is asked again.
    expect(page.locator(".next").first).to_be_hidden()
    expect(page.locator(".next").last).to_be_visible()
    assert not {TRAINING, texts[0]} & set(
        page.locator(".next").last.locator("li").all_inner_texts()
    )


@SIZES
def test_a_refusal_does_not_end_the_conversation(
    visit: Callable[..., Visitor], size: tuple[int, int]
) -> None:
    visitor = visit(size)
    visitor.ask(FUNDS)
    page = visitor.page
    expect(page.locator(".answer.abstained .next p")).to_have_text("可以改问")
    button = page.get_by_role("button", name=FUNDS.replace("文水县", "丰县"))
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".answer.answered").last).to_contain_text("500万元")
    assert overflow(page) <= 0


def test_nothing_is_suggested_where_nothing_is_near(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.ask("今天天气怎么样？")
    expect(visitor.page.locator(".next")).to_have_count(0)


def test_a_conversation_that_is_opened_again_can_be_gone_on_with(
    visit: Callable[..., Visitor],
) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    page = visitor.page
    texts = page.locator(".next li").all_inner_texts()
    page.get_by_role("button", name="新对话").click()
    expect(page.locator(".next li")).to_have_count(0)  # what is opened sooner is closed again
    page.get_by_role("button", name="历史", exact=True).click()
    page.locator(".reopen").first.click()
    expect(page.locator(".next li")).to_have_text(texts)


def taken(page: Page, name: str, folder: Path) -> Path:
    """The file that an entry of the export menu gives."""
    page.locator(".export summary").last.click()
    with page.expect_download() as download:
        page.get_by_role("link", name=name).last.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


@SIZES
def test_the_table_and_the_bars_of_a_comparison_can_be_taken_away(
    visit: Callable[..., Visitor], size: tuple[int, int], tmp_path: Path
) -> None:
    visitor = visit(size)
    visitor.ask(COMPARISON)
    page = visitor.page
    page.locator(".export summary").last.click()
    for entry in page.locator(".export .menu a").all():
        box = entry.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size[0]
    page.keyboard.press("Escape")
    sheet = taken(page, "Excel", tmp_path)
    assert re.fullmatch(r"对照表-\d{4}-\d\d-\d\d\.xlsx", sheet.name)
    rows = [list(row) for row in openpyxl.load_workbook(sheet).active.values]
    plain = list(csv.reader(io.StringIO(taken(page, "CSV", tmp_path).read_text("utf-8-sig"))))
    assert [[cell or "" for cell in row] for row in rows] == plain
    assert [row[:2] for row in rows[1:3]] == [["文水县", "26个"], ["丰县", "41个"]]
    page.evaluate(RECORD)
    picture = taken(page, "图片", tmp_path)
    assert re.fullmatch(r"对照图-\d{4}-\d\d-\d\d\.png", picture.name)
    check_bars(Image.open(picture).convert("RGB"))
    written, ends = zip(*page.evaluate("window.written"), strict=True)
    assert max(ends) <= 960  # half of its pixels: nothing runs off its edge
    *lines, bars = "".join(written[:-4]).partition("来源："), written[-4:]
    assert bars == ("文水县", "26个", "丰县", "41个")
    assert lines == [(COMPARISON, "来源：", "；".join(row[3] for row in rows[1:3]))]


def test_a_picture_of_a_follow_up_is_not_headed_by_half_a_question(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    visitor = visit()
    visitor.ask(COMPARISON)
    visitor.ask("哪个更多？")
    page = visitor.page
    page.evaluate(RECORD)
    taken(page, "图片", tmp_path)
    title = "".join(text for text, _ in page.evaluate("window.written")).partition("来源：")[0]
    assert "文水县和丰县的技能大赛" in title
    assert "哪个更多" in title


def test_a_download_that_fails_is_not_silent(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    page = visitor.page
    stale = "报告已更新，保存的回答不再有效，请重新提问。"
    refuse: list[tuple[Callable[[Route], None], str]] = [
        (lambda route: route.fulfill(status=409, body=stale), stale),
        (lambda route: route.abort(), "连不上服务器，没有导出。"),
    ]
    for answer, told in refuse:
        page.unroute_all()
        page.route("**/export", answer)
        page.locator(".export summary").last.click()
        page.get_by_role("link", name="Markdown").last.click()
        expect(page.locator("#said")).to_have_text(told)
    # The browser's own note of each; nothing else went wrong.
    assert all("Failed to load resource" in error for error in visitor.errors)
    visitor.errors.clear()


# Keeps what is written into pictures from here on.
RECORD = """() => {
  const pen = CanvasRenderingContext2D.prototype;
  const write = pen.fillText;
  window.written = [];
  pen.fillText = function (text, x, y) {
    window.written.push([text, x + this.measureText(text).width]);
    write.call(this, text, x, y);
  };
}"""


def check_bars(image: Image.Image) -> None:
    """Two bars in the proportion of 26 to 41 on white, with writing above, beside and below.

    The longer one takes the room there is, and the figure after it has enough.
    """
    assert image.width == 1920
    blue, white = (29, 79, 124), (255, 255, 255)
    rows = [
        [x for x in range(image.width) if image.getpixel((x, y)) == blue]
        for y in range(image.height)
    ]
    lengths = [max(row) - min(row) for row in rows if len(row) > 100]
    assert min(lengths) / max(lengths) == pytest.approx(26 / 41, abs=0.02)
    first = next(y for y, row in enumerate(rows) if len(row) > 100)
    last = max(y for y, row in enumerate(rows) if len(row) > 100)
    left = min(x for row in rows if len(row) > 100 for x in row)
    right = max(x for row in rows if len(row) > 100 for x in row)
    assert right > 0.85 * image.width
    for part in (
        (0, 0, image.width, first),
        (0, first, left, last),
        (right + 1, first, image.width - 80, last),
        (0, last + 1, image.width, image.height),
    ):
        written = image.crop(part)
        assert written.getpixel((2, 2)) == white
        assert len(set(written.getdata())) > 10, part
