"""Questions on news articles nothing here was trained or tuned on: `python -m benchmarks.news FILE`.

FILE is crud_news.txt.xz (text/ of the data folder). The 200 articles of questions/news.jsonl
and 1,800 others, chosen by a hash, go into one index, each as a document of its own. Printed
for each half of the questions: share whose answer holds a gold string, the same for the two
best BM25 sentences, false refusals; then every question again on an index that lacks its
article: share refused. The sealed half is for totals: nothing prints its questions.

How the 200 came about: see README.md; the choice is the list in questions/news.jsonl.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.common import NEWS, table, unit_hash
from benchmarks.unseen import (
    Outcome,
    assistant_over,
    outcomes,
    share,
    two_sentences_hold,
    without_their_own,
)

HALVES = ("open", "sealed")
TYPES = ("figure", "when-where-who", "what", "why-how", "yes-change")
OTHERS = 1_800
SHORTEST, LONGEST = 200, 1_500  # of those asked about; the others must not be told by their length
PARTS = 2
RUN, SHARED = 12, 3  # characters of a run; shared runs that make an article a second report
_DROP = re.compile(r"[\W_]+")

Row = dict[str, Any]


def article_id(article: str) -> str:
    """The name a question gives its article, whose text may not stand in this repository."""
    return sha256(article.encode()).hexdigest()[:16]


def body(article: str) -> str:
    """An article without the line's head, a date that only the crawler wrote."""
    return article.split("正文：", 1)[-1]


def read_questions(path: Path = NEWS) -> list[Row]:
    """The questions of both halves."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_articles(path: Path) -> list[str]:
    """The articles of the collection, one a line."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [line.strip() for line in lines]


def runs(text: str) -> set[str]:
    """All runs of twelve letters, Hanzi and digits."""
    flat = _DROP.sub("", text)
    return {flat[i : i + RUN] for i in range(len(flat) - RUN + 1)}


def unrelated(chosen: Sequence[str], articles: Iterable[str], most: int) -> list[str]:
    """The first articles that do not report what a chosen one does.

    With its article removed, a question would rightly be answered from a second report. What
    several chosen articles share (a site's own lines) tells nothing of their events.
    """
    counts = Counter(run for article in chosen for run in runs(body(article)))
    telling = {run for run, count in counts.items() if count == 1}
    kept = (a for a in articles if len(runs(body(a)) & telling) < SHARED)
    return list(islice(kept, most))


def collect(articles: Iterable[str], wanted: Sequence[str], others: int) -> list[tuple[int, str]]:
    """(number, text): the wanted articles in their order, then the others, by a hash."""
    by_id = {article_id(a): a for a in articles if SHORTEST <= len(a) <= LONGEST}
    if missing := [name for name in wanted if name not in by_id]:
        raise SystemExit(f"{len(missing)} of {len(wanted)} articles are not in this collection")
    chosen = [by_id.pop(name) for name in wanted]
    rest = sorted(by_id.values(), key=lambda article: unit_hash(f"-{article}"))
    found = [*chosen, *unrelated(chosen, rest, others)]
    return [(number, body(article)) for number, article in enumerate(found)]


def line(name: str, rows: Sequence[tuple[Row, Outcome, bool, Outcome]]) -> list[str]:
    """One line of the report."""
    shares = (
        [found.right for _, found, _, _ in rows],
        [two for _, _, two, _ in rows],
        [found.refused for _, found, _, _ in rows],
        [found.first for _, found, _, _ in rows],
        [gone.refused for _, _, _, gone in rows],
        [gone.right for _, _, _, gone in rows],
    )
    return [name, str(len(rows)), *(f"{100 * share(values):.1f}" for values in shares)]


def measure(articles: Iterable[str], questions: Sequence[Row], half: str) -> tuple[str, list[str]]:
    """(the table of the halves asked for, the misses of the open half)."""
    wanted = list(dict.fromkeys(row["article"] for row in questions))
    texts = collect(articles, wanted, OTHERS)
    rows = [row for row in questions if half in (row["half"], "both")]
    asked = [(wanted.index(row["article"]), row["question"], row["answers"]) for row in rows]
    with tempfile.TemporaryDirectory() as scratch:
        found = outcomes(assistant_over(texts, Path(scratch)), asked)
    two = two_sentences_hold(texts, asked)
    gone = without_their_own(texts, asked, PARTS)
    measured = list(zip(rows, found, two, gone, strict=True))
    lines = []
    for name in HALVES:
        mine = [m for m in measured if m[0]["half"] == name]
        groups = {f"{name}: {kind}": [m for m in mine if m[0]["type"] == kind] for kind in TYPES}
        lines += [line(title, chosen) for title, chosen in groups.items() if chosen]
        if mine:
            lines.append(line(f"**{name}: all**", mine))
    head = ["half: type", "questions", "holds gold", "two BM25 sentences hold it", "refused"]
    head += ["article found first", "article removed: refused", "article removed: holds gold"]
    missed = [
        f"- {row['id']} {row['type']} {row['question']} | {row['answers']} | {f.reason} | {f.text[:160]!r}"
        for row, f, _, _ in measured
        if row["half"] == "open" and not f.right
    ]
    return table(head, lines), missed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="crud_news.txt.xz")
    parser.add_argument("--half", choices=[*HALVES, "both"], default="both")
    parser.add_argument("--show", action="store_true", help="the misses of the open half")
    parser.add_argument("--questions", type=Path, default=NEWS, help="such as news_second.jsonl")
    options = parser.parse_args()
    questions = read_questions(options.questions)
    report, missed = measure(read_articles(options.file), questions, options.half)
    print(report)
    if options.show:
        print("\n".join(missed))


if __name__ == "__main__":
    main()
