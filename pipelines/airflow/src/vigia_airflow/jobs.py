"""Jobs of the services: ask for one, then wait for it without a worker's slot."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.triggers.base import BaseTrigger, TriggerEvent

from vigia_airflow.services import Away, Refused, ServiceName, get_async, post
from vigia_airflow.settings import BadSetting

OVER = ("completed", "failed", "cancelled")
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
GROWTH = 1.5
# As long may a service be away while somebody waits for its job.
MOST_FAILURES = 20


class JobTrigger(BaseTrigger):
    """Looks at a job with growing pauses, 0.5 to 30 s, until it is over; fires once, with the job or what hid it."""

    def __init__(self, service: ServiceName, queue: str, job_id: str) -> None:
        super().__init__()
        self.service = service
        self.queue = queue
        self.job_id = job_id

    def serialize(self) -> tuple[str, dict[str, Any]]:
        kwargs = {"service": self.service, "queue": self.queue, "job_id": self.job_id}
        return f"{type(self).__module__}.{type(self).__qualname__}", kwargs

    async def run(self) -> AsyncIterator[TriggerEvent]:
        pause, failures = FIRST_PAUSE_S, 0
        while True:
            try:
                job = await get_async(self.service, f"v1/jobs/{self.queue}/{self.job_id}")
            except Away as error:
                failures += 1
                if failures >= MOST_FAILURES:
                    yield TriggerEvent({"away": str(error)})
                    return
            except (Refused, BadSetting) as error:
                yield TriggerEvent({"refused": str(error)})
                return
            else:
                failures = 0
                if job["state"] in OVER:
                    yield TriggerEvent({"job": job})
                    return
            await asyncio.sleep(pause)
            pause = min(pause * GROWTH, LONGEST_PAUSE_S)


class AwaitJob(BaseOperator):
    """
    Waits for a job of a service; its result is the task's, key by key.

    A job that failed or was cancelled fails the task for good: the service has retried it already, and its key would
    answer it again. What remains is a new run. A service that stays away fails this attempt only.
    """

    template_fields: Sequence[str] = ("job_queue", "job_id")

    def __init__(
        self,
        *,
        service: ServiceName,
        job_queue: str = "",
        job_id: str = "",
        longest: timedelta,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(multiple_outputs=True, **kwargs)
        self.service = service
        self.job_queue = job_queue
        self.job_id = job_id
        self.longest = longest

    def execute(self, context: Context) -> None:  # noqa: ARG002
        self.wait(self.job_queue, self.job_id)

    def wait(self, queue: str, job_id: str) -> None:
        self.log.info("waiting for %s/%s of %s", queue, job_id, self.service)
        trigger = JobTrigger(self.service, queue, job_id)
        self.defer(trigger=trigger, method_name="over", timeout=self.longest)

    def over(self, context: Context, event: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        if "away" in event:
            raise AirflowException(event["away"])
        if "refused" in event:
            raise AirflowFailException(event["refused"])
        job = event["job"]
        if job["state"] != "completed":
            problem = job["problem"] or {}
            why = problem.get("detail", "no reason given")
            raise AirflowFailException(f"{job['queue']}/{job['id']} of {self.service} is {job['state']}: {why}")
        self.log.info("%s/%s is done: %s", job["queue"], job["id"], job["result"])
        return dict(job["result"])


class RunJob(AwaitJob):
    """
    Asks a service for a job, then waits for it.

    The key is the same at every attempt, so that a task whose process was killed at any moment finds its job again.
    What is None in the body is left out.
    """

    template_fields: Sequence[str] = ("path", "body", "idempotency_key")

    def __init__(
        self,
        *,
        service: ServiceName,
        path: str,
        body: Any,  # noqa: ANN401
        idempotency_key: str,
        longest: timedelta,
        **kwargs: Any,  # noqa: ANN401
    ) -> None:
        super().__init__(service=service, longest=longest, **kwargs)
        self.path = path
        self.body = body
        self.idempotency_key = idempotency_key

    def execute(self, context: Context) -> None:  # noqa: ARG002
        body = {name: value for name, value in self.body.items() if value is not None}
        job = post(self.service, self.path, body, self.idempotency_key)
        self.wait(job["queue"], job["id"])
