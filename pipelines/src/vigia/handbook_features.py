"""
`vigia-handbook-features`: the handbook's features as its chapter 3 computes them, by pandas, one group after another.

What the other engines are held against, in their numbers and in their time; serving never runs it.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from vigia.errors import BadInput
from vigia.handbook import Progress
from vigia.handbook_command import PARQUET_NAME, aside, teller

FIRST_DAY = pd.Timestamp("2018-04-01")
WINDOWS_DAYS = (1, 7, 30)
DELAY_DAYS = 7
COLUMNS = ["t_seconds", "customer_id", "terminal_id", "amount_cents", "scenario"]


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    started = time.perf_counter()
    try:
        transactions = read(options.transactions)
        windows = grouped_windows_of(transactions) if options.grouped else windows_of(transactions, teller())
        features = features_of(transactions, windows)
        aside(options.out, lambda path: features.to_parquet(path, index=False))
    except (BadInput, OSError) as error:
        print(f"vigia-handbook-features: {error}", file=sys.stderr)
        return 2
    usage = resource.getrusage(resource.RUSAGE_SELF)
    figures = {
        "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_mb": round(usage.ru_maxrss / 1024),
        "rows": len(features),
    }
    print(json.dumps(figures), flush=True)
    return 0


def read(path: Path) -> pd.DataFrame:
    """Raises BadInput where the columns are not those of the transactions."""
    table = pd.read_parquet(path)
    if list(table.columns) != COLUMNS:
        raise BadInput(f"{path} has the columns {list(table.columns)}, not {COLUMNS}: make it with vigia-handbook")
    return pd.DataFrame(
        {
            "TRANSACTION_ID": table.index,
            "TX_DATETIME": FIRST_DAY + pd.to_timedelta(table["t_seconds"], unit="s"),
            "CUSTOMER_ID": table["customer_id"],
            "TERMINAL_ID": table["terminal_id"],
            "TX_AMOUNT": table["amount_cents"] / 100,
            "TX_FRAUD": (table["scenario"] > 0).astype("int64"),
        }
    )


def features_of(transactions: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """One row a transaction, in the order of TRANSACTION_ID, under the published names."""
    moments = transactions["TX_DATETIME"].dt
    flags = {
        "TX_DURING_WEEKEND": (moments.day_of_week >= 5).astype("int64"),
        "TX_DURING_NIGHT": (moments.hour <= 6).astype("int64"),
    }
    own = transactions[["TRANSACTION_ID", "TX_AMOUNT", "TX_FRAUD"]].assign(**flags)
    return own.set_index("TRANSACTION_ID").join(windows).reset_index()


def windows_of(transactions: pd.DataFrame, progress: Progress = lambda *_: None) -> pd.DataFrame:
    """The handbook's own way, and its order of ties: it sorts each group again, and not stably."""
    spending = each_group(transactions, "CUSTOMER_ID", spending_of, progress)
    return spending.join(each_group(transactions, "TERMINAL_ID", risk_of, progress))


def each_group(
    transactions: pd.DataFrame, key: str, compute: Callable[[pd.DataFrame], pd.DataFrame], progress: Progress
) -> pd.DataFrame:
    groups = transactions.groupby(key)
    parts = []
    for done, (_, group) in enumerate(groups):
        progress(key, done, groups.ngroups)
        parts.append(compute(group))
    progress(key, groups.ngroups, groups.ngroups)
    return pd.concat(parts)


def spending_of(payments: pd.DataFrame) -> pd.DataFrame:
    """Of one customer: number and mean amount in (t - w, t]."""
    ordered = payments.sort_values("TX_DATETIME")
    amounts = ordered.set_index("TX_DATETIME")["TX_AMOUNT"]
    columns = {}
    for days in WINDOWS_DAYS:
        window = amounts.rolling(f"{days}D")
        number = window.count()
        columns[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] = number
        columns[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = window.sum() / number
    return pd.DataFrame(columns).set_axis(ordered["TRANSACTION_ID"])


def risk_of(payments: pd.DataFrame) -> pd.DataFrame:
    """Of one terminal: number and share of frauds in (t - 7d - w, t - 7d], the difference of two windows up to t."""
    ordered = payments.sort_values("TX_DATETIME")
    frauds = ordered.set_index("TX_DATETIME")["TX_FRAUD"]
    recent = frauds.rolling(f"{DELAY_DAYS}D")
    recent_frauds, recent_number = recent.sum(), recent.count()
    columns = {}
    for days in WINDOWS_DAYS:
        window = frauds.rolling(f"{DELAY_DAYS + days}D")
        number = window.count() - recent_number
        columns[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] = number
        columns[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] = ((window.sum() - recent_frauds) / number).fillna(0)
    return pd.DataFrame(columns).set_axis(ordered["TRANSACTION_ID"])


def grouped_windows_of(transactions: pd.DataFrame) -> pd.DataFrame:
    """The same windows by fewer, larger calls than the handbook's. Ties are in the order of TRANSACTION_ID."""

    def rolling(key: str, column: str, days: int) -> tuple[pd.Series, pd.Series]:
        ordered = transactions.sort_values(key, kind="stable")
        window = ordered.groupby(key).rolling(f"{days}D", on="TX_DATETIME")[column]
        return tuple(each.set_axis(ordered["TRANSACTION_ID"]) for each in (window.sum(), window.count()))

    columns = {}
    for days in WINDOWS_DAYS:
        amount, number = rolling("CUSTOMER_ID", "TX_AMOUNT", days)
        columns[f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW"] = number
        columns[f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW"] = amount / number
    recent_frauds, recent_number = rolling("TERMINAL_ID", "TX_FRAUD", DELAY_DAYS)
    for days in WINDOWS_DAYS:
        frauds, number = rolling("TERMINAL_ID", "TX_FRAUD", DELAY_DAYS + days)
        columns[f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW"] = number - recent_number
        columns[f"TERMINAL_ID_RISK_{days}DAY_WINDOW"] = ((frauds - recent_frauds) / (number - recent_number)).fillna(0)
    return pd.DataFrame(columns)


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-handbook-features",
        description="Computes the handbook's features by pandas; the last line is JSON with seconds and peak_mb.",
    )
    option = result.add_argument
    option("--transactions", type=Path, required=True, metavar="PARQUET", help=f"{PARQUET_NAME} of vigia-handbook")
    option("--out", type=Path, required=True, metavar="PARQUET", help="file for the features")
    option("--grouped", action="store_true", help="not as the handbook does it, but by fewer calls: the quicker way")
    return result


if __name__ == "__main__":
    sys.exit(main())
