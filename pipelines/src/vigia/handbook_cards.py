"""
The handbook's transactions with its 15 features, and with further ones, as its protocol takes them.

By sorted arrays and running sums, so that the benchmark's time goes into models and it needs neither pandas nor a
database; `vigia.handbook_features` is what these features are held against.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from vigia.errors import BadInput
from vigia.handbook_command import CSV_NAME
from vigia.handbook_protocol import FIRST_DAY, Cards

DAY_S = 86_400
WINDOWS_DAYS = (1, 7, 30)
# A label is known so long after its transaction.
DELAY_DAYS = 7
# A terminal stays compromised for 28 days, a customer's card for 14 (chapter 3 of the handbook): what became known
# longer ago than this says nothing of today.
MEMORY_DAYS = 35
NEVER_DAYS = 365.0
COLUMNS = ["t_seconds", "customer_id", "terminal_id", "amount_cents", "scenario"]

Counts = NDArray[np.int64]
Values = NDArray[np.float64]


class Timeline:
    """The transactions of each owner in time order. Of two in one second the later row is the later one."""

    def __init__(self, owners: Counts, seconds: Counts) -> None:
        # An owner's keys are farther from the next one's than any window is long.
        self.keys = owners * (int(seconds.max()) + 2 * MEMORY_DAYS * DAY_S + DAY_S) + seconds
        self.order = np.argsort(self.keys, kind="stable")
        self.sorted_keys = self.keys[self.order]
        self.position = np.empty_like(self.order)
        self.position[self.order] = np.arange(len(self.order))

    def until(self, days: float) -> Counts:
        """Position [n] behind the last transaction of the owner, or of those before, at t - days or earlier."""
        return self.behind(self.sorted_keys, days)

    def behind(self, keys: Counts, days: float) -> Counts:
        """Number [n] of the sorted `keys` up to that of the owner at t - days. Asked in order, which caches like."""
        return np.searchsorted(keys, self.sorted_keys - int(days * DAY_S), side="right")[self.position]

    def running(self, values: Counts) -> Counts:
        """Sums [n + 1] of integer values [n] before each position."""
        return np.concatenate([[0], np.cumsum(values[self.order])])


def read_cards(folder: Path) -> tuple[Cards, NDArray[np.float32]]:
    """
    All transactions of `transactions.csv.gz` with the features of vigia.handbook_model, and further features [n, 8]:
    how terminal and customer stand since their last known fraud, how unusual the amount is. Raises BadInput.
    """
    path = folder / CSV_NAME
    try:
        table = pa.csv.read_csv(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise BadInput(f"cannot read {path} ({error}): make it with vigia-handbook") from error
    if table.column_names != COLUMNS or table.num_rows == 0:
        raise BadInput(f"{path} has the columns {table.column_names}, not {COLUMNS}: make it with vigia-handbook")
    seconds, customers, terminals, cents, scenarios = (
        column.to_numpy().astype(np.int64) for column in table.itercolumns()
    )
    labels = (scenarios > 0).astype(np.int8)
    of_customer, of_terminal = Timeline(customers, seconds), Timeline(terminals, seconds)
    columns = [*own(seconds, cents), *spending(of_customer, cents), *risk(of_terminal, labels)]
    further = [
        *since_known_fraud(of_terminal, labels),
        *since_known_fraud(of_customer, labels),
        *(deviation(of_customer, cents, days) for days in (7, 30)),
    ]
    cards = Cards(in_one(columns), labels, customers, seconds // DAY_S, cents.astype(np.float64))
    return cards, in_one(further)


def in_one(columns: list[Values]) -> NDArray[np.float32]:
    return np.stack(columns, axis=1, dtype=np.float32, casting="same_kind")


def own(seconds: Counts, cents: Counts) -> list[Values]:
    """Amount, weekend, night (0h to 6h)."""
    weekend = (seconds // DAY_S + FIRST_DAY.weekday()) % 7 >= 5
    night = seconds % DAY_S < 7 * 3_600
    return [cents / 100, weekend.astype(np.float64), night.astype(np.float64)]


def spending(customer: Timeline, cents: Counts) -> list[Values]:
    """Number and mean amount in (t - w, t], this transaction included."""
    sums, end = customer.running(cents), customer.position + 1
    columns: list[Values] = []
    for days in WINDOWS_DAYS:
        start = customer.until(days)
        columns += [(end - start).astype(np.float64), (sums[end] - sums[start]) / (end - start) / 100]
    return columns


def risk(terminal: Timeline, labels: NDArray[np.int8]) -> list[Values]:
    """Number and share of frauds in (t - 7d - w, t - 7d]."""
    sums, end = terminal.running(labels.astype(np.int64)), terminal.until(DELAY_DAYS)
    columns: list[Values] = []
    for days in WINDOWS_DAYS:
        start = terminal.until(DELAY_DAYS + days)
        number = end - start
        columns += [number.astype(np.float64), (sums[end] - sums[start]) / np.maximum(number, 1)]
    return columns


def since_known_fraud(owner: Timeline, labels: NDArray[np.int8]) -> list[Values]:
    """
    By labels that are a week old: days since the owner's first and since its last known fraud of the last MEMORY_DAYS,
    NEVER_DAYS without one; number of known transactions since the last.
    """
    frauds = np.append(np.sort(owner.keys[labels == 1]), np.iinfo(np.int64).max)
    first = frauds[owner.behind(frauds, MEMORY_DAYS)]
    before = np.maximum(owner.behind(frauds, DELAY_DAYS) - 1, 0)
    last = frauds[before]
    found = first <= owner.keys - DELAY_DAYS * DAY_S
    genuine = owner.until(DELAY_DAYS) - np.searchsorted(owner.sorted_keys, frauds, side="right")[before]
    return [
        np.where(found, (owner.keys - first) / DAY_S, NEVER_DAYS),
        np.where(found, (owner.keys - last) / DAY_S, NEVER_DAYS),
        np.where(found, genuine, 0).astype(np.float64),
    ]


def deviation(customer: Timeline, cents: Counts, days: int) -> Values:
    """
    (amount - mean) / (deviation + 1 % of the mean + a cent) by the customer's transactions of so many days before this
    one; NaN with fewer than two of them.
    """
    start, end = customer.until(days), customer.position
    count = end - start
    sums = [customer.running(cents**power) for power in (1, 2)]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean, square = ((total[end] - total[start]) / count for total in sums)
        spread = np.sqrt(np.maximum(square - mean**2, 0))
        return np.where(count >= 2, (cents - mean) / (spread + 0.01 * mean + 1), np.nan)
