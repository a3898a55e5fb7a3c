"""What the browser tests share: a visitor, a server, and where a person can look."""

from __future__ import annotations

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
from playwright.sync_api import Browser, Page, expect

expect.set_options(timeout=8_000)  # Shared machines are slow; a right page answers in 0.2 s.

ROOT = Path(__file__).parent.parent.parent
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
CUT_SHORT = ("AbortError: signal is aborted", "Unexpected error Connection errored out")
WIDE, NARROW = (1280, 800), (390, 844)
TRAINING = "文水县五年来举办了多少场培训？"
HOSTILE = (
    "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=2>"
    "![图](http://evil.example/a.png)[点我](javascript:window.__pwned=3)"
    "<iframe src=javascript:alert(4)></iframe>${window.__pwned=5}{{window.__pwned=6}}"
    "</blockquote></article></section></aside>"
)


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

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Around what leaves the page: the requests that this cuts short are no errors.

        Gradio logs each open stream that ends with its page; whether one is open at that moment
        depends on how busy the machine is.
        """
        before = len(self.errors)
        yield
        expect(self.page.locator("#question textarea")).to_be_visible(timeout=20_000)
        new = self.errors[before:]
        self.errors[before:] = [e for e in new if not e.startswith(CUT_SHORT)]


def arrival(browser: Browser, size: tuple[int, int], theme: str) -> Visitor:
    """A Chinese visitor in a session of its own, with a window of this size."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        color_scheme=theme,  # type: ignore[arg-type]
    )
    context.set_default_timeout(20_000)
    return Visitor(context.new_page())


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(index: Path, port: int, log: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, str(ROOT / "tests/browser/server.py"), str(index), str(port)]
    command += options
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
