"""What programs and operators use: endpoints, health, the log, a busy server."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest
from chromium import TRAINING, free_port, serving
from gradio_client import Client
from gradio_client.exceptions import AppError
from playwright.sync_api import Browser, expect


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def test_a_program_does_not_get_hits_without_their_place(client: Client) -> None:
    hits = client.predict(TRAINING, 3, api_name="/search")
    assert [hit["rank"] for hit in hits] == [1, 2, 3]
    assert "培训600余场" in hits[0]["passage"]["text"]
    assert {"doc_id", "start", "end", "source", "published"} <= set(hits[0]["passage"])
    elsewhere = client.predict(TRAINING, 3, region="江苏省", api_name="/search")
    assert all(hit["passage"]["region"].startswith("江苏省") for hit in elsewhere)


def test_a_program_does_not_get_an_answer_without_its_proof(client: Client) -> None:
    answer = client.predict(TRAINING, api_name="/ask")
    assert answer["state"] == "answered"
    assert "600余场" in answer["citations"][0]["quote"]
    history = [[TRAINING, answer["text"]]]
    after = client.predict("那劳动模范有多少名？", history, api_name="/ask")
    assert "文水" in after["searched"]


def test_a_program_is_told_what_was_wrong(client: Client) -> None:
    for arguments, reason in (
        ({"question": " "}, "问题"),
        ({"question": TRAINING, "region": "火星"}, "火星"),
        ({"question": TRAINING, "published_from": "去年"}, "去年"),
    ):
        with pytest.raises(AppError, match=reason):
            client.predict(**arguments, api_name="/ask")
    with pytest.raises(AppError, match="k"):
        client.predict(TRAINING, 0, api_name="/search")


def test_the_endpoints_are_described(client: Client) -> None:
    told = client.view_api(return_format="dict")["named_endpoints"]
    assert set(told) == {"/search", "/ask"}
    assert [p["parameter_name"] for p in told["/ask"]["parameters"]][:2] == ["question", "history"]


def test_health_is_told(address: str) -> None:
    with urllib.request.urlopen(f"{address}/health", timeout=10) as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        told = json.load(answer)
    assert told["status"] == "ok"
    assert told["documents"] == 6


@pytest.mark.parametrize("options", [(), ("--log-questions",)])
def test_questions_are_in_the_log_only_when_that_is_wanted_and_a_full_server_says_so(
    browser: Browser, index: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    port, log = free_port(), tmp_path / "log"
    with serving(index, port, log, "--tiny-queue", *options):
        contexts = [browser.new_context(locale="zh-CN") for _ in range(1 if options else 3)]
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.goto(f"http://127.0.0.1:{port}")
            expect(page.locator("#question textarea")).to_be_visible()
        for page in pages:
            page.locator("#question textarea").fill(f"测试慢{TRAINING}")
            page.keyboard.press("Enter")
            page.wait_for_timeout(400)
        if len(pages) > 1:
            expect(pages[-1].locator("[data-testid=toast-text]")).to_contain_text("太多，请稍后")
            expect(pages[-1].locator("#question textarea")).to_have_value(f"测试慢{TRAINING}")
        for page in pages[:2]:
            expect(page.locator(".answer .after")).to_be_attached()
        for context in contexts:
            context.close()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    answered = [line for line in lines if line["message"] == "answered"]
    assert len(answered) == len(pages[:2])
    assert all(line["question_chars"] == 18 and line["ms"] >= 3000 for line in answered)
    assert ("培训" in "".join(map(str, lines))) is bool(options)
