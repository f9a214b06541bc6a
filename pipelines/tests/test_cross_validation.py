"""Folds by time: what comes later is never learnt from, and the hold-out is not touched."""

from pathlib import Path

import numpy as np
import pytest

from payments import DAY_MS, Payments, some_payments
from vigia.cross_validation import expanding_folds
from vigia.errors import BadInput
from vigia.split import split_by_time
from vigia.training_set import TrainingSet, load_training_set

DELAY_DAYS = 5


def loaded(payments: Payments, folder: Path) -> TrainingSet:
    return load_training_set(payments.write(folder))


@pytest.mark.parametrize("count", [2, 3, 5])
def test_each_fold_learns_from_what_was_known_before_it(count: int, tmp_path: Path) -> None:
    data = loaded(some_payments(delay_days=DELAY_DAYS), tmp_path)
    split = split_by_time(data)
    folds = expanding_folds(data, split, count)
    at = data.accepted_at_ms
    assert [fold.number for fold in folds] == list(range(1, count + 1))
    for fold in folds:
        assert fold.training.rows.start == 0
        assert at[fold.training.rows][-1] < at[fold.validation.rows][0] - DELAY_DAYS * DAY_MS
        assert at[fold.validation.rows][-1] < split.hold_out.from_ms - DELAY_DAYS * DAY_MS


def test_validation_parts_are_equal_spans_side_by_side_up_to_the_end_of_validation(tmp_path: Path) -> None:
    data = loaded(some_payments(), tmp_path)
    split = split_by_time(data)
    folds = expanding_folds(data, split, 4)
    spans = [fold.validation.to_ms - fold.validation.from_ms for fold in folds]
    assert spans == pytest.approx([spans[0]] * 4, abs=1)
    rows = np.concatenate([np.arange(*fold.validation.rows.indices(len(data.labels))) for fold in folds])
    assert (np.diff(rows) == 1).all(), "no row twice, none left out"
    assert rows[-1] + 1 == split.validation.rows.stop
    sizes = [fold.training.count for fold in folds]
    assert sizes == sorted(set(sizes)), "training grows"


@pytest.mark.parametrize(
    ("first_day", "last_day", "label", "told"),
    [
        (0, 18, 0, r"the training part of fold 1 of 3 .* no frauds in \d+ rows: set fewer `folds`"),
        (28, 37.4, 0, "the validation part of fold 2 of 3 .* no frauds"),
        (20, 30, 1, "the validation part of fold 1 of 3 .* nothing but frauds"),
    ],
)
def test_a_fold_of_one_class_is_refused(
    first_day: float, last_day: float, label: int, told: str, tmp_path: Path
) -> None:
    payments = some_payments()
    chosen = (payments.days >= first_day) & (payments.days < last_day)
    payments.set_labels(np.where(chosen, label, payments.labels))
    data = loaded(payments, tmp_path)
    split = split_by_time(data)
    with pytest.raises(BadInput, match=told):
        expanding_folds(data, split, 3)


def test_more_folds_than_there_are_frauds_for_are_refused(tmp_path: Path) -> None:
    data = loaded(some_payments(rows=600), tmp_path)
    split = split_by_time(data)
    with pytest.raises(BadInput, match="set fewer `folds`, or build the training set over a longer range"):
        expanding_folds(data, split, 20)
