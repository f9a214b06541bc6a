"""Folds by time over training and validation: each is trained on what came before it, and never on the hold-out."""

from dataclasses import dataclass

from vigia.clock import iso
from vigia.errors import BadInput
from vigia.evaluation import ranking_metrics
from vigia.families import Family
from vigia.parameters import Parameters
from vigia.rows import rows_of
from vigia.split import Part, Split, part
from vigia.training_set import TrainingSet

# Share of the time that the first fold is trained on; the rest is cut into the validation parts of the folds.
FIRST_TRAINING_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Fold:
    """Number from 1. `training` ends the label delay before `validation` begins."""

    number: int
    training: Part
    validation: Part


def expanding_folds(data: TrainingSet, split: Split, count: int) -> list[Fold]:
    """
    `count` folds in time order between the beginning of training and the end of validation: equal spans of validation
    one after another, each with all that lies before it, but for the label delay, as its training part.

    The gap is that of the split (shrunk where that one is). The hold-out begins a gap after the last fold ends.
    Raises BadInput where a part has no row or one class alone.
    """
    from_ms, to_ms = split.training.from_ms, split.validation.to_ms
    used_ms = to_ms - from_ms - split.gap_ms
    first_ms = from_ms + FIRST_TRAINING_SHARE * used_ms + split.gap_ms
    span_ms = (to_ms - first_ms) / count
    folds = []
    for index in range(count):
        starts_ms = first_ms + index * span_ms
        ends_ms = to_ms if index == count - 1 else starts_ms + span_ms
        number = index + 1
        fold = Fold(
            number,
            training=part(data, f"training part of fold {number}", from_ms, starts_ms - split.gap_ms),
            validation=part(data, f"validation part of fold {number}", starts_ms, ends_ms),
        )
        for each in (fold.training, fold.validation):
            check_fold(data, each, count)
        folds.append(fold)
    return folds


def check_fold(data: TrainingSet, part: Part, count: int) -> None:
    frauds = int(data.labels[part.rows].sum())
    if 0 < frauds < part.count:
        return
    found = "no row" if part.count == 0 else f"{'no' if frauds == 0 else 'nothing but'} frauds in {part.count} rows"
    raise BadInput(
        f"the {part.name} of {count} ({iso(part.from_ms)} to {iso(part.to_ms)}) has {found}: "
        "set fewer `folds`, or build the training set over a longer range"
    )


def fold_score(family: Family, data: TrainingSet, fold: Fold, parameters: Parameters) -> float:
    """Average precision on the fold's validation part of a model trained on its training part."""
    model = family.fit(rows_of(data, fold.training), parameters, lambda _: None)
    validation = rows_of(data, fold.validation)
    margins = model.margins(validation.features)
    return ranking_metrics(validation.labels, margins, validation.weights)["average_precision"]
