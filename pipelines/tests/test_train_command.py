"""`vigia-train` as another program starts it: lines of JSON, exit codes, an end by SIGTERM, runs and versions."""

import ctypes
import json
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import mlflow
import pytest

from mlflow_fixture import free_port
from payments import some_payments
from vigia.termination import Terminated, raise_if_terminated, sigterm_raises
from vigia.train_command import main

pytestmark = pytest.mark.filterwarnings("ignore:.*type hint:UserWarning")

QUICK = ["--set", "trees=20", "--set", "tune_trials=2", "--set", "folds=2"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return some_payments(rows=3_000).write(tmp_path_factory.mktemp("command") / "some-set")


def test_json_lines_tell_stages_trials_and_last_the_result(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bundle"
    assert main(["--data", str(data), "--out", str(out), "--json", *QUICK]) == 0
    lines: list[dict[str, Any]] = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    *progress, result = lines
    assert {line["kind"] for line in progress} == {"progress"}
    stages = list(dict.fromkeys(line["stage"] for line in progress))
    assert stages == ["reading", "tuning", "training", "evaluation", "registering"]
    shares = [line["share"] for line in progress]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert [line["trial"] for line in progress if line["stage"] == "tuning"] == [1, 2]
    manifest = json.loads((out / "bundle.json").read_text())
    assert result["kind"] == "result"
    assert (result["version"], result["metrics"]) == (manifest["version"], manifest["metrics"])
    assert (result["runId"], result["registryVersion"]) == (None, None)


def test_a_parameter_that_does_not_fit_ends_with_code_2(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), "--set", "tree=3"]) == 2
    assert "did you mean trees?" in capsys.readouterr().err
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), "--set", "device=cuda"]) == 2
    assert "--group cuda" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_ranks_frauds_last_ends_with_code_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    payments = some_payments(rows=3_000)
    speed = payments.columns["payer_speed"].to_numpy()
    # What means fraud before day 36 means none after it.
    payments.set_labels((speed > 4).astype("int32") ^ (payments.days > 36).astype("int32"))
    data = payments.write(tmp_path / "data")
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), "--set", "trees=20"]) == 3
    assert "does not rank the validation frauds above the rest" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_sigterm_ends_it_with_nothing_written(data: Path, tmp_path: Path) -> None:
    arguments = ["--data", str(data), "--out", str(tmp_path / "out"), "--json", "--set", "trees=5000"]
    command = [sys.executable, "-m", "vigia.train_command", *arguments, "--set", "tune_trials=1000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["stage"] == "tuning" or "gaps" in line:
            break
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM, errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_sigterm_that_is_lost_in_a_callback_from_c_ends_it_at_the_next_look() -> None:
    from_c = ctypes.CFUNCTYPE(None)(lambda: signal.raise_signal(signal.SIGTERM))
    reached = []

    def interrupted() -> None:
        with sigterm_raises():
            from_c()
            reached.append("the exception is lost")
            raise_if_terminated()

    with pytest.raises(Terminated):
        interrupted()
    assert reached == ["the exception is lost"]
    raise_if_terminated()


def test_mlflow_away_ends_with_code_4_and_leaves_the_place_free(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    url = f"http://127.0.0.1:{free_port()}"
    arguments = ["--data", str(data), "--out", str(tmp_path / "out"), "--tracking-uri", url]
    assert main([*arguments, *QUICK]) == 4
    assert capsys.readouterr().err.startswith("vigia-train: ")
    assert list(tmp_path.iterdir()) == []


def test_a_tracked_training_is_a_run_with_its_trials_and_a_version(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mlflow_url: str
) -> None:
    name = f"pix-{uuid.uuid4().hex[:8]}"
    tracking = ["--tracking-uri", mlflow_url, "--experiment", name, "--model-name", name, "--job", f"job-{name}"]
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), "--json", *tracking, *QUICK]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    client = mlflow.MlflowClient(mlflow_url, mlflow_url)
    version = client.get_model_version(name, result["registryVersion"])
    assert version.run_id == result["runId"]
    assert version.tags["vigia.bundle_version"] == result["version"]
    assert version.tags["vigia.bundle_sha256"] == result["bundleSha256"]
    run = client.get_run(result["runId"])
    assert run.info.status == "FINISHED"
    assert run.data.params["tune_trials"] == "2"
    assert run.data.metrics["average_precision"] == pytest.approx(result["metrics"]["average_precision"])
    trials = client.get_metric_history(result["runId"], "tuning_xgboost_average_precision")
    assert [trial.step for trial in trials] == [1, 2]
    chosen = json.loads(run.data.tags["vigia.chosen_parameters"])
    assert chosen == json.loads((tmp_path / "out" / "bundle.json").read_text())["parameters"]


def test_a_refused_training_is_a_failed_run_and_no_version(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], mlflow_url: str
) -> None:
    name = f"pix-{uuid.uuid4().hex[:8]}"
    tracking = ["--tracking-uri", mlflow_url, "--experiment", name, "--model-name", name]
    assert main(["--data", str(data), "--out", str(tmp_path / "out"), *tracking, "--set", "device=cuda"]) == 2
    assert "--group cuda" in capsys.readouterr().err
    client = mlflow.MlflowClient(mlflow_url, mlflow_url)
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    assert (run.info.status, (tmp_path / "out").exists()) == ("FAILED", False)
    assert "--group cuda" in run.data.tags["vigia.failure"]
    assert client.search_model_versions(f"name = '{name}'") == []
