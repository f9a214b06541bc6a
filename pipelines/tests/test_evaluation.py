import numpy as np
import pytest

from vigia.evaluation import calibration_error, probability_metrics, recall_at


def test_recall_is_that_of_the_lowest_threshold_within_the_false_positive_rate() -> None:
    labels = np.array([0] * 100 + [1] * 4, np.int8)
    scores = np.concatenate([np.linspace(0, 0.5, 100), [0.2, 0.497, 0.7, 0.9]])
    assert recall_at(labels, scores, 0.0) == 0.5
    assert recall_at(labels, scores, 0.01) == 0.75
    assert recall_at(labels, scores, 1.0) == 1.0


def test_equal_scores_are_flagged_together() -> None:
    labels = np.array([0, 0, 1, 1], np.int8)
    assert recall_at(labels, np.array([0.1, 0.9, 0.9, 0.9]), 0.01) == 0.0


def test_calibration_error_is_small_for_true_probabilities_and_grows_with_the_bias() -> None:
    random = np.random.default_rng(2)
    probabilities = random.beta(0.3, 6, 100_000).astype(np.float32)
    labels = (random.random(100_000) < probabilities).astype(np.int8)
    assert calibration_error(labels, probabilities) < 0.004
    doubled = np.minimum(2 * probabilities, 1)
    assert calibration_error(labels, doubled) == pytest.approx(float(doubled.mean() - labels.mean()), rel=0.15)


def test_calibration_error_of_one_probability_is_its_distance_from_the_prevalence() -> None:
    labels = np.array([1, 0, 0, 0], np.int8)
    assert calibration_error(labels, np.full(4, 0.75, np.float32)) == pytest.approx(0.5)


def test_perfect_probabilities() -> None:
    labels = np.array([0, 0, 0, 1], np.int8)
    metrics = probability_metrics(labels, labels.astype(np.float32))
    assert metrics["average_precision"] == metrics["roc_auc"] == 1
    assert metrics["recall_at_0_1_percent_false_positives"] == 1
    assert metrics["brier"] == metrics["calibration_error"] == 0
    assert metrics["prevalence"] == 0.25
