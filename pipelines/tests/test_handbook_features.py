import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vigia.handbook_command import main as make
from vigia.handbook_features import COLUMNS, features_of, grouped_windows_of, main, read, windows_of

DAY_S = 86_400


def transactions_of(rows: list[tuple[int, int, int, int, int]], tmp_path: Path) -> pd.DataFrame:
    path = tmp_path / "transactions.parquet"
    pd.DataFrame(rows, columns=COLUMNS).to_parquet(path)
    return read(path)


def test_windows_are_open_at_their_old_end_and_end_a_week_ago_for_terminals(tmp_path: Path) -> None:
    at = 100_000
    rows = [(at, 1, 5, 1_000, 1), (at + DAY_S, 1, 6, 3_000, 0), (at + 7 * DAY_S, 2, 5, 500, 0)]
    transactions = transactions_of([*rows, (at + 8 * DAY_S, 3, 5, 700, 0)], tmp_path)
    features = features_of(transactions, windows_of(transactions))
    assert features["CUSTOMER_ID_NB_TX_1DAY_WINDOW"].tolist() == [1, 1, 1, 1]
    assert features["CUSTOMER_ID_NB_TX_7DAY_WINDOW"].tolist() == [1, 2, 1, 1]
    assert features["CUSTOMER_ID_AVG_AMOUNT_7DAY_WINDOW"].tolist() == [10, 20, 5, 7]
    assert features["TERMINAL_ID_NB_TX_1DAY_WINDOW"].tolist() == [0, 0, 1, 0]
    assert features["TERMINAL_ID_RISK_1DAY_WINDOW"].tolist() == [0, 0, 1, 0]
    assert features["TERMINAL_ID_NB_TX_7DAY_WINDOW"].tolist() == [0, 0, 1, 1]


def test_weekend_and_night_are_those_of_2018(tmp_path: Path) -> None:
    # 2018-04-01 was a Sunday.
    hours = [1, 6, 7, 24, 24 + 23, 6 * 24 + 12]
    transactions = transactions_of([(hour * 3_600, 1, 1, 100, 0) for hour in hours], tmp_path)
    features = features_of(transactions, windows_of(transactions))
    assert features["TX_DURING_WEEKEND"].tolist() == [1, 1, 1, 0, 0, 1]
    assert features["TX_DURING_NIGHT"].tolist() == [1, 1, 0, 1, 0, 0]


def test_both_ways_of_pandas_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make([str(tmp_path), "--parquet", "--customers", "40", "--terminals", "300", "--days", "60"]) == 0
    transactions = read(tmp_path / "transactions.parquet")
    one, two = windows_of(transactions), grouped_windows_of(transactions)
    assert sorted(one.columns) == sorted(two.columns)
    assert len(one) == len(two) == len(transactions) > 1_000
    two = two.loc[one.index, one.columns]
    np.testing.assert_allclose(one.to_numpy(), two.to_numpy(), rtol=1e-9, atol=1e-9)

    capsys.readouterr()
    paths = ["--transactions", str(tmp_path / "transactions.parquet"), "--out", str(tmp_path / "features.parquet")]
    assert main(paths) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["rows"] == len(transactions)
    assert figures["peak_mb"] > 10
    written = pd.read_parquet(tmp_path / "features.parquet")
    assert written["TRANSACTION_ID"].tolist() == list(range(len(transactions)))
    assert not written.isna().any().any()


def test_a_file_of_other_columns_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    assert main(["--transactions", str(tmp_path / "other.parquet"), "--out", str(tmp_path / "out.parquet")]) == 2
    assert "vigia-handbook" in capsys.readouterr().err
    assert not (tmp_path / "out.parquet").exists()
