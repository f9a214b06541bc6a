"""Models for the handbook's 15 features: trees that see ratios of them too, bagged, each as one ONNX graph."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, compose, helper

from vigia.families import SINGLE_FAMILIES, Fitted
from vigia.families.blend import FittedBlend, scale_of
from vigia.onnx_graph import margin_graph
from vigia.parameters import Parameters, Value, with_values
from vigia.rows import Rows

FEATURES = (
    "TX_AMOUNT",
    "TX_DURING_WEEKEND",
    "TX_DURING_NIGHT",
    *(f"CUSTOMER_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "AVG_AMOUNT")),
    *(f"TERMINAL_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "RISK")),
)


def _at(*names: str) -> NDArray[np.int64]:
    return np.array([FEATURES.index(name) for name in names], np.int64)


_SPENT = [f"CUSTOMER_ID_AVG_AMOUNT_{days}DAY_WINDOW" for days in (1, 7, 30)]
_PAID = [f"CUSTOMER_ID_NB_TX_{days}DAY_WINDOW" for days in (1, 7, 30)]
_TAKEN = [f"TERMINAL_ID_NB_TX_{days}DAY_WINDOW" for days in (1, 7, 30)]
_RISK = [f"TERMINAL_ID_RISK_{days}DAY_WINDOW" for days in (1, 7, 30)]
# A tree of few frauds finds no diagonal: amounts and counts over what is usual for the customer,
QUOTIENTS = (
    _at("TX_AMOUNT", "TX_AMOUNT", _SPENT[1], _SPENT[0], _PAID[0], _PAID[1]),
    _at(_SPENT[2], _SPENT[1], _SPENT[2], _SPENT[2], _PAID[2], _PAID[2]),
)
# and the number of known frauds of the terminal, of which the features have the share.
PRODUCTS = (_at(*_TAKEN), _at(*_RISK))
# A cent, so that no quotient is infinite.
LEAST = np.float32(0.01)
DERIVED = len(QUOTIENTS[0]) + len(PRODUCTS[0])


def with_ratios(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, F] -> [n, F + DERIVED], in float32 as the graph computes it; the first 15 are FEATURES."""
    quotients = features[:, QUOTIENTS[0]] / (features[:, QUOTIENTS[1]] + LEAST)
    return np.concatenate([features, quotients, features[:, PRODUCTS[0]] * features[:, PRODUCTS[1]]], axis=1)


@dataclass(frozen=True, slots=True)
class OnRatios:
    """`inner` was trained on `with_ratios`; the ratios are nodes of its graph, whose input are the features [n, F]."""

    inner: Fitted
    features: int
    trees_json: bytes | None = None

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return self.inner.margins(with_ratios(features))

    def graph(self) -> ModelProto:
        constants = {"least": np.array([LEAST])}
        nodes: list[NodeProto] = []
        for operator, pair in (("Div", QUOTIENTS), ("Mul", PRODUCTS)):
            for side, columns in zip("ab", pair, strict=True):
                name = f"{operator}_{side}"
                constants[f"{name}_columns"] = columns
                nodes.append(helper.make_node("Gather", ["features", f"{name}_columns"], [name], axis=1))
        nodes.append(helper.make_node("Add", ["Div_b", "least"], ["Div_positive"]))
        nodes.append(helper.make_node("Div", ["Div_a", "Div_positive"], ["Div_values"]))
        nodes.append(helper.make_node("Mul", ["Mul_a", "Mul_b"], ["Mul_values"]))
        nodes.append(helper.make_node("Concat", ["features", "Div_values", "Mul_values"], ["inner_features"], axis=1))
        inner = compose.add_prefix(self.inner.graph(), "inner_")
        nodes += [*inner.graph.node, helper.make_node("Identity", ["inner_margin"], ["margin"])]
        result = margin_graph(nodes, constants, self.features)
        result.graph.initializer.extend(inner.graph.initializer)
        return result

    def importances(self) -> NDArray[np.float64] | None:
        return None


@dataclass(frozen=True, slots=True)
class Member:
    """
    A family with its parameters, trained `bags` times and averaged: each time with another seed, all frauds and
    `genuine_share` of the other rows, drawn anew. These stand for all, or, where `balanced`, for themselves alone: a
    fraud then weighs 1 / `genuine_share`.
    """

    family: str
    settings: dict[str, Value]
    ratios: bool = False
    bags: int = 1
    genuine_share: float = 1.0
    balanced: bool = False

    def fit(self, rows: Rows) -> Fitted:
        seen = replace(rows, features=with_ratios(rows.features)) if self.ratios else rows
        fitted = []
        for seed in range(self.bags):
            parameters = with_values(Parameters(), {**self.settings, "seed": seed})
            fitted.append(SINGLE_FAMILIES[self.family].fit(self.bag_of(seen, seed), parameters, lambda _: None))
        mean = FittedBlend(fitted, [1 / self.bags] * self.bags, 0.0, seen.features.shape[1])
        return OnRatios(mean, rows.features.shape[1]) if self.ratios else mean

    def bag_of(self, rows: Rows, seed: int) -> Rows:
        if self.genuine_share == 1:
            return rows
        genuine = np.flatnonzero(rows.labels == 0)
        drawn = np.random.default_rng(seed).choice(genuine, round(len(genuine) * self.genuine_share), replace=False)
        index = np.sort(np.concatenate([np.flatnonzero(rows.labels == 1), drawn]))
        of_genuine = 1 if self.balanced else 1 / self.genuine_share
        weights = rows.weights[index] * np.where(rows.labels[index] == 1, 1, of_genuine)
        return Rows(rows.features[index], rows.labels[index], rows.amounts_cents[index], weights)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is trained on a fold: the weighted mean of the standardised margins of `members`, one graph."""

    name: str
    members: tuple[Member, ...]
    weights: tuple[float, ...] = (1.0,)

    def fit(self, rows: Rows) -> Fitted:
        fitted = [member.fit(rows) for member in self.members]
        scales = [scale_of(member, rows) for member in fitted]
        factors = [weight / spread for weight, (_, spread) in zip(self.weights, scales, strict=True)]
        constant = -sum(factor * centre for factor, (centre, _) in zip(factors, scales, strict=True))
        return FittedBlend(fitted, factors, constant, rows.features.shape[1])
