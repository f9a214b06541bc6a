"""
`vigia-evaluate`: a bundle on its own hold-out, measured anew by its exported graph, as `dvc metrics` and `dvc plots`
take it: `metrics.json` and the points of curves as CSV.

Exit codes: 0 done; 1 a fault of this program; 2 a bad argument, bundle or training set; 3 a graph can't score its own
features; 143 ended by SIGTERM. After all but 0 nothing is written.
"""

import argparse
import csv
import io
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vigia.bundle import check_target, json_bytes, read_bundle, write_folder
from vigia.contender import contender_of, hold_out_of, score
from vigia.errors import BadInput, UnusableModel
from vigia.evaluation import evaluate, flat_metrics, rounded
from vigia.hold_out import segments_in
from vigia.measures import Scored
from vigia.plots import Curves, calibration_points
from vigia.progress import Progress, write_json, write_text
from vigia.termination import sigterm_raises
from vigia.training_set import load_training_set

EXIT_CODES: dict[type[Exception], int] = {BadInput: 2, UnusableModel: 3}


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        with sigterm_raises():
            run(options)
    except tuple(EXIT_CODES) as error:
        print(f"vigia-evaluate: {error}", file=sys.stderr)
        return EXIT_CODES[type(error)]
    return 0


def run(options: argparse.Namespace) -> None:
    write = write_json if options.json else write_text
    progress = Progress(write)
    progress.begin("evaluate", 1.0)
    check_target(options.out)
    contender = contender_of(read_bundle(options.bundle))
    data = load_training_set(options.data)
    hold_out = hold_out_of(contender, data)
    scored = score(contender, data, hold_out.rows)
    progress.tell(f"measuring {hold_out.count} rows", 0.2)
    evaluation = evaluate(scored, segments_in(data, hold_out.rows), contender.thresholds, contender.costs)
    metrics = flat_metrics(evaluation)
    write_folder(options.out, {"metrics.json": json_bytes(metrics, indent=2), **curve_files(scored)})
    progress.tell(f"average precision {metrics['average_precision']}", 1.0)
    write({"kind": "result", "metrics": metrics})


def curve_files(scored: Scored) -> dict[str, bytes]:
    """CSV by file name, a point a line."""
    curves = Curves(scored)
    recall = curves.true / curves.true[-1]
    mean, share = calibration_points(scored)
    return {
        "roc.csv": table(false_positive_rate=curves.false / curves.false[-1], recall=recall),
        "precision-recall.csv": table(recall=recall[1:], precision=curves.true[1:] / curves.flagged[1:]),
        "calibration.csv": table(mean_probability=mean, share_of_frauds=share),
    }


def table(**columns: NDArray[np.float64]) -> bytes:
    file = io.StringIO()
    lines: Iterable[tuple[float, ...]] = zip(*columns.values(), strict=True)
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([rounded(value) for value in line] for line in lines)
    return file.getvalue().encode()


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-evaluate",
        description="Measures a model bundle on its own hold-out: metrics.json and curves as CSV.",
        epilog="Exit codes: 0 done, 1 a fault of this program, 2 bad input, 3 unusable graph, 143 ended.",
    )
    option = result.add_argument
    option("--bundle", type=Path, required=True, metavar="DIR", help="the bundle to measure")
    option("--data", type=Path, required=True, metavar="DIR", help="the training set that it came of")
    option("--out", type=Path, required=True, metavar="DIR", help="folder to make; must not exist or be empty")
    option("--json", action="store_true", help="one JSON object a line on standard output")
    return result


if __name__ == "__main__":
    sys.exit(main())
