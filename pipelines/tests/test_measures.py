"""Measures against sklearn and against the plainest reckoning, on random rows with ties and weights."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, precision_recall_fscore_support, roc_auc_score

from vigia.measures import Measures, Scored, calibration_bins
from vigia.thresholds import Costs, Thresholds

THRESHOLDS, COSTS = Thresholds(review=0.2, reject=0.55), Costs()
WORLDS = range(12)


def some_scores(seed: int, rows: int = 300, digits: int | None = None) -> Scored:
    """One in eight is fraud; every third world has ties, every other one weights."""
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 1 / 8).astype(np.int8)
    labels[:2] = (0, 1)
    probabilities = 1 / (1 + np.exp(2 - random.normal(size=rows) - 2 * labels))
    if digits is not None or seed % 3 == 0:
        probabilities = probabilities.round(digits or 1)
    weights = np.where(labels == 1, 1.0, 3.0 if seed % 2 else 1.0)
    amounts = random.lognormal(9, 1.5, rows).round()
    return Scored(probabilities.astype(np.float32), labels, amounts, weights)


def flags(scored: Scored, threshold: float) -> NDArray[np.bool_]:
    return scored.probabilities.astype(np.float64) > threshold


@pytest.mark.parametrize("seed", WORLDS)
def test_ranking_and_brier_are_those_of_sklearn(seed: int) -> None:
    scored = some_scores(seed)
    measured = Measures(scored, THRESHOLDS, COSTS)()
    labels, p, weights = scored.labels, scored.probabilities, scored.weights
    assert measured["average_precision"] == pytest.approx(average_precision_score(labels, p, sample_weight=weights))
    assert measured["roc_auc"] == pytest.approx(roc_auc_score(labels, p, sample_weight=weights))
    assert measured["brier"] == pytest.approx(brier_score_loss(labels, p, sample_weight=weights))
    assert measured["prevalence"] == pytest.approx(np.average(labels, weights=weights))


@pytest.mark.parametrize("seed", WORLDS)
@pytest.mark.parametrize("name", ["review", "reject"])
def test_decisions_are_those_of_sklearn(seed: int, name: str) -> None:
    scored = some_scores(seed)
    measured = Measures(scored, THRESHOLDS, COSTS)()
    flagged = flags(scored, getattr(THRESHOLDS, name))
    precision, recall, f1, _ = precision_recall_fscore_support(
        scored.labels, flagged, sample_weight=scored.weights, average="binary", zero_division=0
    )
    assert measured[f"precision_at_{name}"] == pytest.approx(precision)
    assert measured[f"recall_at_{name}"] == pytest.approx(recall)
    assert measured[f"f1_at_{name}"] == pytest.approx(f1)
    genuine = scored.labels == 0
    assert measured[f"false_positive_rate_at_{name}"] == pytest.approx(
        np.average(flagged[genuine], weights=scored.weights[genuine])
    )


@pytest.mark.parametrize("seed", WORLDS)
@pytest.mark.parametrize(("name", "rate"), [("0_1", 0.001), ("1", 0.01), ("5", 0.05)])
def test_recall_is_that_of_the_lowest_threshold_within_the_rate(seed: int, name: str, rate: float) -> None:
    scored = some_scores(seed)
    genuine, fraud = (scored.labels == label for label in (0, 1))
    best = 0.0
    for threshold in np.unique(scored.probabilities):
        flagged = scored.probabilities >= threshold
        if np.average(flagged[genuine], weights=scored.weights[genuine]) <= rate:
            best = max(best, float(np.average(flagged[fraud], weights=scored.weights[fraud])))
    measured = Measures(scored, THRESHOLDS, COSTS)()
    assert measured[f"recall_at_{name}_percent_false_positives"] == pytest.approx(best)


@pytest.mark.parametrize("seed", WORLDS)
def test_money_is_counted_payment_by_payment(seed: int) -> None:
    scored = some_scores(seed)
    measured = Measures(scored, THRESHOLDS, COSTS)()
    cost = without = 0.0
    for p, label, amount, weight in zip(
        scored.probabilities.tolist(), scored.labels, scored.amounts_cents, scored.weights, strict=True
    ):
        without += weight * amount * label
        if p > THRESHOLDS.reject:
            cost += 0 if label else weight * (COSTS.false_reject_cents + COSTS.friction * amount)
        elif p > THRESHOLDS.review:
            cost += weight * COSTS.review_cents
        else:
            cost += weight * amount * label
    payments = scored.weights.sum()
    assert measured["cost_per_payment_brl"] == pytest.approx(cost / payments / 100)
    assert measured["cost_per_payment_without_model_brl"] == pytest.approx(without / payments / 100)
    assert measured["saved_share"] == pytest.approx(1 - cost / without)


def test_decisions_of_five_payments_by_hand() -> None:
    probabilities = np.array([0.05, 0.3, 0.3, 0.8, 0.9], np.float32)
    labels = np.array([1, 0, 1, 0, 1], np.int8)
    amounts = np.array([10_000.0, 1.0, 5_000.0, 20_000.0, 70_000.0])
    metrics = Measures(Scored(probabilities, labels, amounts, np.ones(5)), Thresholds(review=0.2, reject=0.7), COSTS)()
    assert metrics["review_rate"] == pytest.approx(2 / 5)
    assert metrics["reject_rate"] == pytest.approx(2 / 5)
    assert metrics["precision_at_reject"] == pytest.approx(1 / 2)
    assert metrics["recall_at_review"] == pytest.approx(2 / 3)
    # Missed R$ 100, two reviews R$ 24, one false reject R$ 30 and 1 % of R$ 200.
    assert metrics["cost_per_payment_brl"] == pytest.approx((100 + 24 + 32) / 5)
    assert metrics["cost_per_payment_without_model_brl"] == pytest.approx((100 + 50 + 700) / 5)


@pytest.mark.parametrize("seed", WORLDS)
def test_a_row_drawn_several_times_counts_as_several_rows(seed: int) -> None:
    scored = some_scores(seed)
    times = np.random.default_rng(100 + seed).integers(0, 4, len(scored)).astype(np.uint8)
    times[:2] = 1
    drawn = Measures(scored, THRESHOLDS, COSTS)(times)
    repeated = Measures(scored.at(np.repeat(np.arange(len(scored)), times)), THRESHOLDS, COSTS)()
    # Bins of calibration stay those of the sample.
    drawn.pop("calibration_error"), repeated.pop("calibration_error")
    assert drawn == pytest.approx(repeated)


@pytest.mark.parametrize("seed", WORLDS)
def test_a_weight_counts_as_several_rows(seed: int) -> None:
    scored = some_scores(seed)
    alone = scored.at(np.repeat(np.arange(len(scored)), scored.weights.astype(int)))
    alone = Scored(alone.probabilities, alone.labels, alone.amounts_cents, np.ones(len(alone)))
    weighted, repeated = (Measures(each, THRESHOLDS, COSTS) for each in (scored, alone))
    assert weighted() == pytest.approx(repeated(), rel=1e-6)
    assert weighted.confusion() == repeated.confusion()


@pytest.mark.parametrize(("review", "reject"), [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)])
def test_thresholds_at_the_ends_flag_everything_or_nothing(review: float, reject: float) -> None:
    scored = some_scores(1)
    measures = Measures(scored, Thresholds(review, reject), COSTS)
    confusion = measures.confusion()
    assert sum(confusion["approve"].values()) == (0 if review == 0 else scored.weights.sum())
    assert sum(confusion["reject"].values()) == (scored.weights.sum() if reject == 0 else 0)
    assert measures()["saved_share"] == pytest.approx(0 if review == 1 else measures()["saved_share"])
    assert measures()["precision_at_reject"] == pytest.approx(measures()["prevalence"] if reject == 0 else 0)


def test_a_probability_on_the_threshold_is_not_above_it() -> None:
    on_it = Scored(np.array([0.25, 0.5], np.float32), np.array([0, 1], np.int8), np.ones(2), np.ones(2))
    confusion = Measures(on_it, Thresholds(review=0.25, reject=0.5), COSTS).confusion()
    assert confusion == {
        "reject": {"fraud": 0, "genuine": 0},
        "review": {"fraud": 1, "genuine": 0},
        "approve": {"fraud": 0, "genuine": 1},
    }


def test_without_a_fraud_ranking_is_not_a_number_and_nothing_raises() -> None:
    scored = some_scores(1)
    none_drawn = np.where(scored.labels == 1, 0, 1).astype(np.uint8)
    measured = Measures(scored, THRESHOLDS, COSTS)(none_drawn)
    assert np.isnan(measured["average_precision"])
    assert np.isnan(measured["saved_share"])
    assert not np.isnan(measured["false_positive_rate_at_review"])
    assert all(
        np.isnan(value)
        for name, value in Measures(scored, THRESHOLDS, COSTS)(none_drawn * 0).items()
        if not name.startswith("precision")
    )


def test_calibration_error_is_small_for_true_probabilities_and_grows_with_the_bias() -> None:
    random = np.random.default_rng(2)
    probabilities = random.beta(0.3, 6, 100_000).astype(np.float32)
    labels = (random.random(100_000) < probabilities).astype(np.int8)
    assert calibration_error(labels, probabilities) < 0.004
    doubled = np.minimum(2 * probabilities, 1)
    assert calibration_error(labels, doubled) == pytest.approx(float(doubled.mean() - labels.mean()), rel=0.15)


def test_calibration_error_of_one_probability_is_its_distance_from_the_prevalence() -> None:
    assert calibration_error(np.array([1, 0, 0, 0], np.int8), np.full(4, 0.75, np.float32)) == pytest.approx(0.5)


def test_bins_hold_equally_many_frauds_and_part_no_equal_probabilities() -> None:
    scored = some_scores(5, rows=2_000, digits=2)
    order = np.argsort(scored.probabilities, kind="stable")
    labels, probabilities = scored.labels[order], scored.probabilities[order]
    bins = calibration_bins(labels, probabilities)
    assert (np.diff(bins) >= 0).all()
    assert all(len(np.unique(bins[probabilities == p])) == 1 for p in np.unique(probabilities))
    frauds = np.bincount(bins, weights=labels)
    assert frauds.max() < 2.5 * frauds.mean()


def calibration_error(labels: NDArray[np.int8], probabilities: NDArray[Any]) -> float:
    ones = np.ones(len(labels))
    return Measures(Scored(probabilities, labels, ones, ones), THRESHOLDS, COSTS)()["calibration_error"]
