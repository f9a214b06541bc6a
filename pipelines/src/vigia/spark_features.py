"""
`vigia-spark-features`: runs the SELECT of a feature set over `payments` and `labels` on Spark in local mode.

One statement and an end, or with `--serve` one request a line, so that a test suite starts the JVM once. Exit codes:
0 done, 1 a fault of this program, 2 a bad argument, file or statement; what to do stands on standard error.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import pyarrow.parquet as pq
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from vigia.arguments import whole
from vigia.errors import BadInput
from vigia.java_home import java_home

REQUEST = ("sql", "payments", "labels", "out")


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    answers = own_stdout()
    try:
        request = None if options.serve else request_of(options)
        with local_spark(options.threads, options.memory_mb) as spark:
            if request is None:
                serve(spark, sys.stdin, answers)
            else:
                tell(answers, run(spark, request))
    except BadInput as error:
        print(f"vigia-spark-features: {error}", file=sys.stderr)
        return 2
    return 0


def request_of(options: argparse.Namespace) -> dict[str, str]:
    """Raises BadInput where an argument is missing or the statement can't be read."""
    missing = [f"--{name}" for name in REQUEST if getattr(options, name) is None]
    if missing:
        raise BadInput(f"{', '.join(missing)} missing: give them, or --serve")
    try:
        sql = options.sql.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{options.sql} can't be read ({error}): give the file of one SELECT") from error
    return {"sql": sql, **{name: str(getattr(options, name)) for name in REQUEST[1:]}}


@contextmanager
def local_spark(
    threads: int, memory_mb: int, further: Mapping[str, object] = MappingProxyType({})
) -> Iterator[SparkSession]:
    """A Spark of this process alone, without ports open to others; gone with its files at the end."""
    with tempfile.TemporaryDirectory(prefix="vigia-spark-") as folder:
        os.environ["JAVA_HOME"] = str(java_home(Path(folder)))
        os.environ["PYSPARK_PYTHON"] = sys.executable
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        settings = {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.memory": f"{memory_mb}m",
            "spark.local.dir": folder,
            "spark.log.level": "ERROR",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": 2 * threads,
            "spark.sql.warehouse.dir": f"{folder}/warehouse",
            "spark.ui.enabled": False,
            "spark.ui.showConsoleProgress": False,
            **further,
        }
        builder = SparkSession.builder.master(f"local[{threads}]").appName("vigia-features")
        for name, value in settings.items():
            builder = builder.config(name, value)
        try:
            spark = builder.getOrCreate()
        except PySparkException as error:
            raise BadInput(f"Spark does not start ({first_line(error)}): JAVA_HOME must hold Java 17 or 21") from error
        try:
            yield spark
        finally:
            spark.stop()


def serve(spark: SparkSession, requests: IO[str], answers: IO[str]) -> None:
    """One JSON object a line in, one out, in order, until the end of the input. A bad request ends none but itself."""
    for line in requests:
        try:
            tell(answers, run(spark, parsed(line)))
        except BadInput as error:
            tell(answers, {"error": str(error)})


def parsed(line: str) -> dict[str, str]:
    try:
        request = json.loads(line)
    except json.JSONDecodeError as error:
        raise BadInput(f"the request is not JSON: {error}") from error
    if not isinstance(request, dict) or any(not isinstance(request.get(name), str) for name in REQUEST):
        raise BadInput(f"a request is an object with the texts {', '.join(REQUEST)}")
    return request


def run(spark: SparkSession, request: Mapping[str, str]) -> dict[str, float]:
    """Writes one Parquet file, aside first. Raises BadInput for files and statements that Spark does not take."""
    out = Path(request["out"])
    if not out.parent.is_dir():
        raise BadInput(f"{out.parent} is no folder: make it first")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        for view in ("payments", "labels"):
            register(spark, view, request[view])
        try:
            # One file: the rows of all partitions go through one last task.
            spark.sql(request["sql"]).repartition(1).write.parquet(f"{folder}/rows")
        except (PySparkException, Py4JJavaError) as error:
            raise BadInput(f"Spark refuses the statement: {reason_of(error)}") from error
        (part,) = Path(folder, "rows").glob("part-*.parquet")
        rows = pq.read_metadata(part).num_rows
        part.replace(out)
    return {"rows": rows, "seconds": round(time.perf_counter() - started, 3)}


def register(spark: SparkSession, view: str, path: str) -> None:
    if not Path(path).exists():
        raise BadInput(f"{path} is missing: give --{view} a Parquet file")
    try:
        spark.read.parquet(path).createOrReplaceTempView(view)
    except (PySparkException, Py4JJavaError) as error:
        raise BadInput(f"{path} is not readable Parquet: {reason_of(error)}") from error


def reason_of(error: Exception) -> str:
    """Spark's own sentence, without the stack of the JVM."""
    text = str(error.java_exception.toString()) if isinstance(error, Py4JJavaError) else str(error)
    return re.split(r"\n\s*at \w|\n\nJVM stacktrace", text, maxsplit=1)[0].strip()[:2_000]


def first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def own_stdout() -> IO[str]:
    """Standard output for the answers alone: whatever the JVM prints goes to standard error from now on."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def tell(answers: IO[str], answer: Mapping[str, Any]) -> None:
    print(json.dumps(answer), file=answers, flush=True)


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-spark-features",
        description="Runs a feature set's SELECT on Spark in local mode; answers JSON with rows and seconds.",
        epilog='With --serve: {"sql","payments","labels","out"} a line, answered by {"rows","seconds"} or {"error"}.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    option("--sql", type=Path, metavar="FILE", help="file of one SELECT over the views payments and labels")
    option("--payments", type=Path, metavar="PARQUET", help="becomes the view payments")
    option("--labels", type=Path, metavar="PARQUET", help="becomes the view labels")
    option("--out", type=Path, metavar="PARQUET", help="file for the rows, replaced when it exists")
    option("--serve", action="store_true", help="take requests from standard input instead")
    option("--threads", type=whole(1, 256), default=2, help="cores of Spark")
    option("--memory-mb", type=whole(512, 1_000_000), default=4_096, help="greatest heap of the JVM, MiB")
    return result


if __name__ == "__main__":
    sys.exit(main())
