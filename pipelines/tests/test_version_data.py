"""Versions of data by the real DVC."""

import re
import shutil
from pathlib import Path

import pytest

from payments import some_payments
from vigia.data_version import data_version
from vigia.version_data_command import main


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = some_payments(rows=50).write(tmp_path / "sets/one")
    (folder / "more").mkdir()
    (folder / "more/ä b.txt").write_text("nested")
    return folder


def stored(folder: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    assert main([str(folder), *more]) == 0
    return capsys.readouterr().out.strip()


def test_the_version_is_dvcs_own_and_what_training_names(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = stored(data, capsys)
    assert version == data_version(data)
    assert f"md5: {version}\n" in (data.parent / "one.dvc").read_text()
    (data / "more/ä b.txt").write_text("changed")
    assert stored(data, capsys) != version


def test_each_version_comes_back_byte_for_byte_where_all_but_the_remote_is_lost(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    remote = str(tmp_path / "remote")
    first = stored(data, capsys, "--remote", remote)
    (data / "manifest.json").write_text("{}")
    second = stored(data, capsys)
    shutil.rmtree(data.parent)
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.chdir(tmp_path)
    assert main(["elsewhere/a", "--restore", first, "--remote", "remote"]) == 0
    assert main([str(elsewhere / "b"), "--restore", second]) == 0, "the remote is remembered"
    assert [data_version(elsewhere / name) for name in ("a", "b")] == [first, second]
    assert sorted(path.name for path in elsewhere.iterdir() if not path.name.startswith(".")) == [
        *("a", "a.dvc", "b", "b.dvc")
    ]
    assert main([str(elsewhere / "a"), "--restore", first]) == 0, "it is there already"
    assert main([str(elsewhere / "a"), "--restore", second]) == 2, "another is there"
    assert data_version(elsewhere / "a") == first

    (nested,) = (path for path in (tmp_path / "remote").rglob("*") if path.is_file() and path.read_bytes() == b"nested")
    nested.chmod(0o644)
    nested.write_bytes(b"forged")
    third = tmp_path / "third/one"
    assert main([str(third), "--restore", first, "--remote", remote]) == 2, "changed in the remote"
    assert not third.exists()


def test_what_cannot_be_versioned_or_restored_is_refused_and_leaves_nothing(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert main([str(tmp_path / "empty")]) == 2
    assert main([str(tmp_path / "absent")]) == 2
    assert "no folder with data" in capsys.readouterr().err
    assert main([str(data.parent / "two"), "--restore", f"{'0' * 32}.dir"]) == 2
    assert re.search(r"the remote has no 0+\.dir", capsys.readouterr().err)
    assert not [path.name for path in data.parent.iterdir() if path.name.startswith("two")]


def test_a_remote_that_does_not_answer_is_weather(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder can be in here")
    assert main([str(data), "--remote", str(tmp_path / "file/remote")]) == 4
    assert "try again" in capsys.readouterr().err
