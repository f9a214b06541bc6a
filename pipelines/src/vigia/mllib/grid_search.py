"""
The search for better parameters of a Spark family: MLlib's param maps, over folds by time.

MLlib's CrossValidator shuffles rows into folds, or takes them by `foldCol`; either way a fold is trained on all the
others, those that come after it too (pyspark.ml.tuning, `_kFold`), and the best point is fitted anew on everything it
was given. On payments that is a leak: of a fraudster's later payments, and of labels that nobody had. So the folds here
are those of every other family (vigia.cross_validation): each point is trained on what came before a fold, the label
delay left out, by the estimator's own `fitMultiple`, so many at a time as CrossValidator's `parallelism` would.
"""

import random
from collections.abc import Sequence
from itertools import product
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np
from pyspark import inheritable_thread_target
from pyspark.ml import PipelineModel

from vigia.cross_validation import Fold
from vigia.evaluation import ranking_metrics
from vigia.families.spark import SparkFamily
from vigia.mllib.frames import frame_of_features, frame_of_rows
from vigia.mllib.learners import Grid
from vigia.mllib.session import active_spark
from vigia.parameters import Parameters, Value, with_values
from vigia.progress import Progress
from vigia.rows import Rows, rows_of
from vigia.training_set import TrainingSet
from vigia.tuning import OnTrial, Tuning

# By Param of a classifier; empty: as it was given.
ParamMap = dict[Any, Value]


def grid_search(
    family: SparkFamily,
    data: TrainingSet,
    folds: Sequence[Fold],
    parameters: Parameters,
    progress: Progress,
    on_trial: OnTrial,
) -> tuple[Parameters, Tuning]:
    """
    `parameters` with the values of the grid's point that has the best mean average precision over `folds`.

    Tried are `parameters` as given, so that what is chosen is not worse, and `tune_trials` - 1 points, drawn by `seed`
    where the grid has more; `threads` at a time.
    """
    grid = family.learner.grid
    points = [{}, *drawn(points_of(grid), parameters)]
    by_fold = []
    for fold in folds:
        training, validation = rows_of(data, fold.training), rows_of(data, fold.validation)
        by_fold.append(scores_of(family, training, validation, parameters, points))
        best = max(float(np.mean(of_point)) for of_point in zip(*by_fold, strict=True))
        progress.tell(
            f"{family.name}, fold {fold.number} of {len(folds)}: {len(points)} points, best {best:.4f}",
            fold.number / len(folds),
            best=round(best, 6),
        )
    scores = [list(of_point) for of_point in zip(*by_fold, strict=True)]
    for number, of_point in enumerate(scores, 1):
        on_trial(family.name, number, float(np.mean(of_point)))
    best_point = int(np.argmax([np.mean(of_point) for of_point in scores]))
    chosen = points[best_point]
    tuning = Tuning(family.name, len(points), 0, scores[0], scores[best_point], chosen)
    return with_values(parameters, chosen), tuning


def points_of(grid: Grid) -> list[dict[str, Value]]:
    """Every combination, by our names."""
    return [dict(zip(grid, values, strict=True)) for values in product(*(tried for _, tried in grid.values()))]


def drawn(points: Sequence[dict[str, Value]], parameters: Parameters) -> list[dict[str, Value]]:
    """`tune_trials` - 1 of the points that are not what `parameters` has, in their order."""
    others = [point for point in points if any(getattr(parameters, name) != value for name, value in point.items())]
    wanted = min(len(others), parameters.tune_trials - 1)
    chosen = random.Random(parameters.seed).sample(range(len(others)), wanted)
    return [others[index] for index in sorted(chosen)]


def scores_of(
    family: SparkFamily,
    training: Rows,
    validation: Rows,
    parameters: Parameters,
    points: Sequence[dict[str, Value]],
) -> list[float]:
    """Average precision on `validation` of each point trained on `training`, by the measure of all families."""
    learner, spark = family.learner, active_spark()
    pipeline = learner.pipeline(training, parameters)
    classifier = pipeline.getStages()[-1]
    maps: list[ParamMap] = [
        {classifier.getParam(learner.grid[name][0]): value for name, value in point.items()} for point in points
    ]
    seen = frame_of_rows(spark, training, family.fraud_weight_of(parameters)).cache()
    asked = frame_of_features(spark, validation.features).cache()
    models = pipeline.fitMultiple(seen, maps)

    def next_score(_: int) -> tuple[int, float]:
        index, model = next(models)
        return index, score_of(model)

    def score_of(model: PipelineModel) -> float:
        margins = learner.margins(model.transform(asked))
        return ranking_metrics(validation.labels, margins, validation.weights)["average_precision"]

    try:
        with ThreadPool(min(parameters.threads, len(points))) as pool:
            # The iterator is safe to share: so CrossValidator goes through it.
            scores = dict(pool.imap_unordered(inheritable_thread_target(spark)(next_score), range(len(points))))
    finally:
        seen.unpersist()
        asked.unpersist()
    return [scores[index] for index in range(len(points))]
