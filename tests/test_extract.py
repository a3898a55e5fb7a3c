"""The draft made without a language model: sentences of the reports and nothing else."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opencc import OpenCC

from rag import Assistant, build_index
from rag.extract import extract
from rag.extract import statement as cut_to
from rag.names import people
from rag.retrieval import Searcher
from rag.sift import sift
from rag.types import Draft, Hit

ROOT = Path(__file__).resolve().parents[1]


def draft(searcher: Searcher, question: str) -> Draft:
    asked = searcher.analyse(question)
    return extract(asked, searcher.search(asked, 10), searcher.index)


@pytest.fixture(scope="module")
def drafts(searcher: Searcher, dev: list[dict[str, Any]]) -> list[Draft]:
    """The drafts of all labelled questions."""
    return [draft(searcher, row["question"]) for row in dev]


def test_every_statement_is_whole_sentences_of_a_report(
    searcher: Searcher, drafts: list[Draft]
) -> None:
    spans = [(p.doc_id, s) for p in searcher.index.passages for s in p.sentences]
    starts, ends = {(d, s.start) for d, s in spans}, {(d, s.end) for d, s in spans}
    for made in drafts:
        for statement in made.statements:
            [evidence] = statement.evidence
            assert (evidence.doc_id, evidence.start) in starts
            assert (evidence.doc_id, evidence.end) in ends
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


def test_comparison_is_no_way_around_the_refusal_of_tasks(assistant: Assistant) -> None:
    answer = assistant.ask("写一首关于文水和丰县的诗")
    assert answer.state == "abstained"
    assert "不是可以从报告中查到" in answer.reason


def test_place_without_a_report_is_not_silently_left_out_of_a_comparison(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("阜宁、朝阳和昆山的工会各做了哪些法律援助？")
    assert answer.state == "partial"
    assert "昆山" in answer.text
    assert "更多" not in answer.text
    assert "最多" not in answer.text


def test_leaving_out_the_search_of_other_places_changes_no_answer(
    searcher: Searcher, dev: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = "文水县财政每年安排多少专项资金用于高技能人才队伍建设？"
    looked: list[str] = []

    def drafted(question: str) -> Draft:
        asked = searcher.analyse(question)

        def elsewhere() -> list[Hit]:
            looked.append(question)
            return searcher.search(replace(asked, places=()), 10)

        return extract(asked, searcher.search(asked, 10), searcher.index, elsewhere)

    questions = [known, *(row["question"] for row in dev)]
    drafts = [drafted(question) for question in questions]
    few = set(looked)
    assert known in few
    assert "有丰县的相关内容" in drafts[0].reason
    monkeypatch.setattr("rag.sift.SURE", math.inf)
    assert [drafted(question) for question in questions] == drafts
    assert len(few) < len(set(looked)) / 2


def test_fact_known_of_another_county_only_is_not_answered_with_the_next_best(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("文水县财政每年安排多少专项资金用于高技能人才队伍建设？")
    assert answer.state == "abstained"
    assert "有丰县的相关内容，没有文水县的" in answer.reason


def test_new_subject_after_a_question_is_not_answered_from_the_old_one(
    assistant: Assistant,
) -> None:
    first = "文水县五年来举办了多少场培训？"
    answer = assistant.ask("红烧肉怎么做？", history=[(first, assistant.ask(first).text)])
    assert answer.searched == "红烧肉怎么做?"
    assert answer.state == "abstained"


def test_report_in_traditional_characters_is_found_and_quoted_as_printed(tmp_path: Path) -> None:
    text = (ROOT / "corpus" / "002-阜宁县.md").read_text(encoding="utf-8")
    head, body = text.split("---\n", 2)[1:]
    traditional = OpenCC("s2t").convert(body)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "a.md").write_text(f"---\n{head}---\n{traditional}", encoding="utf-8")
    build_index(tmp_path / "corpus", tmp_path / "index")
    assistant = Assistant.load(str(tmp_path / "index"))
    answer = assistant.ask("疫情让企业经营吃紧，阜宁工会系统专门开展了什么行动？")
    assert "暖工助企" in answer.text
    citation = answer.citations[0]
    document = assistant.document(citation.doc_id)
    assert document.text[citation.start : citation.end] == citation.quote
    assert "開展" in citation.quote
    # 员 stands there as 員 only, 职 as 職: found only when the searched text is simplified.
    assert assistant.searcher.index.lexical.scores("员").max() > 0
    late = assistant.searcher.search("阜宁县在哪里建立职工法律援助中心", 1)[0].late
    assert late > 0.6, "words of a traditional report must match those of a simplified question"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        # The contest is told, its winners are not.
        ("丰县第十三届技能大比武的冠军是谁？", "获奖"),
        ("丰县第十三届技能大比武的一等奖是哪家单位？", "获奖"),
        # Another person's employer stands in the same sentence.
        ("朝阳选树的先进典型司亚东是哪个单位的工人？", "单位"),
        # A number of companies is no list of them.
        ("阜宁县每年培树的10家“幸福企业”都是哪几家？", "逐项"),
        # Of a town inside the city, and of a national body, others hold the office.
        ("盐城市总工会主席叫什么名字？", "姓名"),
        ("朝阳市委书记是谁？", "姓名"),
        # A byline is no office.
        ("林红岭在丰县总工会任什么职务？", "职务"),
    ],
)
def test_detail_that_the_reports_leave_out_is_not_answered_with_its_surroundings(
    assistant: Assistant, question: str, reason: str
) -> None:
    answer = assistant.ask(question)
    assert answer.state == "abstained", answer.text
    assert reason in answer.reason


def test_names_in_a_row_are_names(assistant: Assistant) -> None:
    answer = assistant.ask("朝阳选树推荐的先进典型有谁？")
    assert answer.state == "answered"
    assert all(name in answer.text for name in ("司亚东", "韩学柱", "王金星"))
    assert people("高标准、高质量、高水平推进，安全、金融等行业") == ()


def test_date_without_a_date_does_not_ride_along(assistant: Assistant) -> None:
    answer = assistant.ask("文水县集中表彰劳模 每人奖钱的那回 是哪年哪月的事")
    assert "2022年2月" in answer.text
    assert "2023年" not in answer.text


def test_heading_in_the_line_is_not_given_as_the_whole_answer(assistant: Assistant) -> None:
    answer = assistant.ask("丰县是怎样加强财政保障支持的？")
    assert "每年安排500万元" in answer.text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "江心洲船厂为什么停了三号船坞？",
            "闸门漏水，两次险些淹了船坞。因此江心洲船厂停了三号船坞。",
        ),
        ("江心洲船厂对船坞做了哪几项整修？", "更换闸门；第二，加固坞墙；第三，重装水泵。"),
    ],
)
def test_sentence_is_not_quoted_without_the_one_it_leans_on(
    tmp_path: Path, question: str, told: str
) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "船厂.txt").write_text(
        "江心洲船厂船坞整修纪实\n\n"
        "2021年夏天，闸门漏水，两次险些淹了船坞。因此江心洲船厂停了三号船坞。工人们转到二号船坞。\n\n"
        "江心洲船厂对船坞做了三项整修：第一，更换闸门；第二，加固坞墙；第三，重装水泵。"
        "整修用了四个月。\n",
        encoding="utf-8",
    )
    build_index(tmp_path / "corpus", tmp_path / "index")
    answer = Assistant.load(str(tmp_path / "index")).ask(question)
    assert told in answer.text, answer.text
    assert all(len(c.quote) > 20 for c in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "工会会员每个月要交工资的百分之几当会费？",
        "文水县女职工占百分之几？",
        "丰县职工对工会的满意度是百分之几？",
    ],
)
def test_share_of_something_else_is_no_answer(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).state == "abstained"


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("文水五一奖章里工人不能少于百分之几？", "60%"),
        ("阜宁的先进典型有几成是党员？", "70%以上"),
        ("阜宁那八百多号标杆人物里头，党员占几成？", "70%以上"),  # 其中: of those before
        ("丰县的企业培训钱至少几成要花给一线？", "60%以上"),
    ],
)
def test_share_asked_for_in_other_words_is_not_refused(
    assistant: Assistant, question: str, share: str
) -> None:
    assert share in assistant.ask(question).text


def test_figure_of_the_question_is_not_given_back_as_the_answer(assistant: Assistant) -> None:
    answer = assistant.ask("朝阳的149个创新工作室当中，省级的占多少个？")
    assert answer.state == "abstained", answer.text


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "丰县发挥典型示范作用，搞了什么评选，又在媒体上推出了什么系列报道？",
            ("丰县工匠", "丰工在行动"),
        ),
        (
            "给班组长上课的张五行老师是哪个机构的，下面坐了多少人听？",
            ("陈百加", "近百名"),
        ),
    ],
)
def test_second_thing_asked_is_not_left_unanswered(
    assistant: Assistant, question: str, told: tuple[str, ...]
) -> None:
    answer = assistant.ask(question)
    assert all(words in answer.text for words in told), answer.text


def test_clause_cut_to_fit_does_not_open_inside_a_quotation(searcher: Searcher) -> None:
    asked = searcher.analyse("阜宁广泛开展了什么活动？")
    found = sift(asked, searcher.search(asked, 10), searcher.index).placed
    sentence = next(c for c in found if "“当好主力军,建功新时代”" in c.text)
    cut = {cut_to(asked, sentence, searcher.index, "", limit).text for limit in range(60, 150, 3)}
    assert len(cut) > 2
    for text in cut:
        assert text.count("“") == text.count("”"), text


def test_sentence_of_another_month_is_set_aside_where_one_of_that_month_is_found(
    searcher: Searcher,
) -> None:
    asked = searcher.analyse("12月8日谁到丰县调研产改？")
    told = [c.text for c in sift(asked, searcher.search(asked, 10), searcher.index).usable]
    assert any(text.startswith("12月8日") for text in told)
    assert not any(text.startswith("9月8日") for text in told)
