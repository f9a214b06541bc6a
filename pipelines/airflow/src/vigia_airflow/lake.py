"""The commands that fill the lake, run by a task as processes of their own."""

import json
import os
import subprocess
from collections.abc import Sequence
from typing import Any

from airflow.sdk.exceptions import AirflowException, AirflowFailException

from vigia_airflow.settings import setting

# Exit codes of vigia-lake and lake-export after which the same command would end the same way.
FINAL_CODES = (2, 3)
SHOWN_CHARACTERS = 2_000


def export() -> str:
    """Appends what is new in the ledger to the event files, and answers the line that says how much."""
    lines = _run(
        [
            *(setting("VIGIA_NODE_COMMAND"), setting("VIGIA_LAKE_EXPORT")),
            *("--to", setting("VIGIA_FEED_DIRECTORY"), "--database-url", setting("VIGIA_LEDGER_URL")),
        ]
    )
    return lines[-1]


def layer(name: str, *flags: str) -> dict[str, Any]:
    """Brings a layer up to date: `bronze`, `silver` or `gold`. Its counts as `vigia-lake --json` tells them."""
    source = f"ledger={setting('VIGIA_FEED_DIRECTORY')}"
    lines = _run(
        [
            *(setting("VIGIA_LAKE_COMMAND"), name, "--json"),
            *("--lake", setting("VIGIA_LAKE_DIRECTORY"), "--source", source, *flags),
        ]
    )
    result: dict[str, Any] = json.loads(lines[-1])
    return {**result[name], "rows": result["rows"]}


def _run(command: Sequence[str]) -> list[str]:
    """
    Lines of standard output.

    Raises AirflowFailException where the command says that a retry would not help, AirflowException otherwise; both
    with the end of standard error.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    if done.returncode == 0:
        return done.stdout.splitlines()
    # Its arguments may hold a secret.
    text = f"{command[0].rsplit('/', 1)[-1]} ended with {done.returncode}: {done.stderr[-SHOWN_CHARACTERS:]}"
    raise (AirflowFailException if done.returncode in FINAL_CODES else AirflowException)(text)
