"""People, bodies and figures as texts of any sort write them."""

from __future__ import annotations

import pytest

from rag.counted import EITHER
from rag.fitness import fitness
from rag.names import people
from rag.places import Places
from rag.question import analyse
from rag.specifics import lacking
from rag.units import unit_fit
from rag.values import figures, numbers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("事务所律师赵耀荣建议，公约可以引入", "赵耀荣"),
        ("公司总裁朱懂东将其发展归纳为", "朱懂东"),
        ("仪式由党委副书记彭国洪主持。", "彭国洪"),
        ("委员会委员邢岩老师于8月9日", "邢岩"),
        ("该院柳金红院长联系到律师", "柳金红"),
        ("聘请中国科学院梅宏院士为校长", "梅宏"),
        ("法定代表人为韩雪，注册资本", "韩雪"),
        ("现年50岁的联蒙珂担任该公司负责人", "联蒙珂"),
        ("局长裴光在论坛上", "裴光"),
        ("主帅米哈伊洛维奇赛后对他予以表扬", "米哈伊洛维奇"),
        ("卫生部长科卡在社交媒体上发文", "科卡"),
    ],
)
def test_name_beside_an_office_is_whole_and_not_passed_over(text: str, name: str) -> None:
    assert [person.name for person in people(text)] == [name]


@pytest.mark.parametrize(
    "text",
    ["书记江苏省委决定", "主任高度重视", "市委书记于是表态", "负责人包括多家企业", "主席马上宣布"],
)
def test_word_behind_an_office_is_no_name(text: str) -> None:
    assert people(text) == ()


PLACES = Places(())


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("廖金铃校长的荣休仪式是谁主持的？", "仪式由党委副书记彭国洪主持。"),
        ("谁代表商务部介绍了情况？", "商务部新闻发言人束珏婷：今年以来推动合作。"),
        ("给大学生讲安全课的是哪位老师？", "优秀教师张雄伟讲授的网络空间安全课。"),
        ("《调查报告》是哪个机构发布的？", "中国人口福利基金会发布的《调查报告》显示"),
        ("陶艺作品是哪所学校的学生做的？", "20件由金沙路小学学生制作的陶艺作品被拍卖"),
        ("车队是哪天出发的？", "车队于22日自敦煌市出发"),
        ("前20名什么时候去北京参加展演？", "前20名八月中旬将赴北京参加展演"),
    ],
)
def test_answer_told_in_other_words_is_not_set_aside(question: str, text: str) -> None:
    assert lacking(analyse(question, PLACES), text, 0.9) == ""


def test_spokesman_is_not_told_by_the_firm_he_speaks_for() -> None:
    asked = analyse("代表君乐宝发言的是哪位？", PLACES)
    assert lacking(asked, "江苏君乐宝乳业有限公司作了交流发言。", 1.0)


@pytest.mark.parametrize(
    ("unit", "text", "fit"),
    [
        (("钱", EITHER), "将总收入提高21%", 0.7),
        (("钱", EITHER), "销售额暴涨了3.8倍", 0.7),
        (("个", "首"), "诗文有300篇之多", 0.95),
        (("钱", ""), "票房已突破2.18亿", 0.6),
    ],
)
def test_figure_of_another_sort_that_tells_it_fits(
    unit: tuple[str, str], text: str, fit: float
) -> None:
    assert unit_fit(unit, [*figures(text), *numbers(text)][0]) == pytest.approx(fit)


@pytest.mark.parametrize(
    ("question", "yes", "no"),
    [
        ("交付近70万套房，分布在多少座城市？", "255个城市", "近70万套"),
        ("活动有四万多人，只派了多少人打扫？", "70名清洁人员", "4万多人"),
        ("16到24岁的青年里有多少在上学？", "6500多万人", "24岁"),
    ],
)
def test_figure_that_the_question_states_does_not_hide_the_one_asked(
    question: str, yes: str, no: str
) -> None:
    asked = analyse(question, PLACES)
    assert fitness(asked, f"共{yes}") > 0.5
    assert fitness(asked, f"{no}中{yes}") > 0.5


def test_number_alone_fits_what_is_counted() -> None:
    asked = analyse("搭载鸿蒙的设备有多少台？", PLACES)
    assert fitness(asked, "搭载鸿蒙的设备已超7亿,开发者超220万人。") > 0.5
    assert fitness(asked, "开发者超220万人。") < 0.3
