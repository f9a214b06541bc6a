"""An evaluation as Markdown tables."""

from typing import Any

SHOWN_OF_SEGMENTS = ("average_precision", "recall_at_review", "false_positive_rate_at_review")


def evaluation_text(evaluation: dict[str, Any]) -> str:
    return "\n\n".join((metrics_table(evaluation), confusion_table(evaluation), segments_table(evaluation)))


def metrics_table(evaluation: dict[str, Any]) -> str:
    rows = [
        f"| {name} | {each['value']:.6g} | {each['low']:.4g} to {each['high']:.4g} |"
        for name, each in evaluation["overall"]["metrics"].items()
    ]
    return "\n".join(
        [
            f"Intervals of {evaluation['confidence']:.0%} from {evaluation['resamples']} resamples of rows, drawn as "
            "if independent: where one fraudster makes several payments they are too narrow.",
            "",
            "| metric | value | interval |",
            "| --- | ---: | ---: |",
            *rows,
        ]
    )


def confusion_table(evaluation: dict[str, Any]) -> str:
    rows = [
        f"| {decision} | {counts['genuine']:.0f} | {counts['fraud']:.0f} |"
        for decision, counts in evaluation["overall"]["confusion"].items()
    ]
    return "\n".join(["| decision, in payments | genuine | fraud |", "| --- | ---: | ---: |", *rows])


def segments_table(evaluation: dict[str, Any]) -> str:
    """One row a segment; a dash where there is too little to measure."""
    rows = [
        f"| {segmentation}: {name} | {group['payments']:.0f} | {group['frauds']} | "
        + " | ".join(cell(group, metric) for metric in SHOWN_OF_SEGMENTS)
        + " |"
        for segmentation, segments in evaluation["segments"].items()
        for name, group in segments.items()
    ]
    head = "| segment | payments | frauds | " + " | ".join(SHOWN_OF_SEGMENTS) + " |"
    return "\n".join([head, "| --- | ---: | ---: | ---: | ---: | ---: |", *rows])


def cell(group: dict[str, Any], metric: str) -> str:
    each = group.get("metrics", {}).get(metric)
    return "-" if each is None else f"{each['value']:.3g} ({each['low']:.3g} to {each['high']:.3g})"
