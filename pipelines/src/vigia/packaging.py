"""From a trained model to the files of a bundle: whoever trained it, if it is an ONNX graph of a margin."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from vigia.bundle import json_bytes
from vigia.calibration import Platt, fit_platt
from vigia.clock import HOUR_MS, iso
from vigia.errors import UnusableModel
from vigia.evaluation import evaluate, flat_metrics, ranking_metrics, rounded
from vigia.families.logistic import Logistic
from vigia.hold_out import scored_rows, segments_in
from vigia.importance import permutation_importances, ranked
from vigia.model_card import Facts, model_card
from vigia.onnx_graph import Scorer, calibrated
from vigia.parameters import Parameters, Value
from vigia.plots import hold_out_plots
from vigia.progress import Progress
from vigia.provenance import lock_sha256
from vigia.reference import reference_of
from vigia.rows import Rows, rows_of
from vigia.self_test import self_test_of
from vigia.split import Part, Split
from vigia.thresholds import Costs, choose_thresholds
from vigia.training_set import TrainingSet

LARGEST_PARITY_ERROR = 1e-4
UNCALIBRATED = Platt(1.0, 0.0)

Margins = Callable[[NDArray[np.float32]], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Identity:
    """How the bundle is called, and what code made it."""

    name: str
    code_commit: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A model trained on the training part alone. `graph`: `features` float32 [n, F], NaN = missing -> `margin` float32
    [n, 1], log-odds of any scale and level.
    """

    algorithm: str
    # In a sentence or two, for the card.
    method: str
    graph: ModelProto
    # What decided it besides the data, by name.
    parameters: dict[str, Value]
    costs: Costs
    seed: int
    # XGBoost's own JSON model, where it explains every answer exactly.
    trees_json: bytes | None = None
    # Share of each feature [F]; None: measured by permutation on the validation part.
    importances: NDArray[np.float64] | None = None
    # The model's own margins [n] of features [n, F], which the graph must answer too.
    own_margins: Margins | None = None
    # Where given, the probabilities of both may not lie farther apart; `onnx_probability_error` says how far they do.
    probability_parity: float | None = None
    # Measured before the hold-out was touched, and what a person should know of how it was chosen.
    metrics: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def package_bundle(
    data: TrainingSet, split: Split, candidate: Candidate, identity: Identity, progress: Progress
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """
    Files and manifest (without `files`) of a bundle; the same arguments give the same bytes.

    Calibration and thresholds are fitted on the validation part, all is measured on the hold-out by the exported
    graph. Raises UnusableModel when the result must not be served, BadInput where the graph is not of that form.
    """
    training, validation, hold_out = (
        rows_of(data, part) for part in (split.training, split.validation, split.hold_out)
    )
    graph, platt = calibrate(candidate.graph, validation)
    progress.tell(f"calibration: slope {platt.slope:.4f}, intercept {platt.intercept:.4f}")
    scorer = Scorer(graph)
    likely, _ = scorer.score(validation.features)
    thresholds = choose_thresholds(
        likely, validation.labels, validation.amounts_cents, candidate.costs, validation.weights
    )
    progress.tell(f"thresholds: review above {thresholds.review:.6f}, reject above {thresholds.reject:.6f}", 0.1)

    probabilities, margins = scorer.score(hold_out.features)
    parity_metrics = {}
    if candidate.own_margins is not None:
        own = candidate.own_margins(hold_out.features)
        error = check_parity(margins, own)
        progress.tell(
            f"parity: the graph's margin differs from the model's by at most {error:.2e} on the hold-out", 0.2
        )
        if candidate.probability_parity is not None:
            apart = check_probability_parity(margins, own, candidate.probability_parity)
            progress.tell(f"parity: probabilities differ by at most {apart:.2e} before calibration", 0.2)
            parity_metrics["onnx_probability_error"] = apart
    scored = scored_rows(data, split.hold_out.rows, probabilities)
    evaluation = evaluate(scored, segments_in(data, split.hold_out.rows), thresholds, candidate.costs)
    progress.tell("baseline: logistic regression", 0.6)
    metrics = {
        **flat_metrics(evaluation),
        **baseline_metrics(training, hold_out),
        **split_metrics(data, split),
        **candidate.metrics,
        **parity_metrics,
    }
    metrics = {name: rounded(value) for name, value in metrics.items()}
    tell_metrics(metrics, progress)

    names = data.manifest.features
    importances = candidate.importances
    if importances is None:
        importances = permutation_importances(scorer, validation, candidate.seed)
    shares = ranked(importances, names)
    facts = Facts(
        name=identity.name,
        version=version_of(data, candidate, identity, graph),
        data=data,
        split=split,
        method=candidate.method,
        platt=platt,
        thresholds=thresholds,
        costs=candidate.costs,
        metrics=metrics,
        evaluation=evaluation,
        importances=shares,
        notes=candidate.notes,
    )
    self_test = self_test_of(scorer, hold_out.features, hold_out.labels, candidate.trees_json, candidate.seed)
    files = {
        "model.onnx": graph,
        **({"trees.json": candidate.trees_json} if candidate.trees_json is not None else {}),
        "self-test.json": json_bytes(self_test),
        "reference.json": json_bytes(reference_of(names, training, validation, likely)),
        "model-card.md": model_card(facts).encode(),
        "evaluation.json": json_bytes(evaluation),
        **hold_out_plots(scored, thresholds, candidate.costs, evaluation["overall"]["confusion"], shares),
    }
    return files, manifest_of(facts, candidate, identity)


def calibrate(graph: ModelProto, validation: Rows) -> tuple[bytes, Platt]:
    """The graph with its calibration inside. Raises UnusableModel where its margins are not numbers."""
    _, margins = Scorer(calibrated(graph, UNCALIBRATED)).score(validation.features)
    if not np.isfinite(margins).all():
        raise UnusableModel(
            "the model's margins are not all numbers on the validation part: training diverged; "
            "lower its learning rate, or look for absurd values in the features"
        )
    platt = fit_platt(margins, validation.labels, validation.weights)
    return calibrated(graph, platt), platt


def baseline_metrics(training: Rows, hold_out: Rows) -> dict[str, float]:
    """Logistic regression with standard parameters on the same rows: what a model must beat to be worth its weight."""
    model = Logistic().fit(training, Parameters(), lambda _: None)
    metrics = ranking_metrics(hold_out.labels, model.margins(hold_out.features), hold_out.weights)
    return {f"baseline_{name}": value for name, value in metrics.items()}


def manifest_of(facts: Facts, candidate: Candidate, identity: Identity) -> dict[str, Any]:
    """`bundle.json` but for its `files`. `training` tells of the training part, not of the whole set."""
    set_manifest, split = facts.data.manifest, facts.split
    return {
        "format": 2,
        "name": facts.name,
        "version": facts.version,
        # The label cut-off: the clock of the machine would make every run differ.
        "createdAt": iso(set_manifest.label_cut_off_ms),
        "featureSet": {"name": set_manifest.feature_set_name, "hash": set_manifest.feature_set_hash},
        "features": set_manifest.features,
        "algorithm": candidate.algorithm,
        "explanation": "none" if candidate.trees_json is None else "trees",
        "calibration": {"method": "platt", "slope": facts.platt.slope, "intercept": facts.platt.intercept},
        "thresholds": {"review": facts.thresholds.review, "reject": facts.thresholds.reject},
        "metrics": facts.metrics,
        "training": {
            **part_of(facts.data, split.training),
            "datasetSha256": set_manifest.rows_sha256,
            "seed": candidate.seed,
        },
        "validation": part_of(facts.data, split.validation),
        "holdOut": part_of(facts.data, split.hold_out),
        "parameters": candidate.parameters,
        "codeCommit": identity.code_commit,
        "lockSha256": lock_sha256(),
    }


def part_of(data: TrainingSet, part: Part) -> dict[str, Any]:
    frauds = int(data.labels[part.rows].sum())
    return {"from": iso(part.from_ms), "to": iso(part.to_ms), "rows": part.count, "frauds": frauds}


def version_of(data: TrainingSet, candidate: Candidate, identity: Identity, graph: bytes) -> str:
    """
    `20260301-1a2b3c4d`: the last day of the data, and a digest of all that makes the bundle and of the model that came
    out. Two bundles of one version are the same bundle.
    """
    made_of = {
        "parameters": candidate.parameters,
        "costs": asdict(candidate.costs),
        "rows": data.manifest.rows_sha256,
        "scenarios": None if data.scenarios is None else hashlib.sha256(data.scenarios.tobytes()).hexdigest(),
        "identity": asdict(identity),
        "lock": lock_sha256(),
        "model": hashlib.sha256(graph).hexdigest(),
    }
    digest = hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()
    return f"{iso(data.manifest.to_ms)[:10].replace('-', '')}-{digest[:8]}"


def check_parity(graph: NDArray[np.float32], model: NDArray[np.float32]) -> float:
    """
    Largest distance of two lots of margins [n]. Raises UnusableModel above LARGEST_PARITY_ERROR, or that many times
    the largest margin where one is above 10: float32 holds seven digits.
    """
    error = float(np.abs(graph.astype(np.float64) - model).max())
    if not error <= LARGEST_PARITY_ERROR * max(1.0, float(np.abs(model).max()) / 10):
        raise UnusableModel(
            f"the exported graph's margin differs from the model's by {error:.2e}, far more than by rounding: "
            "check the versions of xgboost, scikit-learn and onnxruntime against pipelines/uv.lock"
        )
    return error


def check_probability_parity(graph: NDArray[np.float32], model: NDArray[np.float32], limit: float) -> float:
    """Largest distance of the probabilities that two lots of margins [n] stand for. Raises UnusableModel above it."""
    error = float(np.abs(sigmoid(graph) - sigmoid(model)).max())
    if not error <= limit:
        raise UnusableModel(
            f"the exported graph's probability differs from the model's by {error:.2e}, more than {limit:g}: "
            "train fewer trees, or check the versions of pyspark and onnxruntime against pipelines/uv.lock"
        )
    return error


def sigmoid(margins: NDArray[np.float32]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(margins.astype(np.float64), -700, 700)))


def split_metrics(data: TrainingSet, split: Split) -> dict[str, float]:
    parts = {"training": split.training, "validation": split.validation, "hold_out": split.hold_out}
    return {
        **{f"{name}_rows": float(part.count) for name, part in parts.items()},
        **{f"{name}_frauds": float(data.labels[part.rows].sum()) for name, part in parts.items()},
        "label_delay_hours": data.manifest.label_delay_ms / HOUR_MS,
        "split_gap_hours": split.gap_ms / HOUR_MS,
        "split_gap_shrunk": float(split.shrunk),
    }


def tell_metrics(metrics: dict[str, float], progress: Progress) -> None:
    progress.tell(
        f"hold-out: average precision {metrics['average_precision']:.4f} "
        f"(logistic regression {metrics['baseline_average_precision']:.4f}, prevalence {metrics['prevalence']:.4f}), "
        f"ROC AUC {metrics['roc_auc']:.4f} ({metrics['baseline_roc_auc']:.4f})",
        0.8,
    )
