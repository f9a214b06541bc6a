import gzip
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv
from pyarrow import parquet as pq

from vigia.handbook import (
    DAY_S,
    LARGE_CENTS,
    RADIUS,
    Transactions,
    World,
    customer_profiles,
    generate,
    terminal_places,
    within_reach,
)
from vigia.handbook_command import as_table, main

SMALL = World(customers=60, terminals=500, days=40)


@pytest.fixture(scope="module")
def transactions() -> Transactions:
    return generate(SMALL)


def test_rows_are_in_order_of_time_within_the_days(transactions: Transactions) -> None:
    assert (np.diff(transactions.seconds) >= 0).all()
    # Midnight itself is no time of a payment.
    assert (transactions.seconds % DAY_S > 0).all()
    assert transactions.seconds[0] > 0
    assert transactions.seconds[-1] < SMALL.days * DAY_S


def test_customers_pay_at_terminals_within_reach(transactions: Transactions) -> None:
    places, terminals = customer_profiles(SMALL).places, terminal_places(SMALL)
    apart = places[transactions.customers] - terminals[transactions.terminals]
    assert (np.hypot(*apart.T) < RADIUS).all()


def test_a_customer_without_terminals_pays_nothing() -> None:
    world = World(customers=20, terminals=30, days=10)
    terminals = terminal_places(world)
    reached = [within_reach(place, terminals) for place in customer_profiles(world).places]
    nowhere = [customer for customer, near in enumerate(reached) if not near]
    assert nowhere
    assert not np.isin(generate(world).customers, nowhere).any()


def test_the_number_of_payments_and_their_amounts_follow_the_profiles() -> None:
    world = World(customers=100, terminals=2_000, days=183)
    made, profiles = generate(world), customer_profiles(world)
    genuine = made.scenarios != 3
    for customer in np.flatnonzero(profiles.payments_a_day > 2)[:20]:
        mine = made.customers == customer
        expected = profiles.payments_a_day[customer] * world.days
        # 3.1 % of the times fall outside of their day.
        assert mine.sum() == pytest.approx(expected * 0.969, abs=5 * np.sqrt(expected))
        # A negative amount is drawn anew between 0 and twice the mean: the mean stays near.
        mean = made.cents[mine & genuine].mean() / 100
        assert mean == pytest.approx(profiles.mean_amounts[customer], rel=0.15)


def test_large_amounts_are_frauds_before_amounts_of_stolen_cards_grow(transactions: Transactions) -> None:
    large = transactions.cents > LARGE_CENTS
    assert (transactions.scenarios[large] > 0).all()
    assert (transactions.cents[transactions.scenarios == 3] % 5 == 0).all()


def test_a_compromised_terminal_defrauds_whoever_pays_there(transactions: Transactions) -> None:
    """All payments of the day that has a fraud of scenario 2, but for what scenario 3 took over."""
    days = transactions.seconds // DAY_S
    second = transactions.scenarios == 2
    pairs = set(zip(days[second].tolist(), transactions.terminals[second].tolist(), strict=True))
    assert pairs
    for day, terminal in pairs:
        rows = (days == day) & (transactions.terminals == terminal)
        assert np.isin(transactions.scenarios[rows], (2, 3)).all()


def test_no_card_is_stolen_on_the_last_day_of_a_world_of_one() -> None:
    assert set(generate(World(customers=200, terminals=2_000, days=1)).scenarios.tolist()) <= {0, 1}


def test_the_same_seed_gives_the_same_rows_and_another_seed_others(transactions: Transactions) -> None:
    assert as_table(generate(SMALL)).equals(as_table(transactions))
    other = generate(World(SMALL.customers, SMALL.terminals, SMALL.days, seed=1))
    assert not as_table(other).equals(as_table(transactions))


def test_the_command_writes_the_same_files_each_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = ["--customers", "60", "--terminals", "500", "--days", "40"]
    for folder in ("one", "two"):
        assert main([str(tmp_path / folder), "--parquet", *small]) == 0
    one, two = tmp_path / "one", tmp_path / "two"
    for name in ("transactions.csv.gz", "transactions.parquet"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    assert sorted(path.name for path in one.iterdir()) == ["transactions.csv.gz", "transactions.parquet"]
    table = as_table(generate(SMALL))
    assert csv.read_csv(one / "transactions.csv.gz").equals(table)
    assert pq.read_table(one / "transactions.parquet").equals(table)
    with gzip.open(one / "transactions.csv.gz", "rt") as lines:
        assert next(lines) == "t_seconds,customer_id,terminal_id,amount_cents,scenario\n"
    assert "customers: 60 of 60" in capsys.readouterr().out


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("here")
    assert main([str(tmp_path / "file")]) == 2
    assert "give the folder" in capsys.readouterr().err
