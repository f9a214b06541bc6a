"""How well probabilities rank and how far they can be believed."""

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

CALIBRATION_BINS = 10

Scores = NDArray[np.float32] | NDArray[np.float64]
# Payments that each row stands for; None is one each.
Weights = NDArray[np.float64] | None


def ranking_metrics(labels: NDArray[np.int8], scores: Scores, weights: Weights = None) -> dict[str, float]:
    """Average precision and ROC AUC of scores [n], any monotone scale; labels [n] with both classes."""
    return {
        "average_precision": float(average_precision_score(labels, scores, sample_weight=weights)),
        "roc_auc": float(roc_auc_score(labels, scores, sample_weight=weights)),
    }


def probability_metrics(
    labels: NDArray[np.int8], probabilities: NDArray[np.float32], weights: Weights = None
) -> dict[str, float]:
    """Everything that one set of calibrated probabilities [n] is held against."""
    return {
        **ranking_metrics(labels, probabilities, weights),
        "recall_at_0_1_percent_false_positives": recall_at(labels, probabilities, 0.001, weights),
        "recall_at_1_percent_false_positives": recall_at(labels, probabilities, 0.01, weights),
        "brier": float(np.average((probabilities.astype(np.float64) - labels) ** 2, weights=weights)),
        "calibration_error": calibration_error(labels, probabilities, weights),
        "prevalence": float(np.average(labels, weights=weights)),
    }


def recall_at(labels: NDArray[np.int8], scores: Scores, false_positive_rate: float, weights: Weights = None) -> float:
    """Share of the frauds found by the lowest threshold that flags at most this share of the legitimate payments."""
    false_positives, recalls, _ = roc_curve(labels, scores, sample_weight=weights, drop_intermediate=False)
    return float(recalls[false_positives <= false_positive_rate].max())


def calibration_error(labels: NDArray[np.int8], probabilities: NDArray[np.float32], weights: Weights = None) -> float:
    """
    Expected calibration error: mean distance of the mean probability from the share of frauds, weighted by payments,
    over bins of equally many *frauds*. Bins of equal width or equal rows would put nearly all rows of a rare class in
    one.
    """
    order = np.argsort(probabilities, kind="stable")
    p, y = probabilities[order].astype(np.float64), labels[order].astype(np.int64)
    each = np.ones(len(p)) if weights is None else weights[order]
    frauds = int(y.sum())
    bins = min(CALIBRATION_BINS, frauds)
    # Equal probabilities stay in one bin: the bin of their last row.
    last = np.searchsorted(p, p, side="right") - 1
    bin_of = np.minimum((np.cumsum(y)[last] - 1).clip(min=0) * bins // frauds, bins - 1)
    expected, found = (np.bincount(bin_of, weights=each * of, minlength=bins) for of in (p, y))
    return float(np.abs(expected - found).sum() / each.sum())
