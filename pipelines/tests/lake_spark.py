"""One Spark for all tests of the lake in a session, and lakes of both formats on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from vigia.errors import TrackingUnavailable
from vigia.lake.jars import DELTA, jars
from vigia.lake.lake import Format, Lake, spark_settings
from vigia.spark_features import local_spark

JARS = Path(__file__).parents[2] / ".vigia/jars"


def jars_are_here() -> bool:
    try:
        return bool(jars(JARS, DELTA))
    except TrackingUnavailable:
        return False


# A handful of rows is done before the JVM has compiled its best code for it.
QUICK_JAVA = {"JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in QUICK_JAVA.items():
            patch.setenv(name, value)
        yield from session_of_tests()


def session_of_tests() -> Iterator[SparkSession]:
    with local_spark(1, 1_024, spark_settings("delta" if jars_are_here() else "parquet", JARS)) as session:
        for name, value in {
            "shuffle.partitions": 1,
            "adaptive.enabled": False,
            "codegen.wholeStage": False,
            "codegen.factoryMode": "NO_CODEGEN",
        }.items():
            session.conf.set(f"spark.sql.{name}", value)
        yield session


# What depends on the format of the tables is tried on each; the rest on Parquet.
both_formats = pytest.mark.parametrize(
    "lake", ["parquet", pytest.param("delta", marks=pytest.mark.pipelines)], indirect=True
)


@pytest.fixture
def lake(request: pytest.FixtureRequest, spark: SparkSession, tmp_path: Path) -> Lake:
    chosen: Format = getattr(request, "param", "parquet")
    if chosen == "delta" and not jars_are_here():
        pytest.skip("the jars of Delta Lake can't be fetched here")
    return Lake(spark, str(tmp_path / "lake"), chosen)
