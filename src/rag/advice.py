"""Questions of somebody who wants to get a thing done or seeks advice; reports tell what was done."""

from __future__ import annotations

import re

_WAY = re.compile(
    r"申请|申报|报名|报考|投诉|举报|办理|补办|手续|领取|怎么领|如何领|怎样领|查询|咨询"
)
_ADVICE = re.compile(
    r"怎么办|算不算|合法|违法|该怎么|好还是|怎么选|能报|能不能|可不可以|有没有关系|补偿|学费|招生"
)
# What somebody wants to know for himself, whatever the reports are about.
_FOR_ONESELF = re.compile(
    rf"{_ADVICE.pattern}|怎么(?:[补取考查写交]|申请)|要(?:交|带|准备)(?:哪|什么|啥)|有什么(?:区别|建议)|前途(?!不|未)|发我一下"
    r"|怎么才能|(?:^|[,。])(?:老板|公司(?!里有人)|我(?!想|要|记得|听说|看|[市县区们国省院校军党方队]|的世界)|厂里)(?!\S{0,8}(?:介绍|说|该))|为什么现在的?年轻"
)
_WAY_TOLD = re.compile(rf"{_WAY.pattern}|登记|备案|须|需要|凭|提交|审批|拨打|登录|扫码|联系")
_WAY_ASKED = re.compile(
    r"怎么|咋|如何|怎样|哪里|哪儿|什么(?:材料|手续|条件)|要(?:带|交|办|准备)|多[久少长]"
)


def seeks_way(question: str) -> bool:
    """Whether a question is about getting something done, or seeks advice."""
    return bool(_WAY.search(question) or _ADVICE.search(question))


def untold_way(question: str, text: str) -> bool:
    """Whether a question asks how to get something done and a text tells nothing of the sort."""
    asked = _WAY.search(question) and _WAY_ASKED.search(question)
    return bool(asked) and not _WAY_TOLD.search(text)


def for_oneself(question: str) -> bool:
    """Whether advice is asked for that hangs on nothing a report tells: 老板拖欠工资怎么办."""
    return bool(_FOR_ONESELF.search(question))
