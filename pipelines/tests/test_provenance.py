"""Where a result came from: the checkout, else what the image was told."""

from pathlib import Path

import pytest

from vigia import provenance


def test_outside_of_a_checkout_the_image_tells_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.setenv("VIGIA_COMMIT", "0123abc")
    assert provenance.code_commit() == "0123abc"
    monkeypatch.setenv("VIGIA_COMMIT", "")
    assert provenance.code_commit() == "unknown"


def test_in_a_checkout_the_environment_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIA_COMMIT", "0123abc")
    assert provenance.code_commit() != "0123abc"
