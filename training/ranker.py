"""Fit src/rag/data/ranker.json: which of the sentences found answers the question?

    python -m training.ranker           # prints what five folds choose
    python -m training.ranker --write   # and writes the file, fitted to all

The questions are those of training.known. A sentence answers when it holds a gold string or
overlaps the evidence. Loss: minus the logarithm of the share of
exp(score) that the answering sentences have. The nets of a few seeds are laid side by side,
which is one net of so many hidden units. All variants of a passage's questions are in one fold.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from rag.measures import measure
from rag.ranker import INPUTS, PRIOR, inputs, prior
from training.known import FOLDS, WEIGHTS, Known, questions
from training.nets import Fitted, said, side_by_side, write

MOST = 40  # sentences of a question that are trained on, best by the prior
HIDDEN, EPOCHS, BATCH, RATE, DECAY = 32, 20, 64, 0.004, 1.0
SEEDS = (0, 1, 2)


@dataclass(frozen=True)
class Example:
    """A question's sentences: inputs (n, d), priors (n,), which of them answer (n,)."""

    world: str
    name: str
    fold: int
    reworded: bool
    x: np.ndarray
    plain: np.ndarray
    answers: np.ndarray


def example(known: Known) -> Example | None:
    """The sentences the product would choose from, measured by the product's own code."""
    searcher = known.searcher
    asked = searcher.analyse(known.question)
    hits = searcher.search(asked, 10)
    own = [hit for hit in hits if not asked.regions or hit.passage.region in asked.regions]
    words = searcher.index.late.question(asked.content)
    found = measure(asked, words, own, searcher.index)
    if not found:
        return None
    plain = np.array([prior(one.values) for one in found])
    x = inputs([one.values for one in found], asked.kind)
    answers = np.array([known.right(one.text) for one in found])
    best = np.argsort(-plain, kind="stable")[:MOST]
    return Example(
        known.world, known.name, known.fold, known.reworded, x[best], plain[best], answers[best]
    )


def collected() -> list[Example]:
    """All examples in which some sentence answers."""
    found = (example(known) for known in questions() if known.answered)
    return [e for e in found if e is not None and e.answers.any()]


class Net(torch.nn.Module):
    """One seed's net; `rag.ranker` has the formula."""

    def __init__(self, inputs_: int) -> None:
        super().__init__()
        self.hidden = torch.nn.Linear(inputs_, HIDDEN)
        self.out = torch.nn.Linear(HIDDEN, 1, bias=False)
        with torch.no_grad():
            self.out.weight *= 0.1

    def forward(self, x: torch.Tensor, plain: torch.Tensor) -> torch.Tensor:
        return self.out(torch.tanh(self.hidden(x)))[..., 0] + PRIOR * plain


def packed(
    examples: Sequence[Example], mean: np.ndarray, scale: np.ndarray
) -> tuple[torch.Tensor, ...]:
    """x (q, MOST, d), priors, -inf for padding and -inf for wrong sentences (q, MOST), weights."""
    shape = (len(examples), MOST)
    x = np.zeros((*shape, len(mean)), np.float32)
    plain = np.zeros(shape, np.float32)
    real = np.full(shape, -1e9, np.float32)
    right = np.full(shape, -1e9, np.float32)
    for i, e in enumerate(examples):
        n = len(e.plain)
        x[i, :n], plain[i, :n], real[i, :n] = (e.x - mean) / scale, e.plain, 0.0
        right[i, :n][e.answers] = 0.0
    weights = np.array([WEIGHTS[e.world] for e in examples], np.float32)
    return tuple(map(torch.tensor, (x, plain, real, right, weights)))


def train(examples: Sequence[Example], mean: np.ndarray, scale: np.ndarray, seed: int) -> Net:
    torch.manual_seed(seed)
    x, plain, real, right, weights = packed(examples, mean, scale)
    net = Net(x.shape[2])
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    batches = max(1, len(examples) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * batches)
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for rows in np.array_split(rng.permutation(len(examples)), batches):
            b = torch.tensor(rows)
            score = net(x[b], plain[b]) + real[b]
            share = torch.logsumexp(score + right[b], 1) - torch.logsumexp(score, 1)
            loss = -(weights[b] * share).sum() / weights[b].sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return net


def moments(examples: Sequence[Example]) -> tuple[np.ndarray, np.ndarray]:
    rows = np.vstack([e.x for e in examples])
    return rows.mean(axis=0), rows.std(axis=0) + 1e-6


def stored(examples: Sequence[Example]) -> dict[str, object]:
    """The nets of all seeds as one."""
    mean, scale = moments(examples)
    nets = [train(examples, mean, scale, seed) for seed in SEEDS]
    fitted = [
        Fitted(plain(net.hidden.weight), plain(net.hidden.bias), plain(net.out.weight[0]), 0.0)
        for net in nets
    ]
    return side_by_side(fitted, INPUTS, mean, scale)


def plain(numbers: torch.Tensor) -> np.ndarray:
    array: np.ndarray = numbers.detach().numpy().astype(float)
    return array


def score(weights: dict[str, object], e: Example) -> np.ndarray:
    return PRIOR * e.plain + said(weights, e.x)


def report(name: str, examples: Sequence[Example], scores: Sequence[np.ndarray]) -> None:
    """Share of questions whose best one or two sentences answer, a set each."""
    cells = []
    sets = list(dict.fromkeys(e.name for e in examples))
    for group in (*sets, "reworded"):
        rows = [
            e.answers[np.argsort(-s, kind="stable")]
            for e, s in zip(examples, scores, strict=True)
            if group == e.name or (group == "reworded" and e.reworded)
        ]
        at = [100 * np.mean([row[:k].any() for row in rows]) for k in (1, 2)]
        cells.append(f"{group} {at[0]:.1f} / {at[1]:.1f}")
    print(f"{name}: {', '.join(cells)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    examples = collected()
    report("prior alone @1 / @2", examples, [e.plain for e in examples])
    found: dict[int, np.ndarray] = {}
    for fold in range(FOLDS):
        weights = stored([e for e in examples if e.fold != fold])
        found |= {i: score(weights, e) for i, e in enumerate(examples) if e.fold == fold}
    report("five folds @1 / @2", examples, [found[i] for i in range(len(examples))])
    if options.write:
        write("ranker", stored(examples))


if __name__ == "__main__":
    main()
