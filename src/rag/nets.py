"""Small fitted nets: one layer of tanh units over standardised inputs, weights in a JSON file.

net(x) = Σ_h out_h · tanh(w_h · (x - mean)/scale + b_h) + constant
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Net:
    """The fitted numbers; d inputs, h hidden units.

    mean, scale: shape (d,). hidden: (h, d). bias, out: (h,).
    """

    mean: Floats
    scale: Floats
    hidden: Floats
    bias: Floats
    out: Floats
    constant: float

    @classmethod
    def load(cls, name: str, inputs: Sequence[str]) -> Net:
        """Read data/<name>.json.

        Raises ValueError when it was fitted to other inputs than `inputs`.
        """
        text = resources.files("rag").joinpath(f"data/{name}.json").read_text(encoding="utf-8")
        stored = json.loads(text)
        if stored["inputs"] != list(inputs):
            raise ValueError(f"data/{name}.json was fitted to other inputs: run training.{name}")
        arrays = {key: np.array(stored[key]) for key in ("mean", "scale", "hidden", "bias", "out")}
        return cls(**arrays, constant=float(stored["constant"]))

    def __call__(self, x: Floats) -> Floats:
        """What the net says of each row of x, shape (n, d) → (n,)."""
        units = np.tanh((x - self.mean) / self.scale @ self.hidden.T + self.bias)
        return np.asarray(units @ self.out + self.constant, dtype=np.float64)
