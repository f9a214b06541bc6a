"""Families that Spark trains pass the suite of all families, and are exact to what Spark itself answers."""

from dataclasses import replace

import numpy as np
import pytest
from pyspark.sql import SparkSession

from lake_spark import spark
from test_families import (
    OTHERS,
    ROWS,
    test_graph_answers_what_the_model_does,
    test_importances_are_shares_of_what_tells,
    test_it_ranks_frauds_it_has_not_seen,
)
from vigia.calibration import Platt
from vigia.families import FAMILIES, Fitted
from vigia.families.spark import SPARK_FAMILIES, SparkFamily
from vigia.mllib.grid_search import drawn, points_of
from vigia.mllib.trees import not_above
from vigia.onnx_graph import Scorer, calibrated
from vigia.packaging import sigmoid
from vigia.parameters import Parameters, with_values

__all__ = [
    "spark",
    "test_graph_answers_what_the_model_does",
    "test_importances_are_shares_of_what_tells",
    "test_it_ranks_frauds_it_has_not_seen",
]

# The client of the JVM closes its sockets when they are collected.
pytestmark = [
    pytest.mark.pipelines,
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]
PARAMETERS = Parameters(trees=30, spark_trees=10, spark_depth=4)


@pytest.fixture(scope="module", params=list(SPARK_FAMILIES))
def fitted(request: pytest.FixtureRequest, spark: SparkSession) -> tuple[str, Fitted]:  # noqa: ARG001
    return request.param, FAMILIES[request.param].fit(ROWS, PARAMETERS, lambda _: None)


def test_probabilities_of_the_graph_are_those_of_spark(fitted: tuple[str, Fitted]) -> None:
    name, model = fitted
    _, margins = Scorer(calibrated(model.graph(), Platt(1.0, 0.0))).score(OTHERS.features)
    own = model.margins(OTHERS.features)
    assert np.abs(sigmoid(margins) - sigmoid(own)).max() < SPARK_FAMILIES[name].parity
    assert np.ptp(own) > 1


def test_only_xgboost_brings_trees_that_explain(fitted: tuple[str, Fitted]) -> None:
    name, model = fitted
    assert (model.trees_json is not None) == (name == "spark_xgboost")


@pytest.mark.parametrize("name", ["spark_logistic", "spark_forest"])
def test_a_fraud_of_more_weight_draws_the_margins_up(name: str, spark: SparkSession) -> None:  # noqa: ARG001
    heavy = FAMILIES[name].fit(ROWS, replace(PARAMETERS, spark_fraud_weight=5.0), lambda _: None)
    light = FAMILIES[name].fit(ROWS, PARAMETERS, lambda _: None)
    assert np.mean(heavy.margins(OTHERS.features)) > np.mean(light.margins(OTHERS.features)) + 0.5


def test_the_same_seed_gives_the_same_graph_on_one_core(spark: SparkSession) -> None:  # noqa: ARG001
    graphs = [FAMILIES["spark_forest"].fit(ROWS, PARAMETERS, lambda _: None).graph() for _ in range(2)]
    assert graphs[0].SerializeToString(deterministic=True) == graphs[1].SerializeToString(deterministic=True)


@pytest.mark.parametrize("family", SPARK_FAMILIES.values(), ids=lambda family: family.name)
def test_every_point_of_a_grid_fits_the_parameters(family: SparkFamily) -> None:
    points = points_of(family.learner.grid)
    assert len(points) >= 8
    for point in points:
        assert set(point) <= set(family.parameters)
        with_values(Parameters(), point)


def test_a_budget_below_the_grid_draws_points_by_the_seed() -> None:
    points = points_of(SPARK_FAMILIES["spark_gbt"].learner.grid)
    few = drawn(points, Parameters(tune_trials=5))
    assert len(few) == 4
    assert few == drawn(points, Parameters(tune_trials=5)) != drawn(points, Parameters(tune_trials=5, seed=1))
    assert drawn(points, Parameters(tune_trials=100)) == points


def test_what_is_given_is_not_drawn_again() -> None:
    points = points_of(SPARK_FAMILIES["spark_forest"].learner.grid)
    given = Parameters(spark_trees=50, spark_depth=8, tune_trials=100)
    assert len(drawn(points, given)) == len(points) - 1
    assert {"spark_trees": 50, "spark_depth": 8} not in drawn(points, given)


@pytest.mark.parametrize("threshold", [0.1, -0.1, 1 / 3, 1e6 + 0.03, -1.7014117331926443e38, 0.5])
def test_a_threshold_in_float32_parts_the_same_float32_values(threshold: float) -> None:
    found = not_above(threshold)
    assert float(found) <= threshold < float(np.nextafter(found, np.float32(np.inf)))


@pytest.mark.parametrize("family", SPARK_FAMILIES.values(), ids=lambda family: family.name)
def test_a_grid_turns_what_its_classifier_has(family: SparkFamily, spark: SparkSession) -> None:  # noqa: ARG001
    classifier = family.learner.pipeline(ROWS, PARAMETERS).getStages()[-1]
    for name, (param, _) in family.learner.grid.items():
        assert classifier.getOrDefault(classifier.getParam(param)) == getattr(PARAMETERS, name)
