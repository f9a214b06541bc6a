"""Rows with weights give what the same payments give when each is a row of its own."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from vigia.calibration import fit_platt
from vigia.thresholds import Costs, choose_thresholds

RANDOM = np.random.default_rng(3)
ROWS = 400
LABELS = (np.arange(ROWS) % 8 == 0).astype(np.int8)
MARGINS = (RANDOM.normal(size=ROWS) + 2 * LABELS).astype(np.float32)
PROBABILITIES = (1 / (1 + np.exp(1.5 - MARGINS))).astype(np.float32)
AMOUNTS = RANDOM.integers(1, 500_000, ROWS).astype(np.float64)
WEIGHTS = np.where(LABELS == 1, 1.0, 3.0)
COSTS = Costs()


def each(column: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(column, WEIGHTS.astype(int))


def test_calibration() -> None:
    weighted, repeated = fit_platt(MARGINS, LABELS, WEIGHTS), fit_platt(each(MARGINS), each(LABELS))
    assert weighted.slope == pytest.approx(repeated.slope, rel=1e-6)
    assert weighted.intercept == pytest.approx(repeated.intercept, rel=1e-6)


def test_thresholds() -> None:
    weighted = choose_thresholds(PROBABILITIES, LABELS, AMOUNTS, COSTS, WEIGHTS)
    assert weighted == choose_thresholds(each(PROBABILITIES), each(LABELS), each(AMOUNTS), COSTS)
