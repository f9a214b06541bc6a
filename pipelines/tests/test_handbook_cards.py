"""Features of the handbook's benchmark: against pandas, and against counting by hand."""

import gzip
from pathlib import Path

import numpy as np
import pytest

from vigia.errors import BadInput
from vigia.handbook import World, generate
from vigia.handbook_cards import MEMORY_DAYS, NEVER_DAYS, Timeline, deviation, read_cards, since_known_fraud
from vigia.handbook_command import write
from vigia.handbook_model import FEATURES

DAY_S = 86_400


def test_the_fifteen_features_are_those_of_pandas(tmp_path: Path) -> None:
    pytest.importorskip("pandas")
    from vigia.handbook_features import features_of, grouped_windows_of, read

    write(generate(World(customers=40, terminals=100, days=60, seed=3)), tmp_path, parquet=True)
    cards, further = read_cards(tmp_path)
    transactions = read(tmp_path / "transactions.parquet")
    expected = features_of(transactions, grouped_windows_of(transactions))
    assert len(expected) == len(cards.labels) == len(further) > 1_000
    for column, name in enumerate(FEATURES):
        np.testing.assert_allclose(cards.features[:, column], expected[name], rtol=2e-7, atol=1e-9, err_msg=name)
    assert (cards.labels == transactions["TX_FRAUD"]).all()
    assert cards.labels.any()
    assert not np.isinf(further).any()


def test_known_frauds_are_a_week_old_and_of_the_same_owner() -> None:
    random = np.random.default_rng(0)
    seconds = np.sort(random.integers(0, 90 * DAY_S, 600))
    owners = random.integers(0, 8, 600)
    labels = (random.random(600) < 0.05).astype(np.int8)
    first, last, genuine = since_known_fraud(Timeline(owners, seconds), labels)
    seen = set()
    for row, (at, owner) in enumerate(zip(seconds, owners, strict=True)):
        known = [other for other in range(600) if owners[other] == owner and seconds[other] <= at - 7 * DAY_S]
        frauds = [seconds[other] for other in known if labels[other] and seconds[other] > at - MEMORY_DAYS * DAY_S]
        if frauds:
            assert first[row] == pytest.approx((at - frauds[0]) / DAY_S)
            assert last[row] == pytest.approx((at - frauds[-1]) / DAY_S)
            assert genuine[row] == sum(seconds[other] > frauds[-1] for other in known)
        else:
            assert (first[row], last[row], genuine[row]) == (NEVER_DAYS, NEVER_DAYS, 0)
        seen.add(len(frauds))
    assert {0, 1, 2} <= seen


def test_an_amount_is_held_against_those_before_it_alone() -> None:
    hour = 3_600
    seconds = np.array([0, hour, 2 * hour, 3 * hour, 9 * DAY_S])
    customers = np.array([1, 1, 2, 1, 1])
    cents = np.array([1_000, 3_000, 99_999, 6_000, 500])
    found = deviation(Timeline(customers, seconds), cents, days=7)
    assert found[3] == pytest.approx((6_000 - 2_000) / (1_000 + 20 + 1))
    # None or one before, or all of them too long ago.
    assert np.isnan(found[[0, 1, 2, 4]]).all()


def test_no_file_and_another_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        read_cards(tmp_path)
    path = tmp_path / "transactions.csv.gz"
    for content, reason in ((b"not gzip", "cannot read"), (gzip.compress(b"a,b\n1,2\n"), "has the columns")):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=reason):
            read_cards(tmp_path)
