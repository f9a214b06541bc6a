"""Why a retraining runs. Everything that it asks for follows from its cause, so that a cause trains once."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from airflow.sdk import Asset

GOLD = Asset(name="vigia_gold", uri="vigia://lake/gold")
DRIFT = Asset(name="vigia_drift", uri="vigia://monitoring/drift")


class Event(Protocol):
    """An asset event that triggered a run."""

    @property
    def extra(self) -> Mapping[str, Any]: ...
    @property
    def timestamp(self) -> datetime: ...
    @property
    def source_run_id(self) -> str | None: ...


class Run(Protocol):
    """The run of a DAG."""

    @property
    def run_id(self) -> str: ...
    @property
    def run_after(self) -> datetime: ...


@dataclass(frozen=True)
class Cause:
    """`key` is equal for whatever must not be trained twice; `at` is the moment up to which data count."""

    kind: str
    key: str
    at: datetime
    # The alert as the training worker takes it; None where no alert asked.
    alert: dict[str, Any] | None = None


class BadEvent(ValueError):
    """An asset event lacks what the DAG needs."""


def cause_of(run: Run, gold: Iterable[Event], drift: Iterable[Event]) -> Cause:
    """
    The cause of a run: a drift alert before new data before the clock or a person. Of several events the newest counts;
    what is posted twice for one alert is one cause.

    Raises BadEvent where a drift event does not say which alert it is.
    """
    drifts = sorted(drift, key=lambda event: event.timestamp)
    if drifts:
        return _of_drift(drifts[-1])
    golds = sorted(gold, key=lambda event: event.timestamp)
    if golds:
        newest = golds[-1]
        return Cause("new_data", f"gold-{newest.source_run_id or newest.timestamp.isoformat()}", newest.timestamp)
    kind = "schedule" if run.run_id.startswith("scheduled__") else "manual"
    return Cause(kind, run.run_id, run.run_after)


def _of_drift(event: Event) -> Cause:
    extra = event.extra
    alert = {name: extra.get(name) for name in ("alert", "kind", "bundleVersion", "signals")}
    asked_at = extra.get("askedAt")
    if not isinstance(asked_at, str) or any(value is None for value in alert.values()):
        raise BadEvent(
            f"an event of {DRIFT.uri} must have alert, kind, bundleVersion, signals and askedAt in its extra, "
            f"and has {sorted(extra)}"
        )
    return Cause("drift", f"alert-{alert['alert']}", datetime.fromisoformat(asked_at), alert)


@dataclass(frozen=True)
class Range:
    """Instants of the training set, UTC with milliseconds."""

    start: str
    end: str
    label_cut_off: str


def training_range(at: datetime, days: int, label_delay_days: float) -> Range:
    """The `days` before the time that a label takes, with the labels that are known at `at`."""
    end = at - timedelta(days=label_delay_days)
    return Range(instant(end - timedelta(days=days)), instant(end), instant(at))


def instant(moment: datetime) -> str:
    """As the services take it."""
    text = moment.isoformat(timespec="milliseconds")
    return re.sub(r"\+00:00$", "Z", text)
