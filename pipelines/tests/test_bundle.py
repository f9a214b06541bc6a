from pathlib import Path

import pytest

from vigia.bundle import json_bytes, write_bundle
from vigia.errors import BadInput
from vigia.train_command import main


def test_an_existing_bundle_is_never_written_over(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle", {"a": b"1"}, {"version": "1"})
    with pytest.raises(BadInput, match="exists and is not empty"):
        write_bundle(tmp_path / "bundle", {"a": b"2"}, {"version": "2"})
    assert (tmp_path / "bundle" / "a").read_bytes() == b"1"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "bundle").mkdir()
    write_bundle(tmp_path / "bundle", {"a": b"1"}, {})
    assert sorted(path.name for path in (tmp_path / "bundle").iterdir()) == ["a", "bundle.json"]


def test_missing_folders_above_are_made(tmp_path: Path) -> None:
    write_bundle(tmp_path / "models" / "pix" / "1", {"a": b"1"}, {})
    assert (tmp_path / "models" / "pix" / "1" / "bundle.json").is_file()


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot write"):
        write_bundle(tmp_path / "bundle", {"a": b"1", "a/b": b"2"}, {})
    assert list(tmp_path.iterdir()) == []


def test_not_a_number_is_not_json() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_bytes({"auc": float("nan")})


def test_training_refuses_a_full_folder_before_it_reads_anything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kept").write_text("mine")
    assert main(["--data", str(tmp_path / "none"), "--out", str(tmp_path)]) == 2
    assert "exists and is not empty" in capsys.readouterr().err
    assert (tmp_path / "kept").read_text() == "mine"


@pytest.mark.parametrize(
    "wrong",
    [
        ["--model-name", "Pix Fraud"],
        ["--code-commit", ""],
        ["--job", "a job"],
        ["--experiment", "/"],
    ],
)
def test_wrong_arguments_end_with_code_2(wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--data", str(tmp_path), "--out", str(tmp_path / "out"), *wrong])
    assert ended.value.code == 2
    assert f"argument {wrong[0]}" in capsys.readouterr().err
