"""Runs and versions in a real MLflow."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import mlflow
import mlflow.onnx
import numpy as np
import onnxruntime
import pytest
from mlflow import MlflowClient

from mlflow_fixture import MlflowServer, free_port
from payments import some_payments
from vigia.data_version import data_version
from vigia.errors import BadInput, TrackingUnavailable
from vigia.tracking import tracked_run
from vigia.training_set import read_manifest

# MLflow's modules warn of type hints of their own where they are imported.
pytestmark = pytest.mark.filterwarnings("ignore:.*type hint:UserWarning")

FIXTURE = Path(__file__).parents[2] / "libs/model/fixtures/bundle"


@pytest.fixture
def name() -> str:
    """Of an experiment, a model and a job that no other test has."""
    return f"tracking-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    shutil.copytree(FIXTURE, folder)
    (folder / "plots").mkdir(exist_ok=True)
    (folder / "plots/roc.png").write_bytes(b"\x89PNG roc")
    (folder / "model-card.md").write_text("# fixture")
    return folder


def versions(url: str, name: str) -> list[str]:
    return [str(each.version) for each in MlflowClient(url, url).search_model_versions(f"name = '{name}'")]


def test_a_run_holds_parameters_metrics_data_environment_and_plots(
    mlflow_url: str, name: str, bundle: Path, tmp_path: Path
) -> None:
    data = some_payments(rows=50).write(tmp_path / "data")
    parameters = {f"parameter_{index}": index for index in range(150)}
    with tracked_run(mlflow_url, name, f"{name}-job", parameters) as run:
        run.log_metrics({"average_precision": 0.4}, step=1)
        run.log_metrics({"average_precision": 0.5}, step=2)
        run.log_data(data, read_manifest(data / "manifest.json"))
        run.log_bundle(bundle)
        assert run.run_id is not None
    client = MlflowClient(mlflow_url)
    found = client.get_run(run.run_id)
    assert found.info.status == "FINISHED"
    assert found.data.params == {name: str(value) for name, value in parameters.items()}
    assert found.data.metrics == {"average_precision": 0.5}
    rows_sha256 = json.loads((data / "manifest.json").read_text())["rowsSha256"]
    expected = {"vigia.job": f"{name}-job", "vigia.data_version": data_version(data), "vigia.rows_sha256": rows_sha256}
    assert expected.items() <= found.data.tags.items()
    assert len(found.data.tags["vigia.lock_sha256"]) == 64
    assert found.data.tags["mlflow.source.git.commit"]
    assert found.inputs is not None
    (dataset,) = found.inputs.dataset_inputs
    assert (dataset.dataset.name, dataset.dataset.digest) == ("data", rows_sha256[:36])
    files = {each.path for each in client.list_artifacts(run.run_id)}
    assert {"environment.json", "model-card.md", "plots"} <= files
    environment = json.loads(Path(client.download_artifacts(run.run_id, "environment.json")).read_text())
    assert environment["packages"]["mlflow"] == mlflow.__version__


def test_a_version_loads_by_both_flavours_and_scores_as_the_bundle(mlflow_url: str, name: str, bundle: Path) -> None:
    with tracked_run(mlflow_url, name, None, {}) as run:
        version = run.register(name, bundle)
    assert version == "1"
    mlflow.set_tracking_uri(mlflow_url)
    uri = f"models:/{name}/{version}"
    features = json.loads((bundle / "bundle.json").read_text())["features"]
    rows = np.random.default_rng(1).normal(size=(20, len(features))).astype(np.float32)
    rows[3, 0] = np.nan
    session = onnxruntime.InferenceSession(str(bundle / "model.onnx"), providers=["CPUExecutionProvider"])
    probability, margin = session.run(["probability", "margin"], {"features": rows})

    import pandas as pd

    shuffled = pd.DataFrame(rows.astype(np.float64), columns=features)[features[::-1]]
    answered = mlflow.pyfunc.load_model(uri).predict(shuffled)
    np.testing.assert_array_equal(answered["probability"], probability[:, 0])
    np.testing.assert_array_equal(answered["margin"], margin[:, 0])
    graph = mlflow.onnx.load_model(uri)
    assert graph.SerializeToString() == onnx_bytes(bundle)


def onnx_bytes(bundle: Path) -> bytes:
    import onnx

    graph: bytes = onnx.load(str(bundle / "model.onnx")).SerializeToString()
    return graph


def test_a_version_holds_the_whole_bundle_and_names_it(
    mlflow_url: str, name: str, bundle: Path, tmp_path: Path
) -> None:
    with tracked_run(mlflow_url, name, f"{name}-job", {}) as run:
        version = run.register(name, bundle)
    assert version is not None
    found = MlflowClient(mlflow_url, mlflow_url).get_model_version(name, version)
    assert found.run_id == run.run_id
    assert found.status == "READY"
    bundle_json = (bundle / "bundle.json").read_bytes()
    assert found.tags == {
        "vigia.bundle_version": json.loads(bundle_json)["version"],
        "vigia.bundle_sha256": hashlib.sha256(bundle_json).hexdigest(),
        "vigia.gate": "pending",
        "vigia.job": f"{name}-job",
    }
    mlflow.set_tracking_uri(mlflow_url)
    fetched = Path(mlflow.artifacts.download_artifacts(f"models:/{name}/{version}", dst_path=str(tmp_path / "fetched")))
    assert data_version(fetched / "bundle") == data_version(bundle)
    assert (fetched / "model.onnx").read_bytes() == (bundle / "model.onnx").read_bytes()


def test_a_second_attempt_of_a_job_finds_the_version_of_the_first(mlflow_url: str, name: str, bundle: Path) -> None:
    def attempt(job: str | None) -> str | None:
        with tracked_run(mlflow_url, name, job, {}) as run:
            return run.register(name, bundle)

    assert [attempt("a"), attempt("a"), attempt("b"), attempt("a"), attempt(None), attempt(None)] == [
        *("1", "1", "2", "1", "3", "4")
    ]
    changed = json.loads((bundle / "bundle.json").read_text())
    (bundle / "bundle.json").write_text(json.dumps({**changed, "version": "another"}))
    assert attempt("a") == "5"


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (BadInput("no frauds"), "FAILED", "BadInput: no frauds"),
        (KeyboardInterrupt(), "KILLED", "KeyboardInterrupt"),
    ],
)
def test_what_ends_the_work_ends_the_run(
    mlflow_url: str, name: str, error: BaseException, status: str, reason: str
) -> None:
    with pytest.raises(type(error)), tracked_run(mlflow_url, name, None, {}) as run:
        raise error
    assert run.run_id is not None
    found = MlflowClient(mlflow_url).get_run(run.run_id)
    assert (found.info.status, found.data.tags["vigia.failure"]) == (status, reason)


def test_sigterm_ends_the_run_as_killed(mlflow_url: str, name: str) -> None:
    program = f"""
import time
from vigia.tracking import tracked_run
with tracked_run({mlflow_url!r}, {name!r}, None, {{}}) as run:
    print(run.run_id, flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
        assert process.stdout.read() == "", "nothing of MLflow's between the lines of --json"
    assert MlflowClient(mlflow_url).get_run(run_id).info.status == "KILLED"


def test_a_parameter_that_mlflow_refuses_is_no_weather_and_leaves_no_run_open(mlflow_url: str, name: str) -> None:
    with (
        pytest.raises(mlflow.exceptions.MlflowException, match="Invalid"),
        tracked_run(mlflow_url, name, None, {"a\nb": 1}),
    ):
        pytest.fail("the body must not begin")
    client = MlflowClient(mlflow_url)
    experiment = client.get_experiment_by_name(name)
    assert experiment is not None
    assert [run.info.status for run in client.search_runs([experiment.experiment_id])] == ["FAILED"]


def test_mlflow_away_is_weather(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    address = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(TrackingUnavailable, match="try again"), tracked_run(address, name, None, {}):
        pytest.fail("the body must not begin")


def test_an_address_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="--tracking-uri"), tracked_run("mlruns", name, None, {}):
        pytest.fail("the body must not begin")


def test_without_an_address_nothing_is_tracked(bundle: Path) -> None:
    with tracked_run(None, "any", "job", {"a": 1}) as run:
        run.log_metrics({"average_precision": 0.5})
        assert run.register("any", bundle) is None
    assert run.run_id is None


def test_a_kill_of_mlflow_in_the_middle_of_an_upload_leaves_no_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, bundle: Path
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    for index in range(300):
        (bundle / f"plots/{index:03d}.png").write_bytes(b"\x89PNG" * 1_000)
    server = MlflowServer(tmp_path, free_port())
    server.start()
    attempted = threading.Event()

    def uploaded() -> list[Path]:
        return list(tmp_path.glob("artifacts/**/plots/*.png"))

    def kill_in_the_middle() -> None:
        while not uploaded() and not attempted.wait(0.001):
            pass
        server.kill()

    killer = threading.Thread(target=kill_in_the_middle)
    try:
        killer.start()
        with pytest.raises(TrackingUnavailable), tracked_run(server.url, name, "job", {}) as run:
            run.register(name, bundle)
        attempted.set()
        killer.join()
        assert 0 < len(uploaded()) < 300
        server.start()
        assert versions(server.url, name) == []
        with tracked_run(server.url, name, "job", {}) as run:
            run.register(name, bundle)
        assert versions(server.url, name) == ["1"]
    finally:
        attempted.set()
        server.kill()
