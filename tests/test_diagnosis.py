"""Why an answer is what it is: each thing that stops a sentence is told, and told as it was."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pytest

from rag import Assistant
from rag.choice import Choice, watched
from rag.diagnosis import parts, reasons, retrieved
from rag.evaluate import Labelled, evaluate, format_report
from rag.select import Candidate
from rag.types import Draft

CAMPAIGN = "8月19日组织全县单身男女职工举办“青春有佳缘,会聚凤凰城”青年联谊相亲活动"


def why(assistant: Assistant, question: str, *evidence: str) -> str:
    with watched() as choice:
        answer = assistant.ask(question)
    return "\n".join(reasons(assistant, answer, choice, evidence))


@pytest.mark.parametrize(
    ("question", "evidence", "told"),
    [
        ("文水县职工武术大赛有多少人参加？", "全县职工武术大赛", "被排除：有相近的内容，但没有写明相应的数字"),
        ("阜宁县评选了多少名县劳模？", "74名劳动模范中产业工人占比65%", "段落没有检索到（前 10 名之外，第"),
        ("阜宁县评选了多少名县劳模？", "这句话哪份报告都没有写过", "不在可检索的段落里"),
    ],
)  # fmt: skip
def test_what_stopped_the_evidence_is_not_passed_over(
    assistant: Assistant, question: str, evidence: str, told: str
) -> None:
    assert told in why(assistant, question, evidence)


def test_place_that_ruled_a_sentence_out_is_named(assistant: Assistant) -> None:
    told = why(assistant, "大丰区有多少家三级试点企业？", "编制市级一二类竞赛项目29个")
    assert re.search(r"因地点排除：问的是大丰区?，这句说的是盐城市", told)


def test_person_who_ruled_a_sentence_out_is_told(assistant: Assistant) -> None:
    with watched() as choice:
        answer = assistant.ask("朱冬梅的工资涨到了多少？")
    (sifting,) = choice.siftings
    other = next(c for c in sifting.placed if c not in sifting.personal)
    told = reasons(assistant, answer, choice, [other.text])
    assert told[-1].strip() == "因人物排除：这句说的不是问到的人。"


def test_scores_are_told_of_both_sentences_and_are_those_of_the_ranking(
    assistant: Assistant,
) -> None:
    with watched() as choice:
        answer = assistant.ask("丰县有多少人参加技能大赛？")
    (sifting,) = choice.siftings
    best, mine = sifting.usable[0], sifting.usable[-1]
    assert mine != best
    told = "\n".join(reasons(assistant, answer, choice, [mine.text]))
    assert f"得分 {mine.score:.2f} 对 {best.score:.2f}；差得最多：" in told
    assert f"{len(sifting.found)} 句中第 {sifting.found.index(mine) + 1} 名" in told


def test_year_that_rules_a_sentence_out_is_told(assistant: Assistant) -> None:
    told = why(assistant, "丰县第十二届技能大比武设了多少个工种？", "大赛共设41个比赛工种")
    assert "年份、届次不符" in told
    assert "第十二届" in told


def test_statement_that_the_prover_dropped_is_not_taken_for_one_never_chosen(
    assistant: Assistant,
) -> None:
    with watched() as choice:
        answer = assistant.ask("丰县第十三届技能大比武设了多少个工种？")
    assert choice.draft is not None
    forged = replace(choice.draft.statements[0], text="大赛共设52个比赛工种。")
    dropped = replace(answer, statements=(), citations=(), state="abstained", reason="没有证实")
    choice.draft = Draft((forged,))
    told = "\n".join(reasons(assistant, dropped, choice, [forged.evidence[0].quote]))
    assert "证明没有通过" in told
    assert "拒答理由：没有证实。" in told


def test_answer_to_the_unanswerable_is_explained_by_what_it_quotes(assistant: Assistant) -> None:
    told = why(assistant, "丰县招聘会介绍了多少农民工上岗？")
    assert "引用了“联合县人社局举办" in told
    assert re.search(r"相关程度（措辞覆盖加语义相似）\d\.\d\d，门槛 0\.36", told)


def test_passages_retrieved_are_listed(assistant: Assistant) -> None:
    answer = assistant.ask("文水县举办了什么青年联谊相亲活动？")
    lines = retrieved(answer)
    assert len(lines) == 3
    assert lines[0].startswith(f"1. 文水县：{answer.hits[0].passage.text[:9]}")


def test_features_of_another_ranker_are_not_left_out() -> None:
    @dataclass(frozen=True)
    class Fitted(Candidate):
        depth: float = 0.25

    values = {"order": 0.75}
    found = parts(
        Fitted(
            hit=None,
            span=None,
            text="",
            values=values,
            score=1.0,
            tells=0.5,
            shared=1.0,
            related=1.0,  # type: ignore[arg-type]
        )
    )
    assert found == {"depth": 0.25, "order": 0.75, "tells": 0.5}


def test_listening_neither_changes_an_answer_nor_outlasts_itself(assistant: Assistant) -> None:
    question = "文水县第二届职业技能大赛有多少个比赛项目？"
    with watched() as first:
        heard = assistant.ask(question)
    before = len(first.siftings)
    assert before
    assert assistant.ask(question) == heard
    assert len(first.siftings) == before
    with watched() as outer, watched() as inner:
        assistant.ask(question)
    assert outer == Choice()
    assert inner.siftings


def test_report_tells_why_below_each_miss(assistant: Assistant) -> None:
    wrong = Labelled("a1", "丰县有多少人参加技能大赛？", "figure", (CAMPAIGN,), ("8月19日",), ())
    foreign = Labelled("a2", "丰县招聘会介绍了多少农民工上岗？", "unanswerable", (), (), ())
    report = evaluate(assistant, [wrong, foreign])
    assert [miss["id"] for miss in report["misses"]] == ["a1", "a2"]
    assert all(miss["why"] and miss["retrieved"] for miss in report["misses"])
    table = format_report(report, errors=True)
    for miss in report["misses"]:
        for line in (*miss["why"], *miss["retrieved"]):
            assert line in table
    assert "应拒答" in table
    assert "原因" not in format_report(report)
