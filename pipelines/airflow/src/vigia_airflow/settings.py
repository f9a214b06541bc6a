"""Every setting of the DAGs, from the environment of Airflow's processes, read when a task runs."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from airflow.sdk.exceptions import AirflowFailException


class BadSetting(AirflowFailException):
    """A setting is missing or does not fit; a retry would not help."""


@dataclass(frozen=True)
class Setting:
    """One variable of the environment."""

    meaning: str
    # None: there is none, it must be given.
    default: str | None
    # Says what a value must be, or None where it fits.
    objection: Callable[[str], str | None]
    secret: bool = False


def _url(text: str) -> str | None:
    parts = urlsplit(text)
    return None if parts.scheme in ("http", "https") and parts.hostname else "must be a URL as http://host:3004"


def _url_or_empty(text: str) -> str | None:
    return None if text == "" else _url(text)


def _given(text: str) -> str | None:
    return None if text.strip() else "must not be empty"


def _postgres(text: str) -> str | None:
    fits = urlsplit(text).scheme in ("postgres", "postgresql")
    return None if fits else "must be a URL as postgres://user@host/database"


def _command(text: str) -> str | None:
    return None if os.access(text, os.X_OK) and Path(text).is_file() else "must be the path of an executable file"


def _file(text: str) -> str | None:
    return None if Path(text).is_file() else "must be the path of a file"


SETTINGS: dict[str, Setting] = {
    "VIGIA_FEATURE_STORE_URL": Setting("Address of the feature store.", "http://127.0.0.1:3003", _url),
    "VIGIA_TRAINING_WORKER_URL": Setting("Address of the training worker.", "http://127.0.0.1:3004", _url),
    "VIGIA_MONITORING_URL": Setting("Address of monitoring.", "http://127.0.0.1:3005", _url),
    "VIGIA_API_KEY": Setting("API key with the scopes `read` and `admin`.", None, _given, secret=True),
    "VIGIA_ALERT_WEBHOOK_URL": Setting(
        "Where failures are posted, in the format of monitoring's webhook; empty: nowhere.",
        "",
        _url_or_empty,
        secret=True,
    ),
    "VIGIA_LEDGER_URL": Setting("PostgreSQL of the ledger, which `pix_lake` exports.", None, _postgres, secret=True),
    "VIGIA_FEED_DIRECTORY": Setting("Folder of the event files that the ledger is exported to.", None, _given),
    "VIGIA_LAKE_DIRECTORY": Setting("Folder of the lake, as `vigia-lake --lake` takes it.", None, _given),
    "VIGIA_LAKE_COMMAND": Setting("Path of the command `vigia-lake`.", None, _command),
    "VIGIA_NODE_COMMAND": Setting("Path of Node 24 or newer.", None, _command),
    "VIGIA_LAKE_EXPORT": Setting("Path of the built `tools/dist/lake-export.js`.", None, _file),
}
# Read when Airflow parses the DAGs, so not among those that a task checks.
RETRAIN_SCHEDULE = "VIGIA_RETRAIN_SCHEDULE"
RETRAIN_SCHEDULE_DEFAULT = "0 6 * * 1"


def setting(name: str) -> str:
    """
    The value of a setting.

    Raises BadSetting where it is missing or does not fit; a secret's value is not repeated.
    """
    declared = SETTINGS[name]
    value = os.environ.get(name, declared.default)
    if value is None:
        raise BadSetting(f"{name} is missing: set it for every process of Airflow. {declared.meaning}")
    objection = declared.objection(value)
    if objection is not None:
        shown = "" if declared.secret else f" and is {value!r}"
        raise BadSetting(f"{name} {objection}{shown}. {declared.meaning}")
    return value
