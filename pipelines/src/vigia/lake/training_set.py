"""A training set (libs/contracts/src/training-set.ts) of Gold: its vectors, with the labels known by a moment."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import functions as f

from vigia.clock import DAY_MS
from vigia.errors import BadInput
from vigia.lake.gold import FeatureSet
from vigia.lake.lake import Lake

DUCKDB_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.int32(): "INTEGER", pa.float32(): "FLOAT"}


@dataclass(frozen=True, slots=True)
class Sampling:
    """All frauds are rows, and this share of the others, chosen by a hash of their id and `seed`."""

    genuine_share: float = 1.0
    seed: int = 1


def write_training_set(
    lake: Lake, features: FeatureSet, label_delay_days: int, out: Path, sampling: Sampling = Sampling()
) -> Path:
    """
    Writes `rows.parquet` and `manifest.json` into `out`: the payments of whole days that Gold has, labelled by what
    Silver knows at its last arrival, which is the label cut-off. Rows pass through this process: sample what does not
    fit. Raises BadInput where Gold has no vectors, or they are older than Silver.
    """
    vectors, labels, payments = lake.vectors(features.name).read(), lake.labels.read(), lake.payments.read()
    if vectors is None or labels is None or payments is None:
        raise BadInput(f"{lake.root} has no vectors of the set {features.name}: run gold first")
    arrived = payments.select("arrived_us").unionByName(labels.select("arrived_us"))
    cut_off_us = int(arrived.agg(f.max("arrived_us")).collect()[0][0])
    known = labels.where(labels.arrived_us <= cut_off_us).groupBy("end_to_end_id")
    fraud = known.agg(f.max_by("fraud", "arrived_us").alias("known_fraud"))
    rows = vectors.join(fraud, "end_to_end_id", "left").withColumn("label", f.expr("int(coalesce(known_fraud, false))"))
    drawn = f.expr(f"pmod(xxhash64(end_to_end_id, {sampling.seed}), 1000000) < {sampling.genuine_share} * 1000000")
    weight = f.when(f.col("label") == 1, f.lit(1.0)).otherwise(f.lit(1 / sampling.genuine_share))
    chosen = rows.where((f.col("label") == 1) | drawn).select(
        "end_to_end_id",
        f.col("accepted_at_ms").cast("double"),
        f.col("amount_cents").cast("double"),
        "label",
        weight.alias("weight"),
        # A missing value is a NaN, as the vectors of every other engine have it.
        *(f.expr(f"float(coalesce(`{name}`, double('NaN')))").alias(name) for name in features.features),
    )
    table = chosen.orderBy("accepted_at_ms", "end_to_end_id").toArrow()
    if table.num_rows == 0:
        raise BadInput(f"{lake.root} has no rows in gold/{features.name}: bring events first")
    return write(table, features, cut_off_us // 1_000, label_delay_days * DAY_MS, sampling, out)


def write(
    table: pa.Table, features: FeatureSet, cut_off_ms: int, label_delay_ms: int, sampling: Sampling, out: Path
) -> Path:
    table = table.cast(pa.schema([field.with_nullable(True) for field in table.schema]))
    out.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, out / "rows.parquet", compression="zstd")
    at = table["accepted_at_ms"]
    manifest = {
        "format": 2,
        "featureSet": {"name": features.name, "hash": features.hash},
        "features": features.features,
        "fromMs": int(pc.min(at).as_py() // DAY_MS * DAY_MS),
        "toMs": int((pc.max(at).as_py() // DAY_MS + 1) * DAY_MS),
        "labelCutOffMs": cut_off_ms,
        "labelDelayMs": label_delay_ms,
        "rows": table.num_rows,
        "frauds": int(pc.sum(table["label"]).as_py()),
        "sampling": {"genuineShare": sampling.genuine_share, "seed": sampling.seed},
        "schema": [{"name": field.name, "type": DUCKDB_TYPES[field.type]} for field in table.schema],
        "rowsSha256": hashlib.sha256((out / "rows.parquet").read_bytes()).hexdigest(),
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf-8")
    return out
