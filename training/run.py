"""The whole recipe, from the training files to the folder that ships.

    python -m training.run [--from STAGE] [--pairs N] [--folder FOLDER]

Every stage is a program of its own with a fixed seed; a stage whose output is
there is skipped, so an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from training.data import WORK

FOLDER = Path(__file__).resolve().parents[1] / "src" / "rag" / "models" / "static-zh"
CARD = Path(__file__).with_name("card.md")


def stages(pairs: int, folder: Path) -> list[tuple[str, Path | None, list[str]]]:
    """(name, output that marks it done, command line); None: the program itself resumes."""
    n = str(pairs)
    start, distilled, late, bag, final = (
        WORK / f"{name}.npz" for name in ("dictionary", "distilled", "late", "bag", "final")
    )
    contrast = ["contrast", "--pairs", n, "--start", str(distilled)]
    only_bag = ["--bag", "1", "--late", "0", "--most", "40000"]
    shares = [f"{late}:0.35", f"{bag}:0.35", f"{start}:0.3"]
    return [
        ("teacher", None, ["teacher", "--pairs", n]),
        ("vocabulary", WORK / "tokenizer.json", ["vocabulary"]),
        ("dictionary", start, ["dictionary"]),
        ("distill", distilled, ["distill", "--pairs", n]),
        ("neighbours", None, ["neighbours", "--pairs", n]),
        ("late", late, [*contrast, "--out", str(late)]),
        ("bag", bag, [*contrast, "--out", str(bag), *only_bag]),
        ("average", final, ["average", str(final), *shares]),
        ("export", None, ["export", str(final), str(folder), "--card", str(CARD)]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=450_560, help="sentence pairs to distil")
    parser.add_argument("--from", dest="first", help="run this stage and all after it anew")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the model goes")
    options = parser.parse_args()
    plan = stages(options.pairs, options.folder)
    if options.first and options.first not in [name for name, _, _ in plan]:
        raise SystemExit(f"no stage {options.first}; stages: {', '.join(n for n, _, _ in plan)}")
    again = False
    for name, done, command in plan:
        again = again or name == options.first
        if done is not None and done.exists() and not again:
            print(f"{name}: already there", flush=True)
            continue
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", f"training.{command[0]}", *command[1:]], check=True)
        print(f"{name}: {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
