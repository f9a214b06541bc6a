import numpy as np
from numpy.typing import NDArray

from vigia.reference import Histogram, categories, histogram


def unweighted(values: NDArray[np.float32]) -> Histogram:
    return histogram(values, np.ones(len(values)))


def test_a_value_on_an_edge_counts_below_it() -> None:
    result = unweighted(np.array([1, 1, 2, 3, np.nan], np.float32))
    assert result == {"edges": [1.0, 2.0], "counts": [2, 1, 1], "missing": 1}


def test_edges_are_values_that_occur_and_bins_hold_about_a_twentieth() -> None:
    values = np.random.default_rng(1).lognormal(size=10_000).astype(np.float32)
    result = unweighted(values)
    assert set(np.array(result["edges"], np.float32)) <= set(values)
    assert sum(result["counts"]) == 10_000
    assert max(result["counts"]) <= 501


def test_a_constant_has_one_edge() -> None:
    expected = {"edges": [float(np.float32(0.1))], "counts": [7, 0], "missing": 0}
    assert unweighted(np.full(7, 0.1, np.float32)) == expected


def test_nothing_but_missing_has_no_edge() -> None:
    assert unweighted(np.full(3, np.nan, np.float32)) == {"edges": [], "counts": [0], "missing": 3}


def test_every_weight_alike_is_none() -> None:
    values = np.random.default_rng(2).normal(size=1_000).astype(np.float32)
    values[::5] = np.nan
    assert histogram(values, np.full(1_000, 4.0)) == unweighted(values)


def test_of_sampled_genuine_rows_shares_and_edges_are_those_of_all_payments() -> None:
    rng = np.random.default_rng(3)
    frauds, genuine = rng.normal(3, 1, 2_000), rng.normal(0, 1, 98_000)
    genuine[:9_800] = np.nan
    kept = rng.random(98_000) < 0.05
    rows = np.concatenate([frauds, genuine[kept]]).astype(np.float32)
    weights = np.concatenate([np.ones(2_000), np.full(int(kept.sum()), 20.0)])
    of_all = unweighted(np.concatenate([frauds, genuine]).astype(np.float32))
    sampled, ignoring = histogram(rows, weights), unweighted(rows)
    effective = weights.sum() ** 2 / np.square(weights).sum()
    total = sum(sampled["counts"]) + sampled["missing"]
    assert abs(total - effective) <= len(sampled["counts"])
    assert abs(sampled["missing"] / total - 0.098) < 0.01
    # The medians of all payments, of the sample as it stands for them, and of the sample's rows as they are.
    middle = 11
    assert abs(sampled["edges"][middle] - of_all["edges"][middle]) < 0.05
    assert ignoring["edges"][middle] - of_all["edges"][middle] > 0.3


def test_categories_are_the_values_that_occur() -> None:
    assert categories(np.array([1, 0, np.nan, 1], np.float32)) == [0.0, 1.0]
    assert categories(np.array([0, 0.5], np.float32)) is None
    assert categories(np.arange(9, dtype=np.float32)) is None
    assert categories(np.full(3, np.nan, np.float32)) is None
