"""The gate lets a good model through, and says of every other what is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bundles import LEVEL, SLOPE, Linear, told_payments
from vigia.gate_command import main

GOOD = Linear()
# A third of what it goes by is noise.
NOISY = Linear((0.6 * SLOPE, 0.3 * SLOPE, 0.0), LEVEL + 1.5, version="noisy")
# Another model of the same worth.
EQUAL = Linear((SLOPE, 0.1, 0.0), LEVEL, version="equal")
OVERCONFIDENT = Linear((SLOPE, 0.0, 0.0), LEVEL + 1.2, version="overconfident")
UNFAIR = Linear((SLOPE, 0.0, 4.5), LEVEL - 0.4, version="unfair")

# An unfair model is a bad one besides.
ONLY_FAIRNESS = {"calibration_error_to_prevalence": 5, "recall_at_1_percent_false_positives": 0}

Gate = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return told_payments().write(tmp_path_factory.mktemp("told") / "data")


@pytest.fixture
def gate(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> Gate:
    def judge(
        candidate: Linear,
        champion: Linear | None = None,
        latency_us: int | None = 300,
        limits: dict[str, Any] | None = None,
        out: str = "out",
    ) -> dict[str, Any]:
        arguments = ["--candidate", str(candidate.write(tmp_path / out / "candidate", data)), "--data", str(data)]
        if champion is not None:
            arguments += ["--champion", str(champion.write(tmp_path / out / "champion", data))]
        if latency_us is not None:
            arguments += ["--latency-us", str(latency_us)]
        if limits is not None:
            (tmp_path / "limits.yaml").write_text(json.dumps(limits))
            arguments += ["--limits", str(tmp_path / "limits.yaml")]
        assert main([*arguments, "--out", str(tmp_path / out / "verdict"), "--json"]) == 0
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [line["kind"] for line in lines] == ["progress"] * (len(lines) - 1) + ["result"]
        verdict: dict[str, Any] = json.loads(Path(lines[-1]["report"]).read_text())
        assert lines[-1]["passed"] == verdict["passed"]
        return verdict

    return judge


def failed(verdict: dict[str, Any]) -> set[str]:
    return {check["name"] for check in verdict["checks"] if not check["passed"]}


def check(verdict: dict[str, Any], name: str) -> dict[str, Any]:
    return next(dict(each) for each in verdict["checks"] if each["name"] == name)


def test_a_better_model_passes(gate: Gate) -> None:
    verdict = gate(GOOD, NOISY)
    assert (verdict["passed"], failed(verdict)) == (True, set())
    assert (verdict["candidate"]["version"], verdict["champion"]["version"]) == ("candidate", "noisy")
    assert check(verdict, "champion_average_precision")["value"] > 0.05


def test_a_worse_model_fails_against_the_champion_alone(gate: Gate) -> None:
    verdict = gate(NOISY, GOOD, limits={"calibration_error_to_prevalence": 2})
    assert not verdict["passed"]
    assert {"champion_average_precision", "champion_average_precision_interval"} <= failed(verdict)
    assert all(name.startswith("champion_") for name in failed(verdict))


def test_an_equal_model_passes_either_way(gate: Gate) -> None:
    assert gate(EQUAL, GOOD, out="one")["passed"]
    assert gate(GOOD, EQUAL, out="other")["passed"]


def test_the_difference_from_itself_is_nothing_since_resamples_are_paired(gate: Gate) -> None:
    verdict = gate(GOOD, GOOD)
    assert check(verdict, "champion_average_precision_interval")["value"] == 0
    assert check(verdict, "champion_saved_share_interval")["value"] == 0


def test_a_loss_that_few_frauds_cannot_show_is_refused_too(gate: Gate) -> None:
    """The margin says only what is shown; without the bound on the difference itself this would pass."""
    verdict = gate(NOISY, GOOD, limits={"average_precision_margin": 1, "saved_share_margin": 1, "saved_share_loss": 1})
    assert "champion_average_precision" in failed(verdict)


def test_the_first_model_has_no_champion_to_beat(gate: Gate) -> None:
    verdict = gate(GOOD)
    assert (verdict["passed"], verdict["champion"]) == (True, None)
    assert check(verdict, "champion")["text"].startswith("skipped")


def test_a_miscalibrated_model_fails_on_that(gate: Gate) -> None:
    verdict = gate(OVERCONFIDENT)
    assert failed(verdict) == {"calibration"}
    assert check(gate(GOOD, out="good"), "calibration")["value"] < 0.15


def test_an_unfair_model_fails_on_the_group_it_is_unfair_to(gate: Gate) -> None:
    verdict = gate(UNFAIR, limits=ONLY_FAIRNESS)
    assert failed(verdict) == {"false_positives_by_payer"}
    told = check(verdict, "false_positives_by_payer")
    assert "company" in told["text"]
    assert told["value"] > told["bound"]


def test_a_segment_with_too_few_genuine_payments_is_said_to_be_skipped(gate: Gate) -> None:
    verdict = gate(UNFAIR, limits={**ONLY_FAIRNESS, "least_genuine": 1_000})
    assert verdict["passed"]
    assert "skipped: company (" in check(verdict, "false_positives_by_payer")["text"]


def test_latency_that_was_not_measured_is_said_to_be_skipped(gate: Gate) -> None:
    told = check(gate(GOOD, latency_us=None), "latency")
    assert (told["passed"], told["value"]) == (True, None)
    assert told["text"].startswith("skipped")


def test_a_slow_model_fails(gate: Gate) -> None:
    assert failed(gate(GOOD, latency_us=1_001)) == {"latency"}


def test_a_model_that_ranks_by_chance_fails_every_absolute_limit(gate: Gate) -> None:
    verdict = gate(Linear((0.0, 0.1, 0.0), -3.1))
    assert {"average_precision", "roc_auc", "recall_at_1_percent_false_positives", "baseline"} <= failed(verdict)


def test_a_model_must_beat_the_baseline_that_its_bundle_records(gate: Gate) -> None:
    assert failed(gate(Linear(manifest={"metrics": {"baseline_average_precision": 0.9}}))) == {"baseline"}
    verdict = gate(Linear(manifest={"metrics": {}}), out="unrecorded")
    assert check(verdict, "baseline")["text"].startswith("the bundle records no baseline")


def test_too_few_frauds_judge_no_model(gate: Gate) -> None:
    assert failed(gate(GOOD, limits={"least_frauds": 1_000})) == {"frauds"}


def test_a_champion_of_another_feature_set_can_not_be_compared(gate: Gate) -> None:
    champion = Linear(version="older", manifest={"featureSet": {"name": "small", "hash": "cd" * 32}})
    verdict = gate(GOOD, champion)
    assert failed(verdict) == {"champion"}
    assert "not comparable" in check(verdict, "champion")["text"]
    assert gate(GOOD, champion, limits={"allow_incomparable_champion": True}, out="allowed")["passed"]


def test_the_costs_are_those_that_the_candidate_was_made_for(gate: Gate) -> None:
    cheap, dear = (
        gate(Linear(manifest={"parameters": {"review_cost_brl": cost}}), out=f"cost-{cost}") for cost in (1, 30)
    )
    assert check(cheap, "saved_share")["value"] > check(dear, "saved_share")["value"] + 0.1


def test_the_same_inputs_give_the_same_report(gate: Gate, tmp_path: Path) -> None:
    gate(GOOD, NOISY, out="first")
    gate(GOOD, NOISY, out="second")
    for name in ("gate.json", "gate.md"):
        assert (tmp_path / "first/verdict" / name).read_bytes() == (tmp_path / "second/verdict" / name).read_bytes()


def test_the_readable_report_begins_with_what_failed_and_what_to_do(gate: Gate, tmp_path: Path) -> None:
    verdict = gate(OVERCONFIDENT, GOOD)
    report = (tmp_path / "out/verdict/gate.md").read_text()
    first = report.splitlines()[:3]
    assert first[0] == "# Gate: pix-fraud overconfident failed"
    assert first[2].startswith("- **calibration**: ")
    assert "above 0.4: " in first[2]
    for each in verdict["checks"]:
        assert f"| {each['name']} |" in report
    assert "payer: company" in report
