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
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from training.data import WORK, data_file
from training.distill import STAGE as DISTILLED
from training.distill import PairData, pair_loss
from training.neighbours import load_pairs
from training.overlap import is_clean
from training.vocabulary import FREQUENCIES, TOKENIZER
from training.words import Corpus, Texts, Words, contrast, load_stage

STAGE = WORK / "late.npz"
BATCH = 512
LATE_BATCH = 128
PAIR_BATCH = 512
STS_BATCH = 64
LONGEST = 96


def word_idf() -> torch.Tensor:
    """(V,) log inverse share of 60-word texts that hold the word, at least 0.2."""
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    counts = json.loads(FREQUENCIES.read_text(encoding="utf-8"))
    total = sum(counts.values())
    share = np.array(
        [
            counts.get(tokenizer.id_to_token(i), 0.1) / total
            for i in range(tokenizer.get_vocab_size())
        ]
    )
    held = 1 - np.exp(-60 * share)
    return torch.tensor(np.clip(-np.log(held), 0.2, 9.0), dtype=torch.float32)


def padded(
    index: torch.Tensor, offsets: torch.Tensor, longest: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, L) indices and their mask, from flat indices."""
    lengths = torch.diff(offsets, append=torch.tensor([len(index)])).clamp(max=longest)
    steps = torch.arange(int(lengths.max()))
    mask = steps[None] < lengths[:, None]
    at = (offsets[:, None] + steps[None]).clamp(max=len(index) - 1)
    return index[at], mask


def late_scores(
    rows: torch.Tensor, idf: torch.Tensor, queries: Texts, texts: Texts
) -> torch.Tensor:
    """(q, n) weighted mean of the best cosines; queries and texts index `rows` (U, d)."""
    directions = F.normalize(rows, dim=1)
    strength = rows.norm(dim=1) * idf
    q_words, q_at = torch.unique(queries[0], return_inverse=True)
    p_words, p_at = torch.unique(texts[0], return_inverse=True)
    cosines = directions[q_words] @ directions[p_words].T
    at, mask = padded(p_at, texts[1], LONGEST)
    with torch.no_grad():
        # (words of queries, n, L): only the place of the highest is needed.
        spread = cosines[:, at.reshape(-1)].view(len(q_words), *at.shape)
        place = spread.masked_fill_(~mask[None], -2.0).argmax(-1)
        chosen = at[torch.arange(len(at))[None], place]
    best = cosines.gather(1, chosen)
    owner = torch.repeat_interleave(
        torch.arange(len(queries[1])),
        torch.diff(queries[1], append=torch.tensor([len(queries[0])])),
    )
    weights = torch.zeros(len(queries[1]), len(q_words))
    weights = weights.index_put((owner, q_at), strength[queries[0]], accumulate=True)
    return (weights @ best) / weights.sum(1, keepdim=True).clamp(min=1e-6)


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


def train(words: Words, options: argparse.Namespace) -> None:
    pairs = PairData(options.pairs)
    sts = Sts()
    idf = word_idf()
    sources = {s: tuple(map(Corpus, load_pairs(s))) for s in options.sources.split(",")}
    sizes = {s: min(len(q), options.most) for s, (q, _) in sources.items()}
    steps = schedule(sizes, options.epochs)
    print(f"{len(steps)} steps over {sizes}", flush=True)
    rng = np.random.default_rng(1)
    totals: dict[str, list[float]] = {}
    began = time.perf_counter()
    for at, (source, rows) in enumerate(steps):
        if not options.bag:
            rows = rows[:LATE_BATCH]
        queries, texts = (corpus.take(rows) for corpus in sources[source])
        shown = cut(texts, LATE_BATCH)
        if source == "mined":
            others = sources[source][1]
            extra = [others.take(rng.choice(len(others), LATE_BATCH)) for _ in range(2)]
            shown = join(shown, *extra)
        chosen = rng.choice(len(pairs), PAIR_BATCH, replace=False)
        graded = rng.choice(len(sts.grades), STS_BATCH, replace=False)
        groups = [queries, texts, pairs.corpus.take(chosen), *(s.take(graded) for s in sts.sides)]
        flats = [flat for flat, _ in groups] + [shown[0]]
        table, inverse = words.lookup(torch.cat(flats))
        pieces = torch.split(inverse, [len(f) for f in flats])
        bags = [
            F.normalize(F.embedding_bag(piece, table, offsets, mode="sum"), dim=1)
            for piece, (_, offsets) in zip(pieces[:-1], groups, strict=True)
        ]
        parts = {
            "distil": pair_loss(bags[2], pairs.teacher(chosen)),
            "sts": options.sts * sts_order(bags[3], bags[4], sts.grades[graded]),
        }
        if options.bag:
            parts[f"bag {source}"] = options.bag * contrast(bags[0], bags[1])
        if options.late:
            asked = cut((pieces[0], queries[1]), LATE_BATCH)
            scores = late_scores(table, idf[words.used], asked, (pieces[-1], shown[1]))
            target = torch.arange(len(scores))
            parts[f"late {source}"] = options.late * F.cross_entropy(options.scale * scores, target)
        pace = min(1.0, (at + 1) / 50) * (1 - 0.9 * at / len(steps))
        words.step(sum(parts.values()), options.rate * pace, options.weight_rate * pace)  # type: ignore[arg-type]
        for name, part in parts.items():
            totals.setdefault(name, []).append(float(part.detach()))
        if (at + 1) % 100 == 0 or at + 1 == len(steps):
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
