"""A Delta Lake table. Its state is the `userMetadata` of the commit that wrote the rows."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, DataFrameWriter, SparkSession

from vigia.errors import BadInput
from vigia.lake.folder import Folder
from vigia.lake.table import State, some_days

# A commit of Delta's log; a checkpoint beside it has another ending.
COMMIT = re.compile(r"[0-9]{20}\.json")
SETTINGS = {
    # A change without rows carries its state all the same.
    "skipRecordingEmptyCommits": "false",
    # Least and greatest values in the log would name people whose rows are erased.
    "properties.defaults.dataSkippingNumIndexedCols": "0",
}
COMMIT_STATE = "spark.databricks.delta.commitInfo.userMetadata"


@dataclass(frozen=True, slots=True)
class DeltaTable:
    spark: SparkSession
    # An absolute path, or s3a://BUCKET/PREFIX.
    root: str

    @property
    def state(self) -> State:
        if not self.exists:
            return {}
        for commit in self.commits():
            if "userMetadata" in commit:
                return dict(json.loads(commit["userMetadata"]))
        raise BadInput(
            f"{self.root} has no change by vigia-lake in its log: restore it, or make the lake anew elsewhere"
        )

    @property
    def log(self) -> Folder:
        return Folder(self.spark, f"{self.root}/_delta_log")

    def commits(self) -> Iterator[dict[str, Any]]:
        """What the log says of each commit, the last one first. Asking Spark for it takes dozens of jobs."""
        for name in reversed(self.log.names()):
            if COMMIT.fullmatch(name):
                actions = [json.loads(line) for line in self.log.read(name).splitlines()]
                yield next((action["commitInfo"] for action in actions if "commitInfo" in action), {})

    @property
    def name(self) -> str:
        return f"delta.`{self.root}`"

    @property
    def exists(self) -> bool:
        if "_table.json" in Folder(self.spark, self.root).names():
            raise BadInput(f"{self.root} is a table of Parquet files: give --format parquet, or another --lake")
        # A write that failed leaves a log without a commit.
        return any(COMMIT.fullmatch(name) for name in self.log.names())

    def read(self) -> DataFrame | None:
        return self.spark.read.format("delta").load(self.root) if self.exists else None

    def append(self, rows: DataFrame, state: State) -> int:
        # A batch that an ended run's JVM still committed is not added twice.
        once = rows.write.option("txnAppId", "vigia-lake").option("txnVersion", state["batch"])
        return self.write(once.mode("append").option("mergeSchema", True), state)

    def replace(self, rows: DataFrame, days: Iterable[date], state: State) -> int:
        chosen = list(days)
        if not chosen:
            return self.write(rows.limit(0).write.mode("append"), state)
        writer = rows.write.mode("overwrite").option("mergeSchema", True)
        return self.write(writer.option("replaceWhere", some_days(chosen)) if self.exists else writer, state)

    def rewrite(self, rows: DataFrame, state: State) -> int:
        return self.write(rows.write.mode("overwrite").option("overwriteSchema", True), state)

    def write(self, writer: DataFrameWriter, state: State) -> int:
        for name, value in SETTINGS.items():
            self.spark.conf.set(f"spark.databricks.delta.{name}", value)
        described = writer.format("delta").partitionBy("day").option("userMetadata", json.dumps(state))
        described.save(self.root)
        return int(next(self.commits())["operationMetrics"].get("numOutputRows", 0))

    def compact(self, target_bytes: int) -> int:
        self.spark.conf.set("spark.databricks.delta.optimize.minFileSize", target_bytes)
        self.spark.conf.set("spark.databricks.delta.optimize.maxFileSize", 4 * target_bytes)
        self.spark.conf.set(COMMIT_STATE, json.dumps(self.state))
        try:
            (done,) = self.spark.sql(f"OPTIMIZE {self.name}").collect()
        finally:
            self.spark.conf.unset(COMMIT_STATE)
        return int(done.metrics.numFilesRemoved) - int(done.metrics.numFilesAdded)

    def vacuum(self, keep_hours: int) -> int:
        before = self.files()
        self.spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", False)
        self.spark.sql(f"VACUUM {self.name} RETAIN {keep_hours} HOURS")
        return before - self.files()

    def files(self) -> int:
        days = [name for name in Folder(self.spark, self.root).names() if name.startswith("day=")]
        return sum(len(Folder(self.spark, f"{self.root}/{day}").names()) for day in days)
