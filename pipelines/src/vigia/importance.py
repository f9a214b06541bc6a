"""What a model relies on, where its family does not say: by shuffling one feature at a time."""

import numpy as np
from numpy.typing import NDArray

from vigia.evaluation import ranking_metrics
from vigia.onnx_graph import Scorer
from vigia.rows import Rows

# All frauds and this many others tell enough.
MOST_GENUINE = 20_000


def permutation_importances(scorer: Scorer, rows: Rows, seed: int) -> NDArray[np.float64]:
    """
    Shares [F], of sum 1 or all 0: how much average precision is lost on `rows` when the feature's values change places.
    Features that tell the same share what they are worth (Breiman 2001, section 10).
    """
    random = np.random.default_rng(seed)
    genuine = np.flatnonzero(rows.labels == 0)
    if len(genuine) > MOST_GENUINE:
        genuine = random.choice(genuine, MOST_GENUINE, replace=False)
    chosen = np.sort(np.concatenate([np.flatnonzero(rows.labels == 1), genuine]))
    features, labels, weights = rows.features[chosen].copy(), rows.labels[chosen], rows.weights[chosen]

    def average_precision() -> float:
        return ranking_metrics(labels, scorer.score(features)[1], weights)["average_precision"]

    whole = average_precision()
    losses = np.zeros(features.shape[1])
    for column in range(features.shape[1]):
        kept = features[:, column].copy()
        features[:, column] = random.permutation(kept)
        losses[column] = max(0.0, whole - average_precision())
        features[:, column] = kept
    return losses / (losses.sum() or 1.0)


def ranked(importances: NDArray[np.float64], names: list[str]) -> list[tuple[str, float]]:
    """Features with their shares, greatest first; those of no share are left out."""
    shares = [(name, round(float(share), 6)) for name, share in zip(names, importances, strict=True) if share > 0]
    return sorted(shares, key=lambda each: (-each[1], each[0]))
