"""A Delta Lake table. Its state is the `userMetadata` of the commit that wrote the rows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame, DataFrameWriter, SparkSession

from vigia.errors import BadInput
from vigia.lake.table import State, some_days

COMMIT_STATE = "spark.databricks.delta.commitInfo.userMetadata"


@dataclass(frozen=True, slots=True)
class DeltaTable:
    spark: SparkSession
    root: Path

    @property
    def state(self) -> State:
        if not self.exists:
            return {}
        last = self.spark.sql(f"DESCRIBE HISTORY {self.name}").where("userMetadata IS NOT NULL").head()
        return {} if last is None else dict(json.loads(last.userMetadata))

    @property
    def name(self) -> str:
        return f"delta.`{self.root}`"

    @property
    def exists(self) -> bool:
        if (self.root / "_table.json").exists():
            raise BadInput(f"{self.root} is a table of Parquet files: give --format parquet, or another --lake")
        # A write that failed leaves a log without a commit.
        return any((self.root / "_delta_log").glob("*.json"))

    def read(self) -> DataFrame | None:
        return self.spark.read.format("delta").load(str(self.root)) if self.exists else None

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
        described = writer.format("delta").partitionBy("day").option("userMetadata", json.dumps(state))
        described.save(str(self.root))
        (last,) = self.spark.sql(f"DESCRIBE HISTORY {self.name} LIMIT 1").collect()
        return int(last.operationMetrics.get("numOutputRows", 0))

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
        before = sum(1 for _ in self.root.glob("day=*/*.parquet"))
        self.spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", False)
        self.spark.sql(f"VACUUM {self.name} RETAIN {keep_hours} HOURS")
        return before - sum(1 for _ in self.root.glob("day=*/*.parquet"))
