"""
`vigia-notebook`: runs a notebook in Databricks' source format from top to bottom on a Spark of this machine.

Cells lie between lines `# COMMAND ----------`, texts in lines `# MAGIC`, which to Python are comments: such a file is a
program. What Databricks gives it is given here: `spark`, `display` and the widgets of `dbutils`. Other magics (%sql,
%pip) are refused: they would be left out without a word.

Exit codes: 0 done; 1 a cell failed, standard error says which; 2 a bad argument or notebook.
"""

import argparse
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from matplotlib.figure import Figure
from pyspark.sql import DataFrame, SparkSession

from vigia.arguments import matching, whole
from vigia.errors import BadInput
from vigia.families.spark import MASTERS
from vigia.lake.lake import FORMATS, spark_settings
from vigia.mllib.session import training_spark

FIRST_LINE = "# Databricks notebook source"
BETWEEN = re.compile(r"^# COMMAND -+\s*$", re.MULTILINE)
SHOWN_ROWS = 50


class CellFailed(Exception):
    """The notebook's: a cell of it raised."""


@dataclass
class Widgets:
    """`dbutils.widgets`: named texts with defaults."""

    given: Mapping[str, str]
    values: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str, label: str = "") -> None:  # noqa: ARG002
        self.values[name] = self.given.get(name, default)

    def get(self, name: str) -> str:
        return self.values[name]


@dataclass
class Shown:
    """`display`: tables as text, figures as PNG in `out`, where there is one."""

    out: Path | None
    figures: int = 0

    def __call__(self, what: object) -> None:
        if isinstance(what, DataFrame):
            what.show(SHOWN_ROWS, truncate=100)
        elif isinstance(what, Figure) and self.out is not None:
            self.figures += 1
            path = self.out / f"{self.figures:02}.png"
            what.savefig(path, dpi=100)
            print(f"figure: {path}")
        elif not isinstance(what, Figure):
            print(what)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    try:
        cells = cells_of(options.notebook)
        check_widgets(options.notebook, cells, dict(options.set))
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
        settings = spark_settings(options.format, options.jars)
        with training_spark(options.spark_master, options.memory_mb, settings) as spark:
            run(options.notebook, cells, spark, dict(options.set), Shown(options.out))
    except BadInput as error:
        print(f"vigia-notebook: {error}", file=sys.stderr)
        return 2
    except CellFailed as error:
        print(f"vigia-notebook: {error}", file=sys.stderr)
        return 1
    return 0


def cells_of(notebook: Path) -> list[str]:
    """Each padded with empty lines, so that a line has its number of the file. Raises BadInput."""
    try:
        source = notebook.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{notebook} can't be read ({error}): give a notebook in source format") from error
    if source.splitlines()[:1] != [FIRST_LINE]:
        raise BadInput(f"{notebook} does not begin with `{FIRST_LINE}`: export it as source")
    magic = re.search(r"^# MAGIC %(?!md\b)(\S+)", source, re.MULTILINE)
    if magic:
        raise BadInput(f"{notebook} has %{magic[1]}, which does not run here: write it in Python")
    cells, at = [], 0
    for end in [*BETWEEN.finditer(source), None]:
        stop = end.start() if end else len(source)
        cells.append("\n" * source.count("\n", 0, at) + source[at:stop])
        at = end.end() if end else stop
    return cells


def check_widgets(notebook: Path, cells: Sequence[str], given: Mapping[str, str]) -> None:
    """Raises BadInput for a value that the notebook has no widget for."""
    widgets = re.findall(r"""dbutils\.widgets\.text\(["'](\w+)""", "".join(cells))
    unknown = sorted(set(given) - set(widgets))
    if unknown:
        raise BadInput(f"{notebook.name} has no widget {', '.join(unknown)}: there are {', '.join(widgets)}")


def run(notebook: Path, cells: Sequence[str], spark: SparkSession, given: Mapping[str, str], shown: Shown) -> None:
    """Raises CellFailed with the cell's number."""
    widgets = Widgets(given)
    names: dict[str, Any] = {
        "__name__": "__main__",
        "spark": spark,
        "display": shown,
        "dbutils": SimpleNamespace(widgets=widgets),
    }
    for number, cell in enumerate(cells, 1):
        try:
            exec(compile(cell, str(notebook), "exec"), names)
        except Exception as error:
            raise CellFailed(f"cell {number} of {notebook.name}: {traceback.format_exc(limit=-3)}") from error


def setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="vigia-notebook",
        description="Runs a notebook in Databricks' source format.",
        epilog="Exit codes: 0 done, 1 a cell failed, 2 bad input.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    option = result.add_argument
    option("notebook", type=Path, help="file that begins with `# Databricks notebook source`")
    option("--set", type=setting, action="append", default=[], metavar="NAME=VALUE", help="a widget's value")
    option("--out", type=Path, metavar="DIR", help="folder for the figures; without it they are not kept")
    option("--format", choices=FORMATS, default="parquet", help="of the lake's tables")
    option("--jars", type=Path, default=Path(".vigia/jars"), metavar="DIR", help="where Delta Lake's jars are kept")
    option("--spark-master", type=matching(MASTERS), default="local[2]", help="where it runs")
    option("--memory-mb", type=whole(512, 1_000_000), default=2_048, help="greatest heap of Spark's driver, MiB")
    return result


if __name__ == "__main__":
    sys.exit(main())
