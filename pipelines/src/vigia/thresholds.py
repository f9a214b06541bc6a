"""Where review and reject begin: the cheapest pair of thresholds on the validation part."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Costs:
    """
    In cents. A missed fraud costs its amount. A review costs `review_cents` and finds the truth.
    A rejected legitimate payment costs `false_reject_cents` (the complaint) and `friction` of its amount (the business
    that goes elsewhere). A rejected fraud costs nothing.
    """

    review_cents: float = 1_200.0
    false_reject_cents: float = 3_000.0
    friction: float = 0.01


@dataclass(frozen=True, slots=True)
class Thresholds:
    """A payment is rejected above `reject`, else reviewed above `review`. `review` <= `reject`."""

    review: float
    reject: float


def choose_thresholds(
    probabilities: NDArray[np.float32],
    labels: NDArray[np.int8],
    amounts_cents: NDArray[np.float64],
    costs: Costs,
    weights: NDArray[np.float64] | None = None,
) -> Thresholds:
    """
    Exact minimum over all pairs, from probabilities, labels, amounts and the payments that a row stands for [n].

    With rows sorted by falling probability, the first k rejected and the first m >= k flagged at all, the cost is
    [false rejects of the first k - k reviews] + [m reviews + frauds after the first m]: two sums, each over its own
    cut, so that the best k for every m is a running minimum.
    """
    order = np.argsort(-probabilities, kind="stable")
    p = probabilities[order].astype(np.float64)
    fraud = labels[order] == 1
    amounts = amounts_cents[order]
    each = np.ones(len(p)) if weights is None else weights[order]
    false_reject = each * np.where(fraud, 0.0, costs.false_reject_cents + costs.friction * amounts)
    missed = each * np.where(fraud, amounts, 0.0)
    cuts = np.arange(len(p) + 1)
    reviews = np.concatenate(([0.0], np.cumsum(each))) * costs.review_cents
    reject_cost = np.concatenate(([0.0], np.cumsum(false_reject))) - reviews
    flag_cost = reviews + missed.sum() - np.concatenate(([0.0], np.cumsum(missed)))

    # No cut between equal probabilities.
    allowed = np.concatenate(([True], p[1:] < p[:-1], [True]))
    cuts, reject_cost, flag_cost = cuts[allowed], reject_cost[allowed], flag_cost[allowed]
    flagged = int(np.argmin(np.minimum.accumulate(reject_cost) + flag_cost))
    rejected = int(np.argmin(reject_cost[: flagged + 1]))
    return Thresholds(review=threshold_at(p, int(cuts[flagged])), reject=threshold_at(p, int(cuts[rejected])))


def threshold_at(descending: NDArray[np.float64], cut: int) -> float:
    """A probability below the first `cut` rows and not below the others."""
    if cut == 0:
        return 1.0
    if cut == len(descending):
        return 0.0
    return float((descending[cut - 1] + descending[cut]) / 2)
