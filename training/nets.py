"""Nets of several seeds laid side by side, in the form `rag.nets` reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

DATA = Path(__file__).resolve().parent.parent / "src/rag/data"


@dataclass(frozen=True)
class Fitted:
    """One seed's net: hidden (h, d), bias (h,), out (h,), constant."""

    hidden: np.ndarray
    bias: np.ndarray
    out: np.ndarray
    constant: float


def side_by_side(
    nets: Sequence[Fitted], inputs: Sequence[str], mean: np.ndarray, scale: np.ndarray
) -> dict[str, object]:
    """The mean of the nets as one net."""
    return {
        "inputs": list(inputs),
        "mean": np.round(mean, 4).tolist(),
        "scale": np.round(scale, 4).tolist(),
        "hidden": np.round(np.vstack([net.hidden for net in nets]), 4).tolist(),
        "bias": np.round(np.hstack([net.bias for net in nets]), 4).tolist(),
        "out": np.round(np.hstack([net.out for net in nets]) / len(nets), 4).tolist(),
        "constant": round(float(np.mean([net.constant for net in nets])), 4),
    }


def said(stored: dict[str, object], x: np.ndarray) -> np.ndarray:
    """What a stored net says of rows of inputs."""
    a = {k: np.array(stored[k], float) for k in ("mean", "scale", "hidden", "bias", "out")}
    units = np.tanh((x - a["mean"]) / a["scale"] @ a["hidden"].T + a["bias"])
    told: np.ndarray = units @ a["out"] + float(str(stored["constant"]))
    return told


def write(name: str, stored: dict[str, object]) -> None:
    """Write data/<name>.json, a line for each hidden unit."""
    text = json.dumps(stored, ensure_ascii=False, separators=(",", ":"))
    (DATA / f"{name}.json").write_text(text.replace("],", "],\n") + "\n", encoding="utf-8")
