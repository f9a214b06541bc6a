"""
`vigia-lake`: event files in, Bronze, Silver and Gold out, and the care of their tables.

Exit codes: 0 done; 1 a fault of this program; 2 a bad argument, file or lake; 3 too many rows are not what was
declared; 4 jars can't be fetched or the bucket not be reached: the same command may be tried again; 143 ended by
SIGTERM. After all but 0 every table is as its last whole change left it, and the same command goes on from there.
"""

import argparse
import re
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError

from vigia.arguments import number, whole
from vigia.errors import BadInput, DataRefused, TrackingUnavailable
from vigia.lake.bronze import Source, land
from vigia.lake.erasure import erase
from vigia.lake.folder import S3, Folder
from vigia.lake.gold import distil, feature_set
from vigia.lake.lake import FORMATS, Lake, alone, spark_settings
from vigia.lake.silver import refine
from vigia.progress import Progress, write_json, write_text
from vigia.spark_features import local_spark, reason_of
from vigia.termination import sigterm_raises

EXIT_CODES: dict[type[Exception], int] = {BadInput: 2, DataRefused: 3, TrackingUnavailable: 4}
LAYERS = ("bronze", "silver", "gold")
TARGET_BYTES = 128 << 20


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        with sigterm_raises():
            run(options)
    except tuple(EXIT_CODES) as error:
        print(f"vigia-lake: {error}", file=sys.stderr)
        return EXIT_CODES[type(error)]
    return 0


def run(options: argparse.Namespace) -> None:
    write = write_json if options.json else write_text
    progress = Progress(write)
    steps = LAYERS if options.what == "all" else (options.what,)
    if "bronze" in steps and not options.source:
        raise BadInput("--source is missing: give NAME=DIR, the folder of a feed's event files")
    if options.what == "erase" and not options.pseudonym:
        raise BadInput("--pseudonym is missing: give each pseudonym that stands for the person")
    result: dict[str, Any] = {}
    root: str = options.lake
    if root.startswith(S3) and options.format != "delta":
        raise BadInput("a bucket has no rename that is whole or absent, which tables of Parquet need: --format delta")
    with (
        alone(root),
        local_spark(options.threads, options.memory_mb, spark_settings(options.format, options.jars, root)) as spark,
    ):
        lake = Lake(spark, root, options.format)
        require_reached(lake)
        for index, step in enumerate(steps):
            progress.begin(step, (index + 1) / len(steps))
            started, worked = time.perf_counter(), processor_seconds(lake)
            result[step] = do(step, lake, options, progress)
            result[step]["seconds"] = round(time.perf_counter() - started, 2)
            result[step]["processor_seconds"] = round(processor_seconds(lake) - worked, 2)
        result["rows"] = {name: rows.count() for name, table in lake.tables().items() if (rows := table.read())}
    progress.tell(f"rows: {result['rows']}", 1.0)
    write({"kind": "result", **result})


def processor_seconds(lake: Lake) -> float:
    """Of the JVM so far; on a busy machine they tell more than the clock."""
    used = lake.spark._jvm.java.lang.ProcessHandle.current().info().totalCpuDuration()
    return float(used.get().toNanos()) / 1e9


def require_reached(lake: Lake) -> None:
    try:
        Folder(lake.spark, str(lake.root)).names()
    except Py4JJavaError as error:
        raise TrackingUnavailable(
            f"{lake.root} can't be reached: {reason_of(error)}: see the bucket, AWS_ENDPOINT_URL_S3, AWS_REGION "
            "and the credentials (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role)"
        ) from error


def do(step: str, lake: Lake, options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    if step == "bronze":
        landed = land(lake, options.source, datetime.now(UTC).date(), progress)
        return {"files": landed.files, "repeated_files": landed.repeated_files, "rows": landed.rows}
    if step == "silver":
        counts = refine(lake, options.quarantine_share, progress)
        return {name: getattr(counts, name) for name in type(counts).__slots__}
    if step == "gold":
        return dict(distil(lake, feature_set(options.features), progress))
    if step == "erase":
        return dict(erase(lake, options.pseudonym, progress))
    if step == "compact":
        return {name: table.compact(TARGET_BYTES) for name, table in lake.tables().items()}
    return {name: table.vacuum(options.keep_hours) for name, table in lake.tables().items()}


def source(text: str) -> Source:
    found = re.fullmatch(r"([a-z][a-z0-9-]{0,30})=(.+)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=DIR with a name of a-z, 0-9 and -")
    return Source(found[1], Path(found[2]))


def place(text: str) -> str:
    if text.startswith(S3):
        if not re.fullmatch(r"s3a://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=-]+)+/?", text):
            raise argparse.ArgumentTypeError(f"{text!r} is not s3a://BUCKET/PREFIX")
        return text.rstrip("/")
    if re.match(r"[a-z0-9]+://", text):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a folder nor s3a://BUCKET/PREFIX")
    return str(Path(text).resolve())


def pseudonym(text: str) -> str:
    if not re.fullmatch(r"k[0-9]{1,4}\.[A-Za-z0-9_-]{22}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no pseudonym as k1. and 22 letters, digits, _ or -")
    return text


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-lake",
        description="Bronze, Silver and Gold of event files; each run adds what is new.",
        epilog="Exit codes: 0 done, 1 a program fault, 2 bad input, 3 data refused, 4 jars or bucket away, 143 ended.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    option("what", choices=[*LAYERS, "all", "compact", "vacuum", "erase"], help="a layer, all three, or what to do")
    option("--lake", type=place, required=True, metavar="DIR", help="folder of the lake, or s3a://BUCKET/PREFIX")
    option("--source", type=source, action="append", default=[], metavar="NAME=DIR", help="a feed's event files")
    option("--format", choices=FORMATS, default="parquet", help="of the tables")
    option("--features", choices=["pix", "handbook"], default="pix", help="feature set of Gold")
    option("--quarantine-share", type=number(0, 1), default=0.05, help="more bad rows than that stop silver")
    option("--keep-hours", type=whole(0, 100_000), default=168, help="vacuum: age that unused files keep")
    option("--pseudonym", type=pseudonym, action="append", default=[], help="erase: what stands for the person")
    option(
        "--jars", type=Path, default=Path(".vigia/jars"), metavar="DIR", help="where the jars of Delta and S3 are kept"
    )
    option("--threads", type=whole(1, 256), default=2, help="cores of Spark")
    option("--memory-mb", type=whole(512, 1_000_000), default=4_096, help="greatest heap of the JVM, MiB")
    option("--json", action="store_true", help="progress and result as one JSON object a line")
    return result


if __name__ == "__main__":
    sys.exit(main())
