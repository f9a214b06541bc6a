"""ONNX graphs of margins, the calibration inside them, and onnxruntime on them."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, compose, helper, numpy_helper

from vigia.calibration import Platt
from vigia.errors import BadInput

# Old enough for every onnxruntime since 1.14, new enough for all that stands here.
OPSET, TREE_OPSET, IR_VERSION = 17, 3, 8


def margin_graph(nodes: Sequence[NodeProto], constants: dict[str, NDArray[np.float32]], features: int) -> ModelProto:
    """A model of `nodes` from `features` float32 [n, F] to `margin` float32 [n, 1], `constants` by name."""
    graph = helper.make_graph(
        list(nodes),
        "vigia",
        inputs=[helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", features])],
        outputs=[helper.make_tensor_value_info("margin", TensorProto.FLOAT, ["n", 1])],
        initializer=[numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", TREE_OPSET)]
    return helper.make_model(graph, producer_name="vigia", opset_imports=opsets, ir_version=IR_VERSION)


def calibrated(margin: ModelProto, platt: Platt) -> bytes:
    """
    What scoring loads: the graph of a margin and `probability` = sigmoid(slope * margin + intercept), both [n, 1].

    Takes any model from `features` to `margin`, whoever made it. Raises BadInput where one of them is missing.
    """
    inputs, outputs = ([value.name for value in values] for values in (margin.graph.input, margin.graph.output))
    if inputs != ["features"] or outputs != ["margin"]:
        raise BadInput(f"the graph has {inputs} -> {outputs}: give one of `features` [n, F] -> `margin` [n, 1]")
    model = ModelProto()
    model.CopyFrom(margin)
    model.graph.node.extend(
        [
            helper.make_node("Mul", ["margin", "calibration_slope"], ["calibration_scaled"]),
            helper.make_node("Add", ["calibration_scaled", "calibration_intercept"], ["calibration_log_odds"]),
            helper.make_node("Sigmoid", ["calibration_log_odds"], ["probability"]),
        ]
    )
    for name, value in (("slope", platt.slope), ("intercept", platt.intercept)):
        model.graph.initializer.append(helper.make_tensor(f"calibration_{name}", TensorProto.FLOAT, [1], [value]))
    model.graph.output.insert(0, helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["n", 1]))
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def weighted_sum(margins: Sequence[ModelProto], factors: Sequence[float], constant: float, features: int) -> ModelProto:
    """The graph of sum of factor * margin, plus a constant: every graph of `margins` inside, on the same features."""
    nodes: list[NodeProto] = []
    constants = {"blend_constant": np.array([constant], np.float32)}
    initializers: list[TensorProto] = []
    for index, (model, factor) in enumerate(zip(margins, factors, strict=True)):
        prefixed = compose.add_prefix(model, f"member{index}_", rename_inputs=False)
        nodes.extend(prefixed.graph.node)
        initializers.extend(prefixed.graph.initializer)
        constants[f"blend_factor{index}"] = np.array([factor], np.float32)
        nodes.append(helper.make_node("Mul", [f"member{index}_margin", f"blend_factor{index}"], [f"blend_part{index}"]))
    parts = [f"blend_part{index}" for index in range(len(margins))]
    nodes.append(helper.make_node("Sum", [*parts, "blend_constant"], ["margin"]))
    result = margin_graph(nodes, constants, features)
    result.graph.initializer.extend(initializers)
    return result


class Scorer:
    """onnxruntime on a graph's bytes, as scoring runs it: on one thread, whose sums have one order."""

    def __init__(self, graph: bytes) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def score(self, features: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Probabilities and margins, both [n], of features [n, F]."""
        probability, margin = self._session.run(["probability", "margin"], {"features": features})
        return probability[:, 0], margin[:, 0]
