"""Does the evidence say what the statement says? Pure functions.

A statement is supported when it stands in the evidence word for word, or when
it is a rewording: all its figures, dates, names, negations and words of
direction are in the evidence, and enough of its wording is. Similarity alone
proves nothing (九十亿 is similar to 三十亿); it is only the last of the checks.
That one reads word weights from the bundled model, once, when first needed.
"""

from __future__ import annotations

import re

from rag.likeness import invented_clause, likeness, score
from rag.quantities import missing_date, missing_figure
from rag.text import PUNCTUATION, fold, simplify, squeeze
from rag.types import Document, Verdict
from rag.wording import changed_negation, missing_name, reversed_sense

_ASKED = 0.2  # share of wording found only in questions that is worth naming as the reason
_EDGES = "。.！!？?；;，,、：:“”\"'‘’()[]【】"
_NUMERIC = "0123456789.一二三四五六七八九十百千万亿两"
# What may not stand right before or after a verbatim claim: it would be cut out of a number,
# from its bound (600 out of 600余) or measure word (人 out of 人次), or from behind a negation.
_BEFORE_NUMBER = re.compile(
    rf"(?:[{_NUMERIC}]|\d,|近|约|超|逾|达|超过|不足|不少于|不低于|不超过|至少|最多|突破|第)$"
)
_AFTER_NUMBER = re.compile(rf"^(?:[{_NUMERIC}]|,\d|余|多|来|以上|以下|以内|左右)")
_AFTER_UNIT = re.compile(r"^(?:次|\(次|以上|以下|以内|左右)")
_DENIAL = re.compile(
    r"(?:不|未|没|没有|无|非|不得|不准|不能|不可|不再|并非|尚未|从未|禁止|严禁|杜绝|防止|避免|拒绝|停止|取消)$"
)


def supports(statement: str, evidence: str, report: Document | None = None) -> Verdict:
    """Whether `evidence` (the quoted source text) supports `statement`.

    report: the report the evidence is from. Its place and its year go without
    saying in its sentences, so a statement may name them.

    Traditional characters count as the simplified ones: what is said of a report
    in the other script is a rewording.

    Returns kind "verbatim" (word for word, width, white space and outer
    punctuation aside), "reworded" or "unsupported"; `reason` says in Chinese
    what was missing. Blank input is unsupported.
    """
    return settled(statement, evidence, report) or _weighed(statement, _known(evidence, report))


def settled(statement: str, evidence: str, report: Document | None = None) -> Verdict | None:
    """The verdict where nothing has to be weighed, else None: word for word, or a figure, date,
    name, negation, word of direction or a whole clause that the evidence does not give."""
    claim, source = squeeze(statement), squeeze(evidence)
    bare = claim.strip(_EDGES)
    if not bare or not source:
        return _unsupported("没有可以核对的文字")
    if verbatim(bare, source):
        return Verdict(True, "verbatim", "原文")
    statement, evidence = simplify(statement), simplify(evidence)
    problem = (
        missing_figure(statement, evidence)
        or missing_date(statement, evidence, report)
        or missing_name(statement, evidence, report)
        or changed_negation(statement, evidence)
        or reversed_sense(statement, evidence)
    )
    clause = "" if problem else invented_clause(statement, _known(evidence, report))
    if clause:
        problem = f"原文没有说“{clause}”"
    return _unsupported(problem) if problem else None


def _known(evidence: str, report: Document | None) -> str:
    """The evidence with what goes without saying in it: the place and title of its report."""
    return f"{evidence}\n{report.region}\n{report.title}" if report else evidence


def _weighed(statement: str, known: str) -> Verdict:
    """Whether enough of the wording is that of the evidence."""
    found = likeness(simplify(statement), simplify(known))
    if score(found) > 0:
        return Verdict(True, "reworded", "已核")
    if found.new_words:
        return _unsupported(f"原文没有提到“{'”“'.join(found.new_words[:3])}”")
    if found.asked > _ASKED:
        return _unsupported("原文只是这样问，没有这样说")
    return _unsupported(f"措辞只有{found.known:.0%}见于原文")


def _unsupported(reason: str) -> Verdict:
    return Verdict(False, "unsupported", reason)


def verbatim(claim: str, source: str) -> bool:
    """Whether a squeezed claim stands in a squeezed source, not cut out of something that
    changes its sense."""
    at = source.find(claim)
    while at >= 0:
        before, after = source[max(0, at - 3) : at], source[at + len(claim) :][:3]
        cut = (
            (claim[0] in _NUMERIC and _BEFORE_NUMBER.search(before))
            or (claim[-1] in _NUMERIC and _AFTER_NUMBER.search(after))
            or (claim[-1] in "人户%元" and _AFTER_UNIT.search(after))
            or _DENIAL.search(before)
        )
        if not cut:
            return True
        at = source.find(claim, at + 1)
    return False


def coverage(claim: str, source: str) -> float:
    """Share of the claim's character bigrams (punctuation aside) found in the source, 0 to 1."""
    plain, known = PUNCTUATION.sub("", fold(claim)), PUNCTUATION.sub("", fold(source))
    pairs = [plain[i : i + 2] for i in range(len(plain) - 1)] or [plain]
    return sum(pair in known for pair in pairs) / len(pairs)
