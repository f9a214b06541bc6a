"""
The card transactions of the Fraud Detection Handbook, made anew from its description.

Le Borgne, Siblini, Lebichot, Bontempi, "Reproducible Machine Learning for Credit Card Fraud Detection - Practical
Handbook", ULB 2022, chapter 3. With the standard world and seed 0 the rows are those that the authors published.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray

DAY_S = 86_400
NOON_S = DAY_S // 2
# Standard deviation of the time of day.
SPREAD_S = 20_000
# Side of the square on which customers and terminals lie, and how far a customer goes to pay.
SIDE = 100
RADIUS = 5

LARGE_CENTS = 220_00
TERMINALS_A_DAY, TERMINAL_DAYS = 2, 28
CUSTOMERS_A_DAY, CUSTOMER_DAYS = 3, 14
SHARE_OF_STOLEN_CARD = 3
STOLEN_CARD_FACTOR = 5

SEEDS = 2**32

Integers = NDArray[np.int64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class World:
    """How much to make. The defaults are the published data set; any other `seed` gives another one of its kind."""

    customers: int = 5_000
    terminals: int = 10_000
    days: int = 183
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Profiles:
    """Of customers, one row each: where they live, what they spend and how often they pay a day."""

    places: NDArray[np.float64]
    mean_amounts: NDArray[np.float64]
    payments_a_day: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Transactions:
    """Columns of one length, in order of time. `seconds` since the first midnight, `scenarios` 0 = genuine."""

    seconds: Integers
    customers: Integers
    terminals: Integers
    cents: Integers
    scenarios: Integers

    def __len__(self) -> int:
        return len(self.seconds)


def generate(world: World, progress: Progress = lambda *_: None) -> Transactions:
    """All transactions of a world; `progress` gets what is being made, how much is done, and of how much."""
    profiles = customer_profiles(world)
    terminals = terminal_places(world)
    rows: list[tuple[int, int, int, int]] = []
    for customer in range(world.customers):
        if customer % 100 == 0:
            progress("customers", customer, world.customers)
        rows += payments_of(customer, profiles, within_reach(profiles.places[customer], terminals), world)
    progress("customers", world.customers, world.customers)
    transactions = in_published_order(np.array(rows, dtype=np.int64).reshape(-1, 4))
    add_frauds(transactions, world, progress)
    return transactions


def customer_profiles(world: World) -> Profiles:
    """Four draws a customer: two of the place, the mean amount, the payments a day."""
    draws = RandomState(seed_of(world, 0)).uniform([0, 0, 5, 0], [SIDE, SIDE, 100, 4], size=(world.customers, 4))
    return Profiles(draws[:, :2], draws[:, 2], draws[:, 3])


def terminal_places(world: World) -> NDArray[np.float64]:
    return RandomState(seed_of(world, 1)).uniform(0, SIDE, size=(world.terminals, 2))


def within_reach(place: NDArray[np.float64], terminals: NDArray[np.float64]) -> list[int]:
    """Terminals nearer than the radius, ascending: a customer chooses from this list by position."""
    distances = np.sqrt(((terminals - place) ** 2).sum(axis=1))
    return [int(terminal) for terminal in np.flatnonzero(distances < RADIUS)]


def payments_of(
    customer: int, profiles: Profiles, terminals: list[int], world: World
) -> list[tuple[int, int, int, int]]:
    """
    Seconds, customer, terminal and cents, in the order in which they are drawn: by day, not by time.

    Numbers come from one generator, choices from the other, both with the customer's seed. A time outside of the day
    drops the payment before its amount is drawn.
    """
    if not terminals:
        return []
    numbers = RandomState(seed_of(world, customer))
    choices = random.Random(seed_of(world, customer))
    mean, rate = profiles.mean_amounts[customer], profiles.payments_a_day[customer]
    rows = []
    for day in range(world.days):
        for _ in range(numbers.poisson(rate)):
            second = int(numbers.normal(NOON_S, SPREAD_S))
            if not 0 < second < DAY_S:
                continue
            amount = numbers.normal(mean, mean / 2)
            if amount < 0:
                amount = numbers.uniform(0, mean * 2)
            rows.append((day * DAY_S + second, customer, choices.choice(terminals), round(amount * 100)))
    return rows


def in_published_order(rows: Integers) -> Transactions:
    """
    In order of time, ties as in the published files: they were left to an unstable sort.

    numpy sorts `datetime64` by plain introsort on every processor. Of `int64` the ties fall as the vector unit has it,
    and a stable sort puts 118,863 of the published rows into another place.
    """
    order = np.argsort(rows[:, 0].astype("datetime64[s]"), kind="quicksort")
    seconds, customers, terminals, cents = (np.ascontiguousarray(column) for column in rows[order].T)
    return Transactions(seconds, customers, terminals, cents, np.zeros_like(seconds))


def add_frauds(transactions: Transactions, world: World, progress: Progress) -> None:
    """Marks the frauds, in place. Each scenario takes over what an earlier one marked; no day begins on the last."""
    cents, scenarios = transactions.cents, transactions.scenarios
    scenarios[cents > LARGE_CENTS] = 1
    starts = np.searchsorted(transactions.seconds, np.arange(world.days + CUSTOMER_DAYS + TERMINAL_DAYS) * DAY_S)

    def rows_of(column: Integers, chosen: Integers, day: int, days: int) -> Integers:
        first, end = starts[day], starts[day + days]
        rows: Integers = first + np.flatnonzero(np.isin(column[first:end], chosen))
        return rows

    last_day = int(transactions.seconds[-1]) // DAY_S if len(transactions) else 0
    for day in range(last_day):
        progress("days of frauds", day, last_day)
        terminals = RandomState(seed_of(world, day)).choice(world.terminals, TERMINALS_A_DAY, replace=False)
        scenarios[rows_of(transactions.terminals, terminals, day, TERMINAL_DAYS)] = 2
    for day in range(last_day):
        customers = RandomState(seed_of(world, day)).choice(world.customers, CUSTOMERS_A_DAY, replace=False)
        paid = rows_of(transactions.customers, customers, day, CUSTOMER_DAYS)
        stolen = random.Random(seed_of(world, day)).sample(paid.tolist(), len(paid) // SHARE_OF_STOLEN_CARD)
        cents[stolen] *= STOLEN_CARD_FACTOR
        scenarios[stolen] = 3
    progress("days of frauds", last_day, last_day)


def seed_of(world: World, own: int) -> int:
    """The handbook's seed of one generator in the world of seed 0; in every other world another one."""
    return (world.seed * 1_000_003 + own) % SEEDS
