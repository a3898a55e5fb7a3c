"""Whether a sentence tells who somebody is: the holder of an office, a speaker, an employer."""

from __future__ import annotations

import re

from rag.names import COMPANY, NAMED_AS, OFFICES, people
from rag.places import place_names, short_name
from rag.question import Question

# 谁代表商务部介绍 asks for no 代表.
_REPRESENTS = re.compile(r"代表(?=[^?,是叫有的]{2})")
# Offices that a text may tell by another name.
_ALSO_CALLED = {
    "老师": "老师|教师|讲师|教授", "教授": "教授|讲师", "教练": "教练|主帅|少帅",
    "负责人": "负责人|总裁|总经理|主任|董事长|主管|责任人", "主持人": "主持", "典型": "典型|模范",
}  # fmt: skip
_SPOKESMAN = re.compile(r"代表[^,?]{2,12}(?:发言|讲话|致辞|致意|上台|领奖|介绍)")
_BY_NAME = re.compile(r"带队|领队|主持|召集人|另外\S{0,5}人|其他\S{0,3}人|其余\S{0,3}人")


def names_somebody(question: str, text: str) -> bool:
    """Whether somebody is named whom the question does not name, where it can only ask for such."""
    if _SPOKESMAN.search(question):
        return any(person.name not in question for person in people(text))
    if not _BY_NAME.search(question):
        return True
    firms = [*COMPANY.findall(text), *re.findall(r"[A-Za-z]{3,}", text)]
    named = [*(person.name for person in people(text)), *firms]
    return any(name not in question for name in named)


def tells_employer(asked: Question, text: str) -> bool:
    """Whether 哪个单位, asked of a person the text names, is told in the very clause."""
    if not re.search(r"哪[个家一]+(?:单位|企业|公司|厂)", asked.text):
        return True
    for person in people(text):
        if person.name in asked.text:
            start = max(text.rfind(mark, 0, person.start) for mark in ",，。;；")
            clause = re.split(r"[,，。;；]", text[start + 1 :])[0]
            return bool(re.search(r"[局厅院厂矿校]|公司|集团|中心|总工会|车间", clause))
    return True


def names_the_person(asked: Question, text: str) -> bool:
    """Whether a person in `text` holds the office asked for, in the place asked about."""
    question = _REPRESENTS.sub("", asked.text)
    for person in people(asked.text):  # 廖金铃校长的仪式是谁主持的 asks for no 校长
        question = re.sub(rf"{re.escape(person.name)}(?:{'|'.join(OFFICES)})", "", question)
    # 班组长, 代表队 and 委员会 are no offices that somebody holds.
    wanted = [o for o in NAMED_AS if re.search(rf"(?<![副班]){o}(?![队会作])", question)]
    wanted += [f"副{office}" for office in OFFICES if f"副{office}" in question]
    wanted = [o for o in wanted if o.startswith("副")] or wanted  # 副组长 is no 组长
    if not wanted:
        return True  # 谁 may ask for anybody, or for a body; only an office can be checked
    named = {place.short for place in asked.places}
    for person in people(text):
        before = re.split(r"[。;；]", text[: person.start])[-1][-30:]
        # 计俊…总工会主席; 孟兰生任组长; 张五行老师.
        titles = before + " " + text[person.end : person.end + 10]
        if not any(
            re.search(rf"(?<![副班])(?:{_ALSO_CALLED.get(office, office)})", titles)
            for office in wanted
        ):
            continue
        if any(level in asked.text and level not in before for level in ("全国", "省", "中央")):
            continue
        if "委书记" in asked.text and "委书记" not in titles:
            continue  # 朝阳市委书记 is no 党组书记
        # 盐城市大丰区总工会主席: the office is that of the last place named.
        last = [short_name(name) for name in place_names(before)][-1:]
        if not named or not last or last[0] in named:
            return True
        # A place without a report of its own: 上海保监局 is of 上海, 沛县's head not of 徐州.
        if not any(p.exact for p in asked.places) and any(name in before for name in named):
            return True
    return False
