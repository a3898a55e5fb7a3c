"""Stage 4: distillation. A Chinese bag of words moves to the teacher's vector of its English side.

    python -m training.distill [--epochs 5] [--pairs N]

Loss: in-batch contrast at scale 20 + 2 x (1 - cosine) (after Reimers & Gurevych
2020). Takes two minutes, so the stage is done whole or not at all.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch

from training.data import WORK, parallel_pairs
from training.dictionary import START
from training.overlap import clean_rows
from training.teacher import BLOCK, CACHE
from training.words import Corpus, Words, contrast, load_stage

BATCH = 1024
STAGE = WORK / "distilled.npz"


def cached_pairs(limit: int | None = None) -> tuple[list[str], np.ndarray]:
    """(Chinese sentences, (n, 384) float16 teacher vectors) of the blocks cached without a gap."""
    blocks: list[np.ndarray] = []
    while (path := CACHE / f"{len(blocks):05d}.npy").exists():
        if limit is not None and len(blocks) * BLOCK >= limit:
            break
        blocks.append(np.load(path))
    if not blocks:
        raise SystemExit("no teacher vectors yet: run python -m training.teacher first")
    vectors = np.concatenate(blocks)[:limit]
    return [zh for zh, _ in parallel_pairs(len(vectors))], vectors


class PairData:
    """Tokenised Chinese sides and teacher vectors, evaluation text removed."""

    def __init__(self, limit: int | None = None) -> None:
        chinese, vectors = cached_pairs(limit)
        keep = clean_rows(chinese)
        self.texts = [chinese[i] for i in keep]
        self.vectors = vectors[keep]
        self.corpus = Corpus(self.texts)

    def __len__(self) -> int:
        return len(self.corpus)

    def teacher(self, rows: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(self.vectors[rows].astype(np.float32))


def pair_loss(bags: torch.Tensor, teacher: torch.Tensor) -> torch.Tensor:
    return contrast(bags, teacher) + 2 * (1 - (bags * teacher).sum(1).mean())


def train(words: Words, data: PairData, epochs: int, stage: Path, weight_rate: float) -> None:
    total = epochs * (len(data) // BATCH)
    step = 0
    for epoch in range(epochs):
        order = np.random.default_rng(epoch).permutation(len(data))
        began, losses = time.perf_counter(), []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[start : start + BATCH]
            (bags,) = words.bags(data.corpus.take(rows))
            # Warm up for a hundred steps, then fall linearly to a tenth.
            pace = min(1.0, (step + 1) / 100) * (1 - 0.9 * step / total)
            losses.append(
                words.step(pair_loss(bags, data.teacher(rows)), 1e-3 * pace, weight_rate * pace)
            )
            step += 1
        took = time.perf_counter() - began
        print(f"epoch {epoch}: loss {np.mean(losses):.4f}, {took:.0f} s", flush=True)
    words.save(stage)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--pairs", type=int)
    parser.add_argument("--weight-rate", type=float, default=3e-3)
    parser.add_argument("--start", type=Path, default=START)
    parser.add_argument("--out", type=Path, default=STAGE)
    options = parser.parse_args()
    torch.set_num_threads(1)
    data = PairData(options.pairs)
    print(f"{len(data)} pairs", flush=True)
    train(load_stage(options.start), data, options.epochs, options.out, options.weight_rate)


if __name__ == "__main__":
    main()
