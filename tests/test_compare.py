"""Two things of one place set against each other."""

from __future__ import annotations

import pytest

from app.table import table_html
from rag import Assistant
from rag.compare import things


@pytest.mark.parametrize(
    ("question", "names"),
    [
        (
            "文水2022年的技能大赛和2023年的第二届大赛,哪一次比赛项目多?",
            ["文水2022年的技能大赛", "2023年的第二届大赛"],
        ),
        # 和 inside a name is no place to cut.
        (
            "丰县安全生产和劳动保护大赛,跟第十三届技能大比武比,哪个参加的人多?",
            ["丰县安全生产和劳动保护大赛", "第十三届技能大比武"],
        ),
        ("阜宁新建工会和提档升级的工会,哪个更多?", ["阜宁新建工会", "提档升级的工会"]),
        ("丰县发展对象和预备党员哪个人数少", ["丰县发展对象", "预备党员"]),
    ],
)
def test_a_question_about_two_things_is_not_cut_in_the_middle_of_one(
    question: str, names: list[str]
) -> None:
    assert [name for name, _ in things(question)] == names


@pytest.mark.parametrize(
    "question",
    [
        "文水县哪年培训的人最多？",
        "全市劳动模范和先进工作者哪年评得多",
        "文水县五年办了多少场培训和竞赛？",
        "谁得分最高",
        "和,哪个多",
        "",
    ],
)
def test_other_questions_are_not_taken_for_comparisons(question: str) -> None:
    assert things(question) == []


def test_one_of_two_events_is_not_left_out(assistant: Assistant) -> None:
    answer = assistant.ask("文水2022年的技能大赛和2023年的第二届大赛,哪一次比赛项目多?")
    assert answer.state == "answered"
    assert [c.focus for c in answer.citations] == ["13个", "26个"]
    assert len({s.label for s in answer.statements}) == 2
    assert "第二届大赛更多" in answer.text
    assert "地方" not in table_html(answer, 1)
    assert "地方" in table_html(assistant.ask("文水县和丰县的技能大赛各有多少个比赛项目？"), 1)


def test_what_one_sentence_tells_is_not_quoted_twice(assistant: Assistant) -> None:
    answer = assistant.ask("丰县发展对象和预备党员哪个人数少？")
    assert len(answer.citations) == 1
    assert "46人" in answer.text
    assert "30人" in answer.text


def test_another_event_is_not_taken_for_one_that_is_not_told(assistant: Assistant) -> None:
    answer = assistant.ask("文水2021年的技能大赛和2023年的第二届大赛,哪一次比赛项目多?")
    assert "2021年" not in "".join(s.label for s in answer.statements if "13个" in s.text)
