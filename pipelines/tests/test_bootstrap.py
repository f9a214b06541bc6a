from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from vigia.bootstrap import TIMES_DRAWN, interval, interval_of_biased, resampled
from vigia.measures import Measures, Scored
from vigia.thresholds import Costs, Thresholds

DISTANCE = 1.5
ROWS = 400


def test_rows_are_drawn_as_poisson_of_mean_1_says() -> None:
    shares = np.bincount(TIMES_DRAWN) / len(TIMES_DRAWN)
    poisson = np.exp(-1) / np.array([1, 1, 2, 6, 24, 120, 720])
    np.testing.assert_allclose(shares[:7], poisson, atol=2e-5)
    assert TIMES_DRAWN.mean() == pytest.approx(1, abs=1e-4)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    first, again, other = (np.stack(list(resampled(500, seed, 3))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert (first[0] != first[1]).any()


def test_an_interval_holds_the_middle_95_percent_and_passes_over_what_could_not_be_measured() -> None:
    values = np.append(np.arange(1001.0), np.nan)
    assert interval(values) == pytest.approx((25, 975))
    assert interval(np.array([np.nan])) is None


def test_intervals_cover_the_truth_about_95_times_in_100() -> None:
    """Two normal classes, whose true ROC AUC is known. A half as wide interval would cover it 67 times."""
    truth = NormalDist().cdf(DISTANCE / np.sqrt(2))
    intervals = np.array([interval_of_auc(np.random.default_rng(world)) for world in range(120)])
    assert 0.89 <= coverage(intervals, truth) <= 0.99
    middle = intervals.mean(axis=1, keepdims=True)
    assert coverage(middle + (intervals - middle) / 2, truth) < 0.85


def interval_of_auc(random: np.random.Generator) -> tuple[float, float]:
    labels = (np.arange(ROWS) % 8 == 0).astype(np.int8)
    margins = random.normal(size=ROWS) + DISTANCE * labels
    scored = Scored((1 / (1 + np.exp(2 - margins))).astype(np.float32), labels, np.ones(ROWS), np.ones(ROWS))
    measures = Measures(scored, Thresholds(0.2, 0.6), Costs())
    ends = interval(np.array([measures(drawn)["roc_auc"] for drawn in resampled(ROWS, 1, 150)]))
    assert ends is not None
    return ends


def coverage(intervals: NDArray[np.float64], truth: float) -> float:
    return float(((intervals[:, 0] <= truth) & (truth <= intervals[:, 1])).mean())


def test_the_basic_interval_lies_below_what_chance_makes_greater() -> None:
    """The sample's error of 3 is made of 2 and of 1 by chance; a resample adds another 1."""
    drawn = 4 + 0.1 * np.random.default_rng(1).normal(size=4_000)
    low, high = interval_of_biased(3.0, drawn) or (0.0, 0.0)
    assert low < 2 < high
    assert (low, high) == pytest.approx((2 - 0.196, 2 + 0.196), abs=0.02)
    assert interval_of_biased(0.1, drawn) == (0, 0)
