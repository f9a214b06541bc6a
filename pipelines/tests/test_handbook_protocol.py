"""The handbook's splits and metric, against a second way of counting them."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from vigia.errors import BadInput
from vigia.handbook_protocol import (
    FIRST_DAY,
    SINGLE_SPLIT,
    TEST_WEEKS,
    VALIDATION_WEEKS,
    Cards,
    card_precision,
    fold_of,
    mean,
    measure,
)

START = date(2018, 4, 11)


def world(seed: int, rows: int = 4_000, customers: int = 60, days: int = 40) -> Cards:
    random = np.random.default_rng(seed)
    moments = np.sort(random.integers(0, days, rows))
    return Cards(
        features=random.normal(size=(rows, 3)).astype(np.float32),
        labels=(random.random(rows) < 0.01).astype(np.int8),
        customers=random.integers(0, customers, rows),
        days=moments,
        amounts_cents=random.integers(1, 10_000, rows).astype(np.float64),
    )


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


@pytest.mark.parametrize("seed", range(5))
def test_a_test_day_lacks_the_cards_known_eight_days_before_it(seed: int) -> None:
    cards = world(seed)
    fold = fold_of(cards, START)
    dates = [day(int(number)) for number in cards.days]
    assert [row for row, at in enumerate(dates) if START <= at < START + timedelta(days=7)] == fold.train.tolist()

    expected = []
    for row, at in enumerate(dates):
        if not START + timedelta(days=14) <= at < START + timedelta(days=21):
            continue
        frauds_of_card = [
            dates[other]
            for other in range(len(dates))
            if cards.customers[other] == cards.customers[row] and cards.labels[other]
        ]
        if not any(START <= fraud <= at - timedelta(days=8) for fraud in frauds_of_card):
            expected.append(row)
    assert fold.test.tolist() == expected
    assert 0 < len(expected) < sum(START + timedelta(days=14) <= at < START + timedelta(days=21) for at in dates)


def test_longer_training_ends_on_the_same_day_and_tests_on_the_same_rows() -> None:
    cards = world(1)
    fold, longer = fold_of(cards, START), fold_of(cards, START, from_day=5)
    assert longer.test.tolist() == fold.test.tolist()
    assert longer.train[-len(fold.train) :].tolist() == fold.train.tolist()
    assert day(int(cards.days[longer.train[0]])) == day(5)


def test_the_weeks_do_not_reach_into_each_other() -> None:
    week = timedelta(days=7)
    for weeks in (VALIDATION_WEEKS, TEST_WEEKS):
        assert [after - before for before, after in pairwise(weeks)] == [week] * 3
    assert TEST_WEEKS[0] == SINGLE_SPLIT
    # What chooses is known before the first day that is tested.
    assert max(VALIDATION_WEEKS) + 3 * week < min(TEST_WEEKS) + 2 * week


def brute_card_precision(
    scores: NDArray[np.float32],
    labels: NDArray[np.int8],
    customers: NDArray[np.int64],
    days: NDArray[np.int64],
    top: int,
) -> float:
    detected: set[int] = set()
    shares = []
    for at in sorted(set(days.tolist())):
        best: dict[int, float] = {}
        fraud: dict[int, bool] = {}
        for score, label, customer, when in zip(scores, labels, customers.tolist(), days, strict=True):
            if when == at and customer not in detected:
                best[customer] = max(best.get(customer, -np.inf), float(score))
                fraud[customer] = fraud.get(customer, False) or bool(label)
        ranked = sorted(best, key=lambda customer: (-best[customer], customer))[:top]
        hits = [customer for customer in ranked if fraud[customer]]
        detected.update(hits)
        shares.append(len(hits) / top)
    return sum(shares) / len(shares)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("top", [1, 7, 100])
def test_card_precision_counts_as_by_hand(seed: int, top: int) -> None:
    cards = world(seed, rows=1_500, customers=80, days=9)
    # Few levels: ties decide.
    scores = np.random.default_rng(seed).integers(0, 4, len(cards.labels)).astype(np.float32)
    arguments = (scores, cards.labels, cards.customers, cards.days, top)
    assert card_precision(*arguments) == pytest.approx(brute_card_precision(*arguments), abs=1e-12)


def test_a_detected_card_is_not_looked_at_again() -> None:
    customers = np.array([1, 2, 1, 2])
    days = np.array([0, 0, 1, 1])
    labels = np.array([1, 0, 1, 0], np.int8)
    assert card_precision(np.array([9, 1, 9, 1], np.float32), labels, customers, days, top=1) == 0.5


def test_scores_equal_to_the_labels_are_perfect() -> None:
    cards = world(3)
    fold = fold_of(cards, START)
    perfect = measure(cards, fold, cards.labels[fold.test].astype(np.float32))
    assert (perfect.auc, perfect.ap) == (1, 1)
    assert mean([perfect, perfect]) == perfect


def test_a_world_that_ends_too_early_is_refused() -> None:
    with pytest.raises(BadInput, match="test of the fold that begins on 2018-07-25"):
        fold_of(world(1, days=120), SINGLE_SPLIT)
