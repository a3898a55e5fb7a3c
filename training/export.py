"""Last stage: from trained rows to the folder that ships.

    python -m training.export STAGE.npz FOLDER [--dimension 208]

Common component removed (Arora et al. 2017; Mu & Viswanath 2018), dimension cut
by PCA, rows = weight x direction in float16. The folder is written beside its
place and then swapped in, because others may be reading it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import uuid
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from training.data import WORK, parallel_pairs, report_paragraphs, unit_hash
from training.vocabulary import TOKENIZER, UNKNOWN

MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "0_StaticEmbedding",
        "type": "sentence_transformers.models.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.models.Normalize",
    },
]
SAMPLE = WORK / "export_sample.npz"


def sentence_sample() -> tuple[np.ndarray, np.ndarray]:
    """(flat token ids, offsets) of 20,000 sentences and report paragraphs, cached."""
    if not SAMPLE.exists() or SAMPLE.stat().st_mtime < TOKENIZER.stat().st_mtime:
        tokenizer = Tokenizer.from_file(str(TOKENIZER))
        texts = [zh for zh, _ in parallel_pairs(12_000)]
        texts += [p for _, p in report_paragraphs() if unit_hash(p) < 0.04 and len(p) > 15][:8_000]
        ids = [e.ids for e in tokenizer.encode_batch(texts) if e.ids]
        offsets = np.cumsum([0] + [len(i) for i in ids[:-1]])
        np.savez(SAMPLE, flat=np.concatenate(ids), offsets=offsets)
    sample = np.load(SAMPLE)
    return sample["flat"], sample["offsets"]


def pooled(rows: np.ndarray) -> np.ndarray:
    """(n, d) unit vectors of the sample's texts."""
    flat, offsets = sentence_sample()
    ends = [*offsets[1:].tolist(), len(flat)]
    sums = np.stack([rows[flat[a:b]].sum(0) for a, b in zip(offsets.tolist(), ends, strict=True)])
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)


def finish(rows: np.ndarray, dimension: int, components: int = 1) -> np.ndarray:
    """(V, dimension) rows without the common component, after PCA."""
    sentences = pooled(rows)
    _, vectors = np.linalg.eigh(sentences.T @ sentences)
    for at in range(1, components + 1):
        common = vectors[:, -at]
        rows = rows - np.outer(rows @ common, common)
    if dimension >= rows.shape[1]:
        return rows
    sentences = pooled(rows)
    words = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    # Both the bag and the single words (late interaction) must survive the cut.
    moment = sentences.T @ sentences / len(sentences) + words.T @ words / len(words)
    _, vectors = np.linalg.eigh(moment)
    return rows @ vectors[:, ::-1][:, :dimension]


def write_folder(rows: np.ndarray, folder: Path, card: str = "") -> None:
    """A SentenceTransformer folder of these rows, swapped in whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    inner = fresh / MODULES[0]["path"]
    inner.mkdir(parents=True)
    (fresh / MODULES[1]["path"]).mkdir()
    # A mean would do as well; norms near 1 keep float16 away from its small numbers.
    # An unknown word says nothing: a text of unknown words must be a zero vector.
    unknown = Tokenizer.from_file(str(TOKENIZER)).token_to_id(UNKNOWN)
    rows = np.where((np.arange(len(rows)) == unknown)[:, None], 0.0, rows)
    scale = 1.0 / np.sqrt((rows**2).sum(1)).max()
    save_file({"embedding.weight": (rows * scale).astype(np.float16)}, inner / "model.safetensors")
    (inner / "model.safetensors").chmod(0o644)  # it is written readable by its owner alone
    shutil.copy(TOKENIZER, inner / "tokenizer.json")
    (fresh / MODULES[1]["path"] / "config.json").write_text("{}\n", encoding="utf-8")
    (fresh / "modules.json").write_text(json.dumps(MODULES, indent=2) + "\n", encoding="utf-8")
    config = {
        "model_type": "SentenceTransformer",
        "prompts": {"query": "", "document": ""},
        "default_prompt_name": None,
        "similarity_fn_name": "cosine",
    }
    (fresh / "config_sentence_transformers.json").write_text(
        json.dumps(config, indent=2) + "\n", encoding="utf-8"
    )
    (fresh / "README.md").write_text(card, encoding="utf-8")
    old = folder.with_name(f".{folder.name}.old.{uuid.uuid4().hex[:8]}")
    if folder.exists():
        folder.replace(old)
    fresh.replace(folder)
    shutil.rmtree(old, ignore_errors=True)


def rows_of(stage: Path) -> np.ndarray:
    """(V, 384) weight x direction of a stage's file."""
    saved = np.load(stage)
    return saved["directions"].astype(np.float32) * saved["weights"].astype(np.float32)[:, None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dimension", type=int, default=208)
    parser.add_argument("--components", type=int, default=3)
    parser.add_argument("--card", type=Path)
    options = parser.parse_args()
    card = options.card.read_text(encoding="utf-8") if options.card else ""
    rows = finish(rows_of(options.stage), options.dimension, options.components)
    write_folder(rows, options.folder, card)


if __name__ == "__main__":
    main()
