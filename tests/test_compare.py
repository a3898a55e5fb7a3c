"""Two things of one place set against each other."""

from __future__ import annotations

import re

import pytest

from app.table import table_html
from rag import Assistant
from rag.compare import things
from rag.focus import answering_figure
from rag.parts import parts
from rag.retrieval import Searcher


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


@pytest.mark.parametrize(
    ("question", "contents"),
    [
        # The common noun stands before the places; 县 belongs to 县级 as well as to the name.
        (
            "论试点企业的数量,文水县县级的和阜宁县级的各是多少,谁多?",
            {"文水县": ("试点企业", "县级"), "阜宁县": ("试点企业", "县级")},
        ),
        (
            "阜宁和朝阳的法律援助,一个每年多少次、一个办了多少件?",
            {"阜宁": ("法律援助", "每年"), "朝阳": ("法律援助", "办了")},
        ),
        (
            "盐城三级的试点企业和阜宁县级的各有几家",
            {"盐城": ("三级的试点企业",), "阜宁县": ("县级的试点企业",)},
        ),
        (
            "丰县的集体协商和盐城的有什么区别?",
            {"丰县": ("集体协商",), "盐城": ("集体协商",)},
        ),
        (
            "丰县的四位一体和阜宁的五位一体都讲练兵,差在哪一项?",
            {"丰县": ("四位一体", "练兵"), "阜宁": ("五位一体", "练兵")},
        ),
        (
            "阜宁和盐城都搞评选,阜宁突出什么,盐城出了什么成果?",
            {"阜宁": ("评选", "突出"), "盐城": ("评选", "成果")},
        ),
    ],
)
def test_place_is_not_asked_with_the_piece_of_another_or_without_what_all_share(
    searcher: Searcher, question: str, contents: dict[str, tuple[str, ...]]
) -> None:
    found = {name: part.content for name, part in parts(searcher.analyse(question))}
    assert list(found) == list(contents)
    for name, words in contents.items():
        assert all(word in found[name] for word in words), found
    own = [set(words) for words in contents.values()]
    for name, words in contents.items():
        others = set().union(*own) - set(words)
        assert not any(word in found[name].split() for word in others), found


def test_each_place_is_asked_for_the_figure_of_its_own_piece(searcher: Searcher) -> None:
    asked = searcher.analyse("阜宁和朝阳的法律援助,一个每年多少次、一个办了多少件?")
    assert [part.asked for _, part in parts(asked)] == [(("次", "次"),), (("个", "件"),)]


def test_level_of_enterprises_is_not_compared_as_their_number(assistant: Assistant) -> None:
    answer = assistant.ask("论试点企业的数量,盐城全市三级的和阜宁县级的各是多少,谁多?")
    assert "1036家" in answer.text
    assert "20家" in answer.text
    assert answer.text.startswith("按原文数字，盐城更多。")


def test_less_is_not_told_as_more(assistant: Assistant) -> None:
    answer = assistant.ask("文水县评的五一劳动奖章和阜宁县评的五一劳动奖章,哪边人更少?")
    assert answer.text.startswith("按原文数字，阜宁县更少。")


def test_what_both_are_is_not_taken_for_one_of_the_two(assistant: Assistant) -> None:
    answer = assistant.ask("来丰县调研的两拨人,徐州市总的王子华一行和沛县的梅良杰一行,谁带的人多?")
    assert answer.text.startswith("按原文数字，沛县的梅良杰一行更多。")


def test_other_money_is_not_quoted_beside_the_money_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask("丰县和朝阳搞送温暖慰问,哪边发出去的钱多?")
    assert answer.text.startswith("按原文数字，朝阳更多。")
    assert [c.focus for c in answer.citations] == ["150余万元", "3200余万元"]


def test_places_are_not_compared_by_figures_of_different_things(assistant: Assistant) -> None:
    answer = assistant.ask("阜宁的创新成果和盐城的竞赛项目,哪个多?")
    assert "按原文数字" not in answer.text


def test_second_figure_does_not_ride_along_with_the_one_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask("文水2022年表彰的劳模和阜宁评选的县劳模,人数分别是多少?")
    assert [c.focus for c in answer.citations] == ["74名", "155名"]


def test_figure_of_another_matter_is_not_weighed(assistant: Assistant) -> None:
    # 600余场 are trainings, 3500余场次 job fairs.
    answer = assistant.ask("文水和朝阳给在职职工办的技能竞赛,哪家场次多?")
    assert not answer.text.startswith(("按原文数字", "各地计数单位"))


def test_level_in_a_name_is_not_the_figure(searcher: Searcher) -> None:
    asked = searcher.analyse("试点企业有多少家?")
    text = "全面推进市、县市区、乡镇街道三级试点企业1036家"
    figure = answering_figure(asked, text, searcher.index.late)
    assert figure is not None
    assert figure.text == "1036家"
    named = answering_figure(
        searcher.analyse("多少职工参加大练兵、大比武?"),
        "举办“万名职工大练兵、十项大比武”活动,有1200多名选手",
        searcher.index.late,
    )
    assert named is not None
    assert named.text == "1200多名"


def test_best_sentence_is_not_dropped_for_want_of_room(assistant: Assistant) -> None:
    answer = assistant.ask("文水和朝阳都靠开会协调产改，各自开的是什么会？")
    assert "协调汇报会议" in answer.text
    assert "政府联席会议" in answer.text


@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("朝阳工会“送温暖”和“帮扶救助”两项，花的钱哪项多？", ["3200余万元", "1414.65万元"]),
        ("朝阳送温暖和帮扶在档困难户，这两项哪项花钱多？", ["3200余万元", "1414.65万元"]),
    ],
)
def test_what_stands_behind_two_things_is_no_third(
    assistant: Assistant, question: str, figures: list[str]
) -> None:
    answer = assistant.ask(question)
    assert all(figure in answer.text for figure in figures), answer.text


def test_two_bodies_that_differ_in_something_are_both_told(assistant: Assistant) -> None:
    answer = assistant.ask("文水那两家企业，赤峪煤矿和吕梁建龙国金电力，奖励先进的办法有什么区别？")
    assert "浮动工资" in answer.text
    assert "绩效工资" in answer.text


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        (
            "管人才,文水产改办建了个什么,丰县又把优秀工人放进了哪里?",
            ["管人才,产改办建了个什么", "管人才,把优秀工人放进了哪里"],
        ),
        (
            "劳资闹矛盾,丰县靠什么机制,朝阳靠什么机制?二者一样不",
            ["劳资闹矛盾,靠什么机制", "劳资闹矛盾,靠什么机制"],
        ),
        (
            "劳模评上以后文水给什么优待?评先进的时候丰县又怎么照顾工人?",
            ["劳模评上以后,给什么优待", "劳模评上以后,评先进的时候怎么照顾工人"],
        ),
        (
            "写阜宁的那篇和写盐城的那篇,署名的记者分别是谁",
            ["写那篇,署名的记者谁", "写那篇,署名的记者谁"],
        ),
        (
            "宣传先进,文水、丰县、盐城三地各借助哪些平台?",
            ["宣传先进,借助哪些平台"] * 3,
        ),
        (
            "产改靠什么机制协调?请把文水、丰县两地分别说一下。",
            ["产改靠什么机制协调?"] * 2,
        ),
        (
            "丰县和朝阳慰问发出去的钱差几个档次?",
            ["慰问发出去的钱多少"] * 2,
        ),
        (
            "丰县怎么解决住房,文水和盐城各有什么办法?",
            ["怎么解决住房", *["怎么解决住房,什么办法"] * 2],
        ),
        (
            "产业规划,文水是几大基地?阜宁的培植计划又叫什么?",
            ["产业规划,是几大基地?", "产业规划,培植计划叫什么"],
        ),
        ("文水劳模人数比阜宁劳模总数少多少", ["劳模人数", "劳模总数多少"]),
        (
            "产改的实施方案,朝阳和丰县哪边先出台?",
            ["产改的实施方案,什么时候出台"] * 2,
        ),
        ("丰县大比武和文水技能大赛,谁举办在前?", ["大比武,什么时候举办", "技能大赛,什么时候举办"]),
        ("文水培训了3.2万人次,朝阳有这么多吗", ["培训了3.2万人次"] * 2),
        ("丰县有没有像文水那样替单身职工办联谊?", ["替单身职工办联谊"] * 2),
        ("阜宁、丰县谁的劳模评选有轮回机制", ["劳模评选有轮回机制"] * 2),
        ("丰县和朝阳哪个地方的帮扶资金更多?", ["哪边的帮扶资金更多"] * 2),
    ],
)
def test_place_is_not_asked_what_concerns_another_or_all_together(
    searcher: Searcher, question: str, texts: list[str]
) -> None:
    asked = searcher.analyse(question)
    assert [re.sub("[,?]", "", part.text) for _, part in parts(asked)] == [
        re.sub("[,?]", "", text) for text in texts
    ]


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("工人想往上走,丰县提供的门路和阜宁提供的分别叫什么?", ["other", "other"]),
        ("产改的实施方案,朝阳和丰县哪边先出台?", ["when", "when"]),
        ("阜宁和丰县,谁家安排劳模出去疗养过?", ["check", "check"]),
        ("管人才,文水产改办建了个什么,丰县又把工人放进了哪里?", ["other", "where"]),
    ],
)
def test_kind_of_answer_is_not_that_of_another_place_or_of_each(
    searcher: Searcher, question: str, kinds: list[str]
) -> None:
    assert [part.kind for _, part in parts(searcher.analyse(question))] == kinds


def test_money_for_each_is_not_asked_as_a_number_of_people(searcher: Searcher) -> None:
    assert searcher.analyse("文水的劳模红包一人多少").asked == (("", ""),)
    assert searcher.analyse("盐城的开发区今年数量是多少").asked == (("", ""),)


def test_place_that_does_not_do_it_is_not_given_another_sentence(assistant: Assistant) -> None:
    answer = assistant.ask("丰县有没有像文水那样替单身职工牵线办联谊？")
    assert "青春有佳缘" in answer.text
    assert answer.text.endswith("未见报道：丰县。")
    answer = assistant.ask("丰县的“四位一体”和朝阳的“五位一体”是一回事吗")
    assert "未见报道" not in answer.text


def test_room_that_one_place_leaves_is_not_lost_to_another(assistant: Assistant) -> None:
    answer = assistant.ask("宣传先进、推广经验，文水、丰县、盐城三地各借助哪些平台或栏目？")
    assert "丰工在行动" in answer.text
    assert "盐城产改再出发" in answer.text
    assert len(answer.text) <= 400


def test_cell_does_not_run_on_into_what_merely_follows(assistant: Assistant) -> None:
    answer = assistant.ask("阜宁和盐城都提“三创争两提升”，分别怎么做、做出了什么？")
    assert "省级示范单位20家" in answer.text
    assert "联手兴家" not in answer.text
    answer = assistant.ask("学历低的工人想往上走，丰县提供的门路和阜宁提供的分别叫什么？")
    assert "网上学历提升" in answer.text
    assert "加强技术创新扶持" not in answer.text


def test_what_tells_by_far_the_most_is_not_set_aside_for_its_form(assistant: Assistant) -> None:
    answer = assistant.ask("管人才，文水产改办建了个什么，丰县又把优秀工人放进了哪里？")
    assert "人才智库" in answer.text
    assert "人才总盘子" in answer.text


def test_places_inside_one_that_has_a_report_are_not_taken_for_one(assistant: Assistant) -> None:
    answer = assistant.ask("大丰区和东台市在产改上各有什么动作")
    assert {s.label for s in answer.statements} == {"大丰区", "东台市"}
    assert "特色产业园区" in answer.text
    assert "示范窗口" in answer.text


def test_one_of_two_people_is_not_left_out(assistant: Assistant) -> None:
    answer = assistant.ask("徐小宝和朱冬梅都是干什么工种的")
    assert "钳工徐小宝" in answer.text
    assert "倍捻工" in answer.text


def test_contests_are_not_compared_by_a_count_of_something_else(assistant: Assistant) -> None:
    answer = assistant.ask("文水和丰县的技能大赛各设多少项目？哪个更多？")
    assert "丰县更多" in answer.text
    assert "41个" in answer.text
    assert "服务项目" not in answer.text
