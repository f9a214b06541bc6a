"""`neural`: a small network of fully connected layers."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from vigia.families.family import Done, weight_told
from vigia.families.scaling import Scaling, fit_scaling
from vigia.onnx_graph import margin_graph
from vigia.parameters import Parameters, Value
from vigia.rows import Rows

if TYPE_CHECKING:
    import optuna

# Rows of one step: few enough for this many steps an epoch, as far as there are rows.
MOST_IN_BATCH, LEAST_IN_BATCH, STEPS = 512, 32, 200


class Neural:
    name = "neural"
    parameters: tuple[str, ...] = (
        "neural_units",
        "neural_layers",
        "neural_epochs",
        "neural_learning_rate",
        "neural_l2",
        "neural_fraud_weight",
    )

    def fit(self, rows: Rows, parameters: Parameters, done: Done) -> "FittedNetwork":
        """
        Adam over `neural_epochs` shuffles of the rows; no early stopping, which would take rows of training away or
        look at those of validation. One thread, whose sums have one order.
        """
        scaling = fit_scaling(rows.features, rows.weights, logarithmic=True)
        holed = np.flatnonzero(np.isnan(rows.features).any(axis=0))
        inputs = inputs_of(rows.features, scaling, holed)
        weights = rows.weights * np.where(rows.labels == 1, parameters.neural_fraud_weight, 1.0)
        model = MLPClassifier(
            hidden_layer_sizes=(parameters.neural_units,) * parameters.neural_layers,
            alpha=parameters.neural_l2,
            batch_size=min(len(inputs), max(LEAST_IN_BATCH, min(MOST_IN_BATCH, len(inputs) // STEPS))),
            learning_rate_init=parameters.neural_learning_rate,
            # An object and not a number, which would give every epoch the same shuffle.
            random_state=np.random.RandomState(parameters.seed),
        )
        with threadpool_limits(limits=1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            for epoch in range(parameters.neural_epochs):
                model.partial_fit(inputs, rows.labels, sample_weight=weights / weights.mean(), classes=[0, 1])
                done((epoch + 1) / parameters.neural_epochs)
        layers = [
            (kernel.astype(np.float32), bias.astype(np.float32))
            for kernel, bias in zip(model.coefs_, model.intercepts_, strict=True)
        ]
        return FittedNetwork(scaling, holed, layers)

    def suggest(self, trial: "optuna.Trial") -> dict[str, Value]:
        return {
            "neural_units": trial.suggest_categorical("neural_units", [16, 32, 64, 128]),
            "neural_layers": trial.suggest_int("neural_layers", 1, 3),
            "neural_epochs": trial.suggest_int("neural_epochs", 2, 30),
            "neural_learning_rate": trial.suggest_float("neural_learning_rate", 1e-4, 1e-2, log=True),
            "neural_l2": trial.suggest_float("neural_l2", 1e-6, 1e-1, log=True),
            "neural_fraud_weight": trial.suggest_float("neural_fraud_weight", 1.0, 10.0, log=True),
        }

    def describe(self, parameters: Parameters) -> str:
        return (
            f"A network of {parameters.neural_layers} hidden layers of {parameters.neural_units} units, "
            f"{parameters.neural_epochs} epochs, on standardised logarithms of the features. A missing value counts as "
            "the mean of its feature; of each feature that was missing in training a further input says whether it is. "
            f"{weight_told(parameters.neural_fraud_weight)}"
        )


@dataclass(frozen=True, slots=True)
class FittedNetwork:
    """`holed` are the columns that were missing at times; `layers` are kernels [in, out] and biases [out]."""

    scaling: Scaling
    holed: NDArray[np.intp]
    layers: list[tuple[NDArray[np.float32], NDArray[np.float32]]]
    trees_json: bytes | None = None

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        values = inputs_of(features, self.scaling, self.holed)
        for index, (kernel, bias) in enumerate(self.layers):
            values = values @ kernel + bias
            if index < len(self.layers) - 1:
                values = np.maximum(values, 0)
        return np.asarray(values[:, 0], dtype=np.float32)

    def graph(self) -> ModelProto:
        nodes, constants = self.scaling.nodes("scaled")
        values = "scaled"
        if len(self.holed):
            # `missing` is a node of the scaling.
            nodes += [
                helper.make_node("Gather", ["missing", "holed"], ["missing_holed"], axis=1),
                helper.make_node("Cast", ["missing_holed"], ["indicators"], to=TensorProto.FLOAT),
                helper.make_node("Concat", ["scaled", "indicators"], ["inputs"], axis=1),
            ]
            constants["holed"] = self.holed.astype(np.int64)
            values = "inputs"
        for index, (kernel, bias) in enumerate(self.layers):
            last = index == len(self.layers) - 1
            output = "margin" if last else f"layer{index}"
            nodes.append(helper.make_node("Gemm", [values, f"kernel{index}", f"bias{index}"], [output]))
            constants |= {f"kernel{index}": kernel, f"bias{index}": bias}
            if not last:
                nodes.append(helper.make_node("Relu", [output], [f"active{index}"]))
                values = f"active{index}"
        return margin_graph(nodes, constants, len(self.scaling.mean))

    def importances(self) -> NDArray[np.float64] | None:
        return None


def inputs_of(features: NDArray[np.float32], scaling: Scaling, holed: NDArray[np.intp]) -> NDArray[np.float32]:
    """[n, F + len(holed)]."""
    missing = np.isnan(features[:, holed]).astype(np.float32)
    return np.concatenate([scaling.apply(features), missing], axis=1)
