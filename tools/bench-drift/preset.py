"""
Evidently's default drift preset over windows that were written beforehand.

    python preset.py DIRECTORY

reads `layout.json` (`names`, `windows`: the rows of each), `reference.f32` and `windows.f32` (row after row) there; its
last line is one JSON array with, per window, how many columns have drifted and whether the preset calls it drift.
"""

import json
import pathlib
import sys
import warnings
from typing import Any

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")

from evidently import Report
from evidently.presets import DataDriftPreset


def main(directory: pathlib.Path) -> None:
    layout = json.loads((directory / "layout.json").read_text())
    names = layout["names"]
    reference = frame(np.fromfile(directory / "reference.f32", dtype=np.float32), names)
    rows = np.fromfile(directory / "windows.f32", dtype=np.float32).reshape(-1, len(names))
    answers = []
    first = 0
    for size in layout["windows"]:
        answers.append(drift(reference, frame(rows[first : first + size], names)))
        first += size
    print(json.dumps(answers))


def frame(values: np.ndarray, names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(values.reshape(-1, len(names)).astype(np.float64), columns=names)


def drift(reference: pd.DataFrame, window: pd.DataFrame) -> dict[str, Any]:
    # A column without any value is one that it refuses.
    columns = [name for name in reference if reference[name].notna().any() and window[name].notna().any()]
    metrics = Report([DataDriftPreset()]).run(window[columns], reference[columns]).dict()["metrics"]
    counted = metrics[0]["value"]
    return {"columns": int(counted["count"]), "drift": bool(counted["share"] >= 0.5)}


main(pathlib.Path(sys.argv[1]))
