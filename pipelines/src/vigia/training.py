"""From a training set to the files of a bundle. The order of the steps is the guard against leaks."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import xgboost
from numpy.typing import NDArray

from vigia.baseline import baseline_scores
from vigia.boosting import Parameters, margins_of, train_trees
from vigia.bundle import json_bytes
from vigia.calibration import Platt, fit_platt
from vigia.clock import HOUR_MS, iso
from vigia.errors import UnusableModel
from vigia.evaluation import probability_metrics, ranking_metrics
from vigia.model_card import Facts, model_card
from vigia.onnx_graph import Scorer, build_graph
from vigia.reference import reference_histograms
from vigia.self_test import self_test_of
from vigia.split import Part, Split, split_by_time
from vigia.thresholds import Costs, Thresholds, choose_thresholds, decision_metrics
from vigia.training_set import TrainingSet

LARGEST_PARITY_ERROR = 1e-4
GAINS_SHOWN = 10

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Identity:
    """How the bundle is called. `version` and `created_at` of None come from the data and the parameters."""

    name: str
    version: str | None
    created_at: str | None
    code_commit: str


@dataclass(frozen=True, slots=True)
class Rows:
    """One part's columns: views, not copies."""

    features: NDArray[np.float32]
    labels: NDArray[np.int8]
    amounts_cents: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """The model, and the graph that holds all of it."""

    trees: xgboost.Booster
    trees_json: bytes
    platt: Platt
    graph: bytes
    scorer: Scorer


def train_bundle(
    data: TrainingSet, parameters: Parameters, costs: Costs, identity: Identity, tell: Tell
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """
    Files and manifest (without `files`) of a bundle; the same arguments give the same bytes.

    Trees are trained on the training part, calibration and thresholds fitted on validation, metrics measured on the
    hold-out by the exported graph. Raises BadInput from the split, UnusableModel when the result must not be served.
    """
    split = split_by_time(data)
    tell_split(data, split, tell)
    training, validation, hold_out = (
        rows_of(data, part) for part in (split.training, split.validation, split.hold_out)
    )
    model = fit(training, validation, parameters, tell)

    likely, _ = model.scorer.score(validation.features)
    thresholds = choose_thresholds(likely, validation.labels, validation.amounts_cents, costs, validation.weights)
    tell(f"thresholds: review above {thresholds.review:.6f}, reject above {thresholds.reject:.6f}")

    metrics = {
        **measure(model, thresholds, costs, hold_out, tell),
        **baseline_metrics(training, hold_out, tell),
        **split_metrics(data, split),
        "trees": float(parameters.trees),
        "fraud_weight": parameters.fraud_weight,
    }
    # The last digits of sums depend on the processor; six are what anyone reads.
    metrics = {name: float(f"{value:.6g}") for name, value in metrics.items()}
    tell_metrics(metrics, tell)

    names = data.manifest.features
    identity = with_defaults(identity, data, parameters, costs)
    facts = Facts(
        name=identity.name,
        version=str(identity.version),
        data=data,
        split=split,
        parameters=parameters,
        platt=model.platt,
        thresholds=thresholds,
        costs=costs,
        metrics=metrics,
        gains=gains_of(model.trees, names),
    )
    self_test = self_test_of(model.scorer, hold_out.features, hold_out.labels, model.trees_json, parameters.seed)
    files = {
        "model.onnx": model.graph,
        "trees.json": model.trees_json,
        "self-test.json": json_bytes(self_test),
        "reference.json": json_bytes(reference_histograms(names, training.features, likely)),
        "model-card.md": model_card(facts).encode(),
    }
    return files, manifest_of(facts, identity)


def rows_of(data: TrainingSet, part: Part) -> Rows:
    rows = part.rows
    return Rows(data.features[rows], data.labels[rows], data.amounts_cents[rows], data.weights[rows])


def fit(training: Rows, validation: Rows, parameters: Parameters, tell: Tell) -> Fitted:
    trees = train_trees(
        training.features, training.labels, parameters, tell_trees(parameters.trees, tell), training.weights
    )
    platt = fit_platt(margins_of(trees, validation.features), validation.labels, validation.weights)
    tell(f"calibration: slope {platt.slope:.4f}, intercept {platt.intercept:.4f}")
    trees_json = bytes(trees.save_raw("json"))
    graph = build_graph(trees_json, training.features.shape[1], platt)
    return Fitted(trees, trees_json, platt, graph, Scorer(graph))


def measure(model: Fitted, thresholds: Thresholds, costs: Costs, hold_out: Rows, tell: Tell) -> dict[str, float]:
    """What the graph, not the trees it was made from, does on the hold-out."""
    probabilities, margins = model.scorer.score(hold_out.features)
    parity_error = check_parity(margins, margins_of(model.trees, hold_out.features))
    tell(f"parity: the graph's margin differs from XGBoost's by at most {parity_error:.2e} on the hold-out")
    return {
        **probability_metrics(hold_out.labels, probabilities, hold_out.weights),
        **decision_metrics(probabilities, hold_out.labels, hold_out.amounts_cents, thresholds, costs, hold_out.weights),
    }


def baseline_metrics(training: Rows, hold_out: Rows, tell: Tell) -> dict[str, float]:
    tell("baseline: logistic regression")
    scores = baseline_scores(training.features, training.labels, hold_out.features, training.weights)
    metrics = ranking_metrics(hold_out.labels, scores, hold_out.weights)
    return {f"baseline_{name}": value for name, value in metrics.items()}


def manifest_of(facts: Facts, identity: Identity) -> dict[str, Any]:
    """`bundle.json` but for its `files`. `training` tells of the training part, not of the whole set."""
    set_manifest, split = facts.data.manifest, facts.split
    return {
        "format": 2,
        "name": facts.name,
        "version": facts.version,
        "createdAt": identity.created_at,
        "featureSet": {"name": set_manifest.feature_set_name, "hash": set_manifest.feature_set_hash},
        "features": set_manifest.features,
        "algorithm": "xgboost",
        "explanation": "trees",
        "calibration": {"method": "platt", "slope": facts.platt.slope, "intercept": facts.platt.intercept},
        "thresholds": {"review": facts.thresholds.review, "reject": facts.thresholds.reject},
        "metrics": facts.metrics,
        "training": {
            **part_of(facts.data, split.training),
            "datasetSha256": set_manifest.rows_sha256,
            "seed": facts.parameters.seed,
        },
        "validation": part_of(facts.data, split.validation),
        "holdOut": part_of(facts.data, split.hold_out),
        "parameters": asdict(replace(facts.parameters, threads=1)),
        "codeCommit": identity.code_commit,
        "lockSha256": lock_sha256(),
    }


def part_of(data: TrainingSet, part: Part) -> dict[str, Any]:
    frauds = int(data.labels[part.rows].sum())
    return {"from": iso(part.from_ms), "to": iso(part.to_ms), "rows": part.count, "frauds": frauds}


def lock_sha256() -> str:
    """SHA-256 of `uv.lock` beside this package's project; 64 zeros where the package was installed without it."""
    lock = Path(__file__).parents[2] / "uv.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else "0" * 64


def with_defaults(identity: Identity, data: TrainingSet, parameters: Parameters, costs: Costs) -> Identity:
    """
    A version that says until when and from what: `20260301-1a2b3c4d`, the last day of the data and a digest of data,
    parameters and costs. Created at the label cut-off: the clock of the machine would make every run differ.
    """
    # Threads change how long it takes, not what comes out.
    settings = {**asdict(replace(parameters, threads=1)), **asdict(costs), "rows": data.manifest.rows_sha256}
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    return replace(
        identity,
        version=identity.version or f"{iso(data.manifest.to_ms)[:10].replace('-', '')}-{digest[:8]}",
        created_at=identity.created_at or iso(data.manifest.label_cut_off_ms),
    )


def check_parity(graph: NDArray[np.float32], trees: NDArray[np.float32]) -> float:
    """Largest distance of two lots of margins [n]; raises UnusableModel above LARGEST_PARITY_ERROR."""
    error = float(np.abs(graph.astype(np.float64) - trees).max())
    if not error <= LARGEST_PARITY_ERROR:
        raise UnusableModel(
            f"the exported graph's margin differs from XGBoost's by {error:.2e}, more than {LARGEST_PARITY_ERROR:.0e}: "
            "check the versions of xgboost-cpu and onnxruntime against pipelines/uv.lock"
        )
    return error


def gains_of(trees: xgboost.Booster, names: list[str]) -> list[tuple[str, float]]:
    gains = trees.get_score(importance_type="total_gain")
    total = sum(float(gain) for gain in gains.values() if not isinstance(gain, list)) or 1.0
    shares = [(name, float(gains.get(f"f{index}", 0.0)) / total) for index, name in enumerate(names)]  # type: ignore[arg-type]
    return sorted(shares, key=lambda share: (-share[1], share[0]))[:GAINS_SHOWN]


def split_metrics(data: TrainingSet, split: Split) -> dict[str, float]:
    parts = {"training": split.training, "validation": split.validation, "hold_out": split.hold_out}
    return {
        **{f"{name}_rows": float(part.count) for name, part in parts.items()},
        **{f"{name}_frauds": float(data.labels[part.rows].sum()) for name, part in parts.items()},
        "label_delay_hours": data.manifest.label_delay_ms / HOUR_MS,
        "split_gap_hours": split.gap_ms / HOUR_MS,
        "split_gap_shrunk": float(split.shrunk),
    }


def tell_split(data: TrainingSet, split: Split, tell: Tell) -> None:
    for part in (split.training, split.validation, split.hold_out):
        frauds = int(data.labels[part.rows].sum())
        tell(f"{part.name}: {iso(part.from_ms)} to {iso(part.to_ms)}, {part.count} rows, {frauds} frauds")
    gap, delay = split.gap_ms / HOUR_MS, data.manifest.label_delay_ms / HOUR_MS
    if split.shrunk:
        tell(f"gaps: shrunk to {gap:.1f} h, the range is too short for the label delay of {delay:.1f} h")
    else:
        tell(f"gaps: {gap:.1f} h, the label delay")


def tell_trees(trees: int, tell: Tell) -> Callable[[int], None]:
    """Ten lines, however many trees."""
    every = max(1, trees // 10)
    return lambda done: tell(f"trees: {done}/{trees}") if done % every == 0 or done == trees else None


def tell_metrics(metrics: dict[str, float], tell: Tell) -> None:
    tell(
        f"hold-out: average precision {metrics['average_precision']:.4f} "
        f"(logistic regression {metrics['baseline_average_precision']:.4f}, prevalence {metrics['prevalence']:.4f}), "
        f"ROC AUC {metrics['roc_auc']:.4f} ({metrics['baseline_roc_auc']:.4f})"
    )
