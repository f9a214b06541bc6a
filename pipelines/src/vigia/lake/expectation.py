"""Declared expectations: what must hold of a row, and how many rows may break them before a run stops."""

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from vigia.errors import DataRefused

REASONS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Expectation:
    """A row for which the SQL `holds` is not true goes to the quarantine with the reason `broken`."""

    broken: str
    holds: str


def reasons(expectations: list[Expectation]) -> Column:
    """What is wrong with a row: an array of text, empty where nothing is."""
    broken = [f.when(~f.coalesce(f.expr(one.holds), f.lit(False)), f.lit(one.broken)) for one in expectations]
    return f.array_compact(f.array(*broken))


def require_mostly_good(bad: DataFrame, bad_rows: int, rows: int, most_share: float) -> None:
    """
    Raises DataRefused where more than that share of the rows would go to the quarantine: then it is not a few rows
    that are wrong, but the feed or the contract. `bad` has the column `reason`.
    """
    if bad_rows <= most_share * rows:
        return
    counted = bad.groupBy("reason").count().orderBy(f.desc("count"), "reason").limit(REASONS_TOLD).collect()
    told = "; ".join(f"{row['count']} rows: {row.reason}" for row in counted)
    raise DataRefused(
        f"{bad_rows} of {rows} rows break what is expected of them, more than {most_share:.1%} ({told}): "
        "nothing was written; mend the feed, or give a higher --quarantine-share"
    )
