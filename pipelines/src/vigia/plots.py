"""`plots/*.png`: the hold-out in pictures. The same numbers give the same bytes."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from vigia.measures import Scored, calibration_bins
from vigia.thresholds import Costs, Thresholds

# A curve has at most this many points; more can't be seen.
POINTS = 400
MODEL, OTHER = "#1f5fa8", "#888888"


class Curves:
    """Cumulated payments of `scored` by falling probability, thinned to POINTS; the first point flags nothing."""

    def __init__(self, scored: Scored) -> None:
        order = np.argsort(-scored.probabilities, kind="stable")
        rows = scored.at(order)
        fraud = rows.labels == 1
        last_of_equal = np.flatnonzero(np.append(rows.probabilities[1:] < rows.probabilities[:-1], True))
        true = np.cumsum(np.where(fraud, rows.weights, 0.0))
        chosen = thinned(true, last_of_equal)

        def cumulated(values: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.concatenate(([0.0], np.cumsum(values)[chosen]))

        self.true = cumulated(np.where(fraud, rows.weights, 0.0))
        self.false = cumulated(np.where(fraud, 0.0, rows.weights))
        self.flagged = cumulated(rows.weights)
        self.stopped_cents = cumulated(np.where(fraud, rows.weights * rows.amounts_cents, 0.0))


def thinned(true: NDArray[np.float64], allowed: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows of `allowed`, half of them evenly spaced in payments by logarithm and half in frauds."""
    by_rows = np.geomspace(1, len(true), POINTS // 2) - 1
    by_frauds = np.searchsorted(true, np.linspace(0, true[-1], POINTS // 2))
    wanted = np.minimum(np.concatenate((by_rows.astype(np.intp), by_frauds)), len(true) - 1)
    return allowed[np.unique(np.searchsorted(allowed, wanted, side="left"))]


def hold_out_plots(
    scored: Scored,
    thresholds: Thresholds,
    costs: Costs,
    confusion: dict[str, dict[str, float]],
    importances: list[tuple[str, float]],
) -> dict[str, bytes]:
    """
    PNG by file name within the bundle. `scored` has both classes; `confusion` is that of an evaluation, `importances`
    are features with their share, greatest first, empty for a family that has none.
    """
    curves = Curves(scored)
    drawings: dict[str, Callable[[Axes], Any]] = {
        "roc": lambda axes: draw_roc(axes, curves),
        "precision-recall": lambda axes: draw_precision_recall(axes, curves),
        "calibration": lambda axes: draw_calibration(axes, scored),
        "confusion-matrix": lambda axes: draw_confusion(axes, confusion),
        "scores": lambda axes: draw_scores(axes, scored, thresholds),
        "cost": lambda axes: draw_cost(axes, curves, costs),
    }
    if importances:
        drawings["importance"] = lambda axes: draw_importance(axes, importances)
    return {f"plots/{name}.png": png(draw) for name, draw in sorted(drawings.items())}


def png(draw: Callable[[Axes], Any]) -> bytes:
    figure = Figure(figsize=(5, 4), dpi=80, layout="constrained")
    FigureCanvasAgg(figure)
    draw(figure.add_subplot())
    file = io.BytesIO()
    # matplotlib would write its version, and with another backend the date.
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def draw_roc(axes: Axes, curves: Curves) -> None:
    axes.plot(curves.false / curves.false[-1], curves.true / curves.true[-1], color=MODEL)
    axes.plot([0, 1], [0, 1], color=OTHER, linestyle=":")
    axes.set(xlabel="False-positive rate", ylabel="Recall", title="ROC", xlim=(0, 1), ylim=(0, 1.01))


def draw_precision_recall(axes: Axes, curves: Curves) -> None:
    axes.step(curves.true[1:] / curves.true[-1], curves.true[1:] / curves.flagged[1:], color=MODEL, where="pre")
    axes.axhline(curves.true[-1] / curves.flagged[-1], color=OTHER, linestyle=":", label="prevalence")
    axes.legend(loc="upper right")
    axes.set(xlabel="Recall", ylabel="Precision", title="Precision and recall", xlim=(0, 1), ylim=(0, 1.01))


def calibration_points(scored: Scored) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean probability [b] and share of frauds [b] of bins of equally many frauds."""
    order = np.argsort(scored.probabilities, kind="stable")
    rows = scored.at(order)
    bins = calibration_bins(rows.labels, rows.probabilities)
    payments = np.bincount(bins, weights=rows.weights)
    expected, found = (np.bincount(bins, weights=rows.weights * of) for of in (rows.probabilities, rows.labels))
    known = (payments > 0) & (expected > 0) & (found > 0)
    return expected[known] / payments[known], found[known] / payments[known]


def draw_calibration(axes: Axes, scored: Scored) -> None:
    mean, share = calibration_points(scored)
    ends = [float(np.concatenate(([0.1], mean, share)).min()) / 1.5, 1.0]
    axes.plot(ends, ends, color=OTHER, linestyle=":")
    axes.plot(mean, share, color=MODEL, marker="o", markersize=4)
    axes.set(xlabel="Mean probability", ylabel="Share of frauds", title="Calibration, bins of equally many frauds")
    axes.set(xscale="log", yscale="log")


def draw_confusion(axes: Axes, confusion: dict[str, dict[str, float]]) -> None:
    decisions, truths = ["approve", "review", "reject"], ["genuine", "fraud"]
    counts = np.array([[confusion[decision][truth] for truth in truths] for decision in decisions])
    shares = counts / counts.sum(axis=0)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(counts.shape):
        text = f"{counts[row, column]:,.0f}\n{shares[row, column]:.2%}"
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, text, ha="center", va="center", color=colour)
    axes.set_xticks(range(2), truths)
    axes.set_yticks(range(3), decisions)
    axes.set(title="Decisions, share of each truth")


def draw_scores(axes: Axes, scored: Scored, thresholds: Thresholds) -> None:
    log_odds = to_log_odds(scored.probabilities.astype(np.float64))
    edges = np.linspace(log_odds.min() - 0.01, log_odds.max() + 0.01, 41)
    for label, name, colour in ((0, "genuine", OTHER), (1, "fraud", MODEL)):
        rows = scored.labels == label
        weights = scored.weights[rows] / scored.weights[rows].sum()
        axes.hist(log_odds[rows], bins=list(edges), weights=weights, color=colour, alpha=0.6, label=name)
    for name, threshold in (("review", thresholds.review), ("reject", thresholds.reject)):
        at = float(to_log_odds(np.array([threshold]))[0])
        if edges[0] < at < edges[-1]:
            axes.axvline(at, color="black", linewidth=0.8, linestyle="--" if name == "review" else "-", label=name)
    axes.legend(loc="upper right")
    axes.set(xlabel="Log-odds of the probability", ylabel="Share of the class", title="Scores")


def to_log_odds(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    clipped = np.clip(probabilities, 1e-9, 1 - 1e-7)
    odds: NDArray[np.float64] = np.log(clipped / (1 - clipped))
    return odds


def draw_importance(axes: Axes, importances: list[tuple[str, float]]) -> None:
    shown = importances[:15][::-1]
    axes.barh(range(len(shown)), [share for _, share in shown], color=MODEL)
    axes.set_yticks(range(len(shown)), [name for name, _ in shown], fontsize=7)
    axes.set(xlabel="Share", title="What the model relies on")


def draw_cost(axes: Axes, curves: Curves, costs: Costs) -> None:
    """If all that is flagged were reviewed: what is lost to missed frauds and paid for reviews."""
    payments = curves.flagged[-1]
    lost = (curves.stopped_cents[-1] - curves.stopped_cents) / payments / 100
    reviews = curves.flagged * costs.review_cents / payments / 100
    share = curves.flagged[1:] / payments
    axes.plot(share, (lost + reviews)[1:], color=MODEL, label="cost")
    axes.plot(share, lost[1:], color=OTHER, linestyle="--", label="missed frauds")
    axes.axhline(lost[0], color=OTHER, linestyle=":", label="without a model")
    axes.legend(loc="best")
    axes.set(xscale="log", xlabel="Share of payments reviewed", ylabel="R$ per payment", title="Cost of reviewing")
    axes.set(ylim=(0, 1.6 * lost[0]))
