"""Each reason to keep the champion by itself, and none."""

from copy import deepcopy
from typing import Any

import pytest

from vigia_airflow.promotion import Limits, objections

LIMITS = Limits(payments=1_000, decided_differently=0.05, precision_loss=0.02, frauds=30)
GOOD: dict[str, Any] = {
    "comparison": {
        "payments": 1_000,
        "shareDecidedDifferently": 0.05,
        "labels": {"fraud": 30, "genuine": 100, "none": 870},
        "champion": {"version": "1", "bundleVersion": "b-1", "ranking": {"averagePrecision": 0.5}},
        "challenger": {"version": "2", "bundleVersion": "b-2", "ranking": {"averagePrecision": 0.49}},
    },
    "alerts": [{"kind": "score_drift", "bundleVersion": "b-1"}],
    "changes": [{"to": {"version": "1"}}],
}


def test_nothing() -> None:
    assert objections(**GOOD, limits=LIMITS) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda known: known["comparison"].update(payments=999), "999 of 1000"),
        (lambda known: known["comparison"].update(shareDecidedDifferently=0.051), "5.10%"),
        (lambda known: known["comparison"]["challenger"]["ranking"].update(averagePrecision=0.47), "0.0300 lower"),
        (lambda known: known["alerts"].append({"kind": "score_drift", "bundleVersion": "b-2"}), "score_drift"),
        (lambda known: known["changes"].append({"to": {"version": "2"}}), "champion before"),
    ],
)
def test_one_reason(change: Any, reason: str) -> None:  # noqa: ANN401
    known = deepcopy(GOOD)
    change(known)
    [only] = objections(**known, limits=LIMITS)
    assert reason in only


def test_few_frauds_do_not_rank() -> None:
    known = deepcopy(GOOD)
    known["comparison"]["challenger"]["ranking"]["averagePrecision"] = 0.1
    known["comparison"]["labels"]["fraud"] = 29
    assert objections(**known, limits=LIMITS) == []
