"""`vigia-evaluate`: a bundle on its hold-out in files that DVC shows."""

import csv
import json
from pathlib import Path

import pytest

from bundles import Linear, told_payments
from vigia.evaluate_command import main


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    told_payments().write(tmp_path / "set")
    return Linear().write(tmp_path / "bundle", tmp_path / "set")


def arguments(tmp_path: Path, bundle: Path) -> list[str]:
    return ["--bundle", str(bundle), "--data", str(tmp_path / "set"), "--out", str(tmp_path / "out")]


def test_metrics_and_curves_are_written(tmp_path: Path, bundle: Path) -> None:
    assert main(arguments(tmp_path, bundle)) == 0
    metrics = json.loads((tmp_path / "out/metrics.json").read_text())
    assert metrics["average_precision_low"] < metrics["average_precision"] < metrics["average_precision_high"]
    assert metrics["roc_auc"] > 0.9
    with (tmp_path / "out/roc.csv").open() as file:
        points = [(float(row["false_positive_rate"]), float(row["recall"])) for row in csv.DictReader(file)]
    assert (points[0], points[-1]) == ((0, 0), (1, 1))
    assert points == sorted(points)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "metrics.json", "roc.csv", "precision-recall.csv", "calibration.csv",
    }  # fmt: skip


def test_what_is_no_bundle_of_this_set_is_refused(
    tmp_path: Path, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = bundle / "bundle.json"
    told = json.loads(manifest.read_text())
    told["training"]["datasetSha256"] = "0" * 64
    manifest.write_text(json.dumps(told))
    assert main(arguments(tmp_path, bundle)) == 2
    assert "give --data the training set that it was trained on" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
