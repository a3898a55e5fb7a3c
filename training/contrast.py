"""Stage 5b: contrastive training of the bag and of late interaction, distillation kept.

    python -m training.contrast [--epochs 1] [--late 1.0] [--sources reports,news,titles,mined]

Each step sees pairs of one source (so that the others in the batch are hard), a
batch of translation pairs with the distillation loss, and graded STS pairs (the
training part of Chinese STS-B) with a loss on their order (CoSENT).

Late interaction is trained on its own score: sum over the query's words of
weight x idf x highest cosine to a word of the text, divided by the sum of the
weights; in-batch contrast. A text of the mined source is one short sentence, so
sentences of other pairs are put beside it, as in a paragraph.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from training.data import WORK, data_file
from training.distill import STAGE as DISTILLED
from training.distill import PairData, pair_loss
from training.late import late_scores, word_idf
from training.neighbours import load_pairs
from training.overlap import is_clean
from training.words import Corpus, Texts, Words, contrast, load_stage

STAGE = WORK / "late.npz"
BATCH = 512
LATE_BATCH = 128
PAIR_BATCH = 512
STS_BATCH = 64


def sts_order(
    a: torch.Tensor, b: torch.Tensor, label: torch.Tensor, scale: float = 20.0
) -> torch.Tensor:
    """CoSENT (Su 2022): every pair graded higher must have the higher cosine."""
    cosines = scale * (a * b).sum(1)
    gaps = cosines[None, :] - cosines[:, None]
    wrong = gaps[label[:, None] > label[None, :]]
    return torch.logsumexp(torch.cat([torch.zeros(1), wrong]), 0)


class Sts:
    """Graded pairs of the training part of Chinese STS-B."""

    def __init__(self) -> None:
        text = data_file("pairs/sts-b-zh-train.txt").read_text(encoding="utf-8")
        rows = [line.split("\t") for line in text.splitlines()]
        rows = [r for r in rows if len(r) == 3 and is_clean(r[0]) and is_clean(r[1])]
        self.sides = [Corpus([r[i] for r in rows]) for i in (0, 1)]
        self.grades = torch.tensor([float(r[2]) for r in rows])


def schedule(sizes: dict[str, int], epochs: int, seed: int = 0) -> list[tuple[str, np.ndarray]]:
    """(source, rows) of every step, sources mixed."""
    rng = np.random.default_rng(seed)
    steps = []
    for _ in range(epochs):
        for source, size in sizes.items():
            order = rng.permutation(size)
            steps += [(source, order[i : i + BATCH]) for i in range(0, size - BATCH + 1, BATCH)]
    return [steps[i] for i in rng.permutation(len(steps))]


def join(*groups: Texts) -> Texts:
    """The texts of several groups one after another, row by row."""
    flats, lengths = [], []
    for flat, offsets in groups:
        lengths.append(torch.diff(offsets, append=torch.tensor([len(flat)])))
        flats.append(torch.split(flat, lengths[-1].tolist()))
    rows = [torch.cat(parts) for parts in zip(*flats, strict=True)]
    total = torch.stack(lengths).sum(0)
    return torch.cat(rows), torch.cumsum(total, 0) - total


def cut(texts: Texts, n: int) -> Texts:
    """The first n texts."""
    flat, offsets = texts
    return (flat, offsets) if n >= len(offsets) else (flat[: offsets[n]], offsets[:n])


@dataclass
class Step:
    """What one step reads; `texts` are for the bag, `shown` for late interaction, row by row."""

    source: str
    queries: Texts
    texts: Texts
    shown: Texts
    translated: Texts
    teacher: torch.Tensor
    graded: tuple[Texts, Texts]
    grades: torch.Tensor


class Steps:
    """All steps of the training, made one at a time from fixed seeds."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.pairs = PairData(options.pairs)
        self.sts = Sts()
        names = options.sources.split(",")
        self.sources = {s: tuple(map(Corpus, load_pairs(s))) for s in names}
        sizes = {s: min(len(q), options.most) for s, (q, _) in self.sources.items()}
        self.plan = schedule(sizes, options.epochs)
        print(f"{len(self.plan)} steps over {sizes}", flush=True)

    def __iter__(self) -> Iterator[Step]:
        rng = np.random.default_rng(1)
        for source, rows in self.plan:
            if not self.options.bag:
                rows = rows[:LATE_BATCH]
            queries, corpus = self.sources[source]
            texts = corpus.take(rows)
            shown = corpus.take(rows[:LATE_BATCH])
            if source == "mined":
                shown = self.beside(corpus, shown, rng)
            chosen = rng.choice(len(self.pairs), PAIR_BATCH, replace=False)
            graded = rng.choice(len(self.sts.grades), STS_BATCH, replace=False)
            first, second = (side.take(graded) for side in self.sts.sides)
            yield Step(
                source,
                queries.take(rows),
                texts,
                shown,
                self.pairs.corpus.take(chosen),
                self.pairs.teacher(chosen),
                (first, second),
                self.sts.grades[graded],
            )

    @staticmethod
    def beside(corpus: Corpus, shown: Texts, rng: np.random.Generator) -> Texts:
        """Each text with two others, as a sentence stands in a paragraph."""
        n = len(shown[1])
        return join(shown, *(corpus.take(rng.choice(len(corpus), n)) for _ in range(2)))


def losses(
    words: Words, step: Step, options: argparse.Namespace, idf: torch.Tensor
) -> dict[str, torch.Tensor]:
    """name -> weighted loss of one step; opens the lookup that words.step closes."""
    groups = [step.queries, step.texts, step.translated, *step.graded, step.shown]
    table, inverse = words.lookup(torch.cat([flat for flat, _ in groups]))
    pieces = torch.split(inverse, [len(flat) for flat, _ in groups])
    groups = [(piece, offsets) for piece, (_, offsets) in zip(pieces, groups, strict=True)]

    def bag(at: int) -> torch.Tensor:
        return F.normalize(F.embedding_bag(groups[at][0], table, groups[at][1], mode="sum"), dim=1)

    parts = {
        "distil": pair_loss(bag(2), step.teacher),
        "sts": options.sts * sts_order(bag(3), bag(4), step.grades),
    }
    if options.bag:
        parts[f"bag {step.source}"] = options.bag * contrast(bag(0), bag(1))
    if options.late:
        asked = cut(groups[0], LATE_BATCH)
        scores = late_scores(table, idf[words.used], asked, groups[5])
        target = torch.arange(len(scores))
        parts[f"late {step.source}"] = options.late * F.cross_entropy(
            options.scale * scores, target
        )
    return parts


def train(words: Words, options: argparse.Namespace) -> None:
    steps = Steps(options)
    idf = word_idf()
    totals: dict[str, list[float]] = {}
    began, last = time.perf_counter(), len(steps.plan)
    for at, step in enumerate(steps):
        parts = losses(words, step, options, idf)
        pace = min(1.0, (at + 1) / 50) * (1 - 0.9 * at / last)
        words.step(sum(parts.values()), options.rate * pace, options.weight_rate * pace)  # type: ignore[arg-type]
        for name, part in parts.items():
            totals.setdefault(name, []).append(float(part.detach()))
        if (at + 1) % 100 == 0 or at + 1 == last:
            means = ", ".join(f"{n} {np.mean(v):.3f}" for n, v in sorted(totals.items()))
            print(f"{at + 1}: {means} ({time.perf_counter() - began:.0f} s)", flush=True)
            totals.clear()
    words.save(options.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--most", type=int, default=80_000, help="pairs of a source")
    parser.add_argument("--sources", default="reports,news,titles,mined")
    parser.add_argument("--bag", type=float, default=0.0)
    parser.add_argument("--late", type=float, default=1.0)
    parser.add_argument("--sts", type=float, default=0.2)
    parser.add_argument("--scale", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--weight-rate", type=float, default=3e-3)
    parser.add_argument("--start", type=Path, default=DISTILLED)
    parser.add_argument("--out", type=Path, default=STAGE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    train(load_stage(options.start), options)


if __name__ == "__main__":
    main()
