"""The search for better parameters: Optuna's TPE over the mean average precision of the folds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from vigia.cross_validation import Fold, fold_score
from vigia.families import Family
from vigia.parameters import Parameters, Value, with_values
from vigia.progress import Progress
from vigia.training_set import TrainingSet

# Trials before any is pruned; a trial goes on while its mean so far is not below the median of theirs.
TRIALS_BEFORE_PRUNING = 5

# Called with the family, the number of a trial, from 1, and its mean average precision.
OnTrial = Callable[[str, int, float], None]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What was tried of one family, and what came first."""

    family: str
    trials: int
    pruned: int
    # Average precision of each fold, with the parameters given and with the best.
    first: list[float]
    best: list[float]
    chosen: dict[str, Value]


def tune(
    family: Family,
    data: TrainingSet,
    folds: Sequence[Fold],
    parameters: Parameters,
    minutes: float,
    progress: Progress,
    on_trial: OnTrial,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Parameters, Tuning]:
    """
    `parameters` with the best values that were found, by `tune_trials` or `minutes`, whichever ends first (0: no end).

    The first trial is `parameters` as given, so that what is chosen is not worse on these folds. Trials are drawn from
    `seed` alone: a budget in trials gives the same result on every run, one in minutes does not.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    started = clock()
    scores: dict[int, list[float]] = {}

    def objective(trial: optuna.Trial) -> float:
        # The first point of the space is not asked for: the given values may lie outside of it.
        values = {} if trial.number == 0 else family.suggest(trial)
        found = scores[trial.number] = []
        for fold in folds:
            found.append(fold_score(family, data, fold, with_values(parameters, values)))
            if trial.number > 0:
                trial.report(float(np.mean(found)), fold.number)
                if fold.number < len(folds) and trial.should_prune():
                    raise optuna.TrialPruned
        return float(np.mean(found))

    def tell(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        done, best = trial.number + 1, study.best_value
        on_trial(family.name, done, float(np.mean(scores[trial.number])))
        spent = clock() - started
        share, eta_s = budget_left(parameters.tune_trials, minutes, done, spent)
        pruned = trial.state == optuna.trial.TrialState.PRUNED
        outcome = "pruned" if pruned else f"average precision {trial.value:.4f}"
        budget = {"trials": parameters.tune_trials} if parameters.tune_trials else {}
        progress.tell(
            f"{family.name}, trial {done}: {outcome}, best {best:.4f}",
            share,
            trial=done,
            best=round(best, 6),
            etaSeconds=round(eta_s),
            **budget,
        )

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=parameters.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=TRIALS_BEFORE_PRUNING),
    )
    study.optimize(
        objective,
        n_trials=parameters.tune_trials or None,
        timeout=minutes * 60 or None,
        callbacks=[tell],
    )
    chosen = dict(study.best_trial.params)
    pruned = sum(trial.state == optuna.trial.TrialState.PRUNED for trial in study.trials)
    tuning = Tuning(family.name, len(study.trials), pruned, scores[0], scores[study.best_trial.number], chosen)
    return with_values(parameters, chosen), tuning


def budget_left(trials: int, minutes: float, done: int, spent_s: float) -> tuple[float, float]:
    """Share of the budget that is used, and seconds to its end at the pace so far."""
    by_trials = done / trials if trials else 0.0
    by_time = spent_s / (minutes * 60) if minutes else 0.0
    share = min(1.0, max(by_trials, by_time))
    return share, spent_s * (1 - share) / share if share > 0 else 0.0
