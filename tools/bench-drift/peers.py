"""
The tests of Evidently over columns that were written beforehand, and NannyML's performance without labels.

    python peers.py DIRECTORY

reads `layout.json`, `reference.f32` and `current.f32` (column after column) and `probabilities.f64` there; its last
line is one JSON object. Reading is not timed, and the stat tests are called without a report around them, which favours
them.
"""

import json
import pathlib
import sys
import time
import warnings
from typing import Any

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

import nannyml  # noqa: E402
from evidently.legacy.calculations import stattests  # noqa: E402
from evidently.legacy.core import ColumnType  # noqa: E402
from nannyml.calibration import NoopCalibrator  # noqa: E402

NUMBERS = {
    "kolmogorov_smirnov": stattests.ks_stat_test,
    "cramer_von_mises": stattests.cramer_von_mises,
    "wasserstein": stattests.wasserstein_stat_test,
    "psi": stattests.psi_stat_test,
    "jensen_shannon": stattests.jensenshannon_stat_test,
    "hellinger": stattests.hellinger_stat_test,
}
CATEGORIES = {
    "psi": stattests.psi_stat_test,
    "jensen_shannon": stattests.jensenshannon_stat_test,
    "hellinger": stattests.hellinger_stat_test,
    "chi_square": stattests.chi_stat_test,
}
METRICS = ["precision", "recall", "f1", "roc_auc", "average_precision"]


def main(directory: pathlib.Path) -> None:
    layout = json.loads((directory / "layout.json").read_text())
    sides = [columns(directory / f"{side}.f32", layout) for side in ("reference", "current")]
    started, started_cpu = time.perf_counter(), time.process_time()
    results = [tests(*pair, kind) for *pair, kind in zip(*sides, layout["kinds"], strict=True)]
    seconds, cpu = time.perf_counter() - started, time.process_time() - started_cpu
    probabilities = np.fromfile(directory / "probabilities.f64")
    answer = {"seconds": seconds, "cpu": cpu, "results": results, "cbpe": cbpe(probabilities, layout["threshold"])}
    print(json.dumps(answer))


def columns(path: pathlib.Path, layout: dict[str, Any]) -> list[pd.Series]:
    values = np.fromfile(path, dtype=np.float32).reshape(len(layout["kinds"]), -1)
    return [
        pd.Series(column.astype(np.int64).astype(str)) if kind == "categories" else pd.Series(column.astype(np.float64))
        for column, kind in zip(values, layout["kinds"], strict=True)
    ]


def tests(reference: pd.Series, current: pd.Series, kind: str) -> dict[str, float]:
    of_categories = kind == "categories"
    column_type = ColumnType.Categorical if of_categories else ColumnType.Numerical
    return {
        name: float(test(reference, current, column_type, None).drift_score)
        for name, test in (CATEGORIES if of_categories else NUMBERS).items()
    }


def cbpe(probabilities: np.ndarray, threshold: float) -> dict[str, float]:
    """One chunk; labels, which it asks of its reference, say nothing of the estimates where nothing is calibrated."""
    rows = pd.DataFrame({"probability": probabilities, "flagged": (probabilities >= threshold).astype(int)})
    labelled = rows.assign(fraud=(np.random.default_rng(1).random(len(rows)) < probabilities).astype(int))
    estimator = nannyml.CBPE(
        problem_type="classification_binary",
        y_pred_proba="probability",
        y_pred="flagged",
        y_true="fraud",
        metrics=METRICS,
        chunk_number=1,
        calibrator=NoopCalibrator(),
    )
    estimated = estimator.fit(labelled).estimate(rows).filter(period="analysis").to_df()
    return {metric: float(estimated[metric]["value"].iloc[-1]) for metric in METRICS}


main(pathlib.Path(sys.argv[1]))
