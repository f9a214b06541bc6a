"""The hold-out of a training set, as a bundle reports on it: metrics, `evaluation.json`, plots, text of the card."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigia.bootstrap import RESAMPLES
from vigia.bundle import json_bytes
from vigia.evaluation import evaluate, flat_metrics
from vigia.evaluation_text import evaluation_text
from vigia.measures import Scored
from vigia.plots import hold_out_plots
from vigia.segments import Columns, Segments, segments_of
from vigia.thresholds import Costs, Thresholds
from vigia.training_set import TrainingSet


@dataclass(frozen=True, slots=True)
class Report:
    """`metrics` go into `bundle.json`, `files` by name beside it, `text` (Markdown) into the model card."""

    evaluation: dict[str, Any]
    metrics: dict[str, float]
    files: dict[str, bytes]
    text: str


def report_on(
    data: TrainingSet,
    rows: slice,
    probabilities: NDArray[np.float32],
    thresholds: Thresholds,
    costs: Costs,
    importances: list[tuple[str, float]],
    resamples: int = RESAMPLES,
) -> Report:
    """
    Of the hold-out `rows` of `data`, where both classes are, with calibrated `probabilities` [rows]; `importances` are
    features with their share, greatest first, empty for a model that has none.
    """
    scored = scored_rows(data, rows, probabilities)
    evaluation = evaluate(scored, segments_in(data, rows), thresholds, costs, resamples)
    plots = hold_out_plots(scored, thresholds, costs, evaluation["overall"]["confusion"], importances)
    return Report(
        evaluation=evaluation,
        metrics=flat_metrics(evaluation),
        files={"evaluation.json": json_bytes(evaluation, indent=2), **plots},
        text=evaluation_text(evaluation),
    )


def scored_rows(data: TrainingSet, rows: slice, probabilities: NDArray[np.float32]) -> Scored:
    return Scored(probabilities, data.labels[rows], data.amounts_cents[rows], data.weights[rows])


def segments_in(data: TrainingSet, rows: slice) -> Segments:
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
