"""
Erasure of a person (LGPD, art. 18, VI) by the pseudonyms that stand for them: what names them goes from every layer.

Bronze keeps the row without its content, so that its file does not land again. Payments go last: a run that was ended
finds them again. Vectors of others stay as they were served.
"""

from collections.abc import Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from vigia.lake.lake import Lake
from vigia.lake.table import Table
from vigia.progress import Progress

IDENTIFIERS = ("$.payment.endToEndId", "$.end_to_end_id", "$.endToEndId")


def erase(lake: Lake, pseudonyms: Sequence[str], progress: Progress) -> dict[str, int]:
    """Answers how many rows each table lost; older files go too."""
    bronze, payments = lake.bronze.read(), lake.payments.read()
    if bronze is None:
        return {}
    erased: dict[str, int] = {}
    ids = identifiers(bronze.where(names_any("payload", pseudonyms)), "payload")
    if payments is not None:
        by_silver = payments.where(names_any("to_json(payment)", pseudonyms)).select("end_to_end_id")
        ids = ids.unionByName(by_silver)
    # Kept apart from the tables that are about to change.
    chosen = f.broadcast(lake.spark.createDataFrame(ids.distinct().collect(), "end_to_end_id string"))
    for name, table in lake.tables().items():
        if name.startswith("gold/") and name != "gold/daily":
            erased[name] = drop(table, chosen)
    erased["silver/labels"] = drop(lake.labels, chosen)
    quarantine = lake.quarantine.read()
    if quarantine is not None:
        erased["silver/quarantine"] = drop(lake.quarantine, identified(quarantine, pseudonyms, chosen), "row_payload")
    erased["bronze"] = blank(lake.bronze, bronze, pseudonyms, chosen)
    erased["silver/payments"] = drop(lake.payments, chosen)
    for table in lake.tables().values():
        table.vacuum(0)
    progress.tell(f"erase: {erased}", 1.0)
    return erased


def names_any(expression: str, pseudonyms: Sequence[str]) -> Column:
    condition = f.lit(False)
    for pseudonym in pseudonyms:
        condition = condition | f.expr(expression).contains(pseudonym)
    return condition


def identifiers(rows: DataFrame, column: str) -> DataFrame:
    found = f.coalesce(*(f.get_json_object(column, path) for path in IDENTIFIERS))
    return rows.select(found.alias("end_to_end_id")).where("end_to_end_id IS NOT NULL")


def identified(rows: DataFrame, pseudonyms: Sequence[str], chosen: DataFrame) -> DataFrame:
    """The payloads of rows that name one of the pseudonyms or of the payments."""
    found = f.coalesce(*(f.get_json_object("payload", path) for path in IDENTIFIERS))
    named = rows.withColumn("end_to_end_id", found).join(chosen.withColumn("hit", f.lit(True)), "end_to_end_id", "left")
    return named.where(names_any("payload", pseudonyms) | f.col("hit")).select(f.col("payload").alias("row_payload"))


def drop(table: Table, chosen: DataFrame, by: str = "end_to_end_id") -> int:
    rows = table.read()
    if rows is None:
        return 0
    column = "payload" if by == "row_payload" else by
    wanted = chosen.select(f.col(by).alias(column)).distinct()
    gone = rows.join(wanted, column, "left_semi")
    count, days = count_and_days(gone)
    if count:
        kept = rows.where(rows.day.isin(days)).join(wanted, column, "left_anti").select(*rows.columns)
        table.replace(kept.repartition("day"), days, table.state)
    return count


def blank(table: Table, rows: DataFrame, pseudonyms: Sequence[str], chosen: DataFrame) -> int:
    hit = identified(rows, pseudonyms, chosen).distinct().withColumn("hit", f.lit(True))
    marked = rows.join(hit, rows.payload == hit.row_payload, "left")
    count, days = count_and_days(marked.where("hit"))
    if count:
        empty = f.when(f.col("hit"), f.lit(None)).otherwise(f.col("payload"))
        kept = marked.where(marked.day.isin(days)).withColumn("payload", empty).select(*rows.columns)
        table.replace(kept.repartition("day"), days, table.state)
    return count


def count_and_days(rows: DataFrame) -> tuple[int, list[date]]:
    found = rows.groupBy("day").count().collect()
    return sum(row["count"] for row in found), [row.day for row in found]
