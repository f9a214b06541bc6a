"""`vigia-train` with a family of Spark: tuned on folds by time, calibrated, measured and packed like any other."""

import json
from pathlib import Path

import pytest

from lake_spark import QUICK_JAVA
from payments import some_payments
from vigia.errors import UnusableModel
from vigia.families.logistic import Logistic
from vigia.families.spark import SPARK_FAMILIES
from vigia.onnx_graph import Scorer
from vigia.packaging import Candidate, Identity, package_bundle
from vigia.parameters import Parameters
from vigia.progress import silent
from vigia.rows import rows_of
from vigia.split import split_by_time
from vigia.train_command import main
from vigia.training_set import load_training_set

pytestmark = [
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.mark.pipelines
def test_a_grid_over_folds_by_time_chooses_and_the_bundle_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in QUICK_JAVA.items():
        monkeypatch.setenv(name, value)
    data = some_payments(rows=3_000).write(tmp_path / "data")
    settings = {"family": "spark_gbt", "tune_trials": 3, "folds": 2, "spark_trees": 8, "threads": 2}
    options = [text for name, value in settings.items() for text in ("--set", f"{name}={value}")]
    arguments = ["--data", str(data), "--out", str(tmp_path / "bundle"), "--json", *options]
    assert main([*arguments, "--spark-master", "local[2]", "--spark-memory-mb", "1024"]) == 0
    *progress, result = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["text"][:22] for line in progress if line["stage"] == "tuning"] == [
        "spark_gbt, fold 1 of 2",
        "spark_gbt, fold 2 of 2",
    ]
    manifest = json.loads((tmp_path / "bundle/bundle.json").read_text())
    assert (manifest["algorithm"], manifest["explanation"]) == ("spark_gbt", "none")
    assert set(SPARK_FAMILIES["spark_gbt"].parameters) <= set(manifest["parameters"])
    metrics = manifest["metrics"]
    assert metrics == result["metrics"]
    assert metrics["onnx_probability_error"] < 1e-6
    assert metrics["cross_validated_average_precision"] > 2 * metrics["prevalence"]
    assert metrics["average_precision"] > 2 * metrics["prevalence"]
    rows = load_training_set(data)
    probabilities, _ = Scorer((tmp_path / "bundle/model.onnx").read_bytes()).score(rows.features)
    assert 0 < probabilities.min() < probabilities.max() < 1


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (["--set", "family=spark_gbt", "--set", "tune_minutes=1"], "set tune_trials"),
        (["--set", "family=blend", "--set", "blend_members=xgboost,spark_gbt"], "name two or more of"),
    ],
)
def test_what_a_family_of_spark_cannot_do_is_refused_with_the_remedy(
    arguments: list[str], remedy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = some_payments(rows=3_000).write(tmp_path / "data")
    assert main(["--data", str(data), "--out", str(tmp_path / "bundle"), *arguments]) == 2
    assert remedy in capsys.readouterr().err


def test_a_graph_whose_probabilities_are_off_is_refused(tmp_path: Path) -> None:
    data = load_training_set(some_payments(rows=3_000).write(tmp_path / "data"))
    split = split_by_time(data)
    model = Logistic().fit(rows_of(data, split.training), Parameters(), lambda _: None)
    candidate = Candidate(
        algorithm="spark_logistic",
        method="",
        graph=model.graph(),
        parameters={},
        costs=Parameters().costs,
        seed=1,
        own_margins=lambda features: model.margins(features) + 2e-5,
        probability_parity=1e-6,
    )
    with pytest.raises(UnusableModel, match=r"probability differs from the model's by .*, more than 1e-06"):
        package_bundle(data, split, candidate, Identity("name", "commit"), silent())
