"""
Runs in MLflow, and versions in its registry.

A run is opened before the work and ended by whatever ends the work: FINISHED, FAILED with the reason as a tag, KILLED
by SIGTERM or Ctrl-C. Only a kill -9 leaves one RUNNING; whoever starts the next attempt of its job ends it. A version
is registered by one last call, when all of its files are there: what is in the registry is whole.
"""

import hashlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from vigia.data_version import data_version
from vigia.mlflow_server import asking, client_of, ensure_registered_model, experiment_id_of
from vigia.provenance import code_commit, environment, lock_sha256
from vigia.registered_model import write_registered_model
from vigia.termination import Terminated, sigterm_raises
from vigia.training_set import Manifest

if TYPE_CHECKING:
    from mlflow import MlflowClient

# Tags that the TypeScript side reads (libs/registry/src/registered-version.ts).
JOB_TAG = "vigia.job"
BUNDLE_VERSION_TAG = "vigia.bundle_version"
BUNDLE_SHA256_TAG = "vigia.bundle_sha256"
GATE_TAG = "vigia.gate"
# Tags for people.
FAILURE_TAG = "vigia.failure"
DATA_VERSION_TAG = "vigia.data_version"
ROWS_SHA256_TAG = "vigia.rows_sha256"

# What of a bundle people look at in a run; the whole of it is at the version.
READABLE = ("model-card.md", "evaluation.json", "plots/*.png")

# MLflow's own limits of one call, and of the digest of a data set.
MOST_PARAMETERS, MOST_METRICS, LONGEST_VALUE, LONGEST_DIGEST = 100, 1_000, 5_000, 36


class Run(Protocol):
    """What the commands tell of a run while it goes on."""

    @property
    def run_id(self) -> str | None: ...

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None: ...

    def log_tags(self, tags: Mapping[str, object]) -> None: ...

    def log_data(self, folder: Path, manifest: Manifest) -> None:
        """The training set, by name, digest of its rows and version as DVC has it."""

    def log_bundle(self, folder: Path) -> None:
        """What a person reads of a bundle: card, evaluation, plots."""

    def register(self, model_name: str, bundle: Path) -> str | None:
        """Number of the version that the bundle in folder `bundle` became; None where nothing is tracked."""


class Untracked:
    """No tracking was asked for."""

    run_id: str | None = None

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None: ...

    def log_tags(self, tags: Mapping[str, object]) -> None: ...

    def log_data(self, folder: Path, manifest: Manifest) -> None: ...

    def log_bundle(self, folder: Path) -> None: ...

    def register(self, model_name: str, bundle: Path) -> str | None:  # noqa: ARG002
        return None


class Tracked:
    """A run that is open in MLflow. Every call raises TrackingUnavailable while MLflow does not answer."""

    def __init__(self, client: "MlflowClient", experiment: str, job: str | None, tags: Mapping[str, str]) -> None:
        self.client = client
        self.job = job
        with asking():
            self.experiment_id = experiment_id_of(client, experiment)
            self.run_id: str = client.create_run(self.experiment_id, tags=dict(tags)).info.run_id

    def log_parameters(self, parameters: Mapping[str, object]) -> None:
        from mlflow.entities import Param

        entries = [Param(name, str(value)[:LONGEST_VALUE]) for name, value in parameters.items()]
        with asking():
            for start in range(0, len(entries), MOST_PARAMETERS):
                self.client.log_batch(self.run_id, params=entries[start : start + MOST_PARAMETERS])

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        from mlflow.entities import Metric

        now_ms = int(time.time() * 1000)
        entries = [Metric(name, float(value), now_ms, step or 0) for name, value in metrics.items()]
        with asking():
            for start in range(0, len(entries), MOST_METRICS):
                self.client.log_batch(self.run_id, metrics=entries[start : start + MOST_METRICS])

    def log_tags(self, tags: Mapping[str, object]) -> None:
        from mlflow.entities import RunTag

        with asking():
            self.client.log_batch(
                self.run_id, tags=[RunTag(name, str(value)[:LONGEST_VALUE]) for name, value in tags.items()]
            )

    def log_data(self, folder: Path, manifest: Manifest) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        version = data_version(folder)
        self.log_tags({DATA_VERSION_TAG: version, ROWS_SHA256_TAG: manifest.rows_sha256})
        data = Dataset(
            name=folder.resolve().name,
            digest=manifest.rows_sha256[:LONGEST_DIGEST],
            source_type="dvc",
            source=json.dumps({"version": version}),
            profile=json.dumps({"rows": manifest.rows, "frauds": manifest.frauds}),
        )
        with asking():
            self.client.log_inputs(self.run_id, [DatasetInput(data, [InputTag("mlflow.data.context", "training")])])

    def log_environment(self) -> None:
        with asking():
            self.client.log_dict(self.run_id, environment(), "environment.json")

    def log_bundle(self, folder: Path) -> None:
        with asking():
            for path in sorted(path for pattern in READABLE for path in folder.glob(pattern)):
                place = path.parent.relative_to(folder).as_posix()
                self.client.log_artifact(self.run_id, str(path), None if place == "." else place)

    def register(self, model_name: str, bundle: Path) -> str:
        """A second attempt of a job whose bundle has the same digest answers the version that is there."""
        manifest_bytes = (bundle / "bundle.json").read_bytes()
        manifest: dict[str, Any] = json.loads(manifest_bytes)
        tags = {
            BUNDLE_VERSION_TAG: str(manifest["version"]),
            BUNDLE_SHA256_TAG: hashlib.sha256(manifest_bytes).hexdigest(),
            GATE_TAG: "pending",
            **({JOB_TAG: self.job} if self.job else {}),
        }
        with asking():
            known = self.version_of_job(model_name, tags[BUNDLE_SHA256_TAG])
            return known or self.create_version(model_name, bundle, manifest["features"], tags)

    def version_of_job(self, model_name: str, bundle_sha256: str) -> str | None:
        """Number of the version that an earlier attempt of this job made of this bundle."""
        if self.job is None:
            return None
        # MLflow 3.17 filters versions by name and tag, but not by two tags at once.
        job = self.job.replace("'", "")
        found = self.client.search_model_versions(f"name = '{model_name}' and tags.`{JOB_TAG}` = '{job}'")
        return next((str(each.version) for each in found if each.tags.get(BUNDLE_SHA256_TAG) == bundle_sha256), None)

    def create_version(self, model_name: str, bundle: Path, features: list[str], tags: dict[str, str]) -> str:
        ensure_registered_model(self.client, model_name)
        model = self.client.create_logged_model(self.experiment_id, name=model_name, source_run_id=self.run_id)
        try:
            with write_registered_model(bundle, features) as folder:
                self.client.log_model_artifacts(model.model_id, str(folder))
            self.client.finalize_logged_model(model.model_id, "READY")
            version = self.client.create_model_version(
                model_name,
                f"models:/{model.model_id}",
                run_id=self.run_id,
                tags=tags,
                model_id=model.model_id,
                await_creation_for=0,
            )
        except BaseException:
            with suppress(Exception):
                self.client.delete_logged_model(model.model_id)
            raise
        return str(version.version)

    def end(self, status: str, reason: str | None = None) -> None:
        if reason is not None:
            self.log_tags({FAILURE_TAG: reason})
        with asking():
            self.client.set_terminated(self.run_id, status)


@contextmanager
def tracked_run(
    tracking_uri: str | None, experiment: str, job: str | None, parameters: Mapping[str, object]
) -> Iterator[Run]:
    """
    A run that is open while the body goes on; `job` is the id of the job that started this command.

    SIGTERM raises Terminated in the body. Without `tracking_uri` nothing is tracked. Raises BadInput where the address
    is none, TrackingUnavailable where MLflow does not answer; its failure to end a run hides no other error.
    """
    with sigterm_raises():
        if tracking_uri is None:
            yield Untracked()
            return
        tags = {"mlflow.source.git.commit": code_commit(), "vigia.lock_sha256": lock_sha256()}
        run = Tracked(client_of(tracking_uri), experiment, job, {**tags, **({JOB_TAG: job} if job else {})})
        try:
            run.log_parameters(parameters)
            run.log_environment()
            yield run
        except BaseException as error:
            end_despite(run, error)
            raise
        run.end("FINISHED")


def end_despite(run: Tracked, error: BaseException) -> None:
    killed = isinstance(error, Terminated | KeyboardInterrupt)
    reason = f"{type(error).__name__}: {error}" if str(error) and not killed else type(error).__name__
    try:
        run.end("KILLED" if killed else "FAILED", reason)
    except Exception as second:
        print(f"run {run.run_id} could not be ended: {second}", file=sys.stderr)
