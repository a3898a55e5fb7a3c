"""Folding keeps a true map back to the text; questions are cleaned once and for good."""

# ruff: noqa: RUF001
from __future__ import annotations

import contextlib
from difflib import SequenceMatcher

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import MAX_QUESTION_CHARS
from rag.errors import QuestionError
from rag.text import (
    fold,
    fold_with_map,
    longest_run,
    normalise_question,
    overlap,
    simplify,
    squeeze,
)

# What reports and keyboards hold: Han, both widths, both cases, marks, ligatures, spaces, invisibles.
TEXT = st.text(
    st.one_of(
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5),
        st.sampled_from(
            "０９Ａｚ（），．：％〇①㎡㈠½…“”《》、。 \u3000\n\tABCxyz0123456789,.%\u200b\u200d\ufeff\u202e"
        ),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("３.２万人（次）", "3.2万人(次)"),
        ("ＬＥＤ照明", "led照明"),
        ("培\u200b训\ufeff", "培训"),
        ("\u202e人工\u202c", "人工"),
        ("", ""),
        ("İ", "i̇"),
    ],
)
def test_fold_makes_widths_and_cases_one(text: str, folded: str) -> None:
    assert fold(text) == folded


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_folded_text_maps_back_to_the_characters_it_came_from(text: str) -> None:
    folded, offsets = fold_with_map(text)
    assert folded == squeeze(text)
    assert len(folded) == len(offsets)
    assert offsets == sorted(offsets)
    for char, offset in zip(folded, offsets, strict=True):
        assert char in fold(text[offset])


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert squeeze(squeeze(text)) == squeeze(text)


@pytest.mark.parametrize(
    ("typed", "searched"),
    [
        ("文水縣辦了多少場培訓？", "文水县办了多少场培训?"),
        ("２０２２年　ＬＥＤ", "2022年 LED"),
        ("文\u200b水\u200d县\ufeff", "文水县"),
        ("  丰县\n\t工会  ", "丰县 工会"),
        ("\u202e丰县\u202c工会", "丰县工会"),
        ("丰县\x00工会\x07", "丰县 工会"),
        ("丰县\ud800工会\ue000", "丰县工会"),
        ("做了甚麼", "做了什么"),
    ],
)
def test_question_is_searched_in_one_form(typed: str, searched: str) -> None:
    assert normalise_question(typed) == searched


@pytest.mark.parametrize(
    "blank",
    ["", " ", "\u3000", "\n\t", "\u200b\u200d", "？？?", "……", "\x00", "\ud800", "、“”"],
    ids=ascii,
)
def test_blank_question_is_an_error(blank: str) -> None:
    with pytest.raises(QuestionError, match="空"):
        normalise_question(blank)


@pytest.mark.parametrize("size", [MAX_QUESTION_CHARS + 1, 100_000])
def test_overlong_question_is_an_error_that_names_the_limit(size: int) -> None:
    with pytest.raises(QuestionError, match=str(MAX_QUESTION_CHARS)):
        normalise_question("问" * size)


def test_longest_question_is_accepted() -> None:
    assert len(normalise_question("问" * MAX_QUESTION_CHARS)) == MAX_QUESTION_CHARS


@pytest.mark.parametrize("thing", [None, 5, b"abc", ["x"]])
def test_question_that_is_no_text_is_an_error(thing: object) -> None:
    with pytest.raises(QuestionError):
        normalise_question(thing)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=200)
@given(TEXT)
def test_normal_question_stays_as_it_is(text: str) -> None:
    try:
        once = normalise_question(text)
    except QuestionError:
        return
    assert normalise_question(once) == once


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_normalised_or_refused(text: str) -> None:
    with contextlib.suppress(QuestionError):
        assert normalise_question(text).strip()


def test_question_that_unfolds_to_more_than_the_limit_is_refused_or_cut() -> None:
    """One character may become eighteen under NFKC."""
    with contextlib.suppress(QuestionError):
        assert len(normalise_question("ﷺ" * MAX_QUESTION_CHARS)) <= MAX_QUESTION_CHARS


@pytest.mark.parametrize(
    ("a", "b", "length"),
    [
        ("甲乙丙", "乙丙丁", 2),
        ("甲 乙", "甲乙", 2),
        ("甲", "乙", 0),
        ("", "甲", 0),
        ("１２", "12", 2),
    ],
)
def test_overlap_is_the_common_span(a: str, b: str, length: int) -> None:
    assert overlap(a, b) == length


@given(st.text("工会产改", max_size=24), st.text("工会产改", max_size=24))
def test_longest_run_is_that_of_the_plain_comparison(a: str, b: str) -> None:
    plain = SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size
    assert longest_run(a, b) == longest_run(b, a) == plain


def test_simplified_text_is_not_simplified_once_more() -> None:
    # Character by character, all of them: the converter needs two steps for some.
    hanzi = [chr(i) for i in range(0x4E00, 0xA000)]
    assert simplify("薴") == "苎"
    assert [c for c in hanzi if simplify(simplify(c)) != simplify(c)] == []
