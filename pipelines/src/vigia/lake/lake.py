"""Where the tables of a lake are, and that one run works on them at a time."""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pyspark.sql import SparkSession

from vigia.errors import BadInput
from vigia.lake.delta_jars import delta_jars
from vigia.lake.delta_table import DeltaTable
from vigia.lake.parquet_table import ParquetTable
from vigia.lake.table import Table

Format = Literal["parquet", "delta"]
FORMATS: tuple[Format, ...] = ("parquet", "delta")


@dataclass(frozen=True, slots=True)
class Lake:
    spark: SparkSession
    root: Path
    format: Format = "parquet"

    @property
    def bronze(self) -> Table:
        """source, file, file_sha256, batch, payload (null: erased), day of landing."""
        return self.table("bronze")

    @property
    def payments(self) -> Table:
        """end_to_end_id, arrived_us, degraded, payment (the contract's struct), source, file, batch, landed_on, day."""
        return self.table("silver/payments")

    @property
    def labels(self) -> Table:
        """end_to_end_id, arrived_us, fraud, source, file, batch, landed_on, day."""
        return self.table("silver/labels")

    @property
    def quarantine(self) -> Table:
        """reason, payload, source, file, batch, day of landing."""
        return self.table("silver/quarantine")

    @property
    def daily(self) -> Table:
        return self.table("gold/daily")

    def vectors(self, feature_set: str) -> Table:
        """end_to_end_id, accepted_at_ms, amount_cents, fraud, fraud_known_us, what the set's SQL selects, day."""
        return self.table(f"gold/{feature_set}")

    def table(self, name: str) -> Table:
        root = self.root / name
        root.mkdir(parents=True, exist_ok=True)
        return DeltaTable(self.spark, root) if self.format == "delta" else ParquetTable(self.spark, root)

    def tables(self) -> dict[str, Table]:
        """Those that exist, by name."""
        names = ["bronze", *(f"{at.parent.name}/{at.name}" for at in sorted(self.root.glob("[sg]*/*")) if at.is_dir())]
        found = {name: self.table(name) for name in names}
        return {name: table for name, table in found.items() if table.read() is not None}


def spark_settings(format: Format, jars: Path) -> Mapping[str, object]:
    """What Spark is started with for this format. Raises TrackingUnavailable where its jars are not to be had."""
    settings: dict[str, object] = {
        # Files are named one by one: listing hundreds of them is no work for a job.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": 100_000,
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.files.maxRecordsPerFile": 5_000_000,
    }
    if format == "delta":
        settings |= {
            "spark.driver.extraClassPath": ":".join(str(path) for path in delta_jars(jars)),
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.databricks.delta.snapshotPartitions": 2,
            "spark.databricks.delta.vacuum.parallelDelete.enabled": False,
            "spark.sql.sources.parallelPartitionDiscovery.parallelism": 4,
        }
    return settings


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """One run on this lake at a time; the lock ends with its process. Raises BadInput where another runs."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        lock = (root / ".lock").open("w")
    except OSError as error:
        raise BadInput(f"{root} can't be written ({error.strerror}): give --lake a folder of yours") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"another run works on {root}: wait for its end") from None
        yield
