"""The local stack of `npm run stack`, for the tests that run a DAG against the real services."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

WORKSPACE = Path(__file__).resolve().parents[3]
NODE = WORKSPACE / "node_modules/.bin/node"
# Of a machine that does other work, too.
PATIENCE_S = 1_200
LOOK_S = 2.0


@dataclass(frozen=True)
class Stack:
    """Addresses by name, the ledger and an API key of all scopes."""

    directory: Path
    addresses: dict[str, str]
    ledger_url: str
    key: str

    @property
    def settings(self) -> dict[str, str]:
        """For a DAG that runs in the test's own process."""
        return {
            "VIGIA_API_KEY": self.key,
            "VIGIA_FEATURE_STORE_URL": self.addresses["feature-store"],
            "VIGIA_TRAINING_WORKER_URL": self.addresses["training-worker"],
            "VIGIA_MONITORING_URL": self.addresses["monitoring"],
            "VIGIA_LEDGER_URL": self.ledger_url,
            "VIGIA_FEED_DIRECTORY": str(self.directory / "tested/feed"),
            "VIGIA_LAKE_DIRECTORY": str(self.directory / "tested/lake"),
            "VIGIA_LAKE_COMMAND": str(WORKSPACE / "pipelines/.venv/bin/vigia-lake"),
            "VIGIA_NODE_COMMAND": str(NODE.resolve()),
            "VIGIA_LAKE_EXPORT": str(WORKSPACE / "tools/dist/lake-export.js"),
        }

    def versions(self) -> list[dict[str, Any]]:
        """The registered versions of the model, newest first."""
        url = f"{self.addresses['training-worker']}/v1/models/pix-fraud/versions"
        answer = httpx.get(url, headers={"x-api-key": self.key}, timeout=300).raise_for_status().json()
        versions: list[dict[str, Any]] = answer["versions"] if isinstance(answer, dict) else answer
        return versions


@contextmanager
def running(*flags: str) -> Iterator[Stack]:
    """A stack on a ledger of 40 simulated days, until the block ends."""
    # Not pytest's own: PostgreSQL may run as another user, whom those keep out.
    directory = Path(tempfile.mkdtemp(prefix="vigia-stack-"))
    command = [
        *(str(NODE), str(WORKSPACE / "tools/dist/local/start.js"), "--directory", str(directory), "--any-port"),
        *("--simulate", "40", "--payments-per-day", "300", *flags),
    ]
    with (directory / "stack.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=WORKSPACE, env=os.environ)
    try:
        wait_for(lambda: (directory / "stack.json").exists(), of=process, log=directory / "stack.log")
        told = json.loads((directory / "stack.json").read_text())
        yield Stack(directory, told["addresses"], told["databaseUrl"], told["key"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)
        shutil.rmtree(directory)


def wait_for(
    condition: Callable[[], Any], *, of: subprocess.Popen[bytes] | None = None, log: Path | None = None
) -> Any:  # noqa: ANN401
    """What `condition` answers as soon as that is true; fails when the process ends first, or after 20 minutes."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := condition():
            return found
        assert of is None or of.poll() is None, log.read_text()[-3_000:] if log else "the process ended"
        time.sleep(LOOK_S)
    raise AssertionError(log.read_text()[-3_000:] if log else "it did not come to that")


class Airflow:
    """The public API of an Airflow whose users are all administrators."""

    def __init__(self, url: str) -> None:
        token = httpx.get(f"{url}/auth/token", timeout=300).raise_for_status().json()["access_token"]
        self.client = httpx.Client(base_url=f"{url}/api/v2/", headers={"authorization": f"Bearer {token}"}, timeout=300)

    def get(self, path: str) -> Any:  # noqa: ANN401
        return self.client.get(path).raise_for_status().json()

    def runs(self) -> Sequence[dict[str, Any]]:
        """Of `pix_retrain`, oldest first."""
        runs: Sequence[dict[str, Any]] = self.get("dags/pix_retrain/dagRuns?order_by=run_after")["dag_runs"]
        return runs

    def states(self, run_id: str) -> dict[str, str | None]:
        """State by task of a run."""
        tasks = self.get(f"dags/pix_retrain/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {task["task_id"]: task["state"] for task in tasks}

    def outcome(self, run_id: str) -> dict[str, Any]:
        """What the task `verdict` of a run answered."""
        path = f"dags/pix_retrain/dagRuns/{run_id}/taskInstances/verdict/xcomEntries/return_value?deserialize=true"
        value = self.get(path)["value"]
        outcome: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
        return outcome

    def pause(self, dag: str) -> None:
        """Its schedule starts nothing any more."""
        self.client.patch(f"dags/{dag}", json={"is_paused": True}).raise_for_status()

    def drift(self, extra: dict[str, Any]) -> None:
        """Posts an event of the drift asset."""
        found = self.get("assets?uri_pattern=vigia://monitoring/drift")["assets"]
        body = {"asset_id": found[0]["id"], "extra": extra}
        self.client.post("assets/events", json=body).raise_for_status()
