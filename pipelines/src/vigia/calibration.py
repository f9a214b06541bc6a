"""Platt's calibration: probability = sigmoid(slope * margin + intercept)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vigia.errors import UnusableModel

MOST_STEPS = 100
SMALLEST_GRADIENT = 1e-9


@dataclass(frozen=True, slots=True)
class Platt:
    """Both are exact float32 values, so that the bundle's text and the graph say the same."""

    slope: float
    intercept: float


def fit_platt(
    margins: NDArray[np.float32], labels: NDArray[np.int8], weights: NDArray[np.float64] | None = None
) -> Platt:
    """
    Fits slope and intercept on margins [n] and labels [n] that the trees did not see; a row stands for `weights` [n]
    payments (default 1).

    Targets are smoothed as in Platt (1999), (N+ + 1) / (N+ + 2) and 1 / (N- + 2), which keeps the fit finite where the
    classes are separable; Newton's method with halved steps as in Lin, Lin and Weng (2007).
    Raises UnusableModel when the slope is not above 0: a higher margin would mean less fraud.
    """
    x = margins.astype(np.float64)
    each = np.ones(len(x)) if weights is None else weights
    frauds, genuine = float(each[labels == 1].sum()), float(each[labels == 0].sum())
    targets = np.where(labels == 1, (frauds + 1) / (frauds + 2), 1 / (genuine + 2))
    # Steps in units of the margins' own spread are well conditioned whatever the model's scale.
    centre, spread = float(x.mean()), float(x.std()) or 1.0
    z = (x - centre) / spread
    design = np.column_stack((z, np.ones_like(z)))
    prior = float(np.average(targets, weights=each))
    line = np.array([0.0, np.log(prior / (1 - prior))])
    loss = logistic_loss(design @ line, targets, each)
    for _ in range(MOST_STEPS):
        probability = 1 / (1 + np.exp(-(design @ line)))
        gradient = design.T @ (each * (probability - targets))
        if np.abs(gradient).max() < SMALLEST_GRADIENT * each.sum():
            break
        curvature = (design * (each * probability * (1 - probability))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-10 and logistic_loss(design @ (line - size * step), targets, each) > loss:
            size /= 2
        line = line - size * step
        loss = logistic_loss(design @ line, targets, each)
    slope = float(np.float32(line[0] / spread))
    intercept = float(np.float32(line[1] - line[0] * centre / spread))
    if not (slope > 0 and np.isfinite(intercept)):
        raise UnusableModel(
            f"calibration found slope {slope}: the model does not rank the validation frauds above the rest; "
            "check the labels and the features, or train on more frauds"
        )
    return Platt(slope, intercept)


def logistic_loss(log_odds: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    return float(np.sum(weights * (np.logaddexp(0, log_odds) - targets * log_odds)))
