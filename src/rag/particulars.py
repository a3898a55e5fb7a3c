"""The particular thing a question turns on, and the words by which a text would tell it.

丰县开办了2期线上中高级育婴员培训班,培训学员200人 has the place, the course and a number of people, and
yet says nothing of who got a certificate. Such words name one narrow thing (a telephone number, a
certificate, an allowance, the highest sum), which a text tells with words of a small family or not at
all; other wording of it that a report may choose belongs into the family. What is asked more loosely
is weighed by `rag.demands` and `rag.answerable`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.names import COMPANY, bodies, people
from rag.places import place_names, short_name
from rag.question import Question
from rag.text import simplify
from rag.values import chinese_number

_Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Particular:
    """asked: how a question turns on it. told: what a text that tells it holds. counted: whether
    it is looked for only where a figure is asked for."""

    asked: _Pattern
    told: _Pattern
    counted: bool = False


# Asked in any kind of question.
_THINGS_ASKED = (
    (
        r"(?:电话|手机号|号码|联系方式|邮箱|网址|官网)(?=是|号|多少|几|发我|给我|[?、。,!]|$|呢|吗|有)|联系电话|热线",
        r"\d{7,}|\d{3,4}-\d{6,}|电话|热线|邮箱|网址|@|www",
    ),
    (
        r"哪[条些]?(?:路段|[路街巷](?![人过数]))|几号楼|门牌|(?:办公|具体|详细)地[址点]|地址(?!栏)",
        r"[路巷]|街(?!道)|大道|\d号|位于|地处|坐落",
    ),
    (
        r"原话(?:是|怎么)?(?:怎么|什么|咋|如何)|批示[^,?]{0,10}(?:内容|写|说|话|怎么)|批了些?(?:哪|什么|啥)"
        r"|哪些话|哪几句话",
        r"说|道|称|表示|指出|强调|要求|[:：]\s*“",
    ),
    (r"签(?:的|了|过)?字|谁[^,]{0,6}签", r"签"),
    (
        r"谈成|协商[^,]{0,6}(?:结果|成了|下来)|谈[^,]{0,4}结果",
        r"达成|签订|签约|涨|提高|结果|约定|同意|增",
    ),
    (
        r"成绩(?:怎|如何|咋)|第几(?:名|$|[?])|得过什么奖|(?:什么|啥)名次",
        r"第\s*[\d一二三四五六七八九十]|[一二三]等|冠|亚军|季军|[金银铜]|[名位]列|排[名在第]|名次|成绩|获奖|前[三\d]|[至第]\d",
    ),
    (r"(?:什么|哪[个次场])会议|(?<!为)(?:什么|哪[个次场])会上", r"会|班|论坛"),
    (r"赞助|冠名费", r"赞助|捐|出资|提供"),
    (r"找(?:到|着)了?(?:工作|活|新?饭碗)|上岗|入职", r"就业|上岗|录用|入职|工作|用工|求职"),
)
# Asked of a figure.
_COUNTED_THINGS = (
    (
        # 哪里最多 asks which.
        r"^(?!.*(?:哪|谁)[^,?]{0,10}最).*(?:最高|最低|单笔|单次)(?![^,]{0,3}(?:级|法院|检察))",
        r"最|单笔|单次|上限|封顶|每|不[超低高少多][过于]|不得|至[少多]|以[上下内]|起步|起点",
    ),
    (
        r"真正(?=签|上岗|拿|用|到)|实际(?=花|到|上岗|签|支出|用)",
        r"实际|真正|正式|上岗|签订|签了|落实",
    ),
    (r"(?:考|拿|取|领)(?:到|得|了|上)?[^,]{0,3}(?:证|本本)|持证|拿证", r"证|资格|本"),
    (
        r"[得获拿]了?[过到]?[^,?]{0,3}奖(?!金)|获得奖项|(?<!什么)(?<!啥)名次",
        r"奖|名|优胜|冠|金|银|称号",
    ),
    (r"^(?!.*(?:没|未|差)\S{0,3}转正).*(?:转正|正式党员)", r"(?<!预备)正式|转正|转为"),
    (r"晋升|晋级|升了?(?:一)?级", r"晋|升"),
    (r"投诉|举报", r"投诉|举报|诉求|来访|信访|反映"),
    (r"追回|讨回|要回|讨薪", r"追|讨|挽回|要回|清欠|拿到|到位"),
    (r"省(?:下|了|出)|节约|节省", r"省(?![级市总委部内工])|节|缩短|减少|降低"),
    (r"流失|走掉|离职|辞职|跳槽", r"流失|离|辞|走|跳槽|留"),
    (r"审结|判决|开庭|立案|起诉", r"审|判|庭|立案|诉"),
    (r"转让", r"转让|转化|出售|交易"),
    (r"脱困|解困|脱贫", r"脱困|解困|脱贫"),
    (r"津贴", r"津贴|补贴|补助"),
    (r"补贴(?=[^,]{0,4}(?:多少|几|标准))", r"补|津贴|资助"),
    (r"奖金", r"奖|金"),
    (r"工资|月薪|年薪", r"工资|薪|收入"),
    *(
        (rf"{word}(?=[^,]{{0,8}}(?:多少|几))", word)
        for word in ("学费", "罚款", "加班费", "赔偿金", "补偿金", "养老金", "退休金", "公积金")
    ),
)
_PARTICULARS = (
    *(Particular(re.compile(asked), re.compile(told)) for asked, told in _THINGS_ASKED),
    *(Particular(re.compile(asked), re.compile(told), True) for asked, told in _COUNTED_THINGS),
)
# Who is honoured is told by names.
_HONOURED = re.compile(
    r"(?:评上|评给|授予|颁给|评出|评选出|选出|选树|当选|入选|获评|获奖|得奖|上榜|表彰)[^,?]{0,10}"
    r"(?:哪些人|哪几个人|哪几位|是谁|有谁|名单)"
    r"|(?:哪些人|哪几位|谁)[^,?]{0,6}(?:评上|当选|入选|获评|获奖|得奖|上榜)"
    r"|(?:历届|历年|首届|[本上这]届)[^,?]{0,14}(?:是谁|有谁|哪些人|名单)|哪些人[^?]{0,8}名单"
)
# Who it is of whom only the part is told: 哪个师傅带的她, 请了哪些律师, 上台发言的人叫什么.
_SOMEBODY = re.compile(
    r"(?:哪[个些几]位?|是什么)(?:师傅|老师|教授|律师|讲师|教练|领导|记者)"
    r"|(?:的人|那个人|那位|这位|师傅|老师|律师)(?:叫什么|叫啥|姓什么|名叫)|企业家,?(?:都|[有是])*(?:谁|哪几位|哪些人)"
)
# A firm is told by its name: 那家外资企业叫什么, 施工单位是哪家.
_FIRM = re.compile(
    r"(?:企业|公司|厂|店|事务所|商家)(?:叫什么|叫啥|名[字称](?:是|叫))"
    r"|(?:施工|承建|承包|承办|主办|协办|承保|中标|设计|监理|培训)的?(?:单位|机构|公司|企业|方)?[^,?]{0,3}(?:是哪[家个]|是谁)"
)
# Of nine others five names at least are to be told.
_OTHERS = re.compile(
    r"(?:另外|其他|其余|剩下)的?(?P<rest>\d+|[两二三四五六七八九十]+)[个位名]"
    r"|(?P<all>\d+|[四五六七八九十])(?:个人|[位名])[^,]{0,10}?(?:都是谁|名单|叫什么|叫啥|名字)"
)
# Things asked for by name are set side by side or announced.
_THINGS = r"(?:东西|产业|商家|商户|物品|课程|专业|行业|工种|项目|设施|品种)"
_WHICH_THINGS = re.compile(
    rf"(?:[有是]哪些|有(?:啥|些?什么)|都是(?:啥|什么)){_THINGS}"
    rf"|{_THINGS}(?:都|具体)?(?:[有是]哪些|(?:有|包括)(?:啥|什么)|都是(?:啥|什么))"
)
_SIDE_BY_SIDE = re.compile(r"、|[”》][“《]|包括|分为|分别|如|等|一是|[;；]")
# What was set up 在 somewhere: 都建在什么地方, 设在哪些单位; a text has to say in what.
_BUILT = re.compile(
    r"[建设开摆安挂][立置]?[在到于]了?(?:哪|什么|啥)|在(?:什么地方|哪个?(?:地方|场馆|体育馆|会场|场地|礼堂|酒店|会议室|展馆))[比办举开召]|(?:地点|场地)在哪"
)
_IN = re.compile(r"(?:在(?!于)|[于於](?!是)|到(?!位)|赴|至|位于|地处|坐落)\s*([^,，。;；]{2,4})")
# 哪个疗养院, 哪家酒店: a house of that kind, which the question does not name.
_HOUSE = re.compile(
    r"哪一?[个家所座间](?P<house>疗养院|养老院|敬老院|福利院|酒店|宾馆|饭店|剧院|公园|医院)"
)
# 市级示范单位: of another level is another thing.
_LEVEL = re.compile(
    r"(?P<level>国家|全国|[省市县区乡镇])[本]?级(?!以上|试点区)(?P<thing>[\u4e00-\u9fff]{2})?"
)
_LEVELS = re.compile(r"[国省市县区乡镇、]+级|全国|国家")
# 女职工占比不少于百分之几: a share of something else is no answer.
_SHARE_OF = re.compile(
    r"(?:^|[,县市区的中里])(?P<of>[^,县市区的中里]{2,6}?)的?(?:占比|占的?比例|比例)"
    r"(?:是|达到?|为|不少于|不低于)?(?:多少|百分|多大|几)"
)
# Firms and bodies that go by a title are told by their names: 20家省级示范单位有哪些.
_TITLED = re.compile(
    r"(?:示范|成员|试点|获奖|先进|表彰的?|签约)(?:单位|企业|集体|商家|商户)(?:名单)?[^,?]{0,4}"
    r"(?:是哪|有哪|都有谁|名单|包括)"
)
_SUCH_AS = re.compile(
    r"、[^,，。;；]{1,12}等[^,，。;；]{0,8}(?:单位|企业|部门|公司|商家|商户|集体)"
)
# How people are chosen, graded or let in.
_CHOICE = re.compile(
    r"(?:怎么|怎样|如何|咋|按什么)(?:给[^,?]{1,6}?)?(?:评(?![价论说])|招募|招聘|挑|选|定[级价]|划[分等]|分类|分级|打分"
    r"|排名|投票|算(?!不)|投稿|入库|操作|加入|入会|进[^,?]{0,6}(?:档案|名单)|教)"
    r"|(?:代表|主席|委员|人选|成员)\S{0,4}(?:怎么|怎样|如何|咋)产生"
)
_CHOSEN = re.compile(
    r"按照?|根据|依据|通过|经过|推荐|投票|评审|标准|择优|比例|考核|采[取用]|[:：]|先|着重|条件|具备|扫码|凭|由|兼任|选举|\d"
)
# 督查组由谁任组长: another body's head is another person.
_HEAD_OF = re.compile(
    r"(?P<body>[\u4e00-\u9fff]{2,10}?(?:组|委员会|协会|公司|集团|中心|办公室|局|厂|矿|学校|学院|支部|联合会))"
    r"[,的]?(?:现任|现在)?(?:由?谁)?来?(?:担任|任|当)?(?:第一|常务|党组|党委|副)?"
    r"(?:组长|主席|书记|主任|局长|会长|院长|校长|董事长|总经理|经理|负责人|厂长|矿长|理事长)"
)


def left_out(asked: Question, text: str) -> bool:
    """Whether a question turns on a particular thing that a text does not tell."""
    question, text = asked.text, simplify(text)
    if any(
        (asked.kind == "figure" or not p.counted)
        and p.asked.search(question)
        and not p.told.search(text)
        for p in _PARTICULARS
    ):
        return True
    if (_HONOURED.search(question) and not people(text)) or _too_few(question, text):
        return True
    if _SOMEBODY.search(question) and all(p.name in question for p in people(text)):
        return True
    if _FIRM.search(question) and all(name[-4:] in question for name in COMPANY.findall(text)):
        return True
    if _WHICH_THINGS.search(question) and not _SIDE_BY_SIDE.search(text):
        return True
    if _BUILT.search(question) and not _says_where(question, text):
        return True
    house = _HOUSE.search(question)
    if house and not _new_house(house["house"], question, text):
        return True
    if _CHOICE.search(question) and not _CHOSEN.search(text):
        return True
    return _of_another(asked, text) or _untitled(question, text)


def _of_another(asked: Question, text: str) -> bool:
    """Whether a text tells of another level, of the share of something else or of another body."""
    question = asked.text
    if asked.kind in ("figure", "list", "who") and _LEVELS.search(text):
        levels = list(_LEVEL.finditer(question))
        if levels and not any(_of_level(found, text) for found in levels):
            return True
    share = _SHARE_OF.search(question)
    if share and not any(share["of"][i : i + 2] in text for i in range(len(share["of"]) - 1)):
        return True
    head = _HEAD_OF.search(question)
    return asked.kind == "who" and head is not None and head["body"][-2:] not in text


def _of_level(asked: re.Match[str], text: str) -> bool:
    """Whether a text has the level asked for: 市级, 省、市级, or 县“五一”劳动奖章 for 县级奖章."""
    level, thing = asked["level"], asked["thing"] or "级"
    return bool(
        re.search(rf"{level}(?:[、省市县区乡镇和]*本?级|[^,，。;；、]{{0,8}}{thing})", text)
    )


def _untitled(question: str, text: str) -> bool:
    """Whether firms or bodies of a title are asked for by name and a text names fewer than two."""
    return bool(_TITLED.search(question)) and len(bodies(text)) < 2 and not _SUCH_AS.search(text)


def _too_few(question: str, text: str) -> bool:
    """Whether so many people are asked for by name and a text names fewer than half of them anew."""
    found = _OTHERS.search(question)
    if not found:
        return False
    count = chinese_number(found["rest"] or found["all"])
    return sum(person.name not in question for person in people(text)) < count / 2


def _says_where(question: str, text: str) -> bool:
    """Whether a text names a place, or has something 在 somewhere, that the question does not name."""
    places = [short_name(name) for name in place_names(text)]
    return any(where not in question for where in [*_IN.findall(text), *places])


def _new_house(kind: str, question: str, text: str) -> bool:
    """Whether a text names a house of a kind, 无锡工人疗养院, that is not the question's."""
    found = re.findall(rf"[\u4e00-\u9fff]{{2}}{kind}", text)
    return any(name not in question for name in found)
