"""`evaluation.json`: all that was measured on the hold-out, with intervals, overall and by segment."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from vigia.bootstrap import CONFIDENCE, RESAMPLES, interval, interval_of_biased, resampled
from vigia.measures import Measures, Scored
from vigia.segments import Segments
from vigia.thresholds import Costs, Thresholds

# Of the resamples alone: two evaluations of the same rows agree to the last digit.
SEED = 1
# With fewer of them in a segment, what hangs on them is noise and is not measured there.
LEAST_FRAUDS, LEAST_GENUINE = 10, 100
OF_GENUINE_ALONE = {"false_positive_rate_at_review", "false_positive_rate_at_reject", "review_rate", "reject_rate"}
# Overall metrics whose intervals stand in `bundle.json` too, as NAME_low and NAME_high.
HEADLINES = ("average_precision", "roc_auc", "recall_at_1_percent_false_positives", "saved_share")

Scores = NDArray[np.float32] | NDArray[np.float64]
# Payments that each row stands for; None is one each.
Weights = NDArray[np.float64] | None


def ranking_metrics(labels: NDArray[np.int8], scores: Scores, weights: Weights = None) -> dict[str, float]:
    """Average precision and ROC AUC of scores [n], any monotone scale; labels [n] with both classes."""
    return {
        "average_precision": float(average_precision_score(labels, scores, sample_weight=weights)),
        "roc_auc": float(roc_auc_score(labels, scores, sample_weight=weights)),
    }


def evaluate(
    scored: Scored, segments: Segments, thresholds: Thresholds, costs: Costs, resamples: int = RESAMPLES
) -> dict[str, Any]:
    """
    What `evaluation.json` holds: `overall` and by `segments` the rows, payments, frauds, confusion (decision by truth,
    in payments) and metrics, each `{"value","low","high"}` with its 95 % interval.

    `scored` has both classes. Rows are drawn as if independent: where one fraudster makes several payments, the
    intervals are too narrow.
    """
    groups = [np.arange(len(scored))]
    groups += [np.flatnonzero(rows) for named in segments.values() for rows in named.values()]
    parts = [scored.at(rows) for rows in groups]
    measured = [Measures(part, thresholds, costs) for part in parts]
    values = [measures() for measures in measured]
    drawn = measure_resamples(measured, groups, len(scored), resamples)
    told = [
        group(part, measures, value, of_resamples, whole=index == 0)
        for index, (part, measures, value, of_resamples) in enumerate(zip(parts, measured, values, drawn, strict=True))
    ]
    by_segment = iter(told[1:])
    return {
        "format": 1,
        "confidence": CONFIDENCE,
        "resamples": resamples,
        "seed": SEED,
        "thresholds": asdict(thresholds),
        "costs": asdict(costs),
        "overall": told[0],
        "segments": {name: {segment: next(by_segment) for segment in named} for name, named in segments.items()},
    }


def measure_resamples(
    measured: Sequence[Measures], groups: Sequence[NDArray[np.intp]], rows: int, resamples: int
) -> list[dict[str, NDArray[np.float64]]]:
    """
    For each of `measured`, whose rows are `groups` of all `rows`: metric -> its values [resamples]. All see the same
    draws, so that differences between them are paired.
    """
    values: list[list[dict[str, float]]] = [[] for _ in measured]
    for times_drawn in resampled(rows, SEED, resamples):
        for of_one, measures, group_rows in zip(values, measured, groups, strict=True):
            of_one.append(measures(times_drawn[group_rows]))
    return [{name: np.array([each[name] for each in of_one]) for name in of_one[0]} for of_one in values]


def group(
    part: Scored, measures: Measures, values: dict[str, float], drawn: dict[str, NDArray[np.float64]], whole: bool
) -> dict[str, Any]:
    frauds, rows = int(part.labels.sum(dtype=np.int64)), len(part)
    result: dict[str, Any] = {"rows": rows, "payments": rounded(float(part.weights.sum())), "frauds": frauds}
    if not whole and rows - frauds < LEAST_GENUINE:
        return {**result, "omitted": f"{rows - frauds} genuine rows, fewer than {LEAST_GENUINE}: nothing is measured"}
    if not whole and frauds < LEAST_FRAUDS:
        result["omitted"] = (
            f"{frauds} frauds, fewer than {LEAST_FRAUDS}: only decisions on genuine payments are measured"
        )
        values = {name: value for name, value in values.items() if name in OF_GENUINE_ALONE}
    metrics = {name: with_interval(name, value, drawn[name]) for name, value in values.items() if not np.isnan(value)}
    return {**result, "confusion": measures.confusion(), "metrics": metrics}


def with_interval(name: str, value: float, drawn: NDArray[np.float64]) -> dict[str, float]:
    ends = interval_of_biased(value, drawn) if name == "calibration_error" else interval(drawn)
    low, high = ends or (value, value)
    return {"value": rounded(value), "low": rounded(low), "high": rounded(high)}


def rounded(value: float) -> float:
    """Six digits: the last ones of sums depend on the processor, and nobody reads them."""
    return float(f"{value:.6g}")


def flat_metrics(evaluation: dict[str, Any]) -> dict[str, float]:
    """The overall metrics as `bundle.json` has them: values by name, and the intervals of HEADLINES."""
    metrics = evaluation["overall"]["metrics"]
    ends = {f"{name}_{end}": metrics[name][end] for name in HEADLINES for end in ("low", "high")}
    return {**{name: each["value"] for name, each in metrics.items()}, **ends}
