"""What a family of models must be able to do to be tuned, blended, calibrated and served."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from vigia.parameters import Parameters, Value
from vigia.rows import Rows

if TYPE_CHECKING:
    import optuna

# Tells the share that is done, 0 to 1.
Done = Callable[[float], None]


class Fitted(Protocol):
    """A trained model before calibration. Margins are log-odds of any scale and level."""

    @property
    def trees_json(self) -> bytes | None:
        """XGBoost's own JSON model, where every answer can be explained exactly by it."""

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Margins [n] of features [n, F], NaN = missing, by the model itself: what the graph must answer too."""

    def graph(self) -> ModelProto:
        """The model as ONNX: `features` float32 [n, F] -> `margin` float32 [n, 1] (vigia.onnx_graph)."""

    def importances(self) -> NDArray[np.float64] | None:
        """How much the model relies on each feature [F], of sum 1; None leaves it to be measured by permutation."""


class Family(Protocol):
    """Stateless. All that is random is drawn from `parameters.seed`: the same arguments give the same model."""

    name: str
    # Names of the parameters that it reads besides `seed`, `threads` and `device`; no other family reads them.
    parameters: tuple[str, ...]

    def fit(self, rows: Rows, parameters: Parameters, done: Done) -> Fitted:
        """Trains on rows of both classes, each standing for its weight in payments. Raises BadInput."""

    def suggest(self, trial: "optuna.Trial") -> dict[str, Value]:
        """One point of the space that tuning searches, by name of the parameter."""

    def describe(self, parameters: Parameters) -> str:
        """The method in some sentences, for the model card: also what becomes of missing values and the rare class."""


def weight_told(fraud_weight: float) -> str:
    return f"A fraud weighs {fraud_weight:g} times a legitimate payment in training."
