"""How fast the web chat is for a person: `python -m benchmarks.page`. Needs Chromium.

The real server in a process of its own, a real browser, each visit with an empty cache. Usable
is the page when the question box takes typing and the page's own scripts have run. First words
are the first characters of the answer on the page after Enter; whole is the answer with what
can be done with it and what to ask next. Timed in the page itself. Nothing is asserted.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.common import QUESTIONS, ROOT, table, write_corpus

_VISITS = 7
_ASKED = 4  # questions a visit
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
# A phone's processor is several times slower than this machine's.
VIEWS = (("1280 × 800", (1280, 800), 1), ("390 × 844, CPU slowed 4 ×", (390, 844), 4))
_USABLE = """() => document.querySelector("#question textarea:not(:disabled)")
  && document.querySelector("#said") && performance.now()"""
_LOADED = """() => { const all = performance.getEntriesByType("resource");
  const page = performance.getEntriesByType("navigation")[0];
  const kb = all.reduce((sum, one) => sum + one.transferSize, page.transferSize) / 1024;
  return { requests: all.length + 1, kb }; }"""
# Counts from the key press to what is on the page, without waiting for this program.
_WATCH = """() => { const seen = window.seen = {};
  document.addEventListener("keydown", () => seen.start ??= performance.now(), true);
  const answers = document.querySelectorAll(".answer").length;
  new MutationObserver(() => {
    const last = document.querySelectorAll(".answer")[answers];
    if (!last || last.matches(".pending") || !last.textContent) return;
    seen.words ??= performance.now() - seen.start;
    if (last.querySelector(".after")) seen.whole ??= performance.now() - seen.start;
  }).observe(document.body, { childList: true, subtree: true, characterData: true }); }"""
Figures = dict[str, list[float]]


@contextmanager
def served() -> Iterator[tuple[str, float]]:
    """(address, milliseconds until it answered) of a server over the five reports."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        corpus, index = write_corpus(folder, []), folder / "index"
        build = [sys.executable, "-m", "rag.cli", "index", "--corpus", corpus, "--index", index]
        subprocess.run(build, check=True, capture_output=True, cwd=ROOT)
        command = [sys.executable, "-m", "app", "--no-browser", "--index", index]
        start = time.perf_counter()
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [*command, "--port", str(port)], cwd=ROOT, stdout=log, stderr=log
            )
            try:
                address = f"http://127.0.0.1:{port}"
                _wait(f"{address}/health", server)
                yield address, 1000 * (time.perf_counter() - start)
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(20)


def _wait(url: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise SystemExit("the web chat did not start")


def visit(page: Any, address: str, asked: Sequence[str]) -> Figures:
    """One visit: the page from an empty cache, then questions one after the other."""
    page.goto(address, wait_until="commit")
    usable = page.wait_for_function(_USABLE, timeout=120_000).json_value()
    loaded = page.evaluate(_LOADED)
    figures: Figures = {"usable": [usable], "words": [], "whole": []}
    for question in asked:
        page.locator("#question textarea").fill(question)
        page.evaluate(_WATCH)
        page.keyboard.press("Enter")
        seen = page.wait_for_function("() => seen.whole && seen", timeout=60_000).json_value()
        figures["words"].append(seen["words"])
        figures["whole"].append(seen["whole"])
    return figures | {name: [value] for name, value in loaded.items()}


def measure(browser: Any, address: str, size: tuple[int, int], slower: int) -> Figures:
    """All visits of one kind together."""
    lines = (QUESTIONS / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    together: Figures = {}
    for number in range(_VISITS):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        page = context.new_page()
        slow = {"rate": slower}
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", slow)
        asked = questions[number * _ASKED : (number + 1) * _ASKED]
        for name, values in visit(page, address, asked).items():
            together.setdefault(name, []).extend(values)
        context.close()
    return together


ROWS = (
    ("the page is usable", "usable", "ms"),
    ("loaded for it", "kb", "kB"),
    ("in requests", "requests", ""),
    ("first words of an answer", "words", "ms"),
    ("the whole answer, with what to ask next", "whole", "ms"),
)


def told(values: Sequence[float], unit: str) -> str:
    """Median and range."""
    low, middle, high = (f"{v:,.0f}" for v in np.percentile(values, (0, 50, 100)))
    return f"{middle} {unit}".strip() + (f" ({low}–{high})" if low != high else "")


def main() -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        raise SystemExit('Playwright is not installed: pip install -e ".[test]"') from None
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not installed: apt install chromium")
    with served() as (address, start), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        columns = [measure(browser, address, size, slower) for _, size, slower in VIEWS]
        browser.close()
    rows = [[name, *(told(figures[key], unit) for figures in columns)] for name, key, unit in ROWS]
    counts = f"median (range) of {_VISITS} visits, {_ASKED} questions each"
    print(table([counts, *(name for name, *_ in VIEWS)], rows))
    print(f"\nFrom starting `rag chat` to its first reply: {start:,.0f} ms.")


if __name__ == "__main__":
    main()
