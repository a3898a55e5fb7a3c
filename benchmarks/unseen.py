"""Questions on passages the project never saw: CMRC 2018 trial, DRCD dev.

    python -m benchmarks.unseen FILE.jsonl.xz [--limit N]

FILE holds {"passage", "questions": [{"q", "answers"}]} a line. All passages go
into one index. Printed: share of questions whose answer holds a gold string,
false refusals, passage recall@1; then every question again on an index without
its own passage: share refused. Baseline: the two best sentences of BM25.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.common import questions_of, read_reading
from rag import Assistant, build_index
from rag.lexical import LexicalIndex
from rag.sentences import sentences
from rag.text import normalise_question, squeeze

_WHOLE = r"(?:(?<!\d)(?<!\d[.,])|(?!\d))"  # no digit before what begins with one
Asked = tuple[int, str, Sequence[str]]  # number of the passage, question, gold strings


class Outcome(NamedTuple):
    """What became of one question."""

    right: bool
    refused: bool
    first: bool  # the first passage found is of the text asked about
    reason: str
    text: str


def assistant_over(passages: Sequence[tuple[int, str]], folder: Path) -> Assistant:
    """An assistant over (number, passage) pairs, one report each, without titles or regions."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    for number, text in passages:
        (corpus / f"{number:05d}.txt").write_text(text, encoding="utf-8")
    build_index(corpus, folder / "index")
    return Assistant.load(str(folder / "index"))


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether a text contains one of the gold strings, width and white space aside.

    A number must be all of a number: 1599元 does not hold 599元.
    """
    text = normal(text)
    return any(re.search(_WHOLE + re.escape(normal(answer)), text) for answer in answers)


def normal(text: str) -> str:
    """Simplified, folded, without white space."""
    try:
        return squeeze(normalise_question(text[:2000]))
    except ValueError:
        return ""


def bm25_two_sentences(passages: Sequence[tuple[int, str]]) -> LexicalIndex:
    """BM25 over every sentence of every passage; the texts are kept beside it."""
    texts = [text[s:e] for _, text in passages for s, e in sentences(text)]
    index = LexicalIndex(texts)
    index.texts = texts  # type: ignore[attr-defined]
    return index


def outcomes(assistant: Assistant, asked: Sequence[Asked]) -> list[Outcome]:
    """Each question put to an assistant over numbered passages."""
    found = []
    for number, question, answers in asked:
        answer = assistant.ask(question)
        refused = answer.state == "abstained"
        right = not refused and holds(answer.text, answers)
        first = bool(answer.hits) and answer.hits[0].passage.doc_id == f"{number:05d}"
        found.append(Outcome(right, refused, first, f"{answer.state} {answer.reason}", answer.text))
    return found


def two_sentences_hold(passages: Sequence[tuple[int, str]], asked: Sequence[Asked]) -> list[bool]:
    """Whether the two best BM25 sentences hold a gold string, question by question."""
    baseline = bm25_two_sentences(passages)
    found = []
    for _, question, answers in asked:
        order = (-baseline.scores(question)).argsort(kind="stable")[:2]
        best = "".join(baseline.texts[i] for i in order)  # type: ignore[attr-defined]
        found.append(holds(best, answers))
    return found


def without_their_own(
    passages: Sequence[tuple[int, str]], asked: Sequence[Asked], parts: int
) -> list[Outcome]:
    """Each question put to an assistant that lacks its passage: an index for each of the parts."""
    found: dict[int, Outcome] = {}
    for part in range(parts):
        chosen = [i for i, (number, _, _) in enumerate(asked) if number % parts == part]
        if not chosen:
            continue
        gone = {asked[i][0] for i in chosen}
        with tempfile.TemporaryDirectory() as scratch:
            kept = [(number, text) for number, text in passages if number not in gone]
            assistant = assistant_over(kept, Path(scratch))
            found |= zip(chosen, outcomes(assistant, [asked[i] for i in chosen]), strict=True)
    return [found[i] for i in range(len(asked))]


def share(found: Sequence[bool]) -> float:
    """Share of those that are so."""
    return sum(found) / len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--parts", type=int, default=4, help="parts for the removed-passage run")
    parser.add_argument("--misses", type=int, default=0)
    options = parser.parse_args()
    rows = read_reading(options.file, options.limit)
    passages = [(i, row["passage"]) for i, row in enumerate(rows)]
    asked = [(i, q["q"], q["answers"]) for i, q in questions_of(rows)]

    with tempfile.TemporaryDirectory() as scratch:
        found = outcomes(assistant_over(passages, Path(scratch)), asked)
    missed = [(a, o) for a, o in zip(asked, found, strict=True) if not o.right]
    for (_, question, answers), o in missed[: options.misses]:
        print(f"- {question} | {answers} | {o.reason} | {o.text[:120]!r}")
    n = len(asked)
    print(f"questions {n}, passages {len(passages)}")
    first, right = share([o.first for o in found]), share([o.right for o in found])
    print(f"passage recall@1 {first:.3f}, answer holds gold {right:.3f}")
    refused, chars = share([o.refused for o in found]), sum(len(o.text) for o in found) / n
    print(f"false refusal {refused:.3f}, mean answer {chars:.0f} characters")
    print(f"two BM25 sentences hold gold {share(two_sentences_hold(passages, asked)):.3f}")
    gone = without_their_own(passages, asked, options.parts)
    print(f"refused when the passage is removed {share([o.refused for o in gone]):.3f}")


if __name__ == "__main__":
    main()
