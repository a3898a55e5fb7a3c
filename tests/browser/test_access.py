"""Readable for everybody: what axe-core checks, focus order, names."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files

import pytest
from chromium import NARROW, TRAINING, WIDE, Visitor
from playwright.sync_api import Page, expect

COMPARISON = "文水县和丰县的技能大赛各有多少个比赛项目（工种）？"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
REFUSED = "文水县财政每年安排多少专项资金用于高技能人才队伍建设？"
# What axe leaves to a person to judge is no finding, but for this: names that nobody reads out.
UNSURE = ["aria-prohibited-attr"]


def views(visitor: Visitor) -> list[tuple[str, Callable[[Page], object]]]:
    """Each state a person can be in, and how to get there from the one before."""
    page = visitor.page
    return [
        ("first", lambda p: None),
        ("answer", lambda p: visitor.ask(COMPARISON)),
        ("export", lambda p: p.locator(".export summary").click()),
        ("report", lambda p: (p.keyboard.press("Escape"), p.locator("a.cite").first.click())),
        ("reports", lambda p: _open(p, "报告")),
        ("history", lambda p: _open(p, "历史")),
        ("refusal", lambda p: (page.keyboard.press("Escape"), visitor.ask(REFUSED))),
        ("scope", lambda p: (page.keyboard.press("Escape"), p.locator("#scope summary").click())),
    ]


def _open(page: Page, name: str) -> None:
    page.keyboard.press("Escape")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.locator("#reader h2")).to_be_visible()


@pytest.mark.parametrize(("size", "theme"), [(WIDE, "light"), (NARROW, "dark")])
def test_axe_finds_nothing(
    visit: Callable[..., Visitor], size: tuple[int, int], theme: str
) -> None:
    visitor = visit(size, theme)
    page = visitor.page
    found = {}
    for name, go in views(visitor):
        go(page)
        page.wait_for_timeout(600)
        page.evaluate(AXE)
        result = page.evaluate("axe.run()")
        unsure = [item for item in result["incomplete"] if item["id"] in UNSURE]
        for violation in result["violations"] + unsure:
            where = [node["html"][:160] for node in violation["nodes"][:3]]
            found[f"{name}: {violation['id']}"] = where
    assert found == {}


def test_a_keyboard_gets_everywhere(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    page = visitor.page
    page.locator("#show-history").focus()
    reached = []
    for _ in range(24):
        reached.append(
            page.evaluate(
                """() => { const e = document.activeElement;
                return `${e.tagName}.${e.id || e.className}`.split(" ")[0]; }"""
            )
        )
        page.keyboard.press("Tab")
    order = ["BUTTON.show-history", "BUTTON.show-reports", "BUTTON.restart", "A.cite", "A.more"]
    order += ["A.act", "SUMMARY.", "TEXTAREA."]
    at = [next((i for i, r in enumerate(reached) if r.startswith(o)), -1) for o in order]
    assert -1 not in at, reached
    assert at[:5] == sorted(at[:5]), reached


def test_nothing_one_can_use_is_without_a_name(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.ask(TRAINING)
    visitor.page.locator("a.cite").first.click()
    expect(visitor.page.locator(".report")).to_be_visible()
    nameless = visitor.page.locator("button:visible, input:visible, select, textarea").evaluate_all(
        """all => all.filter(e => !(e.textContent.trim() || e.ariaLabel || e.labels?.length
             || e.title || e.placeholder)).map(e => e.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
