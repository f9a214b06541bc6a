"""Every DAG imports, and its tasks, their order, its causes and its care are as the docs say."""

from datetime import timedelta
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import ParamValidationError
from airflow.serialization.serialized_objects import DagSerialization

from conftest import PROJECT
from vigia_airflow.jobs import AwaitJob
from vigia_airflow.notices import failed

EDGES = {
    "pix_lake": ["export > bronze", "bronze > silver", "silver > gold", "gold > grown"],
    "pix_retrain": [
        "plan > training_set",
        "plan > train",
        "plan > verdict",
        "training_set > train",
        "train > gate",
        "train > verdict",
        "gate > verdict",
    ],
    "pix_promote": ["compare > decide", "compare > promote", "compare > keep", "decide > promote", "decide > keep"],
    "pix_audit": ["plan > audit", "audit > verdict"],
}
DEFERRED = {"pix_retrain": {"training_set", "train", "gate"}, "pix_promote": {"promote"}, "pix_audit": {"audit"}}


@pytest.fixture(scope="module")
def bag() -> DagBag:
    return DagBag(dag_folder=str(PROJECT / "dags"))


def test_all_import_and_can_be_stored(bag: DagBag) -> None:
    assert bag.import_errors == {}
    assert set(bag.dags) == set(EDGES)
    for dag in bag.dags.values():
        assert DagSerialization.serialize_dag(dag)


@pytest.mark.parametrize("name", EDGES)
def test_graph(bag: DagBag, name: str) -> None:
    dag = bag.dags[name]
    edges = {f"{task.task_id} > {after}" for task in dag.tasks for after in task.downstream_task_ids}
    assert edges == set(EDGES[name])


@pytest.mark.parametrize("name", EDGES)
def test_care(bag: DagBag, name: str) -> None:
    dag = bag.dags[name]
    assert dag.doc_md
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert isinstance(dag.dagrun_timeout, timedelta)
    for task in dag.tasks:
        assert task.owner == "fraud-ml"
        assert task.retries == 4
        assert task.retry_exponential_backoff == 2.0
        assert task.execution_timeout is not None
        assert failed in _listed(task.on_failure_callback)
    assert {task.task_id for task in dag.tasks if isinstance(task, AwaitJob)} == DEFERRED.get(name, set())


def _listed(callbacks: Any) -> list[Any]:  # noqa: ANN401
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


def test_assets_in_and_out(bag: DagBag) -> None:
    out = {task.task_id: [asset.uri for asset in task.outlets] for task in bag.dags["pix_lake"].tasks if task.outlets}
    assert out == {"bronze": ["vigia://lake/bronze"], "silver": ["vigia://lake/silver"], "grown": ["vigia://lake/gold"]}
    schedule = bag.dags["pix_retrain"].timetable
    assert {asset.uri for asset in schedule.asset_condition.objects} == {
        "vigia://lake/gold",
        "vigia://monitoring/drift",
    }
    assert schedule.timetable.expression == "0 6 * * 1"


@pytest.mark.parametrize(
    ("name", "conf"),
    [
        ("pix_retrain", {"days": 0}),
        ("pix_retrain", {"model": "Pix Fraud"}),
        ("pix_promote", {"most_precision_loss": 2}),
        ("pix_audit", {"days": "yesterday"}),
        ("pix_lake", {"format": "csv"}),
    ],
)
def test_parameters_that_do_not_fit_are_refused(bag: DagBag, name: str, conf: dict[str, Any]) -> None:
    params = bag.dags[name].params
    with pytest.raises(ParamValidationError, match=next(iter(conf))):
        params.update(conf)
