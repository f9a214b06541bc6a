import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from test_measures import some_scores
from vigia.measures import Measures, Scored
from vigia.plots import POINTS, Curves, hold_out_plots
from vigia.thresholds import Costs, Thresholds

NAMES = {"calibration", "confusion-matrix", "cost", "importance", "precision-recall", "roc", "scores"}


def plots(scored: Scored, thresholds: Thresholds = Thresholds(0.2, 0.55)) -> dict[str, bytes]:  # noqa: B008
    confusion = Measures(scored, thresholds, Costs()).confusion()
    return hold_out_plots(scored, thresholds, Costs(), confusion, [("payer_count_1h", 0.7), ("amount", 0.3)])


def test_every_picture_is_a_small_png() -> None:
    made = plots(some_scores(1, rows=5_000))
    assert set(made) == {f"plots/{name}.png" for name in NAMES}
    for picture in made.values():
        assert picture.startswith(b"\x89PNG\r\n")
        assert len(picture) < 60_000


def test_the_same_rows_give_the_same_bytes_in_another_process() -> None:
    program = "from test_plots import *; print(digest_of_some())"
    elsewhere = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, cwd=Path(__file__).parent, text=True
    )
    assert elsewhere.stdout.strip() == digest_of_some()


def digest_of_some() -> str:
    return hashlib.sha256(b"".join(plots(some_scores(1)).values())).hexdigest()


def test_a_family_without_importances_has_no_picture_of_them() -> None:
    scored = some_scores(1)
    confusion = Measures(scored, Thresholds(0.2, 0.55), Costs()).confusion()
    made = hold_out_plots(scored, Thresholds(0.2, 0.55), Costs(), confusion, [])
    assert "plots/importance.png" not in made


@pytest.mark.parametrize(
    ("probabilities", "thresholds"),
    [
        ([0.5] * 4, Thresholds(0.4, 0.6)),
        ([0, 0, 0, 1], Thresholds(1, 1)),
        ([1, 0, 0, 0], Thresholds(0, 0)),
        ([0, 0, 0, 0], Thresholds(0.4, 0.6)),
    ],
)
def test_extreme_scores_can_be_drawn(probabilities: list[float], thresholds: Thresholds) -> None:
    scored = Scored(np.array(probabilities, np.float32), np.array([0, 0, 0, 1], np.int8), np.ones(4), np.ones(4))
    assert len(plots(scored, thresholds)) == len(NAMES)


def test_curves_are_thinned_and_keep_their_ends_and_their_area() -> None:
    scored = some_scores(1, rows=50_000)
    curves = Curves(scored)
    assert len(curves.true) <= POINTS + 1
    assert (curves.true[-1], curves.flagged[-1]) == (scored.labels.sum(), scored.weights.sum())
    area = np.trapezoid(curves.true / curves.true[-1], curves.false / curves.false[-1])
    assert area == pytest.approx(Measures(scored, Thresholds(0.2, 0.5), Costs())()["roc_auc"], abs=1e-3)
