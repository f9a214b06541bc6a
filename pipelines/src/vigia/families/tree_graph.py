"""XGBoost's JSON model as ONNX."""

import json
from itertools import chain

import numpy as np
from onnx import ModelProto, helper

from vigia.onnx_graph import margin_graph


def tree_graph(trees_json: bytes, features: int) -> ModelProto:
    """
    `features` [n, F] -> `margin` [n, 1].

    Written here and not by a general converter: those give a classifier's label and uncalibrated probabilities, and
    the margin, which the calibration and the explanations need, only by surgery on their graph.
    """
    attributes = tree_attributes(json.loads(trees_json)["learner"])
    node = helper.make_node("TreeEnsembleRegressor", ["features"], ["margin"], domain="ai.onnx.ml", **attributes)
    return margin_graph([node], {}, features)


def tree_attributes(learner: dict[str, object]) -> dict[str, object]:
    """
    XGBoost goes left when value < condition, or by `default_left` when missing; a leaf's value stands in its condition.
    https://github.com/dmlc/xgboost/blob/master/doc/model.schema and the operator TreeEnsembleRegressor of ai.onnx.ml.
    """
    trees = learner["gradient_booster"]["model"]["trees"]  # type: ignore[index]
    left = [np.asarray(tree["left_children"]) for tree in trees]
    leaf = np.concatenate([children == -1 for children in left])
    tree_ids = np.repeat(np.arange(len(trees)), [len(children) for children in left])
    node_ids = np.concatenate([np.arange(len(children)) for children in left])
    conditions = np.asarray(flat(trees, "split_conditions"), dtype=np.float32)
    return {
        "n_targets": 1,
        "aggregate_function": "SUM",
        "post_transform": "NONE",
        "base_values": [base_margin(learner)],
        "nodes_treeids": tree_ids.tolist(),
        "nodes_nodeids": node_ids.tolist(),
        "nodes_featureids": np.where(leaf, 0, flat(trees, "split_indices")).tolist(),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LT").tolist(),
        "nodes_values": np.where(leaf, np.float32(0), conditions).tolist(),
        "nodes_truenodeids": np.where(leaf, 0, np.concatenate(left)).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, flat(trees, "right_children")).tolist(),
        "nodes_missing_value_tracks_true": np.where(leaf, 0, flat(trees, "default_left")).astype(int).tolist(),
        "target_treeids": tree_ids[leaf].tolist(),
        "target_nodeids": node_ids[leaf].tolist(),
        "target_ids": [0] * int(leaf.sum()),
        "target_weights": conditions[leaf].tolist(),
    }


def flat(trees: list[dict[str, list[float]]], name: str) -> list[float]:
    return list(chain.from_iterable(tree[name] for tree in trees))


def base_margin(learner: dict[str, object]) -> float:
    """Log-odds that every row starts from. XGBoost >= 3.1 writes a list in a string, before it a bare number."""
    written = json.loads(learner["learner_model_param"]["base_score"])  # type: ignore[index]
    score = np.float32(written[0] if isinstance(written, list) else written)
    # In float32 and in this form, as XGBoost's own ProbToMargin.
    return float(-np.log(np.float32(1) / score - np.float32(1)))
