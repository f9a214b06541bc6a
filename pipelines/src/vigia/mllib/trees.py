"""MLlib's trees as ONNX."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, helper

# Of the number of a tree and one of its leaves: the weight of each target.
Leaf = Callable[[int, Any], Sequence[float] | NDArray[np.float64]]

TREE_LISTS = ("treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids")


def ensemble(roots: Sequence[Any], leaf: Leaf, targets: int, output: str) -> NodeProto:
    """
    `features` [n, F] -> `output` [n, targets]: sums over trees of the weights of the leaf that a row comes to.

    `roots` are nodes of org.apache.spark.ml.tree: a row goes left where its value is not above the threshold; a missing
    value counts as the lowest (vigia.mllib.learners). Written here and not by a converter, as for XGBoost's trees
    (vigia.families.tree_graph): converters leave out the margin, and round thresholds up past float32 values.
    """
    nodes: dict[str, list[Any]] = {name: [] for name in TREE_LISTS}
    leaves: dict[str, list[Any]] = {"treeids": [], "nodeids": [], "ids": [], "weights": []}
    for tree, root in enumerate(roots):
        waiting, named = [(0, root)], 1
        while waiting:
            number, node = waiting.pop()
            if node.subtreeDepth() == 0:
                add(nodes, tree, number, 0, "LEAF", 0.0, 0, 0)
                for target, weight in enumerate(leaf(tree, node)):
                    for name, value in zip(leaves, (tree, number, target, float(weight)), strict=True):
                        leaves[name].append(value)
                continue
            split = node.split()
            threshold = float(not_above(split.threshold()))
            add(nodes, tree, number, split.featureIndex(), "BRANCH_LEQ", threshold, named, named + 1)
            waiting += [(named, node.leftChild()), (named + 1, node.rightChild())]
            named += 2
    return helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        [output],
        domain="ai.onnx.ml",
        n_targets=targets,
        aggregate_function="SUM",
        post_transform="NONE",
        nodes_missing_value_tracks_true=[1] * len(nodes["treeids"]),
        **{f"nodes_{name}": values for name, values in nodes.items()},
        **{f"target_{name}": values for name, values in leaves.items()},
    )


def add(nodes: dict[str, list[Any]], *values: object) -> None:
    for name, value in zip(TREE_LISTS, values, strict=True):
        nodes[name].append(value)


def not_above(threshold: float) -> np.float32:
    """The greatest float32 that is not above it: of float32 values the same ones are not above either."""
    nearest = np.float32(threshold)
    return np.nextafter(nearest, np.float32(-np.inf)) if float(nearest) > threshold else nearest


def shares_of(leaf: Any, trees: int) -> NDArray[np.float64]:  # noqa: ANN401
    """Shares of genuine and fraudulent weight in a leaf, over the number of trees, [2]."""
    stats: NDArray[np.float64] = np.array(list(leaf.impurityStats().stats()))
    shares: NDArray[np.float64] = stats / stats.sum() / trees
    return shares
