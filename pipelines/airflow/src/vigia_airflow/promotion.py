"""Whether a challenger becomes the champion, after its time in shadow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What a challenger must keep; the worker's own limits of shadow time and the gate hold besides."""

    # Payments that both scored.
    payments: int
    # Of them, the share that the thresholds of the two decide differently, at most.
    decided_differently: float
    # Average precision on live labels may be so much lower than the champion's, at most.
    precision_loss: float
    # Known frauds from which on average precision counts; with fewer its interval is wider than any difference.
    frauds: int


def objections(
    comparison: Mapping[str, Any],
    alerts: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
    limits: Limits,
) -> list[str]:
    """
    What speaks against promoting the challenger, a sentence each; empty where nothing does.

    `comparison`, `alerts` (open ones) and `changes` as the training worker and monitoring answer them.
    """
    champion, challenger = comparison["champion"], comparison["challenger"]
    against = []
    if comparison["payments"] < limits.payments:
        against.append(f"both scored {comparison['payments']} of {limits.payments} payments")
    share = comparison["shareDecidedDifferently"]
    if share is not None and share > limits.decided_differently:
        against.append(
            f"{share:.2%} of the payments would be decided differently, more than {limits.decided_differently:.2%}"
        )
    if comparison["labels"]["fraud"] >= limits.frauds and champion["ranking"] and challenger["ranking"]:
        loss = champion["ranking"]["averagePrecision"] - challenger["ranking"]["averagePrecision"]
        if loss > limits.precision_loss:
            against.append(f"average precision on live labels is {loss:.4f} lower, more than {limits.precision_loss}")
    raised = sorted({alert["kind"] for alert in alerts if alert["bundleVersion"] == challenger["bundleVersion"]})
    if raised:
        against.append(f"open alerts: {', '.join(raised)}")
    if any(change["to"]["version"] == challenger["version"] for change in changes):
        against.append("it was the champion before: a person decides whether it is again")
    return against
