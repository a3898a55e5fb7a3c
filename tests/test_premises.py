"""What a question wrongly takes for granted is corrected, not confirmed, ignored or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant, build_index
from tests.conftest import over_texts


@pytest.mark.parametrize(
    ("question", "remark", "told"),
    [
        (
            "丰县2021年办的第一届安全生产和劳动保护技能大赛，来了多少支代表队？",
            "问题说的是2021年，原文为2020年。",
            "40支",
        ),
        (
            "沛县总工会2020年3月到丰县取经，是哪位带队去的？",
            "问题说的是2020年，原文为2021年。",
            "梅良杰",
        ),
        (
            "阜宁2019年定下的三年一轮回评选，都评哪几类人？",
            "问题说的是2019年，原文为2017年。",
            "金牌职工",
        ),
        (
            "丰县9月11日出台产改实施意见的时候，还一并建立了什么制度？",
            "问题说的是9月11日，原文为8月11日。",
            "联席会议制度",
        ),
        (
            "盐城组建了20个产业职教联盟之后，职业院校跟多少企业搭上了线？",
            "问题说的是“20个”，原文为“12个”。",
            "300余家",
        ),
        (
            "文水慰问重点工程1200名一线工人，选在了什么时候？",
            "问题说的是“1200名”，原文为“665名”。",
            "五一",
        ),
        (
            "文水产改协调领导小组的组长就是县委书记杨洋吧？",
            "问题说的是杨洋，原文为孟兰生任组长。",
            "孟兰生任组长",
        ),
        (
            "文水比赛拿了名次的人后来去参加太原市的大赛了，对吧？",
            "问题说的是太原市，原文为吕梁市。",
            "吕梁市",
        ),
        (
            "创建十大产改示范窗口的是盐城的大丰区，对吗？",
            "问题说的是大丰区，原文为东台市。",
            "东台市",
        ),
        (
            "东台市在特色产业园区内全面推进产改试点，是吗",
            "问题说的是东台市，原文为大丰区。",
            "大丰区",
        ),
        (
            "射阳县搞的那十大产改示范窗口，成效怎么样？",
            "问题说的是射阳县，原文为东台市。",
            "东台市",
        ),
        (
            "文水产改协调领导小组组长不是县委书记杨洋吗，他是哪年当的组长？",
            "问题说的是杨洋，原文为孟兰生任组长。",
            "孟兰生任组长",
        ),
        (
            "县委书记杨洋兼任文水县产改协调领导小组组长，他同时分管工会吗？",
            "问题说的是杨洋，原文为孟兰生任组长。",
            "孟兰生任组长",
        ),
        (
            "2020年阜宁县总围绕“新时代新职工新作为”主题开展了几场劳动竞赛？",
            "问题说的是2020年，原文为2022年。",
            "6场次",
        ),
        (
            "阜宁2020年建立的劳模三年一轮回评选机制包括谁",
            "问题说的是2020年，原文为2017年。",
            "2017年建立",
        ),
        (
            "阜宁产改搞“三轮驱动”，是哪三轮？",
            "问题说的是“三轮驱动”，原文为“四轮驱动”。",
            "四轮驱动",
        ),
        (
            "盐城的“五大行动”指的是哪些",
            "问题说的是“五大行动”，原文为“四大行动”。",
            "四大行动",
        ),
        (
            "“最美职工”评选是文水的建龙国金电力搞起来的吧？",
            "问题说的是吕梁建龙国金电力，原文为赤峪煤矿。",
            "赤峪煤矿",
        ),
        (
            "丰县第十三届职工大比武由中国电信冠名，当时怎么会选中它？",
            "原文为中国移动，与问题所说不同。",
            "中国移动",
        ),
        (
            "朱冬梅是江苏宗申车业的倍捻工，工资涨到多少",
            "问题说的是江苏宗申车业，原文为江苏今达纺织公司。",
            "7500元",
        ),
        (
            "阜宁县副县长计俊介绍成绩时，说三年新建了多少个基层工会？",
            "问题说的是副县长计俊，原文为阜宁县人大常委会副主任、总工会主席计俊。",
            "212个",
        ),
        (
            "听说文水给每个劳模发了5000块现金，是哪年开始发这个数的？",
            "问题说的是“5000块”，原文为“3000元”。",
            "3000元",
        ),
        (
            "丰县2020年夏天那场安全劳保比赛已经是第三届了，来了多少支队伍？",
            "问题说的是第三届，原文为第一届。",
            "40支",
        ),
        (
            "文水县产改协调领导小组是县委书记杨洋当组长，对吧？",
            "问题说的是杨洋，原文为孟兰生任组长。",
            "孟兰生",
        ),
        (
            "文水慰问重点工程1200名一线工人，选在了什么时候？",
            "问题说的是“1200名”，原文为“665名”。",
            "665名",
        ),
        (
            "盐城下面搞“十大产改示范窗口”的是射阳县，没弄错吧",
            "问题说的是射阳县，原文为东台市。",
            "东台市",
        ),
    ],
)
def test_wrong_premise_is_named_beside_what_the_report_says(
    assistant: Assistant, question: str, remark: str, told: str
) -> None:
    answer = assistant.ask(question)
    assert answer.text.startswith(remark), answer.text
    assert any(told in citation.quote for citation in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "射阳县有多少家产改试点企业？",  # asked, not put up for confirmation
        "盐城射阳县的产改示范窗口有几个？",
        "朝阳市2023年新增了多少高技能人才？",  # another year of what is counted every year
        "丰县第二届安全生产和劳动保护技能大赛是什么时候办的？",
        "丰县2019年9月办的第十二届职工技能大赛有多少人参加？",
    ],
)
def test_what_only_resembles_it_is_refused_and_not_corrected(
    assistant: Assistant, question: str
) -> None:
    assert assistant.ask(question).state == "abstained"


@pytest.mark.parametrize(
    "question",
    [
        "2020年9月23日的推进会上，丰县给哪六家试点企业下发了产改任务清单？",
        "丰县第一届安全生产和劳动保护技能大赛2020年7月办的，有多少人参加？",
        "阜宁“四轮驱动”那篇报道是什么时候发布的？",
        "丰县的产改办是2020年10月之前成立的吗？",
        "文水6月份送清凉活动送给了多少人？",
        "文水县委督查组组长就是杨洋吧",
        "丰县和南京在5200名职工的集体协商上有什么不同？",
        "文水和太原的优胜者都参加了大赛，对吧？",
        "东台市加快十大产改示范窗口的创建，对吗？",
        "射阳县有产改试点集群，对吗？",  # told of all its city
        "徐州的万名职工大练兵历时两个月，对吗？",  # 丰县 lies in it
        "射阳县坚持探索研究、争创产改“小岗村”，对吗？",
        "射阳县坚持目标导向、推进产改四大工程提质，对吗？",
        "盐城一千多家产改试点企业里，外资企业有几家？",
        "阜宁的“四轮驱动”是什么？",
        "丰县的“四位一体”维权机制包括哪些？",
        "赤峪煤矿的“最美职工”有什么待遇？",
        "“最美职工”和吕梁建龙国金电力的奖励有什么不同？",
        "《工人日报》刊发的凌钢案例是谁批示的？",
        "中国移动冠名的丰县大比武是第几届？",
        "朱冬梅在哪家公司上班，干哪个工种？",
        "朱冬梅是今达纺织的倍捻工，工资涨到多少？",
        "盐城市总工会书记王玉新说了什么？",
        "阜宁县总工会主席计俊怎么谈产改？",
        "县长孟兰生兼任什么组长？",
    ],
)
def test_right_premise_is_not_corrected(assistant: Assistant, question: str) -> None:
    assert "问题说的是" not in assistant.ask(question).text


def test_what_the_reports_say_as_well_is_not_corrected(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "one.md").write_text(
        "---\nregion: 江苏省/徐州市/丰县\n---\n丰县先用“三步走”战略推进产改。\n\n"
        "丰县后用四步走战略推进产改。\n\n丰县举办“中国移动杯”职工技能大赛。\n\n"
        "丰县与中国电信举办职工技能大赛培训。",
        encoding="utf-8",
    )
    build_index(corpus, tmp_path / "index")
    assistant = Assistant.load(str(tmp_path / "index"))
    for question in ("丰县的四步走战略推进什么？", "丰县与中国电信举办的职工技能大赛培训是什么？"):
        assert "原文为" not in assistant.ask(question).text
    assert "原文为“三步走”" in assistant.ask("丰县的五步走战略推进什么？").text


def test_number_within_a_quoted_name_is_no_figure_of_the_question(assistant: Assistant) -> None:
    asked = assistant.searcher.analyse("阜宁“四轮驱动”那篇报道提到的6场次竞赛是哪年的？")
    assert [figure.text for figure in asked.figures] == ["6场次"]


@pytest.mark.parametrize(
    "question",
    [
        "盐城报道里2022年下发的产改政策有哪些？",
        "盐城报道里的朱冬梅是哪年发的工资？",
    ],
)
def test_dateline_does_not_tell_when_something_else_was_issued(
    assistant: Assistant, question: str
) -> None:
    assert "发布时间" not in assistant.ask(question).text


def test_dateline_is_not_refused_for_how_little_it_says(assistant: Assistant) -> None:
    answer = assistant.ask("《阜宁县“四轮驱动”跑出产改“加速度”》一文发布于哪一天？")
    assert "2023-02-02" in answer.text


def test_when_a_report_appeared_is_told_by_its_dateline(assistant: Assistant) -> None:
    answer = assistant.ask("阜宁和盐城两篇稿子，哪篇发得早？")
    assert [c.quote for c in answer.citations] == [
        "发布时间:2023-02-02 09:47:51",
        "发布时间:2022-11-29 08:32:58",
    ]


def test_year_of_another_contest_does_not_stand_for_the_edition_named(
    assistant: Assistant,
) -> None:
    answer = assistant.ask("文水县第二届职业技能大赛是2022年办的，有多少个项目？")
    assert "问题说的是2022年" in answer.text
    assert "26个比赛项目" in answer.text
    assert "13个项目" not in answer.text


@pytest.mark.parametrize(
    "question",
    [
        "凌钢集团的徐小宝评上了什么",
        "在钢铁厂上班的徐小宝评上了什么",
        "在纺织公司上班的朱冬梅工资涨到了多少",
        "盐城市总工会负责人王玉新说了什么",
        "领队梅良杰是哪里的",
        "凌钢案例登上工人报了吗",
        "中国电信杯和中国移动杯是一回事吗，丰县第十三届大比武",
    ],
)
def test_short_or_general_name_of_the_right_one_is_not_put_right(
    assistant: Assistant, question: str
) -> None:
    text = assistant.ask(question).text
    assert "问题说的是" not in text
    assert "与问题所说不同" not in text


def test_firm_put_right_does_not_hang_on_the_order_of_a_set(tmp_path: Path) -> None:
    texts = {
        "a": "江苏甲乙集团开展“最美职工”评选活动，职工踊跃参加。\n"
        "江苏丙丁有限公司开展技能培训，江苏庚辛有限公司开展帮扶活动。"
    }
    answer = over_texts(tmp_path, texts).ask("无锡戊己有限公司的“最美职工”评选怎么搞？")
    assert "问题说的是江苏" not in answer.text


def test_year_stated_before_another_thing_is_asked_is_put_right(assistant: Assistant) -> None:
    answer = assistant.ask("君乐宝2021年才被定为徐州市产改试点企业，之前做了哪些准备？")
    assert answer.state == "answered"
    assert "问题说的是2021年，原文为2019年。" in answer.text
    # Of a year that is only asked about nothing is stated.
    assert assistant.ask("朝阳市2021年，新增了多少名高技能人才？").state == "abstained"


def test_who_is_spoken_of_before_a_name_is_no_employer(assistant: Assistant) -> None:
    """那位纺织女工朱冬梅 names no firm."""
    answer = assistant.ask("盐城那位纺织女工朱冬梅练到现在，一分钟能打三十个结，真的吗？")
    assert "问题说的是" not in answer.text
