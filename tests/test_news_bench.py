"""The measurement on news articles: its questions and its counting, without the articles."""

from __future__ import annotations

import importlib
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILLER = "会议还讨论了其他事项，与会者交流了各自的做法。" * 10


@pytest.fixture
def news(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.news")


def test_questions_are_well_formed(news: ModuleType) -> None:
    rows = news.read_questions()
    assert len({row["id"] for row in rows}) == len({row["question"] for row in rows}) == len(rows)
    halves: dict[str, str] = {}
    for row in rows:
        assert row["type"] in news.TYPES
        assert 1 <= len(row["answers"]) <= 3
        # Longer strings would be text of the articles, which may not stand here.
        assert all(0 < len(answer) <= 40 for answer in row["answers"]), row["id"]
        # A question that holds its answer would be won by repeating it.
        assert not any(answer in row["question"] for answer in row["answers"]), row["id"]
        assert halves.setdefault(row["article"], row["half"]) == row["half"]
    counts = Counter(halves.values())
    assert set(counts) == set(news.HALVES)
    assert abs(counts["open"] - counts["sealed"]) <= 1


def test_collection_holds_the_wanted_first_and_then_others(news: ModuleType) -> None:
    articles = [f"2023-08-0{i}，正文：第{i}篇。{FILLER}" for i in range(1, 8)]
    wanted = [news.article_id(articles[4]), news.article_id(articles[1])]
    texts = news.collect([*articles, "太短，正文：不收。", articles[0]], wanted, 3)
    assert [number for number, _ in texts] == [0, 1, 2, 3, 4]
    assert [text[:4] for _, text in texts[:2]] == ["第5篇。", "第2篇。"]
    assert len({text for _, text in texts}) == 5
    assert texts == news.collect(reversed(articles), wanted, 3)
    with pytest.raises(SystemExit, match="1 of 2"):
        news.collect(articles[:4], wanted, 3)


def test_a_second_report_of_an_event_is_left_out(news: ModuleType) -> None:
    event = "青石桥水库周二开闸放水，下游三个村子的两百多户居民已经提前转移到镇上的学校。"
    other = "白塔乡的小学修好了操场，孩子们九月开学就能用上新跑道，家长们都说等了很多年。"
    chosen = [f"正文：{event}{FILLER}", f"正文：今日要闻两则。{FILLER}"]
    again, elsewhere = f"正文：据报道，{event}", f"正文：{other}{FILLER}"
    # What both chosen articles hold, as a site's own lines, makes no report a second one.
    assert news.unrelated(chosen, [again, elsewhere], 5) == [elsewhere]


def test_a_number_is_held_only_whole(news: ModuleType) -> None:
    holds = importlib.import_module("benchmarks.unseen").holds
    assert holds("到手价，599 元。", ["599元"])
    assert not holds("首发1599元。", ["599元"])
    assert not holds("共计1,599元。", ["599元"])
    assert holds("共来了3家单位。", ["四家", "3家"])


def test_measures_each_half_and_shows_the_open_one_alone(news: ModuleType) -> None:
    asked = {
        "open": ("清河镇的图书馆今年新到一批书，共有3120册。", "清河镇图书馆今年新到多少册书？"),
        "sealed": ("白塔乡的小学修好了操场，一共花了56万元。", "白塔乡小学修操场花了多少钱？"),
    }
    articles = [f"正文：{fact}{FILLER}" for fact, _ in asked.values()]
    rows = [
        # No text holds this string: a miss of either half.
        {"id": half, "article": news.article_id(article), "type": "figure", "half": half}
        | {"question": question, "answers": ["九千九百"]}
        for (half, (_, question)), article in zip(asked.items(), articles, strict=True)
    ]
    report, missed = news.measure(articles, rows, "both")
    assert "| **open: all** | 1 | 0.0 |" in report
    assert "| **sealed: all** | 1 | 0.0 |" in report
    assert [line.split()[1] for line in missed] == ["open"]
    rows[1]["answers"] = ["56万元"]
    report, missed = news.measure(articles, rows, "sealed")
    assert "| **sealed: all** | 1 | 100.0 |" in report
    assert "open" not in report
    assert not missed
