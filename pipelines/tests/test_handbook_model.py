"""Models on ratios of the handbook's features: what trains them, and that one graph answers as they do."""

import numpy as np
from numpy.typing import NDArray

from vigia.calibration import Platt
from vigia.handbook_model import DERIVED, FEATURES, Member, Recipe, with_ratios
from vigia.onnx_graph import Scorer, calibrated
from vigia.parameters import Value
from vigia.rows import Rows

TREES: dict[str, Value] = {
    "trees": 12,
    "depth": 3,
    "learning_rate": 0.3,
    "tree_method": "exact",
    "least_child_weight": 0.1,
}
NETWORK: dict[str, Value] = {"neural_units": 8, "neural_layers": 1, "neural_epochs": 3}


def rows_of_world(seed: int, further: int = 0, rows: int = 1_500) -> Rows:
    random = np.random.default_rng(seed)
    features = random.gamma(2.0, 20.0, (rows, len(FEATURES) + further)).astype(np.float32)
    shares = [column for column, name in enumerate(FEATURES) if "RISK" in name]
    features[:, shares] = random.random((rows, len(shares)))
    # 0 / 0 and x / 0.
    features[:40, :9] = 0
    features[40:60, 4:9] = 0
    labels = (random.random(rows) < np.where(features[:, 0] > 2 * features[:, 8], 0.5, 0.02)).astype(np.int8)
    return Rows(features, labels, features[:, 0].astype(np.float64) * 100, np.ones(rows))


def column(features: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    return features[:, FEATURES.index(name)]


def test_ratios_are_of_amounts_to_what_is_usual_and_counts_of_known_frauds() -> None:
    features = rows_of_world(1).features[100:]
    wide = with_ratios(features)
    assert wide.shape == (len(features), len(FEATURES) + DERIVED)
    assert (wide[:, : len(FEATURES)] == features).all()
    usual = column(features, "CUSTOMER_ID_AVG_AMOUNT_30DAY_WINDOW")
    assert (wide[:, len(FEATURES)] == column(features, "TX_AMOUNT") / (usual + np.float32(0.01))).all()
    known = column(features, "TERMINAL_ID_NB_TX_30DAY_WINDOW") * column(features, "TERMINAL_ID_RISK_30DAY_WINDOW")
    assert (wide[:, -1] == known).all()


def test_one_graph_answers_as_the_bagged_blend_does() -> None:
    recipe = Recipe(
        "blend",
        (
            Member("xgboost", TREES, ratios=True, bags=2, genuine_share=0.5),
            Member("xgboost", TREES),
            Member("neural", NETWORK),
        ),
        weights=(0.5, 0.3, 0.2),
    )
    for further in (0, 3):
        rows = rows_of_world(2, further)
        fitted = recipe.fit(rows)
        unseen = rows_of_world(3, further).features
        graph = calibrated(fitted.graph(), Platt(slope=1.0, intercept=0.0))
        probability, margin = Scorer(graph).score(unseen)
        own = fitted.margins(unseen)
        assert own.std() > 0.1
        np.testing.assert_allclose(margin, own, atol=2e-5)
        np.testing.assert_allclose(probability, 1 / (1 + np.exp(-own.astype(np.float64))), atol=1e-5)


def test_a_bag_keeps_every_fraud_and_its_weights_stand_for_all() -> None:
    rows = rows_of_world(4)
    member = Member("xgboost", TREES, bags=2, genuine_share=0.25)
    bags = [member.bag_of(rows, seed) for seed in (0, 1)]
    for bag in bags:
        assert bag.labels.sum() == rows.labels.sum()
        # A share of an odd number is rounded to whole rows.
        assert abs(bag.weights.sum() - len(rows.labels)) <= 4
        assert set(bag.weights[bag.labels == 1]) == {1}
    assert not np.array_equal(bags[0].features, bags[1].features)
    balanced = Member("xgboost", TREES, genuine_share=0.25, balanced=True).bag_of(rows, 0)
    assert (balanced.weights == 1).all()
    assert len(balanced.labels) == len(bags[0].labels)
    assert Member("xgboost", TREES).bag_of(rows, 0) is rows


def test_members_weigh_as_said_whatever_their_scale() -> None:
    rows = rows_of_world(5)
    flat = Member("xgboost", {**TREES, "learning_rate": 0.01})
    steep = Member("xgboost", TREES)
    blend = Recipe("two", (flat, steep), (0.5, 0.5)).fit(rows)
    alone = [Recipe("one", (member,)).fit(rows).margins(rows.features) for member in (flat, steep)]
    for margins in alone:
        assert abs(margins.std() - 1) < 1e-3
        assert abs(margins.mean()) < 1e-3
    np.testing.assert_allclose(blend.margins(rows.features), (alone[0] + alone[1]) / 2, atol=1e-4)
