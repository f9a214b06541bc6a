"""After the time in shadow: promote the challenger, or keep the champion."""

from datetime import timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.definitions.xcom_arg import XComArg
from airflow.sdk.exceptions import AirflowSkipException

from vigia_airflow.defaults import TASKS
from vigia_airflow.jobs import RunJob
from vigia_airflow.promotion import Limits, objections
from vigia_airflow.services import NOT_FOUND_CODE, Refused, get

DOC = """
### Promote a challenger
**Starts** every 6 hours. Skipped where a model has no challenger or no champion (a person promotes the first one).

**Promotes** what passed the gate, was in shadow as long as the training worker asks, has no open alert in monitoring,
decides not too differently and ranks live frauds not worse than the champion. Otherwise **keeps** the champion and
says why in the result of `keep`. Every promotion stands in the ledger with its reason;
`npm run vigia -- rollback` undoes it.
"""


@dag(
    dag_id="pix_promote",
    schedule=CronTriggerTimetable("0 */6 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    dagrun_timeout=timedelta(hours=2),
    doc_md=DOC,
    tags=["vigia", "models"],
    params={
        "model": Param("pix-fraud", type="string", pattern="^[a-z][a-z0-9-]{0,62}$", description="Registered model."),
        "minimum_payments": Param(1_000, type="integer", minimum=1, description="Payments that both scored."),
        "most_decided_differently": Param(
            0.05, type="number", minimum=0, maximum=1, description="Share of payments decided differently, at most."
        ),
        "most_precision_loss": Param(
            0.02,
            type="number",
            minimum=0,
            maximum=1,
            description="Average precision on live labels, at most so much lower.",
        ),
        "minimum_frauds": Param(30, type="integer", minimum=1, description="Known frauds from which on that counts."),
    },
)
def pix_promote() -> None:
    @task(multiple_outputs=True)
    def compare() -> dict[str, Any]:
        """Champion and challenger on live payments: what speaks against the challenger, and its version."""
        params = get_current_context()["params"]
        model = params["model"]
        try:
            comparison = get("training-worker", f"v1/models/{model}/comparison")
        except Refused as refused:
            if refused.code == NOT_FOUND_CODE:
                raise AirflowSkipException(str(refused)) from refused
            raise
        alerts = get("monitoring", "v1/alerts", {"model": model, "state": "open", "limit": 500})["alerts"]
        changes = get("training-worker", f"v1/models/{model}/history")["changes"]
        limits = Limits(
            payments=params["minimum_payments"],
            decided_differently=params["most_decided_differently"],
            precision_loss=params["most_precision_loss"],
            frauds=params["minimum_frauds"],
        )
        labels, share = comparison["labels"], comparison["shareDecidedDifferently"]
        return {
            "path": f"v1/models/{model}/versions/{comparison['challenger']['version']}/promote",
            "objections": objections(comparison, alerts, changes, limits),
            "promotion": {
                "by": "pix_promote",
                "reason": f"in shadow on {comparison['payments']} payments with {labels['fraud']} known frauds, "
                f"{share or 0:.2%} decided differently, no open alert",
            },
            "key": f"pix_promote-{get_current_context()['dag_run'].run_id}",
        }

    @task.branch
    def decide(against: list[str]) -> str:
        """The way on."""
        return "keep" if against else "promote"

    @task
    def keep(against: list[str]) -> list[str]:
        """The champion stays; why stands in the result."""
        return against

    compared: XComArg = compare()
    way = decide(compared["objections"])
    promote = RunJob(
        task_id="promote",
        service="training-worker",
        path=compared["path"],
        body=compared["promotion"],
        idempotency_key=compared["key"],
        longest=timedelta(hours=1),
    )
    way >> [promote, keep(compared["objections"])]


pix_promote()
