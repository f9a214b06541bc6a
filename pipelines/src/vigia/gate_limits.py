"""`gate.yaml`: the limits of the gate, whose comments say what each is."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from vigia.errors import BadInput

# Beside this package's project.
DEFAULT_FILE = Path(__file__).parents[2] / "gate.yaml"


@dataclass(frozen=True, slots=True)
class Limits:
    """Shares and factors are plain numbers (0.1 is 10 %)."""

    least_frauds: float
    average_precision_above_chance: float
    roc_auc: float
    recall_at_1_percent_false_positives: float
    saved_share: float
    baseline_margin: float
    calibration_error_to_prevalence: float
    average_precision_margin: float
    average_precision_loss: float
    saved_share_margin: float
    saved_share_loss: float
    allow_incomparable_champion: bool
    false_positive_factor: float
    # By name of a segmentation, instead of `false_positive_factor`.
    false_positive_factor_by: Mapping[str, float]
    least_genuine: float
    latency_us: float

    def factor_of(self, segmentation: str) -> float:
        return self.false_positive_factor_by.get(segmentation, self.false_positive_factor)


def read_limits(path: Path | None = None) -> Limits:
    """The limits of `gate.yaml`; those that the file at `path` names in their place. Raises BadInput."""
    values = limits_in(DEFAULT_FILE)
    if path is not None:
        values.update(limits_in(path))
    missing = [each.name for each in fields(Limits) if each.name not in values]
    if missing:
        raise BadInput(f"{DEFAULT_FILE} lacks {', '.join(missing)}: every limit must stand there")
    return Limits(**values)


def limits_in(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path} ({error}): give --limits a YAML file") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise BadInput(f"{path} must hold names and values, as pipelines/gate.yaml does")
    known = {each.name for each in fields(Limits)}
    for name, value in content.items():
        if name not in known:
            raise BadInput(f"{path}: no limit is called {name}: there are {', '.join(sorted(known))}")
        if not fits(name, value):
            raise BadInput(f"{path}: {name} must be {EXPECTED.get(name, 'a number')}")
    return content


EXPECTED = {
    "allow_incomparable_champion": "true or false",
    "false_positive_factor_by": "numbers by the name of a segmentation",
}


def fits(name: str, value: object) -> bool:
    if name == "allow_incomparable_champion":
        return isinstance(value, bool)
    if name == "false_positive_factor_by":
        return isinstance(value, dict) and all(isinstance(key, str) and is_number(each) for key, each in value.items())
    return is_number(value)


def is_number(value: object) -> bool:
    """A NaN is greater than nothing and would let everything pass."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value
