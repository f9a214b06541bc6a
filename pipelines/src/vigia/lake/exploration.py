"""What a person looks at first in Bronze and Silver: how much there is, what is missing, where fraud lies."""

from matplotlib.figure import Figure
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from vigia.errors import BadInput
from vigia.lake.lake import Lake

# Hours and days as people live them; Brazil has had no daylight saving time since 2019.
HOUR_IN_BRASILIA = "hour(from_utc_timestamp(timestamp_millis(payment.acceptedAtMs), 'America/Sao_Paulo'))"
AMOUNT_BRL = "payment.amountCents / 100"
# By a power of ten and its half, R$: 1, 3, 10, 30, …
AMOUNT_BAND = (
    "CASE WHEN payment.amountCents <= 0 THEN 0 ELSE "
    "pow(10, floor(log10(payment.amountCents / 100))) * "
    "CASE WHEN payment.amountCents / 100 >= 3 * pow(10, floor(log10(payment.amountCents / 100))) THEN 3 ELSE 1 END END"
)
SEGMENTS = {"hour": HOUR_IN_BRASILIA, "amount_from_brl": AMOUNT_BAND, "initiation": "payment.initiationForm"}


def landed(lake: Lake) -> DataFrame:
    """Of each source and batch of Bronze: files, rows, rows erased, bytes of the lines."""
    return (
        existing(lake.bronze.read(), "bronze")
        .groupBy("source", "batch", "day")
        .agg(
            f.count_distinct("file").alias("files"),
            f.count("*").alias("rows"),
            f.count_if(f.col("payload").isNull()).alias("erased"),
            f.sum(f.length("payload")).alias("characters"),
        )
        .orderBy("source", "batch")
    )


def refused(lake: Lake) -> DataFrame:
    """Rows of the quarantine by reason, most frequent first. Empty where nothing was refused."""
    rows = existing(lake.quarantine.read(), "the quarantine")
    return rows.groupBy("reason").agg(f.count("*").alias("rows")).orderBy(f.desc("rows"), "reason")


def known_payments(lake: Lake) -> DataFrame:
    """Payments of Silver with `fraud`: by its last label, false where there is none; `labelled`: there is one."""
    payments, labels = existing(lake.payments.read(), "silver"), existing(lake.labels.read(), "silver")
    known = labels.groupBy("end_to_end_id").agg(f.max_by("fraud", "arrived_us").alias("known"))
    joined = payments.join(known, "end_to_end_id", "left")
    return joined.select("*", f.expr("known IS NOT NULL AS labelled"), f.expr("coalesce(known, false) AS fraud"))


def amounts(payments: DataFrame) -> DataFrame:
    """Amounts in BRL by truth: number, mean, quantiles."""
    quantiles = [
        f.expr(f"percentile_approx({AMOUNT_BRL}, {at})").alias(f"p{round(at * 100)}") for at in (0.05, 0.5, 0.95, 0.99)
    ]
    counted = [f.count("*").alias("payments"), f.expr(f"avg({AMOUNT_BRL})").alias("mean"), *quantiles]
    return payments.groupBy("fraud").agg(*counted).orderBy("fraud")


def missing(payments: DataFrame) -> DataFrame:
    """Share of payments, and of the fraudulent ones, in which each optional field of the contract is empty."""
    fields = payments.schema["payment"].dataType.names
    of_one = [
        f.struct(
            f.lit(name).alias("field"),
            f.avg(f.expr(f"int(payment.{name} IS NULL)")).alias("missing"),
            f.avg(f.expr(f"CASE WHEN fraud THEN int(payment.{name} IS NULL) END")).alias("missing_in_fraud"),
        )
        for name in fields
    ]
    listed = payments.agg(f.array(*of_one).alias("all")).select(f.inline("all"))
    return listed.where("missing > 0").orderBy(f.desc("missing"), "field")


def fraud_by(payments: DataFrame, segment: str) -> DataFrame:
    """Payments, frauds and their share by one of SEGMENTS, in its order."""
    grouped = payments.groupBy(f.expr(SEGMENTS[segment]).alias(segment))
    counted = grouped.agg(f.count("*").alias("payments"), f.count_if("fraud").alias("frauds"))
    return counted.withColumn("fraud_share", f.expr("frauds / payments")).orderBy(segment)


def drawn(rows: DataFrame, segment: str) -> Figure:
    """Payments as bars and the share of fraud as a line, over the segments of `fraud_by`."""
    found = rows.collect()
    names = [str(row[segment]) for row in found]
    figure = Figure(figsize=(8, 3.5), layout="constrained")
    bars = figure.subplots()
    bars.bar(names, [row.payments for row in found], color="#c9d6e8")
    bars.set_xlabel(segment)
    bars.set_ylabel("payments")
    line = bars.twinx()
    line.plot(names, [row.fraud_share for row in found], color="#b3261e", marker="o")
    line.set_ylabel("share of fraud")
    line.set_ylim(bottom=0)
    return figure


def existing(rows: DataFrame | None, what: str) -> DataFrame:
    if rows is None:
        raise BadInput(f"there is no {what} yet: run the notebook 02_preparation, or `vigia-lake all`")
    return rows
