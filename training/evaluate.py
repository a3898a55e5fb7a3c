"""Measure one model on everything it must be good at: one row of the table.

    python -m training.evaluate bm25 | minilm | FOLDER | STAGE.npz

Questions over the reports (TRAINING_EVAL, TRAINING_CORPUS and the project's own
in benchmarks), with and without foreign passages, Chinese STS-B dev,
CMRC 2018 trial, DRCD dev (simplified) and, for stages, NTREX Chinese to English
in the teacher's space. The labelled questions are few: a change that only helps
them is chance.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from training.data import SHARED, data_file, report_paragraphs, unit_hash
from training.scores import all_scores, load, split_sentences

# The given questions, and those written for the project without sight of its code.
QUESTIONS = {
    "dev": Path(os.environ.get("TRAINING_EVAL", SHARED / "eval")) / "dev.jsonl",
    "own": Path(__file__).resolve().parents[1] / "benchmarks" / "questions" / "own.jsonl",
}
REPORTS = Path(os.environ.get("TRAINING_CORPUS", SHARED / "corpus_source"))
CUTS = (1, 5, 10)
SPACE = re.compile(r"\s+")
FOREIGN = 5_000
# Where each report is from, put before its passages as the product does: half of
# the questions name a place that the passage itself does not.
PLACES = {
    "000": "山西省吕梁市文水县",
    "001": "江苏省徐州市丰县",
    "002": "江苏省盐城市阜宁县",
    "003": "江苏省盐城市",
    "004": "辽宁省朝阳市",
}


def report_passages(longest: int = 350) -> list[tuple[str, str]]:
    """(document, passage): paragraphs, broken lines joined, long ones cut at sentences."""
    passages = []
    for path in sorted(REPORTS.glob("*.txt")):
        paragraph = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            paragraph += line.strip()
            if not re.search(r"[。！？!?；;：:”…]$", paragraph) or len(paragraph) < 40:
                continue
            piece = ""
            for sentence in split_sentences(paragraph):
                if piece and len(piece) + len(sentence) > longest:
                    passages.append((path.name[:3], piece))
                    piece = ""
                piece += sentence
            passages.append((path.name[:3], piece))
            paragraph = ""
        if paragraph:
            passages.append((path.name[:3], paragraph))
    return passages


def evidence_recall(order: np.ndarray, passages: list[str], row: dict[str, Any], k: int) -> float:
    texts = [passages[i] for i in order[:k]]
    return float(all(any(e in t for t in texts) for e in row["evidence"]))


def foreign_passages(most: int) -> list[str]:
    """Paragraphs of other places' reports, kept out of training by their hash, with their place."""
    kept = []
    for report, paragraph in report_paragraphs():
        if len(kept) < most and unit_hash(paragraph) >= 0.9 and 60 <= len(paragraph) <= 350:
            place = "".join(re.findall(r"[㐀-鿿]+", report))
            kept.append(f"{place}：{paragraph}")
    return kept


def questions(path: Path) -> list[dict[str, Any]]:
    """The answerable questions of a labelled file, as the product reads them."""
    simplify = _simplifier()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        row["question"] = simplify(row["question"])
        row["evidence"] = [SPACE.sub("", e) for e in row["evidence"]]
    return [row for row in rows if row["evidence"]]


def ranking(orders: np.ndarray, flat: list[str], rows: list[dict[str, Any]]) -> dict[str, float]:
    """metric -> value: evidence-recall @k and mean reciprocal rank of one group of questions."""
    metrics = {
        f"@{k}": float(
            np.mean([evidence_recall(o, flat, r, k) for o, r in zip(orders, rows, strict=True)])
        )
        for k in CUTS
    }
    # Reciprocal rank moves with every place: less chance than recall on few questions.
    ranks = []
    for order, row in zip(orders, rows, strict=True):
        first = [
            next((i for i, p in enumerate(order, 1) if e in flat[p]), 10**6)
            for e in row["evidence"]
        ]
        ranks.append(1.0 / max(first))
    metrics["mrr"] = float(np.mean(ranks))
    return metrics


def reports(model: Any, places: bool, foreign: int = 0) -> dict[str, dict[str, dict[str, float]]]:
    """group of questions ("dev", "dev reworded", "own", "own reworded") -> score -> metric."""
    passages = [f"{PLACES.get(doc, '')}：{p}" if places else p for doc, p in report_passages()]
    passages += foreign_passages(foreign)
    flat = [SPACE.sub("", p) for p in passages]
    result: dict[str, dict[str, dict[str, float]]] = {}
    for group, path in QUESTIONS.items():
        rows = questions(path)
        reworded = [i for i, row in enumerate(rows) if row["type"] == "paraphrase"]
        for name, scores in all_scores(model, passages, [r["question"] for r in rows]).items():
            orders = np.argsort(-scores, axis=1, kind="stable")
            result.setdefault(group, {})[name] = ranking(orders, flat, rows)
            result.setdefault(f"{group} reworded", {})[name] = ranking(
                orders[reworded], flat, [rows[i] for i in reworded]
            )
    return result


def reading(model: Any, relative: str, most: int, simplify: bool) -> dict[str, float]:
    """recall@1 of the passage a question was asked about, one index of all passages."""
    convert = (lambda t: t) if not simplify else _simplifier()
    with lzma.open(data_file(relative), "rt", encoding="utf-8") as lines:
        data = [json.loads(line) for line in lines]
    passages = [convert(d["passage"]) for d in data]
    pairs = [(convert(q["q"]), i) for i, d in enumerate(data) for q in d["questions"]]
    pairs = pairs[:: max(1, len(pairs) // most)]
    gold = np.array([i for _, i in pairs])
    scores = all_scores(model, passages, [q for q, _ in pairs])
    return {name: float((s.argmax(1) == gold).mean()) for name, s in scores.items()}


def everyday(model: Any) -> dict[str, float]:
    """recall@1 of the quotation that answers an everyday why-question, among 1,000 (CiteCheck)."""
    text = data_file("eval/citecheck_dev.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    passages = [re.sub(r"\[\d+\]", "", r["quote"])[:600] for r in rows]
    gold = np.array([i for i, r in enumerate(rows) if r["label"]])
    scores = all_scores(model, passages, [rows[i]["query"] for i in gold])
    return {name: float((s.argmax(1) == gold).mean()) for name, s in scores.items()}


def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s").convert


def sts(model: Any) -> float:
    """Spearman x 100 on Chinese STS-B dev."""
    from scipy.stats import spearmanr

    text = data_file("eval/sts-b-zh-dev.txt").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    a, b = (model.encode_documents([r[i] for r in rows]) for i in (0, 1))
    return float(100 * spearmanr((a * b).sum(1), [float(r[2]) for r in rows]).statistic)


def ntrex(stage: Path) -> float:
    """recall@1 of the English translation among 1,995, in the teacher's space (before PCA)."""
    from tokenizers import Tokenizer

    from training.dictionary import teach
    from training.export import rows_of
    from training.vocabulary import TOKENIZER

    with lzma.open(data_file("eval/ntrex_zh_en.tsv.xz"), "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t") for line in lines]
    english = teach([en for _, en in pairs])
    target = np.stack([english[en] for _, en in pairs])
    rows = rows_of(stage)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    zh = np.stack([rows[e.ids].sum(0) for e in tokenizer.encode_batch([zh for zh, _ in pairs])])
    zh /= np.linalg.norm(zh, axis=1, keepdims=True)
    return float(((zh @ target.T).argmax(1) == np.arange(len(zh))).mean())


def evaluate(
    name: str, dimension: int = 384, questions: int = 600, places: bool = True
) -> dict[str, Any]:
    model = load(name, dimension)
    row: dict[str, Any] = {
        "reports": reports(model, places),
        "foreign": reports(model, places, FOREIGN),
    }
    row["cmrc"] = reading(model, "eval/cmrc2018_trial.jsonl.xz", questions, False)
    row["drcd"] = reading(model, "eval/drcd_dev_traditional.jsonl.xz", questions, True)
    row["cite"] = everyday(model)
    if name != "bm25":
        row["sts"] = sts(model)
    if name.endswith(".npz"):
        row["ntrex"] = ntrex(Path(name))
    return row


def table(name: str, row: dict[str, Any]) -> str:
    """One Markdown line per score."""
    lines = []
    for score in row["cmrc"]:
        cells = [name, score]
        for group in QUESTIONS:
            for kind in (group, f"{group} reworded"):
                got = row["reports"][kind][score]
                recalls = " / ".join(f"{100 * got[f'@{k}']:.0f}" for k in CUTS)
                cells.append(f"{recalls} ({got['mrr']:.2f})")
            far, far_reworded = (row["foreign"][k][score] for k in (group, f"{group} reworded"))
            cells.append(
                f"{100 * far['@5']:.0f} / {100 * far_reworded['@5']:.0f} ({far['mrr']:.2f})"
            )
        cells += [f"{100 * row[s][score]:.1f}" for s in ("cmrc", "drcd", "cite")]
        first = score == "bag"
        cells.append(f"{row['sts']:.1f}" if first and "sts" in row else "")
        cells.append(f"{100 * row['ntrex']:.1f}" if first and "ntrex" in row else "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="+", help="bm25, minilm, a model folder or a stage's .npz")
    parser.add_argument("--dimension", type=int, default=384, help="PCA of a stage's rows")
    parser.add_argument("--questions", type=int, default=600, help="of CMRC and DRCD each")
    parser.add_argument("--no-places", action="store_true", help="paragraphs as they stand")
    options = parser.parse_args()
    for name in options.model:
        began = time.perf_counter()
        row = evaluate(name, options.dimension, options.questions, not options.no_places)
        print(
            table(Path(name).name, row), f"<!-- {time.perf_counter() - began:.0f} s -->", flush=True
        )


if __name__ == "__main__":
    main()
