"""Stage 3: the dictionary start, one vector per word before any training.

    python -m training.dictionary

A word takes the mean of the teacher's vectors of its English glosses; a number
or Latin word takes the teacher's vector of itself; a Hanzi or word without an
entry is composed of its parts. Words are then weighted by inverse frequency
(SIF, Arora et al. 2017).
"""

from __future__ import annotations

import json
import re
from collections import defaultdict

import numpy as np
from tokenizers import Tokenizer

from training.data import WORK, cedict, domain_words
from training.vocabulary import FREQUENCIES, HANZI, TOKENIZER, UNKNOWN

START = WORK / "dictionary.npz"
SIF_A = 1e-3
MOST_GLOSSES = 6
GLOSS_CACHE = WORK / "glosses"

# A cross reference says what the word is another form of, not what it means,
# unless nothing else is said; then the meaning is that of the other word.
REFERENCE = re.compile(
    r"^(?:old |archaic |erroneous |common )*"
    r"(?:variant of|see also|see|used in|abbr\. for|short for|also written|also called|same as|"
    r"equivalent of|abbr\. of|also pr\.)\s+(?:\S+\|)?([㐀-鿿]+)"
)
NOISE = re.compile(
    r"^(?:CL:|surname |Taiwan pr|also pr\.|Japanese variant|Kangxi radical|bound form|see )", re.I
)


def clean(gloss: str) -> str:
    """A gloss without its lexicographer's remarks; "" when nothing is left."""
    gloss = re.sub(r"\([^()]*\)", " ", gloss)
    gloss = re.sub(r"\[[^\[\]]*\]", " ", gloss)
    gloss = re.sub(r"^(?:fig\.|lit\.|idiom\.)\s*", "", gloss.strip())
    gloss = re.sub(r"[㐀-鿿|]+", " ", gloss)
    gloss = re.sub(r"\s+", " ", gloss).strip(" ;,.…")
    return "" if NOISE.match(gloss) or not re.search(r"[A-Za-z0-9]", gloss) else gloss


def glosses_of_words() -> tuple[dict[str, list[str]], dict[str, str]]:
    """(word -> clean glosses, word -> word it is another form of)."""
    glosses: dict[str, list[str]] = defaultdict(list)
    names: dict[str, list[str]] = defaultdict(list)
    other: dict[str, str] = {}
    for word, is_name, raw in cedict():
        for part in raw:
            reference = REFERENCE.match(part)
            if reference:
                other.setdefault(word, reference[1])
                continue
            # Common words first: the family-name reading of 张 or 王 says nothing.
            target = names if is_name else glosses
            cleaned = clean(part)
            if cleaned and cleaned not in target[word]:
                target[word].append(cleaned)
    for word, extra in names.items():
        if not glosses.get(word):
            glosses[word] = extra
    for word, own in domain_words():
        glosses[word] = own
    return {w: g[:MOST_GLOSSES] for w, g in glosses.items() if g}, other


def teach(texts: list[str]) -> dict[str, np.ndarray]:
    """Teacher vectors (384,) of short English texts, cached between runs."""
    GLOSS_CACHE.mkdir(parents=True, exist_ok=True)
    known: dict[str, np.ndarray] = {}
    files = sorted(GLOSS_CACHE.glob("*.npz"))
    for path in files:
        block = np.load(path)
        known.update(zip(block["texts"].tolist(), block["vectors"], strict=True))
    missing = sorted(set(texts) - known.keys(), key=lambda t: (len(t), t))
    if missing:
        import torch

        from training.teacher import load_teacher

        torch.set_num_threads(1)
        model = load_teacher()
        for start in range(0, len(missing), 16384):
            block_texts = missing[start : start + 16384]
            vectors = model.encode(block_texts, batch_size=256, normalize_embeddings=True)
            path = GLOSS_CACHE / f"{len(files) + start // 16384:04d}.npz"
            np.savez(path, texts=np.array(block_texts), vectors=vectors.astype(np.float16))
            known.update(zip(block_texts, vectors, strict=True))
            print(f"{start + len(block_texts)}/{len(missing)} glosses", flush=True)
    return {t: known[t].astype(np.float32) for t in texts}


def compose(word: str, known: dict[str, np.ndarray]) -> np.ndarray | None:
    """Mean of the vectors of the longest known parts from the left, or None."""
    parts, at = [], 0
    while at < len(word):
        for end in range(len(word), at, -1):
            if word[at:end] in known and word[at:end] != word:
                parts.append(known[word[at:end]])
                at = end
                break
        else:
            at += 1
    return np.mean(parts, axis=0) if parts else None


def word_vectors(words: list[str]) -> np.ndarray:
    """(V, 384) unit rows in the order of `words`; zero where nothing is known."""
    glosses, other = glosses_of_words()

    def meaning(word: str) -> list[str]:
        for _ in range(3):
            if word in glosses:
                return glosses[word]
            word = other.get(word, "")
        return []

    wanted = {w: meaning(w) if HANZI.match(w) else [w] for w in words}
    vectors = teach(sorted({g for gs in wanted.values() for g in gs}))
    known: dict[str, np.ndarray] = {}
    for word, own in wanted.items():
        if own:
            # The first gloss is the main sense; later ones are often rarer.
            weights = 1.0 / np.sqrt(np.arange(1, len(own) + 1))
            mean = (weights[:, None] * np.stack([vectors[g] for g in own])).sum(0)
            known[word] = mean / np.linalg.norm(mean)
    rng = np.random.default_rng(0)
    rows = np.zeros((len(words), 384), np.float32)
    for row, word in enumerate(words):
        vector = known.get(word)
        if vector is None:
            vector = compose(word, known)
        if vector is None and word != UNKNOWN:
            vector = rng.normal(size=384)
        if vector is not None:
            rows[row] = vector / np.linalg.norm(vector)
    # Numbers differ by value, hardly by the teacher's meaning: keep them apart.
    for row, word in enumerate(words):
        if word.isdigit():
            noise = rng.normal(size=384)
            rows[row] = 0.6 * rows[row] + 0.8 * noise / np.linalg.norm(noise)
            rows[row] /= np.linalg.norm(rows[row])
    return rows


def sif_weights(words: list[str]) -> np.ndarray:
    """(V,) a / (a + p(w)), Arora et al. 2017; single Latin letters count little."""
    counts = json.loads(FREQUENCIES.read_text(encoding="utf-8"))
    total = sum(counts.values())
    weights = np.array([SIF_A / (SIF_A + counts.get(w, 0.0) / total) for w in words], np.float32)
    for row, word in enumerate(words):
        if word == UNKNOWN:
            weights[row] = 0.0
        elif len(word) == 1 and not HANZI.match(word):
            weights[row] *= 0.5
    return weights


def main() -> None:
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    words = [tokenizer.id_to_token(i) for i in range(tokenizer.get_vocab_size())]
    np.savez(START, directions=word_vectors(words), weights=sif_weights(words))


if __name__ == "__main__":
    main()
