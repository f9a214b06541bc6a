"""The notebooks of `pipelines/notebooks` from event files to an evaluated bundle, each run from top to bottom."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from pyspark.sql import SparkSession

from lake_events import Event, label, payment, write
from lake_spark import spark  # noqa: F401
from vigia.notebook import main
from vigia.training_set import load_training_set

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
DAYS, A_DAY = 40, 12

pytestmark = [
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


def write_world(folder: Path) -> None:
    """Forty days; one payment in six is a fraud, and large. The last label comes a day after its payment."""
    random = np.random.default_rng(5)
    events: list[Event | str] = []
    for day in range(DAYS):
        for number in range(A_DAY):
            fraud = bool(random.random() < 1 / 6)
            cents = round(float(random.lognormal(11 if fraud else 9, 0.7)))
            payer, payee = f"payer-{random.integers(8)}", f"payee-{random.integers(5)}"
            events.append(payment(number, day, payer, payee, cents))
            events.append(label(number, day, fraud))
    write(folder, "world.ndjson.gz", events)


def run(name: str, out: Path, **widgets: object) -> int:
    given = [text for widget, value in widgets.items() for text in ("--set", f"{widget}={value}")]
    return main([str(next(NOTEBOOKS.glob(f"{name}_*.py"))), "--out", str(out), *given])


@pytest.mark.pipelines
def test_from_event_files_to_an_evaluated_bundle(
    tmp_path: Path,
    spark: SparkSession,  # noqa: ARG001, F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_world(tmp_path / "events")
    lake = {"lake": tmp_path / "lake", "format": "parquet"}
    prepared = {"events": tmp_path / "events", "features": "handbook", "label_delay_days": 2}
    assert run("02", tmp_path, **lake, **prepared, training_set=tmp_path / "set") == 0
    data = load_training_set(tmp_path / "set")
    assert data.manifest.rows == DAYS * A_DAY
    assert data.manifest.features[0] == "amount"
    assert 40 < data.manifest.frauds < 120
    assert not np.isnan(data.features[:, 0]).any()
    capsys.readouterr()

    assert run("01", tmp_path / "seen", **lake) == 0
    told = capsys.readouterr().out
    # One file, two lines a payment, none erased.
    assert re.search(rf"\|ledger\|1\|[0-9-]+\|1\|{2 * DAYS * A_DAY}\|0\|", told.replace(" ", ""))
    assert "fraud_share" in told
    assert len(list((tmp_path / "seen").glob("*.png"))) == 3

    settings = "spark_trees=5 tune_trials=2 folds=2"
    bundle = tmp_path / "bundle"
    assert run("03", tmp_path, training_set=tmp_path / "set", bundle=bundle, family="spark_gbt", settings=settings) == 0
    metrics = json.loads((bundle / "bundle.json").read_text())["metrics"]
    assert metrics["roc_auc"] > 0.8
    assert metrics["onnx_probability_error"] < 1e-6
    capsys.readouterr()

    assert run("04", tmp_path / "measured", bundle=bundle) == 0
    told = capsys.readouterr().out
    assert f"|average_precision|{metrics['average_precision']}" in told.replace(" ", "")
    assert "reject" in told
    assert len(list((tmp_path / "measured").glob("*.png"))) == len(list((bundle / "plots").glob("*.png"))) > 4


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.py")), ids=lambda path: path.stem)
def test_every_value_that_a_notebook_reads_has_a_widget(path: Path) -> None:
    source = path.read_text()
    asked = {part.split('"')[1] for part in source.split("dbutils.widgets.get(")[1:]}
    offered = {part.split('"')[1] for part in source.split("dbutils.widgets.text(")[1:]}
    assert asked == offered


@pytest.mark.parametrize(
    ("source", "given", "remedy"),
    [
        ("print(1)\n", [], "export it as source"),
        ("# Databricks notebook source\n# MAGIC %sql SELECT 1\n", [], "write it in Python"),
        ('# Databricks notebook source\ndbutils.widgets.text("lake", "")\n', ["--set", "lak=x"], "there are lake"),
    ],
)
def test_what_is_no_notebook_or_widget_is_refused(
    source: str, given: list[str], remedy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notebook.py").write_text(source)
    assert main([str(tmp_path / "notebook.py"), *given]) == 2
    assert remedy in capsys.readouterr().err


@pytest.mark.pipelines
def test_a_cell_that_fails_is_named_with_its_line(
    tmp_path: Path,
    spark: SparkSession,  # noqa: ARG001, F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "broken.py"
    path.write_text("# Databricks notebook source\nx = 1\n\n# COMMAND ----------\n\n# MAGIC %md text\n\nx / 0\n")
    assert main([str(path)]) == 1
    told = capsys.readouterr().err
    assert "cell 2 of broken.py" in told
    assert "line 8" in told
