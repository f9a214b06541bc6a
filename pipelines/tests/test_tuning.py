"""Tuning finds what is better on the folds, within its budget, and the same again."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest

from payments import some_payments
from vigia.cross_validation import Fold, expanding_folds, fold_score
from vigia.families import SINGLE_FAMILIES
from vigia.parameters import Parameters, with_values
from vigia.progress import Progress
from vigia.split import split_by_time
from vigia.training_set import TrainingSet, load_training_set
from vigia.tuning import Tuning, tune

LOGISTIC = SINGLE_FAMILIES["logistic"]
# So strong a penalty that nearly everything is better.
POOR = Parameters(family="logistic", logistic_c=1e-6, tune_trials=8)

Lines = list[dict[str, object]]
World = tuple[TrainingSet, list[Fold]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    data = load_training_set(some_payments().write(tmp_path_factory.mktemp("tuning")))
    return data, expanding_folds(data, split_by_time(data), 3)


def tuned(
    world: World, parameters: Parameters, minutes: float = 0, seconds_a_look: float = 0
) -> tuple[Parameters, Tuning, Lines, list[float]]:
    lines: Lines = []
    values: list[float] = []
    progress = Progress(lines.append)
    progress.begin("tuning", 0.5)
    looks: Iterator[int] = count()
    found, tuning = tune(
        LOGISTIC,
        *world,
        parameters,
        minutes,
        progress,
        lambda *trial: values.append(trial[-1]),
        clock=lambda: next(looks) * seconds_a_look,
    )
    return found, tuning, lines, values


def test_what_is_chosen_has_the_score_that_is_told_and_beats_what_was_given(world: World) -> None:
    found, tuning, _, values = tuned(world, POOR)
    data, folds = world
    again = [fold_score(LOGISTIC, data, fold, found) for fold in folds]
    assert again == tuning.best
    assert np.mean(tuning.best) > np.mean(tuning.first) + 0.01
    assert np.mean(tuning.best) == max(values)
    assert with_values(POOR, tuning.chosen) == found
    assert found.seed == POOR.seed
    assert found.trees == POOR.trees


def test_the_same_seed_searches_the_same_and_another_does_not(world: World) -> None:
    first, again = tuned(world, POOR), tuned(world, POOR)
    assert first[0] == again[0]
    assert first[3] == again[3]
    assert tuned(world, with_values(POOR, {"seed": 8}))[3] != first[3]


def test_what_was_given_stays_where_nothing_is_better(world: World) -> None:
    found, tuning, _, values = tuned(world, with_values(POOR, {"tune_trials": 1}))
    assert found == with_values(POOR, {"tune_trials": 1})
    assert (tuning.chosen, len(values)) == ({}, 1)


def test_trials_are_told_as_they_end(world: World) -> None:
    _, tuning, lines, values = tuned(world, POOR)
    assert [line["trial"] for line in lines] == list(range(1, 9))
    assert {line["trials"] for line in lines} == {8}
    assert [line["best"] for line in lines] == pytest.approx(np.maximum.accumulate(values), abs=1e-6)
    assert [line["share"] for line in lines] == pytest.approx([0.5 * trial / 8 for trial in range(1, 9)], abs=1e-4)
    assert tuning.trials == 8


def test_bad_trials_are_pruned_after_a_fold(world: World) -> None:
    _, tuning, lines, _ = tuned(world, with_values(POOR, {"tune_trials": 25}))
    assert 0 < tuning.pruned < 25
    assert sum("pruned" in str(line["text"]) for line in lines) == tuning.pruned


def test_a_budget_in_minutes_tells_what_is_left_of_it(world: World) -> None:
    # After four trials of a minute each the eight trials end before the ten minutes do.
    _, _, lines, _ = tuned(world, POOR, minutes=10, seconds_a_look=60)
    assert [line["etaSeconds"] for line in lines][:5] == [420, 360, 300, 240, 180]
