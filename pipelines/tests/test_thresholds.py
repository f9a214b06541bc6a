import numpy as np
import pytest
from numpy.typing import NDArray

from vigia.thresholds import Costs, Thresholds, choose_thresholds

COSTS = Costs(review_cents=1_200, false_reject_cents=3_000, friction=0.01)

Rows = tuple[NDArray[np.float32], NDArray[np.int8], NDArray[np.float64]]


def random_rows(seed: int) -> Rows:
    """Few different probabilities, so that many are equal."""
    random = np.random.default_rng(seed)
    count = int(random.integers(1, 30))
    probabilities = (random.integers(1, 9, count) / 10).astype(np.float32)
    labels = (random.random(count) < probabilities).astype(np.int8)
    return probabilities, labels, np.round(random.lognormal(8, 2, count))


def cost_of(rows: Rows, thresholds: Thresholds) -> float:
    total = 0.0
    for probability, fraud, amount in zip(*rows, strict=True):
        if probability > thresholds.reject:
            total += 0 if fraud else COSTS.false_reject_cents + COSTS.friction * amount
        elif probability > thresholds.review:
            total += COSTS.review_cents
        else:
            total += amount if fraud else 0
    return total


@pytest.mark.parametrize("seed", range(40))
def test_no_other_pair_of_thresholds_is_cheaper(seed: int) -> None:
    rows = random_rows(seed)
    chosen = choose_thresholds(*rows, COSTS)
    candidates = np.arange(0, 1.01, 0.05)
    least = min(cost_of(rows, Thresholds(low, high)) for low in candidates for high in candidates if low <= high)
    assert chosen.review <= chosen.reject
    assert cost_of(rows, chosen) == pytest.approx(least)


def test_nothing_is_stopped_when_no_fraud_is_worth_a_review() -> None:
    probabilities = np.array([0.1, 0.9], np.float32)
    chosen = choose_thresholds(
        probabilities, np.array([0, 1], np.int8), np.array([5_000.0, 100.0]), Costs(1_200, 3_000)
    )
    assert chosen.review == pytest.approx(0.5)
    chosen = choose_thresholds(
        probabilities, np.array([1, 0], np.int8), np.array([100.0, 5_000.0]), Costs(1_200, 3_000)
    )
    assert chosen == Thresholds(review=1.0, reject=1.0)
