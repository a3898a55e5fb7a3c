"""The aspect that a question asks of its subject is found, and how much of it a sentence says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant
from rag.aspects import ASPECTS, aspect, forms, said
from rag.sift import sift
from rag.text import normalise_question

CHINESE = st.text(st.characters(categories=["Lo", "Nd", "Po"]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("文水农民工驿站能不能过夜住宿？", "过夜住宿"),
        ("文水师带徒活动里，当师傅的有没有带徒津贴？", "带徒津贴"),
        ("文水让工人兼职当工会副主席，发不发补贴？", "发补贴"),
        ("文水劳模犯了错，称号会不会被取消？", "被取消"),
        ("徐小宝是怎么当上工匠的？", "当上工匠的"),
        ("丰县为什么把窗口设在文化宫一楼？", "把窗口设在文化宫一楼"),
        ("文水县铸造行业的师傅带过徒弟吗？", "文水县铸造行业的师傅带过徒弟"),
        ("宣传之后，职工的想法有什么变化？", "职工的想法有什么变化"),
        ("文水县五年来举办了多少场培训？", ""),
    ],
)
def test_words_behind_whether_and_how_are_the_aspect(question: str, words: str) -> None:
    assert aspect(normalise_question(question)) == words


def test_form_of_a_question_is_told_apart() -> None:
    assert forms("能不能过夜")["whether"] == forms("涨了没有?")["whether"] == 1.0
    assert forms("怎么评的")["how"] == forms("为什么选它")["why"] == 1.0
    assert forms("搞完后来怎么样了")["after"] == forms("由哪些部门组成")["made of"] == 1.0
    assert not any(forms("举办了多少场培训?").values())


def test_sentence_that_says_the_aspect_is_told_from_one_that_does_not(
    assistant: Assistant,
) -> None:
    index = assistant.searcher.index

    def best(question: str) -> float:
        asked = assistant.searcher.analyse(question)
        found = sift(asked, assistant.searcher.search(asked, 10), index).placed
        spoken = next(c for c in found if "农民工驿站" in c.text)
        told = said(asked, spoken, index)
        assert set(told) == set(ASPECTS)
        assert all(0.0 <= value <= 1.0 + 1e-6 for value in told.values())
        return told["aspect"]

    assert best("文水农民工驿站是不是在工会办公楼一楼？") > 0.8
    assert best("文水农民工驿站能不能打乒乓球？") < 0.6


@given(CHINESE)
def test_no_question_stops_the_finder(text: str) -> None:
    assert isinstance(aspect(text), str)
    assert set(forms(text).values()) <= {0.0, 1.0}
