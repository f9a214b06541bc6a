"""
`vigia-train`: a training set in, a model bundle out.

Exit codes: 0 the bundle is written; 1 a fault of this program; 2 a bad argument or training set; 3 the model that
came out must not be served. After 2 and 3 nothing is written, and standard error says what to do.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from vigia.arguments import matching, moment, number, whole
from vigia.boosting import Parameters
from vigia.bundle import check_target, write_bundle
from vigia.errors import BadInput, UnusableModel
from vigia.thresholds import Costs
from vigia.training import Identity, train_bundle
from vigia.training_set import load_training_set


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        run(options)
    except BadInput as error:
        print(f"vigia-train: {error}", file=sys.stderr)
        return 2
    except UnusableModel as error:
        print(f"vigia-train: {error}", file=sys.stderr)
        return 3
    return 0


def run(options: argparse.Namespace) -> None:
    check_target(options.out)
    data = load_training_set(options.data)
    tell(f"data: {data.manifest.rows} rows, {len(data.manifest.features)} features, {data.manifest.frauds} frauds")
    parameters = Parameters(
        trees=options.trees,
        depth=options.depth,
        learning_rate=options.learning_rate,
        fraud_weight=options.fraud_weight,
        seed=options.seed,
        threads=options.threads,
    )
    costs = Costs(
        review_cents=options.review_cost * 100,
        false_reject_cents=options.false_reject_cost * 100,
        friction=options.friction,
    )
    identity = Identity(options.name, options.version, options.created_at, options.code_commit or code_commit())
    files, manifest = train_bundle(data, parameters, costs, identity, tell)
    write_bundle(options.out, files, manifest)
    tell(f"bundle: {manifest['name']} {manifest['version']} in {options.out}")


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-train",
        description="Trains a fraud model on a training set and writes a model bundle.",
        epilog="Exit codes: 0 done, 1 a fault of this program, 2 bad argument or training set, 3 unusable model.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    standard, costs = Parameters(), Costs()
    option("--data", type=Path, required=True, metavar="DIR", help="folder of manifest.json and rows.parquet")
    option("--out", type=Path, required=True, metavar="DIR", help="folder to make; must not exist or be empty")
    option("--trees", type=whole(1, 5_000), default=standard.trees, help="number of trees")
    option("--depth", type=whole(1, 16), default=standard.depth, help="greatest depth of a tree")
    option("--learning-rate", type=number(1e-4, 1), default=standard.learning_rate, help="shrinkage of each tree")
    option(
        "--fraud-weight",
        type=number(1e-3, 1e6),
        default=standard.fraud_weight,
        help="weight of a fraud in training against a legitimate payment",
    )
    option("--seed", type=whole(0, 2**31 - 1), default=standard.seed, help="seed of everything random")
    option(
        "--threads",
        type=whole(1, 256),
        default=standard.threads,
        help="threads of training; on a machine that others use, 1 is fastest: they spin",
    )
    option("--name", type=matching(r"[a-z][a-z0-9-]{0,62}"), default="pix-fraud", help="name of the model")
    option("--version", type=matching(r".{1,64}"), help="of the model; default: last day and digest of the inputs")
    option("--created-at", type=moment, metavar="ISO", help="createdAt of the bundle; default: the label cut-off")
    option("--code-commit", type=matching(r"\S{1,80}"), help="commit of this code; default: asks git")
    option("--review-cost", type=number(0, 1e6), default=costs.review_cents / 100, help="of one review, in R$")
    option(
        "--false-reject-cost",
        type=number(0, 1e6),
        default=costs.false_reject_cents / 100,
        help="of rejecting a legitimate payment, in R$",
    )
    option("--friction", type=number(0, 1), default=costs.friction, help="share of its amount lost besides")
    return result


def tell(line: str) -> None:
    print(line, flush=True)


def code_commit() -> str:
    """Commit of the checkout this file lies in, `-dirty` when it is changed; `unknown` outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


if __name__ == "__main__":
    sys.exit(main())
