"""Settings are refused by name and with the remedy; the page has them all; failures reach the webhook."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from conftest import PROJECT
from vigia_airflow.notices import notice, send
from vigia_airflow.settings import RETRAIN_SCHEDULE, SETTINGS, BadSetting, setting

PAGE = PROJECT.parent.parent / "docs/airflow.md"


@pytest.mark.parametrize("name", [name for name, declared in SETTINGS.items() if declared.default is None])
def test_what_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadSetting, match=f"{name} is missing"):
        setting(name)


@pytest.mark.parametrize(
    ("name", "value", "objection"),
    [
        ("VIGIA_FEATURE_STORE_URL", "localhost:3003", "must be a URL as http://host:3004 and is 'localhost:3003'"),
        ("VIGIA_API_KEY", " ", "must not be empty"),
        ("VIGIA_LEDGER_URL", "mysql://user:secret@host/db", "must be a URL as postgres://"),
        ("VIGIA_LAKE_COMMAND", "/nowhere/vigia-lake", "must be the path of an executable file"),
        ("VIGIA_LAKE_EXPORT", "/nowhere.js", "must be the path of a file"),
    ],
)
def test_what_does_not_fit_is_named(name: str, value: str, objection: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=re.escape(objection)) as refused:
        setting(name)
    assert "secret" not in str(refused.value).split(SETTINGS[name].meaning)[0]


def test_the_page_has_every_setting_and_no_other() -> None:
    rows = dict(re.findall(r"^\| `(VIGIA_\w+)` \| [^|]*\| (.+?) \|$", PAGE.read_text(), re.MULTILINE))
    schedule = rows.pop(RETRAIN_SCHEDULE)
    assert "cron" in schedule
    assert rows == {
        name: declared.meaning + (" Secret." if declared.secret else "") for name, declared in SETTINGS.items()
    }


class Webhook(HTTPServer):
    """Takes what is posted, or answers 500."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.taken: list[Any] = []
        self.status = 200


class Receiver(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401
        pass


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Webhook]:
    with Webhook() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("VIGIA_ALERT_WEBHOOK_URL", f"http://127.0.0.1:{server.server_port}/hook")
        yield server
        server.shutdown()


def test_a_failure_is_told_as_monitoring_tells_an_alert(webhook: Webhook) -> None:
    assert send(notice("A run of a DAG failed", "pix_audit", {"task": "verdict"}))
    [taken] = webhook.taken
    assert set(taken) == {"text", "event", "runbook", "alert"}
    assert taken["text"].splitlines()[0] == "[opened, warning] A run of a DAG failed: pix_audit"
    assert taken["alert"] == {"kind": "pipeline_failure", "severity": "warning", "dag": "pix_audit", "task": "verdict"}
    anchor = taken["runbook"].split("#")[1].replace("-", " ")
    assert f"## {anchor}" in PAGE.read_text().lower()


def test_a_webhook_that_refuses_costs_only_a_line(webhook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook.status = 500
    assert not send(notice("A run of a DAG failed", "pix_audit", {}))
    monkeypatch.setenv("VIGIA_ALERT_WEBHOOK_URL", "")
    assert not send(notice("A run of a DAG failed", "pix_audit", {}))
