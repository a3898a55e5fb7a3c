"""Suggestions are questions of a natural form that the assistant answers, and new ones."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from rag import Assistant, Passage
from rag.questioning import inquiries
from rag.retrieval import Filters
from rag.suggest import suggest
from rag.types import Span

TRAINING = "文水县五年来举办了多少场培训？"
FUNDS = "文水县财政每年安排多少专项资金用于高技能人才队伍建设？"


def passage(text: str, region: str = "江苏省/盐城市/阜宁县") -> Passage:
    """One passage of one sentence."""
    span = Span(0, len(text))
    return Passage("x", 0, len(text), text, "", "", "", region, "2023", "", (span,))


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("三年来,新建基层工会212个,", "阜宁县新建了多少个基层工会？", "212个"),
        ("累计组建行业工会8个。", "阜宁县组建了多少个行业工会？", "8个"),
        ("组建12个产业职教联盟,", "阜宁县组建了多少个产业职教联盟？", "12个"),
        ("三年累计资助450名一线职工(农民工)提升学历,", "阜宁县资助了多少名一线职工提升学历？", "450名"),
        ("为60名女职工提供家政培训服务。", "阜宁县为多少名女职工提供了家政培训服务？", "60名"),
        ("发放慰问金150余万元;", "阜宁县发放了多少慰问金？", "150余万元"),
        ("投资600万元对文化宫(服务中心)进行改造。", "阜宁县投资了多少钱对文化宫进行改造？", "600万元"),
        ("提供就业岗位80余万个次,", "阜宁县提供了多少个就业岗位？", "80余万个次"),
        ("2022年8月举办阜宁县第二届职业技能大赛,", "阜宁县是什么时候举办第二届职业技能大赛的？", "2022年8月"),
        ("2019年12月,县委、县政府印发了《产改实施方案》,", "阜宁县是什么时候印发《产改实施方案》的？", "2019年12月"),
    ],
)  # fmt: skip
def test_a_sentence_becomes_the_question_a_person_would_ask(
    sentence: str, question: str, answer: str
) -> None:
    one = passage(sentence)
    (found,) = inquiries(one)
    assert found.text == question
    assert one.text[found.start : found.end] == answer


@pytest.mark.parametrize(
    "sentence",
    [
        "沛县总工会组建行业工会8个。",  # another place than the report's
        "江苏今达公司培养技术能手30名。",  # a company's figure is not the county's
        "覆盖职工群众近11万人次,",  # attendances are asked for otherwise
        "评选各类先进32人,新建该类工会5个,",  # nobody knows which
        "工会组织规范运作的占90%以上,",
        "开展“暖心关爱”活动30次,",  # a name in quotation marks, cut, is no name
        "第三届大赛,8月18日召开了推进产改工作会议。",  # a date without its year
        "发放资金250余万元,",
    ],
)
def test_what_would_sound_wrong_is_not_asked(sentence: str) -> None:
    assert list(inquiries(passage(sentence))) == []


def test_no_question_is_made_without_a_place_to_name() -> None:
    assert list(inquiries(passage("新建基层工会212个。", region=""))) == []


def test_nothing_is_suggested_that_is_not_answered(
    assistant: Assistant, dev: list[dict[str, Any]]
) -> None:
    helped = 0
    for row in dev[::4]:
        answer = assistant.ask(row["question"])
        suggested = suggest(assistant, answer)
        assert len(suggested) <= 3
        assert len(set(suggested)) == len(suggested)
        helped += bool(suggested)
        for question in suggested:
            assert question.endswith("？")
            assert len(question) <= 34
            follow_up = assistant.ask(question, [(row["question"], answer.text)])
            assert follow_up.state == "answered", question
            assert follow_up.citations[0].focus, question
            known = {(c.doc_id, c.start) for c in answer.citations}
            first = follow_up.citations[0]
            assert (first.doc_id, first.start) not in known, "the reader has this sentence already"
    assert helped >= len(dev[::4]) * 0.7


def test_a_fact_that_the_answer_tells_is_not_asked_again(assistant: Assistant) -> None:
    """The figure stands in two sentences of the report; one of them is quoted."""
    answer = assistant.ask("阜宁县产改三年，提档升级了多少个基层工会？")
    assert suggest(assistant, answer)
    for question in suggest(assistant, answer):
        assert "265" not in assistant.ask(question).text


def test_a_refusal_leads_to_the_place_that_answers(assistant: Assistant) -> None:
    answer = assistant.ask(FUNDS)
    assert answer.state == "abstained"
    first, *_ = suggest(assistant, answer)
    assert first == FUNDS.replace("文水县", "丰县")
    assert "500万元" in assistant.ask(first).text


@pytest.mark.parametrize("question", ["帮我写一首诗。", "今天天气怎么样？"])
def test_nothing_is_suggested_after_a_task(assistant: Assistant, question: str) -> None:
    assert suggest(assistant, assistant.ask(question)) == ()


def test_a_question_asked_before_is_not_suggested(assistant: Assistant) -> None:
    answer = assistant.ask(TRAINING)
    first = suggest(assistant, answer)
    assert first
    again = suggest(assistant, answer, before=[f" {first[0]} "])
    assert again
    assert first[0] not in again


def test_a_comparison_does_not_lead_to_one_of_its_places_only(assistant: Assistant) -> None:
    answer = assistant.ask("文水县和丰县的技能大赛各有多少个比赛项目（工种）？")
    assert {question[:2] for question in suggest(assistant, answer)} == {"文水", "丰县"}


def test_an_answer_about_one_place_does_not_lead_anywhere_else(assistant: Assistant) -> None:
    """A question that names no place is about the one its answer comes from."""
    answer = assistant.ask("对凌钢“五位一体”案例作出肯定批示的领导是谁？")
    assert {question[:3] for question in suggest(assistant, answer)} == {"朝阳市"}


def test_the_filters_hold_for_suggestions(assistant: Assistant) -> None:
    filters = Filters(region="江苏省/盐城市/阜宁县")
    answer = assistant.ask("新建了多少个基层工会？", filters=filters)
    suggested = suggest(assistant, answer, filters)
    assert suggested
    assert all(question.startswith("阜宁县") for question in suggested)
    assert suggest(assistant, answer, Filters(published_from="2030")) == ()


def test_no_chat_model_is_asked(assistant: Assistant) -> None:
    class Refusing:
        name, timeout = "模型", 1.0

        def __getattr__(self, name: str) -> object:
            raise AssertionError("the model was called")

    with_model = Assistant(assistant.searcher, Refusing())  # type: ignore[arg-type]
    answer = dataclasses.replace(assistant.ask(TRAINING), mode="llm")
    assert suggest(with_model, answer) == suggest(assistant, answer)
