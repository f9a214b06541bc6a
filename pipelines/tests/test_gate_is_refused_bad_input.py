"""Exit codes of `vigia-gate`, and that nothing is written unless there is a verdict."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bundles import Linear, linear_graph, replace_file, span, told_payments
from payments import some_payments
from vigia.gate_command import main


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shared")
    Linear().write(root / "bundle", told_payments().write(root / "data"))
    return root


@pytest.fixture
def root(shared: Path, tmp_path: Path) -> Path:
    shutil.copytree(shared, tmp_path / "root")
    return tmp_path / "root"


def gate(root: Path, *more: str) -> int:
    inputs = ["--candidate", str(root / "bundle"), "--data", str(root / "data"), "--out", str(root / "out")]
    return main([*inputs, *more])


def refused(root: Path, capsys: pytest.CaptureFixture[str], *more: str, code: int = 2) -> str:
    assert gate(root, *more) == code
    assert not (root / "out").exists()
    assert [path for path in root.iterdir() if path.name.startswith(".")] == []
    told = capsys.readouterr().err
    assert told.startswith("vigia-gate: ")
    return told


def test_data_of_another_digest(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(root / "data")
    some_payments().write(root / "data")
    assert "give --data the training set that it was trained on" in refused(root, capsys)


def test_a_champion_that_has_seen_the_hold_out(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("training", "validation"):
        seen = {part: {**span(20, 51), "datasetSha256": "ab" * 32}}
        Linear(version="newer", manifest=seen).write(root / part, root / "data")
        told = refused(root, capsys, "--champion", str(root / part))
        assert f"the champion newer has its {part} part" in told
        assert "train the candidate on a set that ends later" in told


def test_a_champion_whose_parts_end_where_the_hold_out_begins_is_judged(root: Path) -> None:
    Linear(manifest={"validation": span(36, 50)}).write(root / "champion", root / "data")
    assert gate(root, "--champion", str(root / "champion")) == 0


@pytest.mark.parametrize("file", ["bundle.json", "model.onnx"])
def test_a_bundle_with_a_file_missing(root: Path, file: str, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "bundle" / file).unlink()
    assert "fetch the bundle again" in refused(root, capsys)


def test_a_bundle_with_a_file_altered(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "bundle" / "model.onnx").write_bytes(linear_graph((1.0, 1.0, 1.0), 0.0))
    assert "bundle.json says" in refused(root, capsys)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 2, "files": {}}'])
def test_a_manifest_that_is_none(root: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "bundle" / "bundle.json").write_text(text)
    assert "bundle.json" in refused(root, capsys)


def test_a_manifest_without_what_the_gate_needs(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong: list[dict[str, Any]] = [{"thresholds": None}, {"holdOut": {"from": "x", "to": "y", "rows": 1}}]
    for at, manifest in enumerate(wrong):
        Linear(manifest=manifest).write(root / f"bad-{at}", root / "data")
        told = refused(root, capsys, "--candidate", str(root / f"bad-{at}"))
        assert "train again with this version" in told


def test_a_bundle_that_points_outside_of_itself(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replace_file(root / "bundle", "../data/manifest.json", (root / "data" / "manifest.json").read_bytes())
    assert "outside of the bundle" in refused(root, capsys)


def test_a_hold_out_of_other_rows_than_it_says(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Linear(manifest={"holdOut": {**span(50, 80), "rows": 17}}).write(root / "other", root / "data")
    assert "names 17 rows as its hold-out" in refused(root, capsys, "--candidate", str(root / "other"))


def test_a_feature_set_that_is_not_that_of_its_data(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Linear(manifest={"features": ["noise", "tells", "payer_is_company"]}).write(root / "other", root / "data")
    assert "has another feature set" in refused(root, capsys, "--candidate", str(root / "other"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("roc_aux: 0.9", "no limit is called roc_aux"),
        ("roc_auc: high", "roc_auc must be a number"),
        ("roc_auc: .nan", "roc_auc must be a number"),
        ("roc_auc: true", "roc_auc must be a number"),
        ("allow_incomparable_champion: 1", "must be true or false"),
        ("false_positive_factor_by: 3", "must be numbers by the name"),
        ("- 1", "must hold names and values"),
        ("a: [", "is not YAML"),
    ],
)
def test_limits_that_are_none(root: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "limits.yaml").write_text(text)
    assert told in refused(root, capsys, "--limits", str(root / "limits.yaml"))


def test_limits_that_are_not_there(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "give --limits a YAML file" in refused(root, capsys, "--limits", str(root / "none.yaml"))


def test_a_verdict_is_never_written_over(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gate(root) == 0
    before = (root / "out" / "gate.json").read_bytes()
    assert gate(root) == 2
    assert "exists and is not empty" in capsys.readouterr().err
    assert (root / "out" / "gate.json").read_bytes() == before


def test_a_latency_that_is_none(root: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        gate(root, "--latency-us", "fast")
    assert ended.value.code == 2


@pytest.mark.parametrize("graph", [b"no graph", linear_graph((1.0, 1.0), 0.0), linear_graph((np.nan, 0.0, 0.0), 0.0)])
def test_a_graph_that_can_not_score_its_features(root: Path, graph: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    replace_file(root / "bundle", "model.onnx", graph)
    assert "train again" in refused(root, capsys, code=3)


def test_sigterm_ends_it_with_143_and_nothing_written(root: Path) -> None:
    inputs = ["--candidate", str(root / "bundle"), "--data", str(root / "data"), "--out", str(root / "out"), "--json"]
    command = [sys.executable, "-m", "vigia.gate_command", *inputs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        next(line for line in running.stdout if "chance" in line)
        running.send_signal(signal.SIGTERM)
        assert running.wait() == 128 + signal.SIGTERM
    assert not (root / "out").exists()
    assert [path for path in root.iterdir() if path.name.startswith(".")] == []
