"""`reference.json`: what training saw, for monitoring to hold live traffic against."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

# Twentieths, and the ends where fraud and faults show.
LEVELS = (0.001, 0.01, *(step / 20 for step in range(1, 20)), 0.99, 0.999)


class Histogram(TypedDict):
    edges: list[float]
    counts: list[int]
    missing: int


def histogram(values: NDArray[np.float32]) -> Histogram:
    """
    Counts of values [n] in (edges[i-1], edges[i]], ends open: one count more than edges; NaN counts as missing.

    Edges are quantiles that occur as values, exact in float32, without repeats: a feature of few values gets few.
    """
    present = np.sort(values[~np.isnan(values)])
    missing = len(values) - len(present)
    if len(present) == 0:
        return {"edges": [], "counts": [0], "missing": missing}
    positions = (np.asarray(LEVELS) * (len(present) - 1)).astype(int)
    edges = np.unique(present[positions])
    bins = np.searchsorted(edges, present, side="left")
    counts = np.bincount(bins, minlength=len(edges) + 1)
    return {"edges": edges.astype(float).tolist(), "counts": counts.tolist(), "missing": missing}


def reference_histograms(
    names: list[str], features: NDArray[np.float32], probabilities: NDArray[np.float32]
) -> dict[str, object]:
    """
    Features [n, F] are those of the training part. The probabilities are those of the validation part: on rows that
    the trees have learnt by heart the score is more certain than it will ever be on live payments.
    """
    return {
        "features": {name: histogram(features[:, index]) for index, name in enumerate(names)},
        "probability": histogram(probabilities),
    }
