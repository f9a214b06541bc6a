"""The Databricks bundle: every resource is one that Databricks knows, and names only what is there."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from databricks.bundles.jobs import Job

PIPELINES = Path(__file__).parents[1]
WIDGET = re.compile(r'dbutils\.widgets\.text\("(\w+)"')
VARIABLE = re.compile(r"\$\{var\.(\w+)}")


def read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text())
    return content


BUNDLE = read(PIPELINES / "databricks.yml")
FILES = [path for pattern in BUNDLE["include"] for path in sorted(PIPELINES.glob(pattern))]
JOBS: dict[str, Any] = {name: job for path in FILES for name, job in read(path)["resources"]["jobs"].items()}
TASKS = [(name, task) for name, job in JOBS.items() for task in job["tasks"]]


@pytest.mark.parametrize("name", JOBS)
def test_the_package_of_databricks_takes_the_job(name: str) -> None:
    job = Job.from_dict(JOBS[name]).as_dict()
    assert [task["task_key"] for task in job["tasks"]] == [task["task_key"] for task in JOBS[name]["tasks"]]  # type: ignore[union-attr, index]


def test_a_field_that_databricks_does_not_know_would_be_found() -> None:
    with pytest.raises(ValueError, match="timeout_second"):
        Job.from_dict(JOBS["vigia_lake"] | {"timeout_second": 1})


@pytest.mark.parametrize(("job", "task"), TASKS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_task_gives_a_notebook_only_what_it_has_a_widget_for(job: str, task: dict[str, Any]) -> None:
    of_notebook = task["notebook_task"]
    notebook = (PIPELINES / "databricks" / of_notebook["notebook_path"]).resolve()
    assert set(of_notebook["base_parameters"]) <= set(WIDGET.findall(notebook.read_text()))
    clusters = {each["job_cluster_key"] for each in JOBS[job]["job_clusters"]}
    key = task["job_cluster_key"]
    choices = ("cpu", "gpu") if VARIABLE.fullmatch(key) else (key,)
    assert set(choices) <= clusters
    keys = {each["task_key"] for each in JOBS[job]["tasks"]}
    assert {each["task_key"] for each in task.get("depends_on", [])} <= keys


def test_every_notebook_is_in_a_job() -> None:
    used = {Path(task["notebook_task"]["notebook_path"]).name for _, task in TASKS}
    assert used == {path.name for path in (PIPELINES / "notebooks").glob("*.py")}


def test_variables_are_declared_and_each_target_has_those_without_a_default() -> None:
    texts = "".join(path.read_text() for path in [PIPELINES / "databricks.yml", *FILES])
    declared = BUNDLE["variables"]
    assert set(VARIABLE.findall(texts)) == set(declared)
    needed = {name for name, variable in declared.items() if "default" not in variable}
    assert set(BUNDLE["targets"]) == {"dev", "staging", "prod"}
    for target in BUNDLE["targets"].values():
        assert needed <= set(target["variables"]) <= set(declared)


def test_what_is_synchronised_is_there_with_the_sql_of_the_features() -> None:
    for path in BUNDLE["sync"]["paths"]:
        assert (PIPELINES / path).is_dir()
    assert (PIPELINES / BUNDLE["sync"]["paths"][1] / "pix.spark.sql").is_file()


def test_libraries_are_pinned_as_the_package_pins_them() -> None:
    pins = tomllib.loads((PIPELINES / "pyproject.toml").read_text())["project"]["dependencies"]
    packages = [library["pypi"]["package"] for library in BUNDLE["variables"]["libraries"]["default"]]
    assert packages
    assert set(packages) <= set(pins)
