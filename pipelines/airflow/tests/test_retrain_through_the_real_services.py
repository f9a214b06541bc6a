"""
`pix_retrain` from end to end, on the services and MLflow of `npm run stack`: by dag.test(), and by a real Airflow that
monitoring sends an event to, whose scheduler is killed, and which hears of one cause twice.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg2
import pytest
from airflow.dag_processing.dagbag import DagBag

from conftest import PROJECT
from stack import Airflow, Stack, running, wait_for

SMALL = {"days": 30, "parameters": {"trees": 20, "depth": 3}}
OVER = ("success", "failed")
# Runs a DAG by its name with these parameters.
Tested = Callable[[str, dict[str, Any]], dict[str, str]]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    # Its Airflow has settings of its own, not those of this process.
    ours = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("AIRFLOW")}
    try:
        with running("--with", "airflow") as stack:
            os.environ |= ours
            yield stack
    finally:
        os.environ |= ours


@pytest.fixture
def tested(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Tested:
    """Runs a DAG by dag.test() against the stack; answers the state of each task."""
    for name, value in stack.settings.items():
        monkeypatch.setenv(name, value)
    subprocess.run([str(Path(sys.executable).parent / "airflow"), "db", "migrate"], check=True, capture_output=True)

    def run(name: str, conf: dict[str, Any]) -> dict[str, str]:
        done = DagBag(dag_folder=str(PROJECT / "dags")).dags[name].test(run_conf=conf)
        return {task.task_id: str(task.state) for task in done.get_task_instances()}

    return run


@pytest.fixture(scope="module")
def airflow(stack: Stack) -> Airflow:
    airflow = Airflow(stack.addresses["airflow"])
    wait_for(lambda: len(airflow.get("dags")["dags"]) == 4)
    # At minute 10 it would bring a cause of its own.
    airflow.pause("pix_lake")
    return airflow


def test_dag_test_trains_registers_and_judges(stack: Stack, tested: Tested) -> None:
    before = len(stack.versions())
    assert tested("pix_retrain", SMALL) == dict.fromkeys(
        ("plan", "training_set", "train", "gate", "verdict"), "success"
    )
    versions = stack.versions()
    assert len(versions) == before + 1
    assert versions[0]["gate"] in ("passed", "failed")


def test_the_audit_of_a_day_is_asked_for_and_judged(tested: Tested) -> None:
    assert tested("pix_audit", {}) == {"plan": "success", "audit": "success", "verdict": "success"}


def test_without_a_champion_nothing_is_promoted(tested: Tested) -> None:
    assert tested("pix_promote", {}) == dict.fromkeys(("compare", "decide", "promote", "keep"), "skipped")


def test_the_lake_fills_once(tested: Tested) -> None:
    small = {"threads": 1, "memory_mb": 1_024}
    steps = ("export", "bronze", "silver", "gold", "grown")
    assert tested("pix_lake", small) == dict.fromkeys(steps, "success")
    assert tested("pix_lake", small) == {**dict.fromkeys(steps, "success"), "grown": "skipped"}


def test_an_alert_of_monitoring_becomes_a_registered_model(stack: Stack, airflow: Airflow) -> None:
    before = len(stack.versions())
    began = time.monotonic()
    alert = open_alert(stack)
    run = wait_for(lambda: [run for run in airflow.runs() if run["state"] in OVER])[-1]
    print(f"alert to judged model: {time.monotonic() - began:.1f} s")
    assert run["state"] == "success", airflow.states(run["dag_run_id"])
    assert run["run_type"] == "asset_triggered"
    outcome = airflow.outcome(run["dag_run_id"])
    assert outcome["cause"] == "drift"
    versions = stack.versions()
    assert (len(versions), versions[0]["version"]) == (before + 1, outcome["version"])
    jobs = stack_jobs(stack)
    assert jobs[0]["payload"]["cause"] == {
        "alert": alert,
        "kind": "score_drift",
        "bundleVersion": "bundle-1",
        "signals": ["score"],
    }


def test_one_cause_that_comes_twice_and_a_killed_scheduler_train_one_model(stack: Stack, airflow: Airflow) -> None:
    versions, runs = len(stack.versions()), len(airflow.runs())
    event = {
        "alert": "4711",
        "kind": "score_drift",
        "bundleVersion": "bundle-1",
        "signals": ["score"],
        "askedAt": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    airflow.drift(event)
    first = wait_for(lambda: airflow.runs()[runs:])[0]["dag_run_id"]
    wait_for(lambda: airflow.states(first).get("plan") in ("queued", "running", "success"))
    scheduler = kill_scheduler(stack.directory)
    airflow.drift(event)
    ended = wait_for(lambda: (seen := airflow.runs()[runs:])[1:] and all(run["state"] in OVER for run in seen) and seen)
    assert [run["state"] for run in ended] == ["success", "success"]
    assert scheduler_pid(stack.directory) != scheduler
    outcomes = [airflow.outcome(run["dag_run_id"]) for run in ended]
    assert outcomes[0] == outcomes[1]
    assert len(stack.versions()) == versions + 1


def open_alert(stack: Stack) -> str:
    """An alert of the champion as a run of monitoring opens it; answers its id."""
    with psycopg2.connect(stack.ledger_url) as connection, connection.cursor() as cursor:
        signals = json.dumps([{"signal": "score", "value": 0.4, "reason": None}])
        cursor.execute(
            """INSERT INTO alert (model, bundle_version, role, kind, severity, signals, windows, opened_at, seen_at)
            VALUES ('pix-fraud', 'bundle-1', 'champion', 'score_drift', 'warning', %s, 1, now(), now()) RETURNING id""",
            (signals,),
        )
        return str(cursor.fetchone()[0])


def stack_jobs(stack: Stack) -> list[dict[str, object]]:
    url = f"{stack.addresses['training-worker']}/v1/training-jobs"
    return list(httpx.get(url, headers={"x-api-key": stack.key}, timeout=300).raise_for_status().json()["jobs"])


def scheduler_pid(directory: Path) -> int:
    return int(json.loads((directory / "airflow/pids.json").read_text())["scheduler"])


def kill_scheduler(directory: Path) -> int:
    """SIGKILL, as a crash; `vigia-airflow` starts another."""
    pid = scheduler_pid(directory)
    os.kill(pid, signal.SIGKILL)
    return pid
