"""What a question demands beyond its kind of answer, and whether a sentence holds such a thing: a
result, a standard, a way of choosing, who pays, a reason.

A sentence on the very matter that holds nothing of the sort is no answer: 赤峪煤矿开展了“最美职工”评选
活动 does not say how they are chosen. What a demand that is not met is worth is fitted
(`demands`, for `rag.answerable`); where hardly an answered question was seen to leave it unmet, it
refuses by itself (`unmet`, `uncounted`, `off_period`, `locates`, `unexplained`,
`counted_only`).
"""

from __future__ import annotations

import re

from rag.values import chinese_number, figures

# Demand: (how it is asked, what a sentence that meets it holds).
_DEMANDS = {
    "result": (
        r"效果|反响|反应|收效|成效|满意|见没见效|管不管用|成绩(?=怎|如何|咋|好)|结果(?=怎|如何|咋)"
        r"|(?:有没有|是否|有无|没有|是不是)\S{0,4}(?:提[高升]|涨|减少|增加|改善|好转|变化|见效|着落)|(?<![,，])[涨少变]了没",
        r"效果|成效|提[高升]|增[长加强]|下降|减少|改善|满意|好评|突破|达[到成]|%|反响|成绩|奖|名列|显著|明显|顺利|成功|得到|实现|[上飙攀]升|涨|优秀|良好|助推|强化|形成|激发|增强",
    ),
    "standard": (
        r"(?:什么|哪些|啥|怎样的|何种)\S{0,4}(?:标准(?!化)|条件|资格)|(?:标准(?!化)|条件|资格)(?:是|有)?(?:什么|啥|哪些|怎)|要符合|够格",
        r"标准|条件|资格|要求|须|必须|应当|符合|具备|以上|不少于|不低于|优先",
    ),
    "choice": (
        r"(?:怎么|怎样|如何|咋|[按照凭靠]什么)\S{0,6}(?:评(?![价论说])|选|挑|考核|打分|验收|(?<![稳安固鉴协规决制特指约])定(?!期)|算(?!上|是|得|作|数)|分配|划分|管理|认定)",
        r"按照?|根据|依据|通过|经过|推荐|投票|评审|标准|择优|比例|考核|挂钩|采[取用]|实行|机制",
    ),
    "payer": (
        r"(?:钱|资金|经费|费用|学费|保费|款)\S{0,8}(?:哪里|哪儿|哪来|(?<!给)(?<!给了)谁|哪[个家]?出|怎么来|怎么解决|从哪)|谁\S{0,3}(?:出钱|(?<!提)出的?[?？]?$|掏|付|买单|承担)",
        r"财政|拨|自筹|筹集|补[贴助]|列支|返还|捐|基金|贷款|预算|由[^,，]{2,12}(?:出资|承担|支付)|工会经费|教育附加",
    ),
    "trouble": (
        r"(?<!解决)(?<!解决了)(?<!协调)(?<!处理)(?<!研究)(?<!反映)(?:哪些|什么|啥|没碰到|有没有)\S{0,6}(?:问题|困难|难处|短板|不足|麻烦|难题)|问题出在哪",
        r"[:“、].*(?:问题|困难|不足|短板|难)|(?:问题|困难|不足|短板|难题)(?:是|有|主要)|不够|缺乏|薄弱|偏[低少高]",
    ),
    "wording": (
        r"内容|条款|(?:写|讲|说|教|学|提|装)[的了过]?些?(?:什么(?!时候|时间|地方|人)|啥|哪些)|(?:什么|啥|哪些)(?:话|建议|意见|课)|怎么说",
        r"“|《|[:、]|包括|涵盖|分为|表示|指出|强调|要求|建议|不[低少高多]于|必须|应当",
    ),
    "reason": (
        r"为什么|为何|为啥|原因|凭什么|怎么会|因为(?:啥|什么)",
        r"因|由于|为了?|所以|旨在|使|从而|针对|以便|目的|需要|避免|防止|让|保障|鉴于|随着|导致|影响",
    ),
    "most": (
        r"(?:哪|谁)\S{0,12}(?:第一|头一|头名)|头一[个家]|第一家|第一名|头名",
        r"最(?!美)|第一(?![届线批期轮书])|首(?![届批])|冠军|一等|居|金[奖牌]|排名",
    ),
    "period": (
        r"每个?[月年天周季]\S{0,12}(?:多少|几)|一(?:天|年|个月|周)\S{0,10}(?:多少|几)|多久一|月薪",
        r"每|月|年|天|日|周|季",
    ),
    "way": (
        r"怎么|怎样|如何|咋|用什么(?:办法|方式|手段)|靠什么",
        r"通过|采[取用]|按照?|根据|利用|以|推|建|开展|组织|实[行施]|加[强大快]|完善|打造|举办|制定|落实|深化|坚持|强化|探索|设立|成立|让|把|将|为|给|向|用|由|对",
    ),
}  # fmt: skip
# Those that refuse by themselves.
_SURE = ("standard", "choice", "payer", "trouble", "wording", "most")
_NUMERAL = r"(?<![第\d十.])(?P<n>\d+|[两二三四五六七八九十]+)[多余]?"
_SO_MANY = re.compile(rf"{_NUMERAL}(?P<measure>[个家名位项条所座只类])(?!一体)")
_ASKS_NAMES = re.compile(
    r"是谁|都?有谁|叫什么|叫啥|名[字单称]|是哪(?![天年月])|有哪|哪[几些](?!个?[月天年])|包括(?:什么|哪)|各是"
    r"|都[有是](?:啥|什么)"
)
_ENUMERATED = re.compile(
    r"^(?!.*(?:分别|各自|各[有是])).*(?:哪些|哪几(?!个?[天日年月])|名单|逐条|都有(?:什么|啥))"
)
_COMPILED = {name: (re.compile(q), re.compile(t)) for name, (q, t) in _DEMANDS.items()}

# 试点企业里外资的有几家: of a whole so many are asked for.
_PART_OF = re.compile(
    r"(?:[名家个户位项]\S{0,12}|企业|劳模|职?工|人物?|者|员|室|典型|选手|专利|培训班?|活动)(?:[里中]|当中|之中|里[面头])[,，]?"
    r"(?P<part>[^,，里中有占是]{2,6}?)的?(?:一共|总共|都|各)?(?:有|占|是)(?:了|多大)?(?:多少|几|百分)"
)
# “四带四联”指哪四带: what a term counts is to be told one by one. 十四五 and “99公益日” count nothing.
_COUNTED_TERM = re.compile(
    r"[“‘](?P<term>[^”’]{2,12})[”’][^?？的]{0,10}?(?:指(?![标导])|是哪[几两三四五六七八九十\d](?![位家天年])|各是|都?是些?(?:什么|啥)"
    r"|讲的是|有哪些|包括|分别|是提升)"
)
_COUNTS = re.compile(
    r"(?<!\d)[3-9](?!\d)|(?<![一二三四五六七八九十])[三四五六七八九](?![五年月届])"
)
_EXPLAINED = re.compile(r"(?:即|就是|是指|指的?是|[:：])")
_MOST_LISTED = 5
# “1343”工作思路指什么, “两清单”由什么构成: what stands behind a name that quotation marks set off.
_QUOTED = re.compile(r"[“‘《](?P<term>[^”’》]{2,16})[”’》](?P<rest>[^“‘《]{0,14})")
_CODED = re.compile(r"[\d一二三四五六七八九十两双+A-Za-z]|(?:计划|行动|工程|机制|模式)$")
_MEANT = re.compile(
    r"指(?:的是|的|什么|哪|做什么|啥)|(?:是|有)什么意思|[由有](?:什么|哪|啥)[^,?]{0,8}(?:构成|组成)"
    r"|(?:具体)?内容(?:是|有)?(?:什么|啥|哪)|包[括含](?:哪|什么|啥)|是哪[几两三四五六七八九十\d](?![天年月])|是哪些"
    r"|各是|都是(?:啥|什么|哪)|内涵"
)
# What somebody gets 每月 is not told by a figure of no period.
_PERIODS = tuple(
    (re.compile(asked), re.compile(told))
    for asked, told in (
        (r"每个?月|月薪|月工资|月收入|一个月(?=能|可|挣|拿|发|交|给)", r"月"),
        (r"每天|(?<!第)一天(?=能|可|挣|拿|要|练|睡|干|工作|上)", r"[天日]"),
        (r"每年|(?<![第去今前近这])一年(?=能|可|要|开|办|搞)", r"[年每]"),
    )
)
_WHERE = re.compile(
    r"(?<![差好强别同异]在)哪[里儿]|(?<![差好强别同异])在哪(?!一?[项些几方点种类步])|什么地方|何地|哪个地方"
)
_LOCATIVE = re.compile(
    r"(?:在(?!于)|[于於](?!是)|到(?!位)|从|自(?![动己我])|至|来源)\s*(?P<where>[^,，。;；]{2,4})"
)
_ITEM = r"[^,，。;；:：、]{1,24}"
_LIST = re.compile(rf"{_ITEM}(?:、{_ITEM})+|(?:[“《][^”》]{{1,24}}[”》]){{2,}}")
_SEGMENT = re.compile(r"[^、,，。;；]+")


def demands(question: str, text: str) -> dict[str, float]:
    """How many demands a question makes that a sentence does not meet (a reason apart), how many
    it meets, and how many things it sets side by side; as numbers for `rag.answerable`."""
    made = {
        name: bool(told.search(text)) for name, (q, told) in _COMPILED.items() if q.search(question)
    }
    return {
        "lacks": float(sum(not met for name, met in made.items() if name != "reason")),
        "lacks reason": float(made.get("reason") is False),
        "tells": float(sum(made.values())),
        "listed": min(5.0, items_listed(text)),
    }


def unmet(question: str, text: str) -> bool:
    """Whether a question makes a demand that a sentence does not meet: one of those that are met
    in so many words, or a list where the sentence sets nothing side by side.

    Of figures this is told by other means (`rag.fitness`). Measured on named places, on the
    questions the patterns were written with: of 1,534 answered ones 3 are wrongly told so, of 842
    left open 93.
    """
    if any(
        _COMPILED[name][0].search(question) and not _COMPILED[name][1].search(text)
        for name in _SURE
    ):
        return True
    plain = items_listed(text) < 2 and not re.search(r"[“《和与及]", text)
    return plain and bool(_ENUMERATED.search(question))


def uncounted(question: str, text: str) -> bool:
    """Whether a part of a whole is to be counted and no figure of a text stands with its name:
    外资企业 of 国有、民营、外资、混合四种所有制."""
    found = _PART_OF.search(question)
    if not found:
        return False
    part = found["part"]
    if re.search(r"[了到过会得]", part):  # 拿到本本的: told in other words
        return False
    # 外资企业 is told by 外资, not by 试点企业1036家.
    return not any(
        figures(segment[0]) and part[:2] in segment[0] for segment in _SEGMENT.finditer(text)
    )


def off_period(question: str, text: str) -> bool:
    """Whether so much a month, a day or a year is asked and a text tells of no such period."""
    return any(a.search(question) and not told.search(text) for a, told in _PERIODS)


def locates(question: str, text: str) -> bool:
    """Whether a text may say where, of a question that asks where: in, at, from or to something
    that the question does not name."""
    if not _WHERE.search(question):
        return True
    return any(found["where"] not in question for found in _LOCATIVE.finditer(text))


def unexplained(question: str, text: str) -> bool:
    """Whether a text names a term that counts its parts, which are asked for, and lists fewer; or
    one in quotation marks whose meaning is asked for, and says nothing of it."""
    asked = [m["term"] for m in _QUOTED.finditer(question) if _MEANT.search(m["rest"])]
    # “立交桥” and “大合唱” are told by what was done.
    named = [term for term in asked if term in text and _CODED.search(term)]
    if named and not any(_explains(text, term) for term in named):
        return True
    for found in _COUNTED_TERM.finditer(question):
        counts = [chinese_number(match[0]) for match in _COUNTS.finditer(found["term"])]
        if counts and not _EXPLAINED.search(text):
            return items_listed(text) < min(max(counts), _MOST_LISTED) - 1
    return False


def counted_only(question: str, text: str) -> bool:
    """Whether the names of so many are asked for, 3名院士是谁, and a text only counts them."""
    if not _ASKS_NAMES.search(question):
        return False
    counted = False
    for asked in _SO_MANY.finditer(question):
        number = chinese_number(asked["n"])
        for told in _SO_MANY.finditer(text):
            if chinese_number(told["n"]) != number or told["measure"] != asked["measure"]:
                continue
            if _lists_beside(text, told.start(), told.end()):
                return False
            counted = True
    return counted


def _lists_beside(text: str, start: int, end: int) -> bool:
    """Whether what a count says is set out before it, A、B等3名, or behind it."""
    before = re.split(r"[。;；]", text[:start])[-1]
    own = re.split(r"[,，]", before)[-1]
    if (
        "、" in own
        or re.search(r"等[^,，]{0,4}$", own)
        or re.search(r"、[^,，]*[,，][^,，]{0,8}$", before)
    ):
        return True
    behind = re.split(r"[。;；]", text[end:])[0]
    if re.match(r"[^,，]{0,14}(?:[:：(（“]|即|分别|为(?!了)|是|包括)", behind):
        return True
    return "、" in re.split(r"[,，]", behind)[0] or bool(
        re.match(r"[^,，]{0,12}[,，][^,，]*、", behind)
    )


def _explains(text: str, term: str) -> bool:
    """Whether a text tells somewhere what a term stands for: behind 即 or 包括, or by a row of things
    close before or behind it, itself named in no row."""
    for match in re.finditer(re.escape(term), text):
        rest = re.split(r"[。;；]", text[match.end() :])[0]
        if re.match(r"[”’》]?(?:是|指(?![导标挥示出数]))", rest):
            return True
        if re.match(
            r"[”’》]?[^。;；]{0,12}?(?:即|就是|是指|指的?是|包括|涵盖|分别|分为|[:：(（])", rest
        ):
            return True
        before = re.split(r"[,，。;；]", text[: match.start()].rstrip("“‘《"))[-1]
        quoted = re.search(r"[“‘《]([^”’》]*)[”’》]的?$", before)
        if quoted and re.search(r"[、,，+]", quoted[1]):
            return True  # 培训、练兵、比武、晋级 in quotation marks before 四位一体
        before = re.sub(r"[“‘《][^”’》]*[”’》]", "…", before)
        if "、" in before and not before.endswith(("、", "和", "与", "及", "…")):
            return True
        behind = re.sub(r"[“‘《][^”’》]*[”’》]", "…", rest)
        in_row = re.match(r"[”’》]?[^,，、]{0,12}、", behind)
        if re.search(r"[,，][^,，]*、.*、", behind) or (behind.count("、") > 1 and not in_row):
            return True
    return False


def items_listed(text: str) -> int:
    """How many things a text sets side by side, as names or as parts of the sentence."""
    return max(longest_list(text), _numbered(text))


def longest_list(text: str) -> int:
    """Items of the longest run of names set side by side."""
    runs = [found[0] for found in _LIST.finditer(text)]
    return max(
        (1 + run.count("、") + len(re.findall(r"[”》][“《]", run)) for run in runs), default=0
    )


def _numbered(text: str) -> int:
    """Parts of a sentence set off by semicolons or by 一是, 二是."""
    return 1 + max(len(re.findall(r"[;；]", text)), len(re.findall(r"[一二三四五六]是", text)) - 1)
