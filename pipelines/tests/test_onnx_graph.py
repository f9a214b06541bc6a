"""The graph of trees does what XGBoost does, at the corners too; calibration and foreign graphs."""

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import helper

from vigia.calibration import Platt
from vigia.errors import BadInput, UnusableModel
from vigia.families.boosting import FittedTrees, train_trees
from vigia.onnx_graph import Scorer, calibrated, margin_graph
from vigia.packaging import check_parity
from vigia.parameters import Parameters
from vigia.rows import Rows
from vigia.self_test import split_values_of

FEATURES = 5
PLAIN = Platt(1.0, 0.0)


def some_rows(seed: int, count: int = 3_000) -> Rows:
    """Whole numbers, so that many values lie exactly on a split; a fifth is missing."""
    random = np.random.default_rng(seed)
    features = random.integers(-4, 5, (count, FEATURES)).astype(np.float32)
    log_odds = features[:, 0] - features[:, 1] * (features[:, 2] > 0) - 2
    features[random.random(features.shape) < 0.2] = np.nan
    labels = (random.random(count) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    return Rows(features, labels, np.full(count, 100.0), np.ones(count))


def trained(rows: Rows, parameters: Parameters) -> FittedTrees:
    return FittedTrees(train_trees(rows, parameters), FEATURES)


def scores(
    model: FittedTrees, features: NDArray[np.float32], platt: Platt = PLAIN
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return Scorer(calibrated(model.graph(), platt)).score(features)


@pytest.mark.parametrize(
    ("seed", "parameters"),
    [
        (1, Parameters(trees=1)),
        (2, Parameters(trees=80, depth=6, learning_rate=0.1)),
        (3, Parameters(trees=30, depth=1)),
        (4, Parameters(trees=30, tree_method="exact", base_score=0.5)),
    ],
)
def test_margins_are_those_of_xgboost(seed: int, parameters: Parameters) -> None:
    rows = some_rows(seed)
    model = trained(rows, parameters)
    limit = np.finfo(np.float32).max
    corners = np.array(
        [[np.nan] * FEATURES, [limit] * FEATURES, [-limit] * FEATURES, [0.0] * FEATURES, [-0.0] * FEATURES], np.float32
    )
    for sample in (rows.features, corners):
        probability, margin = scores(model, sample)
        np.testing.assert_allclose(margin, model.margins(sample), atol=1e-5)
        np.testing.assert_allclose(probability, model.trees.inplace_predict(sample), atol=1e-6)


def test_a_value_on_a_split_goes_right() -> None:
    model = trained(some_rows(4), Parameters(trees=40, depth=6, learning_rate=0.1))
    on_split = split_values_of(model.trees_json or b"", FEATURES)[None, :]
    both = np.concatenate([on_split, np.nextafter(on_split, np.float32(-np.inf))])
    _, margins = scores(model, both)
    np.testing.assert_allclose(margins, model.margins(both), atol=1e-5)
    assert margins[0] != margins[1]


def test_trees_without_a_split_answer_the_prevalence() -> None:
    rows = some_rows(5)
    flat = Rows(np.ones_like(rows.features), rows.labels, rows.amounts_cents, rows.weights)
    _, margin = scores(trained(flat, Parameters(trees=3)), flat.features[:2])
    prevalence = rows.labels.mean()
    # Each tree sees a part of the rows, so its one leaf is not quite 0.
    np.testing.assert_allclose(margin, np.log(prevalence / (1 - prevalence)), atol=0.01)


def test_calibration_is_inside_the_graph() -> None:
    rows = some_rows(6)
    model = trained(rows, Parameters(trees=10, fraud_weight=4.0))
    probability, margin = scores(model, rows.features, Platt(0.5, -1.25))
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(1.25 - 0.5 * margin)), atol=1e-6)


def test_any_graph_from_features_to_margin_is_taken_and_no_other() -> None:
    mean = helper.make_node("ReduceMean", ["features"], ["margin"], axes=[1], keepdims=1)
    scorer = Scorer(calibrated(margin_graph([mean], {}, FEATURES), Platt(2.0, 1.0)))
    probability, margin = scorer.score(np.array([[1, 2, 3, 4, 5]], np.float32))
    assert margin[0] == 3
    assert probability[0] == pytest.approx(1 / (1 + np.exp(-7)), abs=1e-6)
    other = margin_graph([mean], {}, FEATURES)
    other.graph.input[0].name = "rows"
    with pytest.raises(BadInput, match=r"the graph has \['rows'\] -> \['margin'\]"):
        calibrated(other, PLAIN)


def test_parity_above_the_limit_or_not_a_number_is_refused() -> None:
    margins = np.array([0.0, 1.0], np.float32)
    assert check_parity(margins, margins) == 0
    for off in (1.001, np.nan):
        with pytest.raises(UnusableModel, match="differs from the model's"):
            check_parity(margins, np.array([0.0, off], np.float32))
