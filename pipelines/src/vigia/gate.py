"""
The gate: whether a version may have an alias. Absolute limits, the baseline, the champion on the same rows,
calibration, false positives by segment, latency.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from vigia.bootstrap import RESAMPLES
from vigia.bundle import Bundle
from vigia.clock import iso
from vigia.contender import Contender, check_untouched, contender_of, hold_out_of, score
from vigia.evaluation import evaluate, measure_resamples, rounded
from vigia.gate_checks import (
    Measured,
    absolute_checks,
    baseline_check,
    calibration_check,
    champion_checks,
    fairness_checks,
    latency_check,
)
from vigia.gate_limits import Limits
from vigia.hold_out import segments_in
from vigia.measures import Measures
from vigia.training_set import TrainingSet


def judge(
    candidate: Bundle,
    champion: Bundle | None,
    data: TrainingSet,
    limits: Limits,
    latency_us: float | None = None,
    resamples: int = RESAMPLES,
    tell: Callable[[str, float], None] = lambda _text, _share: None,
) -> dict[str, Any]:
    """
    What `gate.json` holds. Both bundles are scored on the candidate's hold-out within `data`, under the candidate's
    costs and each with its own thresholds; `latency_us` is the processor time of one payment on the scoring path, None
    where it was not measured.

    Raises BadInput where bundles and data don't belong together, UnusableModel where a graph can't score them.
    """
    contender = contender_of(candidate)
    hold_out = hold_out_of(contender, data)
    rival = None if champion is None else contender_of(champion)
    comparable = rival is not None and same_features(contender, rival)
    if rival is not None and comparable:
        check_untouched(rival, hold_out)

    tell("scoring the hold-out", 0.1)
    sides = [contender, *([rival] if rival is not None and comparable else [])]
    scored = [score(each, data, hold_out.rows) for each in sides]
    measures = [Measures(rows, each.thresholds, contender.costs) for rows, each in zip(scored, sides, strict=True)]
    tell("measuring what chance could have done", 0.3)
    drawn = measure_resamples(measures, [np.arange(hold_out.count)] * len(sides), hold_out.count, resamples)
    measured = [Measured(*each) for each in zip(sides, (each() for each in measures), drawn, strict=True)]
    tell("measuring the segments", 0.5)
    segments = segments_in(data, hold_out.rows)
    evaluation = evaluate(scored[0], segments, contender.thresholds, contender.costs, resamples)

    checks = [
        *absolute_checks(measured[0], evaluation["overall"]["frauds"], limits),
        baseline_check(measured[0], limits),
        calibration_check(evaluation, limits),
        *champion_checks(measured, rival, limits),
        *fairness_checks(evaluation, limits),
        latency_check(latency_us, limits),
    ]
    return {
        "format": 1,
        "passed": all(check.passed for check in checks),
        "checks": [asdict(check) for check in checks],
        "candidate": summary(measured[0]),
        "champion": summary(measured[1]) if len(measured) > 1 else None if rival is None else identity(rival),
        "holdOut": {"from": iso(hold_out.from_ms), "to": iso(hold_out.to_ms), "rows": hold_out.count},
        "limits": asdict(limits),
        "evaluation": evaluation,
    }


def same_features(candidate: Contender, champion: Contender) -> bool:
    return (candidate.feature_set_hash, candidate.features) == (champion.feature_set_hash, champion.features)


def summary(measured: Measured) -> dict[str, Any]:
    metrics = {name: rounded(value) for name, value in measured.values.items() if not np.isnan(value)}
    return {**identity(measured.contender), "metrics": metrics}


def identity(contender: Contender) -> dict[str, Any]:
    return {
        "name": contender.name,
        "version": contender.version,
        "algorithm": contender.algorithm,
        "bundleSha256": contender.bundle.sha256,
        "thresholds": asdict(contender.thresholds),
    }
