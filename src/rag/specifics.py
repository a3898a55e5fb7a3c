"""Whether a sentence holds the very thing asked for: a name, a date, each item, the winner.

A sentence that leaves it out is no answer: 组建12个产业职教联盟 does not say what these are called.
"""

from __future__ import annotations

import functools
import math
import re

from rag.advice import seeks_way, untold_way
from rag.demands import (
    counted_only,
    items_listed,
    locates,
    longest_list,
    off_period,
    uncounted,
    unexplained,
)
from rag.names import COMPANY, OFFICES, PUBLIC_BODY, bodies, people
from rag.offices import names_somebody, names_the_person, tells_employer
from rag.particulars import left_out
from rag.places import place_names, short_name
from rag.question import Question
from rag.values import chinese_number, dates, figures

# A share whose clause says so little of the question is a share of something else. Of 45
# questions for a share that the reports answer the lowest reaches 0.68.
SHARE_FIT = 0.65
_PLACED = 0.5  # fit from which a text holds a word for a place
NO_FIGURE = "有相近的内容，但没有写明相应的数字"
NOT_TOLD = "有相近的内容，但没有写明问到的这一点"
NO_NAME = "有相近的内容，但没有写明姓名"
NO_ITEMS = "有相近的内容，但没有逐项列出"
NO_BODY = "有相近的内容，但没有写明是哪个单位"
NO_PLACE = "有相近的内容，但没有写明是哪个地方"
NO_TIME = "有相近的内容，但没有写明时间"
NO_DUTY = "有相近的内容，但没有写明职务"
NO_WINNER = "有相近的内容，但没有写明获奖的结果"
NO_WAY = "有相近的内容，但没有写明怎样办理"

# 哪天 is not told by 今年.
_WHICH_DAY = re.compile(r"哪一?天(?!都)|几号|几月几|哪一?日(?!子)")
_DAY = re.compile(
    r"(?<![\d.])\d{1,2}日(?!间)|周[一二三四五六日](?!期)|星期|昨[天日]|今[天日]|[当次同]日|当天|元旦|春节|国庆|五一|除夕"
    r"|中秋|端午|清明|[一二三四五六七八九十][日号]|初[一二三四五六七八九十]|[立夏冬][春夏秋冬至]|节(?=当[天日]|那[天日]|期间|前|后)"
)
_RELATIVE_YEAR = re.compile(r"今年|去年|前年|当年|同年")
_LATELY = re.compile(r"近日")
# What tells a time without a calendar date: 九岁, 唐末, 二十世纪, 夏至, 高二的时候, 疫情之后.
_OTHER_TIME = re.compile(
    r"(?<![\d.])\d{1,2}日(?!间)|\d{1,2}[时点](?!一?[些点])|[上中下]旬|季度|午夜|凌晨|傍晚"
    r"|[\d一二三四五六七八九十]岁|世纪|年代|夏至|冬至|[春秋]分|春节|国庆|元旦|中秋|端午|五一|清明"
    r"|的时候|期间|前后|时期|王朝|[唐宋元明清][初末]|每[天日周月年]|平日|周末"
    r"|(?:^|[。;；])[^,，。;；]{2,12}(?:之?后|之?前|以来)[,，]"
)
# The winners of a contest are not told by its description.
_WON = re.compile(r"冠军|亚军|季军|第[一二三]名|[一二三]等奖|[金银铜]奖|夺冠|获胜|优胜|获奖")
_FIRST = re.compile(r"冠军|第一名|一等奖|金奖|金牌|夺冠|折桂|夺魁")
_HOLDS = re.compile(rf"{'|'.join(OFFICES)}|[任兼职]")
# What is asked by name, by its kind: 哪几家企业, 都叫什么名字.
_NAMED = re.compile(
    r"哪一?(?P<many>[几些两三四五六七八九十\d]+)?[家个所座]?"
    r"(?:职业|高等|试点|示范|施工|承[办建包]|主办|协办|合作|培训|检测|设计|建设|保险|服务|中标|冠名|赞助)?"
    r"(?P<what>公司|企业(?!家|文化|负担|级)|单位|机构|厂(?![务子])|商家|律师事务所|律所|厂子|店|学堂|大学(?!生)|学院|学校|院校|城市|乡镇|镇"
    r"|街道|县(?!级)|省(?!级))"
)
_NAMES = re.compile(r"(?:叫|是)什么名字|名字(?:是|叫|都|分别)|叫(?:什么|啥)(?:名|$|[?？])|名单")
# Of so many things, each is asked for: 20家企业的名单, 另外九个人是谁, 15条措施有哪些.
_EACH_OF = re.compile(
    r"(?<!第)(?<![\d三四五六七八九十])[\d三四五六七八九十]+[多余]?[个家名位项条人所类种步座][^,?]{0,16}"
    r"(?:,(?=名[称字]|具体|都叫))?(?:具体|都)?(?:名单|是(?:哪些|谁|哪几)|叫什么|叫啥|名[字称]|分别|(?:都|具体)?有哪些)|哪\d+[家个项条名所类种步]"
)
# 是指什么, “6”是哪六项: what a term stands for is asked.
_MEANING = re.compile(r"指(?:的是|的|什么|哪)|[”’][^,，]{0,12}(?:是|指|包括)哪")
_TERM = re.compile(r"[“‘]([^”’]{2,12})[”’]")
_MANY = re.compile(r"都|分别|各|名单|\d[家个项名]|[两二三四五六七八九十][家个项名]")
# What happens once is not told by 每年 or 以来.
_ONCE = re.compile(
    r"挂[的了]?牌|揭牌|成立|设立|建成|建立|启动|开工|开馆|投用|定为|列为|认定|评为|当选|印发|出台|发布|签订|命名|取消|修订"
)
_BEGAN = re.compile(r"担任|当上|上任|任职|入职|进厂|开始")
_ANY_SCHOOL = re.compile(r"(?:职业|技工|大专|高等|培训|各类)(?:院校|学校)$")
_SCHOOL = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:大学|学院|学校|院校|中专|技校|职中|一中|二中|中学|小学|幼儿园|党校)"
)
# Who else may have been asked, issued or led something.
_INSTITUTION = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:协会|基金会|研究[所院]|[检测]验?[所院]|学会|联合会|中心|大队|支队|委员会|工作室|研究所|总会|[\u4e00-\u9fff]网)"
)
_REASON = re.compile(r"因为|由于|为了|因此|所以|原因|旨在|使(?!用|命)|从而|针对|以便")


def lacking(asked: Question, text: str, fit: float) -> str:
    """Why a sentence does not hold what is asked for in particular, or "".

    fit: how well it holds the kind of answer asked for (`rag.fitness`).
    """
    if asked.kind == "figure" and (fit < 0.3 or _other_share(asked, fit)):
        return NO_FIGURE
    if asked.kind == "figure" and (uncounted(asked.text, text) or off_period(asked.text, text)):
        return NO_FIGURE
    if left_out(asked, text):
        return NO_FIGURE if asked.kind == "figure" else NOT_TOLD
    if asked.kind == "who" and not (
        names_the_person(asked, text) and names_somebody(asked.text, text)
    ):
        return NO_NAME
    if _wrong_prize(asked.text, text):
        return NO_WINNER
    if asked.kind == "list" and _items(text) < _items_asked(asked.text):
        return NO_ITEMS
    if reason := _unnamed(asked, text) or _unlisted(asked.text, text):
        return reason
    if asked.kind == "where" and not tells_employer(asked, text):
        return NO_BODY
    strict = asked.kind == "where" and asked.regions and fit < _PLACED
    if strict and not locates(asked.text, text):
        new = new_in(asked, text)
        if not (new["places"] or new["bodies"]):
            return NO_PLACE
    if "职务" in asked.text and asked.kind == "other" and not _HOLDS.search(text):
        return NO_DUTY
    if asked.kind == "when" and fit < 1 and not _tells_time(asked, text):
        return NO_TIME
    if asked.kind != "figure" and untold_way(asked.text, text):
        return NO_WAY
    return ""


def asks(asked: Question) -> dict[str, float]:
    """What a question asks for in particular, as numbers (see `rag.answerable`)."""
    return {
        "names": float(bool(_NAMED.search(asked.text) or _NAMES.search(asked.text))),
        "way": float(seeks_way(asked.text)),
        "placeless": float(not asked.places),
        "length": math.log1p(len(asked.text)),
        "also": float(len(asked.also)),
    }


@functools.lru_cache(maxsize=20_000)
def held(text: str) -> dict[str, float]:
    """What a sentence holds, as numbers: people, bodies, places, dates, figures, marks of
    enumeration, words that give a reason, words quoted. Remembered: sentences come up again."""
    return {
        "holds people": min(3.0, len(people(text))),
        "holds bodies": min(3.0, len(bodies(text))),
        "holds places": min(3.0, len(place_names(text))),
        "holds dates": min(3.0, len(dates(text))),
        "holds figures": min(4.0, len(figures(text))),
        "holds marks": min(5.0, marks(text)),
        "holds reason": float(bool(_REASON.search(text))),
        "holds speech": float(
            bool(re.search(r"[说称道示为]\s*[,，:：]?\s*“|表示|认为|介绍|指出|透露", text))
        ),
    }


def new_in(asked: Question, text: str) -> dict[str, float]:
    """What a sentence names that the question does not, as numbers: people, bodies, places, dates
    and how fine the finest is, figures, marks of enumeration, words that give a reason."""
    known = asked.text
    # A match begins before the name does: 朱冬梅是江苏今达纺织公司.
    firms = [name for name in COMPANY.findall(text) if name[-5:] not in known]
    places = [name for name in place_names(text) if short_name(name) not in known]
    days = [date for date in dates(text) if date.text not in known]
    return {
        "people": min(3.0, sum(person.name not in known for person in people(text))),
        "bodies": min(3.0, len(firms) + len(PUBLIC_BODY.findall(text))),
        "places": min(3.0, len(places)),
        "dates": min(3.0, len(days)),
        "finest": float(max((bool(d.year) + bool(d.month) + bool(d.day) for d in days), default=0)),
        "figures": min(4.0, sum(f.text not in known for f in figures(text))),
        "marks": min(5.0, marks(text)),
        "reason": float(bool(_REASON.search(text))),
    }


def _other_share(asked: Question, fit: float) -> bool:
    """Whether a share is asked and the sentence tells the share of something else.

    Other figures are asked for in words too unlike the report's to be told apart so.
    """
    return all(kind == "比例" for kind, _ in asked.asked) and fit < SHARE_FIT


def _wrong_prize(question: str, text: str) -> bool:
    """Whether winners are asked for and the sentence tells none, or not the first."""
    first = _FIRST.search(question)
    return bool(_WON.search(question)) and not (_FIRST if first else _WON).search(text)


def _unnamed(asked: Question, text: str) -> str:
    """A reason when names are asked for, of firms, schools or places, and none is told that the
    question does not name itself."""
    if asked.kind not in ("where", "list", "other", "who", "check"):
        return ""
    found = _NAMED.search(asked.text)
    if not found:
        plain = _NAMES.search(asked.text) and _MANY.search(asked.text)
        side_by_side = re.search(r"、|[”》][“《]", text)
        return NO_ITEMS if plain and not (side_by_side or people(text)) else ""
    what, least = found["what"], 2 if found["many"] else 1
    if what in ("城市", "乡镇", "镇", "街道", "县", "省"):
        named = {short_name(name) for name in place_names(text)}
        own = re.findall(rf"[\u4e00-\u9fff]{{2,}}(?:{what})", text)
        own = [name for name in own if name[-2] not in "全本该各乡"]
        new = [name for name in [*named, *own] if name[-3:] not in asked.text]
        return "" if new or marks(text) else NO_PLACE
    pattern = _SCHOOL if re.search(r"学|院校", what) else COMPANY
    # A match begins before the name does: 朱冬梅是江苏今达纺织公司.
    new = [
        name
        for name in pattern.findall(text)
        if name[-5:] not in asked.text and not _ANY_SCHOOL.search(name)
    ]
    if what in ("单位", "机构"):
        new += PUBLIC_BODY.findall(text) if what == "单位" else []
        new += [name for name in _INSTITUTION.findall(text) if name[-5:] not in asked.text]
    bare = re.sub(r"[《“][^》”]*[》”]", "", text)  # titles of papers are no firms
    if len(new) >= least or (new and marks(text)) or (found["many"] and longest_list(bare) >= 3):
        return ""
    return NO_ITEMS if found["many"] else NO_BODY


def _unlisted(question: str, text: str) -> str:
    """A reason when each of so many things is asked for and fewer than three are set side by side,
    or when what a term stands for is asked and it is itself one of several things listed."""
    if _EACH_OF.search(question) and items_listed(text) < 3:
        return NO_ITEMS
    if unexplained(question, text) or counted_only(question, text):
        return NO_ITEMS
    if _MEANING.search(question):
        # 要做到哪几个“同步” asks for what goes by that name.
        for term in _TERM.findall(re.sub(r"哪\S{0,3}[“‘][^”’]+[”’]", "", question)):
            # …“四个一批”工程、“百点精品”计划、…: named among others, not told.
            told = r"(?:[”’]|(?![”’]))(?!即|就?是|指|包括|为|分别)"
            if text.count(term) < 2 and re.search(
                rf"{re.escape(term)}{told}[^,，。;；:：、]{{0,16}}、", text
            ):
                return NO_ITEMS
    return ""


def _tells_time(asked: Question, text: str) -> bool:
    """Whether a text without the date asked for tells the time in other words, or less finely."""
    if re.search(r"几月|哪一?个?月", asked.text):
        return any(date.month for date in dates(text))
    if _WHICH_DAY.search(asked.text):
        return any(date.month for date in dates(text)) or bool(_DAY.search(text))
    if re.search(r"哪[一]?年", asked.text):
        return bool(_RELATIVE_YEAR.search(text) or dates(text))
    lately = _LATELY.search(text) and not _BEGAN.search(asked.text)
    other = not _ONCE.search(asked.text) and _OTHER_TIME.search(text)
    return bool(lately or _RELATIVE_YEAR.search(text) or other)


def _items_asked(question: str) -> int:
    """How many things a list question says there are (哪五个方面 → 5), 0 when it does not."""
    match = re.search(r"哪([几两三四五六七八九十])[个项类种步家条大方]", question)
    if not match:
        return 0
    return 2 if match[1] == "几" else int(chinese_number(match[1]))


def _items(text: str) -> int:
    """At most how many things a sentence enumerates, by its marks or its figures."""
    return max(1 + len(re.findall(r"[、;；+和及与]|”“|》《", text)), len(figures(text)))


def marks(text: str) -> int:
    """How many marks of a text set one name off from the next."""
    return len(re.findall(r"、|“[^”]+”|《[^》]+》|[;；]", text))
