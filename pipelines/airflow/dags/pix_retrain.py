"""Retraining: by the clock, by new data in Gold, by drift."""

import os
from datetime import timedelta
from typing import Any

from airflow.sdk import AssetOrTimeSchedule, CronTriggerTimetable, Param, dag, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from vigia_airflow.cause import DRIFT, GOLD, BadEvent, Cause, cause_of, instant, training_range
from vigia_airflow.defaults import TASKS
from vigia_airflow.jobs import AwaitJob, RunJob
from vigia_airflow.notices import notice, send
from vigia_airflow.services import get
from vigia_airflow.settings import RETRAIN_SCHEDULE, RETRAIN_SCHEDULE_DEFAULT

LONGEST_TRAINING_SET = timedelta(hours=4)
LONGEST_TRAINING = timedelta(hours=24)
LONGEST_EVALUATION = timedelta(hours=2)
# More than the service answers at once is of no use: one training newer than the cool-down suffices.
NEWEST_TRAININGS = 100

DOC = """
### Retrain a model
**Starts** weekly (`VIGIA_RETRAIN_SCHEDULE`), on `vigia://lake/gold` (new data, at most once in
`new_data_cool_down_hours` since the last training) and on `vigia://monitoring/drift` (an alert). One run at a time.

**Does**: a training set of the last `days` by the feature store; a training by the training worker; the gate.
What passes is the challenger and goes into shadow; `pix_promote` goes on from there. What fails is told to the webhook.

**Twice is once**: what is asked for carries a key of the cause (the alert, the run that wrote Gold, the schedule), so a
run that is killed, retried, or started twice for one cause trains one model. A job that failed stays failed under its
key: mend the reason, then trigger the DAG anew.
"""


@dag(
    dag_id="pix_retrain",
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable(os.environ.get(RETRAIN_SCHEDULE, RETRAIN_SCHEDULE_DEFAULT), timezone="UTC"),
        assets=(GOLD | DRIFT),
    ),
    catchup=False,
    max_active_runs=1,
    default_args=TASKS,
    dagrun_timeout=timedelta(hours=36),
    doc_md=DOC,
    tags=["vigia", "models"],
    params={
        "model": Param("pix-fraud", type="string", pattern="^[a-z][a-z0-9-]{0,62}$", description="Registered model."),
        "feature_set": Param("pix", type="string", minLength=1, description="Declared feature set."),
        "days": Param(60, type="integer", minimum=1, maximum=3_650, description="Payments of how many days."),
        "label_delay_days": Param(7, type="number", minimum=0, maximum=365, description="Time that a label takes."),
        "new_data_cool_down_hours": Param(
            72, type="number", minimum=0, description="New data trains only so long after the last training."
        ),
        "parameters": Param({}, type="object", description="Training parameters in place of those of params.yaml."),
    },
)
def pix_retrain() -> None:
    @task(multiple_outputs=True)
    def plan() -> dict[str, Any]:
        """What this run asks for, from its cause alone; skips where new data came too soon."""
        context = get_current_context()
        params = context["params"]
        events = context["triggering_asset_events"]
        try:
            cause = cause_of(context["dag_run"], events.get(GOLD, ()), events.get(DRIFT, ()))
        except BadEvent as error:
            raise AirflowFailException(str(error)) from error
        if cause.kind == "new_data":
            require_cool_down(cause, params["model"], params["new_data_cool_down_hours"])
        rows = training_range(cause.at, params["days"], params["label_delay_days"])
        return {
            "cause": cause.kind,
            "key": f"pix_retrain-{cause.key}",
            "training_set": {
                "featureSet": params["feature_set"],
                "from": rows.start,
                "to": rows.end,
                "labelCutOff": rows.label_cut_off,
            },
            "model": params["model"],
            "parameters": params["parameters"],
            "alert": cause.alert,
        }

    @task
    def verdict(training: dict[str, Any], evaluation: dict[str, Any], cause: str) -> dict[str, Any]:
        """What became of it; people hear of a model that failed the gate."""
        failed = [check["text"] for check in evaluation["checks"] if not check["passed"]]
        outcome = {
            "cause": cause,
            "version": training["version"],
            "bundleVersion": training["bundleVersion"],
            "passed": evaluation["passed"],
            "failedChecks": failed,
        }
        if not evaluation["passed"]:
            details = {"version": training["version"], "cause": cause, "failed": "; ".join(failed)}
            send(notice("A retrained model failed the gate", "pix_retrain", details))
        return outcome

    planned = plan()
    training_set = RunJob(
        task_id="training_set",
        service="feature-store",
        path="v1/training-sets",
        body=planned["training_set"],
        idempotency_key=planned["key"],
        longest=LONGEST_TRAINING_SET,
    )
    train = RunJob(
        task_id="train",
        service="training-worker",
        path="v1/training-jobs",
        body={
            "model": planned["model"],
            "trainingSet": training_set.output["name"],
            "parameters": planned["parameters"],
            "cause": planned["alert"],
        },
        idempotency_key=planned["key"],
        longest=LONGEST_TRAINING,
    )
    gate = AwaitJob(
        task_id="gate",
        service="training-worker",
        job_queue="evaluate",
        job_id=train.output["evaluation"],
        longest=LONGEST_EVALUATION,
    )
    verdict(train.output, gate.output, planned["cause"])


def require_cool_down(cause: Cause, model: str, hours: float) -> None:
    """Skips the run where a training of the model is younger than so many hours before its cause."""
    since = instant(cause.at - timedelta(hours=hours))
    jobs = get("training-worker", "v1/training-jobs", {"limit": NEWEST_TRAININGS})["jobs"]
    recent = [
        job
        for job in jobs
        if job["payload"]["model"] == model
        and job["state"] not in ("failed", "cancelled")
        # What was asked for after the cause may be this run's own.
        and since < job["addedAt"] <= instant(cause.at)
    ]
    if recent:
        raise AirflowSkipException(f"new data waits: the last training was asked for at {recent[0]['addedAt']}")


pix_retrain()
