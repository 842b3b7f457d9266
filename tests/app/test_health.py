import threading
import time

import pytest

from app.application import build_app
from app.routes import health
from service.errors import ServiceUnavailable, StorageFull
from tests.app.conftest import client_of


def gone():
    raise ServiceUnavailable("It does not answer.")


def full():
    raise StorageFull("There is no space left to keep files.")


def test_it_is_ready_when_a_worker_lives(client, services):
    services.store.beat("w", services.jobs.lease, [])
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "parts": {
            name: {"status": "ok", "detail": None}
            for name in ("database", "storage", "broker", "worker")
        },
    }


def test_a_missing_worker_is_named(client):
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    failed = [name for name, part in answer.json()["parts"].items() if part["status"] == "failed"]
    assert failed == ["worker"]


@pytest.mark.parametrize(
    ("part", "check"), [("database", gone), ("storage", full), ("broker", gone)]
)
def test_the_part_that_fails_is_named(services, part, check):
    with client_of(build_app(services)) as client:
        services.store.beat("w", services.jobs.lease, [])
        client.app.state.checks._checks[part] = check
        answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    parts = answer.json()["parts"]
    assert [name for name in parts if parts[name]["status"] == "failed"] == [part]
    assert parts[part]["detail"]


def test_a_part_that_hangs_is_told_in_time_and_holds_few_threads(services, monkeypatch):
    end = threading.Event()
    with client_of(build_app(services)) as client:
        monkeypatch.setattr(health, "TIMEOUT", 0.2)
        client.app.state.checks._checks["storage"] = lambda: end.wait(20)
        began = time.monotonic()
        before = threading.active_count()
        for _ in range(8):
            parts = client.get("/health/ready").json()["parts"]
            assert parts["storage"] == {"status": "failed", "detail": "It does not answer in time."}
            assert parts["database"]["status"] == "ok"
        assert threading.active_count() <= before + 6
        assert time.monotonic() - began < 20
        end.set()


def test_live_asks_nobody(client):
    assert client.get("/health/live").json() == {"status": "ok"}
