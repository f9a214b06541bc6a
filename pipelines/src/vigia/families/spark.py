"""
`spark_*`: families that Spark trains, on the machine or the cluster of its session (vigia.mllib).

Spark is a dependency group of its own: it is imported where one of these is trained, and nowhere before.
"""

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from vigia.errors import BadInput
from vigia.families.boosting import Boosting
from vigia.families.family import Done, weight_told
from vigia.parameters import Parameters, Value
from vigia.rows import Rows

if TYPE_CHECKING:
    import optuna

    from vigia.mllib.learners import Learner

# `local[N]`: N cores of this machine. Others: a cluster whose executors can reach this process, as Spark's own settings
# (SPARK_CONF_DIR) make it. No `sc://`: the trees of a model can't be read through Spark Connect.
MASTERS = r"local\[[1-9][0-9]{0,2}\]|spark://\S+|k8s://\S+|yarn"

FOREST = ("spark_trees", "spark_depth", "spark_row_share", "spark_fraud_weight")


@dataclass
class SparkFamily:
    """
    A family that Spark trains. Rows come from the process that asks: a training set whose genuine payments are sampled
    fits there, and calibration and measures read it there anyway.
    """

    name: str
    method: str
    parameters: tuple[str, ...]
    fraud_weight: str = "spark_fraud_weight"
    # Largest distance between the graph's probability and Spark's, before calibration.
    parity: float = 1e-6

    def check(self, parameters: Parameters) -> None:
        """Raises BadInput where Spark is not installed, or a budget in minutes is asked for."""
        if parameters.tune_minutes:
            raise BadInput(
                f"tune_minutes: {self.name} is tuned by a grid, not by the clock: "
                "set tune_trials, the number of points to try"
            )
        if find_spec("pyspark") is None:
            raise BadInput(
                f"family {self.name} needs Spark, which is not installed: "
                "run `uv sync --project pipelines --group spark`, or choose another family"
            )

    @property
    def learner(self) -> "Learner":
        from vigia.mllib.learners import LEARNERS

        return LEARNERS[self.name]

    def fit(self, rows: Rows, parameters: Parameters, done: Done) -> "FittedOnSpark":
        """On the active session. With one core the same seed gives the same model; with more the last digits differ."""
        learner = self.learner
        from vigia.mllib.frames import frame_of_rows
        from vigia.mllib.session import active_spark

        frame = frame_of_rows(active_spark(), rows, self.fraud_weight_of(parameters)).cache()
        try:
            model = learner.pipeline(rows, parameters).fit(frame)
        finally:
            frame.unpersist()
        done(1.0)
        return FittedOnSpark(learner, model, rows)

    def fraud_weight_of(self, parameters: Parameters) -> float:
        return float(getattr(parameters, self.fraud_weight))

    def suggest(self, trial: "optuna.Trial") -> dict[str, Value]:
        """A point of the same grid that `vigia.mllib.grid_search` goes through."""
        chosen: dict[str, Value] = {}
        for name, (_, values) in self.learner.grid.items():
            value = trial.suggest_categorical(name, values)
            assert value is not None
            chosen[name] = value
        return chosen

    def describe(self, parameters: Parameters) -> str:
        values = ", ".join(f"{name} {getattr(parameters, name):g}" for name in self.learner.grid)
        return f"{self.method} Trained by Spark: {values}. {weight_told(self.fraud_weight_of(parameters))}"


@dataclass
class FittedOnSpark:
    """`model` is a PipelineModel, fitted on `rows`."""

    learner: "Learner"
    model: Any
    rows: Rows

    @cached_property
    def trees_json(self) -> bytes | None:
        return self.learner.trees_json(self.model)

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """By Spark's own `transform`."""
        from vigia.mllib.frames import frame_of_features
        from vigia.mllib.session import active_spark

        return self.learner.margins(self.model.transform(frame_of_features(active_spark(), features)))

    def graph(self) -> ModelProto:
        return self._graph

    @cached_property
    def _graph(self) -> ModelProto:
        return self.learner.graph(self.model, self.rows)

    def importances(self) -> NDArray[np.float64] | None:
        return self.learner.importances(self.model, self.rows)


MEAN = "A missing value counts as the mean of its feature."
LOWER = "A missing value is below all others to it."

SPARK_FAMILIES: dict[str, SparkFamily] = {
    each.name: each
    for each in (
        SparkFamily(
            "spark_logistic",
            f"Logistic regression of MLlib. {MEAN}",
            ("spark_l2", "spark_l1_share", "spark_fraud_weight"),
        ),
        SparkFamily("spark_forest", f"Random forest of MLlib. {LOWER}", FOREST),
        SparkFamily("spark_gbt", f"Gradient-boosted trees of MLlib. {LOWER}", (*FOREST, "spark_learning_rate")),
        SparkFamily(
            "spark_xgboost",
            "XGBoost. A missing value goes the way that each split learnt for it.",
            Boosting.parameters,
            "fraud_weight",
            # It adds up margins in float32 as the graph does, but in another order.
            parity=1e-5,
        ),
    )
}
