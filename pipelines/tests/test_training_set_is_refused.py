"""Exit code 2, the remedy on standard error, and nothing written."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payments import Payments, some_payments
from vigia.train_command import main


def no_fraud_in_training(payments: Payments) -> None:
    payments.set_labels(np.where(payments.days < 32.5, 0, payments.labels))


def no_fraud_in_validation(payments: Payments) -> None:
    payments.set_labels(np.where((payments.days > 37) & (payments.days < 46), 0, payments.labels))


def nothing_but_frauds_in_the_hold_out(payments: Payments) -> None:
    payments.set_labels(np.where(payments.days >= 50, 1, payments.labels))


def no_row_in_validation(payments: Payments) -> None:
    keep = pa.array((payments.days < 37) | (payments.days > 46))
    payments.columns = {name: column.filter(keep) for name, column in payments.columns.items()}
    payments.manifest["rows"] = len(payments.columns["label"])
    payments.set_labels(payments.labels)


def a_missing_feature(payments: Payments) -> None:
    del payments.columns["key_age"]


def a_renamed_feature(payments: Payments) -> None:
    payments.columns = {("age" if name == "key_age" else name): it for name, it in payments.columns.items()}


def features_in_another_order(payments: Payments) -> None:
    noise = payments.columns.pop("noise")
    payments.columns["noise"] = noise


def a_feature_of_another_type(payments: Payments) -> None:
    payments.columns["noise"] = payments.columns["noise"].cast(pa.float64())


def an_infinite_value(payments: Payments) -> None:
    values = payments.columns["noise"].to_numpy().copy()
    values[7] = np.inf
    payments.columns["noise"] = pa.array(values)


def an_unknown_moment(payments: Payments) -> None:
    at = payments.columns["accepted_at_ms"].to_numpy().copy()
    at[7] = np.nan
    payments.columns["accepted_at_ms"] = pa.array(at)


def an_amount_that_is_no_number(payments: Payments) -> None:
    amounts = payments.columns["amount_cents"].to_numpy().copy()
    amounts[5] = np.nan
    payments.columns["amount_cents"] = pa.array(amounts)


def a_weight_of_nothing(payments: Payments) -> None:
    weights = payments.columns["weight"].to_numpy().copy()
    weights[5] = 0
    payments.columns["weight"] = pa.array(weights)


def no_fraud_at_all(payments: Payments) -> None:
    payments.set_labels(np.zeros_like(payments.labels))


def labels_from_after_the_cut_off(payments: Payments) -> None:
    payments.manifest["labelCutOffMs"] = payments.manifest["toMs"] - 5 * 86_400_000


def a_missing_label(payments: Payments) -> None:
    payments.columns["label"] = pa.array([None, *payments.labels[1:]], pa.int32())


def a_label_that_is_0_in_a_byte(payments: Payments) -> None:
    labels = payments.labels
    labels[3] = 256
    payments.set_labels(labels)


def rows_out_of_order(payments: Payments) -> None:
    at = payments.columns["accepted_at_ms"].to_numpy().copy()
    at[[10, 1_000]] = at[[1_000, 10]]
    payments.columns["accepted_at_ms"] = pa.array(at)


def rows_after_the_range(payments: Payments) -> None:
    payments.manifest["toMs"] -= 86_400_000


def a_negative_amount(payments: Payments) -> None:
    amounts = payments.columns["amount_cents"].to_numpy().copy()
    amounts[5] = -1
    payments.columns["amount_cents"] = pa.array(amounts)


def another_number_of_rows(payments: Payments) -> None:
    payments.manifest["rows"] += 1


def another_number_of_frauds(payments: Payments) -> None:
    payments.manifest["frauds"] += 1


def another_digest(payments: Payments) -> None:
    payments.manifest["rowsSha256"] = "0" * 64


def a_feature_twice(payments: Payments) -> None:
    payments.manifest["features"].append("noise")


def the_label_as_a_feature(payments: Payments) -> None:
    payments.manifest["features"].append("label")


def another_format(payments: Payments) -> None:
    payments.manifest["format"] = 1


def no_delay(payments: Payments) -> None:
    del payments.manifest["labelDelayMs"]


CASES: list[tuple[Callable[[Payments], None], str]] = [
    (no_fraud_in_training, "the training part .* has no fraud among .* longer range"),
    (no_fraud_in_validation, "the validation part .* has no fraud"),
    (nothing_but_frauds_in_the_hold_out, "the hold-out part .* nothing but frauds"),
    (no_row_in_validation, "the validation part .* has no row"),
    (a_missing_feature, r"columns missing \['key_age'\]"),
    (a_renamed_feature, r"columns missing \['key_age'\], not in the manifest \['age'\]"),
    (features_in_another_order, "column 8 is constant, the manifest's order has noise"),
    (a_feature_of_another_type, "column noise is double, must be float"),
    (an_infinite_value, r"infinite values in \['noise'\]"),
    (an_unknown_moment, "in order of accepted_at_ms"),
    (an_amount_that_is_no_number, "amount_cents must be a number of at least 0"),
    (a_weight_of_nothing, "weight must be a number of at least 1"),
    (no_fraud_at_all, "the training part .* has no fraud among .* longer range"),
    (labels_from_after_the_cut_off, r"\d+ frauds were accepted after labelCutOffMs"),
    (a_missing_label, "label must be 0 or 1"),
    (a_label_that_is_0_in_a_byte, "label must be 0 or 1"),
    (rows_out_of_order, "in order of accepted_at_ms"),
    (rows_after_the_range, "outside fromMs and toMs"),
    (a_negative_amount, "amount_cents must be a number of at least 0"),
    (another_number_of_rows, "2000 rows, its manifest says 2001"),
    (another_number_of_frauds, "frauds, its manifest says"),
    (another_digest, "has SHA-256 .* its manifest says 0000"),
    (a_feature_twice, "features is missing or not valid"),
    (the_label_as_a_feature, "features is missing or not valid"),
    (another_format, "not a training set's manifest of format 2"),
    (no_delay, "labelDelayMs is missing or not valid"),
]


def refusal(data: Path, out: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["--data", str(data), "--out", str(out), "--set", "trees=2"]) == 2
    assert not out.exists()
    return capsys.readouterr().err


@pytest.mark.parametrize(("bend", "told"), CASES, ids=[bend.__name__ for bend, _ in CASES])
def test_refuses(
    bend: Callable[[Payments], None], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    payments = some_payments(rows=2_000)
    bend(payments)
    assert re.search(told, refusal(payments.write(tmp_path / "data"), tmp_path / "out", capsys))


def test_refuses_one_class_in_a_fold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    payments = some_payments(rows=2_000)
    payments.set_labels(np.where(payments.days < 18, 0, payments.labels))
    data = payments.write(tmp_path / "data")
    arguments = ["--data", str(data), "--out", str(tmp_path / "out"), "--set", "cross_validate=true"]
    assert main(arguments) == 2
    assert not (tmp_path / "out").exists()
    assert "set fewer `folds`, or build the training set over a longer range" in capsys.readouterr().err


def test_refuses_a_missing_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "give --data the folder of a training set" in refusal(tmp_path / "none", tmp_path / "out", capsys)


def test_refuses_missing_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = some_payments(rows=50).write(tmp_path / "data")
    (data / "rows.parquet").unlink()
    assert "rows.parquet is missing" in refusal(data, tmp_path / "out", capsys)


def test_refuses_a_manifest_that_is_not_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = some_payments(rows=50).write(tmp_path / "data")
    (data / "manifest.json").write_text("{")
    assert "is not JSON" in refusal(data, tmp_path / "out", capsys)


@pytest.mark.parametrize("damage", ["footer", "page"])
def test_refuses_corrupt_parquet_whose_digest_fits(
    damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = some_payments(rows=2_000).write(tmp_path / "data")
    rows = bytearray((data / "rows.parquet").read_bytes())
    if damage == "footer":
        rows[-100:-8] = bytes(92)
    else:
        amounts = pq.read_metadata(data / "rows.parquet").row_group(0).column(2)
        rows[amounts.data_page_offset : amounts.data_page_offset + 64] = b"\xff" * 64
    (data / "rows.parquet").write_bytes(rows)
    manifest = json.loads((data / "manifest.json").read_text())
    (data / "manifest.json").write_text(json.dumps({**manifest, "rowsSha256": hashlib.sha256(rows).hexdigest()}))
    assert "is not readable Parquet" in refusal(data, tmp_path / "out", capsys)
