"""
Bronze: the lines of event files as they came, with where they came from.

A file lands once, whole, together with the note that it did: its rows carry its name and SHA-256. Files never change;
what is new comes in a new file.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from vigia.errors import BadInput
from vigia.lake.lake import Lake
from vigia.progress import Progress
from vigia.spark_features import reason_of

ENDINGS = (".ndjson", ".ndjson.gz")
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A feed: a folder into which whole files of one JSON event a line are renamed."""

    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Landed:
    files: int
    repeated_files: int
    rows: int


def land(lake: Lake, sources: Sequence[Source], today: date, progress: Progress) -> Landed:
    """Raises BadInput for a folder or file that can't be read, or that has other content than when it landed."""
    found = {(source.name, path.name): path for source in sources for path in event_files(source)}
    known = landed_files(lake.bronze.read())
    digests = {key: sha256_of(path) for key, path in found.items()}
    for key, digest in digests.items():
        if known.get(key, digest) != digest:
            raise BadInput(f"{found[key]} has changed since it landed: give what is new in a file of a new name")
    new = sorted(key for key in found if key not in known)
    repeated = len(found) - len(new)
    progress.tell(f"bronze: {len(new)} new files, {repeated} landed before")
    if not new:
        return Landed(0, repeated, 0)
    state = lake.bronze.state
    batch = int(state.get("batch", 0)) + 1
    rows = lines_of(lake, [(*key, str(found[key]), digests[key]) for key in new], batch, today)
    try:
        written = lake.bronze.append(rows, {"batch": batch})
    except (PySparkException, Py4JJavaError) as error:
        raise BadInput(f"the files can't be read: {reason_of(error)}: bring the broken one again") from error
    progress.tell(f"bronze: {written} rows", 1.0)
    return Landed(len(new), repeated, written)


def event_files(source: Source) -> list[Path]:
    if not source.folder.is_dir():
        raise BadInput(f"{source.folder} is no folder: give --source {source.name}=DIR the folder of its event files")
    files = sorted(path for path in source.folder.iterdir() if path.name.endswith(ENDINGS))
    for path in files:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", path.name):
            raise BadInput(f"{path}: the name of an event file has only letters, digits and . _ -: rename it")
    return files


def landed_files(rows: DataFrame | None) -> dict[tuple[str, str], str]:
    """SHA-256 by source and file."""
    if rows is None:
        return {}
    return {(row.source, row.file): row.file_sha256 for row in rows.select(*KEY, "file_sha256").distinct().collect()}


KEY = ("source", "file")


def lines_of(lake: Lake, files: list[tuple[str, str, str, str]], batch: int, today: date) -> DataFrame:
    """One row a line. `files`: source, name, path, SHA-256."""
    of_sources = []
    for source in sorted({source for source, *_ in files}):
        own = [each for each in files if each[0] == source]
        digests = json.dumps({file: digest for _, file, _, digest in own})
        lines = lake.spark.read.text([path for _, _, path, _ in own])
        named = lines.select(f.lit(source).alias("source"), f.col("_metadata.file_name").alias("file"), "value")
        digest = f.from_json(f.lit(digests), "map<string, string>")[f.col("file")]
        of_sources.append(named.withColumn("file_sha256", digest).withColumnRenamed("value", "payload"))
    rows = of_sources[0]
    for more in of_sources[1:]:
        rows = rows.unionByName(more)
    return rows.select(
        *KEY, "file_sha256", f.lit(batch).cast("bigint").alias("batch"), "payload", f.lit(today).alias("day")
    )


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise BadInput(f"{path} can't be read ({error.strerror}): give a file of yours") from error
    return digest.hexdigest()
