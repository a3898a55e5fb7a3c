"""Does the evidence say what the statement says? Pure functions, no model.

A statement is supported when it stands in the evidence word for word, or when
it is a rewording: all its figures, dates, places, quoted names and negations
are in the evidence, and enough of its wording is. Similarity alone proves
nothing (九十亿 is similar to 三十亿); it is only the last of the checks.
"""

from __future__ import annotations

import re
from collections import Counter

from rag.places import place_names
from rag.text import fold, squeeze
from rag.types import Document, Verdict
from rag.values import Date, Figure, dates, figures

# Share of the statement's character bigrams that must occur in the evidence.
# Set on CiteCheck dev (human-labelled Chinese citations), see benchmarks/README.md.
MIN_COVERAGE = 0.63

_NEGATION = re.compile(
    r"不(?!断|仅|但|少|同|管|论|久|锈|过|限|等|良|足|动)|未(?!来)|没(?:有)?|无(?!偿|论|线|人机|私|疑|缝)|非(?!公|常|国|学历|物质|遗)|禁止|拒绝|停止|取消|否认"
)
_COMPARATIVE = re.compile(
    r"(?:高于|低于|多于|少于|超过|不足|增长|下降|上升|减少|增加|提高|降低|最[多少大小高低早晚])"
)
_OPPOSITE = {
    "高于": "低于", "多于": "少于", "超过": "不足", "增长": "下降", "上升": "下降",
    "增加": "减少", "提高": "降低", "最多": "最少", "最大": "最小", "最高": "最低", "最早": "最晚",
}  # fmt: skip
_OPPOSITE |= {b: a for a, b in _OPPOSITE.items()}
_QUOTED = re.compile(r"[《“\"「]([^《》“”\"「」]{2,60})[》”\"」]")
_PUNCTUATION = re.compile(r"[\W_]+")
_NUMERIC = "0123456789.一二三四五六七八九十百千万亿两"


def supports(statement: str, evidence: str, report: Document | None = None) -> Verdict:
    """Whether `evidence` (the quoted source text) supports `statement`.

    Returns kind "verbatim" (word for word, width, white space and outer
    punctuation aside), "reworded" or "unsupported"; `reason` says in Chinese
    what was missing. Blank input is unsupported.
    """
    claim, source = squeeze(statement), squeeze(evidence)
    bare = claim.strip("。.！!？?；;，,、：:“”\"'‘’()[]【】")
    if not bare or not source:
        return _unsupported("没有可以核对的文字")
    if _verbatim(bare, source):
        return Verdict(True, "verbatim", "原文")
    for check in (_missing_figure, _missing_date, _missing_name, _changed_negation, _reversed):
        problem = check(statement, evidence)
        if problem:
            return _unsupported(problem)
    covered = coverage(claim, source)
    if covered < MIN_COVERAGE:
        return _unsupported(f"措辞只有{covered:.0%}见于原文")
    return Verdict(True, "reworded", "已核")


def _unsupported(reason: str) -> Verdict:
    return Verdict(False, "unsupported", reason)


def _verbatim(claim: str, source: str) -> bool:
    """Whether the claim stands in the source, not cut out of a number or behind a negation."""
    at = source.find(claim)
    while at >= 0:
        before, after = source[at - 1 : at] if at else "", source[at + len(claim) :][:1]
        cut_left = claim[0] in _NUMERIC and before in _NUMERIC and before != ""
        cut_right = claim[-1] in _NUMERIC and after != "" and after in _NUMERIC
        if not (cut_left or cut_right or before in ("不", "未", "没", "无", "非")):
            return True
        at = source.find(claim, at + 1)
    return False


def coverage(claim: str, source: str) -> float:
    """Share of the claim's character bigrams (punctuation aside) found in the source, 0 to 1."""
    plain = _PUNCTUATION.sub("", fold(claim))
    pairs = Counter(plain[i : i + 2] for i in range(len(plain) - 1)) or Counter([plain])
    known = _PUNCTUATION.sub("", fold(source))
    return sum(n for pair, n in pairs.items() if pair in known) / sum(pairs.values())


def same_figure(claimed: Figure, given: Figure) -> bool:
    """Equal value and kind of unit, and no bound turned round (at least / at most).

    An exact claim (600场) may not stand for a bounded source (600余场).
    """
    if abs(claimed.value - given.value) > 1e-9 * max(1.0, abs(given.value)):
        return False
    if claimed.kind != given.kind and {claimed.kind, given.kind} - {"家", "个", "户", "次"}:
        return False
    return claimed.bound == given.bound or (given.bound == "=" and claimed.bound == "~")


def _missing_figure(statement: str, evidence: str) -> str:
    given = figures(evidence)
    for figure in figures(statement):
        if not any(same_figure(figure, other) for other in given):
            return f"原文没有“{figure.text}”"
    # Bare numbers without a unit we know must at least stand there as digits.
    source = set(re.findall(r"\d+(?:\.\d+)?", fold(evidence)))
    for number in re.findall(r"\d+(?:\.\d+)?", fold(statement)):
        if number not in source and not any(number in f.text for f in figures(statement)):
            return f"原文没有数字“{number}”"
    return ""


def _missing_date(statement: str, evidence: str) -> str:
    def within(claimed: Date, given: Date) -> bool:
        pairs = ((claimed.year, given.year), (claimed.month, given.month), (claimed.day, given.day))
        return all(c == g for c, g in pairs if c and g) and not (claimed.day and not given.day)

    given = dates(evidence)
    for date in dates(statement):
        if not any(within(date, other) for other in given):
            return f"原文没有“{date.text}”"
    return ""


def _missing_name(statement: str, evidence: str) -> str:
    source = squeeze(evidence)
    for name in _QUOTED.findall(statement):
        if squeeze(name) not in source:
            return f"原文没有“{name}”"
    for place in place_names(statement):
        if place not in evidence:
            return f"原文没有提到“{place}”"
    return ""


def _changed_negation(statement: str, evidence: str) -> str:
    """A negation in the statement must be near the same words in the evidence, and none dropped."""
    claimed, given = fold(statement), fold(evidence)
    for match in _NEGATION.finditer(claimed):
        after = _PUNCTUATION.sub("", claimed[match.end() : match.end() + 6])[:2]
        if match[0] not in given and not any(n[0] in given for n in _NEGATION.finditer(given)):
            return f"原文没有“{match[0]}{after}”这样的否定"
    for match in _NEGATION.finditer(given):
        after = _PUNCTUATION.sub("", given[match.end() : match.end() + 8])[:4]
        at = claimed.find(after) if len(after) == 4 else -1
        if at > 0 and not _NEGATION.search(claimed[max(0, at - 4) : at + 1]):
            return f"原文是“{match[0]}{after}”，否定被去掉了"
    return ""


def _reversed(statement: str, evidence: str) -> str:
    for match in _COMPARATIVE.finditer(statement):
        opposite = _OPPOSITE.get(match[0])
        if match[0] not in evidence and opposite and opposite in evidence:
            return f"原文是“{opposite}”，不是“{match[0]}”"
    return ""
