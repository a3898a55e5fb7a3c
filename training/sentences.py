"""The sentences of every question of training.known that training.reader learns from.

Written once to the work folder, best first by the scores of a ranker that has not seen the
question (training.ranker).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rag.encoder import load_word_vectors
from rag.measures import measure
from rag.ranker import inputs, prior
from rag.reader import MOST as WORDS
from rag.reader import READ, Asked, Seen, look, question_words, sentence_words
from rag.text import fold_with_map, simplify, squeeze
from training.data import WORK
from training.known import FOLDS, Known, questions
from training.ranker import MOST, Example, score, stored

FOLDER = WORK / "reader"


@dataclass(frozen=True)
class Read:
    """A question and its best sentences: what the net sees, scores (n,), which answer (n,), which
    of their words stand in the answer (w,)."""

    world: str
    fold: int
    answered: bool
    question: str
    asked: Asked
    seen: Seen
    score: np.ndarray
    right: np.ndarray
    gold: np.ndarray


def collect(path: Path) -> None:
    """Write the sentences of every question, best first, with their scores, a line each."""
    rows: list[dict[str, Any]] = []
    examples: list[Example] = []
    for known in questions():
        if found := _sentences(known):
            rows.append(found[0])
            examples.append(found[1])
    scores: dict[int, np.ndarray] = {}
    for fold in range(FOLDS):
        weights = stored([e for e in examples if e.fold != fold and e.answers.any()])
        scores |= {i: score(weights, e) for i, e in enumerate(examples) if e.fold == fold}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as lines:
        for i, row in enumerate(rows):
            best = np.argsort(-scores[i], kind="stable")[:READ]
            row["texts"] = [row["texts"][j] for j in best]
            row["right"] = [row["right"][j] for j in best]
            row["score"] = [round(float(scores[i][j]), 4) for j in best]
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")


def _sentences(known: Known) -> tuple[dict[str, Any], Example] | None:
    """What the product would choose from; see `training.ranker.example`."""
    searcher = known.searcher
    asked = searcher.analyse(known.question)
    hits = searcher.search(asked, 10)
    own = [hit for hit in hits if not asked.regions or hit.passage.region in asked.regions]
    found = measure(asked, searcher.index.late.question(asked.content), own, searcher.index)
    if not found:
        return None
    plain = np.array([prior(one.values) for one in found])
    best = np.argsort(-plain, kind="stable")[:MOST]
    right = [known.right(found[i].text) for i in best]
    row = {
        "world": known.world, "fold": known.fold, "answered": known.answered,
        "question": asked.text, "content": asked.content, "golds": known.golds,
        "texts": [found[i].text for i in best], "right": right,
    }  # fmt: skip
    x = inputs([one.values for one in found], asked.kind)[best]
    answers = np.array(right)
    return row, Example(
        known.world, known.name, known.fold, known.reworded, x, plain[best], answers
    )


def examples() -> Iterator[Read]:
    """Those from which something can be learnt."""
    path = FOLDER / "sentences.jsonl"
    if not path.exists():
        collect(path)
    for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
        row = json.loads(line)
        asked = question_words(row["question"], row["content"])
        told = [sentence_words(text) for text in row["texts"]]
        kept = [i for i, one in enumerate(told) if len(one.ids)]
        right = np.array([row["right"][i] for i in kept], dtype=bool)
        if not len(asked.ids) or not kept or (row["answered"] and not right.any()):
            continue
        gold = [_golden(row["texts"][i], row["golds"]) for i in kept]
        yield Read(
            row["world"], row["fold"], row["answered"], row["question"], asked,
            look(asked, [told[i] for i in kept]), np.array([row["score"][i] for i in kept]),
            right, np.concatenate(gold),
        )  # fmt: skip


def _golden(text: str, golds: Sequence[str]) -> np.ndarray:
    """Which of the words of a sentence that are read stand in a gold string."""
    simple = simplify(text)
    flat, at = fold_with_map(simple)
    inside = np.zeros(len(simple), dtype=bool)
    for gold in filter(None, (squeeze(simplify(gold)) for gold in golds)):
        start = flat.find(gold)
        while start >= 0:
            inside[at[start] : at[start + len(gold) - 1] + 1] = True
            start = flat.find(gold, start + 1)
    words = load_word_vectors().tokenize(simple)[:WORDS]
    return np.array([inside[start:end].any() for _, start, end in words], dtype=bool)
