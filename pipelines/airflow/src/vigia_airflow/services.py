"""The HTTP APIs of Vigia's services (docs/reference.md), as far as the DAGs ask them."""

from collections.abc import Mapping
from typing import Any, Literal

import httpx
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from vigia_airflow.settings import setting

ServiceName = Literal["feature-store", "training-worker", "monitoring"]
URLS: dict[ServiceName, str] = {
    "feature-store": "VIGIA_FEATURE_STORE_URL",
    "training-worker": "VIGIA_TRAINING_WORKER_URL",
    "monitoring": "VIGIA_MONITORING_URL",
}
TIMEOUT_S = 30
TOO_MANY_REQUESTS = 429
NOT_FOUND_CODE = "not_found"


class Refused(AirflowFailException):
    """The service understood and says no (4xx): the same request again would be refused again."""

    def __init__(self, text: str, code: str) -> None:
        super().__init__(text)
        # The code of the problem as docs/reference.md lists them, empty where the answer is no problem.
        self.code = code


class Away(AirflowException):
    """The service does not answer, is overloaded or fails: the task tries again."""


def get(service: ServiceName, path: str, query: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
    """
    The JSON at `path`, without a slash at its front.

    Raises Refused and Away.
    """
    with httpx.Client(**_options(service)) as client:
        try:
            return _json(service, client.get(path, params=query))
        except httpx.HTTPError as error:
            raise _away(service, error) from error


def post(service: ServiceName, path: str, body: Mapping[str, Any], idempotency_key: str) -> Any:  # noqa: ANN401
    """
    Sends `body`; the service does once what is sent often under one key.

    Raises Refused and Away.
    """
    with httpx.Client(**_options(service)) as client:
        try:
            return _json(service, client.post(path, json=body, headers={"idempotency-key": idempotency_key}))
        except httpx.HTTPError as error:
            raise _away(service, error) from error


async def get_async(service: ServiceName, path: str) -> Any:  # noqa: ANN401
    """As `get`, for the triggerer, whose loop serves many waits."""
    async with httpx.AsyncClient(**_options(service)) as client:
        try:
            return _json(service, await client.get(path))
        except httpx.HTTPError as error:
            raise _away(service, error) from error


def _options(service: ServiceName) -> dict[str, Any]:
    return {
        "base_url": setting(URLS[service]),
        "headers": {"x-api-key": setting("VIGIA_API_KEY")},
        "timeout": TIMEOUT_S,
    }


def _json(service: ServiceName, response: httpx.Response) -> Any:  # noqa: ANN401
    if response.is_success:
        return response.json()
    code, text = _problem(response)
    line = f"{response.request.method} {response.request.url.path} of {service} answered {response.status_code}: {text}"
    if response.is_client_error and response.status_code != TOO_MANY_REQUESTS:
        raise Refused(line, code)
    raise Away(line)


def _problem(response: httpx.Response) -> tuple[str, str]:
    """Code and text of a problem (RFC 9457)."""
    try:
        problem = response.json()
        fields = [f"{each['field']} {each['message']}" for each in problem.get("errors", [])]
        text = " ".join([problem["detail"], *([f"({'; '.join(fields)})"] if fields else [])])
        return str(problem["type"]).rsplit(":", 1)[-1], text
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", response.text[:500]


def _away(service: ServiceName, error: httpx.HTTPError) -> Away:
    return Away(f"{service} at {setting(URLS[service])} does not answer: {error!r}")
