import numpy as np
import pytest

from test_measures import COSTS, THRESHOLDS, some_scores
from vigia.bundle import json_bytes
from vigia.evaluation import HEADLINES, LEAST_FRAUDS, LEAST_GENUINE, OF_GENUINE_ALONE, evaluate, flat_metrics
from vigia.evaluation_text import evaluation_text
from vigia.measures import Measures

SCORED = some_scores(1, rows=4_000)
FRAUDS = np.flatnonzero(SCORED.labels == 1)
GENUINE = np.flatnonzero(SCORED.labels == 0)


def some(frauds: int, genuine: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    rows = np.zeros(len(SCORED), dtype=bool)
    rows[FRAUDS[:frauds]] = rows[GENUINE[:genuine]] = True
    return rows


SEGMENTS = {
    "payer": {"company": some(LEAST_FRAUDS, LEAST_GENUINE), "person": some(LEAST_FRAUDS - 1, LEAST_GENUINE)},
    "hour": {"night": some(50, LEAST_GENUINE - 1)},
}
EVALUATION = evaluate(SCORED, SEGMENTS, THRESHOLDS, COSTS, resamples=200)


def test_overall_values_are_those_of_the_rows_and_lie_in_their_intervals() -> None:
    overall = EVALUATION["overall"]
    assert overall["payments"] == SCORED.weights.sum()
    assert overall["frauds"] == len(FRAUDS)
    values = Measures(SCORED, THRESHOLDS, COSTS)()
    assert {name: each["value"] for name, each in overall["metrics"].items()} == pytest.approx(values, rel=1e-5)
    for name, each in overall["metrics"].items():
        assert each["low"] < each["high"], name
        if name != "calibration_error":
            assert each["low"] <= each["value"] <= each["high"], name
    assert sum(sum(truths.values()) for truths in overall["confusion"].values()) == overall["payments"]


def test_fewer_rows_give_wider_intervals() -> None:
    whole, part = (
        group["metrics"]["roc_auc"] for group in (EVALUATION["overall"], EVALUATION["segments"]["payer"]["company"])
    )
    assert part["high"] - part["low"] > 2 * (whole["high"] - whole["low"])


def test_a_segment_is_measured_as_if_it_stood_alone() -> None:
    company = SEGMENTS["payer"]["company"]
    alone = Measures(SCORED.at(company), THRESHOLDS, COSTS)()
    told = EVALUATION["segments"]["payer"]["company"]
    assert (told["rows"], told["frauds"]) == (LEAST_FRAUDS + LEAST_GENUINE, LEAST_FRAUDS)
    assert {name: each["value"] for name, each in told["metrics"].items()} == pytest.approx(alone, rel=1e-5)


def test_a_segment_with_few_frauds_is_measured_on_its_genuine_payments_alone() -> None:
    told = EVALUATION["segments"]["payer"]["person"]
    assert set(told["metrics"]) == OF_GENUINE_ALONE
    assert told["omitted"].startswith(f"{LEAST_FRAUDS - 1} frauds")


def test_a_segment_with_few_genuine_payments_is_not_measured() -> None:
    told = EVALUATION["segments"]["hour"]["night"]
    assert "metrics" not in told
    assert told["omitted"].startswith(f"{LEAST_GENUINE - 1} genuine rows")


def test_a_single_fraud_can_be_evaluated() -> None:
    """Resamples in which it is not drawn tell nothing and are passed over."""
    told = evaluate(SCORED.at(some(1, 500)), {}, THRESHOLDS, COSTS, resamples=50)["overall"]
    assert told["metrics"]["average_precision"]["high"] >= told["metrics"]["average_precision"]["value"]


def test_bundles_get_every_overall_metric_and_the_ends_of_the_headlines() -> None:
    metrics = flat_metrics(EVALUATION)
    assert set(EVALUATION["overall"]["metrics"]) < set(metrics)
    for name in HEADLINES:
        assert metrics[f"{name}_low"] <= metrics[name] <= metrics[f"{name}_high"]


def test_it_is_json_of_the_same_bytes_each_time() -> None:
    again = evaluate(SCORED, SEGMENTS, THRESHOLDS, COSTS, resamples=200)
    assert json_bytes(again) == json_bytes(EVALUATION)


def test_the_text_has_a_row_for_every_metric_and_segment() -> None:
    text = evaluation_text(EVALUATION)
    for name in EVALUATION["overall"]["metrics"]:
        assert f"\n| {name} | " in text
    assert "| payer: company | " in text
    assert "| hour: night | " in text
    assert text.count("- | - | -") == 1
