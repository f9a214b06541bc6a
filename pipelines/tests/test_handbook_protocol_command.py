import json
from pathlib import Path

import pytest

from vigia.handbook import World, generate
from vigia.handbook_command import write
from vigia.handbook_protocol_command import main


def test_candidates_are_measured_on_the_validation_weeks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(generate(World(customers=300, terminals=600, seed=5)), tmp_path)
    assert main(["--data", str(tmp_path), "--search", "logistic,book-xgboost"]) == 0
    lines = capsys.readouterr().out.splitlines()
    result = json.loads(lines[-1])
    assert list(result) == ["book-xgboost", "logistic"]
    for figures in result.values():
        assert list(figures) == ["auc", "ap", "cp100"]
        # Chance is 0.5; nobody finds more than a few cards a day in a world so small.
        assert 0.6 < figures["auc"] < 1
        assert 0 < figures["cp100"] < 0.2
    assert sum("training week of 2018-0" in line for line in lines) == 8
    assert not any("2018-07-25" in line or "2018-08" in line for line in lines)

    assert main(["--data", str(tmp_path), "--search", "boosted"]) == 2
    assert "blend-on-ratios" in capsys.readouterr().err


def test_a_folder_without_the_data_says_what_makes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "vigia-handbook" in capsys.readouterr().err
