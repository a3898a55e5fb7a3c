"""What a figure asked for counts: 多少钱, 几家企业, 工资涨到了多少, 多大比例."""

from __future__ import annotations

import re

from rag.values import UNIT_KINDS

_UNIT_OF_NOUN = (
    (
        r"钱|现金|真金白银|资金|费(?![时力心])|元|款|(?<![名限])额|价值|投入|花费|工资|奖金|损失|补助|津贴"
        r"|助学金|救助金|奖励|效益|人民币|收入|产值|利润|售价|票价|房价|价格|租金|造价|投资|资本|市值|营收",
        "钱",
    ),
    (r"比例|比重|占比|百分|几成|率|%", "比例"),
    (
        r"人|名|(?<![水车席座床单])位|口|职工|农民工|选手|劳模|模范|员|工匠|获得者|学生|司机|干部|孩子|子女|儿童|妇女"
        r"|志愿者|居民|群众|村民|教师|医生|专家|观众|游客|乘客|患者|师傅|徒弟|老板|骑手|女工|娃"
        r"|小伙|姑娘|弟兄|老乡|老兵|能手|标兵|状元|骨干",
        "人",
    ),
    (r"户|家庭", "户"),
    (r"次|场|回|遍|趟|期", "次"),
    (r"家|企业|单位|公司|厂", "家"),
    (r"岁|年纪|年龄", "年龄"),
    (r"时间|天|个月|(?<![今去前当明同])年|小时|分钟|久", "时长"),
)
# What is counted in 个, 项 or 件; of these what may be counted in 家 as well.
_BODIES = r"基地|驿站|工作室|试点|工会|组织|单位|部门|中心|窗口|平台|站|联盟|机构|学校|医院|企业"
_MATTERS = r"项目|工种|成果|专利|案[件例]|岗位|课程|集群|奖项|品牌|活动|措施|举措|类型|方面|环节|阶段|现场|工地"
_COUNTED = rf"{_BODIES}|{_MATTERS}|队伍|社区|村|乡镇|园区"
# What is counted in 个 and is nobody, before or behind the word that asks.
_THING = re.compile(rf"^[十百千万]?个[^,]*?(?:{_COUNTED})(?:[?,]|$|[^室站]{{0,3}}$)")
_MATTER = re.compile(rf"^[十百千万]?个[^,]*?(?:{_MATTERS})(?:[?,]|$|[^室站]{{0,3}}$)")
_SO_MANY = r"(?:都|一共|总共|建成|建|形成|产生|总结|颁|评|有|是|达|为|了|出)*$"
_MEASURES = (
    (r"面积.{0,4}多大", "面积"),
    (r"年龄.{0,4}多大|今年多大", "年龄"),
    (r"(?:时间|持续|刑期).{0,4}多长", "时长"),
    (r"多重", "重量"),
    (r"多久", "时长"),
    (r"[^率例重]多高|长度|多长|多远", "长度"),
)
# What is high or large without being long: 收益有多高, 达到多高的指数.
_NO_LENGTH = re.compile(
    r"价|指数|含量|收益|回报|能量|电压|浓度|热度|评分|得分|分数|[成业]绩|利润|能耗|产量|销量|流量|温度|气温|水平"
)
# 涨了多少, 便宜多少: as a share or as a sum.
_BY_HOW_MUCH = re.compile(
    r"(?:涨|提高|提升|增长|增加|[减缩]短|减少|下降|降低?|回落|便宜|贵|亏损?|翻)了?$"
)
EITHER = "涨"  # in place of a measure word where a share would tell it as well
HOW = (  # 组长 is no length, 多少 compares nothing.
    r"(?P<how>[多低早晚]|(?<!多)[少大高短]|(?<!大)小|(?<![多组县市区局部队校院厂店行会班社])长)"
    r"(?:一?[些点])?(?=$|[,?。! ])"
)
# 几家单位怎么联动, 几个部门一起建了什么, 这几家企业, 十几场: nothing is counted that the question asks for.
NO_COUNT = re.compile(
    r"[这那好十]几|几[^,?\d]{1,8}?(?=(?:之间)?(?:是)?(?:怎么(?!多)|怎样|如何|咋|为什么|为何|为啥))"
    r"|还是只[^,?]{1,3}?几"
    r"|几[个家方][^,?\d]{0,6}?(?=(?:一起|一块|共同|联合|联手)[^,?]*(?:什么|啥|哪))"
)


def asked_figures(text: str) -> list[tuple[str, str]]:
    """(unit kind, measure word) of each figure a question asks for; "" where unclear."""
    asked = []
    text = NO_COUNT.sub("", text)
    for match in re.finditer(
        r"百分之多少|多少|(?<![哪第])几(?=\S)|多大|百分之几|多高|多长|多久|多远|多重", text
    ):
        clause = re.split(r"[,，。?？;；]", text[match.end() :])[0]
        rest = text[match.end() : match.end() + 9]
        before = text[max(0, match.start() - 14) : match.start()]
        asked.append(_asked_unit(match[0], rest, before, clause))
    if not any(kind for kind, _ in asked):
        asked = _named_measure(text) or asked
    return list(dict.fromkeys(asked)) or [("", "")]


def _named_measure(text: str) -> list[tuple[str, str]]:
    """The unit of a figure whose measure is named: 人数, 占比, 企业的数量, 哪边花的钱多."""
    if "人数" in text:
        return [("人", "")]
    if re.search(r"比例|占比|比重", text):
        return [("比例", "%")]
    for pattern, kind in _UNIT_OF_NOUN:
        counted = rf"(?:{pattern})的?(?:数量|数目|个数|家数|数(?=$|[,?上]))"
        more = rf"(?:谁|哪)[^,]{{0,16}}(?:{pattern})(?:更|最)?{HOW}"
        if re.search(f"{counted}|{more}", text):
            return [(kind, "")]
    if re.search(rf"(?:谁|哪)[^,]{{0,16}}(?:{_COUNTED})[^,]{{0,6}}?(?:更|最)?{HOW}", text):
        return [("个", "")]
    return []


def _asked_unit(word: str, rest: str, before: str, clause: str) -> tuple[str, str]:
    """Unit kind and measure word behind one 多少 or 几, with the text on both sides and all of
    its clause behind it."""
    if (size := _size(word, rest, before)) is not None:
        return size
    rest = re.sub(r"^[十百千万]+", "", rest) if word == "几" else rest
    if re.match(r"名[堂头声气目]", rest):
        return "", ""
    if re.match(r"块.{0,2}[牌匾地板屏]|面[锦旗]", rest):
        return "个", ""
    if re.match(r"个?(?:钟头|年头)|日子", rest) or (word == "多长" and rest.startswith("日子")):
        return "时长", ""
    # 人民币 before 人.
    longest = max(
        (
            (len(unit), kind, unit)
            for kind, units in UNIT_KINDS.items()
            for unit in units
            if rest.startswith(unit) and unit not in ("个", "大", "成")
        ),
        default=(0, "", ""),
        key=lambda found: found[0],
    )
    if longest[0]:
        return longest[1:]
    for pattern, kind in _UNIT_OF_NOUN:
        # 多少个单位, but 多少个职工创新工作室 counts rooms.
        gap = "个" if rest.startswith("个") else "万?.{0,4}?"
        if re.match(rf"{gap}(?:{pattern})(?:(?=[?,有都])|$|(?!.{{2,9}}[室站点个]))", rest):
            return kind, "个" if rest.startswith("个") else ""
    for pattern, kind in _UNIT_OF_NOUN:
        if re.match(rf"个[^,]*的[^,的]{{0,4}}(?:{pattern})$", clause):  # 多少个手艺拔尖的工人
            return kind, "个"
    if word == "几" and re.match(r"大(?:[?,]|$)", rest):
        return "个", "大"
    if rest.startswith("个"):
        return _in_pieces(rest, before, clause)
    if re.search(r"(?<![\d两三四五六七八九十百])[一每]个?[人户家名位]$", before):
        return "", ""  # 一人多少 counts no people
    for pattern, kind in _UNIT_OF_NOUN[:3]:
        if re.search(
            rf"(?:{pattern})(?:[有是达为共涨升增加提高长降从到至了成]|现在|目前|多少)*$", before
        ):
            return kind, EITHER if kind == "钱" and _BY_HOW_MUCH.search(before) else ""
    if re.search(
        r"(?:奖励?|补贴?|花|花出去|值|[理]?赔|挣|赚|罚|欠|报销?|赞助|捐|拨|省下?)了?$", before
    ) and re.match(r"\W|$|欠薪|万?(?:\W|$)|奖", rest):
        return "钱", ""
    return "", ""


def _size(word: str, rest: str, before: str) -> tuple[str, str] | None:
    """Unit kind where the word itself (多大, 百分之几) or what is measured says it; else None."""
    share = re.match(r"的?(?:比例|比重|百分|份额|占比)", rest)
    if (
        re.search(rf"(?:{_UNIT_OF_NOUN[0][0]})$", before)
        and word in ("多大", "多少", "多高")
        and not share
    ):
        return "钱", ""
    if re.match(r"的?(?:年[纪龄]|岁)", rest):
        return "年龄", ""
    if word in ("多大", "多高") and re.match(r"的?(?:均|单|售|房|票|油|金|股|菜)?价", rest):
        return "钱", ""
    if word in ("多大", "多高") and _NO_LENGTH.search(before[-6:] + rest[:6]):
        return "", ""
    if (
        word in ("百分之几", "百分之多少")
        or (word == "几" and re.match(r"成(?![果员就立品功])", rest))
        or (word in ("多大", "多高") and re.search(r"比例|比重|率", rest + before))
        or share
    ):
        return "比例", "%"
    for pattern, kind in _MEASURES:
        if word == "多长" and re.match(r"的?(?:时间|刑期)", rest):
            return "时长", ""
        if word.startswith("多") and word != "多少" and re.search(pattern, before + word):
            return kind, ""
    return None


def _in_pieces(rest: str, before: str, clause: str) -> tuple[str, str]:
    """What 个 counts that is asked for with it: things, matters that no firm is, teams; people are
    told apart before, and what is left open may be either."""
    if re.match(r"个(?:[?,]|$)", rest):
        # 形成的典型案例有多少个; but 阜宁帮了几个?
        if re.search(rf"(?:{_MATTERS}){_SO_MANY}", before):
            return "个", "项"
        return ("个", "个") if re.search(rf"(?:{_BODIES}){_SO_MANY}", before) else ("", "")
    if re.match(r"个[^,]{0,3}队", rest):
        return "个", "支"
    if _MATTER.search(clause):
        return "个", "项"
    # 几个找到活了 may count people.
    return "个", "个" if _THING.search(clause) else ""
