"""Everything that one set of probabilities is held against, fast enough to be measured again on every resample."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigia.thresholds import Costs, Thresholds

FALSE_POSITIVE_RATES = {"0_1": 0.001, "1": 0.01, "5": 0.05}
CALIBRATION_BINS = 10


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows [n] with what a model says of them: calibrated probability, label (1 is fraud), amount, payments a row
    stands for."""

    probabilities: NDArray[np.float32]
    labels: NDArray[np.int8]
    amounts_cents: NDArray[np.float64]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, rows: NDArray[Any]) -> "Scored":
        return Scored(self.probabilities[rows], self.labels[rows], self.amounts_cents[rows], self.weights[rows])


class Measures:
    """
    Measures `scored` under `thresholds` and `costs`, as it is and resampled.

    Rows are sorted once, by falling probability. Ranking changes only at the frauds, decisions at the thresholds and
    calibration at its bins, so that a resample costs a few passes over the rows and the rest is done on blocks of them
    between those cuts. No product of matrices: their threads spin, and a sum's order would hang on their number.
    """

    def __init__(self, scored: Scored, thresholds: Thresholds, costs: Costs) -> None:
        self.order = np.argsort(-scored.probabilities, kind="stable")
        rows = scored.at(self.order)
        self.costs = costs
        self.weights = rows.weights
        self.p = rows.probabilities.astype(np.float64)
        self.squares = self.p**2
        self.frauds = np.flatnonzero(rows.labels == 1)
        self.fraud_squares = (1 - self.p[self.frauds]) ** 2
        self.fraud_amounts = rows.amounts_cents[self.frauds]

        falling = -self.p
        self.rejected = int(np.searchsorted(falling, -thresholds.reject))
        self.flagged = int(np.searchsorted(falling, -thresholds.review))
        self.reject_costs = costs.false_reject_cents + costs.friction * rows.amounts_cents[: self.rejected]
        of_frauds = falling[self.frauds]
        ends = [np.searchsorted(falling, of_frauds, side=side) for side in ("left", "right")]
        cuts = np.unique(np.concatenate([[0], *ends, [self.rejected, self.flagged]])).astype(np.intp)
        self.starts = cuts[cuts < len(falling)]
        self.block_of_fraud = np.searchsorted(self.starts, self.frauds, side="right") - 1
        self.rejected_blocks, self.flagged_blocks = np.searchsorted(self.starts, (self.rejected, self.flagged))

        bins = calibration_bins(rows.labels[::-1], rows.probabilities[::-1])[::-1]
        self.bin_starts = np.concatenate(([0], np.flatnonzero(np.diff(bins)) + 1)).astype(np.intp)
        self.bin_of_fraud = np.searchsorted(self.bin_starts, self.frauds, side="right") - 1

    def __call__(self, times_drawn: NDArray[np.uint8] | None = None) -> dict[str, float]:
        """
        Values by name, with each of the rows taken `times_drawn` [n] times (default once). NaN where something can't be
        measured: ranking without a fraud or without a genuine payment.
        """
        drawn = self.weights.copy() if times_drawn is None else self.weights * times_drawn[self.order]
        total = float(drawn.sum())
        expected = np.add.reduceat(drawn * self.p, self.bin_starts)
        of_frauds = drawn[self.frauds]
        drawn[self.frauds] = 0
        found = np.bincount(self.bin_of_fraud, weights=of_frauds, minlength=len(self.bin_starts))
        brier = share((drawn * self.squares).sum() + (of_frauds * self.fraud_squares).sum(), total)
        true = np.zeros(len(self.starts))
        np.add.at(true, self.block_of_fraud, of_frauds)
        false = np.add.reduceat(drawn, self.starts)
        return {
            "prevalence": share(of_frauds.sum(), total),
            **ranking(true, false),
            "brier": brier,
            "calibration_error": share(np.abs(expected - found).sum(), total),
            **self.decisions(np.concatenate(([0.0], np.cumsum(true))), np.concatenate(([0.0], np.cumsum(false)))),
            **self.money(drawn, of_frauds, total),
        }

    def decisions(self, true: NDArray[np.float64], false: NDArray[np.float64]) -> dict[str, float]:
        """From frauds and genuine payments before each block, and after the last."""
        frauds, genuine = true[-1], false[-1]
        result = {}
        for name, blocks in (("review", self.flagged_blocks), ("reject", self.rejected_blocks)):
            precision = share(true[blocks], true[blocks] + false[blocks], otherwise=0.0)
            recall = share(true[blocks], frauds)
            result[f"precision_at_{name}"] = precision
            result[f"recall_at_{name}"] = recall
            result[f"f1_at_{name}"] = share(2 * true[blocks], true[blocks] + false[blocks] + frauds)
            result[f"false_positive_rate_at_{name}"] = share(false[blocks], genuine)
        flagged, rejected = (true[at] + false[at] for at in (self.flagged_blocks, self.rejected_blocks))
        result["review_rate"] = share(flagged - rejected, frauds + genuine)
        result["reject_rate"] = share(rejected, frauds + genuine)
        return result

    def money(self, genuine: NDArray[np.float64], frauds: NDArray[np.float64], payments: float) -> dict[str, float]:
        """Cost under the cost model, and the share of what fraud costs without a model that is saved."""
        lost = frauds * self.fraud_amounts
        missed = lost[np.searchsorted(self.frauds, self.flagged) :].sum()
        first, last = np.searchsorted(self.frauds, (self.rejected, self.flagged))
        reviews = genuine[self.rejected : self.flagged].sum() + frauds[first:last].sum()
        cost = missed + self.costs.review_cents * reviews + (genuine[: self.rejected] * self.reject_costs).sum()
        return {
            "cost_per_payment_brl": share(cost / 100, payments),
            "cost_per_payment_without_model_brl": share(lost.sum() / 100, payments),
            "saved_share": 1 - share(cost, lost.sum()),
        }

    def confusion(self) -> dict[str, dict[str, float]]:
        """Payments by decision and truth."""
        fraud = np.zeros(len(self.weights), dtype=bool)
        fraud[self.frauds] = True
        decisions = {
            "reject": slice(0, self.rejected),
            "review": slice(self.rejected, self.flagged),
            "approve": slice(self.flagged, None),
        }
        return {
            name: {
                truth: float(self.weights[rows][fraud[rows] == is_fraud].sum())
                for truth, is_fraud in (("fraud", True), ("genuine", False))
            }
            for name, rows in decisions.items()
        }


def ranking(true: NDArray[np.float64], false: NDArray[np.float64]) -> dict[str, float]:
    """From frauds and genuine payments in blocks [b] of falling probability, whose frauds have one probability each."""
    flagged_true, flagged_false = np.cumsum(true), np.cumsum(false)
    frauds, genuine = flagged_true[-1], flagged_false[-1]
    names = [f"recall_at_{name}_percent_false_positives" for name in FALSE_POSITIVE_RATES]
    if frauds == 0 or genuine == 0:
        return dict.fromkeys(["average_precision", "roc_auc", *names], float("nan"))
    at = true > 0
    precision = flagged_true[at] / (flagged_true[at] + flagged_false[at])
    # Genuine payments below the block, and half of those within it, which have the same probability.
    below = genuine - flagged_false[at] + false[at] / 2
    recalls = np.concatenate(([0.0], flagged_true / frauds))
    within = [np.searchsorted(flagged_false / genuine, rate, side="right") for rate in FALSE_POSITIVE_RATES.values()]
    return {
        "average_precision": float((true[at] * precision).sum() / frauds),
        "roc_auc": float((true[at] * below).sum() / (frauds * genuine)),
        **{name: float(recalls[last]) for name, last in zip(names, within, strict=True)},
    }


def calibration_bins(labels: NDArray[np.int8], probabilities: NDArray[np.float32]) -> NDArray[np.intp]:
    """
    Bin [n] of each row, rows by rising probability: at most 10 of equally many *frauds*. Bins of equal width or equal
    rows would put nearly all rows of a rare class in one. Equal probabilities stay in one bin, that of their last row.
    """
    frauds = int(labels.sum(dtype=np.int64))
    bins = max(1, min(CALIBRATION_BINS, frauds))
    last = np.searchsorted(probabilities, probabilities, side="right") - 1
    before = (np.cumsum(labels, dtype=np.int64)[last] - 1).clip(min=0)
    of_rows: NDArray[np.intp] = np.minimum(before * bins // max(1, frauds), bins - 1)
    return of_rows


def share(of: float, total: float, otherwise: float = float("nan")) -> float:
    return float(of / total) if total > 0 else otherwise
