"""The draft made without a language model: sentences of the reports and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from rag import Assistant
from rag.extract import extract
from rag.retrieval import Searcher
from rag.types import Draft


def draft(searcher: Searcher, question: str) -> Draft:
    asked = searcher.analyse(question)
    return extract(asked, searcher.search(asked, 10), searcher.index)


@pytest.fixture(scope="module")
def drafts(searcher: Searcher, dev: list[dict[str, Any]]) -> list[Draft]:
    """The drafts of all labelled questions."""
    return [draft(searcher, row["question"]) for row in dev]


def test_every_statement_is_a_sentence_of_a_report(searcher: Searcher, drafts: list[Draft]) -> None:
    sentences = {(p.doc_id, s.start, s.end) for p in searcher.index.passages for s in p.sentences}
    for made in drafts:
        for statement in made.statements:
            [evidence] = statement.evidence
            assert (evidence.doc_id, evidence.start, evidence.end) in sentences
            text = searcher.index.documents[evidence.doc_id].text
            assert text[evidence.start : evidence.end] == evidence.quote == statement.text
            assert statement.focus in statement.text


def test_no_sentence_is_said_twice(drafts: list[Draft]) -> None:
    for made in drafts:
        places = [s.evidence for s in made.statements]
        assert len(set(places)) == len(places)


def test_draft_without_statements_says_why(drafts: list[Draft]) -> None:
    assert all(made.statements or made.reason for made in drafts)


def test_no_hits_make_no_answer(searcher: Searcher) -> None:
    made = extract(searcher.analyse("文水县五年办了多少场培训"), (), searcher.index)
    assert made.statements == ()
    assert made.reason


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("文水县五年来开展技能培训多少场", "600"),
        ("丰县改造提升工人文化宫投入了多少资金", "600万元"),
        ("朝阳市什么时候印发的产改实施方案", "2019年12月"),
    ],
)
def test_words_that_answer_are_marked(searcher: Searcher, question: str, word: str) -> None:
    assert word in draft(searcher, question).statements[0].focus


@pytest.mark.parametrize("place", ["文水县", "丰县", "阜宁县", "盐城市", "朝阳市"])
def test_answer_about_a_place_is_taken_from_its_report(assistant: Assistant, place: str) -> None:
    for asked in ("举办了多少场培训", "怎样加强党建引领", "有哪些职工服务"):
        for citation in assistant.ask(f"{place}{asked}？").citations:
            assert citation.region.endswith(place)


@pytest.mark.parametrize("question", ["2035年文水县培训了多少人？", "文水县2030年的实施方案"])
def test_another_year_is_not_answered_as_if_it_were_the_one_asked_for(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.state == "abstained" or "问题说的是" in answer.text
