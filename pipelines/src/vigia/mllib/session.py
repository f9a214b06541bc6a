"""The Spark that a training runs on."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from vigia.errors import BadInput
from vigia.java_home import java_home
from vigia.spark_features import first_line, local_spark


@contextmanager
def training_spark(
    master: str, memory_mb: int, further: Mapping[str, object] = MappingProxyType({})
) -> Iterator[SparkSession]:
    """
    The session that is active, as in a notebook or a job on Databricks; else one of its own on `master`, with a heap
    of `memory_mb` MiB and `further` settings, that ends with the body. Raises BadInput where the cluster does not take
    it.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
    elif master.startswith("local["):
        with local_spark(int(master[6:-1]), memory_mb, further) as spark:
            yield spark
    else:
        with tempfile.TemporaryDirectory(prefix="vigia-spark-") as folder:
            os.environ["JAVA_HOME"] = str(java_home(Path(folder)))
            builder = SparkSession.builder.master(master).appName("vigia-train")
            builder = builder.config("spark.driver.memory", f"{memory_mb}m").config(
                "spark.ui.showConsoleProgress", False
            )
            for name, value in further.items():
                builder = builder.config(name, value)
            try:
                spark = builder.getOrCreate()
            except PySparkException as error:
                raise BadInput(f"no Spark at {master} ({first_line(error)}): correct --spark-master") from error
            try:
                yield spark
            finally:
                spark.stop()


def active_spark() -> SparkSession:
    """Raises BadInput where no session is open."""
    spark = SparkSession.getActiveSession()
    if spark is None:
        raise BadInput("no Spark is running: train by vigia-train, which starts one, or within training_spark")
    return spark
