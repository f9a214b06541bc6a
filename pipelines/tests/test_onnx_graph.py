"""The graph does what XGBoost does, at the corners too."""

import numpy as np
import pytest
from numpy.typing import NDArray

from vigia.boosting import Parameters, margins_of, train_trees
from vigia.calibration import Platt
from vigia.errors import UnusableModel
from vigia.onnx_graph import Scorer, build_graph
from vigia.self_test import split_values_of
from vigia.training import check_parity

FEATURES = 5


def rows(seed: int, count: int = 3_000) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Whole numbers, so that many values lie exactly on a split; a fifth is missing."""
    random = np.random.default_rng(seed)
    features = random.integers(-4, 5, (count, FEATURES)).astype(np.float32)
    log_odds = features[:, 0] - features[:, 1] * (features[:, 2] > 0) - 2
    features[random.random(features.shape) < 0.2] = np.nan
    return features, (random.random(count) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)


@pytest.mark.parametrize(
    ("seed", "parameters"), [(1, Parameters(trees=1)), (2, Parameters(trees=80)), (3, Parameters(trees=30, depth=1))]
)
def test_margins_are_those_of_xgboost(seed: int, parameters: Parameters) -> None:
    features, labels = rows(seed)
    trees = train_trees(features, labels, parameters)
    scorer = Scorer(build_graph(bytes(trees.save_raw("json")), FEATURES, Platt(1.0, 0.0)))
    limit = np.finfo(np.float32).max
    corners = np.array(
        [[np.nan] * FEATURES, [limit] * FEATURES, [-limit] * FEATURES, [0.0] * FEATURES, [-0.0] * FEATURES], np.float32
    )
    for sample in (features, corners):
        probability, margin = scorer.score(sample)
        np.testing.assert_allclose(margin, margins_of(trees, sample), atol=1e-5)
        np.testing.assert_allclose(probability, trees.inplace_predict(sample), atol=1e-6)


def test_a_value_on_a_split_goes_right() -> None:
    features, labels = rows(4)
    trees = train_trees(features, labels, Parameters(trees=40))
    trees_json = bytes(trees.save_raw("json"))
    on_split = split_values_of(trees_json, FEATURES)[None, :]
    below = np.nextafter(on_split, np.float32(-np.inf))
    _, margins = Scorer(build_graph(trees_json, FEATURES, Platt(1.0, 0.0))).score(np.concatenate([on_split, below]))
    np.testing.assert_allclose(margins, margins_of(trees, np.concatenate([on_split, below])), atol=1e-5)
    assert margins[0] != margins[1]


def test_trees_without_a_split_answer_the_prevalence() -> None:
    features, labels = rows(5)
    trees = train_trees(np.ones_like(features), labels, Parameters(trees=3))
    _, margin = Scorer(build_graph(bytes(trees.save_raw("json")), FEATURES, Platt(1.0, 0.0))).score(features[:2])
    prevalence = labels.mean()
    # Each tree sees a part of the rows, so its one leaf is not quite 0.
    np.testing.assert_allclose(margin, np.log(prevalence / (1 - prevalence)), atol=0.01)


def test_calibration_is_inside_the_graph() -> None:
    features, labels = rows(6)
    trees = train_trees(features, labels, Parameters(trees=10, fraud_weight=4.0))
    probability, margin = Scorer(build_graph(bytes(trees.save_raw("json")), FEATURES, Platt(0.5, -1.25))).score(
        features
    )
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(1.25 - 0.5 * margin)), atol=1e-6)


def test_parity_above_the_limit_or_not_a_number_is_refused() -> None:
    margins = np.array([0.0, 1.0], np.float32)
    assert check_parity(margins, margins) == 0
    for off in (1.001, np.nan):
        with pytest.raises(UnusableModel, match="differs from XGBoost's"):
            check_parity(margins, np.array([0.0, off], np.float32))
