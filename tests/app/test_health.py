import threading
import time

import pytest

from app.routes import health
from service.errors import ServiceUnavailable, StorageFull


def gone():
    raise ServiceUnavailable("It does not answer.")


def full():
    raise StorageFull("There is no space left to keep files.")


def test_it_is_ready_when_a_worker_lives(client, services):
    services.store.beat("w", services.jobs.lease)
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
    ("part", "target", "check"),
    [("database", "store", gone), ("storage", "storage", full), ("broker", "queue", gone)],
)
def test_the_part_that_fails_is_named(client, services, monkeypatch, part, target, check):
    services.store.beat("w", services.jobs.lease)
    kind = type(getattr(services, target))
    monkeypatch.setattr(kind, "check", lambda self: check())
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    parts = answer.json()["parts"]
    assert [name for name in parts if parts[name]["status"] == "failed"] == [part]
    assert parts[part]["detail"]


def test_a_part_that_hangs_is_told_in_time(client, services, monkeypatch):
    end = threading.Event()
    monkeypatch.setattr(health, "TIMEOUT", 0.2)
    monkeypatch.setattr(type(services.storage), "check", lambda self: end.wait(10))
    began = time.monotonic()
    parts = client.get("/health/ready").json()["parts"]
    assert parts["storage"] == {"status": "failed", "detail": "It does not answer in time."}
    assert time.monotonic() - began < 2
    end.set()


def test_live_asks_nobody(client):
    assert client.get("/health/live").json() == {"status": "ok"}
