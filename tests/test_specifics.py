"""What is asked in particular must stand in the sentence that is quoted for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag import Assistant
from rag.fitness import fitness, kind_fits
from rag.retrieval import Searcher
from rag.specifics import lacking
from tests.conftest import over_texts


def lacks(searcher: Searcher, question: str, text: str) -> str:
    asked = searcher.analyse(question)
    late = searcher.index.late
    return lacking(asked, text, kind_fits(asked, [text], late, late.question(asked.content))[0])


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        (
            "盐城市12个产业职教联盟分别是什么名字？",
            "组建12个产业职教联盟，推动职业院校与300余家企业建立合作关系。",
            "组建新能源、纺织、机械等12个产业职教联盟。",
        ),
        (
            "盐城“能级工资”集体协商是在哪几家企业试点的？",
            "在部分企业试点开展“能级工资”集体协商。",
            "在悦达纺织公司、中车电机有限公司试点开展“能级工资”集体协商。",
        ),
        (
            "阜宁的“求学圆梦”是跟哪几所大学合作办的？",
            "持续开展“求学圆梦”行动，三年累计资助450名一线职工提升学历。",
            "与江苏开放大学、盐城工学院合作开展“求学圆梦”行动。",
        ),
        (
            "阜宁新建的那批安康驿站都设在哪几个镇？",
            "新建“安康驿站”16座。",
            "在益林镇、东沟镇新建“安康驿站”16座。",
        ),
        (
            "丰县工人文化宫功能改造是哪家公司施工的？",
            "投资600万元对县工人文化宫（职工服务中心）进行功能改造提升。",
            "由徐州建工集团对县工人文化宫进行功能改造提升。",
        ),
        (
            "文水县产改协调领导小组的副组长是谁？",
            "成立了县产改协调领导小组，县委副书记、政府县长孟兰生任组长。",
            "县产改协调领导小组由孟兰生任组长，总工会主席王建国任副组长。",
        ),
        (
            "文水“五一”职工羽毛球赛的男单冠军是哪个单位的？",
            "优胜者代表文水县参加了吕梁市组织的职工技能大赛。",
            "县供电公司张强夺得羽毛球赛男单冠军。",
        ),
        (
            "评上“朝阳十大工匠”的人，每人奖了多少钱？",
            "走访慰问劳动者近6.4万人，发放资金3200余万元。",
            "对“朝阳十大工匠”每人奖励5000元。",
        ),
        (
            "朝阳职工互助保障的理赔要怎么申请，交什么材料？",
            "理赔的不多，互助保障稳步发展。",
            "职工凭诊断书到基层工会申请理赔。",
        ),
        (
            "2020年8月去丰县督查产改，带队的是谁？",
            "徐州市产改工作督查组对丰县产改工作予以督查。",
            "徐州市总工会副主席王建国带队对丰县产改工作予以督查。",
        ),
        (
            "朝阳产改的那15条措施具体有哪些？",
            "提出5方面15条具体工作措施。",
            "提出加强领导、强化培训、提高待遇等15条措施。",
        ),
        (
            "阜宁“四个一批”扩量提质工程是指哪四个一批？",
            "实施“四个一批”扩量提质工程、“百点精品”培植计划、标准化建设、强基行动。",
            "“四个一批”即新建一批、整合一批、提升一批、规范一批。",
        ),
        (
            "文水职工羽毛球赛的冠军奖了什么？",
            "优胜者获得荣誉证书。",
            "冠军获得荣誉证书。",
        ),
        (
            "计俊是什么时候开始担任阜宁县总工会主席的？",
            "近日，阜宁县总工会主席计俊如数家珍。",
            "2019年3月，计俊担任阜宁县总工会主席。",
        ),
        (
            "徐留平是哪一天在凌钢案例上批示的？",
            "近日，创新案例得到徐留平批示肯定。",
            "3月8日，创新案例得到徐留平批示肯定。",
        ),
    ],
)
def test_sentence_without_the_thing_asked_for_is_no_answer(
    searcher: Searcher, question: str, without: str, having: str
) -> None:
    assert lacks(searcher, question, without)
    assert not lacks(searcher, question, having)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("年初在文水县的会上部署产改的县委书记叫什么？", "县委书记杨洋亲自安排部署产改工作。"),
        ("盐城是哪几家单位一起帮扶的？", "建立工会、人社、民政三方协同帮扶机制。"),
        ("市委什么时候听取了产改的汇报？", "近日，市委常委会议专题听取产改工作情况。"),
        ("广西口岸进口货物通关平均要花多少小时？", "进口整体通关时间为10.56小时。"),
        ("走快捷通道得先办什么手续？", "须经边防检查站登记备案。"),
        ("阜宁有两家试点企业是哪两家？", "试点企业为宗申公司、天成公司。"),
        ("文水的三项措施有哪些？", "一是加强领导;二是强化培训;三是狠抓落实。"),
        ("丰县技能大赛报名的有多少人？", "吸引1200名选手参赛。"),
        ("阜宁“四个一批”的考核指标是什么？", "“四个一批”、百点精品计划的指标为12项。"),
        ("文水有哪些厂务公开活动？", "开展了厂务公开民主管理宣传月活动。"),
        ("丰县有哪些企业家受到表彰？", "表彰了张强、李明等企业家。"),
    ],
)
def test_thing_asked_for_is_not_missed_in_other_words(
    searcher: Searcher, question: str, text: str
) -> None:
    assert lacks(searcher, question, text) == ""


@pytest.mark.parametrize(
    "question",
    ["丰县有多少名职工参加培训？", "丰县党员占比是多少？", "丰县安全生产大赛前后办了多少天？"],
)
def test_fit_of_a_sentence_is_the_same_in_any_company(searcher: Searcher, question: str) -> None:
    asked, late = searcher.analyse(question), searcher.index.late
    words = late.question(asked.content)
    texts = [p.at(s) for p in searcher.index.passages for s in p.sentences]
    together = kind_fits(asked, texts, late, words)
    alone = [kind_fits(asked, [text], late, words)[0] for text in texts]
    np.testing.assert_allclose(together, alone, atol=1e-6)
    assert kind_fits(asked, [], late, words) == []


def test_how_long_is_told_by_from_when_to_when(searcher: Searcher) -> None:
    asked = searcher.analyse("丰县安全生产技能大赛前后办了多少天？")
    late = searcher.index.late
    text = "2020年7月20日至8月6日，丰县安全生产技能大赛举办。"
    assert kind_fits(asked, [text], late, late.question(asked.content))[0] > 0.5


def test_comparison_with_no_place_in_particular_does_not_break(assistant: Assistant) -> None:
    assert assistant.ask("与各地相比，工会有什么不同？").state in ("answered", "abstained")


def test_everyday_matter_is_no_foreign_one_where_a_document_tells_it(tmp_path: Path) -> None:
    about = "智微智能8月7日收盘股价报26.87元，下跌2.1%。公司主营教育办公产品。股东户数有所减少。"
    told = over_texts(tmp_path, {"shares": about, "other": "镇上的小学修好了操场。孩子们很高兴。"})
    assert "26.87元" in told.ask("智微智能8月7日的收盘股价是多少？").text


def test_one_of_something_is_no_count_of_it(searcher: Searcher) -> None:
    asked = searcher.analyse("江苏今达纺织公司一共有多少名职工？")
    assert fitness(asked, "朱冬梅是江苏今达纺织公司的一名倍捻工。") < 0.3
    assert fitness(asked, "江苏今达纺织公司有800名职工。") == 1


def test_two_things_named_together_are_both_told(assistant: Assistant) -> None:
    answer = assistant.ask("丰县的技术创新平台和成果转化平台分别怎么搭的？")
    assert "中等专业学校" in answer.text
    assert "众创空间" in answer.text


def test_wrong_figure_is_corrected_though_what_is_asked_of_it_is_not_told(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("文水县给每位受表彰的劳模发5000元现金，是从哪年开始的？")
    assert answer.text.startswith("问题说的是“5000元”，原文为“3000元”。")
    assert [c.quote for c in answer.citations if "3000元" in c.quote]


@pytest.mark.parametrize(
    ("question", "told", "place"),
    [
        ("梅良杰是睢宁县总工会主席，对吗？", "沛县", "睢宁县"),
        ("大丰区总工会主席王玉新说产改进入扩面提质增效阶段，对吗？", "常务副主席王玉新", "大丰区"),
    ],
)
def test_person_set_in_another_place_is_not_hidden_by_it(
    assistant: Assistant, question: str, told: str, place: str
) -> None:
    answer = assistant.ask(question)
    assert told in answer.text
    assert answer.text.startswith(f"引用的这句没有提到{place}。")


@pytest.mark.parametrize(
    "question",
    [
        "阜宁856名先进典型里有几个是全国劳模？",
        "阜宁新增的6012名会员里，女职工有多少？",
        "阜宁组织1000名劳模工匠疗休养，去的是哪里，住几天？",
    ],
)
def test_part_of_a_number_is_not_told_by_another_number(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.state == "abstained", answer.text
