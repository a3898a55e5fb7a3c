"""The README's pictures, of the real page: `python tests/browser/screenshots.py`.

One a state of the page, written to docs/, with few colours: a page of text needs no more.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path

from chromium import CHROMIUM, FLAGS, NARROW, ROOT, TRAINING, WIDE, Visitor, free_port, serving
from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from rag import build_index

COMPARISON = "文水县和丰县的技能大赛各有多少个比赛项目（工种）？"
REFUSED = "文水县财政每年安排多少专项资金用于高技能人才队伍建设？"
COLOURS = 96


def _source(page: Page) -> None:
    page.locator("a.cite").first.click()
    expect(page.locator(".report mark").first).to_be_visible()


def _reports(page: Page) -> None:
    page.get_by_role("button", name="报告", exact=True).click()
    expect(page.locator(".library")).to_be_visible()


def _nothing(_: Page) -> None:
    """The answer is all there is to see."""


# Name, window, colours, question, what is done then.
STATES: tuple[tuple[str, tuple[int, int], str, str, Callable[[Page], None]], ...] = (
    ("answer", WIDE, "light", TRAINING, _source),
    ("comparison", WIDE, "light", COMPARISON, _nothing),
    ("refusal", WIDE, "light", REFUSED, _nothing),
    ("reports", WIDE, "light", TRAINING, _reports),
    ("dark", WIDE, "dark", COMPARISON, _nothing),
    ("phone", NARROW, "light", TRAINING, _nothing),
    ("phone-source", NARROW, "light", TRAINING, _source),
    ("phone-dark", NARROW, "dark", COMPARISON, _nothing),
)


def _take(browser: Browser, address: str, name: str, state: tuple[object, ...]) -> None:
    size, theme, question, then = state
    view = {"width": size[0], "height": size[1]}  # type: ignore[index]
    context = browser.new_context(viewport=view, locale="zh-CN", color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#question textarea")).to_be_visible(timeout=20_000)
    Visitor(page).ask(str(question))
    then(page)  # type: ignore[operator]
    page.wait_for_timeout(2_500)  # What flashes has come to rest.
    page.evaluate("document.activeElement.blur()")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(ROOT / "docs" / f"{name}.png", optimize=True)
    context.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        index, port = Path(scratch) / "index", free_port()
        build_index(str(ROOT / "corpus"), str(index))
        with serving(index, port, Path(scratch) / "log"):
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            for name, *state in STATES:
                _take(browser, f"http://127.0.0.1:{port}", name, tuple(state))
            browser.close()


if __name__ == "__main__":
    main()
