"""A run of the lake is killed where it stands: no half of anything is seen, and the next run ends with all rows."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lake_events import Event, label, payment, write
from lake_spark import QUICK_JAVA

pytestmark = pytest.mark.pipelines
COMMAND = [sys.executable, "-m", "vigia.lake.command", "all", "--features", "handbook", "--json"]
SMALL = ["--threads", "1", "--memory-mb", "1024", "--quarantine-share", "1"]


def arguments(folder: Path, name: str) -> list[str]:
    return [*COMMAND, *SMALL, "--lake", str(folder / name), "--source", f"ledger={folder / 'feed'}"]


def start(folder: Path, name: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        arguments(folder, name), stdout=subprocess.PIPE, text=True, env={**os.environ, **QUICK_JAVA}
    )


def result(folder: Path, name: str) -> dict[str, Any]:
    done = subprocess.run(arguments(folder, name), capture_output=True, text=True, env={**os.environ, **QUICK_JAVA})
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def feed() -> list[Event | str]:
    payments = [payment(number, day) for day in range(3) for number in range(5)]
    return [*payments, payments[0], payment(0, cents=7), label(1), "no JSON"]


# A start of the JVM each: the places after which most is half done.
@pytest.mark.parametrize("at", ["bronze: 1 new files", "rows in quarantine", "gold: the set"])
def test_a_run_that_was_killed_is_ended_by_the_next(tmp_path: Path, at: str) -> None:
    write(tmp_path / "feed", "a.ndjson", feed())
    killed = start(tmp_path, "lake")
    assert killed.stdout is not None
    for line in killed.stdout:
        if at in line:
            killed.send_signal(signal.SIGKILL)
            break
    assert killed.wait(60) == -signal.SIGKILL
    killed.stdout.close()
    after = result(tmp_path, "lake")
    assert after["rows"] == {
        "bronze": 19,
        "silver/payments": 15,
        "silver/labels": 1,
        "silver/quarantine": 2,
        "gold/handbook": 15,
        "gold/daily": 3,
    }
    state = json.loads((tmp_path / "lake/silver/payments/_table.json").read_text())["state"]
    assert state["totals"] == {
        "rows": 19, "payments": 15, "labels": 1, "repeats": 1, "quarantined": 2, "erased": 0,
    }  # fmt: skip
    assert not list((tmp_path / "lake").rglob("_staging-*"))


def test_arguments_and_lakes_that_are_not_what_they_should_be(tmp_path: Path) -> None:
    def said(*further: str) -> str:
        done = subprocess.run([*COMMAND[:3], *further], capture_output=True, text=True)
        assert done.returncode == 2
        return done.stderr

    assert "--source is missing" in said("bronze", "--lake", str(tmp_path))
    assert "'x' is not NAME=DIR" in said("bronze", "--lake", str(tmp_path), "--source", "x")
    assert "is no pseudonym" in said("erase", "--lake", str(tmp_path), "--pseudonym", "12345678909")
    assert "--pseudonym is missing" in said("erase", "--lake", str(tmp_path))
    (tmp_path / "file").touch()
    assert "give --lake a folder" in said("silver", "--lake", str(tmp_path / "file"))
