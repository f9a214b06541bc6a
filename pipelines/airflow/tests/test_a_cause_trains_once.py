"""Which cause a run has, and that its key and its data follow from that cause alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from vigia_airflow.cause import BadEvent, cause_of, training_range

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Run:
    run_id: str = "scheduled__2026-11-20T12:00:00+00:00"
    run_after: datetime = NOON


@dataclass
class Event:
    timestamp: datetime = NOON
    source_run_id: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)


def drift(alert: str, **fields: Any) -> Event:  # noqa: ANN401
    asked = {"kind": "score_drift", "bundleVersion": "b-1", "signals": ["score"], "askedAt": "2026-11-20T11:00:00.000Z"}
    return Event(extra={"alert": alert, **asked, "from_rest_api": True}, **fields)


def test_by_the_clock_and_by_hand() -> None:
    assert (cause_of(Run(), [], []).kind, cause_of(Run("manual__x"), [], []).kind) == ("schedule", "manual")
    assert cause_of(Run(), [], []).at == NOON


def test_an_alert_that_is_posted_twice_is_one_cause_with_one_moment() -> None:
    first = cause_of(Run("asset_triggered__1"), [], [drift("7")])
    second = cause_of(Run("asset_triggered__2", NOON + timedelta(hours=1)), [], [drift("7", timestamp=NOON)])
    assert first == second
    assert first.key == "alert-7"
    assert first.at == datetime(2026, 11, 20, 11, tzinfo=UTC)
    assert first.alert == {"alert": "7", "kind": "score_drift", "bundleVersion": "b-1", "signals": ["score"]}


def test_drift_goes_before_new_data_and_the_newest_of_several_counts() -> None:
    gold = [
        Event(source_run_id="lake-2", timestamp=NOON),
        Event(source_run_id="lake-1", timestamp=NOON.min.replace(tzinfo=UTC)),
    ]
    assert cause_of(Run(), gold, [drift("7")]).kind == "drift"
    assert cause_of(Run(), gold, []).key == "gold-lake-2"


@pytest.mark.parametrize("lacking", ["alert", "kind", "bundleVersion", "signals", "askedAt"])
def test_a_drift_event_that_lacks_something_is_refused(lacking: str) -> None:
    event = drift("7")
    del event.extra[lacking]
    with pytest.raises(BadEvent, match=lacking):
        cause_of(Run(), [], [event])


def test_the_training_set_ends_where_labels_are_in() -> None:
    rows = training_range(NOON, days=60, label_delay_days=7)
    assert (rows.start, rows.end, rows.label_cut_off) == (
        "2026-09-14T12:00:00.000Z",
        "2026-11-13T12:00:00.000Z",
        "2026-11-20T12:00:00.000Z",
    )
