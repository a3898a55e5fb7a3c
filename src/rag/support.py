"""Does the evidence say what the statement says? Pure functions, no model.

A statement is supported when it stands in the evidence word for word, or when
it is a rewording: all its figures, dates, names, negations and words of
direction are in the evidence, and enough of its wording is. Similarity alone
proves nothing (九十亿 is similar to 三十亿); it is only the last of the checks.
"""

from __future__ import annotations

import re

from rag.quantities import missing_date, missing_figure
from rag.text import fold, squeeze
from rag.types import Document, Verdict
from rag.wording import changed_negation, missing_name, reversed_sense

# Share of a statement's telling characters that must stand in the evidence next to a neighbour
# of theirs; and what a single clause needs, because one invented clause must not hide among
# quoted ones. Set on human-labelled Chinese citations (see benchmarks/prover.py).
MIN_SAID = 0.7
MIN_CLAUSE_PAIRS = 0.25
MIN_CLAUSE_CHARS = 0.55
MIN_CLAUSE = 0.4
_CLAUSE_CHARS = 5
# Characters that tell little: they change in any rewording.
_EMPTY = frozenset(
    "的了是在和与及或也都就还而并把被让使将会可能以为于其这那有个中上下等对从到由之所且则但因此如果例着过吗呢吧您你我他她它们一些"
)

_PUNCTUATION = re.compile(r"[\W_]+")
_CLAUSES = re.compile(r"[，,；;。：:！!？?\n]")
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

    Returns kind "verbatim" (word for word, width, white space and outer
    punctuation aside), "reworded" or "unsupported"; `reason` says in Chinese
    what was missing. Blank input is unsupported.
    """
    claim, source = squeeze(statement), squeeze(evidence)
    bare = claim.strip(_EDGES)
    if not bare or not source:
        return _unsupported("没有可以核对的文字")
    if verbatim(bare, source):
        return Verdict(True, "verbatim", "原文")
    problem = (
        missing_figure(statement, evidence)
        or missing_date(statement, evidence, report)
        or missing_name(statement, evidence, report)
        or changed_negation(statement, evidence)
        or reversed_sense(statement, evidence)
        or _unlike(statement, evidence, report)
    )
    return _unsupported(problem) if problem else Verdict(True, "reworded", "已核")


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
    plain, known = _PUNCTUATION.sub("", fold(claim)), _PUNCTUATION.sub("", fold(source))
    pairs = [plain[i : i + 2] for i in range(len(plain) - 1)] or [plain]
    return sum(pair in known for pair in pairs) / len(pairs)


def said(claim: str, source: str) -> float:
    """Share of the claim's telling characters that stand in the source with the character
    before or after them, 0 to 1. Kinder to rewordings than `coverage`: the joints count nothing."""
    plain, known = _PUNCTUATION.sub("", fold(claim)), _PUNCTUATION.sub("", fold(source))
    if not plain:
        return 0.0
    found = [plain[i : i + 2] in known for i in range(len(plain) - 1)]
    held = [a or b for a, b in zip([False, *found], [*found, False], strict=True)]
    telling = [h for h, c in zip(held, plain, strict=True) if c not in _EMPTY]
    return sum(telling) / len(telling) if telling else float(plain in known)


def _unlike(statement: str, evidence: str, report: Document | None) -> str:
    """Too much wording that is not the evidence's; the report's place and title count as said."""
    known = evidence + ("\n" + report.region + "\n" + report.title if report else "")
    share = said(statement, known)
    if share < MIN_SAID:
        return f"措辞只有{share:.0%}见于原文"
    chars = set(fold(known))
    for clause in _CLAUSES.split(statement):
        telling = [c for c in _PUNCTUATION.sub("", fold(clause)) if c not in _EMPTY]
        if len(telling) < _CLAUSE_CHARS:
            continue
        present = sum(c in chars for c in telling) / len(telling)
        if present < MIN_CLAUSE or (
            present < MIN_CLAUSE_CHARS and coverage(clause, known) < MIN_CLAUSE_PAIRS
        ):
            return f"原文没有说“{clause.strip()}”"
    return ""
