"""How well a model thinks each passage answers each question: (questions, passages) scores.

One place knows what a model is called (bm25, minilm, a folder, a stage's file)
and how its numbers are made; the measures see score matrices alone.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]?[”’」』)）]*")


def split_sentences(text: str) -> list[str]:
    return [s for s in SENTENCE.findall(text) if len(s.strip()) > 1] or [text]


def bigram_tokens(text: str) -> list[str]:
    text = re.sub(r"\W+", " ", text.lower())
    out: list[str] = []
    for run in text.split():
        for part in re.findall(r"[a-z0-9]+|[^a-z0-9]+", run):
            if part[0].isascii() or len(part) == 1:
                out.append(part)
            else:
                out += [part[i : i + 2] for i in range(len(part) - 1)]
    return out


class Bm25:
    """BM25 (k1 1.2, b 0.75) over character bigrams, dense in scores: (q, n)."""

    def scores(self, passages: list[str], questions: list[str]) -> np.ndarray:
        import bm25s

        index = bm25s.BM25(k1=1.2, b=0.75)
        index.index([bigram_tokens(p) for p in passages], show_progress=False)
        terms = [bigram_tokens(q) for q in questions]
        none = np.zeros(len(passages), np.float32)
        return np.stack([index.get_scores(t) if t else none for t in terms])


class _English:
    """The teacher itself on Chinese text, as a floor."""

    def __init__(self) -> None:
        from training.teacher import load_teacher

        self.model = load_teacher()

    def encode_documents(self, texts: list[str]) -> np.ndarray:
        return np.asarray(self.model.encode(texts, normalize_embeddings=True))


def load(name: str, dimension: int = 384) -> Any:
    if name == "bm25":
        return Bm25()
    if name == "minilm":
        return _English()
    from rag.encoder import StaticEncoder

    if name.endswith(".npz"):
        from training.export import finish, rows_of, write_folder

        with tempfile.TemporaryDirectory() as scratch:
            write_folder(finish(rows_of(Path(name)), dimension), Path(scratch) / "model")
            return StaticEncoder(Path(scratch) / "model")
    return StaticEncoder(Path(name))


def bag_scores(encode: Any, passages: list[str], questions: list[str]) -> tuple[Any, Any]:
    """(passage cosines, best-sentence cosines), each (q, n)."""
    q = encode(questions)
    whole = q @ encode(passages).T
    sentences, starts = [], []
    for passage in passages:
        starts.append(len(sentences))
        sentences += split_sentences(passage)
    best = np.maximum.reduceat(q @ encode(sentences).T, starts, axis=1)
    return whole, best


def late_scores(encoder: Any, passages: list[str], questions: list[str]) -> np.ndarray:
    """Sum over question words of weight x idf x highest cosine to a word: (q, n).

    MaxSim of ColBERT (Khattab & Zaharia 2020) over static vectors.
    """
    ids = [np.unique([t for t, _, _ in encoder.tokenize(p)] or [0]) for p in passages]
    words, flat = np.unique(np.concatenate(ids), return_inverse=True)
    starts = np.cumsum([0] + [len(i) for i in ids[:-1]])
    df = dict(zip(words.tolist(), np.bincount(flat).tolist(), strict=True))
    n = len(passages)
    matrix = encoder.vectors[words]
    out = np.zeros((len(questions), n), np.float32)
    for row, question in enumerate(questions):
        tokens = [t for t, _, _ in encoder.tokenize(question)]
        if not tokens:
            continue
        idf = np.array([np.log1p((n - df.get(t, 0) + 0.5) / (df.get(t, 0) + 0.5)) for t in tokens])
        cosines = (encoder.vectors[tokens] @ matrix.T).astype(np.float32)
        best = np.maximum.reduceat(np.take(cosines, flat, axis=1), starts, axis=1)
        out[row] = (encoder.weights[tokens] * idf) @ best
    return out


def z(scores: np.ndarray) -> np.ndarray:
    return (scores - scores.mean(1, keepdims=True)) / (scores.std(1, keepdims=True) + 1e-9)


def all_scores(model: Any, passages: list[str], questions: list[str]) -> dict[str, np.ndarray]:
    if isinstance(model, Bm25):
        return {"bm25": model.scores(passages, questions)}
    whole, best = bag_scores(model.encode_documents, passages, questions)
    out = {"bag": whole + best}
    if hasattr(model, "tokenize"):
        late = late_scores(model, passages, questions)
        out["late"] = late
        out["sum"] = z(best + 0.5 * whole) + 1.5 * z(late)
    return out
