"""MLflow's client, set up for a command, and its errors by who must act."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vigia.errors import BadInput, TrackingUnavailable

if TYPE_CHECKING:
    from mlflow import MlflowClient

# MLflow's client would try for four minutes, print links to standard output and report usage.
CLIENT_SETTINGS = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "3",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
UNAUTHORISED = (401, 403)
TOO_MANY_REQUESTS = 429


def client_of(tracking_uri: str) -> "MlflowClient":
    """
    Client of the server at `http[s]://HOST:PORT`; variables of MLflow's own in the environment win over our settings.

    MLflow is imported here and not above: it takes two seconds, for which a command without tracking need not wait.
    """
    if urlsplit(tracking_uri).scheme not in ("http", "https"):
        raise BadInput(f"{tracking_uri!r} is no address of an MLflow server: give --tracking-uri http://HOST:PORT")
    for name, value in CLIENT_SETTINGS.items():
        os.environ.setdefault(name, value)
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri, tracking_uri)


@contextmanager
def asking() -> Iterator[None]:
    """
    Raises TrackingUnavailable where the server is away or broken, BadInput where it does not let us in; that it refuses
    what was asked is a fault of ours and stays MLflow's exception.
    """
    from mlflow.exceptions import MlflowException
    from requests import RequestException

    try:
        yield
    except (MlflowException, RequestException) as error:
        status = status_of(error)
        told = (str(error).splitlines() or [type(error).__name__])[0][:300]
        if status in UNAUTHORISED:
            raise BadInput(
                f"MLflow does not let us in ({told}): check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, "
                "and that the server allows the host name of --tracking-uri"
            ) from error
        if 400 <= status < 500 and status != TOO_MANY_REQUESTS:
            raise
        raise TrackingUnavailable(f"MLflow does not answer as it should ({told}): try again later") from error


def status_of(error: Exception) -> int:
    """HTTP status that the error stands for; 500 where no answer came."""
    from mlflow.exceptions import MlflowException

    if isinstance(error, MlflowException):
        return int(error.get_http_status_code())  # type: ignore[no-untyped-call]
    response = getattr(error, "response", None)
    return 500 if response is None else int(response.status_code)


def experiment_id_of(client: "MlflowClient", name: str) -> str:
    """Makes the experiment at its first run."""
    from mlflow.exceptions import RestException

    known = client.get_experiment_by_name(name)
    if known is None:
        try:
            return str(client.create_experiment(name))
        except RestException as error:
            # Another run made it in between.
            known = client.get_experiment_by_name(name)
            if known is None:
                raise error
    return str(known.experiment_id)


def ensure_registered_model(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import RestException

    try:
        client.create_registered_model(name)
    except RestException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
