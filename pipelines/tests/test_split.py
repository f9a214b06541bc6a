import numpy as np
import pytest
from numpy.typing import NDArray

from payments import DAY_MS, FROM_MS
from vigia.errors import BadInput
from vigia.split import Split, split_by_time
from vigia.training_set import Manifest, TrainingSet


def hourly(
    days: int, delay_days: float, known_after_days: float, labels: NDArray[np.int8] | None = None
) -> TrainingSet:
    """One payment an hour, every fifth a fraud; labels known until `known_after_days` after the last."""
    at = FROM_MS + np.arange(days * 24, dtype=np.float64) * DAY_MS / 24
    if labels is None:
        labels = (np.arange(len(at)) % 5 == 0).astype(np.int8)
    manifest = Manifest(
        feature_set_name="small",
        feature_set_hash="ab",
        features=["one"],
        from_ms=FROM_MS,
        to_ms=FROM_MS + days * DAY_MS,
        label_cut_off_ms=int(FROM_MS + (days + known_after_days) * DAY_MS),
        label_delay_ms=int(delay_days * DAY_MS),
        rows=len(at),
        frauds=int(labels.sum()),
        rows_sha256="0" * 64,
    )
    return TrainingSet(manifest, np.zeros((len(at), 1), np.float32), labels, at, np.ones(len(at)), np.ones(len(at)))


def gaps_of(data: TrainingSet, split: Split) -> tuple[float, float]:
    """Days between the last row of a part and the first of the next."""
    at = data.accepted_at_ms / DAY_MS
    return (
        at[split.validation.rows.start] - at[split.training.rows.stop - 1],
        at[split.hold_out.rows.start] - at[split.validation.rows.stop - 1],
    )


def test_parts_lie_at_least_the_label_delay_apart() -> None:
    data = hourly(days=70, delay_days=7, known_after_days=7)
    split = split_by_time(data)
    assert not split.shrunk
    assert min(gaps_of(data, split)) > 7
    assert split.hold_out.rows.stop == 70 * 24
    assert [split.training.count, split.validation.count, split.hold_out.count] == [
        pytest.approx(share * 56 * 24, abs=2) for share in (0.65, 0.15, 0.20)
    ]


def test_payments_whose_labels_are_not_yet_known_are_left_out_of_the_hold_out() -> None:
    data = hourly(days=70, delay_days=7, known_after_days=0)
    split = split_by_time(data)
    assert not split.shrunk
    assert data.accepted_at_ms[split.hold_out.rows.stop - 1] < data.manifest.label_cut_off_ms - 7 * DAY_MS
    assert split.tail_ms == 7 * DAY_MS


def test_gaps_and_tail_shrink_together_when_the_range_is_short() -> None:
    data = hourly(days=12, delay_days=7, known_after_days=0)
    split = split_by_time(data)
    assert split.shrunk
    assert split.gap_ms == split.tail_ms == pytest.approx(2 * DAY_MS)
    assert min(gaps_of(data, split)) >= 2


def test_no_delay_leaves_nothing_out() -> None:
    data = hourly(days=10, delay_days=0, known_after_days=0)
    split = split_by_time(data)
    assert split.training.count + split.validation.count + split.hold_out.count == 240
    assert not split.shrunk


def test_a_part_without_fraud_is_refused_by_name() -> None:
    labels = np.ones(240, np.int8)
    labels[::2] = 0
    labels[190:] = 0
    with pytest.raises(BadInput, match=r"hold-out part .* has no fraud"):
        split_by_time(hourly(days=10, delay_days=0, known_after_days=0, labels=labels))
