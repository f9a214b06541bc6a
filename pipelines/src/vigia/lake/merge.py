"""New rows and those that are there, one kept of each key."""

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

# `place` of the row that is kept, of one with its content, and of one that contradicts it.
KEPT, REPEAT, CONFLICT = "kept", "repeat", "conflict"


def merged(old: DataFrame | None, new: DataFrame, key: Sequence[str], content: str) -> DataFrame:
    """
    Rows of both with `place`. Kept is the first arrival of a key, whenever it came to the lake; `content` is SQL for
    what must be equal in a repeat.
    """
    rows = new.withColumn("is_new", f.lit(True))
    if old is not None:
        rows = rows.unionByName(old.withColumn("is_new", f.lit(False)), allowMissingColumns=True)
    arrivals = Window.partitionBy(*key).orderBy("arrived_us", "is_new", "batch", "source", "file", f.expr(content))
    ranked = rows.withColumn("rank", f.row_number().over(arrivals)).withColumn(
        "first", f.first(f.expr(content)).over(arrivals)
    )
    repeats = f.expr(content) == f.col("first")
    place = f.when(f.col("rank") == 1, KEPT).when(repeats, REPEAT).otherwise(CONFLICT)
    return ranked.withColumn("place", place).drop("rank", "first")
