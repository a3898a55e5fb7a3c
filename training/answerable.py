"""Fit src/rag/data/answerable.json: does any of the sentences found answer the question?

    python -m training.answerable           # prints what five folds refuse
    python -m training.answerable --write   # and writes the file, fitted to all

Every answered question of training.known is asked with its answer in place (counted where one of
the two best sentences answers) and without one: its sentence taken out of the text; its text taken
out of the collection; one of its two heaviest words replaced by a word of another text, which its
own does not use, or of another question. The others are near misses as they stand.
What is seen of a question is what the product sees after its own checks of place, person and kind;
questions that these already refuse are not counted. Sentences are read by a reader
(training.reader) that has not seen the question.
"""

from __future__ import annotations

import argparse
import random
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch

from rag.answerable import INPUTS, inputs
from rag.encoder import load_word_vectors
from rag.index import Index
from rag.question import Question
from rag.reader import instead
from rag.sift import sift
from rag.types import Hit
from training.known import FOLDS, Known, questions
from training.nets import Fitted, said, side_by_side, write
from training.ranker import BATCH, RATE, SEEDS, plain
from training.reader import unseen

HIDDEN, EPOCHS, DECAY = 24, 30, 0.2
# What a question counts for here: of near misses, which count three times what was made, the
# reports have most, so they need less than in training.known.
WORLDS = {"reports": 3.0, "gov": 2.0, "cities": 2.0, "news": 2.0, "cmrc": 2.0, "drcd": 1.0}
NEAR = 0.75  # of what counts against an answer, the share of what people left open
MANY = 40  # texts of which another word may be taken
CASES = ("answered", "near miss", "sentence out", "text out", "word changed")
# Which process collects which.
SHARES = (("news",), ("reports", "gov", "cities", "cmrc", "drcd"))
ONE_IN = {"drcd": 3, "news": 2}  # of the largest sets every third or second question
LIKE = (0.15, 0.55)  # cosines between which another word is taken: neither far-fetched nor the same
WRONGLY = (1.0, 2.0, 4.0)


@dataclass(frozen=True)
class Case:
    """A question in one of CASES, as the net sees it."""

    world: str
    name: str
    fold: int
    case: str
    x: np.ndarray


def seen(known: Known, asked: Question, hits: Sequence[Hit], case: str) -> Case | None:
    sifting = sift(asked, hits, known.searcher.index)
    usable = sifting.usable
    answers = [known.right(c.text) for c in usable[:2]]
    if not usable or (case == "answered" and not any(answers)):
        return None
    x = inputs(asked, usable, sifting.placed, known.searcher.index)[0]
    return Case(known.world, known.name, known.fold, case, x)


def without(hits: Sequence[Hit], known: Known, *, text: bool) -> list[Hit]:
    """The hits without the sentences that answer, or without the texts these stand in."""
    left, answering = [], set()
    for hit in hits:
        passage = hit.passage
        kept = tuple(
            s
            for s in passage.sentences
            if not known.right(passage.text[s.start - passage.start : s.end - passage.start])
        )
        if len(kept) < len(passage.sentences):
            answering.add(passage.doc_id)
        left.append(replace(hit, passage=replace(passage, sentences=kept)))
    if not answering:
        return []
    return [hit for hit in left if not text or hit.passage.doc_id not in answering]


def changed(known: Known, asked: Question, hits: Sequence[Hit], other: Known) -> Iterator[str]:
    """The question about another matter: one of its two heaviest words put in place of a word of
    another text, and of a word another question of the same collection asks with."""
    index = known.searcher.index
    words = index.late.question(asked.content)
    own = {hit.passage.doc_id for hit in hits[:1]}
    said = "".join(index.documents[doc_id].text for doc_id in own)
    chance = random.Random(zlib.crc32(known.question.encode()))
    heaviest = [words.texts[i] for i in np.argsort(-words.weights)[:2] if len(words.texts[i]) > 1]
    if not heaviest:
        return
    passages = chance.sample(index.passages, min(MANY, len(index.passages)))
    texts = [p.text for p in passages if p.doc_id not in own]
    for found in (
        _word_for(heaviest, texts, said, index, chance),
        _word_for(heaviest, [known.searcher.analyse(other.question).content], "", index, chance),
    ):
        if found:
            yield known.question.replace(*found)


def _word_for(
    heaviest: Sequence[str], texts: Sequence[str], said: str, index: Index, chance: random.Random
) -> tuple[str, str] | None:
    """(word to go, word to come): near enough in meaning to be asked, too far to be the same."""
    vectors, old = load_word_vectors().vectors, chance.choice(heaviest)
    meaning = vectors[index.late.question(old).ids[0]]
    for text in texts:
        others = index.late.question(text)
        for i in np.argsort(-others.weights)[:12]:
            new, cosine = others.texts[i], float(vectors[others.ids[i]] @ meaning)
            if len(new) > 1 and new.isalpha() and new not in said and LIKE[0] < cosine < LIKE[1]:
                return old, new
    return None


def cases_of(known: Known, other: Known) -> Iterator[Case | None]:
    searcher = known.searcher
    asked = searcher.analyse(known.question)
    hits = searcher.search(asked, 10)
    if not known.answered:
        yield seen(known, asked, hits, "near miss")
        return
    yield seen(known, asked, hits, "answered")
    yield seen(known, asked, without(hits, known, text=False), "sentence out")
    if not asked.regions:  # the reports of a named place are few: nothing would be left
        yield seen(known, asked, without(hits, known, text=True), "text out")
    for question in changed(known, asked, hits, other):
        another = searcher.analyse(question)
        yield seen(known, another, searcher.search(another, 10), "word changed")


def collected(worlds: Sequence[str]) -> list[Case]:
    """The cases of the questions of some worlds."""
    everything = list(questions(worlds))
    chosen = [k for i, k in enumerate(everything) if i % ONE_IN.get(k.world, 1) == 0]
    of = {world: [k for k in chosen if k.world == world] for world in worlds}
    readers = [unseen(fold) for fold in range(FOLDS)]
    found: list[Case] = []
    for known in chosen:
        chance = random.Random(zlib.crc32(known.question.encode()))
        other = known
        while other.group == known.group:
            other = chance.choice(of[known.world])
        with instead(readers[known.fold]):
            cases = list(cases_of(known, other))
        found.extend(case for case in cases if case is not None)
    return found


def weighed(cases: Sequence[Case]) -> np.ndarray:
    """What each case counts for: those with an answer and those without the same in a world, and
    of these people's near misses three times what was made by taking something out."""
    near = {c.world for c in cases if c.case == "near miss"}

    def part(case: Case) -> tuple[str, str]:
        made = case.case not in ("answered", "near miss")
        return case.world, "made" if made else case.case

    sizes = Counter(map(part, cases))
    parts = {"answered": 1.0, "near miss": NEAR}
    return np.array(
        [
            WORLDS[c.world]
            * sizes[(c.world, "answered")]
            * parts.get(c.case, 1.0 - NEAR if c.world in near else 1.0)
            / sizes[part(c)]
            for c in cases
        ]
    )


def train(cases: Sequence[Case], mean: np.ndarray, scale: np.ndarray, seed: int) -> Fitted:
    """One net (see `weighed`)."""
    torch.manual_seed(seed)
    x = np.array([c.x for c in cases])
    right = np.array([c.case == "answered" for c in cases])
    weight = weighed(cases)
    rows, labels, weights = (
        torch.tensor(a.astype(np.float32)) for a in ((x - mean) / scale, right, weight)
    )
    hidden = torch.nn.Linear(x.shape[1], HIDDEN)
    out = torch.nn.Linear(HIDDEN, 1)
    fitted = [*hidden.parameters(), *out.parameters()]
    optimiser = torch.optim.AdamW(fitted, lr=RATE, weight_decay=DECAY)
    batches = max(1, len(cases) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * batches)
    rng = np.random.default_rng(seed)
    for _ in range(EPOCHS):
        for chosen in np.array_split(rng.permutation(len(cases)), batches):
            b = torch.tensor(chosen)
            odds = out(torch.tanh(hidden(rows[b])))[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                odds, labels[b], weights[b], reduction="sum"
            )
            optimiser.zero_grad()
            (loss / weights[b].sum()).backward()
            optimiser.step()
            schedule.step()
    return Fitted(
        plain(hidden.weight), plain(hidden.bias), plain(out.weight[0]), float(out.bias.item())
    )


def stored(cases: Sequence[Case]) -> dict[str, object]:
    """The nets of all seeds as one."""
    x = np.array([c.x for c in cases])
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    return side_by_side([train(cases, mean, scale, s) for s in SEEDS], INPUTS, mean, scale)


def report(cases: Sequence[Case], odds: np.ndarray) -> None:
    """For each world and set: the limit below which a share of the answered lies, and what it
    refuses. Near misses of the reports are a set of their own, without answered ones."""
    groups = [(c.world, c.name) for c in cases] + [(c.world, "") for c in cases]
    for world, name in dict.fromkeys(groups):
        mine = [c.world == world and name in ("", c.name) for c in cases]
        of = {
            case: odds[[m and c.case == case for m, c in zip(mine, cases, strict=True)]]
            for case in CASES
        }
        for wrongly in WRONGLY if len(of["answered"]) else ():
            limit = float(np.quantile(of["answered"], wrongly / 100))
            shares = [
                f"{case} {100 * np.mean(of[case] < limit):.0f}"
                for case in CASES[1:]
                if len(of[case])
            ]
            told = f"{wrongly} % wrongly, below {limit:5.2f}: refused {', '.join(shares)}"
            print(f"{name or f'all {world}':12s} {told}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with ProcessPoolExecutor(len(SHARES)) as pool:
        cases = [case for part in pool.map(collected, SHARES) for case in part]
    odds = np.zeros(len(cases))
    for fold in range(FOLDS):
        weights = stored([c for c in cases if c.fold != fold])
        mine = [i for i, c in enumerate(cases) if c.fold == fold]
        odds[mine] = said(weights, np.array([cases[i].x for i in mine]))
    report(cases, odds)
    if options.write:
        write("answerable", stored(cases))


if __name__ == "__main__":
    main()
