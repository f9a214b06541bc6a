import numpy as np
import pytest

from vigia.calibration import fit_platt
from vigia.errors import UnusableModel


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.4, -3.0), (2.5, 1.0)])
def test_finds_the_slope_and_intercept_that_made_the_labels(slope: float, intercept: float) -> None:
    random = np.random.default_rng(5)
    margins = random.normal(-1, 2, 200_000).astype(np.float32)
    labels = (random.random(200_000) < 1 / (1 + np.exp(-(slope * margins + intercept)))).astype(np.int8)
    platt = fit_platt(margins, labels)
    assert platt.slope == pytest.approx(slope, rel=0.03)
    assert platt.intercept == pytest.approx(intercept, abs=0.05)


def test_mean_probability_is_the_prevalence_of_a_rare_class() -> None:
    random = np.random.default_rng(6)
    margins = random.normal(0, 1, 50_000).astype(np.float32)
    labels = (random.random(50_000) < 1 / (1 + np.exp(6 - margins))).astype(np.int8)
    platt = fit_platt(margins, labels)
    probability = 1 / (1 + np.exp(-(platt.slope * margins + platt.intercept)))
    # Smoothed targets add at most one fraud.
    assert probability.sum() == pytest.approx(labels.sum(), abs=1.01)


def test_stays_finite_where_the_classes_are_separable() -> None:
    margins = np.concatenate([np.full(1_000, -40), np.full(3, 40)]).astype(np.float32)
    platt = fit_platt(margins, (margins > 0).astype(np.int8))
    assert 0 < platt.slope < 1
    assert np.isfinite(platt.intercept)


def test_refuses_margins_that_rank_frauds_below_the_rest() -> None:
    margins = np.linspace(-3, 3, 1_000).astype(np.float32)
    with pytest.raises(UnusableModel, match="does not rank"):
        fit_platt(margins, (margins < -1).astype(np.int8))


def test_refuses_margins_that_are_all_the_same() -> None:
    with pytest.raises(UnusableModel, match="does not rank"):
        fit_platt(np.zeros(100, np.float32), (np.arange(100) < 5).astype(np.int8))


def test_numbers_are_exact_in_float32() -> None:
    margins = np.linspace(-3, 3, 999).astype(np.float32)
    platt = fit_platt(margins, (margins > 0.1).astype(np.int8))
    assert platt.slope == float(np.float32(platt.slope))
    assert platt.intercept == float(np.float32(platt.intercept))
