"""Questions on passages the project never saw: CMRC 2018 trial, DRCD dev.

    python -m benchmarks.unseen FILE.jsonl.xz [--limit N]

FILE holds {"passage", "questions": [{"q", "answers"}]} a line. All passages go
into one index. Printed: share of questions whose answer holds a gold string,
false refusals, passage recall@1; then every question again on an index without
its own passage: share refused. Baseline: the two best sentences of BM25.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.common import questions_of, read_reading
from rag import Assistant, build_index
from rag.lexical import LexicalIndex
from rag.sentences import sentences
from rag.text import normalise_question, squeeze


def assistant_over(passages: Sequence[tuple[int, str]], folder: Path) -> Assistant:
    """An assistant over (number, passage) pairs, one report each, without titles or regions."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True)
    for number, text in passages:
        (corpus / f"{number:05d}.txt").write_text(text, encoding="utf-8")
    build_index(corpus, folder / "index")
    return Assistant.load(str(folder / "index"))


def holds(text: str, answers: Sequence[str]) -> bool:
    """Whether a text contains one of the gold strings, width and white space aside."""
    return any(normal(answer) in normal(text) for answer in answers)


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
        assistant = assistant_over(passages, Path(scratch))
        right, refused, first, chars = 0, 0, 0, 0
        for number, question, answers in asked:
            answer = assistant.ask(question)
            refused += answer.state == "abstained"
            ok = answer.state != "abstained" and holds(answer.text, answers)
            right += ok
            chars += len(answer.text)
            first += bool(answer.hits) and answer.hits[0].passage.doc_id == f"{number:05d}"
            if not ok and options.misses > 0:
                options.misses -= 1
                print(
                    f"- {question} | {answers} | {answer.state} {answer.reason} | {answer.text[:120]!r}"
                )
    n = len(asked)
    print(f"questions {n}, passages {len(passages)}")
    print(f"passage recall@1 {first / n:.3f}, answer holds gold {right / n:.3f}")
    print(f"false refusal {refused / n:.3f}, mean answer {chars / n:.0f} characters")

    baseline = bm25_two_sentences(passages)
    good = 0
    for _, question, answers in asked:
        order = (-baseline.scores(question)).argsort(kind="stable")[:2]
        good += holds("".join(baseline.texts[i] for i in order), answers)  # type: ignore[attr-defined]
    print(f"two BM25 sentences hold gold {good / n:.3f}")

    gone = 0
    for part in range(options.parts):
        kept = [(i, text) for i, text in passages if i % options.parts != part]
        with tempfile.TemporaryDirectory() as scratch:
            assistant = assistant_over(kept, Path(scratch))
            for number, question, _ in asked:
                if number % options.parts == part:
                    gone += assistant.ask(question).state == "abstained"
    print(f"refused when the passage is removed {gone / n:.3f}")


if __name__ == "__main__":
    main()
