"""
A table of Parquet files on local disk, named by one list.

`_table.json` says which files are the table; it is replaced in one rename after they are on disk. Files never change.
So a reader sees all of a change or nothing of it, whenever the writer is killed; what it left is named by no list.
"""

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from vigia.errors import BadInput
from vigia.lake.table import State

LIST = "_table.json"
STAGING = "_staging-"
# A schema of Spark as JSON.
Schema = dict[str, Any]
EMPTY: dict[str, Any] = {"format": 1, "version": 0, "schema": None, "files": {}, "state": {}}


@dataclass(frozen=True, slots=True)
class ParquetTable:
    spark: SparkSession
    root: Path

    @property
    def state(self) -> State:
        return dict(self.named["state"])

    @property
    def named(self) -> dict[str, Any]:
        path = self.root / LIST
        try:
            found = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            if (self.root / "_delta_log").exists():
                raise BadInput(f"{self.root} is a Delta table: give --format delta, or another --lake") from None
            return EMPTY
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise BadInput(f"{path} can't be read ({error}): restore it, or make the lake anew elsewhere") from error
        if found.get("format") != 1:
            raise BadInput(f"{path} is of format {found.get('format')}: this program reads 1")
        return dict(found)

    def read(self) -> DataFrame | None:
        found = self.named
        if found["schema"] is None:
            return None
        schema = StructType.fromJson(found["schema"])
        if not found["files"]:
            return self.spark.createDataFrame([], schema)
        paths = [str(self.root / f"day={day}" / name) for day, names in found["files"].items() for name in names]
        return self.spark.read.schema(schema).option("basePath", str(self.root)).parquet(*paths)

    def append(self, rows: DataFrame, state: State) -> int:
        found = self.named
        return self.write(rows, found["files"], widened(found["schema"], rows.schema), state)

    def replace(self, rows: DataFrame, days: Iterable[date], state: State) -> int:
        found = self.named
        gone = {day.isoformat() for day in days}
        kept = {day: names for day, names in found["files"].items() if day not in gone}
        return self.write(rows, kept, widened(found["schema"], rows.schema), state)

    def rewrite(self, rows: DataFrame, state: State) -> int:
        return self.write(rows, {}, json.loads(rows.schema.json()), state)

    def compact(self, target_bytes: int) -> int:
        """Days of more than one file smaller than that."""
        found = self.named
        small = [
            day
            for day, names in found["files"].items()
            if sum(self.file(day, name).stat().st_size < target_bytes for name in names) > 1
        ]
        rows = self.read()
        if not small or rows is None:
            return 0
        days = [date.fromisoformat(day) for day in small]
        before = sum(len(names) for names in found["files"].values())
        self.replace(rows.where(rows.day.isin(days)).repartition(len(days), "day"), days, found["state"])
        return before - sum(len(names) for names in self.named["files"].values())

    def vacuum(self, keep_hours: int) -> int:
        named = {self.file(day, name) for day, names in self.named["files"].items() for name in names}
        until = time.time() - keep_hours * 3600
        old = [path for path in self.root.glob("day=*/*") if path not in named and path.stat().st_mtime <= until]
        for path in old:
            path.unlink()
        return len(old)

    def file(self, day: str, name: str) -> Path:
        return self.root / f"day={day}" / name

    def write(self, rows: DataFrame, kept: dict[str, list[str]], schema: Schema, state: State) -> int:
        for left in self.root.glob(f"{STAGING}*"):
            shutil.rmtree(left)
        staging = self.root / f"{STAGING}{uuid.uuid4()}"
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            rows.write.partitionBy("day").parquet(str(staging))
            files, count = self.adopt(staging, {day: list(names) for day, names in kept.items()})
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        self.publish({**EMPTY, "version": self.named["version"] + 1, "schema": schema, "files": files, "state": state})
        return count

    def adopt(self, staging: Path, files: dict[str, list[str]]) -> tuple[dict[str, list[str]], int]:
        """Moves what was written to its place, where no list names it yet."""
        count = 0
        for path in sorted(staging.glob("day=*/*.parquet")):
            day = path.parent.name.removeprefix("day=")
            count += pq.read_metadata(path).num_rows
            target = self.root / path.parent.name
            target.mkdir(exist_ok=True)
            on_disk(path)
            path.rename(target / path.name)
            files.setdefault(day, []).append(path.name)
        for day in files:
            on_disk(self.root / f"day={day}")
        return files, count

    def publish(self, content: dict[str, Any]) -> None:
        part = self.root / f"{LIST}.part"
        part.write_text(json.dumps(content), "utf-8")
        on_disk(part)
        part.rename(self.root / LIST)
        on_disk(self.root)


def on_disk(path: Path) -> None:
    """Waits until the file, or the names in the folder, would survive a loss of power."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def widened(old: Schema | None, new: StructType) -> Schema:
    """Columns of both, inside structs too. Raises BadInput where one changed its type."""
    schema: Schema = json.loads(new.json())
    return schema if old is None else joined(old, schema, "")


def joined(old: Schema, new: Schema, path: str) -> Schema:
    after = {field["name"]: field for field in new["fields"]}
    before = {field["name"] for field in old["fields"]}
    fields = []
    for field in old["fields"]:
        name = f"{path}{field['name']}"
        other = after.get(field["name"], field)
        if isinstance(field["type"], dict) and isinstance(other["type"], dict) and "fields" in field["type"]:
            fields.append({**field, "type": joined(field["type"], other["type"], f"{name}.")})
        elif field["type"] != other["type"]:
            raise BadInput(f"column {name} was {field['type']} and is {other['type']}: make the lake anew elsewhere")
        else:
            fields.append(field)
    return {**old, "fields": fields + [field for name, field in after.items() if name not in before]}
