"""Why an answer is what it is: for each piece of evidence, how far it got and what stopped it.

Told from the run that answered (rag.choice), with the very checks it used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields

import numpy as np

from rag.assistant import Assistant
from rag.choice import Choice, Sifting
from rag.index import Index
from rag.places import region_name
from rag.proof import check
from rag.refusal import MIN_ODDS, MIN_RELATED, mismatch, nothing_about, why_not
from rag.select import Candidate
from rag.sift import answered, least_odds
from rag.text import overlap, squeeze
from rag.types import Answer, Hit

_SHOWN_HITS = 3
_SHOWN_PARTS = 3
_NAMES = {
    "likeness": "措辞覆盖", "own": "本句措辞", "exact": "同词", "soft": "近义词", "cosine": "语义相似",
    "fit": "答案类型", "phrase": "连续同字", "cover": "段落覆盖", "hit": "段落得分", "rank": "段落名次",
    "words": "词数", "characters": "字数", "before": "上一句", "plain": "题名以外措辞", "after": "下一句",
    "heading": "小标题", "short": "短句", "heaviest": "最要紧的词", "late": "段落晚交互",
    "dense": "段落向量", "lexical": "段落 BM25", "figure": "含数字", "most": "说到的词",
    "missing": "没说到的词", "asked": "问题词数",
}  # fmt: skip
# Sums of the other parts, they would always differ most.
_SUMS = ("score", "shared", "related")


def retrieved(answer: Answer) -> list[str]:
    """The first passages of an answer, a line each."""
    return [_line(hit) for hit in answer.hits[:_SHOWN_HITS]] or ["没有检索到段落。"]


def reasons(
    assistant: Assistant, answer: Answer, choice: Choice, evidence: Sequence[str]
) -> list[str]:
    """Lines in Chinese on why the evidence was not given; on why anything was, if there is none.

    choice: what was weighed for this very answer. evidence: verbatim strings of the reports,
        () for a question that should have been refused.
    """
    lines = [f"拒答理由：{answer.reason}。"] if answer.state == "abstained" else []
    if not evidence:
        return lines + [line for s in choice.siftings for line in _quoted(answer, s)]
    for wanted in evidence:
        lines.append(f"依据“{_short(wanted)}”")
        lines += [f"  {line}" for line in _one(assistant, answer, choice, wanted)]
    return lines


def _one(assistant: Assistant, answer: Answer, choice: Choice, wanted: str) -> Iterator[str]:
    """How far one piece of evidence got: retrieved, a candidate, usable, drafted, proved, quoted."""
    yield _where(assistant, answer, choice, wanted)
    if any(_holds(c.quote, wanted) for c in answer.citations):
        yield "句子已引用，但回答里没有要求的字样，或有不该有的字样。"
        return
    for statement in choice.draft.statements if choice.draft else ():
        if any(_holds(e.quote, wanted) for e in statement.evidence):
            proved = check(statement, assistant.searcher.index.documents)
            yield "句子已选中，引文已满，没有列出。" if proved else "句子已选中，但证明没有通过。"
            return
    told = [
        told
        for s in choice.siftings
        if (told := _sifted(s, answer, choice, wanted, assistant.searcher.index))
    ]
    # Of the parts of a comparison, the one in which the sentence got furthest.
    yield from max(told, key=lambda t: t[0])[1] if told else ["没有比较任何句子。"]


def _where(assistant: Assistant, answer: Answer, choice: Choice, wanted: str) -> str:
    """Whether the passage of the evidence was retrieved, and at which rank."""
    used = [hit for s in choice.siftings for hit in s.hits]
    for hits, told in ((answer.hits, ""), (used, "（单独检索的一部分）")):
        rank = next((hit.rank for hit in hits if _inside(hit, wanted)), 0)
        if rank:
            return f"段落已检索到，第 {rank} 名{told}。"
    total = len(assistant.searcher.index.passages)
    everything = assistant.searcher.search(answer.searched or answer.question, total)
    rank = next((hit.rank for hit in everything if _inside(hit, wanted)), 0)
    if not rank:
        return "段落没有检索到，也不在可检索的段落里。"
    return f"段落没有检索到（前 {len(answer.hits)} 名之外，第 {rank} 名）。"


def _inside(hit: Hit, wanted: str) -> bool:
    return squeeze(wanted) in squeeze(hit.passage.text)


def _sifted(
    sifting: Sifting, answer: Answer, choice: Choice, wanted: str, index: Index
) -> tuple[int, list[str]] | None:
    """(how far it got, what to say) of the sentence of the evidence in one sifting."""
    holding = [c for c in sifting.found if _holds(c.text, wanted)]
    if not holding:
        return 0, ["句子不在候选句中。"]
    mine = max(holding, key=lambda c: overlap(c.text, wanted))
    place = f"第 {_position(mine, sifting.found)} 名，得分 {mine.score:.2f}"
    said = [f"句子是候选句：{len(sifting.found)} 句中{place}。"]
    if mine not in sifting.placed:
        there = region_name(mine.passage.region) or "未注明的地方"
        asked = "、".join(p.name for p in sifting.asked.places)
        return 1, [*said, f"因地点排除：问的是{asked}，这句说的是{there}。"]
    if mine not in sifting.personal:
        return 2, [*said, "因人物排除：这句说的不是问到的人。"]
    if mine not in sifting.usable:
        reason = why_not(sifting.asked, mine)
        if reason == nothing_about(sifting.asked):
            return 3, [*said, f"因不够相关被排除：{_related(sifting, mine)}"]
        return 3, [*said, f"被排除：{reason}。"]
    return 4, said + list(_beaten(sifting, answer, choice, mine, index))


def _beaten(
    sifting: Sifting, answer: Answer, choice: Choice, mine: Candidate, index: Index
) -> Iterator[str]:
    """What a sentence that may answer lost to."""
    drafted = [e for s in choice.draft.statements for e in s.evidence] if choice.draft else []
    chosen = [
        c
        for c in sifting.usable
        if any(
            e.doc_id == c.passage.doc_id and e.start < c.span.end and c.span.start < e.end
            for e in drafted
        )
    ]
    reason = mismatch(sifting.asked, mine, index)[1]
    if reason:
        yield f"因年份、届次不符而让位：{reason}。"
        return
    if not chosen:
        best = sifting.usable[0]
        yield "它就是最好的一句。" if mine == best else f"最好的一句是“{_short(best.text)}”。"
        if mine != best:
            yield _difference(mine, best, sifting.found)
        odds, least = answered(sifting, index), least_odds(sifting, index)
        yield f"可用的句子里有答案的对数几率 {odds:.2f}，门槛 {least:.2f}。"
        return
    best = chosen[0]
    if mine in chosen:
        yield "它被选中，但只引了一部分，依据不在其中。"
        return
    yield f"选中的是“{_short(best.text)}”。"
    if mine.score > best.score:
        yield "得分比选中的高，因篇幅没有列入。"
    yield _difference(mine, best, sifting.found)


def _difference(mine: Candidate, best: Candidate, found: Sequence[Candidate]) -> str:
    """Scores of two sentences, and the parts in which they differ most, by their spread."""
    rows = [parts(c) for c in found]
    a, b = parts(mine), parts(best)
    gaps: dict[str, float] = {}
    for name in a.keys() & b.keys():
        spread = float(np.std([row[name] for row in rows if name in row]))
        gaps[name] = abs(a[name] - b[name]) / spread if spread else 0.0
    rated = sorted(gaps, key=lambda name: (-gaps[name], name))
    told = "，".join(
        f"{_NAMES.get(name, name)} {a[name]:.2f} 对 {b[name]:.2f}"
        for name in rated[:_SHOWN_PARTS]
        if gaps[name] > 0.05
    )
    return f"得分 {mine.score:.2f} 对 {best.score:.2f}；差得最多：{told or '各项几乎相同'}。"


def parts(candidate: Candidate) -> dict[str, float]:
    """What speaks for a sentence, by name: every number a Candidate holds, whatever they are."""
    found: dict[str, float] = {}
    for one in fields(candidate):
        value = getattr(candidate, one.name)
        if isinstance(value, Mapping):
            found |= {str(name): float(number) for name, number in value.items()}
        elif isinstance(value, (int, float)) and one.name not in _SUMS:
            found[one.name] = float(value)
    return found


def _quoted(answer: Answer, sifting: Sifting) -> Iterator[str]:
    """Each sentence quoted though nothing should be, with how related it was held to be."""
    for citation in answer.citations:
        for c in sifting.found:
            same = citation.doc_id == c.passage.doc_id
            if same and citation.start < c.span.end and c.span.start < citation.end:
                yield f"引用了“{_short(citation.quote)}”，候选句中第 {_position(c, sifting.found)} 名。"
                yield f"  {_related(sifting, c)}"
                break


def _related(sifting: Sifting, c: Candidate) -> str:
    """The number by which a sentence counted as related, beside the least that is asked for."""
    if sifting.asked.regions or sifting.asked.names_report:
        value, least = c.likeness + max(0.0, c.cosine), MIN_RELATED
        return f"相关程度（措辞覆盖加语义相似）{value:.2f}，门槛 {least:.2f}。"
    return f"相关的对数几率 {c.related:.2f}，门槛 {MIN_ODDS:.2f}。"


def _position(candidate: Candidate, ranked: Sequence[Candidate]) -> int:
    return ranked.index(candidate) + 1


def _holds(quote: str, wanted: str) -> bool:
    """Whether a text and the evidence are largely the same: half of the shorter one."""
    least = min(len(squeeze(quote)), len(squeeze(wanted)))
    return overlap(wanted, quote) * 2 >= least


def _line(hit: Hit) -> str:
    place = region_name(hit.passage.region) or hit.passage.title
    return f"{hit.rank}. {place}：{_short(hit.passage.text)}"


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 36 else f"{flat[:35]}…"
