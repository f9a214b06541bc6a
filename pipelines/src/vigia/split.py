"""Training, validation and hold-out by time, with the delay of the labels between them; never shuffled."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from vigia.clock import iso
from vigia.errors import BadInput
from vigia.training_set import TrainingSet

# Shares of the time that gaps and unripe tail leave.
TRAINING_SHARE = 0.65
VALIDATION_SHARE = 0.15
# Gaps and tail may take this much of the whole range; beyond it they shrink together.
LARGEST_LOSS = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """Rows `rows` of the training set: those of [from_ms, to_ms)."""

    name: str
    from_ms: float
    to_ms: float
    rows: slice

    @property
    def count(self) -> int:
        return int(self.rows.stop - self.rows.start)


@dataclass(frozen=True, slots=True)
class Split:
    """`gap_ms` lies between the parts; `tail_ms` of the end is left out, since its labels were not all known yet."""

    training: Part
    validation: Part
    hold_out: Part
    gap_ms: float
    tail_ms: float
    shrunk: bool


def split_by_time(data: TrainingSet) -> Split:
    """
    training < delay < validation < delay < hold-out < label cut-off - delay.

    Where gaps and tail would take over half of the range, both shrink by one factor (`shrunk`): the last frauds
    before a gap may then be labelled later than the next part begins, and the metrics are a little too good.
    Raises BadInput when a part has no row, no fraud or nothing but frauds.
    """
    manifest = data.manifest
    range_ms = manifest.to_ms - manifest.from_ms
    ripe_until_ms = manifest.label_cut_off_ms - manifest.label_delay_ms
    full_gap_ms = manifest.label_delay_ms
    full_tail_ms = max(0, manifest.to_ms - ripe_until_ms)
    loss_ms = 2 * full_gap_ms + full_tail_ms
    factor = min(1.0, LARGEST_LOSS * range_ms / loss_ms) if loss_ms > 0 else 1.0
    gap_ms, tail_ms = full_gap_ms * factor, full_tail_ms * factor

    used_ms = range_ms - 2 * gap_ms - tail_ms
    # Whole milliseconds, so that a bundle can name its parts exactly.
    training_to = ceil(manifest.from_ms + TRAINING_SHARE * used_ms)
    validation_from = ceil(training_to + gap_ms)
    validation_to = ceil(validation_from + VALIDATION_SHARE * used_ms)
    split = Split(
        training=part(data, "training", manifest.from_ms, training_to),
        validation=part(data, "validation", validation_from, validation_to),
        hold_out=part(data, "hold-out", ceil(validation_to + gap_ms), ceil(manifest.to_ms - tail_ms)),
        gap_ms=gap_ms,
        tail_ms=tail_ms,
        shrunk=factor < 1,
    )
    for each in (split.training, split.validation, split.hold_out):
        check_classes(data, each)
    return split


def part(data: TrainingSet, name: str, from_ms: float, to_ms: float) -> Part:
    start = np.searchsorted(data.accepted_at_ms, from_ms, side="left")
    # The last row of the set may lie on `toMs` itself.
    stop = np.searchsorted(data.accepted_at_ms, to_ms, side="right" if to_ms == data.manifest.to_ms else "left")
    return Part(name, from_ms, to_ms, slice(int(start), int(stop)))


def check_classes(data: TrainingSet, part: Part) -> None:
    frauds = int(data.labels[part.rows].sum())
    span = f"the {part.name} part ({iso(part.from_ms)} to {iso(part.to_ms)})"
    remedy = "build the training set over a longer range, or with a later label cut-off"
    if part.count == 0:
        raise BadInput(f"{span} has no row: {remedy}")
    if frauds == 0:
        raise BadInput(f"{span} has no fraud among {part.count} rows: {remedy}")
    if frauds == part.count:
        raise BadInput(f"{span} has nothing but frauds in {part.count} rows: add the legitimate payments")
