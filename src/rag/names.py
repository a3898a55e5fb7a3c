"""People named with an office in Chinese reports: 阜宁县人大常委会副主任、总工会主席计俊.

Family names are the hundred most common and those of the compound names; a
person is taken only next to an office, a profession, a title or a byline, or in a row
of names, because three characters alone prove nothing.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

# What a person may hold or work as: 任组长, 兼主席, 是焊工.
OFFICES = (
    "主席", "书记", "县长", "市长", "区长", "主任", "部长", "局长", "秘书长", "组长", "会长", "院长",
    "校长", "董事长", "总经理", "总裁", "经理", "负责人", "代表人", "领队", "主持人", "委员", "钳工", "车工", "焊工", "电工", "倍捻工", "老师", "教授", "讲师", "律师", "教练",
)  # fmt: skip
# What a person is named as and does not hold: who wrote the report, who is praised or speaks in it.
CREDITS = (
    "记者", "通讯员", "供稿", "统筹", "编辑", "作者", "代表", "先进典型", "典型", "工匠", "劳模",
)  # fmt: skip
NAMED_AS = OFFICES + CREDITS
FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕"
    "丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃"
    "武戴莫孔向汤计梅瞿司柳葛章庄俞岳齐施乔牛温芦俞安兰翟单鲁常时路包阮阎霍樊祝戚"
)
# Words that begin like a family name: 时间是, 一方面是, 任务是.
_WORDS = (
    "方面|方法|方式|方案|方向|时间|时候|时期|时代|任务|任何|单位|单独|高度|高级|程度|成绩|成果|成本|金额|温度|路线|常见|白天|毛病|万一"
    "|包括|严重|向来|平时|平均|和平|安全|水平|计划|马上|顾客|周期|周边|周围|余下|段落|张力|许多|于是|章程|简单|项目|包装|武器|黄金"
)
_COMPOUND = "欧阳|上官|司马|诸葛"
# Less common ones, taken only right behind an office or before a title.
_RARE = "束郎裴庞丛岑喻祁申甘聂焦盛舒屈卞骆游翁靳褚费辛欧蓝阳麦古解邢宫鲍"
_SURE = "".join(sorted(set(FAMILY) - set("高金安方万常路时石任全向温计单龙史白汤武")))
_NAME = rf"(?!{_WORDS})(?:{_COMPOUND}|[{FAMILY}])[\u4e00-\u9fff]{{1,2}}"
_BEFORE = re.compile(
    rf"(?P<office>{'|'.join(NAMED_AS)})(?:同志)?[ :：、]?(?P<name>{_NAME}?)"
    rf"(?=同志|一行|率|带|到|任|说|告诉|坦言|介绍|如|表示|主持|出席|宣布|指出|强调|透露|亲自|在|等|授|笑|为代表|的|将|现场|会见|称|认为|接受|对|向|[,，。;；、)） ]|$)"
)
# 局长亚历山大·武林
_FOREIGN = re.compile(
    rf"(?P<office>{'|'.join(NAMED_AS)})(?P<name>[\u4e00-\u9fff]{{1,8}}(?:[·∙•][\u4e00-\u9fff]{{1,8}}?)+)"
    r"(?=同志|表示|说|称|认为|在|对|向|的|等|质疑|[,，。;；、)） ]|$)"
)
_AFTER = re.compile(rf"(?P<name>{_NAME})(?=是|等一批|老师|同志|任|担任|兼任)")
_GIVEN = rf"(?!{_WORDS})(?:{_COMPOUND}|[{_SURE}{_RARE}])"
# 律师赵耀荣建议, 总裁朱懂东将…: whatever they do, two more characters behind an office are a name.
_NO_NAME = "主在回来说对向与和将也就于从为曾等亲被把带给还已是老率表透强指介宣认致做出发"
_AT_WORK = re.compile(
    rf"(?:{'|'.join(OFFICES)}|发言人|合伙人|教师|检察官|医生|博士|主持)[ :：]?"
    rf"(?P<name>{_GIVEN}(?![\u4e00-\u9fff]{{0,2}}[省市县区镇村局厅委])[\u4e00-\u9fff](?:[^{_NO_NAME}\W\da-zA-Z])?)"
)
# 杨震委员, 柳金红院长, 张瑞宏教授, 梅宏院士; 由李颖川牵头; 现年50岁的联蒙珂担任.
_WITH_TITLE = re.compile(
    rf"(?:^|[^\u4e00-\u9fff]|[院员的和与及由请聘邀])(?P<name>{_GIVEN}[\u4e00-\u9fff]{{1,2}}?)"
    r"(?=院士|教授|院长|委员(?!会)|校长|律师|医生|博士|老师|老人|警官|[，,]?(?:男|女)[，,])"
    rf"|由(?:[\u4e00-\u9fff]{{2,12}}?)?(?P<led>{_GIVEN}[\u4e00-\u9fff]{{1,2}}?)(?=主持|牵头|担任|主讲|授课|致辞|宣读|执导|主演|饰演)"
    r"|[\d一二三四五六七八九十]岁的(?P<aged>[\u4e00-\u9fff]{2,4}?)(?=担任|任|出任|说|是)"
    rf"|(?:人|长|席)(?:为|是)(?P<is>{_GIVEN}[\u4e00-\u9fff]{{1,2}}?)(?=[，,。;；、]|$)"
)
# 卫生部长科卡在社交媒体上, 主帅米哈伊洛维奇赛后: by the characters that stand for foreign sounds.
_SOUNDS = (
    "阿埃艾安奥巴贝比宾波伯布查达戴德迪蒂多厄恩尔法菲费弗福夫格戈古哈海赫亨洪胡霍基吉加杰金卡凯科克肯库拉莱兰雷里利丽莉廖林隆卢鲁伦罗洛"
    "马玛迈曼梅米密敏摩莫姆穆纳娜内尼妮涅诺帕潘佩皮普契奇切琴丘萨塞桑森沙珊什史斯丝苏索塔泰坦唐特藤提汀图托瓦万旺威韦维沃乌西希夏谢辛休逊雅亚杨叶伊因英尤约泽扎詹兹佐祖柏"
)
_SOUNDED = re.compile(
    rf"(?:部长|总统|总理|首相|主帅|主教练|教练|检察官|大臣|市长|州长|总裁|兼总裁|首席执行官|CEO|球员|前锋|发言人|议员|外长|防长|局长)"
    rf"(?P<name>[{_SOUNDS}]{{2,8}})(?=[^{_SOUNDS}])"
)
# Three names in a row, 司亚东、韩学柱、王金星, are people; 高标准、高质量 or 安全、金融 are not.
_IN_ROW = rf"(?:{_COMPOUND}|[{_SURE}])[\u4e00-\u9fff]{{1,2}}"
_ROW = re.compile(
    rf"(?:{_IN_ROW}、)+{_IN_ROW}(?=等|[,，。;；和与及]|统筹|供稿|摄|撰|同志|参加|荣获|当选|任|$)"
)
_TITLED = re.compile(
    rf"(?P<name>{_NAME}|[\u4e00-\u9fff]{{1,8}}(?:·[\u4e00-\u9fff]{{1,8}})+)(?=女士|先生|小姐|饰演|主演)"
    rf"|(?:接替|名叫|代表[是为]|长[是为]|分别[是为])(?P<after>{_IN_ROW}?)(?=女士|先生|[与和、,，。;；担兼]|$)"
)
# Of whom a question asks; three characters, as two are too often a word.
_ASKED_OF = re.compile(
    rf"(?P<name>(?!{_WORDS})(?:{_COMPOUND}|[{_SURE}])[\u4e00-\u9fff]{{2}}?)(?=[的是在一每能去说又]|以前|现在|今年|最)"
)

# Firms and the bodies of the state; a match may begin before the name does.
COMPANY = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:公司|集团|煤矿|[厂矿店]|电力|铸造|商场|医院|银行|事务所|酒店|宾馆|电厂|纺织|乳业|化工)"
    r"|[A-Za-z]{2,}"
)
PUBLIC_BODY = re.compile(
    r"[\u4e00-\u9fff](?:(?<![格布结当])局|厅|法院|检察院|委员会|协会|联合会|办公室|党校|移动|电信|联通)"
    r"|[省市县]委|[小督查]组|中心|学校|学院|电视台|新闻网|日报|工会|人社|民政|财政|公安|住建|司法|税务|工信|卫健|妇联|共青团|商务|发改"
)


@dataclass(frozen=True, slots=True)
class Person:
    """A person with the office named before; offsets are of the name in the text."""

    start: int
    end: int
    name: str
    office: str


@functools.lru_cache(maxsize=20_000)
def people(text: str) -> tuple[Person, ...]:
    """Persons named next to an office or a title or in a row of names, in order. Remembered."""
    found = [
        Person(*m.span("name"), m["name"], m["office"]) for m in _BEFORE.finditer(text) if m["name"]
    ]
    found += [Person(*m.span("name"), m["name"], m["office"]) for m in _FOREIGN.finditer(text)]
    taken = {p.start for p in found}
    found += [
        Person(*m.span("name"), m["name"], "")
        for m in _AFTER.finditer(text)
        if m.start() not in taken
    ]
    for match in _TITLED.finditer(text):
        group = "name" if match["name"] else "after"
        found.append(Person(*match.span(group), match[group], ""))
    for pattern in (_AT_WORK, _WITH_TITLE, _SOUNDED):
        for match in pattern.finditer(text):
            group = next(name for name, value in match.groupdict().items() if value)
            found.append(Person(*match.span(group), match[group], ""))
    taken = {p.start for p in found}
    for row in _ROW.finditer(text):
        for match in re.finditer(r"[^、]+", row[0]):
            start = row.start() + match.start()
            if start not in taken:
                found.append(Person(start, start + len(match[0]), match[0], ""))
    return tuple(sorted({p.start: p for p in reversed(found)}.values(), key=lambda p: p.start))


def first_person(question: str) -> str:
    """The person a question begins with, 朱冬梅 of 朱冬梅的工资涨到了多少; "" when there is none."""
    match = _ASKED_OF.match(question)
    return match["name"] if match else ""


def bodies(text: str) -> list[str]:
    """Firms and public bodies a text names, each about as written."""
    return [*COMPANY.findall(text), *PUBLIC_BODY.findall(text)]
