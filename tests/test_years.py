"""A year asked about that the report does not give."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant, build_index


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (
            "2020年阜宁县给小微企业返还了多少工会经费?",
            "有阜宁县的相关内容，没有写明2020年的",
        ),
        ("盐城市2021年的三级试点企业是多少家?", "有盐城市的相关内容，没有写明2021年的"),
        ("2025年阜宁县给小微企业返还了多少工会经费?", "没有写明2025年的"),
        ("2015年文水县开展技能培训多少场?", "没有写明2015年的"),  # 五年来, told in 2023
        ("2021年文水县的农民工驿站设在哪里?", "没有写明2021年的"),
        ("2014年朝阳市办了多少场招聘活动?", "没有写明2014年的"),  # 近年来, told in 2024
        ("2018年丰县培养了多少入党积极分子?", "有2019年的相关内容，没有2018年的"),
    ],
)
def test_fact_without_a_year_is_not_given_for_any_year(
    assistant: Assistant, question: str, reason: str
) -> None:
    answer = assistant.ask(question)
    assert answer.state == "abstained"
    assert answer.reason.endswith(reason)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("2022年阜宁县给小微企业返还了多少工会经费?", "800多万元"),  # told in February 2023
        ("盐城市2022年的三级试点企业是多少家?", "1036家"),
        ("2020年丰县培养了多少入党积极分子?", "227人"),  # 自2019年以来
        ("2020年以来丰县培养了多少入党积极分子?", "227人"),
        ("2020年文水县开展技能培训多少场?", "600余场"),  # 五年来
        ("2018年阜宁培树多少家幸福企业?", "10家"),  # 每年
        ("2020年朝阳市办了多少场招聘活动?", "3500余场次"),  # 近年来
        ("2021年盐城试点的镇街有多少个?", "9个"),  # 去年
        # 9月23日召开会议。对企业(2019年8月试点)下发清单: the day before it dates it.
        ("2020年9月23日丰县给哪六家试点企业下发了产改任务清单?", "宗申车业"),
    ],
)
def test_fact_of_a_span_or_of_the_report_year_is_not_refused(
    assistant: Assistant, question: str, word: str
) -> None:
    assert word in assistant.ask(question).text


def test_question_that_states_a_year_is_corrected_and_not_refused(assistant: Assistant) -> None:
    answer = assistant.ask("2016年阜宁怎么落实小微企业工会经费支持政策?")
    assert answer.state == "answered"
    assert answer.text.startswith("问题说的是2016年，原文没有写明年份。")


def test_other_matter_of_the_year_is_not_given_in_its_stead(assistant: Assistant) -> None:
    assert assistant.ask("2019年丰县设了哪些服务项目?").state == "abstained"
    assert "74名" not in assistant.ask("2022年文水县的五一劳动奖章是多少名?").text


def test_year_that_the_report_named_before_or_a_report_without_a_date_is_not_refused(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    dated = "---\ntitle: 江心洲船厂记事\npublished: 2023-06-01\n---\n\n"
    (folder / "a.md").write_text(
        f"{dated}2019年,江心洲船厂搬到了新址。\n\n船厂的食堂添置了蒸箱40台。\n", encoding="utf-8"
    )
    (folder / "b.md").write_text("柳湾砖窑的库房里存放着青砖600块。\n", encoding="utf-8")
    build_index(folder, tmp_path / "index")
    assistant = Assistant.load(str(tmp_path / "index"))
    assert "40台" in assistant.ask("2019年江心洲船厂的食堂添置了多少台蒸箱?").text
    assert assistant.ask("2018年江心洲船厂的食堂添置了多少台蒸箱?").state == "abstained"
    assert "600块" in assistant.ask("2018年柳湾砖窑的库房里存放着多少块青砖?").text


@pytest.mark.parametrize(
    "question", ["2020年12月徐州市总工会谁到丰县调研产改？", "12月8日谁到丰县调研产改？"]
)
def test_visit_of_another_month_is_not_given_for_the_one_asked_about(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert "王子华" in answer.text
    assert "马文刚" not in answer.text


def test_day_without_a_year_is_not_confirmed_for_a_year_it_cannot_be_of(
    assistant: Assistant,
) -> None:
    # The report is of 2021 and tells of 12月8日: of 2020, perhaps of 2021, never of 2018.
    assert "王子华" in assistant.ask("2020年12月8日徐州市总工会谁到丰县调研？").text
    assert assistant.ask("2018年12月8日徐州市总工会谁到丰县调研？").state == "abstained"
