"""The table of narrow things: what it sets aside, and what is told in other words."""

from __future__ import annotations

import pytest

from rag import Assistant
from rag.particulars import left_out
from rag.retrieval import Searcher
from rag.specifics import lacking


@pytest.mark.parametrize(
    ("question", "without", "having"),
    [
        ("文水工会会员卡怎么申领？", "为职工发放会员卡,享受购物优惠。", "凭身份证到县总工会申领。"),
        ("阜宁的党工建指导员有没有补贴？", "选配党工建指导员277名。", "每月发放补贴300元。"),
        ("工会法律志愿者是不是必须有律师证？", "组建法律志愿者队伍。", "志愿者须持有律师执业资格。"),
        ("文水新业态劳动者入了会要不要交会费？", "新发展会员4962人。", "入会免交两年会费。"),
        ("文水农民工驿站能不能过夜住宿？", "成立农民工驿站。", "驿站设床位供农民工住宿。"),
        ("新建的“安康驿站”里有没有空调？", "新建“安康驿站”16座。", "配有空调、饮水机。"),
        ("丰县的劳务派遣工是不是同工同酬？", "依法维护合法权益。", "实行同工同酬。"),
        ("文水劳模犯了错，称号会不会被取消？", "隆重表彰74名劳模。", "违纪的取消称号。"),
        ("不合格的示范窗口怎么办，会不会摘牌？", "加快示范窗口的创建。", "考核不合格的予以摘牌。"),
        ("专项经费用错了怎么处罚？", "加强使用情况的考评。", "挪用的依法追究责任。"),
        ("学“学习强国”有没有积分要求？", "推动学习全覆盖。", "每人每天积分不低于30分。"),
        ("试点“能级工资”以后，工人收入有什么变化？", "开展集体协商。", "技术工人工资平均提高12%。"),
        ("官司打赢的多不多？", "提供无偿法律援助。", "挽回损失900多万元。"),
        ("工友对产改怎么看？", "他操作技能提升迅猛。", "工友们表示干劲更足了。"),
        ("“产改再出发”专栏看的人多不多？", "开辟专栏,推广经验做法。", "阅读量超过10万次。"),
        ("七个“职工之家”的钱怎么筹？", "准备建立七个“职工之家”。", "由财政和工会共同出资。"),
        ("每年500万元经费怎么分给企业？", "纳入政府预算。", "按培训人数分配。"),
        ("专项保险出了事怎么赔？", "送上专项保险、健康体检。", "意外身故一次性赔付10万元。"),
        ("“四轮驱动”有没有被别的县学去？", "构筑工作体系。", "经验在全市推广。"),
        ("劳动竞赛以后工期提前了吗？", "牵头开展劳动竞赛6场次。", "项目提前40天竣工。"),
        ("15名职工得的都是什么病？", "为15名患大病的困难职工发放救助金。", "其中肺癌6人。"),
        ("有没有配专职的思政人员？", "强化“大思政”理念。", "配备专职思政人员12名。"),
        ("大赛允不允许外县户口的工人报名？", "举办第二届技能大赛。", "凡在文水务工者均可报名。"),
        ("盐城明年打算扩到多少个园区？", "今年覆盖28个园区。", "明年力争实现园区全覆盖。"),
        ("外卖小哥有没有人退会？", "吸纳2631名劳动者加入工会。", "三年来无一人退会。"),
        ("“最美职工”要不要工友投票？", "开展了评选活动。", "经班组民主推荐产生。"),
        ("防暑物品采购走没走招标程序？", "送去清凉防暑物品。", "物品经公开招标采购。"),
        ("相亲会成了几对？", "举办青年联谊相亲活动。", "12对男女牵手。"),
        ("煤矿关了，矿工怎么安置？", "关闭小煤矿。", "矿工转岗就业。"),
        ("文山学院的新校址选在哪里？", "启动学院建设工程。", "新校区位于砚山。"),
        ("拉萨绿化用的什么树？", "推进南北山绿化。", "以油松、柳树为主。"),
        ("职工宿舍的租金怎么收？", "加强职工宿舍建设管理。", "每月租金按成本价收取。"),
        ("“金牌职工”评上以后有没有奖金？", "评选县五一劳动奖章58名。", "每人奖励3000元。"),
        ("那篇纪实登在哪家报纸上？", "对丰县的工作予以肯定。", "纪实刊登在《工人日报》上。"),
        ("武术大赛的主题叫什么？", "举办全县职工武术大赛。", "以“强身健体”为主题。"),
        ("服务窗口几点上班？", "设立职工服务窗口。", "上午8点半开门。"),
        ("技能大赛是怎么赛的，笔试还是实操？", "大赛分8个类型。", "先笔试后实操。"),
        ("“最美职工”是怎么评出来的？", "开展了“最美职工”评选活动。", "由班组推荐、投票产生。"),
        ("任务清单上写了哪些任务？", "下发了产改工作任务清单。", "任务清单包括宣传、培训两项。"),
        ("他对下一步工作提了哪些要求？", "并对下一步工作提出了具体要求。", "要求扩大试点企业的数量和范围。"),
        ("改革方案是不是要公开征求意见？", "根据《意见》修订完善方案。", "向社会公开征求意见。"),
        ("修订后的方案什么时候印发？", "2019年12月印发了方案。", "修订方案于2025年5月印发。"),
        ("培训班的学员后来就业情况怎么样？", "培训学员200人。", "180人走上就业岗位。"),
        ("他们比赛赢了，回去能涨一级吗？", "400多人获奖。", "获奖者晋升技师。"),
    ],
)  # fmt: skip
def test_aspect_that_a_text_would_tell_in_words_of_its_own_is_not_taken_as_told(
    searcher: Searcher, question: str, without: str, having: str
) -> None:
    asked = searcher.analyse(question)
    assert left_out(asked, without)
    assert not left_out(asked, having)


def test_one_more_stands_in_a_row_with_the_one_that_is_known(searcher: Searcher) -> None:
    asked = searcher.analyse("“朝阳十大工匠”除了徐小宝还有谁？")
    assert left_out(asked, "表彰以钳工徐小宝为代表的“朝阳十大工匠”,选树司亚东、韩学柱。")
    assert not left_out(asked, "“朝阳十大工匠”徐小宝、司亚东、韩学柱等受到表彰。")
    assert not left_out(asked, "另外九名工匠是司亚东、韩学柱等。")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("赤峪煤矿评上“最美职工”的人有没有奖励？", "浮动工资"),
        ("赤峪煤矿最美职工除了浮动工资还有哪些待遇？", "光荣榜"),
        ("在赤峪煤矿当上最美职工以后能不能升职？", "提拔任用"),
        ("吕梁建龙国金电力怎么奖励先进职工？", "绩效工资"),
        ("文水8月那场单身职工相亲会主题是什么？", "青春有佳缘"),
        ("文水第二届职业技能大赛的26个项目怎么分的？", "8个类型"),
        ("文水县“职工技能素质提升体系”包括哪些内容？", "工匠选树"),
        ("丰县产改试点企业除了君乐宝还有哪几家？", "佳合食品"),
        ("丰县说的产业工人职业发展“立交桥”指什么？", "互通互认"),
        ("丰县困难职工生了大病怎么办？", "医疗救助金"),
        ("阜宁在新业态里建会是怎么选行业的？", "快递"),
        ("盐城靠谁征求企业的意见？", "联络员"),
        ("朝阳产改讲的“大合唱”指的是什么？", "齐抓共管"),
    ],
)
def test_narrow_thing_told_in_other_words_is_not_refused(
    assistant: Assistant, question: str, answer: str
) -> None:
    assert answer in assistant.ask(question).text


def test_deputy_is_not_the_head(searcher: Searcher) -> None:
    asked = searcher.analyse("文水县产改协调领导小组里给组长打下手的副组长是谁？")
    assert lacking(asked, "成立协调领导小组,县长孟兰生任组长。", 1.0)
    assert not lacking(asked, "领导小组由县人大主任王力任副组长。", 1.0)


def test_day_is_not_told_by_a_year(searcher: Searcher) -> None:
    asked = searcher.analyse("文水县的相亲会是哪天办的？")
    assert lacking(asked, "今年举办了青年联谊相亲活动。", 0.4)
    assert not lacking(asked, "中秋节当天举办了相亲活动。", 0.4)
    assert not lacking(asked, "8月19日举办了相亲活动。", 1.0)


def test_doer_asked_of_a_place_is_a_body_or_a_person(searcher: Searcher) -> None:
    asked = searcher.analyse("东台的产改示范窗口由谁来验收？")
    assert left_out(asked, "加快十大产改示范窗口的创建。")
    for told in ("由市产改办验收。", "市总工会组织验收。", "县委成立督查组,对产改工作进行督查。"):
        assert not left_out(asked, told)
    # In books on anything a name may be all there is.
    asked = searcher.analyse("莱茵守军战曲是由谁写的？")
    assert not left_out(asked, "德利斯勒谱写了莱茵守军战曲。")


def test_doer_of_another_clause_did_not_do_it(searcher: Searcher) -> None:
    asked = searcher.analyse("东台的产改示范窗口由谁来验收？")
    far = "加快十大产改示范窗口的创建,让示范窗口成为航标灯,各项工作走在前列,全市企业踊跃参与。"
    assert left_out(asked, far)


def test_number_of_things_asked_by_name_is_set_aside(searcher: Searcher) -> None:
    asked = searcher.analyse("盐城的12个示范乡镇叫什么名字？")
    assert lacking(asked, "抓好12个示范乡镇。县、乡、村三级共建平台,发改、财政、人社联动。", 1.0)


def test_body_that_hosts_an_event_is_no_firm(searcher: Searcher) -> None:
    asked = searcher.analyse("丰县优秀员工培训班的主办单位是哪家？")
    assert not left_out(asked, "丰县总工会举办了优秀员工综合素质提升培训班。")
    assert left_out(asked, "近百名优秀班组长参加了培训班。")
