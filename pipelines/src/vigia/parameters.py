"""What decides a model besides its data: section `train` of `params.yaml`, whose comments say what each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from vigia.errors import BadInput
from vigia.thresholds import Costs

Value = int | float | str | bool

# Beside this package's project; absent where the package was installed without it.
DEFAULT_FILE = Path(__file__).parents[2] / "params.yaml"
SECTION = "train"


def whole(default: int, least: int, most: int) -> Any:  # noqa: ANN401
    return field(default=default, metadata={"least": least, "most": most})


def number(default: float, least: float, most: float) -> Any:  # noqa: ANN401
    return field(default=default, metadata={"least": least, "most": most})


def one_of(default: str, *choices: str) -> Any:  # noqa: ANN401
    return field(default=default, metadata={"choices": choices})


@dataclass(frozen=True, slots=True)
class Parameters:
    """Flat, since a job, a tracked run and the bundle carry them by name. Defaults are those of `params.yaml`."""

    family: str = one_of(
        "xgboost",
        *("xgboost", "logistic", "neural", "blend"),
        *("spark_logistic", "spark_forest", "spark_gbt", "spark_xgboost"),
    )
    seed: int = whole(7, 0, 2**31 - 1)
    threads: int = whole(1, 1, 256)
    device: str = one_of("cpu", "cpu", "cuda")
    folds: int = whole(3, 2, 20)
    cross_validate: bool = False
    tune_trials: int = whole(0, 0, 10_000)
    tune_minutes: float = number(0.0, 0, 10_000)
    review_cost_brl: float = number(12.0, 0, 1e6)
    false_reject_cost_brl: float = number(30.0, 0, 1e6)
    friction: float = number(0.01, 0, 1)
    trees: int = whole(300, 1, 5_000)
    depth: int = whole(4, 1, 16)
    learning_rate: float = number(0.03, 1e-4, 1)
    row_share: float = number(0.8, 0.01, 1)
    column_share: float = number(0.8, 0.01, 1)
    least_child_weight: float = number(5.0, 0, 1e6)
    l2: float = number(1.0, 0, 1e6)
    tree_method: str = one_of("hist", "hist", "exact")
    base_score: float = number(0.0, 0, 0.999)
    fraud_weight: float = number(1.0, 1e-3, 1e6)
    logistic_c: float = number(1.0, 1e-6, 1e6)
    logistic_fraud_weight: float = number(1.0, 1e-3, 1e6)
    neural_units: int = whole(32, 1, 1_024)
    neural_layers: int = whole(2, 1, 4)
    neural_epochs: int = whole(5, 1, 1_000)
    neural_learning_rate: float = number(1e-3, 1e-6, 1)
    neural_l2: float = number(1e-3, 0, 1e3)
    neural_fraud_weight: float = number(1.0, 1e-3, 1e6)
    spark_trees: int = whole(100, 1, 1_000)
    spark_depth: int = whole(6, 1, 15)
    spark_learning_rate: float = number(0.1, 1e-4, 1)
    spark_row_share: float = number(0.8, 0.01, 1)
    spark_l2: float = number(1e-4, 0, 1e6)
    spark_l1_share: float = number(0.0, 0, 1)
    spark_fraud_weight: float = number(1.0, 1e-3, 1e6)
    blend_members: str = "xgboost,neural"
    blend_weights: str = ""

    @property
    def tuned(self) -> bool:
        return self.tune_trials > 0 or self.tune_minutes > 0

    @property
    def costs(self) -> Costs:
        return Costs(
            review_cents=self.review_cost_brl * 100,
            false_reject_cents=self.false_reject_cost_brl * 100,
            friction=self.friction,
        )


def read_parameters(path: Path | None, settings: Sequence[str]) -> Parameters:
    """
    Section `train` of the YAML file at `path` (None: `params.yaml` of this project, where there is one), replaced by
    `settings` of the form `name=value`. What neither names has its default. Raises BadInput.
    """
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    values = {} if path is None else section_of(path)
    for setting in settings:
        name, equals, text = setting.partition("=")
        if not equals:
            raise BadInput(f"--set {setting}: write --set name=value")
        values[name.strip()] = value_of(text)
    return with_values(Parameters(), values)


def section_of(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read {path} ({error}): give --params a YAML file") from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path} is not YAML: {error}") from error
    section = content.get(SECTION) if isinstance(content, dict) else None
    if not isinstance(section, dict):
        raise BadInput(f"{path} has no section `{SECTION}` of names and values: see pipelines/params.yaml")
    return dict(section)


def value_of(text: str) -> object:
    try:
        return yaml.safe_load(text) if text.strip() else ""
    except yaml.YAMLError:
        return text


def with_values(parameters: Parameters, values: Mapping[str, Any]) -> Parameters:
    """`parameters` with checked `values` in their place. Raises BadInput that says which and what would fit."""
    known = {each.name: each for each in fields(Parameters)}
    for name in values:
        if name not in known:
            near = get_close_matches(str(name), known, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise BadInput(f"no parameter is called {name}: {hint}")
    fitting: dict[str, Any] = {name: checked(known[name], value) for name, value in values.items()}
    return replace(parameters, **fitting)


def checked(parameter: Any, value: object) -> Value:  # noqa: ANN401
    standard, limits = parameter.default, parameter.metadata
    if isinstance(standard, bool):
        if isinstance(value, bool):
            return value
        expected = "true or false"
    elif isinstance(standard, int | float):
        converted = as_number(value, whole_number=isinstance(standard, int))
        if converted is not None and limits["least"] <= converted <= limits["most"]:
            return converted
        kind = "a whole number" if isinstance(standard, int) else "a number"
        expected = f"{kind} from {limits['least']:g} to {limits['most']:g}"
    elif "choices" in limits:
        if value in limits["choices"]:
            return str(value)
        expected = f"one of {', '.join(limits['choices'])}"
    else:
        # A list in YAML and a lone number are as clear as a text of them.
        return ",".join(str(each) for each in value) if isinstance(value, list) else str(value or "")
    raise BadInput(f"parameter {parameter.name}: {value!r} is not {expected}")


def as_number(value: object, whole_number: bool) -> int | float | None:
    """YAML reads `1e-3` as a text; a switch is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    if not whole_number:
        return found
    return int(found) if found.is_integer() else None
