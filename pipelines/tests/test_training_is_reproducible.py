"""Same data, parameters, seed and lock file: the same bytes, for every family, tuned too."""

import json
from pathlib import Path

import pytest

from payments import some_payments
from vigia.train_command import main

FAMILIES = {
    "xgboost": [],
    "logistic": ["family=logistic"],
    "neural": ["family=neural"],
    "blend": ["family=blend", "blend_members=logistic,xgboost,neural"],
    "logistic tuned": ["family=logistic", "tune_trials=4"],
    "blend tuned": ["family=blend", "blend_members=logistic,neural", "tune_trials=2"],
}
# Enough to show, and no more.
SMALL = ["trees=20", "folds=2", "neural_epochs=3"]


def digests(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def train(root: Path, out: Path, settings: list[str], *more: str) -> dict[str, bytes]:
    flags = [flag for setting in settings for flag in ("--set", setting)]
    assert main(["--data", str(root / "data"), "--out", str(out), "--code-commit", "abc", *flags, *more]) == 0
    return digests(out)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reproducible")
    some_payments(rows=4_000).write(root / "data")
    return root


@pytest.fixture(scope="module")
def first(root: Path) -> dict[str, bytes]:
    return train(root, root / "first", SMALL)


@pytest.mark.parametrize("settings", FAMILIES.values(), ids=FAMILIES)
def test_same_inputs_give_the_same_bytes(settings: list[str], root: Path, tmp_path: Path) -> None:
    once = train(root, tmp_path / "once", [*SMALL, *settings])
    assert train(root, tmp_path / "again", [*SMALL, *settings]) == once


def test_number_of_threads_changes_nothing(root: Path, first: dict[str, bytes], tmp_path: Path) -> None:
    assert train(root, tmp_path / "threads", [*SMALL, "threads=2"]) == first


def test_what_tuning_chose_gives_the_same_model_without_tuning(root: Path, tmp_path: Path) -> None:
    tuned = train(root, tmp_path / "tuned", [*SMALL, "tune_trials=3"])
    chosen = json.loads(tuned["bundle.json"])["parameters"]
    assert chosen["tune_trials"] == 3
    assert chosen["trees"] != 20
    again = train(root, tmp_path / "again", [f"{name}={value}" for name, value in {**chosen, "tune_trials": 0}.items()])
    assert again["model.onnx"] == tuned["model.onnx"]


@pytest.mark.parametrize("change", [["--set", "seed=8"], ["--set", "review_cost_brl=3"], ["--code-commit", "abd"]])
def test_another_input_gives_another_version(
    change: list[str], root: Path, first: dict[str, bytes], tmp_path: Path
) -> None:
    other = train(root, tmp_path / "other", SMALL, *change)
    assert version_of(other) != version_of(first)
    assert (other["trees.json"] == first["trees.json"]) == (change[-1] != "seed=8")


def test_a_budget_in_minutes_is_said_to_be_not_reproducible(root: Path, tmp_path: Path) -> None:
    made = train(root, tmp_path / "timed", [*SMALL, "tune_trials=1", "tune_minutes=5"])
    assert "may choose other parameters" in made["model-card.md"].decode()
    assert json.loads(made["bundle.json"])["parameters"]["tune_minutes"] == 5


def version_of(files: dict[str, bytes]) -> str:
    return str(json.loads(files["bundle.json"])["version"])
