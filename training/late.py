"""Late interaction as a training score (MaxSim of ColBERT, Khattab & Zaharia 2020)."""

from __future__ import annotations

import json

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from training.vocabulary import FREQUENCIES, TOKENIZER
from training.words import Texts

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
