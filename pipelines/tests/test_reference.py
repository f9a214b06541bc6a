import numpy as np

from vigia.reference import histogram


def test_a_value_on_an_edge_counts_below_it() -> None:
    result = histogram(np.array([1, 1, 2, 3, np.nan], np.float32))
    assert result == {"edges": [1.0, 2.0], "counts": [2, 1, 1], "missing": 1}


def test_edges_are_values_that_occur_and_bins_hold_about_a_twentieth() -> None:
    values = np.random.default_rng(1).lognormal(size=10_000).astype(np.float32)
    result = histogram(values)
    assert set(np.array(result["edges"], np.float32)) <= set(values)
    assert sum(result["counts"]) == 10_000
    assert max(result["counts"]) <= 501


def test_a_constant_has_one_edge() -> None:
    assert histogram(np.full(7, 0.1, np.float32)) == {"edges": [float(np.float32(0.1))], "counts": [7, 0], "missing": 0}


def test_nothing_but_missing_has_no_edge() -> None:
    assert histogram(np.full(3, np.nan, np.float32)) == {"edges": [], "counts": [0], "missing": 3}
