"""`gate.md`: the verdict for people, what failed first."""

from typing import Any

from vigia.evaluation_text import confusion_table, segments_table

COMPARED = (
    "average_precision",
    "roc_auc",
    "recall_at_0_1_percent_false_positives",
    "recall_at_1_percent_false_positives",
    "recall_at_5_percent_false_positives",
    "precision_at_review",
    "recall_at_review",
    "false_positive_rate_at_review",
    "precision_at_reject",
    "recall_at_reject",
    "brier",
    "calibration_error",
    "saved_share",
)


def gate_report(verdict: dict[str, Any]) -> str:
    """Markdown from what `gate.json` holds."""
    return "\n\n".join([head(verdict), checks_section(verdict), comparison(verdict), segments_section(verdict)]) + "\n"


def head(verdict: dict[str, Any]) -> str:
    candidate, failed = verdict["candidate"], [check for check in verdict["checks"] if not check["passed"]]
    title = f"# Gate: {candidate['name']} {candidate['version']} {'passed' if verdict['passed'] else 'failed'}"
    if failed:
        return "\n".join([title, "", *(f"- **{check['name']}**: {check['text']}" for check in failed)])
    skipped = [check["name"] for check in verdict["checks"] if check["value"] is None]
    not_measured = f" Not measured: {', '.join(skipped)}." if skipped else ""
    return f"{title}\n\nAll {len(verdict['checks']) - len(skipped)} checks hold.{not_measured}"


def checks_section(verdict: dict[str, Any]) -> str:
    rows = [
        f"| {each['name']} | {outcome(each)} | {figure(each['value'])} | {figure(each['bound'])} | {each['text']} |"
        for each in sorted(verdict["checks"], key=lambda each: each["passed"])
    ]
    return "\n".join(
        ["## Checks", "| check | outcome | value | bound | what it says |", "| --- | --- | ---: | ---: | --- |", *rows]
    )


def outcome(check: dict[str, Any]) -> str:
    if not check["passed"]:
        return "**failed**"
    return "skipped" if check["value"] is None else "passed"


def figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def comparison(verdict: dict[str, Any]) -> str:
    sides = [verdict["candidate"], verdict["champion"]]
    names = [f"{role} {side['version']}" for role, side in zip(("candidate", "champion"), sides, strict=True) if side]
    metrics = [side["metrics"] for side in sides if side and "metrics" in side]
    rows = [
        f"| {name} | " + " | ".join(f"{each[name]:.5g}" if name in each else "" for each in metrics) + " |"
        for name in COMPARED
    ]
    hold_out = verdict["holdOut"]
    head = "| metric | " + " | ".join(names[: len(metrics)]) + " |"
    return "\n".join(
        [
            "## On the hold-out",
            f"{hold_out['rows']} rows of {hold_out['from']} to {hold_out['to']}, which nothing was fitted or chosen "
            "on. Each model decides at its own thresholds.",
            "",
            head,
            "| --- |" + " ---: |" * len(metrics),
            *rows,
        ]
    )


def segments_section(verdict: dict[str, Any]) -> str:
    evaluation = verdict["evaluation"]
    return f"## Candidate by decision and segment\n{confusion_table(evaluation)}\n\n{segments_table(evaluation)}"
