"""Fit src/rag/data/related.json: is a sentence of a collection about what is asked?

    python -m training.related

A feature that is renamed needs a line in the file first: the sentences are chosen by the
very code that reads it (their choice does not depend on the values).

Questions with their passage in the collection and without it, in four collections: the
five reports (labelled questions, their place names unread; everyday questions, which no
report answers), the same among 1,000 foreign paragraphs, CMRC 2018 trial and DRCD dev
(each question also with its passage taken out). What is printed is measured in five folds,
all variants of a question in one.
"""

from __future__ import annotations

import json
import lzma
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.common import answerable, foreign_paragraphs, read_reading, write_corpus
from benchmarks.unseen import assistant_over
from rag import Assistant, build_index
from rag.related import Features, setting, terms
from rag.retrieval import Searcher
from rag.select import candidates
from training.data import WORK, data_file

TARGET = Path(__file__).resolve().parent.parent / "src/rag/data/related.json"
SETS = ("dev", "own", "third")
# What each collection weighs in the fit. A mixed one like the second is nobody's, but a
# model that never saw one should not fall over; DRCD leaves neighbours of the passage in.
WORLDS = {"reports": 2.0, "among foreign": 0.5, "drcd": 0.5, "cmrc": 1.0}
PARTS = 4
EVERYDAY = 500
DRCD_PASSAGES = 200
THRESHOLDS = (-1.0, -0.5, 0.0, 0.5)


@dataclass(frozen=True)
class Example:
    """One question in one collection; `group` keeps its variants in one fold."""

    world: str
    answered: bool
    group: str
    features: Features
    reworded: bool = False


def features_of(searcher: Searcher, question: str, *, placeless: bool) -> Features | None:
    """Features of the best sentence for a question; None when nothing is found."""
    asked = searcher.analyse(question)
    if placeless:
        asked = replace(asked, places=())
    hits = searcher.search(asked, 10)
    ranked = candidates(asked, hits, searcher.index)
    if not ranked:
        return None
    about = setting(asked.content, max(hit.late for hit in hits), searcher.index)
    return about.features(ranked[0].shared)


def everyday() -> Iterator[str]:
    """Everyday questions: dialogue and example sentences, people's questions to an encyclopedia."""
    spoken = []
    with lzma.open(data_file("parallel/zh_en.tsv.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            source, chinese, _ = line.split("\t", 2)
            if source in ("tatoeba", "msctd") and chinese.endswith(("？", "?")):
                spoken.append(chinese)
    yield from random.Random(0).sample([q for q in spoken if 7 <= len(q) <= 30], EVERYDAY)
    with data_file("eval/citecheck_dev.jsonl").open(encoding="utf-8") as lines:
        queries = sorted({json.loads(line)["query"][:200] for line in lines})
    yield from random.Random(0).sample(queries, min(EVERYDAY, len(queries)))


def reports(world: str, foreign: Sequence[str], scratch: Path) -> Iterator[Example]:
    """The five reports, beside foreign paragraphs or alone."""
    build_index(write_corpus(scratch, foreign), scratch / "index")
    searcher = Assistant.load(str(scratch / "index")).searcher
    for name in SETS:
        for label in answerable(name):
            found = features_of(searcher, label.question, placeless=True)
            if label.type != "compare" and found:
                reworded = label.type == "paraphrase"
                yield Example(world, True, label.question, found, reworded)
    for question in everyday():
        if found := features_of(searcher, question, placeless=True):
            yield Example(world, False, question, found)


def reading(world: str, path: Path, limit: int | None, scratch: Path) -> Iterator[Example]:
    """A reading-comprehension set: every question with its passage and without it."""
    rows = read_reading(path, limit)
    asked = [(i, q["q"]) for i, row in enumerate(rows) for q in row["questions"]]

    def searcher_over(part: int | None, folder: Path) -> Searcher:
        kept = [(i, r["passage"]) for i, r in enumerate(rows) if part is None or i % PARTS != part]
        return assistant_over(kept, folder).searcher

    for part in (None, *range(PARTS)):
        searcher = searcher_over(part, scratch / f"{world}{part}")
        for i, question in asked:
            if (part is not None and i % PARTS != part) or not any(c.isalnum() for c in question):
                continue
            if found := features_of(searcher, question, placeless=False):
                yield Example(world, part is None, f"{world}{i}", found)


def matrix(examples: Sequence[Example]) -> np.ndarray:
    return np.array([list(terms(e.features).values()) for e in examples])


def balance(examples: Sequence[Example]) -> np.ndarray:
    """Weights by which a collection counts as WORLDS says, with and without the passage alike."""
    keys = [(e.world, e.answered) for e in examples]
    return np.array([WORLDS[key[0]] * len(examples) / keys.count(key) for key in keys])


def fit(examples: Sequence[Example]) -> Callable[[np.ndarray], np.ndarray]:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    labels = [e.answered for e in examples]
    model.fit(matrix(examples), labels, logisticregression__sample_weight=balance(examples))
    return model


def weights(model: Callable[[np.ndarray], np.ndarray]) -> dict[str, float]:
    """Weights on the features as they are, and the bias."""
    scaler, logistic = model[0], model[1]  # type: ignore[index]
    plain = logistic.coef_[0] / scaler.scale_
    bias = float(logistic.intercept_[0] - plain @ scaler.mean_)
    names = list(terms(Features(0, 0, 0, 0, 0)))
    return {
        **{n: round(float(w), 4) for n, w in zip(names, plain, strict=True)},
        "bias": round(bias, 4),
    }


def report(examples: Sequence[Example], odds: np.ndarray) -> None:
    """Per collection and threshold: refused without the passage, refused with it."""
    for world in WORLDS:
        for limit in THRESHOLDS:
            below = [
                (e, o < limit) for e, o in zip(examples, odds, strict=True) if e.world == world
            ]
            without = [low for e, low in below if not e.answered]
            wrongly = [low for e, low in below if e.answered]
            reworded = [low for e, low in below if e.reworded]
            print(
                f"{world:14s} below {limit:4.1f}: refused {100 * np.mean(without):5.1f} %, "
                f"wrongly {100 * np.mean(wrongly):5.1f} %"
                + (f" (reworded {100 * np.mean(reworded):5.1f} %)" if reworded else "")
            )


def main() -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        scratch = Path(name)
        foreign = foreign_paragraphs(data_file("text/crud_news.txt.xz").parents[1], 1000)
        known = [*reports("reports", [], scratch / "alone")]
        known += reports("among foreign", foreign, scratch / "among")
        drcd = data_file("eval/drcd_dev_traditional.jsonl.xz")
        known += reading("drcd", drcd, DRCD_PASSAGES, scratch)
        known += reading("cmrc", data_file("eval/cmrc2018_trial.jsonl.xz"), None, scratch)
    odds = np.zeros(len(known))
    groups = [e.group for e in known]
    for rest, fold in GroupKFold(5).split(known, groups=groups):
        model = fit([known[i] for i in rest])
        odds[fold] = model.decision_function(matrix([known[i] for i in fold]))  # type: ignore[attr-defined]
    report(known, odds)
    model = fit(known)
    TARGET.write_text(json.dumps({"weights": weights(model)}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
