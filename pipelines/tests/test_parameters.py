"""Parameters by name: defaults, files and settings; what does not fit is refused with what would."""

from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from vigia.errors import BadInput
from vigia.parameters import DEFAULT_FILE, Parameters, read_parameters


def test_the_file_of_the_project_states_every_parameter_with_its_default() -> None:
    assert yaml.safe_load(DEFAULT_FILE.read_text())["train"] == asdict(Parameters())
    assert read_parameters(None, []) == Parameters()


def test_settings_take_the_place_of_a_file_and_a_file_that_of_defaults(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("train:\n  trees: 20\n  depth: 3\n  blend_members: [logistic, neural]\n")
    settings = ["depth=5", "learning_rate=1e-3", "cross_validate=true", "blend_weights=0.5,0.5"]
    parameters = read_parameters(file, settings)
    assert (parameters.trees, parameters.depth, parameters.learning_rate) == (20, 5, 0.001)
    assert (parameters.blend_members, parameters.blend_weights) == ("logistic,neural", "0.5,0.5")
    assert parameters.cross_validate
    assert parameters.seed == Parameters().seed


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("trees=0", "parameter trees: 0 is not a whole number from 1 to 5000"),
        ("trees=2.5", "parameter trees: 2.5 is not a whole number"),
        ("trees=true", "parameter trees: True is not a whole number"),
        ("depth=x", "parameter depth: 'x' is not a whole number from 1 to 16"),
        ("learning_rate=nan", "parameter learning_rate: 'nan' is not a number from 0.0001 to 1"),
        ("learning_rate=.nan", "parameter learning_rate: nan is not a number"),
        ("family=forest", "parameter family: 'forest' is not one of xgboost, logistic, neural, blend"),
        ("cross_validate=2", "parameter cross_validate: 2 is not true or false"),
        ("tree=2", "no parameter is called tree: did you mean trees?"),
        ("zzz=2", "no parameter is called zzz: there are family, seed"),
        ("trees", "write --set name=value"),
        ("trees=[1", "is not a whole number"),
    ],
)
def test_a_setting_that_does_not_fit_is_refused(setting: str, told: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_parameters(None, [setting])
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "give --params a YAML file"),
        ("{", "is not YAML"),
        ("[1]", "has no section `train`"),
        ("train:", "has no section `train`"),
        ("train:\n  tres: 2", "did you mean trees?"),
    ],
)
def test_a_file_that_is_none_is_refused(content: str | None, told: str, tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadInput) as refused:
        read_parameters(file, [])
    assert told in str(refused.value)
