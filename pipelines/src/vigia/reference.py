"""`reference.json`: what training saw, for monitoring to hold live traffic against."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from vigia.rows import Rows

# Twentieths, and the ends where fraud and faults show.
LEVELS = (0.001, 0.01, *(step / 20 for step in range(1, 20)), 0.99, 0.999)
# A feature of whole numbers with at most so many different ones is one of categories, flags included. Counts have more,
# and grow: a value that was never there is no news of them.
MOST_CATEGORIES = 8


class Histogram(TypedDict):
    edges: list[float]
    counts: list[int]
    missing: int


def histogram(values: NDArray[np.float32], weights: NDArray[np.float64]) -> Histogram:
    """
    Counts of values [n] in (edges[i-1], edges[i]], ends open: one count more than edges; NaN counts as missing.

    Edges are quantiles that occur as values, exact in float32, without repeats: a feature of few values gets few.

    A row stands for `weights` [n] payments. Counts have the shares of the payments, and as a sum the effective number
    of rows (Kish 1965), (sum w)^2 / sum w^2: as many as tests may trust. Rows of one weight count as one each.
    """
    known = ~np.isnan(values)
    order = np.argsort(values[known], kind="stable")
    present, present_weights = values[known][order], weights[known][order]
    scale = float(weights.sum() / np.square(weights).sum()) if len(weights) else 1.0
    missing = round(float(weights[~known].sum()) * scale)
    if len(present) == 0:
        return {"edges": [], "counts": [0], "missing": missing}
    below = np.cumsum(present_weights)
    # The value at this share of the weight; with equal weights the row at this share of the way from first to last.
    wanted = np.asarray(LEVELS) * (below[-1] - below[-1] / len(present))
    edges = np.unique(present[np.searchsorted(below, wanted, side="right")])
    bins = np.searchsorted(edges, present, side="left")
    counts = np.bincount(bins, weights=present_weights, minlength=len(edges) + 1) * scale
    return {"edges": edges.astype(float).tolist(), "counts": np.rint(counts).astype(int).tolist(), "missing": missing}


def categories(values: NDArray[np.float32]) -> list[float] | None:
    """Every value [n] that occurs, ascending, NaN apart; None where they are too many, or not whole."""
    found = np.unique(values[~np.isnan(values)])
    if len(found) == 0 or len(found) > MOST_CATEGORIES or (found != np.rint(found)).any():
        return None
    return [float(value) for value in found]


def reference_of(
    names: list[str], training: Rows, validation: Rows, probabilities: NDArray[np.float32]
) -> dict[str, object]:
    """
    Features are those of the training part. The probabilities are those of the validation part: on rows that the trees
    have learnt by heart the score is more certain than it will ever be on live payments.
    """
    columns = dict(zip(names, training.features.T, strict=True))
    told = {name: categories(column) for name, column in columns.items()}
    return {
        "features": {name: histogram(column, training.weights) for name, column in columns.items()},
        "categories": {name: values for name, values in told.items() if values is not None},
        "probability": histogram(probabilities, validation.weights),
    }
