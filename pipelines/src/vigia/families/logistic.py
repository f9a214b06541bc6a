"""`logistic`: the baseline that every other family must beat."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from vigia.families.family import Done, weight_told
from vigia.families.scaling import Scaling, fit_scaling
from vigia.onnx_graph import margin_graph
from vigia.parameters import Parameters, Value
from vigia.rows import Rows

if TYPE_CHECKING:
    import optuna

MOST_ITERATIONS = 200


class Logistic:
    name = "logistic"
    parameters: tuple[str, ...] = ("logistic_c", "logistic_fraud_weight")

    def fit(self, rows: Rows, parameters: Parameters, done: Done) -> "FittedLogistic":
        """It need not converge: its last iteration counts. One thread, whose sums have one order."""
        scaling = fit_scaling(rows.features, rows.weights, logarithmic=False)
        weights = rows.weights * np.where(rows.labels == 1, parameters.logistic_fraud_weight, 1.0)
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = LogisticRegression(C=parameters.logistic_c, max_iter=MOST_ITERATIONS)
            model.fit(scaling.apply(rows.features), rows.labels, sample_weight=weights)
        done(1.0)
        return FittedLogistic(scaling, model.coef_[0].astype(np.float32), np.float32(model.intercept_[0]))

    def suggest(self, trial: "optuna.Trial") -> dict[str, Value]:
        return {
            "logistic_c": trial.suggest_float("logistic_c", 1e-4, 1e2, log=True),
            "logistic_fraud_weight": trial.suggest_float("logistic_fraud_weight", 1.0, 30.0, log=True),
        }

    def describe(self, parameters: Parameters) -> str:
        return (
            f"Logistic regression on standardised features, L2 penalty 1 / {parameters.logistic_c:g}. "
            "A missing value counts as the mean of its feature. "
            f"{weight_told(parameters.logistic_fraud_weight)}"
        )


@dataclass(frozen=True, slots=True)
class FittedLogistic:
    """`slopes` is [F], per deviation of each feature."""

    scaling: Scaling
    slopes: NDArray[np.float32]
    intercept: np.float32
    trees_json: bytes | None = None

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(self.scaling.apply(features) @ self.slopes + self.intercept, dtype=np.float32)

    def graph(self) -> ModelProto:
        nodes, constants = self.scaling.nodes("scaled")
        nodes.append(helper.make_node("Gemm", ["scaled", "slopes", "intercept"], ["margin"]))
        constants |= {"slopes": self.slopes[:, None], "intercept": np.array([self.intercept], np.float32)}
        return margin_graph(nodes, constants, len(self.slopes))

    def importances(self) -> NDArray[np.float64] | None:
        sizes = np.abs(self.slopes.astype(np.float64))
        return sizes / (sizes.sum() or 1.0)
