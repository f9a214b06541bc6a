"""A training set on disk (libs/contracts/src/training-set.ts), checked and brought into memory."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vigia.errors import BadInput

# Columns before the features, and what they must be.
FIXED_COLUMNS = {
    "end_to_end_id": pa.string(),
    "accepted_at_ms": pa.float64(),
    "amount_cents": pa.float64(),
    "label": pa.int32(),
    "weight": pa.float64(),
}

REBUILD = "build the training set again"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `manifest.json` says. Times are UTC milliseconds."""

    feature_set_name: str
    feature_set_hash: str
    features: list[str]
    from_ms: int
    to_ms: int
    label_cut_off_ms: int
    label_delay_ms: int
    rows: int
    frauds: int
    rows_sha256: str


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """
    Rows in time order. `features` is [rows, F] in the manifest's order, NaN = missing; the rest is [rows].

    A row stands for `weights` payments: genuine ones may have been sampled.
    """

    manifest: Manifest
    features: NDArray[np.float32]
    labels: NDArray[np.int8]
    accepted_at_ms: NDArray[np.float64]
    amounts_cents: NDArray[np.float64]
    weights: NDArray[np.float64]
    # Of a simulated world: what happened, "" for everyday payments.
    scenarios: NDArray[np.str_] | None = None


def load_training_set(folder: Path) -> TrainingSet:
    """Reads and checks the training set in `folder`. Raises BadInput where the files do not hold what they promise."""
    manifest = read_manifest(folder / "manifest.json")
    rows_path = folder / "rows.parquet"
    if not rows_path.is_file():
        raise BadInput(f"{rows_path} is missing: {REBUILD}")
    check_digest(rows_path, manifest.rows_sha256)
    try:
        with pq.ParquetFile(rows_path, pre_buffer=False) as file:
            check_columns(file.schema_arrow, manifest.features, rows_path)
            training_set = read_rows(file, manifest, rows_path)
            training_set = replace(training_set, scenarios=read_scenarios(file, folder / "scenarios.parquet"))
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{rows_path} is not readable Parquet ({first_line(error)}): {REBUILD}") from error
    check_rows(training_set, rows_path)
    return training_set


def read_manifest(path: Path) -> Manifest:
    """Raises BadInput unless every field is there and of its type."""
    try:
        fields = json.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"{path} is missing: give --data the folder of a training set") from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadInput(f"{path} is not JSON ({first_line(error)}): {REBUILD}") from error
    if not isinstance(fields, dict) or fields.get("format") != 2:
        raise BadInput(f"{path} is not a training set's manifest of format 2: this trainer reads no other format")
    field = field_reader(fields, path)
    feature_set = field_reader(field("featureSet", is_object), path)
    manifest = Manifest(
        feature_set_name=feature_set("name", is_text),
        feature_set_hash=feature_set("hash", is_text),
        features=field("features", is_names),
        from_ms=field("fromMs", is_whole),
        to_ms=field("toMs", is_whole),
        label_cut_off_ms=field("labelCutOffMs", is_whole),
        label_delay_ms=field("labelDelayMs", lambda value: is_whole(value) and value >= 0),
        rows=field("rows", is_whole),
        frauds=field("frauds", is_whole),
        rows_sha256=field("rowsSha256", lambda value: is_text(value) and bool(re.fullmatch("[0-9a-f]{64}", value))),
    )
    if manifest.from_ms >= manifest.to_ms:
        raise BadInput(f"{path}: fromMs must be before toMs: {REBUILD}")
    return manifest


def check_digest(path: Path, expected: str) -> None:
    """SHA-256 over the bytes of the file."""
    with path.open("rb") as file:
        actual = hashlib.file_digest(file, "sha256").hexdigest()
    if actual != expected:
        raise BadInput(f"{path} has SHA-256 {actual}, its manifest says {expected}: copy it again, or {REBUILD}")


def check_columns(schema: pa.Schema, features: list[str], path: Path) -> None:
    """Names, order and types. A feature in another place would be trained under another's name."""
    expected = [*FIXED_COLUMNS, *features]
    missing = [name for name in expected if name not in schema.names]
    unexpected = [name for name in schema.names if name not in expected]
    if missing or unexpected:
        raise BadInput(f"{path}: columns missing {missing}, not in the manifest {unexpected}: {REBUILD}")
    if schema.names != expected:
        at = next(index for index, name in enumerate(expected) if schema.names[index] != name)
        raise BadInput(f"{path}: column {at} is {schema.names[at]}, the manifest's order has {expected[at]}: {REBUILD}")
    for field in schema:
        wanted = FIXED_COLUMNS.get(field.name, pa.float32())
        if field.type != wanted:
            raise BadInput(f"{path}: column {field.name} is {field.type}, must be {wanted}: {REBUILD}")


def read_rows(file: pq.ParquetFile, manifest: Manifest, path: Path) -> TrainingSet:
    """Fills one matrix column by column: memory is the matrix and one column, whatever the size of the row groups."""
    rows = file.metadata.num_rows
    if rows != manifest.rows:
        raise BadInput(f"{path} has {rows} rows, its manifest says {manifest.rows}: {REBUILD}")

    def column(name: str) -> pa.ChunkedArray:
        return file.read(columns=[name]).column(name)

    labels = column("label")
    if labels.null_count or not np.isin(labels.to_numpy(), (0, 1)).all():
        raise BadInput(f"{path}: label must be 0 or 1 in every row: {REBUILD}")
    features = np.empty((rows, len(manifest.features)), dtype=np.float32)
    for index, name in enumerate(manifest.features):
        features[:, index] = column(name).to_numpy()
    return TrainingSet(
        manifest,
        features,
        labels.to_numpy().astype(np.int8),
        column("accepted_at_ms").to_numpy(),
        column("amount_cents").to_numpy(),
        column("weight").to_numpy(),
    )


def read_scenarios(file: pq.ParquetFile, path: Path) -> NDArray[np.str_] | None:
    """
    Scenario [rows] by `end_to_end_id` from the table at `path`, columns `end_to_end_id` and `scenario`, strings; None
    where there is none. It is for evaluation alone: no model sees it.
    """
    if not path.exists():
        return None
    try:
        table = pq.read_table(path, columns=["end_to_end_id", "scenario"])
    except (pa.ArrowException, OSError) as error:
        raise BadInput(
            f"{path} is not a table of end_to_end_id and scenario ({first_line(error)}): remove it"
        ) from error
    names = dict(zip(table["end_to_end_id"].to_pylist(), table["scenario"].to_pylist(), strict=True))
    ids = file.read(columns=["end_to_end_id"]).column("end_to_end_id").to_pylist()
    return np.array([names.get(each) or "" for each in ids], dtype=np.str_)


def check_rows(data: TrainingSet, path: Path) -> None:
    """Order, range and values; what the learner would take without a word and learn nonsense from."""
    manifest = data.manifest
    frauds = int(data.labels.sum())
    if frauds != manifest.frauds:
        raise BadInput(f"{path} has {frauds} frauds, its manifest says {manifest.frauds}: {REBUILD}")
    if not (np.isfinite(data.accepted_at_ms).all() and (np.diff(data.accepted_at_ms) >= 0).all()):
        raise BadInput(f"{path}: rows must be in order of accepted_at_ms: {REBUILD}")
    if len(data.labels) and not manifest.from_ms <= data.accepted_at_ms[0] <= data.accepted_at_ms[-1] <= manifest.to_ms:
        raise BadInput(f"{path}: rows lie outside fromMs and toMs of the manifest: {REBUILD}")
    early = int((data.labels[data.accepted_at_ms > manifest.label_cut_off_ms] == 1).sum())
    if early:
        raise BadInput(
            f"{path}: {early} frauds were accepted after labelCutOffMs, when no label of theirs was known: labels from "
            f"after the cut-off have leaked in; {REBUILD}"
        )
    if not (np.isfinite(data.amounts_cents).all() and (data.amounts_cents >= 0).all()):
        raise BadInput(f"{path}: amount_cents must be a number of at least 0 in every row: {REBUILD}")
    if not (np.isfinite(data.weights).all() and (data.weights >= 1).all()):
        raise BadInput(f"{path}: weight must be a number of at least 1 in every row: {REBUILD}")
    infinite = [name for index, name in enumerate(manifest.features) if np.isinf(data.features[:, index]).any()]
    if infinite:
        raise BadInput(f"{path}: infinite values in {infinite}: correct these features, then {REBUILD}")


def field_reader(fields: dict[str, Any], path: Path) -> Callable[[str, Callable[[Any], bool]], Any]:
    def read(name: str, valid: Callable[[Any], bool]) -> Any:  # noqa: ANN401
        if name not in fields or not valid(fields[name]):
            raise BadInput(f"{path}: {name} is missing or not valid: {REBUILD}")
        return fields[name]

    return read


def is_object(value: object) -> bool:
    return isinstance(value, dict)


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_names(value: object) -> bool:
    if not isinstance(value, list) or not value or not all(is_text(name) for name in value):
        return False
    return len(set(value)) == len(value) and not set(value) & set(FIXED_COLUMNS)


def first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
