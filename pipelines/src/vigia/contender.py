"""A bundle as the gate judges it, on rows that nothing of it was fitted or chosen on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from onnxruntime.capi import onnxruntime_pybind11_state as onnx_faults

from vigia.bundle import Bundle
from vigia.clock import iso, moment_ms
from vigia.errors import BadInput, UnusableModel
from vigia.hold_out import scored_rows
from vigia.measures import Scored
from vigia.onnx_graph import Scorer
from vigia.split import Part, part
from vigia.thresholds import Costs, Thresholds
from vigia.training_set import TrainingSet

# Of a graph that can't be loaded, asks for other inputs or fails at its work; they have no class in common.
GRAPH_FAULTS = (
    onnx_faults.Fail,
    onnx_faults.InvalidArgument,
    onnx_faults.InvalidGraph,
    onnx_faults.InvalidProtobuf,
    onnx_faults.NotImplemented,
    onnx_faults.RuntimeException,
    IndexError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Contender:
    """What the gate reads of a bundle's manifest. Spans are [from, to) in UTC milliseconds."""

    bundle: Bundle
    name: str
    version: str
    algorithm: str
    feature_set_hash: str
    features: list[str]
    thresholds: Thresholds
    costs: Costs
    metrics: dict[str, float]
    dataset_sha256: str
    training: tuple[float, float]
    validation: tuple[float, float]
    hold_out: tuple[float, float]
    hold_out_rows: int


def contender_of(bundle: Bundle) -> Contender:
    """Raises BadInput where the manifest lacks what the gate needs."""
    manifest = bundle.manifest
    try:
        return Contender(
            bundle=bundle,
            name=str(manifest["name"]),
            version=str(manifest["version"]),
            algorithm=str(manifest["algorithm"]),
            feature_set_hash=str(manifest["featureSet"]["hash"]),
            features=list(manifest["features"]),
            thresholds=Thresholds(float(manifest["thresholds"]["review"]), float(manifest["thresholds"]["reject"])),
            costs=costs_of(manifest["parameters"]),
            metrics=dict(manifest["metrics"]),
            dataset_sha256=str(manifest["training"]["datasetSha256"]),
            training=span_of(manifest["training"]),
            validation=span_of(manifest["validation"]),
            hold_out=span_of(manifest["holdOut"]),
            hold_out_rows=int(manifest["holdOut"]["rows"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(
            f"bundle.json has not the form it must have ({error!r}): train again with this version"
        ) from error


def costs_of(parameters: dict[str, Any]) -> Costs:
    """The cost model that the thresholds were chosen by; the standard one where a trainer names none."""
    standard = Costs()
    return Costs(
        review_cents=100 * float(parameters.get("review_cost_brl", standard.review_cents / 100)),
        false_reject_cents=100 * float(parameters.get("false_reject_cost_brl", standard.false_reject_cents / 100)),
        friction=float(parameters.get("friction", standard.friction)),
    )


def span_of(described: dict[str, Any]) -> tuple[float, float]:
    return moment_ms(described["from"]), moment_ms(described["to"])


def hold_out_of(candidate: Contender, data: TrainingSet) -> Part:
    """The rows of `data` that the candidate's manifest calls its hold-out. Raises BadInput unless they are those."""
    manifest = data.manifest
    if candidate.dataset_sha256 != manifest.rows_sha256:
        raise BadInput(
            f"{candidate.version} was trained on rows of SHA-256 {candidate.dataset_sha256}, these have "
            f"{manifest.rows_sha256}: give --data the training set that it was trained on"
        )
    if (candidate.feature_set_hash, candidate.features) != (manifest.feature_set_hash, manifest.features):
        raise BadInput(
            f"{candidate.version} has another feature set than its training set: one of them was changed; train again"
        )
    rows = part(data, "hold-out", *candidate.hold_out)
    frauds = int(data.labels[rows.rows].sum())
    if rows.count != candidate.hold_out_rows or not 0 < frauds < rows.count:
        raise BadInput(
            f"{candidate.version} names {candidate.hold_out_rows} rows as its hold-out, its span has {rows.count} with "
            f"{frauds} frauds: train again with this version"
        )
    return rows


def check_untouched(champion: Contender, hold_out: Part) -> None:
    """Raises BadInput when the champion has seen some of the hold-out: it would be measured on what it has learnt."""
    for what, (from_ms, to_ms) in (("training", champion.training), ("validation", champion.validation)):
        if from_ms < hold_out.to_ms and hold_out.from_ms < to_ms:
            raise BadInput(
                f"the champion {champion.version} has its {what} part ({iso(from_ms)} to {iso(to_ms)}) in the hold-out "
                f"({iso(hold_out.from_ms)} to {iso(hold_out.to_ms)}): train the candidate on a set that ends later"
            )


def score(contender: Contender, data: TrainingSet, rows: slice) -> Scored:
    """The graph's probabilities of `rows`. Raises UnusableModel when it can't score them."""
    try:
        probabilities, _ = Scorer(contender.bundle.graph).score(data.features[rows])
    except GRAPH_FAULTS as error:
        raise UnusableModel(
            f"the graph of {contender.version} can't score its features ({error}): train again"
        ) from error
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise UnusableModel(f"the graph of {contender.version} answers what is no probability: train again")
    return scored_rows(data, rows, np.asarray(probabilities, dtype=np.float32))
