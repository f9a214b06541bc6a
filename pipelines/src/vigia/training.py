"""From a training set to the files of a bundle. The order of the steps is the guard against leaks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigia.clock import HOUR_MS, iso
from vigia.cross_validation import Fold, expanding_folds, fold_score
from vigia.families import FAMILIES, SINGLE_FAMILIES, Family, Fitted
from vigia.families.blend import best_weights, fit_blend, members_of, scale_of, weights_of
from vigia.families.family import Done
from vigia.families.spark import SparkFamily
from vigia.packaging import Candidate, Identity, package_bundle
from vigia.parameters import Parameters, Value
from vigia.progress import Progress
from vigia.rows import Rows, rows_of
from vigia.split import Split, split_by_time
from vigia.training_set import TrainingSet
from vigia.tuning import OnTrial, Tuning, tune

# Parameters of every family; the others are named by the families that read them.
COMMON = ("family", "seed", "device", "review_cost_brl", "false_reject_cost_brl", "friction")
TUNING = ("folds", "tune_trials", "tune_minutes")

NOT_REPRODUCIBLE = (
    "**Tuning ended by the clock (`tune_minutes`): the same command may choose other parameters. Those below give this "
    "model again, with `tune_minutes` at 0.**"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What tuning and cross-validation came to, before anything was fitted on the whole training part."""

    parameters: Parameters
    # Of the members of a blend.
    weights: list[float]
    # Average precision of each fold; empty where none was measured.
    folds: list[float]
    tunings: list[Tuning]


def train_bundle(
    data: TrainingSet,
    parameters: Parameters,
    identity: Identity,
    progress: Progress,
    on_trial: OnTrial = lambda *_: None,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """
    Files and manifest (without `files`) of a bundle; the same arguments give the same bytes, but for a budget of
    tuning in minutes.

    Parameters are chosen on folds of training and validation, the model is trained on the training part; what follows
    is `package_bundle`'s. Raises BadInput from the split, the folds and the families, UnusableModel.
    """
    split = split_by_time(data)
    tell_split(data, split, progress)
    families = families_of(parameters)
    folds = needed_folds(data, split, parameters)
    choice = choose(data, families, folds, parameters, progress, on_trial)

    progress.begin("training", 0.8)
    model = fit(data, split, families, choice, teller(parameters.family, progress))
    progress.begin("evaluation", 0.95)
    return package_bundle(data, split, candidate_of(families, choice, model), identity, progress)


def families_of(parameters: Parameters) -> list[Family]:
    if parameters.family != "blend":
        return [FAMILIES[parameters.family]]
    members = members_of(parameters, SINGLE_FAMILIES)
    weights_of(parameters, len(members))
    return members


def needed_folds(data: TrainingSet, split: Split, parameters: Parameters) -> list[Fold]:
    chosen_weights = parameters.family == "blend" and not parameters.blend_weights
    wanted = parameters.tuned or parameters.cross_validate or chosen_weights
    return expanding_folds(data, split, parameters.folds) if wanted else []


def choose(
    data: TrainingSet,
    families: Sequence[Family],
    folds: Sequence[Fold],
    parameters: Parameters,
    progress: Progress,
    on_trial: OnTrial,
) -> Choice:
    """Tunes each family by itself, then weighs the members of a blend; without folds nothing is chosen."""
    tunings = []
    if parameters.tuned:
        for index, family in enumerate(families):
            progress.begin("tuning", 0.65 * (index + 1) / len(families))
            parameters, tuning = tuned(family, data, folds, parameters, len(families), progress, on_trial)
            tunings.append(tuning)
    if parameters.family == "blend":
        progress.begin("weighing", 0.7)
        weights, scores = weigh(data, families, folds, parameters, progress)
        return Choice(parameters, weights, scores, tunings)
    if tunings:
        return Choice(parameters, [], tunings[0].best, tunings)
    scores = []
    if folds:
        progress.begin("cross-validation", 0.6)
    for fold in folds:
        scores.append(fold_score(families[0], data, fold, parameters))
        progress.tell(f"fold {fold.number}: average precision {scores[-1]:.4f}", fold.number / len(folds))
    return Choice(parameters, [], scores, [])


def tuned(
    family: Family,
    data: TrainingSet,
    folds: Sequence[Fold],
    parameters: Parameters,
    families: int,
    progress: Progress,
    on_trial: OnTrial,
) -> tuple[Parameters, Tuning]:
    """By Optuna; a Spark family by its grid. A budget in minutes is that of the whole search over so many families."""
    if isinstance(family, SparkFamily):
        from vigia.mllib.grid_search import grid_search

        return grid_search(family, data, folds, parameters, progress, on_trial)
    return tune(family, data, folds, parameters, parameters.tune_minutes / families, progress, on_trial)


def weigh(
    data: TrainingSet,
    families: Sequence[Family],
    folds: Sequence[Fold],
    parameters: Parameters,
    progress: Progress,
) -> tuple[list[float], list[float]]:
    """Weights of a blend's members, as given or the best on the folds, and the average precision of each fold."""
    given = weights_of(parameters, len(families))
    if not folds:
        return given or [], []
    seen: list[tuple[list[NDArray[np.float64]], Rows]] = []
    for fold in folds:
        training, validation = rows_of(data, fold.training), rows_of(data, fold.validation)
        margins = []
        for family in families:
            model = family.fit(training, parameters, lambda _: None)
            centre, spread = scale_of(model, training)
            margins.append((model.margins(validation.features).astype(np.float64) - centre) / spread)
        seen.append((margins, validation))
        progress.tell(f"weights: fold {fold.number} of {len(folds)}", fold.number / len(folds))
    weights, scores = best_weights(seen, given)
    told = ", ".join(f"{family.name} {weight:.2g}" for family, weight in zip(families, weights, strict=True))
    progress.tell(f"weights: {told}", 1.0)
    return weights, scores


def fit(data: TrainingSet, split: Split, families: Sequence[Family], choice: Choice, done: Done) -> Fitted:
    training = rows_of(data, split.training)
    if choice.weights:
        return fit_blend(families, choice.weights, training, choice.parameters, done)
    return families[0].fit(training, choice.parameters, done)


def candidate_of(families: Sequence[Family], choice: Choice, model: Fitted) -> Candidate:
    parameters = choice.parameters
    method = " ".join(family.describe(parameters) for family in families)
    if choice.weights:
        told = ", ".join(f"{weight:g} {family.name}" for family, weight in zip(families, choice.weights, strict=True))
        method = f"A weighted mean of standardised margins: {told}. {method}"
    notes = [tuning_note(tuning, parameters) for tuning in choice.tunings]
    if parameters.tune_minutes:
        notes.append(NOT_REPRODUCIBLE)
    return Candidate(
        algorithm=parameters.family,
        method=method,
        graph=model.graph(),
        parameters=parameters_of_bundle(families, choice),
        costs=parameters.costs,
        seed=parameters.seed,
        trees_json=model.trees_json,
        importances=model.importances(),
        own_margins=model.margins,
        probability_parity=families[0].parity if isinstance(families[0], SparkFamily) else None,
        metrics=fold_metrics(choice.folds),
        notes=tuple(notes),
    )


def parameters_of_bundle(families: Sequence[Family], choice: Choice) -> dict[str, Value]:
    """By name, what decided this model: the chosen values, which give it again with tuning off."""
    names = [*COMMON, *(TUNING if choice.folds else ()), *(name for family in families for name in family.parameters)]
    values: dict[str, Value] = {name: getattr(choice.parameters, name) for name in names}
    if choice.weights:
        values |= {
            "blend_members": choice.parameters.blend_members,
            "blend_weights": ",".join(f"{weight:g}" for weight in choice.weights),
        }
    return values


def fold_metrics(scores: Sequence[float]) -> dict[str, float]:
    if not scores:
        return {}
    return {
        "cross_validated_average_precision": float(np.mean(scores)),
        "cross_validated_average_precision_deviation": float(np.std(scores)),
        **{f"cross_validated_average_precision_fold_{index + 1}": score for index, score in enumerate(scores)},
    }


def tuning_note(tuning: Tuning, parameters: Parameters) -> str:
    chosen = ", ".join(
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in tuning.chosen.items()
    )
    found = f"chosen: {chosen}" if chosen else "none was better than the parameters given"
    return (
        f"Tuning of {tuning.family}: {tuning.trials} trials, {tuning.pruned} of them pruned, over {parameters.folds} "
        f"folds by time; mean average precision {np.mean(tuning.first):.4f} as given, {np.mean(tuning.best):.4f} at "
        f"best; {found}."
    )


def teller(name: str, progress: Progress, clock: Callable[[], float] = time.monotonic) -> Done:
    """Tells of every tenth of the training."""
    started, tenth = clock(), 0

    def done(share: float) -> None:
        nonlocal tenth
        if int(share * 10) > tenth:
            tenth = int(share * 10)
            left_s = (clock() - started) * (1 - share) / share
            progress.tell(f"{name}: {share:.0%} trained", share, etaSeconds=round(left_s))

    return done


def tell_split(data: TrainingSet, split: Split, progress: Progress) -> None:
    for part in (split.training, split.validation, split.hold_out):
        frauds = int(data.labels[part.rows].sum())
        progress.tell(f"{part.name}: {iso(part.from_ms)} to {iso(part.to_ms)}, {part.count} rows, {frauds} frauds", 1.0)
    gap, delay = split.gap_ms / HOUR_MS, data.manifest.label_delay_ms / HOUR_MS
    if split.shrunk:
        told = f"gaps: shrunk to {gap:.1f} h, the range is too short for the label delay of {delay:.1f} h"
    else:
        told = f"gaps: {gap:.1f} h, the label delay"
    progress.tell(told, 1.0)
