"""`model-card.md`: what a person must know before this model decides about anyone's payment."""

from dataclasses import dataclass
from typing import Any

from vigia.calibration import Platt
from vigia.clock import HOUR_MS, iso
from vigia.evaluation_text import evaluation_text
from vigia.split import Part, Split
from vigia.thresholds import Costs, Thresholds
from vigia.training_set import TrainingSet

FEATURES_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the card tells."""

    name: str
    version: str
    data: TrainingSet
    split: Split
    # The family and its parameters, in a sentence or two.
    method: str
    platt: Platt
    thresholds: Thresholds
    costs: Costs
    metrics: dict[str, float]
    # What stands in `evaluation.json`.
    evaluation: dict[str, Any]
    # Share of each feature, greatest first.
    importances: list[tuple[str, float]]
    # How the model was chosen, where there was a choice.
    notes: tuple[str, ...]


def model_card(facts: Facts) -> str:
    sections = [purpose(facts), data_section(facts), method(facts), metrics_section(facts), decisions(facts), limits()]
    return "\n\n".join(sections) + "\n"


def purpose(facts: Facts) -> str:
    return f"""# {facts.name} {facts.version}

## Purpose
Estimates the probability that a Pix payment is fraud, from {len(facts.data.manifest.features)} features of the set \
`{facts.data.manifest.feature_set_name}` (`{facts.data.manifest.feature_set_hash}`). It is one input of the decision; \
the policy decides. It is made for payments like those it was trained on and for no other use: no credit, no \
price, no judgement of a person outside one payment."""


def data_section(facts: Facts) -> str:
    manifest, split = facts.data.manifest, facts.split
    rows = "\n".join(part_row(facts.data, each) for each in (split.training, split.validation, split.hold_out))
    notes = [
        f"Split by time, {hours(split.gap_ms)} h between the parts; labels take up to "
        f"{hours(manifest.label_delay_ms)} h to be known and were taken as known at {iso(manifest.label_cut_off_ms)}."
    ]
    if split.tail_ms > 0:
        notes.append(f"The last {hours(split.tail_ms)} h are left out: their labels were not all known.")
    if split.shrunk:
        notes.append(
            "**The range is too short for the full delay: gaps and left-out end are shrunk, so the metrics are a "
            "little too good.**"
        )
    return f"""## Data
Training set of SHA-256 `{manifest.rows_sha256}`, {manifest.rows} rows, {manifest.frauds} frauds.

| part | from | to | rows | frauds |
| --- | --- | --- | ---: | ---: |
{rows}

{" ".join(notes)}"""


def part_row(data: TrainingSet, part: Part) -> str:
    frauds = int(data.labels[part.rows].sum())
    return f"| {part.name} | {iso(part.from_ms)} | {iso(part.to_ms)} | {part.count} | {frauds} |"


def method(facts: Facts) -> str:
    shares = "\n".join(f"| `{name}` | {share:.1%} |" for name, share in facts.importances[:FEATURES_SHOWN])
    notes = "".join(f"\n\n{note}" for note in facts.notes)
    return f"""## Method
{facts.method} Platt's calibration, fitted on the validation part alone: \
probability = sigmoid({facts.platt.slope:.6g} * margin + {facts.platt.intercept:.6g}).{notes}

What the model relies on most:

| feature | share |
| --- | ---: |
{shares}"""


def metrics_section(facts: Facts) -> str:
    overall = facts.evaluation["overall"]["metrics"]
    others = {name: value for name, value in facts.metrics.items() if not measured_on_hold_out(name, overall)}
    rows = "\n".join(f"| {name} | {value:.6g} |" for name, value in others.items())
    return f"""## Metrics
On the hold-out part, which nothing was fitted or chosen on. {against_baseline(facts.metrics)}

{evaluation_text(facts.evaluation)}

Besides: `baseline_...` is logistic regression on the same rows, `cross_validated_...` comes from folds before the \
hold-out.

| metric | value |
| --- | ---: |
{rows}"""


def measured_on_hold_out(name: str, overall: dict[str, Any]) -> bool:
    return name.removesuffix("_low").removesuffix("_high") in overall


def against_baseline(metrics: dict[str, float]) -> str:
    found, baseline = metrics["average_precision"], metrics["baseline_average_precision"]
    if found > baseline:
        return f"It beats that baseline: average precision {found:.4f} against {baseline:.4f}."
    return (
        f"**It does not beat that baseline: average precision {found:.4f} against {baseline:.4f}. Logistic regression "
        "is simpler and as good: serve that, or look for what this model lacks.**"
    )


def decisions(facts: Facts) -> str:
    c = facts.costs
    return f"""## Thresholds
Reject above {facts.thresholds.reject:.6g}, review above {facts.thresholds.review:.6g}: the cheapest pair on the \
validation part, where a missed fraud costs its amount, a review R$ {c.review_cents / 100:.2f} (and is taken to find \
the truth), a rejected legitimate payment R$ {c.false_reject_cents / 100:.2f} and {c.friction:.1%} of its amount. They \
are a proposal; the policy may use its own."""


def limits() -> str:
    return """## Limits
- A label says that a fraud was reported and accepted. Frauds that nobody reports are learnt as legitimate.
- Payments that an earlier policy refused have no outcome and are learnt from only as far as they are labelled.
- New kinds of fraud are seen only as far as they resemble old ones: watch drift, and train again.
- Metrics are those of the hold-out's weeks, and of one split; with few frauds there they are uncertain.
- Reviewers miss frauds too; where they do, review is worth less than the thresholds assume."""


def hours(duration_ms: float) -> str:
    return f"{duration_ms / HOUR_MS:.1f}"
