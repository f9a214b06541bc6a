"""
What Spark can learn, each a Pipeline (missing values, assembler, classifier), and the fitted one as a graph of margins.

A missing value is the mean to logistic regression, and lower than all others to MLlib's trees, which so learn of it;
XGBoost has its own way with it.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, helper
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.classification import GBTClassifier, LogisticRegression, RandomForestClassifier
from pyspark.ml.feature import SQLTransformer, VectorAssembler
from pyspark.sql import DataFrame

from vigia.families.logistic import FittedLogistic
from vigia.families.scaling import FARTHEST, Scaling, fit_scaling
from vigia.families.tree_graph import tree_graph
from vigia.mllib.frames import LABEL, WEIGHT, column, vectors_of
from vigia.mllib.trees import ensemble, shares_of
from vigia.onnx_graph import margin_graph
from vigia.parameters import Parameters, Value
from vigia.rows import Rows

LOWEST = float(np.finfo(np.float32).min)
# A smaller share of fraud, or of the rest, counts as this one: its logarithm must have an end.
LEAST_SHARE = 1e-6
# Most candidates for the splits of one feature.
BINS = 64
MOST_ITERATIONS = 100
COLUMNS = {"labelCol": LABEL, "weightCol": WEIGHT}

# By name of a parameter of ours: the name of the classifier's Param, and the values that tuning tries.
Grid = dict[str, tuple[str, Sequence[Value]]]


class Learner(Protocol):
    """Stateless. `rows` are always those that a pipeline is fitted on."""

    grid: ClassVar[Grid]

    def pipeline(self, rows: Rows, parameters: Parameters) -> Pipeline:
        """Not fitted yet; the last stage is the classifier."""

    def margins(self, predictions: DataFrame) -> NDArray[np.float32]:
        """Log-odds [n] of what the fitted pipeline made of a DataFrame."""

    def graph(self, model: PipelineModel, rows: Rows) -> ModelProto:
        """`features` [n, F] -> `margin` [n, 1]."""

    def importances(self, model: PipelineModel, rows: Rows) -> NDArray[np.float64]:
        """Shares [F]."""

    def trees_json(self, model: PipelineModel) -> bytes | None:
        """XGBoost's own model, where there is one."""


class OnLogistic:
    """Logistic regression with an elastic net, on features scaled and bounded as the baseline's are."""

    grid: ClassVar[Grid] = {
        "spark_l2": ("regParam", (0.0, 1e-4, 1e-3, 1e-2)),
        "spark_l1_share": ("elasticNetParam", (0.0, 0.5)),
    }

    def pipeline(self, rows: Rows, parameters: Parameters) -> Pipeline:
        scaling = self.scaling_of(rows)
        classifier = LogisticRegression(
            regParam=parameters.spark_l2,
            elasticNetParam=parameters.spark_l1_share,
            maxIter=MOST_ITERATIONS,
            **COLUMNS,
        )
        names = [column(index) for index in range(len(scaling.mean))]
        scaled = [
            scaled_as(name, mean, scale) for name, mean, scale in zip(names, scaling.mean, scaling.scale, strict=True)
        ]
        return Pipeline(stages=[selecting(scaled), assembler(names), classifier])

    def margins(self, predictions: DataFrame) -> NDArray[np.float32]:
        return vectors_of(predictions, "rawPrediction")[:, 1].astype(np.float32)

    def graph(self, model: PipelineModel, rows: Rows) -> ModelProto:
        return self.in_numpy(model, rows).graph()

    def importances(self, model: PipelineModel, rows: Rows) -> NDArray[np.float64]:
        shares = self.in_numpy(model, rows).importances()
        assert shares is not None
        return shares

    def trees_json(self, model: PipelineModel) -> bytes | None:  # noqa: ARG002
        return None

    def in_numpy(self, model: PipelineModel, rows: Rows) -> FittedLogistic:
        classifier = model.stages[-1]
        slopes = classifier.coefficients.toArray().astype(np.float32)
        return FittedLogistic(self.scaling_of(rows), slopes, np.float32(classifier.intercept))

    def scaling_of(self, rows: Rows) -> Scaling:
        return fit_scaling(rows.features, rows.weights, logarithmic=False)


class OnTrees:
    """What forest and boosted trees of MLlib have in common."""

    def pipeline(self, rows: Rows, parameters: Parameters) -> Pipeline:
        names = [column(index) for index in range(rows.features.shape[1])]
        filled = [f"nanvl({name}, CAST({LOWEST!r}D AS FLOAT)) AS {name}" for name in names]
        return Pipeline(stages=[selecting(filled), assembler(names), self.classifier(parameters)])

    def classifier(self, parameters: Parameters) -> Any:  # noqa: ANN401
        raise NotImplementedError

    def importances(self, model: PipelineModel, rows: Rows) -> NDArray[np.float64]:  # noqa: ARG002
        found = model.stages[-1].featureImportances.toArray()
        return np.asarray(found / (found.sum() or 1.0), dtype=np.float64)

    def trees_json(self, model: PipelineModel) -> bytes | None:  # noqa: ARG002
        return None


class OnForest(OnTrees):
    """Random forest: the share of fraud in a row's leaves, as log-odds."""

    grid: ClassVar[Grid] = {"spark_trees": ("numTrees", (50, 100)), "spark_depth": ("maxDepth", (4, 6, 8, 10))}

    def classifier(self, parameters: Parameters) -> RandomForestClassifier:
        return RandomForestClassifier(
            numTrees=parameters.spark_trees,
            maxDepth=parameters.spark_depth,
            subsamplingRate=parameters.spark_row_share,
            maxBins=BINS,
            seed=parameters.seed,
            **COLUMNS,
        )

    def margins(self, predictions: DataFrame) -> NDArray[np.float32]:
        shares = np.log(np.maximum(vectors_of(predictions, "probability"), LEAST_SHARE))
        return (shares[:, 1] - shares[:, 0]).astype(np.float32)

    def graph(self, model: PipelineModel, rows: Rows) -> ModelProto:
        """Both shares are added up: the logarithm of 1 - share would lose what float32 has of a large one."""
        trees = list(model.stages[-1]._java_obj.trees())
        roots = [tree.rootNode() for tree in trees]
        nodes = [
            ensemble(roots, lambda _, leaf: shares_of(leaf, len(trees)), 2, "shares"),
            helper.make_node("Max", ["shares", "least_share"], ["bounded_shares"]),
            helper.make_node("Log", ["bounded_shares"], ["log_shares"]),
            helper.make_node("MatMul", ["log_shares", "fraud_less_genuine"], ["margin"]),
        ]
        constants = {
            "least_share": np.array(LEAST_SHARE, np.float32),
            "fraud_less_genuine": np.array([[-1], [1]], np.float32),
        }
        return margin_graph(nodes, constants, rows.features.shape[1])


class OnBoosting(OnTrees):
    """Gradient-boosted trees with logistic loss: MLlib's margin is half of the log-odds (Friedman 1999, TreeBoost)."""

    grid: ClassVar[Grid] = {
        "spark_trees": ("maxIter", (20, 50, 100)),
        "spark_depth": ("maxDepth", (3, 5)),
        "spark_learning_rate": ("stepSize", (0.05, 0.1)),
    }

    def classifier(self, parameters: Parameters) -> GBTClassifier:
        return GBTClassifier(
            maxIter=parameters.spark_trees,
            maxDepth=parameters.spark_depth,
            stepSize=parameters.spark_learning_rate,
            subsamplingRate=parameters.spark_row_share,
            maxBins=BINS,
            seed=parameters.seed,
            **COLUMNS,
        )

    def margins(self, predictions: DataFrame) -> NDArray[np.float32]:
        return (2 * vectors_of(predictions, "rawPrediction")[:, 1]).astype(np.float32)

    def graph(self, model: PipelineModel, rows: Rows) -> ModelProto:
        java = model.stages[-1]._java_obj
        roots = [tree.rootNode() for tree in java.trees()]
        factors = [2 * weight for weight in java.treeWeights()]
        node = ensemble(roots, lambda tree, leaf: [factors[tree] * leaf.prediction()], 1, "margin")
        return margin_graph([node], {}, rows.features.shape[1])


class OnXgboost:
    """XGBoost, with Spark to hold the rows: the parameters of `xgboost`, and its trees."""

    grid: ClassVar[Grid] = {
        "trees": ("n_estimators", (100, 300)),
        "depth": ("max_depth", (3, 4, 6)),
        "learning_rate": ("learning_rate", (0.03, 0.1)),
    }

    def pipeline(self, rows: Rows, parameters: Parameters) -> Pipeline:
        from xgboost.spark import SparkXGBClassifier

        p = parameters
        total = rows.weights * np.where(rows.labels == 1, p.fraud_weight, 1.0)
        classifier = SparkXGBClassifier(
            features_col=[column(index) for index in range(rows.features.shape[1])],
            label_col=LABEL,
            weight_col=WEIGHT,
            n_estimators=p.trees,
            max_depth=p.depth,
            learning_rate=p.learning_rate,
            subsample=p.row_share,
            colsample_bytree=p.column_share,
            min_child_weight=p.least_child_weight,
            reg_lambda=p.l2,
            tree_method=p.tree_method,
            base_score=p.base_score or float(np.average(rows.labels, weights=total)),
            random_state=p.seed,
            device=p.device,
            num_workers=1,
            verbosity=1,
            verbose=False,
        )
        return Pipeline(stages=[classifier])

    def margins(self, predictions: DataFrame) -> NDArray[np.float32]:
        return vectors_of(predictions, "rawPrediction")[:, 1].astype(np.float32)

    def graph(self, model: PipelineModel, rows: Rows) -> ModelProto:
        return tree_graph(self.trees_json(model), rows.features.shape[1])

    def importances(self, model: PipelineModel, rows: Rows) -> NDArray[np.float64]:
        gains = model.stages[-1].get_booster().get_score(importance_type="total_gain")
        found = np.array([float(gains.get(column(index), 0.0)) for index in range(rows.features.shape[1])])
        return found / (found.sum() or 1.0)

    def trees_json(self, model: PipelineModel) -> bytes:
        return bytes(model.stages[-1].get_booster().save_raw("json"))


LEARNERS: dict[str, Learner] = {
    "spark_logistic": OnLogistic(),
    "spark_forest": OnForest(),
    "spark_gbt": OnBoosting(),
    "spark_xgboost": OnXgboost(),
}


def selecting(columns: Sequence[str]) -> SQLTransformer:
    """Label and weight are there in training only."""
    kept = f"* EXCEPT ({', '.join(each.rsplit(' AS ', 1)[1] for each in columns)})"
    return SQLTransformer(statement=f"SELECT {kept}, {', '.join(columns)} FROM __THIS__")


def assembler(names: Sequence[str]) -> VectorAssembler:
    return VectorAssembler(inputCols=list(names), outputCol="features")


def scaled_as(name: str, mean: np.float32, scale: np.float32) -> str:
    """vigia.families.scaling, in double."""
    deviations = f"(nanvl(double({name}), {float(mean)!r}D) - {float(mean)!r}D) * {float(scale)!r}D"
    return f"greatest(least({deviations}, {FARTHEST}D), -{FARTHEST}D) AS {name}"
