"""Figures and dates of Chinese text, value for value."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.values import chinese_number, dates, figures, numbers


@pytest.mark.parametrize(
    ("text", "value", "unit", "kind", "bound"),
    [
        ("600余场", 600, "场", "次", ">"),
        ("3.2万人(次)", 32_000, "人(次)", "人", "="),
        ("3.2万人（次）", 32_000, "人(次)", "人", "="),
        ("近万名", 10_000, "名", "人", "<"),
        ("2900多名", 2900, "名", "人", ">"),
        ("600万元", 6e6, "元", "钱", "="),
        ("1.5亿元", 1.5e8, "元", "钱", "="),
        ("不少于30人", 30, "人", "人", ">"),
        ("不超过30人", 30, "人", "人", "<"),
        ("约50家", 50, "家", "家", "~"),
        ("50家左右", 50, "家", "家", "~"),
        ("65%", 65, "%", "比例", "="),
        ("６５％", 65, "%", "比例", "="),
        ("1,300场", 1300, "场", "次", "="),
        ("十二期", 12, "期", "次", "="),
        ("二十余家", 20, "家", "家", ">"),
        ("百余场", 100, "场", "次", ">"),
        ("300多万元", 3e6, "元", "钱", ">"),
        ("两千三百名", 2300, "名", "人", "="),
        ("8个类型", 8, "个", "个", "="),
        ("达30户", 30, "户", "户", "="),
        ("2020.5万元", 20_205_000, "元", "钱", "="),
        ("2000余产业工人", 2000, "产业工人", "人", ">"),
        ("五周年", 5, "周年", "时长", "="),
    ],
)
def test_figure_has_its_value_unit_and_bound(
    text: str, value: float, unit: str, kind: str, bound: str
) -> None:
    found = figures(f"共{text}。")
    assert [(f.value, f.unit, f.kind, f.bound) for f in found] == [
        (pytest.approx(value), unit, kind, bound)
    ]


@pytest.mark.parametrize(
    "text", ["第二届", "十三届", "第三次", "2020年", "7月20日", "无", "", "一二三"]
)
def test_ordinals_and_dates_are_no_figures(text: str) -> None:
    assert not figures(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020年7月20日", [(2020, 7, 20)]),
        ("8月6日", [(0, 8, 6)]),
        ("2022-11-29", [(2022, 11, 29)]),
        ("2022.11.29", [(2022, 11, 29)]),
        ("2022-11", [(2022, 11, 0)]),
        ("2022.11发布", [(2022, 11, 0)]),
        ("2022-13", []),
        ("2020年5家企业", [(2020, 0, 0)]),
        ("7月20-25日", [(0, 7, 20)]),
        ("2018-2020年", [(2018, 0, 0), (2020, 0, 0)]),
        ("２０２２年", [(2022, 0, 0)]),
        ("二〇二三年", [(2023, 0, 0)]),
        ("2018年至2020年5月", [(2018, 0, 0), (2020, 5, 0)]),
        ("13月", []),
        ("12020年", []),
        ("发布时间:2023-02-02 09:47:51", [(2023, 2, 2)]),
    ],
)
def test_date_has_its_year_month_and_day(text: str, expected: list[tuple[int, int, int]]) -> None:
    assert [(d.year, d.month, d.day) for d in dates(text)] == expected


def written(number: int) -> str:
    """A number below ten thousand as it is written out: 1005 → 一千零五."""
    out, gap = "", False
    for scale, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // scale % 10
        if digit:
            out += ("零" if gap and out else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        else:
            gap = True
    return out


def test_every_chinese_number_below_ten_thousand_has_its_value() -> None:
    for number in range(1, 10_000):
        assert chinese_number(written(number)) == number, written(number)
    assert chinese_number("十五") == 15
    assert chinese_number("百") == 100


@pytest.mark.parametrize("text", ["", "多", "三十吧", "1.2.3", "-1", ","])
def test_what_is_no_number_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        chinese_number(text)


NUMERIC = st.text(
    st.sampled_from(
        "0123456789０５.．,，一二两十百千万亿零〇第近余多约年月日-/:%％人名场次家元个 成分之半过公元前"
    ),
    max_size=24,
)


@settings(deadline=None, max_examples=300)
@given(NUMERIC)
def test_offsets_of_figures_and_dates_point_at_their_text(text: str) -> None:
    for found in (*figures(text), *dates(text)):
        assert text[found.start : found.end] == found.text
        assert found.text
    for figure in figures(text):
        assert figure.value >= 0
        assert not any(d.start < figure.end and figure.start < d.end for d in dates(text))
    starts = [f.start for f in figures(text)]
    assert starts == sorted(set(starts))


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_no_text_stops_the_reader(text: str) -> None:
    figures(text)
    dates(text)
    assert all(text[f.start : f.end] == f.text for f in numbers(text))


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("一半以上的企业", 50, "比例"),
        ("三分之一的职工", 100 / 3, "比例"),
        ("占百分之三十五", 35, "比例"),
        ("藏书81.6万册", 816_000, "个"),
        ("斥资77亿美元", 7.7e9, "钱"),
        ("全长2cm", 2, "长度"),
    ],
)
def test_shares_and_rarer_units_are_not_overlooked(text: str, value: float, kind: str) -> None:
    (found,) = figures(text)
    assert found.value == pytest.approx(value)
    assert found.kind == kind


@pytest.mark.parametrize("text", ["分为三部分", "协同11部门", "5mg", "十分重要", "3M公司"])
def test_words_that_only_look_like_units_count_nothing(text: str) -> None:
    assert figures(text) == ()


def test_years_before_1900_are_dates_and_spans_of_people_are_not() -> None:
    assert [d.year for d in dates("正德六年（1511年）攻占；公元700年；公元前221年")] == [
        1511,
        700,
        -221,
    ]
    assert dates("每年培训1200-1500人") == ()
    assert dates("1000年来") == ()


@pytest.mark.parametrize(
    ("text", "said", "value", "unit", "bound"),
    [
        ("累計培訓３.２萬人(次)", "３.２萬人(次)", 32000, "人(次)", "="),
        ("舉辦培訓600餘場", "600餘場", 600, "场", ">"),
        ("近萬名職工參加", "近萬名", 10000, "名", "<"),
        ("投入資金約1.2億元", "約1.2億元", 120000000, "元", "~"),
        ("共有兩千餘戶", "兩千餘戶", 2000, "户", ">"),
        ("逾三十萬人次", "逾三十萬人次", 300000, "人次", ">"),
        ("不少於30個", "不少於30個", 30, "个", ">"),
        ("超過百萬噸", "超過百萬噸", 1000000, "吨", ">"),
    ],
)
def test_traditional_figures_are_read_and_keep_their_own_text_and_offsets(
    text: str, said: str, value: float, unit: str, bound: str
) -> None:
    (figure,) = figures(text)
    assert (figure.text, figure.unit, figure.bound) == (said, unit, bound)
    assert figure.value == pytest.approx(value)
    assert text[figure.start : figure.end] == said


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("在30秒内完成", "时长", 30),
        ("平均延迟为11.3毫秒", "时长", 11.3),
        ("到手价 599 元", "钱", 599),
        ("裁员 32 名", "人", 32),
        ("体长可达80公分", "长度", 80),
        ("面积1.601 km²", "面积", 1.601),
        ("速度为4.7 GHz", "功率", 4.7),
        ("促成3对新人", "个", 3),
    ],
)
def test_unit_that_reports_seldom_use_is_not_passed_over(
    text: str, kind: str, value: float
) -> None:
    [figure] = figures(text)
    assert (figure.kind, figure.value) == (kind, value)


@pytest.mark.parametrize(
    "text", ["“五位一体”机制", "第3对口支援", "四位一体化机制", "拨打12351职工热线"]
)
def test_name_with_a_number_counts_nothing(text: str) -> None:
    assert not figures(text)


def test_date_written_with_spaces_is_a_date() -> None:
    [date] = dates("2023 年 8 月 7 日消息")
    assert (date.year, date.month, date.day) == (2023, 8, 7)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("总流水收入只有92219万，比上周少", [922_190_000]),
        ("搭载该系统的设备已超7亿，开发者超220万人", [7e8]),
        ("税费能省四万多。", [40_000]),
        ("指数从-14.7上升到-12.3，好于预期", [-14.7, -12.3]),
        ("本场独得31分的刘晓宇", [31]),
    ],
)
def test_number_without_a_measure_word_is_not_passed_over(text: str, values: list[float]) -> None:
    assert [f.value for f in numbers(text)] == pytest.approx(values)
    assert all(text[f.start : f.end] == f.text for f in numbers(text))


@pytest.mark.parametrize(
    "text",
    [
        "12351职工热线",
        "“6+N”标准化",
        "8.8全员健身日",
        "2023年8月19日",
        "600余场",
        "58:49",
        "3M公司",
    ],
)
def test_number_that_is_a_name_a_date_or_a_figure_does_not_stand_alone(text: str) -> None:
    assert numbers(text) == ()


def test_half_a_month_is_a_time_and_half_a_year_of_two_is_a_date() -> None:
    assert [(f.value, f.kind) for f in figures("白住了半个多月，来回一个多小时")] == [
        (0.5, "时长"),
        (1.0, "时长"),
    ]
    assert figures("上半年完成，下半年开工") == ()


def test_editions_held_are_counted_and_an_edition_is_a_name() -> None:
    assert [(f.value, f.unit) for f in figures("在连续举办十二届丰县技能大比武的基础上")] == [
        (12, "届")
    ]
    assert figures("丰县第十三届大比武，十三届三中全会") == ()
