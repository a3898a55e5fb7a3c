"""Stage 6: the weighted mean of stages that started from each other.

    python -m training.average OUT.npz STAGE.npz:0.5 STAGE.npz:0.5

Averaging keeps what both know and loses what only one over-learnt (Wortsman et
al. 2022, "Model soups"); it works because the stages share one starting point.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from training.export import rows_of
from training.words import save_stage


def average(parts: list[tuple[Path, float]]) -> np.ndarray:
    """(V, 384) rows; each stage is first scaled to a root mean square length of 1."""
    total: np.ndarray | float = 0.0
    for path, share in parts:
        rows = rows_of(path)
        total = total + share * rows / np.sqrt((rows**2).sum(1).mean())
    return np.asarray(total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("stages", nargs="+", help="file:share")
    options = parser.parse_args()
    parts = [(Path(s.rpartition(":")[0]), float(s.rpartition(":")[2])) for s in options.stages]
    rows = average(parts)
    norms = np.linalg.norm(rows, axis=1)
    save_stage(options.out, rows / np.maximum(norms, 1e-9)[:, None], norms)


if __name__ == "__main__":
    main()
