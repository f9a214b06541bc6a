from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from vigia.segments import Columns, segments_of

NAN = float("nan")


def columns(features: dict[str, list[float]], rows: int = 4, scenarios: list[str] | None = None) -> Columns:
    return Columns(
        names=list(features),
        features=np.array(list(features.values()), np.float32).T.reshape(rows, len(features)),
        accepted_at_ms=np.zeros(rows),
        amounts_cents=np.ones(rows),
        labels=np.array([1, 0, 0, 0], np.int8)[:rows],
        scenarios=None if scenarios is None else np.array(scenarios),
    )


def rows_of(segments: dict[str, NDArray[np.bool_]]) -> dict[str, list[int]]:
    return {name: np.flatnonzero(rows).tolist() for name, rows in segments.items()}


@pytest.mark.parametrize(
    ("moment", "band"),
    [
        ("2026-03-01T02:59:59", "20h_to_24h"),
        ("2026-03-01T03:00:00", "00h_to_06h"),
        ("2026-03-01T08:59:59", "00h_to_06h"),
        ("2026-03-01T09:00:00", "06h_to_12h"),
        ("2026-03-01T22:59:59", "12h_to_20h"),
        ("2026-03-01T23:00:00", "20h_to_24h"),
    ],
)
def test_hours_are_those_of_brasilia(moment: str, band: str) -> None:
    at_ms = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000
    some = columns({}, rows=1)
    told = segments_of(Columns([], some.features, np.array([at_ms]), some.amounts_cents, some.labels))
    assert rows_of(told["hour"]) == {band: [0]}


def test_amounts_belong_to_the_band_that_they_begin() -> None:
    some = columns({})
    amounts = np.array([99_99, 100_00, 4_999_99, 5_000_00], np.float64)
    told = segments_of(Columns([], some.features, some.accepted_at_ms, amounts, some.labels))
    assert rows_of(told["amount"]) == {
        "below_100_brl": [0],
        "100_to_1000_brl": [1],
        "1000_to_5000_brl": [2],
        "from_5000_brl": [3],
    }


def test_initiation_forms_part_all_payments() -> None:
    told = segments_of(columns({"initiated_manually": [1, 0, 0, NAN], "initiated_by_dynamic_code": [0, 1, 0, NAN]}))
    assert rows_of(told["initiation_form"]) == {
        "manual": [0],
        "dynamic_code": [1],
        "key_or_static_code": [2],
        "unknown": [3],
    }


def test_flags_and_what_is_not_known() -> None:
    told = segments_of(columns({"payer_is_company": [1, 0, NAN, 0], "arrived": [0, 0, 0, 0]}))
    assert rows_of(told["payer"]) == {"company": [0], "person": [1, 3], "unknown": [2]}
    assert rows_of(told["side"]) == {"sent": [0, 1, 2, 3]}


def test_a_segmentation_whose_features_the_set_lacks_is_left_out() -> None:
    assert set(segments_of(columns({"initiated_manually": [1, 0, 0, 0]}))) == {"hour", "amount"}


def test_frauds_of_a_scenario_stand_among_all_genuine_payments_and_look_alikes_alone() -> None:
    told = segments_of(columns({}, scenarios=["ghost_hand", "", "big_sale", ""]))
    assert rows_of(told["scenario"]) == {"everyday": [1, 3], "big_sale": [2], "ghost_hand": [0, 1, 2, 3]}
