"""`xgboost`: boosted trees, with everything that XGBoost's defaults leave open stated."""

import json
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import xgboost
from numpy.typing import NDArray
from onnx import ModelProto

from vigia.errors import BadInput
from vigia.families.family import Done, weight_told
from vigia.families.tree_graph import tree_graph
from vigia.parameters import Parameters, Value
from vigia.rows import Rows
from vigia.termination import raise_if_terminated

if TYPE_CHECKING:
    import optuna


class Boosting:
    name = "xgboost"
    parameters: tuple[str, ...] = (
        "trees",
        "depth",
        "learning_rate",
        "row_share",
        "column_share",
        "least_child_weight",
        "l2",
        "tree_method",
        "base_score",
        "fraud_weight",
    )

    def fit(self, rows: Rows, parameters: Parameters, done: Done) -> "FittedTrees":
        check_device(parameters)
        return FittedTrees(train_trees(rows, parameters, done), rows.features.shape[1])

    def suggest(self, trial: "optuna.Trial") -> dict[str, Value]:
        return {
            "trees": trial.suggest_int("trees", 50, 800, step=50),
            "depth": trial.suggest_int("depth", 2, 8),
            "learning_rate": trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
            "row_share": trial.suggest_float("row_share", 0.5, 1.0),
            "column_share": trial.suggest_float("column_share", 0.4, 1.0),
            # Small ones too: a leaf of a rare class, at a low prevalence, sums to little.
            "least_child_weight": trial.suggest_float("least_child_weight", 0.05, 50.0, log=True),
            "l2": trial.suggest_float("l2", 0.1, 30.0, log=True),
            "fraud_weight": trial.suggest_float("fraud_weight", 1.0, 10.0, log=True),
        }

    def describe(self, parameters: Parameters) -> str:
        p = parameters
        return (
            f"XGBoost, {p.trees} trees of depth {p.depth}, learning rate {p.learning_rate:g}, {p.row_share:.0%} of the "
            f"rows and {p.column_share:.0%} of the features a tree. A missing value goes the way that each split "
            f"learnt for it. {weight_told(p.fraud_weight)}"
        )


@dataclass
class FittedTrees:
    """Trees on features [n, `features`]."""

    trees: xgboost.Booster
    features: int

    @cached_property
    def trees_json(self) -> bytes | None:
        return bytes(self.trees.save_raw("json"))

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        margins = self.trees.inplace_predict(features, predict_type="margin", missing=np.nan)
        return np.asarray(margins, dtype=np.float32)

    def graph(self) -> ModelProto:
        return tree_graph(self.trees_json or b"", self.features)

    def importances(self) -> NDArray[np.float64] | None:
        """Shares of the total gain; all 0 where no tree has a split."""
        gains: dict[str, Any] = dict(self.trees.get_score(importance_type="total_gain"))
        found = np.array([float(gains.get(f"f{index}", 0.0)) for index in range(self.features)])
        return found / (found.sum() or 1.0)


def train_trees(rows: Rows, parameters: Parameters, done: Done = lambda _: None) -> xgboost.Booster:
    """
    Always `parameters.trees` trees. The same seed gives the same trees on every run, with any number of threads.

    `base_score` is stated, since XGBoost >= 2 estimates its own: the weighted prevalence, where training starts from
    the right level, unless the parameter of that name says otherwise.
    """
    weight = parameters.fraud_weight
    prevalence = float(np.average(rows.labels, weights=rows.weights))
    settings = {
        "objective": "binary:logistic",
        "tree_method": parameters.tree_method,
        "device": parameters.device,
        "base_score": parameters.base_score or weight * prevalence / (weight * prevalence + 1 - prevalence),
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
    # Only `hist` can do with the quantiles, in a third of the memory.
    matrix_of = xgboost.QuantileDMatrix if parameters.tree_method == "hist" else xgboost.DMatrix
    try:
        matrix = matrix_of(
            rows.features, label=rows.labels, weight=rows.weights, missing=np.nan, nthread=parameters.threads
        )
    finally:
        raise_if_terminated()
    callback = Progress(parameters.trees, done)
    trees = xgboost.train(settings, matrix, num_boost_round=parameters.trees, callbacks=[callback])
    # Rows to score lie in the machine's memory, wherever the trees were grown.
    trees.set_param({"device": "cpu"})
    return trees


def check_device(parameters: Parameters) -> None:
    """Raises BadInput where `cuda` is asked for and XGBoost would quietly take the CPU."""
    if parameters.device == "cpu":
        return
    if parameters.tree_method != "hist":
        raise BadInput(f"tree_method {parameters.tree_method} runs on the CPU only: set device=cpu or tree_method=hist")
    if not xgboost.build_info()["USE_CUDA"]:
        raise BadInput(
            "device cuda needs the CUDA build of XGBoost, and the CPU build is installed: "
            "run `uv sync --project pipelines --no-group cpu --group cuda`, or set device=cpu"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        probe = xgboost.train({"device": "cuda"}, xgboost.DMatrix(np.zeros((2, 1), np.float32), label=[0, 1]), 0)
    if not json.loads(probe.save_config())["learner"]["generic_param"]["device"].startswith("cuda"):
        raise BadInput(
            "device cuda: no GPU can be seen (does `nvidia-smi -L` list one?); give it one, or set device=cpu"
        )


class Progress(xgboost.callback.TrainingCallback):
    """Tells after each tree."""

    def __init__(self, trees: int, done: Done) -> None:
        self.trees, self.done = trees, done

    def after_iteration(self, model: object, epoch: int, evals_log: object) -> bool:  # noqa: ARG002
        raise_if_terminated()
        self.done((epoch + 1) / self.trees)
        return False
