"""Does the evidence say it? Similarity is no proof."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag import Document
from rag.citations import supports
from rag.sentences import sentences
from rag.support import coverage

# (the fault it would be to accept, statement, evidence)
FORGED = [
    ("another figure", "投入资金九十亿元", "投入资金三十亿元"),
    ("another figure", "全县举办技能培训班610余场", "全县举办技能培训班600余场"),
    ("a longer number cut right", "全县举办培训30场", "全县举办培训300场"),
    ("a longer number cut right", "全县举办培训30", "全县举办培训300场"),
    ("a longer number cut right", "全县培训30", "全县培训30,000人"),
    ("a longer number cut left", "300场培训", "举办1,300场培训"),
    ("a longer number cut left", "2万人参加", "共有3.2万人参加"),
    ("a longer number cut left", "五家企业", "二十五家企业"),
    ("a scale cut off", "投入资金30", "投入资金30万元"),
    ("a bound dropped", "全县举办培训600场", "全县举办培训600余场"),
    ("a bound cut left", "300人参加了培训", "近300人参加了培训"),
    ("a bound cut left", "300人参加了培训", "不足300人参加了培训"),
    ("a bound cut left", "300人参加了培训", "超过300人参加了培训"),
    ("a bound cut right", "共培训职工300", "共培训职工300余人"),
    ("a bound turned round", "不超过30人参加培训", "不少于30人参加培训"),
    ("a bound invented", "超过600场培训在全县举办", "600场培训在全县举办"),
    ("another unit", "全县共组织职工培训30家", "全县共组织职工培训30次"),
    ("another unit", "职工技能培训为期3年", "职工技能培训为期3天"),
    ("another unit", "职工技能培训为期3年", "职工技能培训为期3个月"),
    ("another unit", "职工合格率提高了3成", "职工合格率提高了3%"),
    ("another unit", "县里投入改造资金600元", "县里投入改造资金600万元"),
    ("another unit", "累计培训了3.2万人", "累计培训了3.2万人次"),
    ("another year", "2021年全县举办职工培训", "2020年全县举办职工培训"),
    ("another day", "2020年7月21日出台实施方案", "2020年7月20日出台实施方案"),
    ("a month invented", "2020年7月出台实施方案", "2020年出台实施方案"),
    ("a year invented", "2019年8月6日召开推进会", "8月6日召开推进会"),
    ("another place", "文水县建成工匠学院", "丰县建成工匠学院"),
    ("another person", "县总工会主席李明向大家介绍了有关情况", "县总工会主席计俊向大家介绍了有关情况"),
    ("another title", "印发《职工培训方案》", "印发《职工培训办法》"),
    ("不 dropped", "这批产品检测结果为合格。", "这批产品检测结果为不合格。"),
    ("不 dropped", "职工参加培训", "职工不参加培训"),
    ("未 dropped", "参加培训的职工共30人", "未参加培训的职工共30人"),
    ("没有 dropped", "企业组织职工参加培训", "没有企业组织职工参加培训"),
    ("没有 dropped", "参加培训", "没有参加培训"),
    ("不得 dropped", "收取职工培训费用", "不得收取职工培训费用"),
    ("禁止 dropped", "收取职工培训费用", "禁止收取职工培训费用"),
    ("并非 dropped", "所有职工都参加培训", "并非所有职工都参加培训"),
    ("不 added", "职工不参加培训", "职工参加培训"),
    ("growth turned into decline", "全市技能人才就业人数同比下降12%", "全市技能人才就业人数同比增长12%"),
    ("growth turned into decline", "全市技能人才就业人数同比减少12%", "全市技能人才就业人数同比增长12%"),
    ("decline turned into growth", "全市技能人才就业人数同比增长12%", "全市技能人才就业人数同比下降12%"),
    ("more turned into less", "文水县的培训场次少于丰县", "文水县的培训场次多于丰县"),
    ("不 moved", "职工参加培训，企业不出资金", "职工不参加培训，企业出资金"),
    ("only a theme in common", "工会很重视职工", "全县举办职工技能培训班600余场"),
    ("nothing in common", "朝阳市投资新建机场", "文水县举办技能培训"),
]  # fmt: skip

# The evidence holds every word and figure, in another order.
REORDERED = [
    ("丰县举办50场，沛县举办30场", "丰县举办30场，沛县举办50场"),
]


@pytest.mark.parametrize(("fault", "statement", "evidence"), FORGED)
def test_statement_the_evidence_does_not_make_is_refused(
    fault: str, statement: str, evidence: str
) -> None:
    verdict = supports(statement, evidence)
    assert not verdict.supported, fault
    assert verdict.kind == "unsupported"
    assert verdict.reason


@pytest.mark.parametrize(("statement", "evidence"), REORDERED)
def test_words_in_another_order_are_refused(statement: str, evidence: str) -> None:
    assert not supports(statement, evidence).supported


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        (
            "五年来，累计开展技能培训600余场",
            "五年来,累计开展技能培训600余场,参与产业工人3.2万人(次)。",
        ),
        ("参与产业工人３.２万人（次）", "参与产业工人3.2万人(次)。"),
        ("累计开展 技能培训\n600余场。", "累计开展技能培训600余场"),
        ("“累计开展技能培训”", "累计开展技能培训600余场"),
        ("LED照明", "led照明企业"),
        ("不少于30人参加", "每期不少于30人参加"),
    ],
)
def test_width_space_case_and_outer_marks_do_not_matter(statement: str, evidence: str) -> None:
    assert supports(statement, evidence).kind == "verbatim"


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        (
            "文水县五年来累计开展技能培训600余场",
            "五年来,文水县累计开展技能培训600余场,参与产业工人3.2万人(次)。",
        ),
        (
            "丰县投资600万元改造县工人文化宫",
            "丰县投资600万元对县工人文化宫(职工服务中心)进行功能改造提升",
        ),
        (
            "2019年12月印发了实施方案",
            "2019年12月,市委、市政府印发了《朝阳市产业工人队伍建设改革实施方案》",
        ),
    ],
)
def test_honest_rewording_is_accepted(statement: str, evidence: str) -> None:
    verdict = supports(statement, evidence)
    assert verdict.supported, verdict.reason
    assert verdict.kind in ("verbatim", "reworded")


@pytest.mark.parametrize("blank", ["", " \n", "。", "“”", "\u200b", "……"], ids=ascii)
def test_blank_supports_nothing_and_needs_more_than_nothing(blank: str) -> None:
    assert not supports(blank, "文水县举办培训").supported
    assert not supports("文水县举办培训", blank).supported
    assert not supports(blank, blank).supported


@settings(deadline=None, max_examples=150)
@given(seed=st.integers(0, 10**9))
def test_whole_sentences_of_a_report_are_verbatim(
    documents: Mapping[str, Document], seed: int
) -> None:
    pick = random.Random(seed)
    text = pick.choice(sorted(documents.items()))[1].text
    spans = sentences(text)
    first = pick.randrange(len(spans))
    start, end = spans[first][0], spans[min(first + pick.randrange(3), len(spans) - 1)][1]
    if end - start < 8:
        return
    around = text[max(0, start - pick.randrange(40)) : end + pick.randrange(40)]
    assert supports(text[start:end], around).kind == "verbatim", text[start:end]


@settings(deadline=None, max_examples=100)
@given(seed=st.integers(0, 10**9))
def test_changed_digit_is_never_supported(documents: Mapping[str, Document], seed: int) -> None:
    """In any sentence of the reports: one digit made another, the rest left alone."""
    pick = random.Random(seed)
    text = pick.choice(sorted(documents.items()))[1].text
    spans = [(s, e) for s, e in sentences(text) if any(c.isdigit() for c in text[s:e])]
    start, end = pick.choice(spans)
    sentence = text[start:end]
    at = pick.choice([i for i, c in enumerate(sentence) if c.isdigit()])
    # A digit no number of the sentence has, so that no other figure can stand for it.
    others = [d for d in "123456789" if d not in sentence]
    if others:
        changed = sentence[:at] + pick.choice(others) + sentence[at + 1 :]
        assert not supports(changed, sentence).supported, changed


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_two_texts_get_a_verdict(statement: str, evidence: str) -> None:
    verdict = supports(statement, evidence)
    assert verdict.supported == (verdict.kind != "unsupported")
    assert verdict.reason


def test_coverage_is_a_share() -> None:
    assert coverage("技能培训", "技能培训班") == 1
    assert coverage("技能培训", "技能大赛") == pytest.approx(1 / 3)
    assert coverage("技能培训", "") == 0


@pytest.mark.parametrize(
    ("statement", "evidence"),
    [
        ("地球平均半径约为6371千米", "地球的平均半径约6371千米,赤道周长约40076千米"),
        ("全网话题超过了2亿", "活动期间全网话题超2亿"),
        ("屋脊上共有10个脊兽", "屋脊上共有10只脊兽"),
        ("篮球的直径是24厘米", "7号篮球直径24cm"),
        ("旅行者二号的任务已经完成", "旅行者2号的任务已经完成"),
        ("原因有两点：工资低，工时长", "原因是工资低,工时长"),
        ("官方没有给出下架的原因", "官方没有公开解释下架原因"),
        ("职工应避免在睡前喝刺激性饮料", "职工睡前应避免喝刺激性饮料"),
        ("何不参加技能培训", "为什么不参加技能培训"),
        ("航空服务收入由旅客费用组成", "航空和非航空服务收入中,航空收入由旅客费用组成"),
        ("召开的时间是五月,地点是文水县", "五月在文水县召开,地点是文水县"),
    ],
)
def test_same_fact_in_other_words_is_not_taken_for_another(statement: str, evidence: str) -> None:
    """A bound with 了 or 为, another measure word for things, a denial a few words on."""
    from rag.support import settled

    verdict = settled(statement, evidence)
    assert verdict is None or verdict.supported, verdict.reason


@pytest.mark.parametrize(
    ("fault", "statement", "evidence"),
    [
        ("another number of a name", "旅行者1号的通信中断", "旅行者2号的通信中断"),
        ("another measure", "屋脊兽高22厘米", "屋脊兽高22米"),
        ("another count of reasons", "原因有两点：工资低，工时长", "原因有三点:工资低,工时长,路远"),
        ("persons for things", "屋脊上有10个人", "屋脊上有10只脊兽"),
        ("不 of a limit dropped", "工资增幅低于平均增幅", "工资增幅不低于平均增幅"),
        ("denied although said", "企业没有参加培训的要求", "企业参加培训,没有提出要求"),
        ("what was only asked", "种子的主要部分是胚", "种子的主要部分是( )。A种皮。B胚。C子叶。"),
        ("a clause about something else", "文水县举办技能培训班，外资银行参与了航天发射", "文水县举办技能培训班"),
    ],
)  # fmt: skip
def test_new_leniency_opens_no_door(fault: str, statement: str, evidence: str) -> None:
    assert not supports(statement, evidence).supported, fault


def test_weights_say_what_the_measures_mean() -> None:
    """Wording of the evidence speaks for a statement, new words and mere questions against it."""
    from rag.likeness import MEASURES, Likeness, likeness, score

    quoted = likeness("全县举办技能培训班", "五年来全县举办技能培训班")
    assert (quoted.known, quoted.in_order, quoted.end) == (1, 1, 1)
    assert (quoted.asked, quoted.new_words) == (0, ())
    asked = likeness("全县举办技能培训班", "全县举办技能培训班吗？")
    assert asked.asked == 1
    assert likeness("职工参加航天发射", "职工参加比赛").new_words == ("航天",)
    for name, step in zip(MEASURES, (0.1, 0.1, 0.1, -0.1, None), strict=True):
        worse = {f: getattr(quoted, f) for f in ("known", "in_order", "end", "asked", "new_words")}
        if step is None:
            worse["new_words"] = ("航天",)
        else:
            worse[name] -= step
        assert score(Likeness(**worse)) < score(quoted), name


def test_report_in_traditional_characters_proves_what_it_says_and_no_other_figure() -> None:
    report = "五年來,文水縣累計開展技能培訓600餘場,參與職工3.2萬人。"
    assert supports("累計開展技能培訓600餘場", report).kind == "verbatim"
    assert supports("五年来，文水县累计开展技能培训600余场。", report).kind == "reworded"
    assert not supports("五年来，文水县累计开展技能培训600场。", report).supported
    assert not supports("五年来，文水县累计开展技能培训900余场。", report).supported
    assert not supports("参与职工3.2亿人。", report).supported
