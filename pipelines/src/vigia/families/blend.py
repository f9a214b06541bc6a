"""`blend`: a weighted mean of the standardised margins of other families, in one graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from vigia.errors import BadInput
from vigia.evaluation import ranking_metrics
from vigia.families.family import Done, Family, Fitted
from vigia.onnx_graph import weighted_sum
from vigia.parameters import Parameters
from vigia.rows import Rows

# Tenths: finer weights would fit the few frauds of the folds.
STEPS = 10


@dataclass(frozen=True, slots=True)
class FittedBlend:
    """Margin = sum of factor * margin of each member, plus `constant`."""

    members: list[Fitted]
    factors: list[float]
    constant: float
    features: int
    trees_json: bytes | None = None

    def margins(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        total = np.full(len(features), self.constant, np.float32)
        for member, factor in zip(self.members, self.factors, strict=True):
            total += member.margins(features) * np.float32(factor)
        return total

    def graph(self) -> ModelProto:
        return weighted_sum([member.graph() for member in self.members], self.factors, self.constant, self.features)

    def importances(self) -> NDArray[np.float64] | None:
        return None


def members_of(parameters: Parameters, families: dict[str, Family]) -> list[Family]:
    """The families to blend. Raises BadInput where the parameter does not name two or more different ones."""
    names = [name.strip() for name in parameters.blend_members.split(",")]
    if len(names) < 2 or len(set(names)) < len(names) or not set(names) <= set(families):
        raise BadInput(
            f"blend_members {parameters.blend_members!r}: name two or more of {', '.join(families)}, by commas"
        )
    return [families[name] for name in names]


def weights_of(parameters: Parameters, members: int) -> list[float] | None:
    """Given weights of sum 1, None where they are to be chosen. Raises BadInput."""
    if not parameters.blend_weights:
        return None
    try:
        weights = [float(text) for text in parameters.blend_weights.split(",")]
    except ValueError:
        weights = []
    if len(weights) != members or not all(0 <= weight < np.inf for weight in weights) or sum(weights) <= 0:
        raise BadInput(f"blend_weights {parameters.blend_weights!r}: write a number from 0 for each of blend_members")
    return [weight / sum(weights) for weight in weights]


def fit_blend(
    members: Sequence[Family], weights: Sequence[float], rows: Rows, parameters: Parameters, done: Done
) -> FittedBlend:
    """Members of weight 0 are left out; the others are trained on the same rows."""
    used = [(family, weight) for family, weight in zip(members, weights, strict=True) if weight > 0]
    fitted, factors, constant = [], [], 0.0
    for index, (family, weight) in enumerate(used):
        fitted.append(family.fit(rows, parameters, lambda share, before=index: done((before + share) / len(used))))  # type: ignore[misc]
        centre, spread = scale_of(fitted[-1], rows)
        factors.append(float(np.float32(weight / spread)))
        constant -= factors[-1] * centre
    return FittedBlend(fitted, factors, float(np.float32(constant)), rows.features.shape[1])


def scale_of(member: Fitted, rows: Rows) -> tuple[float, float]:
    """Mean and deviation of its margins on the rows it was trained on."""
    margins = member.margins(rows.features).astype(np.float64)
    centre = float(np.average(margins, weights=rows.weights))
    spread = float(np.sqrt(np.average((margins - centre) ** 2, weights=rows.weights)))
    return centre, spread or 1.0


def best_weights(
    folds: Sequence[tuple[list[NDArray[np.float64]], Rows]], given: list[float] | None
) -> tuple[list[float], list[float]]:
    """
    Weights in tenths with the greatest mean average precision over folds, or the `given` ones, and the average
    precision of each fold. Of a fold: the standardised margins [n] of each member on rows that it was not trained on,
    and these rows.
    """
    candidates = (
        [given]
        if given
        else [
            [tenth / STEPS for tenth in tenths]
            for tenths in product(range(STEPS + 1), repeat=len(folds[0][0]))
            if sum(tenths) == STEPS
        ]
    )
    scores = [[average_precision_of(weights, *fold) for fold in folds] for weights in candidates]
    best = int(np.argmax([np.mean(of_one) for of_one in scores]))
    return candidates[best], scores[best]


def average_precision_of(weights: Sequence[float], margins: Sequence[NDArray[np.float64]], rows: Rows) -> float:
    mixed = np.sum([weight * margin for weight, margin in zip(weights, margins, strict=True)], axis=0)
    return ranking_metrics(rows.labels, mixed, rows.weights)["average_precision"]
