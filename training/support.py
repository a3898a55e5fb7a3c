"""The weights of the prover's last check: `python -m training.support LABELS [--write]`.

LABELS: a JSON-lines file with statement, quote and label 1 or 0, such as the development part
of CiteCheck (human-labelled). A logistic regression over the five measures of `rag.likeness`,
fitted on the rows that nothing else settles: those are the ones it decides.

Printed is the accuracy of the whole prover by ten-fold cross-validation, five times over: each
row is judged by weights fitted on the other folds, and rows whose quotations or answers share a
run of 25 characters lie in one fold. The weights that ship are fitted on all rows, so what ships
must not be measured on them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from rag.likeness import MEASURES, WEIGHTS, likeness, score
from rag.support import settled

STRENGTH = 1.0  # inverse strength of the regularisation, on standardised measures
FOLDS, REPEATS = 10, 5
RUN = 25
Row = dict[str, Any]
Table = np.ndarray


def read(path: Path) -> list[Row]:
    """The labelled rows of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def groups(rows: list[Row]) -> Table:
    """A number for each row, the same for rows that share a run of characters. Shape (n,)."""
    parent = list(range(len(rows)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i]
        return i

    seen: dict[str, int] = {}
    for i, row in enumerate(rows):
        for text in (row["quote"], row.get("answer", "")):
            for at in range(len(text) - RUN + 1):
                first = seen.setdefault(text[at : at + RUN], i)
                parent[root(i)] = root(first)
    return np.array([root(i) for i in range(len(rows))])


def fit(measures: Table, labels: Table) -> dict[str, float]:
    """Weights for the measures as they are, and the constant. measures: (n, 5); labels: (n,)."""
    mean, spread = measures.mean(axis=0), measures.std(axis=0) + 1e-9
    model = LogisticRegression(C=STRENGTH).fit((measures - mean) / spread, labels)
    slopes = model.coef_[0] / spread
    constant = float(model.intercept_[0] - slopes @ mean)
    return dict(zip(MEASURES, map(float, slopes), strict=True)) | {"constant": constant}


def cross_validated(rows: list[Row], seed: int = 0) -> list[bool]:
    """The prover's verdict on each row, by weights fitted on other rows."""
    labels = np.array([int(row["label"]) for row in rows])
    first = [settled(row["statement"], row["quote"]) for row in rows]
    found = [likeness(row["statement"], row["quote"]) for row in rows]
    table = np.array([f.measures for f in found])
    said = [bool(v and v.supported) for v in first]
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    for others, fold in folds.split(table, labels, groups(rows)):
        open_rows = [i for i in others if first[i] is None]
        weights = fit(table[open_rows], labels[open_rows])
        for i in fold:
            if first[i] is None:
                said[i] = score(found[i], weights) > 0
    return said


def main() -> None:
    """Print the cross-validated accuracy and the weights; write them when asked to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("--write", action="store_true", help=f"write {WEIGHTS.name}")
    options = parser.parse_args()
    rows = read(options.labels)
    labels = np.array([bool(row["label"]) for row in rows])
    right = [(np.array(cross_validated(rows, s)) == labels).mean() for s in range(REPEATS)]
    print(f"{np.mean(right):.1%} right ({min(right):.1%} to {max(right):.1%}), {len(rows)} rows")
    decided = [r for r in rows if settled(r["statement"], r["quote"]) is None]
    table = np.array([likeness(r["statement"], r["quote"]).measures for r in decided])
    weights = fit(table, np.array([int(r["label"]) for r in decided]))
    print(f"fitted on {len(decided)} rows:", {name: round(w, 2) for name, w in weights.items()})
    if options.write:
        note = "Fitted by training/support.py on human-labelled citations; read by rag.likeness."
        rounded = {name: round(weight, 3) for name, weight in weights.items()}
        text = json.dumps({"note": note, "weights": rounded}, ensure_ascii=False, indent=2)
        WEIGHTS.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
