"""Where the tables of a lake are, and that one run works on them at a time."""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pyspark.sql import SparkSession

from vigia.errors import BadInput
from vigia.lake.delta_table import DeltaTable
from vigia.lake.folder import S3, Folder
from vigia.lake.jars import DELTA, jars
from vigia.lake.jars import S3 as S3_JARS
from vigia.lake.parquet_table import ParquetTable
from vigia.lake.table import Table

Format = Literal["parquet", "delta"]
FORMATS: tuple[Format, ...] = ("parquet", "delta")


@dataclass(frozen=True, slots=True)
class Lake:
    spark: SparkSession
    # An absolute path, or s3a://BUCKET/PREFIX for Delta.
    root: Path | str
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
        root = f"{self.root}/{name}"
        return DeltaTable(self.spark, root) if self.format == "delta" else ParquetTable(self.spark, Path(root))

    def tables(self) -> dict[str, Table]:
        """Those that exist, by name."""
        inner = [f"{layer}/{name}" for layer in ("silver", "gold") for name in self.folder(layer).names()]
        found = {name: self.table(name) for name in ("bronze", *inner)}
        return {name: table for name, table in found.items() if table.read() is not None}

    def folder(self, name: str) -> Folder:
        return Folder(self.spark, f"{self.root}/{name}")


def spark_settings(format: Format, jars_folder: Path, root: str = "") -> Mapping[str, object]:
    """What Spark is started with for a lake at `root`. Raises TrackingUnavailable where its jars are not to be had."""
    settings: dict[str, object] = {
        # Files are named one by one: listing hundreds of them is no work for a job.
        "spark.sql.sources.parallelPartitionDiscovery.threshold": 100_000,
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.sql.files.maxRecordsPerFile": 5_000_000,
    }
    wanted = {**(DELTA if format == "delta" else {}), **(S3_JARS if root.startswith(S3) else {})}
    if wanted:
        settings["spark.driver.extraClassPath"] = ":".join(str(path) for path in jars(jars_folder.resolve(), wanted))
    if format == "delta":
        settings |= {
            "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
            "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
            "spark.databricks.delta.snapshotPartitions": 2,
            # Commits of their own would stand before the state.
            "spark.databricks.delta.vacuum.logging.enabled": False,
            "spark.sql.sources.parallelPartitionDiscovery.parallelism": 4,
        }
    return settings | (s3_settings() if root.startswith(S3) else {})


def s3_settings() -> dict[str, object]:
    """Address, region and credentials as the AWS SDK takes them from the environment."""
    settings: dict[str, object] = {
        "aws.credentials.provider": "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
        "endpoint.region": os.environ.get("AWS_REGION", "us-east-1"),
        "attempts.maximum": 3,
        "retry.limit": 3,
        "connection.establish.timeout": "5s",
    }
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3")
    if endpoint is not None:
        settings |= {"endpoint": endpoint, "path.style.access": True}
    return {f"spark.hadoop.fs.s3a.{name}": value for name, value in settings.items()}


@contextmanager
def alone(root: str) -> Iterator[None]:
    """
    One run of this machine on this lake at a time; the lock ends with its process. Raises BadInput where another runs.
    """
    if root.startswith(S3):
        path = Path(tempfile.gettempdir(), f"vigia-lake-{hashlib.sha256(root.encode()).hexdigest()[:16]}.lock")
    else:
        path = Path(root, ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.open("w")
    except OSError as error:
        raise BadInput(f"{root} can't be written ({error.strerror}): give --lake a folder of yours") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(f"another run works on {root}: wait for its end") from None
        yield
