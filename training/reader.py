"""Fit src/rag/data/reader.json: which sentence tells what is asked, read word by word?

    python -m training.reader --part 2     # without a part of the questions, measured on these
    python -m training.reader --write      # the file, fitted to all

The questions are those of training.known; of each the best sentences by out-of-fold scores of the
ranker (training.ranker), kept in the work folder. Losses: minus the logarithm of the share of
exp(score) that the answering sentences have, and the same of their words that stand in the answer;
and of the best answering and the best other sentence, whether each tells what is asked. The net
fitted without a part stays in the work folder: what is fitted to readings of these questions needs
readings by a net that has not seen them (`unseen`).
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from rag.encoder import load_word_vectors
from rag.reader import FAR, PAD, Reader
from training.nets import DATA
from training.sentences import FOLDER, Read, examples

PARTS = 3  # a part is one or two folds
# What a question counts for.
WEIGHTS = {"cmrc": 1.0, "drcd": 1.0, "news": 2.0, "gov": 2.0, "cities": 2.0, "reports": 2.0}
WIDTH, HIDDEN, EPOCHS, BATCH, RATE, DECAY, DROP = 48, 64, 6, 32, 0.002, 0.01, 0.2
PLACE, GAP = 12, 6  # numbers that stand for the distance to the asking word, and for a gap
SPAN, TELLS, OTHERS = (
    0.5,
    0.3,
    0.3,
)  # what counts beside the first loss; a wrong sentence of an answered question
LEAST = -1e4


class Net(torch.nn.Module):
    """`rag.reader` has the formula."""

    def __init__(self) -> None:
        super().__init__()
        vectors = torch.tensor(load_word_vectors().vectors)
        self.vectors = torch.nn.Embedding.from_pretrained(vectors)
        linear, conv = torch.nn.Linear, torch.nn.Conv1d
        self.meaning = linear(vectors.shape[1], WIDTH, bias=False)
        self.distance, self.gap = torch.nn.Embedding(2 * FAR + 1, PLACE), torch.nn.Embedding(3, GAP)
        self.question = conv(WIDTH + PLACE + 1, HIDDEN, 3, padding=1)
        self.weight = linear(HIDDEN, 1)
        self.first = conv(2 * WIDTH + GAP + 5, HIDDEN, 3, padding=1)
        self.second = conv(HIDDEN, HIDDEN, 3, padding=1)
        self.third = conv(HIDDEN, HIDDEN, 3, padding=2, dilation=2)
        self.word_asked, self.word_alone = linear(HIDDEN, HIDDEN), linear(HIDDEN, 1)
        self.highest, self.mean = linear(HIDDEN, HIDDEN), linear(HIDDEN, 1)
        self.tells_highest, self.tells_mean = linear(HIDDEN, HIDDEN), linear(HIDDEN, 1)
        self.said = linear(HIDDEN, 6)
        self.tells_likely = torch.nn.Parameter(torch.tensor(0.3))
        self.drop = torch.nn.Dropout(DROP)

    def forward(self, b: Mapping[str, Any]) -> tuple[torch.Tensor, ...]:
        """(of each word, (w,); of each sentence beside its words, answers and tells, (n,))."""
        asked, there = self.meaning(self.vectors(b["asked"])), b["there"][..., None]
        said = [a @ asked[i, : a.shape[1]] for i, a in enumerate(b["instead"])]
        instead = torch.cat(said) * b["marks"][:, :1]
        own = self.meaning(self.vectors(b["ids"]))
        x = self.drop(torch.cat([own, instead, self.gap(b["gaps"]), b["marks"]], 1))
        at, of, to = b["at"], b["owner"], b["question"]
        mask = torch.zeros(int(at[-1]) + 1 + PAD, 1).index_fill(0, at, 1.0)
        laid = torch.zeros(len(mask), x.shape[1]).index_copy(0, at, x)
        laid = torch.relu(self.first(laid.T[None])[0].T) * mask
        for conv in (self.second, self.third):
            laid = laid + torch.relu(conv(self.drop(laid).T[None])[0].T) * mask
        x = laid[at]
        each = torch.cat([asked, self.distance(b["place"]), b["named"][..., None]], -1) * there
        each = torch.relu(self.question(self.drop(each).transpose(1, 2))).transpose(1, 2)
        weight = self.weight(each).masked_fill(there == 0, LEAST).softmax(1)
        whole = (weight * each).sum(1)
        word = (x * self.word_asked(whole)[to[of]]).sum(1) + self.word_alone(x)[:, 0]
        n = len(b["sizes"])
        likely = shares(word, of, n)
        mean = torch.zeros(n, HIDDEN).index_add(0, of, x) / b["sizes"][:, None]
        highest = torch.zeros(n, HIDDEN).scatter_reduce(0, of[:, None].expand_as(x), x, "amax")
        terms = (self.said(each) * there)[to]
        beside = (highest * self.highest(whole)[to]).sum(1) + self.mean(mean)[:, 0]
        beside = beside + (b["said"] * terms[..., :3]).sum((1, 2))
        tells = (highest * self.tells_highest(whole)[to]).sum(1) + self.tells_mean(mean)[:, 0]
        tells = tells + (b["said"] * terms[..., 3:]).sum((1, 2)) + self.tells_likely * likely
        return word, beside, likely + beside, tells


def shares(x: torch.Tensor, of: torch.Tensor, n: int) -> torch.Tensor:
    """log Σ exp(x) of each of n owners; `LEAST` of one that owns none."""
    most = torch.full((n,), LEAST).scatter_reduce(0, of, x.detach(), "amax")
    return torch.log(torch.zeros(n).scatter_add(0, of, torch.exp(x - most[of])) + 1e-9) + most


def packed(rows: Sequence[Read]) -> dict[str, Any]:
    """Questions side by side, padded to the longest; their sentences and words one after the other."""
    longest = max(len(r.asked.ids) for r in rows)

    def padded(values: Sequence[np.ndarray], kind: type) -> torch.Tensor:
        out = np.zeros((len(rows), longest), kind)
        for i, value in enumerate(values):
            out[i, : len(value)] = value
        return torch.tensor(out)

    sizes = np.concatenate([r.seen.sizes for r in rows])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    said = np.zeros((len(sizes), longest, 3), np.float32)
    question = np.repeat(np.arange(len(rows)), [len(r.seen.sizes) for r in rows])
    start = 0
    for r in rows:
        said[start : start + len(r.seen.sizes), : len(r.asked.ids)] = r.seen.said
        start += len(r.seen.sizes)

    def joined(values: Sequence[np.ndarray]) -> torch.Tensor:
        return torch.tensor(np.concatenate(values))

    return {
        "asked": padded([r.asked.ids for r in rows], np.int64),
        "place": padded([r.asked.place for r in rows], np.int64),
        "named": padded([r.asked.named for r in rows], np.float32),
        "there": padded([np.ones(len(r.asked.ids)) for r in rows], np.float32),
        "instead": [torch.tensor(r.seen.instead) for r in rows],
        "ids": joined([r.seen.ids for r in rows]),
        "gaps": joined([r.seen.gaps for r in rows]),
        "marks": joined([r.seen.marks for r in rows]),
        "said": torch.tensor(said),
        "sizes": torch.tensor(sizes),
        "owner": torch.tensor(owner),
        "question": torch.tensor(question),
        "at": torch.tensor(np.arange(len(owner)) + PAD * (1 + owner)),
        "score": joined([r.score.astype(np.float32) for r in rows]),
        "right": joined([r.right for r in rows]),
        "gold": joined([r.gold for r in rows]),
        "answered": torch.tensor([r.answered for r in rows]),
        "weight": torch.tensor([WEIGHTS[r.world] for r in rows]),
    }


def loss_of(net: Net, b: Mapping[str, Any]) -> torch.Tensor:
    """The three losses of some questions together."""
    word, beside, answers, tells = net(b)
    n, to, of, weight = len(b["weight"]), b["question"], b["owner"], b["weight"]
    right, scored = b["right"], answers + b["score"]
    all_ = shares(scored, to, n)

    def lost(x: torch.Tensor, whose: torch.Tensor, chosen: torch.Tensor) -> torch.Tensor:
        some = torch.zeros(n).index_add(0, whose, chosen.float()) > 0
        share = all_ - shares(x[chosen], whose[chosen], n)
        return torch.where(some, share, torch.zeros(())) * weight

    gold = b["gold"] & right[of]
    sentence = lost(scored, to, right)
    span = lost(word + (beside + b["score"])[of], to[of], gold)

    def best(chosen: torch.Tensor) -> torch.Tensor:
        known = torch.where(chosen, scored.detach(), torch.tensor(LEAST))
        return chosen & (known >= torch.full((n,), LEAST).scatter_reduce(0, to, known, "amax")[to])

    wrong = torch.where(b["answered"][to], OTHERS, 1.0)
    counts = (best(right).float() + best(~right).float() * wrong) * weight[to]
    told = functional.binary_cross_entropy_with_logits(
        tells, right.float(), counts, reduction="sum"
    )
    total: torch.Tensor = (sentence.sum() + SPAN * span.sum() + TELLS * told) / weight.sum()
    return total


def train(rows: Sequence[Read], seed: int = 0) -> Net:
    """A net fitted to some questions."""
    torch.manual_seed(seed)
    net = Net()
    fitted = [p for p in net.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(fitted, lr=RATE, weight_decay=DECAY)
    batches = math.ceil(len(rows) / BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, RATE, total_steps=EPOCHS * batches + 1
    )
    rng = np.random.default_rng(seed)
    for epoch in range(EPOCHS):
        total = 0.0
        for chosen in np.array_split(rng.permutation(len(rows)), batches):
            loss = loss_of(net, packed([rows[i] for i in chosen]))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(fitted, 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {total / batches:.3f}", flush=True)
    return net.eval()


def written(net: Net, path: Path) -> Reader:
    """Write the numbers of a net, an array a line, and read them as the product does."""
    kept = {name: p for name, p in net.state_dict().items() if name != "vectors.weight"}
    lines = [
        f'"{name}":{json.dumps(np.round(p.numpy().astype(float), 4).tolist(), separators=(",", ":"))}'
        for name, p in kept.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
    return Reader.load(path)


def unseen(fold: int) -> Reader:
    """The reader that was fitted without the part a fold lies in."""
    path = FOLDER / f"without{fold % PARTS}.json"
    if not path.exists():
        part = fold % PARTS
        raise SystemExit(f"{path} is missing: run python -m training.reader --part {part}")
    return Reader.load(path)


def report(reader: Reader, rows: Sequence[Read]) -> None:
    """A world each: whether the best sentence, and one of the two best, answers, before and with the
    net; and how often an answered question is told apart from one that is not."""
    read = [reader.readings(r.asked, r.seen) for r in rows]
    for world in dict.fromkeys(r.world for r in rows):
        cells, sure = [], {True: [], False: []}
        mine = [i for i, r in enumerate(rows) if r.world == world]
        for with_net in (False, True):
            best: list[np.ndarray] = []
            for i in mine:
                added = np.array([one.answers for one in read[i]]) * with_net
                order = np.argsort(-rows[i].score - added, kind="stable")
                first = order[0]
                if with_net and (rows[i].right[first] or not rows[i].answered):
                    sure[rows[i].answered].append(read[i][first].tells)
                if rows[i].answered:
                    best.append(rows[i].right[order])
            cells.append(
                " / ".join(f"{100 * np.mean([b[:k].any() for b in best]):.1f}" for k in (1, 2))
            )
        told = (
            np.mean([[a > b for b in sure[False]] for a in sure[True]]) if sure[False] else math.nan
        )
        print(f"{world:8s} {cells[0]} -> {cells[1]}; told apart {told:.3f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    chosen = parser.add_mutually_exclusive_group(required=True)
    chosen.add_argument("--part", type=int, choices=range(PARTS))
    chosen.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    rows = list(examples())
    if options.write:
        written(train(rows), DATA / "reader.json")
        return
    held = [r.fold % PARTS == options.part for r in rows]
    net = train([r for r, out in zip(rows, held, strict=True) if not out])
    reader = written(net, FOLDER / f"without{options.part}.json")
    report(reader, [r for r, out in zip(rows, held, strict=True) if out])


if __name__ == "__main__":
    main()
