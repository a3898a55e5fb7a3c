"""What stands before a question in a turn: 对了, 那么, 不对，我问的是, 书记呢. Pure functions."""

from __future__ import annotations

import re

from rag.ellipsis import ASKING, PRONOUN
from rag.times import ONLY_TIME

_THEN = re.compile(
    r"^(?:那么|那|还有(?!别|其|没)|另外|然后|再问一下|换成|改成|换作|如果(?:是|换成)|要是|至于)[,，]?(?!(?:[一二两三四五六七八九十几\d]{1,3})?[个些次里边儿位名家项条种届场块]|年)"
)
# 书记呢,叫什么: what the question is about, before what it asks.
_TOPIC_FIRST = re.compile(r"^(?P<topic>[^,，?？呢]{1,12})呢[,，?？ ]+(?=.*[\u4e00-\u9fff])")
_THEREAFTER = re.compile(r"^(?:后来|然后|结果|之后|接着)$")
# What is said on the way to the question, and what takes back how it was understood.
_ASIDE = re.compile(
    r"^(?:对了|嗯+|哦|好[的吧]?|换个[事话]题?|插一句|先问个别的|顺便问一?下?|再问一?下?|说回|再说|回到刚才(?:那个|的)?)[,， ]+"
)
_CORRECTS = re.compile(
    r"^(?:不对|不是(?:这个|那个)?|错了|弄错了)(?:[,， ]+|(?=我))(?:我(?:是|想|要)?(?:问|说|指)的?是?|应该是)?"
)


def without_asides(text: str) -> tuple[str, bool]:
    """(a question without what is only said on the way to it, whether it corrects the last one)."""
    own = _ASIDE.sub("", text)
    corrects = _CORRECTS.match(own)
    rest = own[corrects.end() :] if corrects else own
    if not any(c.isalnum() for c in rest) or (corrects and re.search(r"[吗吧][?？。]?$", rest)):
        return text, False
    if corrects and not ASKING.search(rest):
        rest = f"{rest.rstrip('?？。!！呢')}呢"
    return rest, bool(corrects)


def without_then(own: str) -> str:
    """A question without the word that ties it to the last one: 那么, 另外, 换成."""
    return _THEN.sub("", own)


def topic_first(own: str) -> tuple[str, bool]:
    """(文水呢,建了多少个 as 文水建了多少个, whether that names its own subject, 书记呢,叫什么)."""
    first = _TOPIC_FIRST.match(own)
    if first is None or not ASKING.search(own[first.end() :]):
        return own, False
    topic = first["topic"]
    named = not (ONLY_TIME.match(topic) or _THEREAFTER.match(topic) or PRONOUN.search(topic))
    return topic + own[first.end() :], named
