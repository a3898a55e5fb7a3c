"""Readers of the training texts. None of this text ever enters the repository.

Every reader fails with one sentence that names the missing file, so that a
stage never trains on less than it believes.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import lzma
import os
import re
from collections.abc import Iterator
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
WORK = Path(os.environ.get("TRAINING_WORK", Path(__file__).parent / "work"))

# Share of a source among the pairs that are read first. Dictionary example
# sentences are two orders of magnitude more than the rest; everyday speech is
# what reworded questions are made of, so it comes forward.
SOURCE_WEIGHT = {
    "tatoeba": 12.0,
    "mlqe_pe": 8.0,
    "laws": 8.0,
    "msctd": 4.0,
    "jiyushe": 1.0,
    "pydocs": 0.0,
}


def data_file(relative: str) -> Path:
    """Path of a training file below TRAINING_DATA (default ../shared/data).

    Raises SystemExit with what to fetch when the file is absent.
    """
    root = Path(os.environ.get("TRAINING_DATA", SHARED / "data"))
    path = root / relative
    if not path.is_file():
        raise SystemExit(
            f"training file {relative} is missing below {root}; set TRAINING_DATA to the "
            "folder that holds it (training/README.md lists the files and where they come from)"
        )
    return path


def unit_hash(text: str) -> float:
    """A number in [0, 1) that depends on the text alone (stable shuffling)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64


def parallel_pairs(limit: int | None = None) -> list[tuple[str, str]]:
    """Chinese-English sentence pairs in a fixed, source-balanced random order."""
    keyed = []
    with lzma.open(data_file("parallel/zh_en.tsv.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            source, zh, en = line.rstrip("\n").split("\t")
            weight = SOURCE_WEIGHT[source]
            if weight and 4 <= len(zh) <= 90 and 2 <= len(en.split()) <= 45:
                keyed.append((unit_hash(zh) / weight, zh, en))
    keyed.sort()
    return [(zh, en) for _, zh, en in keyed[:limit]]


def cedict() -> Iterator[tuple[str, bool, list[str]]]:
    """(simplified form, is a proper name, English glosses) of every CC-CEDICT entry."""
    entry = re.compile(r"^\S+ (\S+) \[([^\]]*)\] /(.*)/\s*$")
    with gzip.open(
        data_file("dict/cedict_1_0_ts_utf-8_mdbg.txt.gz"), "rt", encoding="utf-8"
    ) as lines:
        for line in lines:
            match = entry.match(line)
            if match and not line.startswith("#"):
                # Names are told by the capital of their pinyin.
                yield match[1], match[2][:1].isupper(), match[3].split("/")


def domain_words() -> Iterator[tuple[str, list[str]]]:
    """(word, English glosses) of the hand-written list of the register's own words."""
    path = Path(__file__).with_name("domain_words.tsv")
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *glosses = line.split("\t")
        yield word, glosses


def report_paragraphs() -> Iterator[tuple[str, str]]:
    """(report path, paragraph) of the government work reports."""
    with lzma.open(data_file("text/gov_work_reports.tsv.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            report, _, paragraph = line.rstrip("\n").partition("\t")
            yield report, paragraph


def news_articles() -> Iterator[str]:
    """News articles, one each."""
    with lzma.open(data_file("text/crud_news.txt.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            yield line.rstrip("\n")


def title_bodies() -> Iterator[tuple[str, str]]:
    """(title, body) of television news items."""
    with lzma.open(data_file("text/xwlb_title_body.jsonl.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["title"], row["body"]


def law_articles() -> Iterator[dict[str, str]]:
    """Articles of statutes as dictionaries."""
    with lzma.open(data_file("text/law_article.jsonl.xz"), "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
