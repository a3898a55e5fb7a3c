"""Keep evaluation text out of training: no shared run of twelve characters.

The check is on letters, Hanzi and digits alone, so that punctuation or spaces do
not hide a copy. Guarded texts: the five reports, the labelled questions, and the
public sets that are measured.
"""

from __future__ import annotations

import lzma
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from training.data import data_file

RUN = 12
DROP = re.compile(r"[\W_]+")


def squeeze(text: str) -> str:
    return DROP.sub("", text)


def guarded_texts() -> Iterable[str]:
    import opencc

    from training.evaluate import QUESTIONS, REPORTS

    labelled = [p for q in QUESTIONS.values() for p in q.parent.glob("*.jsonl")]
    for path in sorted([*REPORTS.glob("*.txt"), *labelled]):
        yield path.read_text(encoding="utf-8")
    simplify = opencc.OpenCC("t2s").convert
    for name in ("cmrc2018_trial.jsonl.xz", "drcd_dev_traditional.jsonl.xz", "ntrex_zh_en.tsv.xz"):
        with lzma.open(data_file(f"eval/{name}"), "rt", encoding="utf-8") as lines:
            yield from (simplify(line) for line in lines)
    for name in ("sts-b-zh-dev.txt", "citecheck_dev.jsonl"):
        yield from Path(data_file(f"eval/{name}")).read_text(encoding="utf-8").splitlines()


@cache
def guarded_runs() -> frozenset[str]:
    runs: set[str] = set()
    for text in guarded_texts():
        flat = squeeze(text)
        runs.update(flat[i : i + RUN] for i in range(len(flat) - RUN + 1))
    return frozenset(runs)


def is_clean(text: str) -> bool:
    """True when the text shares no run of twelve characters with evaluation text."""
    flat = squeeze(text)
    runs = guarded_runs()
    return not any(flat[i : i + RUN] in runs for i in range(len(flat) - RUN + 1))


def clean_rows(texts: Sequence[str]) -> np.ndarray:
    """Indices of the texts that may be trained on."""
    return np.array([i for i, text in enumerate(texts) if is_clean(text)], np.int64)
