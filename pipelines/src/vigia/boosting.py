"""The trees: XGBoost with everything that its defaults leave open stated."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xgboost
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Parameters:
    """What decides the model, besides the data."""

    trees: int = 300
    depth: int = 6
    learning_rate: float = 0.1
    row_share: float = 0.8
    column_share: float = 0.8
    # In sums of p (1 - p), which for a rare class is the number of frauds a leaf is expected to hold.
    least_child_weight: float = 5.0
    l2: float = 1.0
    # Weight of a fraud against a legitimate payment. Balanced classes cost a tenth of the average precision on the
    # handbook's data and on made ones: they buy recall with noise at the top of the ranking, where decisions fall.
    fraud_weight: float = 1.0
    seed: int = 7
    threads: int = 1


def train_trees(
    features: NDArray[np.float32],
    labels: NDArray[np.int8],
    parameters: Parameters,
    progress: Callable[[int], None] = lambda _: None,
    weights: NDArray[np.float64] | None = None,
) -> xgboost.Booster:
    """
    Trains on features [n, F] (NaN = missing) and labels [n] with both classes, each row standing
    for `weights` [n] payments (default 1); always `parameters.trees` trees.

    `base_score` is stated, since XGBoost >= 2 estimates its own: the weighted prevalence, where training starts from
    the right level. The same seed gives the same trees on every run.
    """
    weight = parameters.fraud_weight
    prevalence = float(np.average(labels, weights=weights))
    settings = {
        "objective": "binary:logistic",
        "tree_method": "hist",
        "base_score": weight * prevalence / (weight * prevalence + 1 - prevalence),
        "scale_pos_weight": weight,
        "max_depth": parameters.depth,
        "eta": parameters.learning_rate,
        "subsample": parameters.row_share,
        "colsample_bytree": parameters.column_share,
        "min_child_weight": parameters.least_child_weight,
        "lambda": parameters.l2,
        "seed": parameters.seed,
        "nthread": parameters.threads,
        "verbosity": 1,
    }
    matrix = xgboost.QuantileDMatrix(features, label=labels, weight=weights, missing=np.nan, nthread=parameters.threads)
    return xgboost.train(settings, matrix, num_boost_round=parameters.trees, callbacks=[Progress(progress)])


def margins_of(trees: xgboost.Booster, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """XGBoost's own log-odds [n] of features [n, F]."""
    margins = trees.inplace_predict(features, predict_type="margin", missing=np.nan)
    return np.asarray(margins, dtype=np.float32)


class Progress(xgboost.callback.TrainingCallback):
    """Tells the number of trees after each."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.tell = tell

    def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:  # noqa: ARG002
        self.tell(epoch + 1)
        return False
