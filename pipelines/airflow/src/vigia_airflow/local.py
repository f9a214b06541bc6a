"""
`vigia-airflow`: the whole of Airflow on this machine, for the local stack and the tests.

Starts api-server, scheduler, dag-processor and triggerer on 127.0.0.1, starts again what dies, ends all with itself.
Everybody on this machine is its administrator: no place for real data.
"""

import argparse
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

BIN = Path(sys.executable).parent
DAGS = Path(__file__).resolve().parents[2] / "dags"
PARTS: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server", "--host", "127.0.0.1", "--workers", "1"),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
LOOK_S = 0.2
GRACE_S = 15.0
# What dies sooner than that after its start waits as long before the next.
LEAST_LIFE_S = 2.0


def environment(home: Path, port: int, database_url: str) -> dict[str, str]:
    """Airflow's settings, as it takes them from its environment."""
    key = _secret(home)
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": key,
        "AIRFLOW__API_AUTH__JWT_SECRET": key,
        "AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url,
        # A killed scheduler's tasks are taken over within two minutes, by defaults in five.
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "90",
        # A busy machine is no death: what it takes for one would be marked failed, and be unhealthy for good.
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "60",
        "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "60",
    }


def _secret(home: Path) -> str:
    """Signs what the parts say to each other; made at the first start."""
    home.mkdir(parents=True, exist_ok=True)
    file = home / "secret.json"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(json.dumps(secrets.token_hex(48)))
    key: str = json.loads(file.read_text())
    return key


class Parts:
    """The running parts, each with a log of its own in `home`."""

    def __init__(self, home: Path, settings: Mapping[str, str]) -> None:
        self.home = home
        self.settings = settings
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.started: dict[str, float] = {}
        self.ending = False

    def run(self) -> None:
        """Until somebody says `end`."""
        while not self.ending:
            for name in PARTS:
                if self.is_due(name):
                    self.start(name)
            time.sleep(LOOK_S)
        self.stop()

    def is_due(self, name: str) -> bool:
        part = self.running.get(name)
        rested = time.monotonic() - self.started.get(name, -LEAST_LIFE_S) >= LEAST_LIFE_S
        return not self.ending and rested and (part is None or part.poll() is not None)

    def start(self, name: str) -> None:
        with (self.home / f"{name}.log").open("ab") as log:
            command = [str(BIN / "airflow"), *PARTS[name]]
            part = subprocess.Popen(command, env=self.settings, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        self.running[name] = part
        self.started[name] = time.monotonic()
        pids = {each: running.pid for each, running in self.running.items()}
        (self.home / "pids.json").write_text(json.dumps(pids))

    def stop(self) -> None:
        """Tells all to end, and kills what does not within the grace."""
        for part in self.running.values():
            if part.poll() is None:
                part.terminate()
        deadline = time.monotonic() + GRACE_S
        for part in self.running.values():
            try:
                part.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()

    def end(self, _number: int, _frame: FrameType | None) -> None:
        self.ending = True


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    home: Path = options.home.resolve()
    settings = {**os.environ, **environment(home, options.port, options.database_url)}
    subprocess.run([str(BIN / "airflow"), "db", "migrate"], env=settings, check=True)
    parts = Parts(home, settings)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, parts.end)
    parts.run()
    return 0


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(prog="vigia-airflow", description=__doc__)
    result.add_argument("--home", type=Path, required=True, metavar="DIR", help="logs, secret and process ids")
    result.add_argument("--port", type=int, default=8080, help="of the web page and the API")
    result.add_argument("--database-url", required=True, help="Airflow's own, as postgresql+psycopg2://user@host/name")
    return result


if __name__ == "__main__":
    sys.exit(main())
