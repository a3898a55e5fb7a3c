"""The model in training: word directions and log weights, with an Adam that touches seen rows only.

A plain optimiser walks over all 28 million numbers at every step; a batch uses
a few thousand words. Moments of the other rows wait (as in torch's SparseAdam).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from training.vocabulary import TOKENIZER

BETAS = (0.9, 0.999)
Texts = tuple[torch.Tensor, torch.Tensor]


class Words:
    """tables[0]: (V, 384) directions, not normalised; tables[1]: (V, 1) log weights."""

    def __init__(self, directions: np.ndarray, weights: np.ndarray) -> None:
        logs = np.log(np.maximum(weights, 1e-6))[:, None]
        self.tables = [torch.tensor(t, dtype=torch.float32) for t in (directions, logs)]
        self.moments = [(torch.zeros_like(t), torch.zeros_like(t)) for t in self.tables]
        self.steps = 0

    def lookup(self, flat: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """((U, 384) weighted rows with gradient, index of each id into them)."""
        self.used, inverse = torch.unique(flat, return_inverse=True)
        self.parts = [t[self.used].requires_grad_() for t in self.tables]
        return self.parts[0] * self.parts[1].exp(), inverse

    def bags(self, *groups: Texts) -> list[torch.Tensor]:
        """Unit vectors (n, 384) of each group of texts, sharing one lookup."""
        rows, inverse = self.lookup(torch.cat([flat for flat, _ in groups]))
        out, at = [], 0
        for flat, offsets in groups:
            part = inverse[at : at + len(flat)]
            out.append(F.normalize(F.embedding_bag(part, rows, offsets, mode="sum"), dim=1))
            at += len(flat)
        return out

    def step(self, loss: torch.Tensor, rate: float, weight_rate: float) -> float:
        """One Adam step (Kingma & Ba 2015) on the rows of the last lookup."""
        loss.backward()
        self.steps += 1
        bias1, bias2 = (1 - b**self.steps for b in BETAS)
        with torch.no_grad():
            for table, (m, v), part, lr in zip(
                self.tables, self.moments, self.parts, (rate, weight_rate), strict=True
            ):
                if part.grad is None or not lr:
                    continue
                first = m[self.used].lerp_(part.grad, 1 - BETAS[0])
                second = (
                    v[self.used].mul_(BETAS[1]).addcmul_(part.grad, part.grad, value=1 - BETAS[1])
                )
                m[self.used], v[self.used] = first, second
                move = first / bias1 / ((second / bias2).sqrt_().add_(1e-8))
                table[self.used] = part.detach() - lr * move
        return float(loss.detach())

    def save(self, path: Path) -> None:
        """Stage file: unit directions and weights, all lengths moved into the weights."""
        directions = self.tables[0].numpy()
        norms = np.linalg.norm(directions, axis=1)
        weights = np.exp(self.tables[1].numpy()[:, 0]) * norms
        save_stage(path, directions / np.maximum(norms, 1e-9)[:, None], weights)


def save_stage(path: Path, directions: np.ndarray, weights: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    with partial.open("wb") as out:
        np.savez(out, directions=directions.astype(np.float32), weights=weights.astype(np.float32))
    partial.replace(path)


def load_stage(path: Path) -> Words:
    if not path.exists():
        raise SystemExit(f"stage file {path.name} is missing: run the stage before it first")
    saved = np.load(path)
    return Words(saved["directions"], saved["weights"])


class Corpus:
    """Tokenised texts, flat, with access by index lists."""

    def __init__(self, texts: Sequence[str], longest: int = 200) -> None:
        tokenizer = Tokenizer.from_file(str(TOKENIZER))
        flat: list[np.ndarray] = []
        for start in range(0, len(texts), 8192):
            batch = tokenizer.encode_batch_fast(list(texts[start : start + 8192]))
            # A text without a known word still needs one entry: the unknown token.
            flat += [np.asarray(e.ids[:longest] or [0], np.int32) for e in batch]
        self.lengths = np.array([len(f) for f in flat], np.int64)
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.flat = np.concatenate(flat)

    def __len__(self) -> int:
        return len(self.lengths)

    def take(self, rows: np.ndarray) -> Texts:
        """(flat ids, offsets) of these texts, for an embedding bag."""
        lengths = self.lengths[rows]
        offsets = np.cumsum(lengths) - lengths
        at = np.repeat(self.starts[rows] - offsets, lengths) + np.arange(lengths.sum())
        return torch.from_numpy(self.flat[at].astype(np.int64)), torch.from_numpy(offsets)


def contrast(a: torch.Tensor, b: torch.Tensor, scale: float = 20.0) -> torch.Tensor:
    """In-batch contrast (Henderson et al. 2017): row i of `a` belongs to row i of `b`."""
    return F.cross_entropy(scale * a @ b.T, torch.arange(len(a)))
