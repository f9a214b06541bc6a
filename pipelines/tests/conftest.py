import os
from collections.abc import Iterator

import pytest

from mlflow_fixture import MlflowServer, free_port


@pytest.fixture(scope="session")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MLflow of the whole session: VIGIA_TEST_MLFLOW_URL, else a server that ends with it."""
    given = os.environ.get("VIGIA_TEST_MLFLOW_URL")
    if given is not None:
        yield given
        return
    server = MlflowServer(tmp_path_factory.mktemp("mlflow"), free_port())
    server.start()
    yield server.url
    server.kill()
