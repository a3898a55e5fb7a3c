"""What a question asks for: the kind of answer, the places and times it names, its content words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from rag.counted import HOW, NO_COUNT, asked_figures
from rag.names import OFFICES
from rag.places import PlaceMention, Places, short_name
from rag.text import normalise_question
from rag.values import UNIT_KINDS, Date, Figure, dates, figures

Kind = Literal["figure", "who", "when", "where", "list", "measure", "why", "check", "other"]

_FIGURE = re.compile(
    r"多少|多大|多高|多长|多久|多远|几成|百分之几|(?<![哪第])几(?:十|百|千|万)?(?:余|多)?"
    rf"(?:{'|'.join(re.escape(u) for units in UNIT_KINDS.values() for u in units)}|条|大)"
    r"|数量|人数|比例|占比|规模|有几|共几|(?:成果|什么|哪些|啥|具体)数(?:字|据)|百分之多少|哪[个边里]\S{0,8}(?:更多|最多|更大|最大|更高|最高)"
)
_WHO = re.compile(
    r"谁|哪[一两二三几]?[位名]|什么人|何人|叫什么名[字子]|姓名"
    rf"|(?:{'|'.join(OFFICES)})(?:现在)?(?:叫什么|叫啥|姓什么|姓啥|姓甚|大名)"
)
_WHO_MORE = re.compile(rf"谁(?P<what>)更?{HOW}")
_WHICH_MORE = re.compile(
    r"(?:谁|哪一?[个边家方里头处地县市篇](?:的|里|方)?)"
    rf"(?P<what>[^,?]{{0,16}}?)(?:更|最|比较|还要)?{HOW}"
)
_DIFFER = re.compile(
    r"有?(?:什么|啥|何)?(?:区别|差别|差异|不同|异同)(?:之处|点)?|[差好强]在(?=哪|什么|$)"
)
_WHEN = re.compile(
    r"什么时候|何时|哪[一]?[年天月日]|哪个月|几月|几号|几年几月|哪年|啥时候|什么时间|时间是(?=$|[?？]|什么|哪|何|多)|(?:开始|发布|出台|举办)日期"
)
_WHERE = re.compile(
    r"哪里|哪儿|(?<![差好强别同])在哪(?![一]?[项些几方点种类步])|什么地方|何地|哪[一]?家(?:单位|企业|公司)|哪个(?:地方|单位|公司|城市)|哪一级"
)
_LIST = re.compile(
    r"哪些|那几[个项家类种条]|哪[几两三四五六七八九十]|包括|分别|都(?:是|有)(?:啥|什么)|有啥|指的是|具体(?:是|指)|几(?:项|方面)是|列[出举]|哪(?:方面|类)"
)
_CONFIRMS = re.compile(r"(?:吧|对吗|对吧|是吗|对不对|是不是|吗)[?。! ]*$|是不是|是否|有没有")
_MEASURE = re.compile(
    r"怎么|如何|怎样|怎么样|做法|措施|举措|办法|法子|做了|做些|采取|打算|计划|干了|招|方式|手段|途径|什么行动|咋"
)
_WHY = re.compile(r"为什么|为何|为啥|原因|凭什么")
_COMPARE = re.compile(
    r"(?:更|最)(?:多|少|大|小|高|低|早|晚)|哪[边个家里](?:更|最|多|少|高)?|相比|对比|比较|区别|差别|不同|差在|"
    r"分别|各(?:是|有|自|设|办)|一个.{1,12}一个|和.{1,30}(?:相比|比起来)"
)
# Words that ask but name nothing. They are cut out before the content is
# searched: 多少 and 哪些 occur in no report and would count as rare words.
_EMPTY_WORDS = re.compile(
    r"请问|请告诉我|(?:请|并)?(?:给出|注明|标明|附上|写明)(?:出处|来源|原文)|包括|(?:主要)?内容|举措|措施|做法|采取|共有|事项|告诉我|我(?:想|要)(?:知道|问|了解)(?:一下)?|想知道|麻烦|帮我|能不能|可不可以|"
    r"一共|总共|共计|到底|究竟|具体|分别|大概|大约|差不多|现任|目前|眼下|当时|"
    r"百分之多少|多少|多大|多高|多长|多久|多远|几成|百分之几|什么时候|何时|什么人|叫什么名[字子]|姓甚名|叫什么|名字|姓名|"
    r"哪[一两二三四五六七八九十几]?(?:些|个|位|名|家|年|月|天|日|里|儿|项|类|方面|种|步|边)?(?:地方)?|几(?=[个名位项次场家类种户条大座支届期回口])|"
    r"为什么|为何|为啥|什么|怎么样|怎么|怎样|如何|是啥|做了些啥|做了啥|些啥|有啥|啥|咋|谁|何|"
    r"(?:是不是|有没有|是否|吗|呢|吧|啊|呀|么|嘛|对吧|对吗)(?=$|[,，。?？ ])|吗|呢|"
    r"的时候|(?:哪个|哪边|谁)?(?:更|最)[多大高少]|各(?:是|有|自|设|办|占)?|(?:最少|至少|最多)?(?:要占到?|占到)|这件事(?:上|情)?|成果数字|(?:各自|分别)?干了|这块|各自|那回|那次|的事|[?？!！。，,、;；:：\"“”‘’《》()（）]"
)
# 23年, but not 近10年 or 12年来.
_SHORT_YEAR = re.compile(r"(?<![\d.第近过去这])([12]\d)年(?![来间前后内以里])")
# 县总, 市总: how officials write 总工会.
_UNION = re.compile(r"([省市县区])总(?!工会|书记|经理|量|体|数|结|共|人口|额|计|面积|理|是|会|在)")
# 组长是那位? asks who.
_THAT_FOR_WHICH = re.compile(r"(?<=[是有为])那(?=[一几]?[位个家些年天][?。]*$)")
_NUMERAL = re.compile(r"[一二两三四五六七八九十百]+")
_FILLERS = set("的了是在有和与跟及或就都也还把被给让对从到又再这那其之")


@dataclass(frozen=True, slots=True)
class Question:
    """A normalised question and what was understood of it.

    content: the words that name something, separated by spaces.
    asked: for each figure asked for, what it counts (a key of values.UNIT_KINDS,
        or "") and the very measure word (名, 场; or "").
    also: further kinds asked in the same question.
    names_report: whether it names one of the reports by its title.
    pieced: whether its text was put together from a question that asks several things.
    """

    text: str
    kind: Kind
    asked: tuple[tuple[str, str], ...]
    places: tuple[PlaceMention, ...]
    dates: tuple[Date, ...]
    figures: tuple[Figure, ...]
    content: str
    compares: bool
    also: tuple[Kind, ...] = ()
    names_report: bool = False
    pieced: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        """Region paths the named places mean, without repeats, in order of naming."""
        return tuple(dict.fromkeys(r for place in self.places for r in place.regions))

    @property
    def groups(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(place name, its regions) for each covered place named, one entry a place."""
        seen: dict[tuple[str, ...], str] = {}
        for place in self.places:
            if place.regions:
                seen.setdefault(place.regions, place.name)
        return tuple((name, regions) for regions, name in seen.items())


def _kinds(text: str, compares: bool = False) -> list[Kind]:
    """Kinds of answer asked for, the governing one first; of 谁多 and 哪边出得早 what is compared."""
    tests: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("who", _WHO), ("when", _WHEN), ("figure", _FIGURE), ("where", _WHERE),
        ("why", _WHY), ("list", _LIST), ("measure", _MEASURE),
    )  # fmt: skip
    # 谁干得好谁就多拿钱 asks for nobody.
    plain = NO_COUNT.sub("", re.sub(r"谁.{1,8}谁", "", text))
    plain, told = _compared(plain, compares)
    kinds: list[Kind] = [*told, *(k for k, p in tests if k not in told and p.search(plain))]
    # "哪几方面", "哪三家单位": a list even where a measure word follows.
    if not kinds and _CONFIRMS.search(text):
        return ["check"]
    if "list" in kinds and re.search(r"哪[几两三四五六七八九十]", text):
        kinds.remove("list")
        kinds.insert(0, "list")
    return kinds or ["other"]


def _compared(text: str, compares: bool) -> tuple[str, list[Kind]]:
    """(the text without the words that ask which of two is more, kinds these ask for).

    Of one thing 谁最多 asks for a name; between two, and in 谁多, for what is more.
    """
    pattern = _WHICH_MORE if compares else _WHO_MORE
    found = [match["how"] for match in pattern.finditer(text)]
    kinds: list[Kind] = ["when" if how in "早晚" else "figure" for how in found]
    return pattern.sub(lambda m: m["what"] or "", text), list(dict.fromkeys(kinds))


def content_words(text: str) -> str:
    """A text without the words that only ask, in pieces separated by spaces."""
    parts = _EMPTY_WORDS.sub(" ", text).split()
    return " ".join(p for p in parts if any(c not in _FILLERS for c in p))


def _content(text: str, places: list[PlaceMention]) -> str:
    """The question without place names and without words that only ask."""
    for place in sorted(places, key=lambda p: -p.start):
        if place.regions and place.exact:
            # 江苏丰县: what the place lies in goes with it.
            above = {
                short_name(part) for region in place.regions for part in region.split("/")[:-1]
            }
            before = text[: place.start]
            if above:
                names = "|".join(map(re.escape, sorted(above)))
                before = re.sub(rf"(?:{names})[省市]?的?$", "", before)
            kept = place.name[-1] * (text[place.end : place.end + 1] == "级")  # 阜宁县级的
            text = f"{before} {kept}{text[place.end :]}"
    return content_words(text)


def analyse(question: str, places: Places) -> Question:
    """Understand a question as typed.

    Raises QuestionError when it is blank or too long.
    """
    text = _UNION.sub(r"\1总工会", normalise_question(question))
    text = _SHORT_YEAR.sub(r"20\1年", text)
    text = _THAT_FOR_WHICH.sub("哪", text)
    named = places.find(text)
    groups = {place.regions for place in named if place.regions}
    kinds = _kinds(text, compares=len(groups) > 1)
    return Question(
        text=text,
        kind=kinds[0],
        asked=tuple(asked_figures(text)) if "figure" in kinds else (),
        places=tuple(named),
        dates=tuple(dates(text)),
        figures=_stated(text),
        content=_content(text, named) or text,
        compares=len(groups) > 1 or (not groups and bool(_COMPARE.search(text)) and "各地" in text),
        also=tuple(kinds[1:]),
    )


def narrowed(
    asked: Question, text: str, places: tuple[PlaceMention, ...], *, same_kind: bool = True
) -> Question:
    """A part of a question, which reads `text` (no place in it), about some of its places.

    same_kind: where the part does not say what kind of answer it asks for, it is the whole's.
    """
    kinds = _kinds(text, compares=True)
    if kinds == ["other"] and same_kind:
        kinds = [asked.kind, *asked.also]
    named = content_words(_DIFFER.sub("", _compared(text, compares=True)[0]))
    return replace(
        asked,
        text=text,
        kind=kinds[0],
        also=tuple(kinds[1:]),
        asked=tuple(asked_figures(text)) if "figure" in kinds else (),
        places=places,
        dates=tuple(dates(text)),
        figures=_stated(text),
        content=" ".join([named or asked.content, *(p.name for p in places if not p.exact)]),
        compares=False,
        pieced=True,
    )


def _quoted(text: str, at: int) -> bool:
    """Whether an offset lies within quotation marks: “四轮驱动” is a name and counts no wheels."""
    return any(text.count(a, 0, at) > text.count(b, 0, at) for a, b in ("“”", "‘’", "《》"))


def _stated(text: str) -> tuple[Figure, ...]:
    """Figures a question states; 哪一天, 每一家 and the 一起 or 一个 of plain speech count nothing."""
    return tuple(
        f
        for f in figures(text)
        if text[max(0, f.start - 1)] not in "哪那这每某"
        and not re.search(r"(?:多少|几)$", text[: f.start])  # 多少万元, 有几百人
        and f.text[0] != "几"
        and not (_NUMERAL.match(f.text) and _quoted(text, f.start))
        and (f.text[0] != "一" or f.value != 1 or text[max(0, f.start - 1)] in "只仅")
    )
