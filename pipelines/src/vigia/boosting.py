"""The trees: XGBoost with everything that its defaults leave open stated."""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

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
    # A rare class has hessians near 0: a least weight of 1, the default, would forbid leaves of a few hundred rows.
    least_child_weight: float = 0.5
    l2: float = 1.0
    # Weight of a fraud; 0 = the square root of legitimate payments per fraud.
    fraud_weight: float = 0.0
    seed: int = 7
    threads: int = 1


def fraud_weight_of(labels: NDArray[np.int8], parameters: Parameters) -> float:
    """
    Half way (in logarithms) between no weight and balanced classes: balance buys recall with noise at the top of the
    ranking, where the decisions are. What the weight does to the level of the score, the calibration takes back.
    """
    if parameters.fraud_weight > 0:
        return parameters.fraud_weight
    frauds = int(labels.sum())
    return sqrt((len(labels) - frauds) / frauds)


def train_trees(
    features: NDArray[np.float32],
    labels: NDArray[np.int8],
    parameters: Parameters,
    progress: Callable[[int], None] = lambda _: None,
) -> xgboost.Booster:
    """
    Trains on features [n, F] (NaN = missing) and labels [n] with both classes; always `parameters.trees` trees.

    `base_score` is stated, since XGBoost >= 2 estimates its own: the weighted prevalence, where training starts from
    the right level. The trees are the same on every run with the same seed and number of threads.
    """
    weight = fraud_weight_of(labels, parameters)
    prevalence = float(labels.mean())
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
    matrix = xgboost.QuantileDMatrix(features, label=labels, missing=np.nan, nthread=parameters.threads)
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
