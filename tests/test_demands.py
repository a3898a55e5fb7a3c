"""What a question demands must be met by the sentence that is quoted for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant
from rag.demands import (
    counted_only,
    demands,
    items_listed,
    locates,
    off_period,
    uncounted,
    unexplained,
    unmet,
)

CHINESE = st.text(st.characters(categories=["Lo", "Nd", "Po", "Ps", "Pe"]), max_size=60)


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        (
            "赤峪煤矿的“最美职工”是怎么评出来的？",
            "赤峪煤矿开展了“最美职工”评选活动。",
            "“最美职工”由班组推荐、职工投票产生。",
        ),
        (
            "文水劳模的评选条件是什么？",
            "文水县隆重表彰一批劳动模范。",
            "劳模须在一线工作五年以上。",
        ),
        (
            "朝阳“送温暖”的钱从哪里来？",
            "各级工会走访慰问职工近6.4万人。",
            "资金由市财政拨付，不足部分由工会经费承担。",
        ),
        (
            "文水县委督查组查出了哪些问题？",
            "县委成立督查组，对产改工作进行督查。",
            "督查组指出：经费不足、人手不够。",
        ),
        (
            "文水工会的签约商家有哪些？",
            "会员享受签约商家购物优惠。",
            "签约商家有美锦超市、凤城影院等。",
        ),
    ],
)
def test_sentence_on_the_matter_that_leaves_the_demand_open_is_no_answer(
    question: str, without: str, having: str
) -> None:
    assert unmet(question, without)
    assert not unmet(question, having)


def test_result_and_reason_that_are_left_open_count_against_a_sentence() -> None:
    told = "为让职工知法，通过普法宣传，投诉下降三成。"
    open_ = "今年3月份组织开展了普法宣传。"
    assert demands("普法宣传效果怎么样？", open_)["lacks"] == 1
    assert demands("普法宣传效果怎么样？", told)["lacks"] == 0
    assert demands("为什么开展普法宣传？", open_)["lacks reason"] == 1
    assert demands("为什么开展普法宣传？", told)["lacks reason"] == 0


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("朝阳如何稳定就业？", "举办招聘活动3500余场次。"),
        ("汤云庆怎么评价“三步走”？", "该区的产改工作已进入扩面提质增效阶段。"),
        ("文水推进了哪些标准化建设？", "实施基层工会建设、阵地建设。"),
        ("丰县怎么改善工人的交通条件？", "开通公交专线。"),
        ("朝阳“送温暖”的资金都发给谁了？", "走访慰问环卫工人6.4万人。"),
        ("盐城的“三步走”是谁提出的？", "王玉新说，盐城分三步走。"),
        ("丰县建经济适用房解决什么问题？", "解决产业工人家庭的住房困难。"),
        ("丰县怎么规定职工教育经费？", "60%以上用于一线职工。"),
        ("文水中学什么时候开学？", "8月开学。"),
        ("甲和乙分别有哪些？", "甲有一个。"),
    ],
)
def test_words_that_only_look_like_a_demand_refuse_nothing(question: str, text: str) -> None:
    assert not unmet(question, text)


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        (
            "盐城的试点企业里外资的有几家？",
            "国有、民营、外资、混合四种所有制企业共1036家。",
            "试点企业中外资企业有52家。",
        ),
        (
            "文水表彰的74名劳模中女性占百分之几？",
            "74名劳动模范中产业工人占比65%。",
            "74名劳动模范中女性占20%。",
        ),
    ],
)
def test_figure_of_the_whole_does_not_count_a_part(
    question: str, without: str, having: str
) -> None:
    assert uncounted(question, without)
    assert not uncounted(question, having)


def test_part_told_in_other_words_is_not_missed() -> None:
    assert not uncounted("文水工人里拿到本本的有多少？", "1.2万名产业工人取得技能证书。")


def test_first_year_is_no_period() -> None:
    assert not off_period("朝阳第一年办了多少场宣讲？", "开展宣讲500余场次。")


def test_sum_is_not_told_for_what_somebody_gets_a_month() -> None:
    assert off_period("高级技师每月能领多少技能津贴？", "创造价值1.2亿元。")
    assert not off_period("高级技师每月能领多少技能津贴？", "高级技师每月发放津贴800元。")


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        (
            "阜宁“四带四联”指的是哪四带、哪四联？",
            "突出“四带四联”，找准共建结合点。",
            "“四带四联”即党建带工建、带团建、带妇建、带社建。",
        ),
        (
            "“五带五联”里的“五带”是哪五带？",
            "公司开展的“五带五联”品牌建设。",
            "“五带”：带思想、带作风、带技能、带创新、带安全。",
        ),
    ],
)
def test_term_is_not_explained_by_its_own_name(question: str, without: str, having: str) -> None:
    assert unexplained(question, without)
    assert not unexplained(question, having)


@pytest.mark.parametrize(
    "question",
    ["“十四五”是哪五年？", "“99公益日”指什么？", "“四个一批”的考核指标是什么？"],
)
def test_number_within_a_name_is_no_count_of_its_parts(question: str) -> None:
    assert not unexplained(question, "实施“四个一批”工程。")


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        (
            "临汾“1343”工作思路指什么？",
            "落实市委“1343”工作思路,抓好项目。",
            "“1343”即一个目标、三大战略、四项工程、三个保障。",
        ),
        (
            "庆阳的“两张清单”由什么构成？",
            "实行“两张清单”制度,建立智库。",
            "实行重点项目、重点任务“两张清单”制度。",
        ),
        (
            "黑河的“五大保卫战”包括哪些？",
            "打好“五大保卫战”,守住底线。",
            "打好蓝天、碧水、净土、美丽乡村、原生态“五大保卫战”。",
        ),
        (
            "“四位一体”具体指什么？",
            "形成“四位一体”机制。",
            "形成“培训、练兵、比武、晋级”“四位一体”机制。",
        ),
        ("“一心”指的是什么？", "规划“一轴”“一心”。", "“一心”指西施殿景区。"),
    ],
)
def test_name_in_quotation_marks_is_not_explained_by_being_named(
    question: str, without: str, having: str
) -> None:
    assert unexplained(question, without)
    assert not unexplained(question, having)


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        (
            "智库的3名院士是谁？",
            "建立3名院士领衔的智库。",
            "建立王一、李二、张三等3名院士领衔的智库。",
        ),
        ("12个示范乡镇叫什么名字？", "抓好12个示范乡镇。", "抓好12个示范乡镇:甲镇、乙镇、丙镇。"),
        (
            "六家试点企业是哪六家？",
            "对六家试点企业下发清单。",
            "对六家试点企业甲公司、乙公司、丙公司下发清单。",
        ),
    ],
)
def test_number_of_things_does_not_name_them(question: str, without: str, having: str) -> None:
    assert counted_only(question, without)
    assert not counted_only(question, having)
    assert not counted_only(question.split("是")[0].split("叫")[0] + "花了多少钱？", without)


def test_sentence_without_a_place_does_not_say_where() -> None:
    asked = "那场培训放在哪里上的课？"
    assert not locates(asked, "近百名班组长参加了为期一天的培训。")
    assert locates(asked, "近百名班组长在县党校参加了培训。")
    assert locates("谁讲的课？", "近百名班组长参加了培训。")


@pytest.mark.parametrize(
    "question",
    [
        "文水县委督查组督查产改时查出了哪些问题？",
        "阜宁党工共建讲的“四带四联”具体指什么？",
        "朝阳市高级技师每月能领多少技能津贴？",
        "文水2022年表彰的劳模里女职工有几名？",
        "丰县给优秀班组长办的那场一天的培训放在哪里上的课？",
    ],
)
def test_open_question_is_not_answered_with_its_surroundings(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.state == "abstained", answer.text


@given(CHINESE, CHINESE)
def test_no_text_breaks_the_demands(question: str, text: str) -> None:
    found = demands(question, text)
    assert all(value >= 0 for value in found.values())
    assert items_listed(text) >= 0
    off_period(question, text)
    locates(question, text)
    unmet(question, text)
    uncounted(question, text)
    unexplained(question, text)
    counted_only(question, text)
