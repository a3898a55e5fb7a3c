"""Labelled questions → the report of `rag eval`.

Labels point at source spans (verbatim strings), never at passages, so that they
stay valid when passages are cut differently. Texts are compared after NFKC with
white space removed. Measures (shares between 0 and 1):

- recall@k: every evidence string lies in the texts of the first k passages.
- correct: not abstained, every `must` is in the answer, no `must_not` is.
- citation recall: every evidence string overlaps the quote of some citation by
  at least half its length. citation precision: share of citations whose quote
  overlaps an evidence string, or holds a `must` string.
- refusal: share of unanswerable questions refused; false refusal: of the others.
- verbatim: share of citations with document.text[start:end] == quote.

Denominators come from the labels, so a lost document lowers the score.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.assistant import Assistant
from rag.choice import watched
from rag.diagnosis import reasons, retrieved
from rag.errors import RagError
from rag.retrieval import Searcher
from rag.text import normalise_question, overlap, squeeze
from rag.types import Answer, Hit

RECALL_AT = (1, 5, 10)
Must = Sequence[str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Labelled:
    """One labelled question; `history` holds the earlier turns of a conversation."""

    id: str
    question: str
    type: str
    evidence: tuple[str, ...]
    must: tuple[str | tuple[str, ...], ...]
    must_not: tuple[str, ...]
    follow_up_of: tuple[str, ...] = ()

    @property
    def answerable(self) -> bool:
        """Whether the reports hold an answer."""
        return bool(self.evidence)


def read_labels(path: str | Path) -> list[Labelled]:
    """Read questions or conversations (a row with "turns") from a JSON-lines file.

    Raises RagError when the file is missing or a line is no label.
    """
    labels: list[Labelled] = []
    try:
        # Not splitlines: JSON strings may hold U+2028 and the like as they are.
        lines = Path(path).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RagError(f"读不出评测文件 {path}（{error}）。") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            labels.extend(_labels(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RagError(f"评测文件 {path} 第 {number} 行不是标注问题（{error!r}）。") from error
    if not labels:
        raise RagError(f"评测文件 {path} 里没有问题。")
    return labels


def _labels(row: Mapping[str, Any]) -> list[Labelled]:
    if "turns" not in row:
        return [_label(row, row["id"], row["type"], ())]
    found: list[Labelled] = []
    for i, turn in enumerate(row["turns"]):
        before = tuple(label.question for label in found)
        kind = "follow-up" if i else "first turn"
        found.append(_label(turn, f"{row['id']}.{i + 1}", kind, before))
    return found


def _label(row: Mapping[str, Any], name: str, kind: str, before: tuple[str, ...]) -> Labelled:
    normalise_question(row["question"])  # raises on what could not be asked
    must = [_text(m) if isinstance(m, str) else _texts(m) for m in _list(row.get("must", []))]
    evidence, must_not = _texts(row["evidence"]), _texts(row.get("must_not", []))
    return Labelled(name, row["question"], kind, evidence, tuple(must), must_not, before)


def _list(value: object) -> list[Any]:
    # A string would be taken letter by letter.
    if not isinstance(value, list):
        raise TypeError(f"{value!r} 应为列表")
    return value


def _text(value: object) -> str:
    # A blank one lies in every text.
    if not isinstance(value, str) or not squeeze(value):
        raise TypeError(f"{value!r} 应为不空的文字")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(_text, _list(value)))


def evidence_found(evidence: Sequence[str], hits: Sequence[Hit], k: int) -> bool:
    """Whether every evidence string lies inside the texts of the first k passages together."""
    texts = [squeeze(hit.passage.text) for hit in hits[:k]]
    return all(any(squeeze(e) in text for text in texts) for e in evidence)


def is_correct(text: str, must: Must, must_not: Sequence[str]) -> bool:
    """Whether an answer's text holds every `must` and no `must_not`."""
    answer = squeeze(text)
    return all(
        any(squeeze(option) in answer for option in ([m] if isinstance(m, str) else m))
        for m in must
    ) and not any(squeeze(m) in answer for m in must_not)


def _supports_label(label: Labelled, quote: str) -> bool:
    if any(
        overlap(e, quote) * 2 >= min(len(squeeze(e)), len(squeeze(quote))) for e in label.evidence
    ):
        return True
    text = squeeze(quote)
    options = [o for m in label.must for o in ([m] if isinstance(m, str) else m)]
    return any(squeeze(o) in text for o in options)


def _judge(label: Labelled, answer: Answer, assistant: Assistant) -> dict[str, float]:
    quotes = [c.quote for c in answer.citations]
    exact = [
        assistant.document(c.doc_id).text[c.start : c.end] == c.quote for c in answer.citations
    ]
    refused = answer.state == "abstained"
    row = {"chars": float(len(answer.text)), "citations": float(len(quotes))}
    if exact:
        row["verbatim"] = float(np.mean(exact))
    if not label.answerable:
        return row | {"refusal": float(refused)}
    row["false_refusal"] = float(refused)
    row["correct"] = float(not refused and is_correct(answer.text, label.must, label.must_not))
    row["citation_recall"] = float(
        all(any(overlap(e, q) * 2 >= len(squeeze(e)) for q in quotes) for e in label.evidence)
    )
    if quotes:
        row["citation_precision"] = float(np.mean([_supports_label(label, q) for q in quotes]))
    return row


def evaluate(assistant: Assistant, labels: Sequence[Labelled]) -> dict[str, Any]:
    """Answer every question and measure.

    Returns {"types": {type: {measure: mean, "n": count}}, "misses": [...],
    "latency_ms": {"p50", "p95"}}; the type "all" covers every question.
    """
    rows: list[tuple[Labelled, dict[str, float]]] = []
    misses: list[dict[str, Any]] = []
    seconds: list[float] = []
    said: dict[tuple[str, ...], str] = {}
    for label in labels:
        history = [
            (question, said[label.follow_up_of[: i + 1]])
            for i, question in enumerate(label.follow_up_of)
        ]
        start = time.perf_counter()
        with watched() as choice:
            answer = assistant.ask(label.question, history=history)
        seconds.append(time.perf_counter() - start)
        said[(*label.follow_up_of, label.question)] = answer.text
        row = _judge(label, answer, assistant)
        if label.answerable:
            hits = assistant.searcher.search(answer.searched or label.question, k=max(RECALL_AT))
            row |= {
                f"recall@{k}": float(evidence_found(label.evidence, hits, k)) for k in RECALL_AT
            }
            row |= _baselines(assistant.searcher, answer.searched or label.question, label)
        rows.append((label, row))
        if not row.get("correct", row.get("refusal", 1.0)):
            why = reasons(assistant, answer, choice, label.evidence)
            misses.append(_miss(label, answer, row) | {"why": why})
    types = list(dict.fromkeys(label.type for label in labels))
    table = {t: _means([row for label, row in rows if label.type == t]) for t in types}
    table["all"] = _means([row for _, row in rows])
    timed = np.array(seconds[1:] or seconds) * 1000
    latency = {f"p{p}": float(np.percentile(timed, p)) for p in (50, 95)}
    return {"types": table, "misses": misses, "latency_ms": latency}


def _baselines(searcher: Searcher, question: str, label: Labelled) -> dict[str, float]:
    """recall@5 of BM25 alone and of the single vectors alone, on the question as normalised."""
    out = {}
    for name, ranking in (("bm25", searcher.by_bm25), ("dense", searcher.by_vector)):
        hits = ranking(question, 5)
        out[f"{name}_recall@5"] = float(evidence_found(label.evidence, hits, 5))
    return out


def _miss(label: Labelled, answer: Answer, row: Mapping[str, float]) -> dict[str, Any]:
    return {
        "id": label.id,
        "type": label.type,
        "question": label.question,
        "searched": answer.searched,
        "state": answer.state,
        "reason": answer.reason,
        "answer": answer.text,
        "expected": list(label.must),
        "recall@5": row.get("recall@5"),
        "retrieved": retrieved(answer),
    }


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    keys = sorted({key for row in rows for key in row})
    means = {key: float(np.mean([row[key] for row in rows if key in row])) for key in keys}
    return {"n": float(len(rows))} | means


_COLUMNS = (
    ("recall@1", "R@1"), ("recall@5", "R@5"), ("recall@10", "R@10"),
    ("bm25_recall@5", "BM25 R@5"), ("dense_recall@5", "向量 R@5"), ("correct", "答对"),
    ("citation_recall", "引文召回"), ("citation_precision", "引文精确"), ("refusal", "拒答"),
    ("false_refusal", "误拒"), ("verbatim", "逐字"), ("citations", "引文数"), ("chars", "字数"),
)  # fmt: skip


def format_report(report: Mapping[str, Any], errors: bool = False) -> str:
    """The report as a Markdown table; with `errors`, each miss below it."""
    head = ["类型", "n", *(title for _, title in _COLUMNS)]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, means in report["types"].items():
        cells = [_cell(key, means) for key, _ in _COLUMNS]
        lines.append(f"| {name} | {means['n']:.0f} | " + " | ".join(cells) + " |")
    latency = report["latency_ms"]
    lines.append(f"\n每问用时：p50 {latency['p50']:.1f} 毫秒，p95 {latency['p95']:.1f} 毫秒")
    for miss in report["misses"] if errors else ():
        lines += _told(miss)
    return "\n".join(lines)


def _told(miss: Mapping[str, Any]) -> list[str]:
    """A miss as lines: what was asked and wanted, what came, what was retrieved, and why."""
    recall = "" if miss["recall@5"] is None else f"　R@5={miss['recall@5']:.0f}"
    lines = [f"\n[{miss['id']}] {miss['type']}　{miss['question']}"]
    if normalise_question(miss["question"]) != miss["searched"]:
        lines.append(f"  检索用：{miss['searched']}")
    lines.append(f"  应含 {miss['expected']}{recall}" if miss["expected"] else "  应拒答")
    lines.append("  回答　" + miss["answer"].replace("\n", "\n  　　　"))
    lines += ["  检索到", *(f"    {line}" for line in miss["retrieved"])]
    lines += ["  原因", *(f"    {line}" for line in miss["why"])]
    return lines


def _cell(key: str, means: Mapping[str, float]) -> str:
    if key not in means:
        return "–"
    return f"{means[key]:.1f}" if key in ("citations", "chars") else f"{means[key] * 100:.1f}"
