"""
Silver: payments and labels typed and once each; what is wrong with the rest stands in the quarantine.

A run takes the batches of Bronze that its tables do not have. Each table notes its batch with its rows; payments come
last. A run that was ended between two tables is gone on with: the same batches, for the tables that lack them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from vigia.errors import BadInput
from vigia.lake.events import judged
from vigia.lake.expectation import require_mostly_good
from vigia.lake.lake import Lake
from vigia.lake.merge import CONFLICT, KEPT, REPEAT, merged
from vigia.lake.table import Table, fixed
from vigia.progress import Progress

# Batches whose first changed day is remembered for Gold; behind them everything counts as changed.
CHANGES = 500
ORIGIN = ["source", "file", "batch", "landed_on", "day"]
PAYMENT = ["end_to_end_id", "arrived_us", "degraded", "payment", *ORIGIN]
LABEL = ["end_to_end_id", "arrived_us", "fraud", *ORIGIN]


@dataclass(frozen=True, slots=True)
class Counts:
    """rows = payments + labels + repeats + quarantined + erased; payments and labels are those added."""

    rows: int = 0
    payments: int = 0
    labels: int = 0
    repeats: int = 0
    quarantined: int = 0
    erased: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, name) + getattr(other, name) for name in Counts.__slots__))

    def require_conserved(self) -> None:
        out = self.payments + self.labels + self.repeats + self.quarantined + self.erased
        if self.rows != out:
            raise RuntimeError(f"{self.rows} rows came and {out} went: {self}")


def refine(lake: Lake, quarantine_share: float, progress: Progress) -> Counts:
    """Answers what this run did. Raises DataRefused where more than that share of a step's rows is bad."""
    landed = int(lake.bronze.state.get("batch", 0))
    if landed == 0:
        raise BadInput(f"{lake.root} has no Bronze yet: run bronze with a --source first")
    counts, last = Counts(), None
    while (step := next_step(lake, landed)) is not None:
        if step == last:
            raise RuntimeError(f"{lake.root}: the tables do not note that they have the batches {step}")
        last = step
        counts = counts.plus(refine_step(lake, *step, quarantine_share, progress))
    progress.tell(f"silver: {counts}", 1.0)
    return counts


def next_step(lake: Lake, landed: int) -> tuple[int, int] | None:
    """The batches after the first, up to and with the second."""
    batches = [batch_of(table) for table in (lake.quarantine, lake.labels, lake.payments)]
    after, until = min(batches), max(batches)
    if until == landed == after:
        return None
    return (after, landed) if after == until else (after, until)


def batch_of(table: Table) -> int:
    return int(table.state.get("batch", 0))


def refine_step(lake: Lake, after: int, until: int, quarantine_share: float, progress: Progress) -> Counts:
    bronze = lake.bronze.read()
    assert bronze is not None
    batches = bronze.where((bronze.batch > after) & (bronze.batch <= until))
    live = fixed(judged(batches.where("payload IS NOT NULL")))
    (size,) = batches.selectExpr("count(*) AS rows", "count(payload) AS live").collect()
    counts = Counts(rows=size.rows, erased=size.rows - size.live)
    progress.tell(f"silver: {counts.rows} rows of batches {after + 1} to {until}", 0.1)
    good = live.where("size(reasons) = 0").withColumn("arrived_us", f.col("event.arrivedUs"))
    good = good.withColumn("landed_on", f.col("day")).withColumn("day", f.col("event_day"))
    typed = good.withColumn("payment", f.col("event.payment")).withColumn("fraud", f.col("event.fraud"))
    typed = typed.withColumn("degraded", f.expr("coalesce(event.degraded, false)"))
    of_payments = Merge(lake.payments, typed.where("event.kind = 'payment'").select(*PAYMENT), "to_json(payment)")
    of_labels = Merge(lake.labels, typed.where("event.kind = 'label'").select(*LABEL), "fraud", ("arrived_us",))
    bad = live.where("size(reasons) > 0").select(
        f.array_join("reasons", "; ").alias("reason"), "payload", "source", "file", "batch", "day"
    )
    bad_rows = bad.count()
    require_mostly_good(bad, bad_rows, counts.rows, quarantine_share)
    progress.tell("silver: typed", 0.4)

    conflicts = of_payments.conflicts("payment").unionByName(of_labels.conflicts("label"))
    if batch_of(lake.quarantine) < until:
        lake.quarantine.append(bad.unionByName(conflicts).repartition(1, "day"), {"batch": until})
    counts = replace(
        counts,
        payments=of_payments.added,
        labels=of_labels.added,
        repeats=of_payments.count(REPEAT) + of_labels.count(REPEAT),
        quarantined=bad_rows + of_payments.count(CONFLICT) + of_labels.count(CONFLICT),
    )
    progress.tell(f"silver: {counts.quarantined} rows in quarantine, {counts.repeats} repeats", 0.6)
    if batch_of(lake.labels) < until:
        of_labels.commit({"batch": until})
        counts.require_conserved()
    days = sorted({*of_payments.days, *of_labels.days})
    of_payments.commit(state_after(lake.payments.state, until, days, counts))
    return counts


def state_after(before: dict[str, Any], batch: int, days: Sequence[date], counts: Counts) -> dict[str, Any]:
    first = days[0].isoformat() if days else None
    totals = {name: before.get("totals", {}).get(name, 0) + getattr(counts, name) for name in Counts.__slots__}
    return {"batch": batch, "totals": totals, "changes": [*before.get("changes", []), [batch, first]][-CHANGES:]}


class Merge:
    """New rows of one table and what it has on their days."""

    def __init__(self, table: Table, new: DataFrame, content: str, further_key: Sequence[str] = ()) -> None:
        self.table = table
        self.days: list[date] = [row.day for row in new.select("day").distinct().collect()]
        there = table.read()
        old = None if there is None else there.where(there.day.isin(self.days))
        # An EndToEndId has its day inside: what it meets lies on that day.
        keyed = ["day", "end_to_end_id", *further_key]
        self.rows = fixed(merged(old, new, keyed, content))

    @cached_property
    def counted(self) -> dict[tuple[str, bool], int]:
        """Rows by place and whether they are new."""
        found = self.rows.groupBy("place", "is_new").count().collect()
        return {(row.place, row.is_new): int(row["count"]) for row in found}

    def count(self, place: str) -> int:
        return sum(rows for (found, _), rows in self.counted.items() if found == place)

    @property
    def added(self) -> int:
        return self.count(KEPT) - sum(rows for (_, is_new), rows in self.counted.items() if not is_new)

    def conflicts(self, kind: str) -> DataFrame:
        """As rows of the quarantine."""
        said = "end_to_end_id", "payment" if kind == "payment" else "fraud"
        line = f.to_json(f.struct(f.lit(kind).alias("kind"), "arrived_us", *said))
        why = f.lit(f"{kind}: another content came first under this EndToEndId")
        refused = self.rows.where(f.col("place") == CONFLICT)
        return refused.select(
            why.alias("reason"), line.alias("payload"), "source", "file", "batch", f.col("landed_on").alias("day")
        )

    def commit(self, state: dict[str, Any]) -> None:
        kept = self.rows.where(f.col("place") == KEPT).drop("place", "is_new")
        self.table.replace(kept.repartition("day"), self.days, state)
