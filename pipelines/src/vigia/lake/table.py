"""What the lake asks of a table, whatever its format: every change is whole or absent, and says how far it is."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from pyspark import StorageLevel
from pyspark.sql import DataFrame, SparkSession

# How far a table is and what it counted; changes together with its rows.
State = dict[str, Any]


class Table(Protocol):
    """Rows in partitions by the column `day` (a date). One writer at a time."""

    @property
    def spark(self) -> SparkSession: ...

    @property
    def state(self) -> State:
        """Of the last change; empty where the table does not exist yet."""
        ...

    def read(self) -> DataFrame | None:
        """All rows of the last change; nothing where the table does not exist yet."""
        ...

    def append(self, rows: DataFrame, state: State) -> int:
        """Adds rows; a new column comes in, empty in older rows. Answers how many rows were written."""
        ...

    def replace(self, rows: DataFrame, days: Iterable[date], state: State) -> int:
        """Puts `rows`, all of which lie in `days`, in the place of what these days held."""
        ...

    def rewrite(self, rows: DataFrame, state: State) -> int:
        """Puts `rows` with their schema in the place of everything."""
        ...

    def compact(self, target_bytes: int) -> int:
        """Joins the small files of each day; the rows stay. Answers how many files are fewer."""
        ...

    def vacuum(self, keep_hours: int) -> int:
        """Removes files that no row of the table lies in and that are older than that. Answers how many."""
        ...


def some_days(days: Iterable[date]) -> str:
    """SQL: the row lies in one of these days."""
    named = ", ".join(f"DATE'{day.isoformat()}'" for day in sorted(set(days)))
    return f"day IN ({named})"


def fixed(rows: DataFrame) -> DataFrame:
    """The rows as they are now, computed once, on local disk. A cache would be made anew by a write to their tables."""
    return rows.localCheckpoint(True, StorageLevel.DISK_ONLY)
