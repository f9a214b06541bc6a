"""Rows of a training set, as evaluation and gate take them."""

import numpy as np
from numpy.typing import NDArray

from vigia.measures import Scored
from vigia.segments import Columns, Segments, segments_of
from vigia.training_set import TrainingSet


def scored_rows(data: TrainingSet, rows: slice, probabilities: NDArray[np.float32]) -> Scored:
    """`rows` of `data` with their calibrated `probabilities` [rows]."""
    return Scored(probabilities, data.labels[rows], data.amounts_cents[rows], data.weights[rows])


def segments_in(data: TrainingSet, rows: slice) -> Segments:
    """The segments of `rows`, as masks [rows]."""
    return segments_of(
        Columns(
            names=data.manifest.features,
            features=data.features[rows],
            accepted_at_ms=data.accepted_at_ms[rows],
            amounts_cents=data.amounts_cents[rows],
            labels=data.labels[rows],
            scenarios=None if data.scenarios is None else data.scenarios[rows],
        )
    )
