"""Daily: the vectors that were served, held against their recomputation."""

from datetime import UTC, timedelta
from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from vigia_airflow.cause import instant
from vigia_airflow.defaults import TASKS
from vigia_airflow.jobs import RunJob

DOC = """
### Audit of what was served
**Starts** at 04:30 UTC each day. The feature store recomputes the features of the payments of the last whole `days`
(UTC) from the ledger and compares them bit by bit. **Any difference fails the run**: the model saw other numbers than
training will. The report's path stands in the result of `audit`; the runbook says how to read it.
"""


@dag(
    dag_id="pix_audit",
    schedule=CronTriggerTimetable("30 4 * * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    dagrun_timeout=timedelta(hours=12),
    doc_md=DOC,
    tags=["vigia", "features"],
    params={
        "feature_set": Param("pix", type="string", minLength=1, description="Feature set that is served."),
        "days": Param(1, type="integer", minimum=1, maximum=31, description="Whole days before the run."),
    },
)
def pix_audit() -> None:
    @task(multiple_outputs=True)
    def plan() -> dict[str, Any]:
        """The last whole days before the run."""
        context = get_current_context()
        params, run = context["params"], context["dag_run"]
        end = run.run_after.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        start = end - timedelta(days=params["days"])
        return {
            "audit": {"featureSet": params["feature_set"], "from": instant(start), "to": instant(end)},
            "key": f"pix_audit-{run.run_id}",
        }

    @task
    def verdict(report: str, mismatch_ratios: dict[str, float], first_difference: dict[str, Any] | None) -> None:
        """Fails where any feature differs."""
        if mismatch_ratios:
            worst = sorted(mismatch_ratios.items(), key=lambda each: -each[1])[:10]
            shown = ", ".join(f"{name} {ratio:.2%}" for name, ratio in worst)
            raise AirflowFailException(
                f"{len(mismatch_ratios)} features were served otherwise than recomputed: {shown}; "
                f"first difference: {first_difference}; report: {report}"
            )

    planned = plan()
    audit = RunJob(
        task_id="audit",
        service="feature-store",
        path="v1/audits",
        body=planned["audit"],
        idempotency_key=planned["key"],
        longest=timedelta(hours=8),
    )
    verdict(audit.output["report"], audit.output["mismatchRatios"], audit.output["firstDifference"])


pix_audit()
