"""A question and sentences → how likely each tells what is asked, read word by word, in order.

`rag.measures` says how much of a question a sentence says; it knows no order. Here the words
are read: what is asked stands where the question asks, and what answers stands beside what the
question says. A word of a sentence is seen as its vector, what the question says of it (the
question's words weighed by their likeness to it, as in Chen et al. 2017, arXiv:1704.00051) and
a few marks; three convolutions see the words beside it. The question is read by one, each
of its words with its distance to the word that asks, and summed up in a vector q. With x the
words of a sentence, X their highest values, m their mean, s how well each question word is said:

    word   = x · Uq + v · x
    answer = log Σ exp(word) + X · Vq + w · m + Σ s · a(question word)
    tells  = X · Tq + t · m + Σ s · b(question word) + c · log Σ exp(word)

answer is worth as much beside the sentences of the same question (`rag.select`), tells by
itself (`rag.answerable`). training/reader.py fits the numbers in data/reader.json.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.encoder import load_word_vectors
from rag.text import simplify

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

READ = 12  # sentences of a question that are read
MOST = 120  # words of a sentence that are read
PAD = 2  # words of nothing between two sentences, so that no convolution sees over them
FAR = 4  # words from the one that asks, further ones count the same
SHARP = 8.0  # of the weights by which the words of the question stand for one of a sentence
SAID, MEANT = 0.95, 0.45  # cosines: the very word; something like it
_ASKING = re.compile(
    r"什么|哪[些一两三几里个位家种项类年月天儿]*|多少|几|谁|何[时处地人]?|怎么样?|怎样|如何|啥|咋"
    r"|多[大高长久远]|吗|是否|是不是|有没有|能不能"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a question. ids: shape (m,). named: which name something, (m,). place: of each
    its distance to the word that asks, -FAR to FAR, by `FAR` higher, (m,)."""

    ids: Ints
    named: NDArray[np.bool_]
    place: Ints


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a sentence. ids: shape (n,). gaps: how many characters that are no words stand
    before each, 0 to 2, (n,). digits: which are numbers, (n,)."""

    ids: Ints
    gaps: Ints
    digits: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """Log-odds of a sentence: that it answers, against others of the question, up to a constant;
    that it tells what is asked."""

    answers: float
    tells: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of n sentences, one after the other, beside their words' vectors; w words in all.

    sizes: words of each, (n,), none of them 0. ids: (w,). gaps: (w,). instead: by which weights the words of the
    question stand for each word, (w, m). marks: of each word how well the question says it, whether
    word for word, how much that weighs, whether it is a number, its own weight, (w, 5). said: how
    well each sentence says each word of the question, (n, m, 3): the cosine, whether it is the
    very word, and how much likelier than chance.
    """

    sizes: Ints
    ids: Ints
    gaps: Ints
    instead: Floats
    marks: Floats
    said: Floats

    @property
    def starts(self) -> Ints:
        """Where the words of each sentence begin."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def owner(self) -> Ints:
        """The sentence of each word."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)


@functools.lru_cache(maxsize=200)
def question_words(text: str, content: str) -> Asked:
    """The words of a normalised question; content: those that name something. Remembered: it is
    asked of several places."""
    vectors = load_word_vectors()
    words = vectors.tokenize(text)
    named = {word for word, _, _ in vectors.tokenize(content)}
    asking = _ASKING.search(text)
    at = asking.span() if asking else (len(text), len(text))
    return Asked(
        np.array([word for word, _, _ in words], dtype=np.intp),
        np.array([word in named for word, _, _ in words], dtype=np.bool_),
        np.array([FAR + _distance(words, i, at) for i in range(len(words))], dtype=np.intp),
    )


def _distance(words: Sequence[tuple[int, int, int]], i: int, asking: tuple[int, int]) -> int:
    """How many words stand between one and the word that asks, it among them; below 0 before it."""
    _, start, end = words[i]
    if start < asking[1] and end > asking[0]:
        return 0
    if end <= asking[0]:
        return -min(FAR, 1 + sum(end <= a and b <= asking[0] for _, a, b in words))
    return min(FAR, 1 + sum(asking[1] <= a and b <= start for _, a, b in words))


@functools.lru_cache(maxsize=20_000)
def sentence_words(text: str) -> Told:
    """The words of a sentence. Remembered: sentences come up again and again."""
    simple = simplify(text)
    words = load_word_vectors().tokenize(simple)[:MOST]
    ends = [0, *(end for _, _, end in words)]
    gaps = [
        sum(not c.isspace() for c in simple[end:start]) * (i > 0)
        for i, (end, (_, start, _)) in enumerate(zip(ends, words, strict=False))
    ]
    return Told(
        np.array([word for word, _, _ in words], dtype=np.intp),
        np.minimum(np.array(gaps, dtype=np.intp), 2),
        np.array([simple[start].isdigit() for _, start, _ in words], dtype=np.bool_),
    )


def look(asked: Asked, told: Sequence[Told]) -> Seen:
    """What is seen of sentences that have words, for a question that has words."""
    known = load_word_vectors()
    ids = np.concatenate([one.ids for one in told])
    cosines = known.vectors[ids] @ known.vectors[asked.ids].T
    weights = np.where(asked.named, known.weights[asked.ids], 0).astype(np.float32)
    of_named = np.where(asked.named, cosines, 0)
    best = np.maximum(of_named.max(axis=1), 0)
    instead = np.exp(SHARP * cosines)
    digits = np.concatenate([one.digits for one in told])
    marks = [
        best,
        best > SAID,
        2 * best * weights[of_named.argmax(axis=1)],
        digits,
        known.weights[ids],
    ]
    sizes = np.array([len(one.ids) for one in told], dtype=np.intp)
    cosine = np.maximum(np.maximum.reduceat(cosines, np.cumsum(sizes) - sizes, axis=0), 0)
    return Seen(
        sizes,
        ids,
        np.concatenate([one.gaps for one in told]),
        instead / instead.sum(axis=1, keepdims=True),
        np.stack(marks, axis=1).astype(np.float32),
        np.stack([cosine, cosine > SAID, np.maximum(cosine - MEANT, 0)], axis=2).astype(np.float32),
    )


class Reader:
    """The net; shapes as torch lays them out, h hidden values."""

    def __init__(self, weights: Mapping[str, Any]) -> None:
        """weights: the fitted numbers by name, as in data/reader.json."""
        self._of = {name: np.array(value, dtype=np.float32) for name, value in weights.items()}

    @classmethod
    def load(cls, path: Traversable | Path) -> Reader:
        """Of a file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    def read(self, asked: Asked, told: Sequence[Told]) -> list[Reading | None]:
        """A reading of each sentence; None of one without words or for a question without."""
        filled = [one for one in told if len(one.ids)]
        if not filled or not len(asked.ids):
            return [None] * len(told)
        read = iter(self.readings(asked, look(asked, filled)))
        return [next(read) if len(one.ids) else None for one in told]

    def readings(self, asked: Asked, seen: Seen) -> list[Reading]:
        """A reading of each sentence seen."""
        vectors = load_word_vectors().vectors
        words = vectors[asked.ids] @ self._of["meaning.weight"].T
        each, whole = self._question(asked, words)
        x = self._sentences(vectors[seen.ids] @ self._of["meaning.weight"].T, words, seen)
        starts = seen.starts
        word = x @ self._linear("word_asked", whole) + self._linear("word_alone", x)[:, 0]
        most = np.maximum.reduceat(word, starts)
        likely = most + np.log(np.add.reduceat(np.exp(word - most[seen.owner]), starts))
        highest: Floats = np.maximum.reduceat(x, starts, axis=0)
        total = np.add.reduceat(x, starts, axis=0)
        mean = np.asarray(total / seen.sizes[:, None], dtype=np.float32)
        terms = self._linear("said", each)
        answers = (
            likely + highest @ self._linear("highest", whole) + self._linear("mean", mean)[:, 0]
        )
        answers = answers + np.einsum("nmk,mk->n", seen.said, terms[:, :3])
        tells = (
            highest @ self._linear("tells_highest", whole) + self._linear("tells_mean", mean)[:, 0]
        )
        tells = (
            tells
            + np.einsum("nmk,mk->n", seen.said, terms[:, 3:])
            + self._of["tells_likely"] * likely
        )
        return [Reading(*pair) for pair in zip(answers.tolist(), tells.tolist(), strict=True)]

    def _question(self, asked: Asked, words: Floats) -> tuple[Floats, Floats]:
        """(each word of the question with those beside it, (m, h); all summed up, (h,))."""
        named = asked.named[:, None].astype(np.float32)
        each = self._convolved(
            "question", np.hstack([words, self._of["distance.weight"][asked.place], named])
        )
        weight = self._linear("weight", each)[:, 0]
        share = np.exp(weight - weight.max())
        return each, np.asarray(share @ each / share.sum())

    def _sentences(self, own: Floats, words: Floats, seen: Seen) -> Floats:
        """Each word of the sentences with those beside it, (w, h)."""
        instead = seen.instead @ words * seen.marks[:, :1]
        x = np.hstack([own, instead, self._of["gap.weight"][seen.gaps], seen.marks])
        at = np.arange(len(x)) + PAD * (1 + seen.owner)
        laid = np.zeros((len(x) + PAD * (1 + len(seen.sizes)), x.shape[1]), dtype=np.float32)
        laid[at] = x
        there = np.zeros((len(laid), 1), dtype=np.float32)
        there[at] = 1
        laid = self._convolved("first", laid) * there
        laid = laid + self._convolved("second", laid) * there
        laid = laid + self._convolved("third", laid, step=2) * there
        return np.asarray(laid[at])

    def _linear(self, name: str, x: Floats) -> Floats:
        return np.asarray(x @ self._of[f"{name}.weight"].T + self._of[f"{name}.bias"])

    def _convolved(self, name: str, x: Floats, step: int = 1) -> Floats:
        """Three words at a time, the middle one and those `step` beside it; nothing lies beyond
        the ends of x, shape (n, c), and no value below 0."""
        wide = np.pad(x, ((step, step), (0, 0)))
        beside = np.hstack([wide[: len(x)], x, wide[2 * step :]])
        weight = self._of[f"{name}.weight"]  # (h, c, 3)
        flat = weight.transpose(0, 2, 1).reshape(len(weight), -1)
        return np.asarray(np.maximum(beside @ flat.T + self._of[f"{name}.bias"], 0))


_OTHER: ContextVar[Reader | None] = ContextVar("reader", default=None)


def in_use() -> Reader:
    """The net in data/reader.json, or the one that is used instead."""
    return _OTHER.get() or _bundled()


@contextmanager
def instead(reader: Reader) -> Iterator[None]:
    """Reads with another net: one that has not seen a question, to fit something to its readings."""
    before = _OTHER.set(reader)
    try:
        yield
    finally:
        _OTHER.reset(before)


@functools.cache
def _bundled() -> Reader:
    return Reader.load(resources.files("rag").joinpath("data/reader.json"))
