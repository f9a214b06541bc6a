"""What the gate asks, one check a question. Each says what was found and, where it fails, what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vigia.bootstrap import interval
from vigia.contender import Contender
from vigia.evaluation import rounded
from vigia.gate_limits import Limits

# Not groups of people or of payments that anyone could name beforehand; look-alikes of fraud are flagged more often.
NOT_JUDGED = {"scenario"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the verdict. `value` and `bound` are None where nothing was measured."""

    name: str
    passed: bool
    value: float | None
    bound: float | None
    # What was found; where it failed, what to do.
    text: str


@dataclass(frozen=True, slots=True)
class Measured:
    """A contender on the hold-out: metrics by name, as they are and on each resample [resamples]."""

    contender: Contender
    values: dict[str, float]
    drawn: dict[str, NDArray[np.float64]]


def absolute_checks(candidate: Measured, frauds: int, limits: Limits) -> Iterator[Check]:
    values = candidate.values
    above_chance = (values["average_precision"] - values["prevalence"]) / (1 - values["prevalence"])
    yield at_least(
        "frauds",
        frauds,
        limits.least_frauds,
        "frauds in the hold-out",
        "train on a longer range, so that it can be judged",
    )
    yield at_least(
        "average_precision",
        above_chance,
        limits.average_precision_above_chance,
        f"of the way from chance to perfect: average precision {values['average_precision']:.4f} at a prevalence of "
        f"{values['prevalence']:.4%}",
        "see in the model card what it relies on; more history, more frauds or other features",
    )
    for name, what in (
        ("roc_auc", "is the chance that a fraud ranks above a genuine payment"),
        ("recall_at_1_percent_false_positives", "of the frauds rank within the first 1 % of genuine payments"),
    ):
        yield at_least(name, values[name], getattr(limits, name), what, "more history, more frauds or other features")
    yield at_least(
        "saved_share",
        values["saved_share"],
        limits.saved_share,
        "of the money that fraud costs without a model is saved at the proposed thresholds",
        "thresholds chosen on the validation part don't fit the hold-out: look for a change between the two",
    )


def baseline_check(candidate: Measured, limits: Limits) -> Check:
    """The bundle's figure has six digits."""
    recorded = candidate.contender.metrics.get("baseline_average_precision")
    if not isinstance(recorded, int | float):
        text = "the bundle records no baseline_average_precision: train again with this version"
        return Check("baseline", False, None, None, text)
    return at_least(
        "baseline",
        candidate.values["average_precision"] * (1 + 1e-5),
        recorded + limits.baseline_margin,
        f"average precision, beside {recorded:.4f} of logistic regression on the same rows",
        "logistic regression does as well: other parameters, or train the family `logistic`",
    )


def calibration_check(evaluation: dict[str, Any], limits: Limits) -> Check:
    """The lower end of the interval, from which what chance adds was taken."""
    metrics = evaluation["overall"]["metrics"]
    error, prevalence = metrics["calibration_error"], metrics["prevalence"]["value"]
    return at_most(
        "calibration",
        error["low"] / prevalence,
        limits.calibration_error_to_prevalence,
        f"of the prevalence, at least, is the calibration error ({error['value'] / prevalence:.3g} as measured, "
        "with what chance adds)",
        "probabilities don't hold on the hold-out: look for a change of the fraud rate after the validation part, or "
        "of the share of payments that are sampled",
    )


def champion_checks(measured: list[Measured], champion: Contender | None, limits: Limits) -> Iterator[Check]:
    if champion is None:
        yield skipped("champion", "there is no champion to compare with")
    elif len(measured) < 2:
        text = f"champion {champion.version} has another feature set and can't be scored on these rows"
        if limits.allow_incomparable_champion:
            yield skipped("champion", f"{text}; the limits allow that")
        else:
            remedy = "compare the two in shadow and promote by an override, or set allow_incomparable_champion"
            yield Check("champion", False, None, None, f"not comparable: {text}: {remedy}")
    else:
        candidate, rival = measured
        for metric, margin, loss in (
            ("average_precision", limits.average_precision_margin, limits.average_precision_loss),
            ("saved_share", limits.saved_share_margin, limits.saved_share_loss),
        ):
            yield from against(candidate, rival, metric, margin, loss)


def against(candidate: Measured, champion: Measured, metric: str, margin: float, loss: float) -> Iterator[Check]:
    difference = candidate.values[metric] - champion.values[metric]
    low, high = interval(candidate.drawn[metric] - champion.drawn[metric]) or (difference, difference)
    found = (
        f"{metric} {candidate.values[metric]:.4f} against {champion.values[metric]:.4f} of champion "
        f"{champion.contender.version}: difference {difference:+.4f}, interval {low:+.4f} to {high:+.4f}"
    )
    yield at_least(
        f"champion_{metric}_interval",
        high,
        -margin,
        f"is the upper end; {found}",
        "it is worse than the champion: keep the champion, or train on more or newer data",
    )
    yield at_least(
        f"champion_{metric}",
        difference,
        -loss,
        f"is the difference; {found}",
        "it lost more than is tolerated, whether by chance or not: a longer hold-out would tell; keep the champion",
    )


def fairness_checks(evaluation: dict[str, Any], limits: Limits) -> Iterator[Check]:
    """False positives at the review threshold in each segment over those overall, one check a segmentation."""
    overall = evaluation["overall"]["metrics"]["false_positive_rate_at_review"]["value"]
    for segmentation, segments in evaluation["segments"].items():
        if segmentation in NOT_JUDGED:
            continue
        name, bound = f"false_positives_by_{segmentation}", limits.factor_of(segmentation)
        judged, left_out = {}, []
        for segment, group in segments.items():
            genuine = group["rows"] - group["frauds"]
            rate = group.get("metrics", {}).get("false_positive_rate_at_review")
            if rate is None or genuine < limits.least_genuine:
                left_out.append(f"{segment} ({genuine} genuine rows)")
            elif overall > 0:
                judged[segment] = (rate["low"] / overall, rate["value"] / overall)
        aside = f"; skipped: {', '.join(left_out)}" if left_out else ""
        if overall == 0:
            yield skipped(name, f"no genuine payment is flagged{aside}")
        elif not judged:
            yield skipped(name, f"no segment has {limits.least_genuine:g} genuine rows{aside}")
        else:
            worst = max(judged, key=lambda segment: judged[segment])
            low, ratio = judged[worst]
            yield at_most(
                name,
                low,
                bound,
                f"times the overall false-positive rate of {overall:.3%} is that of {worst}, at least ({ratio:.2f} as "
                f"measured){aside}",
                "see its segment below; a feature that stands for the group, or too few of its genuine payments in "
                "training; a policy rule for the segment may be the answer",
            )


def latency_check(latency_us: float | None, limits: Limits) -> Check:
    if latency_us is None:
        return skipped("latency", "it was not measured: give --latency-us")
    return at_most(
        "latency",
        latency_us,
        limits.latency_us,
        "µs of processor time for one payment on the scoring path",
        "fewer or shallower trees, fewer members of a blend",
    )


def at_least(name: str, value: float, bound: float, found: str, remedy: str) -> Check:
    return limited(name, value, bound, value >= bound, "below", found, remedy)


def at_most(name: str, value: float, bound: float, found: str, remedy: str) -> Check:
    return limited(name, value, bound, value <= bound, "above", found, remedy)


def limited(name: str, value: float, bound: float, passed: bool, side: str, found: str, remedy: str) -> Check:
    """A NaN passes nothing."""
    measured = None if np.isnan(value) else rounded(value)
    text = f"{'could not be measured:' if measured is None else f'{value:.4g}'} {found}"
    return Check(name, passed, measured, bound, text if passed else f"{text}; {side} {bound:g}: {remedy}")


def skipped(name: str, reason: str) -> Check:
    return Check(name, True, None, None, f"skipped: {reason}")
