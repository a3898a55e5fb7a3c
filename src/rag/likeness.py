"""How much of a statement's wording is the evidence's: five measures and their weighted sum.

The last of the prover's checks, and the only one that weighs: figures, dates,
names and negations have been settled before. Words count by their weight in
the bundled static model (的 hardly, 肥皂 a lot). The weights are those of a
logistic regression on human-labelled Chinese citations (training/support.py);
they stand in data/likeness.json.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.encoder import load_word_vectors
from rag.text import PUNCTUATION, fold

WEIGHTS = Path(__file__).parent / "data" / "likeness.json"
MEASURES = ("known", "in_order", "end", "asked", "new")

MIN_CLAUSE = 0.57  # resemblance below which a clause counts as invented
_CLAUSE_CHARS = 4  # telling characters that make a clause
_TELLING = 0.2  # weight from which a word is more than a joint
_HEAVY = 0.4  # weight from which a word carries the claim
_ALIKE = 0.6  # cosine from which one word may stand for another
_UNKNOWN = 0.35  # weight of characters the model has no word for
_SENTENCE = re.compile(r"(?<=[。!?;\n])|\[\d+\]")
_ASKS = re.compile(r"\?|下列|以下.{0,6}(?:正确|错误)|\( *\)|哪[个些种]|多少")
_CLAUSES = re.compile(r"[，,；;。：:！!？?\n]")
_HEADING = re.compile(r"^[^，。,:：]{2,12}[:：]\s")
_LEAD = re.compile(
    r"^(?:-|首先|其次|再次|最后|此外|另外|同时|然后|然而|因此|所以|但是|而且|并且|总之|综上所述|总的来说|例如|比如|其中"
    r"|具体来说|一方面|另一方面|一般来说|通常情况下|在这种情况下|当然|再者|不过|而|但)+[,，]?"
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A statement's wording against its evidence.

    known: share of its character pairs that stand in the evidence, by weight, 0 to 1.
    in_order: share of its characters that stand there in runs of the same order, by weight.
    end: share of the characters of its last third that stand there beside a neighbour.
    asked: share of its character pairs that stand only in questions of the evidence.
    new_words: its heavy words that no word of the evidence resembles.
    """

    known: float
    in_order: float
    end: float
    asked: float
    new_words: tuple[str, ...]

    @property
    def measures(self) -> tuple[float, ...]:
        """The numbers in the order of MEASURES."""
        return (self.known, self.in_order, self.end, self.asked, len(self.new_words))


def likeness(statement: str, evidence: str) -> Likeness:
    """The five measures. Raises EncoderError when the bundled model cannot be read."""
    claim, source = fold(_core(statement)), fold(evidence)
    chars, weights = _weighed(claim)
    plain = PUNCTUATION.sub("", source)
    pairs = [chars[i : i + 2] for i in range(len(chars) - 1)] or [chars]
    of_pair = {p: max(weights[i : i + 2], default=0.0) for i, p in enumerate(pairs)}
    told = "|".join(
        PUNCTUATION.sub("", s) for s in _SENTENCE.split(source) if s and not _ASKS.search(s)
    )
    found = [pair in plain for pair in pairs]
    held = [a or b for a, b in zip([False, *found], [*found, False], strict=True)]
    last = held[-max(4, len(chars) // 3) :]
    return Likeness(
        known=sum(w for p, w in of_pair.items() if p in plain) / (sum(of_pair.values()) or 1.0),
        in_order=_in_order(chars, weights, plain),
        end=sum(last) / len(last),
        asked=(sum(found) - sum(pair in told for pair in pairs)) / len(pairs),
        new_words=_new_words(claim, source, plain),
    )


def score(found: Likeness, weights: Mapping[str, float] | None = None) -> float:
    """The weighted sum, above 0 when the evidence says it. weights: others than those that ship."""
    used = weights or _weights()
    return used["constant"] + sum(
        used[name] * value for name, value in zip(MEASURES, found.measures, strict=True)
    )


@functools.cache
def _weights() -> Mapping[str, float]:
    read: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))["weights"]
    return read


def invented_clause(statement: str, evidence: str) -> str:
    """The first clause whose words hardly resemble any of the evidence, "" when there is none.

    One invented clause must not hide among quoted ones.
    """
    source = fold(evidence)
    plain = PUNCTUATION.sub("", source)
    for clause in _CLAUSES.split(_core(statement)):
        if _resemblance(fold(_core(clause)), source, plain) < MIN_CLAUSE:
            return clause.strip()
    return ""


def _resemblance(clause: str, source: str, plain: str) -> float:
    """Mean likeness of a clause's telling words to the nearest word of the source, by weight."""
    model = load_word_vectors()
    words = [(w, clause[s:e]) for w, s, e in _words(clause) if model.weights[w] >= _TELLING]
    if sum(len(text) for _, text in words) < _CLAUSE_CHARS:
        return 1.0
    ids = [word for word, _ in words]
    weights = model.weights[ids]
    best = np.maximum(_best(ids, source), [text in plain for _, text in words])
    return float(weights @ best / weights.sum())


def _best(ids: Sequence[int], source: str) -> NDArray[np.float32]:
    """Highest cosine of each word with any word of a folded text, shape (len(ids),)."""
    known = np.unique(np.array([word for word, _, _ in _words(source)], dtype=np.int32))
    vectors = load_word_vectors().vectors
    if not known.size:
        return np.zeros(len(ids), dtype=np.float32)
    best: NDArray[np.float32] = (vectors[list(ids)] @ vectors[known].T).max(axis=1)
    return best


def _core(statement: str) -> str:
    """A statement without its heading and the words that only lead over to it."""
    core = _LEAD.sub("", _HEADING.sub("", statement))
    return core if len(core) > 3 else statement


@functools.lru_cache(maxsize=2_000)
def _words(folded: str) -> tuple[tuple[int, int, int], ...]:
    return tuple(load_word_vectors().tokenize(folded))


def _weighed(folded: str) -> tuple[str, list[float]]:
    """The characters without punctuation, each with the weight of its word."""
    table = load_word_vectors().weights
    weights = [_UNKNOWN] * len(folded)
    for word, start, end in _words(folded):
        weights[start:end] = [float(table[word])] * (end - start)
    kept = [(c, w) for c, w in zip(folded, weights, strict=True) if not PUNCTUATION.match(c)]
    return "".join(c for c, _ in kept), [w for _, w in kept]


def _in_order(chars: str, weights: Sequence[float], plain: str) -> float:
    matcher = difflib.SequenceMatcher(None, chars, plain, autojunk=False)
    runs = [b for b in matcher.get_matching_blocks() if b.size > 1]
    said = sum(sum(weights[b.a : b.a + b.size]) for b in runs)
    return said / (sum(weights) or 1.0)


def _new_words(claim: str, source: str, plain: str) -> tuple[str, ...]:
    model = load_word_vectors()
    heavy = {
        claim[s:e]: word
        for word, s, e in _words(claim)
        if model.weights[word] >= _HEAVY and claim[s:e] not in plain
    }
    if not heavy:
        return ()
    best = _best(list(heavy.values()), source)
    return tuple(word for word, cosine in zip(heavy, best, strict=True) if cosine < _ALIKE)
