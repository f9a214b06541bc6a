"""What all tasks have in common."""

from datetime import timedelta
from typing import Any

from vigia_airflow.notices import failed

TASKS: dict[str, Any] = {
    "owner": "fraud-ml",
    "retries": 4,
    "retry_delay": timedelta(seconds=10),
    "retry_exponential_backoff": 2.0,
    "max_retry_delay": timedelta(minutes=10),
    "execution_timeout": timedelta(minutes=5),
    "on_failure_callback": failed,
}
