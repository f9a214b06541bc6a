from pathlib import Path

import pytest

from payments import some_payments
from vigia.train_command import main


def digests(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def train(root: Path, out: str, *more: str) -> dict[str, bytes]:
    arguments = ["--data", str(root / "data"), "--out", str(root / out), "--trees", "20", "--code-commit", "abc"]
    assert main([*arguments, *more]) == 0
    return digests(root / out)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("reproducible")
    some_payments(rows=4_000).write(root / "data")
    return root


@pytest.fixture(scope="module")
def first(root: Path) -> dict[str, bytes]:
    return train(root, "first")


def test_same_inputs_give_the_same_bytes(root: Path, first: dict[str, bytes]) -> None:
    assert train(root, "second") == first


def test_number_of_threads_changes_nothing(root: Path, first: dict[str, bytes]) -> None:
    assert train(root, "threads", "--threads", "2") == first


def test_another_seed_gives_other_trees_and_another_version(root: Path, first: dict[str, bytes]) -> None:
    other = train(root, "seed", "--seed", "8")
    assert other["trees.json"] != first["trees.json"]
    assert version_line(other) != version_line(first)


def test_name_version_and_moment_can_be_given(root: Path, first: dict[str, bytes]) -> None:
    given = train(root, "given", "--name", "other", "--version", "1.2", "--created-at", "2026-05-01T00:00:00Z")
    text = given["bundle.json"].decode()
    assert '"name": "other"' in text
    assert '"version": "1.2"' in text
    assert '"createdAt": "2026-05-01T00:00:00Z"' in text
    assert given["model.onnx"] == first["model.onnx"]


def version_line(files: dict[str, bytes]) -> str:
    return next(line for line in files["bundle.json"].decode().splitlines() if '"version"' in line)
