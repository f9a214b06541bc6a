"""Features on one scale, in numpy and as ONNX nodes: for the families that are not indifferent to it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

# One absurd value must not decide alone, nor overflow.
FARTHEST = 20.0


@dataclass(frozen=True, slots=True)
class Scaling:
    """
    z = (x - mean) * scale within +-FARTHEST, missing = 0, which is the mean. With `logarithmic`, x becomes
    sign(x) log(1 + |x|) first, which draws in the long tails of amounts and counts. `mean` and `scale`, which is
    1 / deviation and 0 for a column without spread, are [F].
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    logarithmic: bool

    def apply(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """z [n, F], in float32 as the graph computes it."""
        with np.errstate(over="ignore"):
            scaled = (compressed(features, self.logarithmic) - self.mean) * self.scale
        return np.asarray(np.nan_to_num(np.clip(scaled, -FARTHEST, FARTHEST), copy=False, nan=0.0), dtype=np.float32)

    def nodes(self, output: str) -> tuple[list[NodeProto], dict[str, NDArray[np.float32]]]:
        """Nodes from `features` to `output`, with their constants."""
        make = helper.make_node
        raw: list[NodeProto] = []
        if self.logarithmic:
            raw = [
                make("Sign", ["features"], ["sign"]),
                make("Abs", ["features"], ["size"]),
                make("Add", ["size", "one"], ["size_from_one"]),
                make("Log", ["size_from_one"], ["log_size"]),
                make("Mul", ["sign", "log_size"], ["compressed"]),
            ]
        nodes = [
            *raw,
            make("Sub", ["compressed" if self.logarithmic else "features", "mean"], ["centred"]),
            make("Mul", ["centred", "scale"], ["unbounded"]),
            make("Clip", ["unbounded", "lowest", "highest"], ["bounded"]),
            make("IsNaN", ["features"], ["missing"]),
            make("Where", ["missing", "zero", "bounded"], [output]),
        ]
        constants: dict[str, Any] = {
            "mean": self.mean,
            "scale": self.scale,
            "lowest": np.array(-FARTHEST, np.float32),
            "highest": np.array(FARTHEST, np.float32),
            "zero": np.array(0, np.float32),
            **({"one": np.array(1, np.float32)} if self.logarithmic else {}),
        }
        return nodes, constants


def fit_scaling(features: NDArray[np.float32], weights: NDArray[np.float64], logarithmic: bool) -> Scaling:
    """Weighted mean and deviation of what is present; a column without spread or without any value becomes all 0."""
    columns = features.shape[1]
    mean, scale = np.zeros(columns), np.zeros(columns)
    for column in range(columns):
        values = compressed(features[:, column], logarithmic).astype(np.float64)
        present = ~np.isnan(values)
        if not present.any():
            continue
        mean[column] = np.average(values[present], weights=weights[present])
        spread = np.sqrt(np.average((values[present] - mean[column]) ** 2, weights=weights[present]))
        # Rounding alone is no spread.
        scale[column] = 1 / spread if spread > 1e-6 * max(1.0, abs(mean[column])) else 0
    return Scaling(mean.astype(np.float32), scale.astype(np.float32), logarithmic)


def compressed(features: NDArray[np.float32], logarithmic: bool) -> NDArray[np.float32]:
    if not logarithmic:
        return features
    return np.asarray(np.sign(features) * np.log(np.abs(features) + np.float32(1)), dtype=np.float32)
