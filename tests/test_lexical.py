"""BM25 against the formula itself, on the real passages."""

# ruff: noqa: RUF001
from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from rag.errors import IndexDamagedError
from rag.index import lexical_text
from rag.lexical import LexicalIndex, terms
from rag.retrieval import Searcher

K1, B = 1.2, 0.75
QUESTIONS = [
    "文水县五年办了多少场培训",
    "LED 照明 2020",
    "3.2万人(次)",
    "的的的",
    "快递小哥 快递小哥",
    "zzz",
    "",
]


def oracle(texts: list[str], query: str) -> list[float]:
    """BM25 as Lucene computes it: Σ ln(1 + (N-df+½)/(df+½)) · tf / (tf + k1·(1-b+b·|d|/avg))."""
    split = [terms(text) for text in texts]
    average = sum(map(len, split)) / len(split)
    scores = []
    for row in split:
        score = 0.0
        for term in terms(query):
            df = sum(term in other for other in split)
            tf = row.count(term)
            idf = math.log(1 + (len(split) - df + 0.5) / (df + 0.5))
            score += idf * tf / (tf + K1 * (1 - B + B * len(row) / average))
        scores.append(score)
    return scores


@pytest.fixture(scope="module")
def texts(searcher: Searcher) -> list[str]:
    return [lexical_text(p) for p in searcher.index.passages]


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_are_those_of_the_formula(
    searcher: Searcher, texts: list[str], question: str
) -> None:
    found = searcher.index.lexical.scores(question)
    assert found.shape == (len(texts),)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, oracle(texts, question), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("产业工人", ["产", "业", "工", "人", "产业", "业工", "工人"]),
        ("ＬＥＤ灯2022年", ["led", "灯", "2022", "年"]),
        ("3.2万", ["3.2", "万"]),
        ("５G", ["5", "g"]),
        ("技\u200b能", ["技", "能", "技能"]),
        ("技，能", ["技", "能"]),
        ("カード", ["カ", "ー", "ド", "カー", "ード"]),
        ("Привет工人", ["привет", "工", "人", "工人"]),
        ("café", ["caf", "é"]),
        ("", []),
        ("！？", []),
    ],
)
def test_terms(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


def test_index_read_from_disk_scores_as_the_one_that_was_saved(
    texts: list[str], tmp_path: Path
) -> None:
    fresh = LexicalIndex(texts)
    fresh.save(tmp_path)
    loaded = LexicalIndex.load(tmp_path)
    for question in QUESTIONS:
        np.testing.assert_array_equal(loaded.scores(question), fresh.scores(question))


def test_unknown_terms_score_nothing(searcher: Searcher) -> None:
    assert not searcher.index.lexical.scores("zzz ☃ ひらがな").any()


@pytest.mark.parametrize("texts", [["产业工人"], ["产业", "产业"], ["", "产业"], ["！", "工人"]])
def test_tiny_collections(texts: list[str]) -> None:
    found = LexicalIndex(texts).scores("产业工人")
    np.testing.assert_allclose(found, oracle(texts, "产业工人"), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("texts", [[""], ["！？", "☃"]])
def test_collection_without_a_single_term_scores_nothing(texts: list[str], tmp_path: Path) -> None:
    fresh = LexicalIndex(texts)
    fresh.save(tmp_path)
    for index in (fresh, LexicalIndex.load(tmp_path)):
        assert index.scores("产业工人").tolist() == [0.0] * len(texts)


def test_folder_that_holds_no_index_is_damage(tmp_path: Path) -> None:
    with pytest.raises(IndexDamagedError, match="rag index"):
        LexicalIndex.load(tmp_path)
