"""
`vigia-handbook-mllib`: MLlib's models on the Fraud Detection Handbook's single split, beside those that it publishes.

A grid is chosen from on the handbook's validation weeks alone, each by models of the week before its label delay; the
chosen point is trained on the training week of the single split and measured on its test week by the ONNX graph.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vigia.arguments import matching, whole
from vigia.calibration import Platt
from vigia.errors import BadInput
from vigia.families.spark import MASTERS, SPARK_FAMILIES, SparkFamily
from vigia.handbook_cards import read_cards
from vigia.handbook_command import CSV_NAME
from vigia.handbook_protocol import SINGLE_SPLIT, VALIDATION_WEEKS, Cards, fold_of, measure
from vigia.handbook_protocol_command import Say, rounded, told
from vigia.handbook_recipes import PUBLISHED
from vigia.mllib.grid_search import drawn, points_of, scores_of
from vigia.mllib.session import training_spark
from vigia.onnx_graph import Scorer, calibrated
from vigia.packaging import sigmoid
from vigia.parameters import Parameters, Value, with_values

AS_IT_IS = Platt(slope=1.0, intercept=0.0)
FAMILIES = ("spark_logistic", "spark_forest")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        say("reading the transactions and computing their features")
        cards, _ = read_cards(options.data)
        with training_spark(options.spark_master, options.memory_mb):
            result = {
                name: benchmark(cards, SPARK_FAMILIES[name], Parameters(tune_trials=options.points), say)
                for name in options.families
            }
    except (BadInput, OSError) as error:
        print(f"vigia-handbook-mllib: {error}", file=sys.stderr)
        return 2
    say("\nAUC ROC / average precision / Card Precision@100 on the single split")
    for name, of_single, _ in PUBLISHED[:3]:
        say(f"published: {name:<22} {of_single}")
    for name, figures in result.items():
        say(f"MLlib: {name:<26} {figures['auc']:.3f} / {figures['ap']:.3f} / {figures['cp100']:.3f}")
    print(json.dumps(result), flush=True)
    return 0


def benchmark(cards: Cards, family: SparkFamily, parameters: Parameters, say: Say) -> dict[str, Any]:
    """Figures of the chosen point on the single split, and how far its graph is from Spark."""
    started = time.monotonic()
    points = [{}, *drawn(points_of(family.learner.grid), parameters)]
    best = chosen(cards, family, points, parameters, say) if len(points) > 1 else 0
    fold = fold_of(cards, SINGLE_SPLIT)
    model = family.fit(cards.rows(fold.train), with_values(parameters, points[best]), lambda _: None)
    _, margins = Scorer(calibrated(model.graph(), AS_IT_IS)).score(cards.features[fold.test])
    error = float(np.abs(sigmoid(margins) - sigmoid(model.margins(cards.features[fold.test]))).max())
    figures = measure(cards, fold, margins)
    say(f"{family.name}, single split: {told(figures)}; the graph's probabilities are within {error:.1e} of Spark's")
    return {
        **rounded(figures),
        "chosen": points[best],
        "points": len(points),
        "onnx_probability_error": error,
        "seconds": round(time.monotonic() - started, 1),
    }


def chosen(
    cards: Cards, family: SparkFamily, points: Sequence[dict[str, Value]], parameters: Parameters, say: Say
) -> int:
    """Place of the point with the best mean average precision on the validation weeks."""
    by_week = []
    for start in VALIDATION_WEEKS:
        fold = fold_of(cards, start)
        by_week.append(scores_of(family, cards.rows(fold.train), cards.rows(fold.test), parameters, points))
        say(f"{family.name}, validation week of {start}: average precision {max(by_week[-1]):.3f} at best")
    means = np.mean(by_week, axis=0)
    best = int(np.argmax(means))
    say(f"{family.name}: {points[best] or 'as given'} of {len(points)} points, {means[best]:.3f} on validation")
    return best


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-handbook-mllib",
        description="Trains MLlib's models by the handbook's protocol; the last line is JSON.",
        epilog="Exit codes: 0 done, 1 a fault of this program, 2 data that can't be used.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    option(
        "--data", type=Path, required=True, metavar="FOLDER", help=f"folder of {CSV_NAME}, as vigia-handbook makes it"
    )
    option("--families", nargs="+", choices=list(SPARK_FAMILIES), default=list(FAMILIES), help="what is trained")
    option("--points", type=whole(1, 100), default=8, help="points of each grid, the first as given; 1: no choice")
    option("--spark-master", type=matching(MASTERS), default="local[1]", help="where it runs")
    option("--memory-mb", type=whole(512, 1_000_000), default=2_048, help="greatest heap of Spark's driver, MiB")
    return result


if __name__ == "__main__":
    sys.exit(main())
