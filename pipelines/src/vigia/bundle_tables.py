"""What a bundle says of its hold-out, as tables and figures of a notebook."""

import json
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.image import imread
from pyspark.sql import DataFrame, SparkSession

from vigia.errors import BadInput


def measures(spark: SparkSession, bundle: Path) -> DataFrame:
    """metric, value, low, high."""
    metrics = evaluation_of(bundle)["overall"]["metrics"]
    rows = [(name, each["value"], each["low"], each["high"]) for name, each in metrics.items()]
    return spark.createDataFrame(rows, "metric string, value double, low double, high double")


def confusion(spark: SparkSession, bundle: Path) -> DataFrame:
    """decision, fraud, genuine: payments."""
    found = evaluation_of(bundle)["overall"]["confusion"]
    rows = [(decision, float(of["fraud"]), float(of["genuine"])) for decision, of in found.items()]
    return spark.createDataFrame(rows, "decision string, fraud double, genuine double")


def segments(spark: SparkSession, bundle: Path) -> DataFrame:
    """by, segment, payments, frauds, average_precision (none where there are too few of them)."""
    rows = [
        (by, segment, float(of["payments"]), of["frauds"], value_of(of, "average_precision"))
        for by, named in evaluation_of(bundle)["segments"].items()
        for segment, of in named.items()
    ]
    schema = "by string, segment string, payments double, frauds long, average_precision double"
    return spark.createDataFrame(rows, schema)


def figures(bundle: Path) -> list[Figure]:
    """The plots of the bundle, by name."""
    found = []
    for path in sorted((bundle / "plots").glob("*.png")):
        picture = imread(path)
        figure = Figure(figsize=(picture.shape[1] / 100, picture.shape[0] / 100), dpi=100)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.imshow(picture)
        axes.set_axis_off()
        found.append(figure)
    return found


def value_of(group: dict[str, Any], name: str) -> float | None:
    value = group.get("metrics", {}).get(name)
    return None if value is None else float(value["value"])


def evaluation_of(bundle: Path) -> dict[str, Any]:
    path = bundle / "evaluation.json"
    try:
        return dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} can't be read ({error}): give --set bundle= the folder of a bundle") from error
