"""Late interaction against two plain loops."""

# ruff: noqa: RUF001
from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.encoder import load_word_vectors
from rag.index import lexical_text
from rag.rerank import FLOOR, LateInteraction
from rag.retrieval import Searcher

QUESTIONS = ["五年办了多少场技能培训", "给跑车送餐的师傅建会", "ＬＥＤ", "培训 培训 培训"]


@pytest.fixture(scope="module")
def late(searcher: Searcher) -> LateInteraction:
    return searcher.index.late


@pytest.fixture(scope="module")
def units(searcher: Searcher) -> list[NDArray[np.int32]]:
    return searcher.index.words


def naive(late: LateInteraction, question: str, unit: NDArray[np.int32]) -> float:
    """Σ over the question's words of weight times the highest cosine, cosines below the floor as 0,
    or what a word said instead is worth, where that is more."""
    vectors = load_word_vectors().vectors
    words = late.question(question)
    total = 0.0
    for column, (word, weight) in enumerate(zip(words.ids, words.weights, strict=True)):
        best = max((float(vectors[word] @ vectors[other]) for other in unit), default=0.0)
        for other in chain.from_iterable(words.instead.values()):
            if column in other.columns and set(other.ids) <= set(unit.tolist()):
                best = max(best, other.worth)
        total += float(weight) * (min(best, 1.0) if best >= FLOOR else 0.0)
    return total


@pytest.mark.parametrize("question", QUESTIONS)
def test_scores_are_those_of_two_plain_loops(
    late: LateInteraction, units: list[NDArray[np.int32]], question: str
) -> None:
    none = np.array([], dtype=np.int32)  # in the middle and at both ends
    some = [none, *units[:20:9], none, none, *units[20::9], none]
    found = late.scores(late.question(question), some)
    expected = [naive(late, question, unit) for unit in some]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert found.max() > 0


def test_stored_words_are_those_of_the_passages(
    searcher: Searcher, late: LateInteraction, units: list[NDArray[np.int32]]
) -> None:
    assert len(units) == len(searcher.index.passages)
    for passage, unit in zip(searcher.index.passages, units, strict=True):
        np.testing.assert_array_equal(unit, late.word_ids(lexical_text(passage)))


def test_weights_are_those_of_word_and_collection(
    late: LateInteraction, units: list[NDArray[np.int32]]
) -> None:
    words = load_word_vectors()
    asked = late.question("丰县技能培训班的劳动模范")
    df = [sum(word in unit for unit in units) for word in asked.ids]
    raw = [
        words.weights[word] * np.log1p((len(units) - n + 0.5) / (n + 0.5))
        for word, n in zip(asked.ids, df, strict=True)
    ]
    np.testing.assert_allclose(asked.weights, np.array(raw) / sum(raw), rtol=1e-4)
    assert len(asked.texts) == len(asked.ids)


@pytest.mark.parametrize("question", QUESTIONS)
def test_weights_sum_to_one_and_a_text_matches_itself(late: LateInteraction, question: str) -> None:
    asked = late.question(question)
    assert asked.weights.sum() == pytest.approx(1, abs=1e-5)
    assert len(set(asked.ids.tolist())) == len(asked.ids)
    assert late.scores(asked, [late.word_ids(question)])[0] == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("text", ["", "☃", "   "])
def test_question_without_known_words_scores_nothing(late: LateInteraction, text: str) -> None:
    asked = late.question(text)
    assert asked.weights.sum() == 0
    assert late.scores(asked, [late.word_ids("技能培训")]).tolist() == [0.0]
    assert late.scores(asked, []).tolist() == []


def test_unit_is_scored_the_same_in_any_company(
    late: LateInteraction, units: list[NDArray[np.int32]]
) -> None:
    asked = late.question(QUESTIONS[0])
    together = late.scores(asked, units)
    alone = [late.scores(asked, [unit])[0] for unit in units]
    np.testing.assert_allclose(together, alone, atol=1e-6)
