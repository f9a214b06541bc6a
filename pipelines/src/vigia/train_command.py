"""
`vigia-train`: a training set in, a model bundle out; with `--tracking-uri` a run in MLflow and a version in its
registry besides.

Exit codes: 0 the bundle is written (and registered); 1 a fault of this program; 2 a bad argument, parameter or
training set; 3 the model that came out must not be served; 4 MLflow does not answer: the same command may be tried
again; 143 ended by SIGTERM. After all but 0 nothing is left in `--out`, and standard error says what to do.
"""

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vigia.arguments import matching, whole
from vigia.bundle import check_target, write_bundle
from vigia.errors import BadInput, TrackingUnavailable, UnusableModel
from vigia.families.spark import MASTERS, SPARK_FAMILIES
from vigia.packaging import Identity
from vigia.parameters import Parameters, read_parameters
from vigia.progress import Progress, write_json, write_text
from vigia.provenance import code_commit
from vigia.tracking import Run, tracked_run
from vigia.training import train_bundle
from vigia.training_set import load_training_set

EXIT_CODES: dict[type[Exception], int] = {BadInput: 2, UnusableModel: 3, TrackingUnavailable: 4}


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        run(options)
    except tuple(EXIT_CODES) as error:
        print(f"vigia-train: {error}", file=sys.stderr)
        return EXIT_CODES[type(error)]
    return 0


def run(options: argparse.Namespace) -> None:
    write = write_json if options.json else write_text
    check_target(options.out)
    parameters = read_parameters(options.params, options.set)
    with (
        tracked_run(options.tracking_uri, options.experiment, options.job, asdict(parameters)) as tracked,
        spark_for(parameters, options),
    ):
        result = train(options, parameters, tracked, Progress(write))
    write({"kind": "result", **result})


def train(options: argparse.Namespace, parameters: Parameters, tracked: Run, progress: Progress) -> dict[str, Any]:
    """Answers the result, when the bundle is written and registered."""
    progress.begin("reading", 0.02)
    progress.tell(f"reading {options.data}")
    data = load_training_set(options.data)
    manifest = data.manifest
    progress.tell(f"data: {manifest.rows} rows, {len(manifest.features)} features, {manifest.frauds} frauds", 1.0)
    tracked.log_data(options.data, manifest)
    identity = Identity(options.model_name, options.code_commit or code_commit())

    def on_trial(family: str, number: int, value: float) -> None:
        tracked.log_metrics({f"tuning_{family}_average_precision": value}, number)

    files, bundle = train_bundle(data, parameters, identity, progress, on_trial)
    tracked.log_metrics(bundle["metrics"])
    tracked.log_tags({"vigia.reproducible": str(parameters.tune_minutes == 0).lower(), **chosen_tags(bundle)})
    progress.begin("registering", 1.0)
    with whole_or_gone(options.out):
        write_bundle(options.out, files, bundle)
        progress.tell(f"bundle: {bundle['name']} {bundle['version']} in {options.out}")
        tracked.log_bundle(options.out)
        registry_version = tracked.register(options.model_name, options.out)
    if registry_version is not None:
        progress.tell(f"registered: {options.model_name} version {registry_version}", 1.0)
    return {
        "bundle": str(options.out),
        "version": bundle["version"],
        "bundleSha256": hashlib.sha256((options.out / "bundle.json").read_bytes()).hexdigest(),
        "runId": tracked.run_id,
        "registryVersion": registry_version,
        "metrics": bundle["metrics"],
    }


def spark_for(parameters: Parameters, options: argparse.Namespace) -> AbstractContextManager[object]:
    """What the family needs to be open while it trains. Raises BadInput where that can't be had."""
    if parameters.family not in SPARK_FAMILIES:
        return nullcontext()
    SPARK_FAMILIES[parameters.family].check(parameters)
    from vigia.mllib.session import training_spark

    return training_spark(options.spark_master, options.spark_memory_mb)


def chosen_tags(bundle: dict[str, Any]) -> dict[str, object]:
    """The run's parameters are those that were asked for; these are what tuning made of them."""
    return {"vigia.bundle_version": bundle["version"], "vigia.chosen_parameters": json.dumps(bundle["parameters"])}


@contextmanager
def whole_or_gone(folder: Path) -> Iterator[None]:
    """What the body left in `folder` goes with it when it fails: a second attempt finds the place free."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-train",
        description="Trains a fraud model on a training set and writes a model bundle.",
        epilog="Exit codes: 0 done, 1 a program fault, 2 bad input, 3 unusable model, 4 MLflow away, 143 ended.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    option("--data", type=Path, required=True, metavar="DIR", help="folder of manifest.json and rows.parquet")
    option("--out", type=Path, required=True, metavar="DIR", help="folder to make; must not exist or be empty")
    option("--params", type=Path, metavar="FILE", help="YAML with a section `train`; default: pipelines/params.yaml")
    option("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter in place of the file's")
    option("--model-name", type=matching(r"[a-z][a-z0-9-]{0,62}"), default="pix-fraud", help="name of the model")
    option("--tracking-uri", metavar="URL", help="MLflow's; without it nothing is tracked or registered")
    option("--experiment", type=matching(r"[^\s/][^/]{0,99}"), default="pix-fraud", help="of MLflow")
    option("--job", type=matching(r"[A-Za-z0-9][A-Za-z0-9:_.-]{0,199}"), help="id of the job that runs this")
    option("--code-commit", type=matching(r"\S{1,80}"), help="commit of this code; default: asks git")
    option("--spark-master", type=matching(MASTERS), default="local[1]", help="where families spark_* train")
    option("--spark-memory-mb", type=whole(512, 1_000_000), default=2_048, help="greatest heap of Spark's driver, MiB")
    option("--json", action="store_true", help="progress and result as one JSON object a line")
    return result


if __name__ == "__main__":
    sys.exit(main())
