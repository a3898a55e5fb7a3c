"""Stage 2: the vocabulary, a Unigram model over words with log frequencies.

    python -m training.vocabulary [--size 78000]

Candidates are the dictionary's words, a short list of the register's own words,
every Hanzi, frequent numbers and Latin words. Frequencies come from hard EM
(Kudo 2018, without pruning by likelihood): segment a balanced sample with the
present model, count, repeat. Whole words are kept as units because each one has
a meaning in the dictionary to start from.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from collections import Counter
from collections.abc import Iterable

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from training.data import (
    WORK,
    cedict,
    domain_words,
    news_articles,
    parallel_pairs,
    report_paragraphs,
    title_bodies,
    unit_hash,
)

TOKENIZER = WORK / "tokenizer.json"
FREQUENCIES = WORK / "frequencies.json"
UNKNOWN = "[UNK]"
HANZI = re.compile(r"[㐀-鿿]")
PLACE = re.compile(r"\b(?:county|city|province|prefecture|district)\b.*\b(?:in|of|capital)\b", re.I)
LONGEST = 8
EM_ROUNDS = 3


def floors() -> dict[str, float]:
    """Least counts: the register's own words, and places, which a question names exactly."""
    least = dict.fromkeys((w for w, _ in domain_words()), 30.0)
    for word, is_name, glosses in cedict():
        if is_name and 2 <= len(word) <= 6 and PLACE.search(" ".join(glosses)):
            least.setdefault(word, 2.0)
            if len(word) >= 3 and word[-1] in "省市县区州":
                least.setdefault(word[:-1], 2.0)
    return {w: c for w, c in least.items() if all(map(HANZI.match, w))}


def sample(characters: int) -> list[str]:
    """About `characters` characters of each of four registers, in a fixed choice."""
    sources: list[Iterable[str]] = [
        (p for _, p in report_paragraphs() if unit_hash(p) < 0.12),
        (a for a in news_articles() if unit_hash(a) < 0.12),
        (f"{t}。{b}" for t, b in title_bodies() if unit_hash(t) < 0.25),
        (zh for zh, _ in parallel_pairs()),
    ]
    texts = []
    for rank, source in enumerate(sources):
        left = characters * (2 if rank == 3 else 1)
        for text in source:
            texts.append(text)
            left -= len(text)
            if left < 0:
                break
    return texts


def build_tokenizer(scores: dict[str, float]) -> Tokenizer:
    """Unigram over whole words; punctuation dropped; digits, scripts and spaces split."""
    pieces = [(UNKNOWN, min(scores.values()) - 10.0), *sorted(scores.items())]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Punctuation("removed"),
            pre_tokenizers.Digits(individual_digits=False),
            pre_tokenizers.UnicodeScripts(),
        ]
    )
    return tokenizer


def candidates(texts: list[str]) -> dict[str, float]:
    """Word -> first count, from plain substring counts of the sample."""
    words = {w for w, _, _ in cedict() if len(w) <= LONGEST and all(map(HANZI.match, w))}
    words |= floors().keys()
    counts: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    latin: Counter[str] = Counter()
    for text in texts:
        for run in re.findall(r"[㐀-鿿]+", text):
            for start in range(len(run)):
                for end in range(start + 1, min(start + LONGEST, len(run)) + 1):
                    if run[start:end] in words:
                        counts[run[start:end]] += 1
        numbers.update(re.findall(r"\d+", text))
        latin.update(re.findall(r"[a-z]+", text.lower()))
    keep: dict[str, float] = dict.fromkeys(words, 0.1)
    # A shorter word counts at every longer one that holds it; the square of its
    # length is a first guess that the rounds of EM then correct.
    keep.update({w: c * len(w) ** 2 for w, c in counts.items()})
    for table, least, most in ((numbers, 25, 2000), (latin, 12, 4000)):
        keep.update({w: float(c) for w, c in table.most_common(most) if c >= least})
    for single in "0123456789abcdefghijklmnopqrstuvwxyz":
        keep.setdefault(single, 1.0)
    return keep


def scores_of(counts: dict[str, float]) -> dict[str, float]:
    total = sum(counts.values())
    return {w: round(math.log(c / total), 3) for w, c in counts.items()}


def reestimate(counts: dict[str, float], texts: list[str]) -> dict[str, float]:
    """One round of hard EM. Words never chosen keep a small count."""
    tokenizer = build_tokenizer(scores_of(counts))
    seen: Counter[str] = Counter()
    for start in range(0, len(texts), 2000):
        for encoding in tokenizer.encode_batch(list(texts[start : start + 2000])):
            seen.update(encoding.tokens)
    least = floors()
    return {w: max(float(seen[w]), least.get(w, 0.1)) for w in counts}


def prune(counts: dict[str, float], size: int) -> dict[str, float]:
    """The `size` best words: every Hanzi seen, the domain list, then by count.

    Unseen dictionary words fill what is left, common nouns before names: the
    sample is small and reworded questions are made of everyday words.
    """
    proper = Counter[str]()
    listed = Counter[str]()
    for word, is_name, _ in cedict():
        listed[word] += 1
        proper[word] += is_name
    wanted = floors()

    def rank(word: str) -> tuple[int, float, int, str]:
        if word in wanted or (len(word) == 1 and counts[word] >= 1):
            return (0, 0.0, 0, word)
        name = int(listed[word] > 0 and proper[word] == listed[word])
        worth = counts[word] / (4 if name else 1)
        return (1 + (worth < 1 and name), -max(worth, 0.1), len(word), word)

    return {w: counts[w] for w in sorted(counts, key=rank)[: size - 1]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=78_000)
    parser.add_argument("--characters", type=int, default=2_500_000)
    options = parser.parse_args()
    texts = sample(options.characters)
    counts = candidates(texts)
    print(f"{len(texts)} texts, {len(counts)} candidates", flush=True)
    for round_ in range(EM_ROUNDS):
        if round_ == EM_ROUNDS - 1:
            # Which words stay is decided on all sentence pairs: everyday words are rare.
            everyday = reestimate(counts, [zh for zh, _ in parallel_pairs()][::2])
            counts = {w: c + everyday[w] / 2 for w, c in counts.items()}
            counts = prune(counts, options.size)
        counts = reestimate(counts, texts)
        print(f"round {round_}: {sum(c >= 1 for c in counts.values())} words in use", flush=True)
    WORK.mkdir(parents=True, exist_ok=True)
    build_tokenizer(scores_of(counts)).save(str(TOKENIZER), pretty=False)
    FREQUENCIES.write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
