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
from rag.narrow import COUNTED, THINGS
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


_PARTICULARS = (
    *(Particular(re.compile(asked), re.compile(told)) for asked, told in THINGS),
    *(Particular(re.compile(asked), re.compile(told), True) for asked, told in COUNTED),
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
# Bodies host events; a firm builds and insures.
_HOST = re.compile(r"[主协承]办")
# Of nine others five names at least are to be told.
_OTHERS = re.compile(
    r"(?:另外|其他|其余|剩下)的?(?P<rest>\d+|[两二三四五六七八九十]+)[个位名]"
    r"|(?P<all>\d+|[四五六七八九十])(?:个人|[位名])[^,]{0,10}?(?:都是谁|名单|叫什么|叫啥|名字)"
)
# 除了徐小宝还有谁: who stands in a row with him.
_BESIDES = re.compile(
    r"除了?(?P<one>[^,?还外]{2,8})(?:以外|之外|外)?,?(?:还有|还把|另外)[^?]{0,6}"
    r"(?:谁|什么人|哪些人|哪(?:[几些一二三四五六七八九十\d]+)?[位名])"
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
# 由哪个部门负责, 谁来运营: whoever does it is a body or a person.
_DOER = re.compile(
    r"由(?:谁|哪|什么人)(?![^?]{0,12}(?:构成|组成))|谁来(?:管|当|评|建|运营|负责|牵头|投|组织)|归(?:谁|哪个)"
    r"|哪个?部门(?:负责|牵头|管|来|发|建|收|落实|承担)"
)
_DOES = re.compile(
    r"由(?![于此来\d])|牵头|负责|承[办建担制]|[主协]办|会同|委托|(?<![规格])[局厅]|公司|集团|委员会|[省市县区]委|政府"
    r"|工会|部门|担任|主任|书记|[省市县区镇村]长|学院|大学|医院|企业|联合|工商联|银行|专家|人社|民政|单位|[导编]审?[:：]"
    r"|供稿|统筹|[宣组党委产公机]部|[\u4e00-\u9fff]{2}办(?![法理好成公事学])|组(?![织建成])|中心|协会|组织|学校|教师|医生|派"
    r"|指挥部|机构|团队|[师员警]|为主"
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
    besides = _BESIDES.search(question)
    if besides and not _in_a_row(besides["one"], text):
        return True
    if _SOMEBODY.search(question) and all(p.name in question for p in people(text)):
        return True
    hosted = _HOST.search(question) and re.search(r"举办|主办|联合|组织|会同", text)
    firms = COMPANY.findall(text)
    if _FIRM.search(question) and not hosted and all(name[-4:] in question for name in firms):
        return True
    if _WHICH_THINGS.search(question) and not _SIDE_BY_SIDE.search(text):
        return True
    if _BUILT.search(question) and not _says_where(question, text):
        return True
    house = _HOUSE.search(question)
    if house and not _new_house(house["house"], question, text):
        return True
    if asked.regions and _DOER.search(question) and not _DOES.search(_around(question, text)):
        return True
    if _CHOICE.search(question) and not _CHOSEN.search(text):
        return True
    return _of_another(asked, text) or _untitled(question, text)


def _in_a_row(one: str, text: str) -> bool:
    """Whether a text that names one thing sets others beside it."""
    if one not in text or re.search(r"另外|其[他余]", text):
        return True
    name = re.escape(one)
    return bool(
        re.search(
            rf"{name}[^,，。;；、]{{0,8}}[、和与及]|[、和与及][^,，。;；、]{{0,14}}{name}", text
        )
    )


def _around(question: str, text: str) -> str:
    """The clause of a text that shares most with a question, with those on both sides of it."""
    clauses = re.split(r"[,，。;；]", text)
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    shared = [sum(c[i : i + 2] in pairs for i in range(len(c) - 1)) for c in clauses]
    at = shared.index(max(shared))
    return ",".join(clauses[max(0, at - 1) : at + 2])


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
