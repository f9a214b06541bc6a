"""A training set in, a bundle out: every file holds what libs/contracts/src/bundle.ts says of it."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow.parquet as pq
import pytest
import xgboost
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from payments import some_payments
from vigia.train_command import main


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("training")
    data = some_payments().write(root / "data")
    settings = ["--set", "trees=50", "--set", "learning_rate=0.1", "--set", "cross_validate=true"]
    assert main(["--data", str(data), "--out", str(root / "bundle"), *settings]) == 0
    return root


@pytest.fixture(scope="module")
def manifest(folder: Path) -> dict[str, Any]:
    return read_json(folder / "bundle" / "bundle.json")


def read_json(path: Path) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(path.read_text())
    return fields


def rows_between(folder: Path, from_ms: float, to_ms: float) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    table = pq.read_table(folder / "data" / "rows.parquet")
    names = read_json(folder / "data" / "manifest.json")["features"]
    at = table["accepted_at_ms"].to_numpy()
    inside = (at >= from_ms) & (at < to_ms)
    features = np.column_stack([table[name].to_numpy() for name in names])
    return features[inside], table["label"].to_numpy()[inside]


def score(folder: Path, features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(str(folder / "bundle" / "model.onnx"), providers=["CPUExecutionProvider"])
    probability, margin = session.run(["probability", "margin"], {"features": features})
    return probability, margin


def test_manifest_names_every_other_file_with_its_digest(folder: Path, manifest: dict[str, Any]) -> None:
    bundle = folder / "bundle"
    files = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    texts = {"bundle.json", "self-test.json", "reference.json", "evaluation.json", "model-card.md"}
    plots = {name for name in files if name.startswith("plots/")}
    assert files == {"model.onnx", "trees.json", *texts, *plots}
    assert {"plots/roc.png", "plots/precision-recall.png", "plots/importance.png"} < plots
    assert set(manifest["files"]) == files - {"bundle.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((folder / "bundle" / name).read_bytes()).hexdigest() == digest
    assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_manifest_says_what_it_was_trained_on(folder: Path, manifest: dict[str, Any]) -> None:
    data = read_json(folder / "data" / "manifest.json")
    assert (manifest["format"], manifest["algorithm"], manifest["explanation"]) == (2, "xgboost", "trees")
    assert manifest["features"] == data["features"]
    assert manifest["featureSet"] == data["featureSet"]
    assert manifest["training"]["datasetSha256"] == data["rowsSha256"]
    assert manifest["training"]["from"] == "2026-01-01T00:00:00.000Z"
    assert manifest["training"]["rows"] == manifest["metrics"]["training_rows"] < data["rows"]
    assert manifest["parameters"]["trees"] == 50
    assert manifest["parameters"]["folds"] == 3
    assert "threads" not in manifest["parameters"]
    assert re.fullmatch(r"20260302-[0-9a-f]{8}", manifest["version"])
    assert manifest["validation"]["rows"] == manifest["metrics"]["validation_rows"]
    assert manifest["training"]["to"] < manifest["validation"]["from"] < manifest["holdOut"]["from"]
    assert manifest["createdAt"] == "2026-03-07T00:00:00.000Z"
    assert all(isinstance(value, float) for value in manifest["metrics"].values())


def test_graph_answers_calibrated_probability_and_margin(folder: Path, manifest: dict[str, Any]) -> None:
    features, _ = rows_between(folder, 0, np.inf)
    probability, margin = score(folder, features)
    assert probability.shape == margin.shape == (len(features), 1)
    assert probability.dtype == margin.dtype == np.float32
    calibration = manifest["calibration"]
    log_odds = calibration["slope"] * margin.astype(np.float64) + calibration["intercept"]
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-log_odds)), atol=1e-6)


def test_graph_agrees_with_the_trees_beside_it(folder: Path) -> None:
    features, _ = rows_between(folder, 0, np.inf)
    trees = xgboost.Booster(model_file=folder / "bundle" / "trees.json")
    assert trees.num_boosted_rounds() == 50
    _, margin = score(folder, features)
    np.testing.assert_allclose(margin[:, 0], trees.inplace_predict(features, predict_type="margin"), atol=1e-5)


def test_self_test_holds_after_a_round_trip_through_json(folder: Path) -> None:
    self_test = read_json(folder / "bundle" / "self-test.json")
    assert 30 <= len(self_test["vectors"]) <= 36
    vectors = np.array(self_test["vectors"], dtype=np.float32)
    assert np.isnan(vectors).all(axis=1).any(), "a row of nothing but missing values"
    assert (vectors == np.finfo(np.float32).max).all(axis=1).any(), "a row of the greatest values"
    probability, margin = score(folder, vectors)
    np.testing.assert_array_equal(probability[:, 0], np.array(self_test["probabilities"], dtype=np.float32))
    np.testing.assert_array_equal(margin[:, 0], np.array(self_test["margins"], dtype=np.float32))
    assert np.ptp(margin) > 3, "rows range over the scores"


def test_self_test_holds_no_payment(folder: Path) -> None:
    features, _ = rows_between(folder, 0, np.inf)
    vectors = np.array(read_json(folder / "bundle" / "self-test.json")["vectors"], dtype=np.float32)
    payments = {row.tobytes() for row in features}
    assert not any(row.tobytes() in payments for row in vectors)


def test_reference_counts_every_training_row(folder: Path, manifest: dict[str, Any]) -> None:
    reference = read_json(folder / "bundle" / "reference.json")
    assert list(reference["features"]) == manifest["features"]
    for histogram in reference["features"].values():
        assert sum(histogram["counts"]) + histogram["missing"] == manifest["training"]["rows"]
        assert len(histogram["counts"]) == len(histogram["edges"]) + 1
        assert histogram["edges"] == sorted(set(histogram["edges"]))
    assert reference["features"]["never"]["missing"] == manifest["training"]["rows"]
    assert sum(reference["probability"]["counts"]) == manifest["metrics"]["validation_rows"]


def test_metrics_are_those_of_the_graph_on_the_hold_out(folder: Path, manifest: dict[str, Any]) -> None:
    data = read_json(folder / "data" / "manifest.json")
    used_ms = (data["toMs"] - data["fromMs"]) - 2 * data["labelDelayMs"]
    features, labels = rows_between(folder, data["toMs"] - 0.2 * used_ms, data["toMs"] + 1)
    metrics = manifest["metrics"]
    assert (len(labels), labels.sum()) == (metrics["hold_out_rows"], metrics["hold_out_frauds"])
    probability, _ = score(folder, features)
    assert average_precision_score(labels, probability) == pytest.approx(metrics["average_precision"], abs=1e-5)
    assert metrics["average_precision"] > 5 * metrics["prevalence"]
    assert metrics["baseline_average_precision"] > 5 * metrics["prevalence"]
    assert metrics["calibration_error"] < 0.03
    assert metrics["cost_per_payment_brl"] < metrics["cost_per_payment_without_model_brl"]
    scores = [metrics[f"cross_validated_average_precision_fold_{fold}"] for fold in (1, 2, 3)]
    assert np.mean(scores) == pytest.approx(metrics["cross_validated_average_precision"], rel=1e-4)
    assert 0 < manifest["thresholds"]["review"] <= manifest["thresholds"]["reject"] <= 1


def test_model_card_tells_version_data_and_thresholds(folder: Path, manifest: dict[str, Any]) -> None:
    card = (folder / "bundle" / "model-card.md").read_text()
    for told in (manifest["version"], manifest["training"]["datasetSha256"], "## Limits", "payer_speed"):
        assert told in card
    assert f"Reject above {manifest['thresholds']['reject']:.6g}" in card


def test_model_card_says_whether_logistic_regression_is_beaten(folder: Path, manifest: dict[str, Any]) -> None:
    beaten = manifest["metrics"]["average_precision"] > manifest["metrics"]["baseline_average_precision"]
    card = (folder / "bundle" / "model-card.md").read_text()
    assert ("It beats that baseline" in card) == beaten
    assert ("It does not beat that baseline" in card) == (not beaten)


@pytest.mark.parametrize("family", ["logistic", "neural", "blend"])
def test_other_families_make_the_same_bundle_but_for_the_trees(family: str, folder: Path, tmp_path: Path) -> None:
    settings = [f"family={family}", "trees=20", "neural_epochs=4", "tune_trials=2", "folds=2"]
    flags = [flag for setting in settings for flag in ("--set", setting)]
    assert main(["--data", str(folder / "data"), "--out", str(tmp_path / "bundle"), *flags]) == 0
    made = read_json(tmp_path / "bundle" / "bundle.json")
    trees = read_json(folder / "bundle" / "bundle.json")
    assert set(made) == set(trees)
    assert (made["algorithm"], made["explanation"]) == (family, "none")
    assert set(trees["files"]) - set(made["files"]) == {"trees.json"}
    self_test = read_json(tmp_path / "bundle" / "self-test.json")
    probability, margin = score(tmp_path, np.array(self_test["vectors"], np.float32))
    np.testing.assert_array_equal(margin[:, 0], np.array(self_test["margins"], np.float32))
    assert np.isfinite(probability).all()
    assert "Tuning of" in (tmp_path / "bundle" / "model-card.md").read_text()
