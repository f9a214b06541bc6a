"""What people are told, in the format of monitoring's webhook: `text`, `event`, `runbook`, `alert`."""

import logging
from typing import Any

import httpx
from airflow.sdk import Context

from vigia_airflow.settings import BadSetting, setting

TIMEOUT_S = 10
RUNBOOK = "docs/airflow.md#when-a-run-fails"
log = logging.getLogger(__name__)


def notice(title: str, dag_id: str, details: dict[str, Any]) -> dict[str, Any]:
    """A notice as monitoring posts it; `alert` has the kind, the severity and what is known of the run."""
    lines = [f"[opened, warning] {title}: {dag_id}", *(f"{name}: {value}" for name, value in details.items())]
    lines.append(f"what to do: {RUNBOOK}")
    alert = {"kind": "pipeline_failure", "severity": "warning", "dag": dag_id, **details}
    return {"text": "\n".join(lines), "event": "opened", "runbook": RUNBOOK, "alert": alert}


def send(message: dict[str, Any]) -> bool:
    """Posts a notice where a webhook is set; says whether it was taken. Never raises: the log has the run's failure."""
    try:
        url = setting("VIGIA_ALERT_WEBHOOK_URL")
        if url == "":
            return False
        httpx.post(url, json=message, timeout=TIMEOUT_S).raise_for_status()
    except (httpx.HTTPError, BadSetting) as error:
        # Its address is a secret, which httpx repeats.
        log.warning("the webhook did not take a notice: %s", type(error).__name__)
        return False
    return True


def failed(context: Context) -> None:
    """Failure callback of every task, after its last attempt."""
    instance = context["task_instance"]
    details = {
        "task": instance.task_id,
        "run": context["dag_run"].run_id,
        "error": str(context.get("exception"))[:1_000],
    }
    send(notice("A run of a DAG failed", instance.dag_id, details))
