"""Logistic regression on the same rows: what the trees must beat to be worth their weight."""

import warnings

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

MOST_ITERATIONS = 200


def baseline_scores(
    features: NDArray[np.float32],
    labels: NDArray[np.int8],
    others: NDArray[np.float32],
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """
    Log-odds [m] for `others` [m, F] of a regression trained on features [n, F].

    Columns are standardised by the training rows; missing values become their mean. It need not converge: the
    figures of its last iteration are reported. One thread, whose sums have one order.
    """
    with warnings.catch_warnings():
        # A column without any value has no mean; it becomes all 0 below.
        warnings.simplefilter("ignore", RuntimeWarning)
        mean = np.nan_to_num(np.nanmean(features, axis=0, dtype=np.float64))
        deviation = np.nan_to_num(np.nanstd(features, axis=0, dtype=np.float64))
    deviation[deviation == 0] = 1
    with threadpool_limits(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(max_iter=MOST_ITERATIONS)
        model.fit(standardised(features, mean, deviation), labels, sample_weight=weights)
        scores: NDArray[np.float64] = model.decision_function(standardised(others, mean, deviation))
    return scores


def standardised(
    features: NDArray[np.float32], mean: NDArray[np.float64], deviation: NDArray[np.float64]
) -> NDArray[np.float32]:
    scaled = np.empty_like(features)
    for column in range(features.shape[1]):
        scaled[:, column] = (features[:, column] - mean[column]) / deviation[column]
    return np.nan_to_num(scaled, copy=False, nan=0.0)
