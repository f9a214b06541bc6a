"""
What XGBoost itself says of rows that the model bench scores: TRAINING_SET BUNDLE OUT ROWS EXPLAINED.

The rows are the set's, repeated with values moved and cells emptied, so that they also reach leaves that no payment did.
"""

import json
import sys
from pathlib import Path

import numpy as np
from pyarrow import parquet
import xgboost


def main(training_set: Path, bundle: Path, out: Path, count: int, explained: int) -> None:
    manifest = json.loads((bundle / "bundle.json").read_text())
    table = parquet.read_table(training_set / "rows.parquet", columns=manifest["features"])
    features = np.column_stack([column.to_numpy() for column in table.columns]).astype(np.float32)
    random = np.random.default_rng(17)
    rows = features[random.integers(0, len(features), count)]
    moved = random.random(rows.shape) < 0.1
    rows = np.where(moved, rows * random.lognormal(0, 0.5, rows.shape).astype(np.float32), rows)
    rows[random.random(rows.shape) < 0.05] = np.nan
    rows = np.ascontiguousarray(rows, dtype=np.float32)

    booster = xgboost.Booster({"nthread": 1}, model_file=bundle / "trees.json")
    booster.set_param("nthread", 1)
    booster.feature_names = booster.feature_types = None
    margins = booster.predict(xgboost.DMatrix(rows), output_margin=True)
    contributions = booster.predict(xgboost.DMatrix(rows[:explained]), pred_contribs=True)
    platt = manifest["calibration"]
    logits = platt["slope"] * margins.astype(np.float64) + platt["intercept"]
    probabilities = 1 / (1 + np.exp(-logits))

    rows.tofile(out / "rows.f32")
    margins.astype(np.float32).tofile(out / "margins.f32")
    probabilities.tofile(out / "probabilities.f64")
    contributions.astype(np.float32).tofile(out / "contributions.f32")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:6]))
