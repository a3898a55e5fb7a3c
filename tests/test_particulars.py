"""A narrow thing that a question turns on is told by words of its own or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import Assistant
from rag.advice import for_oneself
from rag.names import people
from rag.particulars import left_out
from rag.places import Places
from rag.question import Question, analyse
from rag.retrieval import Searcher
from rag.specifics import lacking
from rag.units import unit_fit
from rag.values import figures

CHINESE = st.text(st.characters(categories=["Lo", "Nd", "Po", "Ps", "Pe"]), min_size=1, max_size=60)
COURSE = "开办了2期线上中高级育婴员培训班,培训学员200人,这在丰县尚属首次。"


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        ("文水县总工会的办公电话是多少？", "在办公楼一楼成立农民工驿站。", "咨询电话:0358-3022000。"),
        ("阜宁县总工会办公地点在哪条路上？", "在重点镇区、街道设点。", "县总工会在阜城大街18号办公。"),
        ("徐留平在批示里写了什么话？", "得到徐留平的肯定批示。", "徐留平批示指出:做法值得推广。"),
        ("丰县公交公司的集体合同是谁签的字？", "举行集体协商会议。", "张三代表职工方签了合同。"),
        ("丰成盐化工协商的结果怎么样？", "对职工的福利待遇进行了集体协商。", "双方达成一致,工资涨5%。"),
        ("文水选手在吕梁市比赛，成绩怎么样？", "优胜者代表文水县参加比赛。", "获得第二名。"),
        ("阜宁学家政的女职工后来找到工作没有？", "为60名女职工提供家政培训服务。", "已有52人走上就业岗位。"),
        ("丰县育婴员培训班拿到证的有几人？", COURSE, "其中180人取得资格证书。"),
        ("朝阳互助保障单笔最高赔了多少钱？", "涉及理赔金额近60万元。", "最高一笔理赔5万元。"),
        ("朝阳招聘会最后真正上岗的有多少人？", "达成初步就业意向7.2万人次。", "实际录用1.1万人。"),
        ("阜宁法律援助中心追回了多少欠薪？", "提供无偿法律援助每年30次以上。", "为职工追讨欠薪80万元。"),
        ("文水劳模每月荣誉津贴是多少元？", "给予3000元的现金奖励。", "每月发放荣誉津贴200元。"),
        ("朝阳市中级法院审结了多少件案子？", "办理农民工法律援助案件270件。", "法院审结劳动争议案270件。"),
        ("赤峪煤矿评出的“最美职工”是谁？", "开展了“最美职工”评选活动。", "“最美职工”代表张建国说。"),
        ("十大工匠除徐小宝外，另外九个人是谁？", "选树钳工徐小宝、司亚东、韩学柱等。",
         "司亚东、韩学柱、王金星、李文海、赵国强等九人。"),
        ("文水工会的签约商家有哪些？", "会员享受商家购物优惠和优质服务。", "美锦超市、凤城影院等商家。"),
        ("阜宁的安康驿站都建在什么地方？", "新建“安康驿站”16座。", "在物流园、汽车站新建16座。"),
        ("阜宁职工疗休养去的是哪个疗养院？", "组织1000名劳模疗休养。", "赴无锡工人疗养院疗休养。"),
        ("培育出多少家市级示范单位？", "培育出省级示范单位20家。", "培育出市级示范单位35家。"),
        ("五一劳动奖评选中女职工占比不少于百分之几？", "产业工人占比不少于60%。", "女职工占比不少于25%。"),
        ("文水县委督查组的组长由谁担任？", "成立协调领导小组,县长孟兰生任组长。", "督查组由王力任组长。"),
        ("盐城的20家省级示范单位有哪些？", "大力开展党建活动,培育省级示范单位20家。",
         "悦达纺织公司、中车电机公司等成为示范单位。"),
        ("那场法治宣传请了哪些律师来讲课？", "组织开展了普法宣传。", "律师张卫国说,要依法维权。"),
        ("请的老师叫什么？", "为女职工提供家政培训服务。", "特邀请张五行老师授课。"),
        ("文化宫改造的施工单位是哪家？", "投资600万元进行改造。", "由徐州建工公司承建。"),
        ("选的那家外资企业叫什么？", "选择国有、外资等四种企业试点。", "选择悦达起亚公司试点。"),
        ("计俊是在什么会议上谈起成效的？", "计俊如数家珍。", "计俊在座谈会上如数家珍。"),
        ("第二届职业技能大赛在哪个场馆举行的？", "大赛分8个类型。", "大赛在县体育馆举行。"),
        ("历届“最美产业工人”有哪些人，给个名单", "开展评选。", "李红、王强、张敏等当选。"),
        ("优秀工人里已经转正成正式党员的有几个？", "预备党员30人。", "12人转为正式党员。"),
        ("盐城试点企业的“能级工资”怎么划等级？", "在部分企业试点开展“能级工资”集体协商。",
         "按照技能等级和业绩划分五级。"),
    ],
)  # fmt: skip
def test_sentence_on_the_matter_without_the_very_thing_is_no_answer(
    searcher: Searcher, question: str, without: str, having: str
) -> None:
    asked = searcher.analyse(question)
    assert left_out(asked, without)
    assert not left_out(asked, having)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("参加比武的人数，丰县、盐城、朝阳哪里最多？", "带动岗位练兵1.8万人。"),
        ("五一劳动奖最少要有多大比例的产业工人？", "产业工人占比不少于60%。"),
        ("阜宁拿到县级奖章的有多少位？", "县“五一”劳动奖章获得者58名,市级以上劳模32人。"),
        ("进口货物通关平均要花多少小时？", "进口整体通关时间为10.56小时。"),
        ("汤云庆怎么评价“三步走”？", "产改由点向区域发展。"),
        ("盐城怎样选树产改典型？", "着重选树在四个方面工作突出的企业。"),
        ("给丰县比武掏钱的，是哪家打电话上网的公司？", "举办了“中国移动通信杯”大比武。"),
        ("文水的劳模除了奖金，还有什么照顾？", "从带薪休假等方面给予支持。"),
        ("朝阳那十个顶尖手艺人是谁给评的？", "市政府评选表彰了“朝阳十大工匠”。"),
        ("丰县2020年办了几届实际操作技能大赛？", "举办第十三届大赛。"),
        ("预备党员里还没转正的有几位？", "预备党员30人。"),
        ("为什么会上光荣榜？", "“最美职工”上光荣榜。"),
        ("怎么挑典型，重点看企业家哪些表现？", "着重选树四个方面突出的企业家。"),
    ],
)
def test_words_that_only_look_particular_refuse_nothing(
    searcher: Searcher, question: str, text: str
) -> None:
    assert not left_out(searcher.analyse(question), text)


@given(CHINESE)
def test_no_text_breaks_the_look_for_particulars(text: str) -> None:
    for question in ("另外十万个人是谁？", "哪个市级医院？", "女职工占比多少？"):
        left_out(_asked(question), text)


@given(
    st.text(
        "另外其余剩下的两三十0129个位名人谁哪市级医院占比多少叫什么单,", min_size=1, max_size=24
    )
)
def test_no_question_breaks_the_look_for_particulars(question: str) -> None:
    if any(c.isalnum() for c in question):
        left_out(_asked(question), "培育出省级示范单位20家,张三、李四等。")


def _asked(question: str) -> Question:
    return analyse(question, Places([]))


@pytest.mark.parametrize(
    "question",
    [
        "老板拖欠工资不给，劳动仲裁申请书怎么写？",
        "工伤认定要交哪些材料，几天出结果？",
        "徐州市总工会主席姓甚名谁？",
        "江苏君乐宝乳业有限公司的董事长叫什么？",
        "东台市的十大产改示范窗口是什么时候挂牌的？",
        "江苏中车电机的“五带五联五起来”，到底是哪五带哪五联？",
        "盐城三级试点企业中外资企业有多少家？",
        "文水县产改协调领导小组一共有多少个成员单位",
        "徐州天虹银丰纺织为什么被选为丰县产改试点企业？",
        "刘邦是哪一年驾崩的？享年多少岁",
    ],
)
def test_what_the_reports_leave_open_is_refused(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).state == "abstained"


@pytest.mark.parametrize(
    ("question", "no", "yes"),
    [
        ("一共发了几篇文章？", "二十大精神", "3篇文章"),
        ("有多少册图书？", "示范点112家", "2万册图书"),
        ("提出了多少条措施？", "32家成员单位", "15条措施"),
        ("总结的典型案例有多少个？", "试点企业1036家", "典型案例26个"),
        ("颁出了多少个奖项？", "40支代表队", "12个奖项"),
        ("培训班每期为期几天？", "连续三年", "为期3天"),
        ("练了多长时间？", "一分钟", "两个月"),
        ("建了多少个培养基地？", "近2万人", "基地5个"),
        ("来招人的单位多少家？", "岗位80余万个次", "单位1200家"),
    ],
)
def test_measure_word_of_another_thing_is_no_answer(question: str, no: str, yes: str) -> None:
    (unit,) = _asked(question).asked
    assert max(unit_fit(unit, figure) for figure in figures(no)) < 0.3
    assert max(unit_fit(unit, figure) for figure in figures(yes)) > 0.8


def test_event_that_happens_once_is_not_dated_by_what_is_done_every_year(
    searcher: Searcher,
) -> None:
    asked = searcher.analyse("阜宁县人社局的职工法律援助站啥时候挂的牌？")
    assert lacking(asked, "在县人社局挂牌设站,提供无偿法律援助每年达30次以上。", 0.0)
    assert not lacking(asked, "2021年5月,在县人社局挂牌设站。", 1.0)


def test_what_was_issued_is_not_dated_by_the_day_the_report_appeared(assistant: Assistant) -> None:
    question = "《新时代阜宁产业工人队伍建设改革实施方案》的印发日期是几月几号？"
    assert "发布时间" not in assistant.ask(question).text
    assert "2023-02-02" in assistant.ask("写阜宁的这篇报道是哪天发布的？").text


def test_advice_for_oneself_is_refused_unless_the_reports_surely_tell(assistant: Assistant) -> None:
    assert assistant.ask("老板一直不签合同，我该怎么办？").state == "abstained"
    assert not for_oneself("产业工人的住房困难怎么解决？")
    assert not for_oneself("我国自己造的第一艘邮轮叫什么名字？")
    assert not for_oneself("引进新人会让哪名中场前途不明？")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("阜宁党工组织讲的四个“同步”是哪四个？", "同步利用"),
        ("文水2023年评五一劳动奖，产业工人最少要占到几成？", "60%"),
        ("文水县产改协调领导小组的汇报会，间隔多长时间开一次？", "每两月"),
        ("东台正在创建的产改示范窗口号称几大？", "十大"),
    ],
)
def test_what_is_told_in_its_own_way_is_not_refused(
    assistant: Assistant, question: str, answer: str
) -> None:
    assert answer in assistant.ask(question).text


def test_list_of_services_names_no_insurer(searcher: Searcher) -> None:
    asked = searcher.analyse("阜宁给货车司机送专项保险，找的是哪家公司？")
    assert lacking(asked, "为司机送上专项保险、健康体检、法律服务、清凉礼包等关爱服务。", 1.0)


def test_head_of_a_foreign_body_is_a_person() -> None:
    (person,) = people("美国决定制裁塞尔维亚安全局局长亚历山大·武林。")
    assert person.name == "亚历山大·武林"
    assert people("开展“中国梦·劳动美”主题活动。") == ()


def test_measure_word_inside_a_word_counts_nothing() -> None:
    text = "2台阶 1架构 3双创基地 12双师型教师 3款项 5双鞋 120款游戏"
    assert [figure.text for figure in figures(text)] == ["5双", "120款"]


def test_polite_opening_is_no_plea_for_advice(assistant: Assistant) -> None:
    assert assistant.ask("我想知道徐小宝是哪个单位的，干什么工种？").state == "answered"
