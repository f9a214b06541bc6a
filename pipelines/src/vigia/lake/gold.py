"""
Gold: vectors by the SQL that `libs/features` compiled, with labels as known, and a table of each day.

Windows reach back without end (the age of a first payment), so vectors are computed over all of Silver; written are the
days from the first that changed.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from vigia.errors import BadInput, DataRefused
from vigia.lake.events import read_sql
from vigia.lake.lake import Lake
from vigia.lake.silver import batch_of
from vigia.lake.table import Table, fixed
from vigia.progress import Progress

DAILY_SQL = """
SELECT p.day, count(*) AS payments, sum(p.payment.amountCents) AS amount_cents,
  count(DISTINCT p.payment.payer.person) AS payers, count(DISTINCT p.payment.payee.person) AS payees,
  count_if(l.fraud) AS frauds, coalesce(sum(CASE WHEN l.fraud THEN p.payment.amountCents END), 0) AS fraud_cents,
  count_if(p.degraded) AS degraded
FROM silver_payments p LEFT JOIN known_labels l ON l.end_to_end_id = p.end_to_end_id
GROUP BY p.day
"""


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """A declared set as libs/features compiled it."""

    name: str
    hash: str
    features: list[str]

    @property
    def events_sql(self) -> str:
        return read_sql(f"{self.name}.payments.spark.sql")

    @property
    def vectors_sql(self) -> str:
        return read_sql(f"{self.name}.spark.sql")


def feature_set(name: str) -> FeatureSet:
    return FeatureSet(**json.loads(read_sql(f"{name}.json")))


def distil(lake: Lake, features: FeatureSet, progress: Progress) -> dict[str, int]:
    """Answers how many rows were written to the vectors and to the days."""
    payments, labels = lake.payments.read(), lake.labels.read()
    if payments is None or labels is None or batch_of(lake.payments) != batch_of(lake.labels):
        raise BadInput(f"{lake.root} has no whole Silver yet: run silver first")
    silver = lake.payments.state
    payments.createOrReplaceTempView("silver_payments")
    labels.selectExpr("arrived_us AS arrival", "end_to_end_id", "fraud").createOrReplaceTempView("labels")
    known = labels.groupBy("end_to_end_id").agg(
        f.max_by("fraud", "arrived_us").alias("fraud"), f.max("arrived_us").alias("fraud_known_us")
    )
    known.createOrReplaceTempView("known_labels")
    wanted = {"batch": silver["batch"], "hash": features.hash}
    written = {"vectors": 0, "days": 0}
    if lake.vectors(features.name).state != wanted:
        written["vectors"] = write_vectors(lake, features, payments, silver, progress)
    if lake.daily.state != {"batch": silver["batch"]}:
        since = first_changed(lake.daily.state.get("batch"), silver)
        days = lake.spark.sql(DAILY_SQL).coalesce(1)
        written["days"] = put(lake.daily, days, since, {"batch": silver["batch"]})
    progress.tell(f"gold: {written['vectors']} vectors and {written['days']} days written", 1.0)
    return written


def write_vectors(
    lake: Lake, features: FeatureSet, payments: DataFrame, silver: dict[str, Any], progress: Progress
) -> int:
    table = lake.vectors(features.name)
    before = table.state
    since = first_changed(before.get("batch") if before.get("hash") == features.hash else None, silver)
    events = fixed(lake.spark.sql(features.events_sql))
    require_one_payment_an_arrival(events)
    events.createOrReplaceTempView("payments")
    progress.tell(f"gold: the set {features.name} from {since or 'the first day'} on", 0.1)
    vectors = lake.spark.sql(features.vectors_sql)
    columns = ["end_to_end_id", "payment.acceptedAtMs AS accepted_at_ms", "payment.amountCents AS amount_cents", "day"]
    rows = payments.selectExpr(*columns).join(vectors, "end_to_end_id")
    rows = rows.join(lake.spark.table("known_labels"), "end_to_end_id", "left")
    state = {"batch": silver["batch"], "hash": features.hash}
    return put(table, rows.repartition("day"), since, state)


def first_changed(batch: int | None, silver: dict[str, Any]) -> date | None:
    """The first day that Silver changed after this batch; nothing: every day may have."""
    changes = silver["changes"]
    if batch is None or (changes and changes[0][0] > batch + 1):
        return None
    days = [day for changed, day in changes if changed > batch and day is not None]
    return date.fromisoformat(min(days)) if days else date.max


def put(table: Table, rows: DataFrame, since: date | None, state: dict[str, Any]) -> int:
    """Writes the days from `since` on; all of them where it is nothing."""
    there = table.read()
    if since is None or there is None:
        return table.rewrite(rows, state)
    later = rows.where(rows.day >= since)
    days = {
        row.day
        for frame in (later, there.where(there.day >= since))
        for row in frame.select("day").distinct().collect()
    }
    return table.replace(later, days or {since}, state)


def require_one_payment_an_arrival(events: DataFrame) -> None:
    """The order of arrival is what windows go by. Raises DataRefused."""
    doubled = events.groupBy("arrival").agg(f.count("*").alias("n"), f.min("end_to_end_id").alias("id"))
    first = doubled.where("n > 1").orderBy("arrival").head()
    if first is not None:
        raise DataRefused(
            f"{first.n} payments arrived at {first.arrival} µs, {first.id} first: "
            "sources that share a lake take arrivals from one clock that gives each payment its own"
        )
