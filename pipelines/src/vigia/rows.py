"""Columns of some rows of a training set, as learners and measures take them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigia.split import Part
from vigia.training_set import TrainingSet


@dataclass(frozen=True, slots=True)
class Rows:
    """
    `features` is [n, F], NaN = missing; the rest is [n]. `labels` has 1 for fraud; a row stands for `weights` payments.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int8]
    amounts_cents: NDArray[np.float64]
    weights: NDArray[np.float64]


def rows_of(data: TrainingSet, part: Part) -> Rows:
    """Views, not copies."""
    rows = part.rows
    return Rows(data.features[rows], data.labels[rows], data.amounts_cents[rows], data.weights[rows])
