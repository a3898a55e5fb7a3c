"""The real assistant, a real server, Chromium; each started once for the whole run."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chromium import CHROMIUM, FLAGS, HOSTILE, ROOT, WIDE, Visitor, arrival, free_port, serving
from playwright.sync_api import Browser, ConsoleMessage, Request, expect, sync_playwright

from rag import build_index

if CHROMIUM is None and not os.environ.get("CI"):
    collect_ignore_glob = ["test_*.py"]  # Needs: apt-get install chromium fonts-noto-cjk


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


# By module: an open sync Playwright keeps an event loop running, in which no async test can run.
@pytest.fixture(scope="module")
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
        visitor = arrival(browser, size, theme)
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
        errors = list(visitor.errors)  # Before the page is left: that cuts its streams short.
        visitor.page.context.close()
        assert (visitor.outside, visitor.dialogs, errors) == ([], [], [])
