"""What the OpenAPI description promises holds: generated calls, right and wrong, against the real application.

All checks of schemathesis are made. What a schema cannot say, and a call is refused for all the same, is
listed in BEYOND, with the reason.
"""

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from config.config import Settings
from service.keys import SCOPES
from service.tenants import TENANT
from tests.app.conftest import upload
from tests.servers import ROOT

KNOWN = ["2xx", "3xx", "401", "403", "404", "409", "429", "5xx"]
"""What schemathesis takes for an answer to a right call."""

BEYOND = {
    "GET /v1/documents": (["422"], "a cursor is none that the list gave"),
    "GET /v1/export": (["422"], "ids and a filter exclude each other; only SUCCESS is exported"),
    "GET /v1/events": (["422"], "ids and an upload exclude each other; no id of an event"),
    "POST /extract-invoice": (["422"], "a URL's host, ranges of pages, a schema written in JSON"),
    "POST /v1/keys": (["422"], "a time that is past already"),
    "POST /v1/webhooks": (["422"], "a URL's host is looked up"),
    "GET /v1/webhooks/{webhook_id}/deliveries": (["422"], "a cursor is none that the list gave"),
    "PATCH /v1/webhooks/{webhook_id}": (["422"], "a URL's host is looked up"),
    "PATCH /v1/documents/{task_id}/invoices/{invoice}": (
        ["412", "422", "428"],
        "If-Match is no version, or not the newest",
    ),
    "POST /v1/documents/{task_id}/confirm": (["412"], "If-Match is not the newest version"),
    "POST /v1/documents/{task_id}/reject": (["412"], "If-Match is not the newest version"),
    "POST /v1/documents/{task_id}/reopen": (["412"], "If-Match is not the newest version"),
}


@pytest.fixture
def settings(settings) -> Settings:
    longer = {"rate_limit_address": 1_000_000, "lease_seconds": 7200}
    return settings.model_copy(update=longer | {"webhook_allowed_hosts": ("127.0.0.1:9",)})


@pytest.fixture
def called(server, client, services, finish, tmp_path):
    """Let schemathesis call the service; what fails is in the message."""
    _, key = services.keys.make(TENANT, "k", frozenset(SCOPES), rate=1_000_000)
    headers = {"Authorization": f"Bearer {key}"}
    client.headers.update(headers)
    file = (ROOT / "samples" / "files" / "invoice-en.pdf").read_bytes()
    sent = upload(client, file, b"%PDF-1", b"").json()
    task_id, deleted, refused = (entry["task_id"] for entry in sent)
    finish(task_id)
    services.store.beat("w", timedelta(hours=1), [])  # so that the service is ready
    hooks = [services.webhooks.make(TENANT, f"http://127.0.0.1:9/{n}", ()).id for n in range(2)]
    parameters = {"path.task_id": task_id, "path.webhook_id": hooks[0]}
    parameters["path.delivery_id"] = services.webhooks.store.test(TENANT, hooks[0]).event
    own = {
        "DELETE /v1/documents/{task_id}": {"path.task_id": deleted},
        "DELETE /v1/webhooks/{webhook_id}": {"path.webhook_id": hooks[1]},
        "GET /v1/events": {"query.task_ids": refused},  # it has ended, and so does the stream
        "DELETE /v1/keys/{key_id}": {"path.key_id": "0" * 12},  # not the one that is shown
    }

    def call(*arguments: str) -> None:
        settings = {
            "headers": headers,
            "generation": {"database": "none"},
            "parameters": parameters,
            # a document that was deleted on the way is 410
            "checks": {"positive_data_acceptance": {"expected-statuses": [*KNOWN, "410"]}},
            "operations": [
                {
                    "include-name": name,
                    "checks": {
                        "positive_data_acceptance": {"expected-statuses": [*KNOWN, "410", *more]}
                    },
                }
                for name, (more, _) in BEYOND.items()
            ]
            + [{"include-name": name, "parameters": one} for name, one in own.items()],
        }
        (tmp_path / "schemathesis.toml").write_text(_toml(settings))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{server}/openapi.json"),
                *("--generation-deterministic", "--no-color", "--request-timeout", "60"),
                *arguments,
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return call


def _toml(settings: dict) -> str:
    """Return the settings as TOML, whose inline tables are JSON with = in place of colons."""
    return "".join(f"{name} = {_inline(value)}\n" for name, value in settings.items())


def _inline(value: object) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(name)} = {_inline(one)}" for name, one in value.items())
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


@pytest.mark.timeout(300)
def test_the_service_does_as_it_describes(called):
    called("--phases", "examples,coverage,fuzzing", "--max-examples", "3")


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_service_does_as_it_describes_in_many_calls(called):
    called("--max-examples", "300")
