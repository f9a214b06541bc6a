"""`scenarios.parquet` beside the rows: for evaluation alone."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from payments import some_payments
from vigia.errors import BadInput
from vigia.train_command import main
from vigia.training_set import load_training_set


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return some_payments(rows=2_000).write(tmp_path / "data")


def ids_of(data: Path) -> list[str]:
    ids: list[str] = pq.read_table(data / "rows.parquet")["end_to_end_id"].to_pylist()
    return ids


def test_rows_are_told_by_their_id_and_the_rest_is_everyday(data: Path) -> None:
    first, second, third, *_ = ids_of(data)
    table = {
        "end_to_end_id": [third, "E-of-another-range", first, second],
        "scenario": ["ghost_hand", "sweep", "refund", None],
    }
    pq.write_table(pa.table(table), data / "scenarios.parquet")
    scenarios = load_training_set(data).scenarios
    assert scenarios is not None
    assert scenarios[:4].tolist() == ["refund", "", "ghost_hand", ""]
    assert len(scenarios) == 2_000


def test_without_the_file_nothing_is_known(data: Path) -> None:
    assert load_training_set(data).scenarios is None


@pytest.mark.parametrize("content", [b"", b"PAR1 not really"])
def test_a_file_that_is_no_table_is_refused(data: Path, content: bytes) -> None:
    (data / "scenarios.parquet").write_bytes(content)
    with pytest.raises(BadInput, match="not a table of end_to_end_id and scenario"):
        load_training_set(data)


def test_a_table_of_other_columns_is_refused(data: Path) -> None:
    pq.write_table(pa.table({"id": ["a"]}), data / "scenarios.parquet")
    with pytest.raises(BadInput, match="not a table of end_to_end_id and scenario"):
        load_training_set(data)


def test_a_bundle_whose_evaluation_knew_them_has_another_version(data: Path, tmp_path: Path) -> None:
    """Two bundles of one version are the same bundle."""
    versions = []
    for out in ("without", "with"):
        assert main(["--data", str(data), "--out", str(tmp_path / out), "--set", "family=logistic"]) == 0
        versions.append(json.loads((tmp_path / out / "bundle.json").read_text())["version"])
        table = {"end_to_end_id": ids_of(data), "scenario": ["sweep"] * 2_000}
        pq.write_table(pa.table(table), data / "scenarios.parquet")
    assert versions[0] != versions[1]
    evaluation = json.loads((tmp_path / "with" / "evaluation.json").read_text())
    assert list(evaluation["segments"]["scenario"]) == ["sweep"]
