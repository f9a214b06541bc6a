"""`self-test.json`: rows that a loader must score as the trainer did before it serves the bundle."""

import json

import numpy as np
from numpy.typing import NDArray

from vigia.onnx_graph import Scorer

CANDIDATES = 400
TYPICAL_ROWS = 20
HOLED_ROWS = 6
# Room for another order of summing 300 float32 leaves, for margins up to 20; a wrong branch moves them by far more.
TOLERANCE, ITS_MARGIN = 1e-4, 20.0


def self_test_of(
    scorer: Scorer,
    features: NDArray[np.float32],
    labels: NDArray[np.int8],
    trees_json: bytes | None,
    seed: int,
) -> dict[str, object]:
    """
    About 32 vectors with the graph's own answers, made from features [n, F] and labels [n].

    No payment is among them: every value of a vector comes from another row. They range over the scores, and hold
    missing values, nothing but missing values, the limits of each feature and of float32, and, for trees, values that
    lie exactly on a split, where < and <= part.
    """
    random = np.random.default_rng(seed)
    candidates = np.concatenate([mixed(features[labels == label], random) for label in (0, 1)])
    _, margins = scorer.score(candidates)
    by_margin = np.argsort(margins, kind="stable")
    typical = candidates[by_margin[np.linspace(0, len(candidates) - 1, TYPICAL_ROWS).astype(int)]]
    holed = typical[np.linspace(0, TYPICAL_ROWS - 1, HOLED_ROWS).astype(int)].copy()
    holed[random.random(holed.shape) < 0.4] = np.nan

    columns = features.shape[1]
    limit = np.finfo(np.float32).max
    special = np.stack(
        [
            np.full(columns, np.nan),
            np.zeros(columns),
            np.full(columns, limit),
            np.full(columns, -limit),
            np.fmin.reduce(features, axis=0),
            np.fmax.reduce(features, axis=0),
            *([] if trees_json is None else [split_values_of(trees_json, columns)]),
        ]
    ).astype(np.float32)
    vectors = np.concatenate([typical, holed, special])
    probabilities, margins = scorer.score(vectors)
    return {
        "vectors": [[None if np.isnan(value) else float(value) for value in row] for row in vectors],
        "probabilities": probabilities.astype(float).tolist(),
        "margins": margins.astype(float).tolist(),
        # Networks go far on absurd values, and float32 holds seven digits.
        "tolerance": TOLERANCE * max(1.0, float(np.ceil(np.abs(margins).max() / ITS_MARGIN))),
    }


def mixed(features: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Rows whose columns are drawn independently of each other."""
    rows = random.integers(0, len(features), size=(CANDIDATES // 2, features.shape[1]))
    return features[rows, np.arange(features.shape[1])]


def split_values_of(trees_json: bytes, columns: int) -> NDArray[np.float32]:
    """The first condition on each feature in XGBoost's JSON model; 0 where no tree asks for it."""
    values = np.zeros(columns, dtype=np.float32)
    asked = np.zeros(columns, dtype=bool)
    for tree in json.loads(trees_json)["learner"]["gradient_booster"]["model"]["trees"]:
        nodes = zip(tree["left_children"], tree["split_indices"], tree["split_conditions"], strict=True)
        for left, feature, condition in nodes:
            if left != -1 and not asked[feature]:
                values[feature], asked[feature] = condition, True
    return values
