"""Whole processes, killed: what was accepted ends in SUCCESS, embedded and on Celery."""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.engines.llm.answers import answer, invoice, party
from tests.engines.llm.stand_in import KEY, StandIn, says
from tests.ocr.scans import a_scan, as_pdf
from tests.servers import ROOT, Api, wait_until

FILES = ROOT / "samples" / "files"
PRINTED = invoice(
    invoice_number="202400122",
    currency="GBP",
    seller=party(name="Quellmar Office Supplies Limited"),
    subtotal="3,768.00",
    tax_total="753.60",
    total="4,521.60",
)
"""What invoice-en.pdf shows: one that it does not would be weighed against the local engine's reading."""

SLOW = 4.0
"""Seconds that the model takes to answer: time enough to kill a worker in the middle of a job."""


@pytest.fixture
def slow_model():
    """Settings that point the service at a model which thinks for a while."""
    with StandIn() as stand_in:
        told = json.dumps(answer(PRINTED))
        stand_in.script = [says(told, delay=SLOW)]
        yield (
            stand_in,
            {
                "GEMINI_API_KEY": KEY,
                "LLM_BASE_URL": stand_in.base_url,
                "LEASE_SECONDS": "4",
            },
        )


def send(api, *names: str) -> list[dict]:
    return upload(api, *[(name, (FILES / name).read_bytes()) for name in names])


def upload(api, *named: tuple[str, bytes]) -> list[dict]:
    files = [("files", one) for one in named]
    response = httpx.post(f"{api.url}/extract-invoice", files=files, timeout=30)
    assert response.status_code == 202, response.text
    return response.json()


def status(api, task: dict) -> dict:
    return httpx.get(f"{api.url}/status/{task['task_id']}", timeout=30).json()


def final(api, task: dict, seconds: float = 60) -> dict:
    found: dict = {}

    def is_final() -> bool:
        found.update(status(api, task))
        return found["status"] in ("SUCCESS", "FAILURE", "REVOKED")

    wait_until(is_final, seconds)
    return found


def children(pid: int) -> list[int]:
    return [int(c) for c in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def worker_of(api) -> int:
    """Return the pid of the embedded worker."""
    for thread in Path(f"/proc/{api.pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            if b"worker.embedded" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    raise AssertionError("no worker")


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z"
    except FileNotFoundError:
        return True


def test_a_factur_x_file_is_read_exactly_by_the_embedded_worker(start_api):
    api = start_api()
    (task,) = send(api, "factur-x-de.pdf")
    done = final(api, task)
    truth = json.loads((FILES / "truth.json").read_text())["factur-x-de.pdf"]
    assert (done["status"], done["engine"]) == ("SUCCESS", "einvoice")
    assert done["result"]["invoice_number"] == truth["invoice_number"]
    assert done["result"]["totals"]["gross"] == truth["totals"]["gross"]


def test_a_killed_embedded_worker_is_started_again_and_its_job_ends(start_api, slow_model):
    stand_in, settings = slow_model
    api = start_api(**settings)
    (task,) = send(api, "invoice-en.pdf")
    wait_until(lambda: stand_in.calls == 1)
    os.kill(worker_of(api), signal.SIGKILL)
    done = final(api, task)
    assert (done["status"], done["engine"]) == ("SUCCESS", "llm")
    assert stand_in.calls == 2


def test_a_killed_api_takes_its_worker_with_it_and_the_next_one_goes_on(start_api, slow_model):
    stand_in, settings = slow_model
    api = start_api(**settings)
    tasks = send(api, "invoice-en.pdf", "factur-x-de.pdf")
    worker = worker_of(api)
    wait_until(lambda: stand_in.calls >= 1)
    api.stop(signal.SIGKILL)
    again = start_api(**settings)
    for task in tasks:
        assert final(again, task)["status"] == "SUCCESS"
    wait_until(lambda: gone(worker))


def test_stopping_the_api_lets_a_running_job_end(start_api, slow_model):
    stand_in, settings = slow_model
    api = start_api(**settings)
    (task,) = send(api, "invoice-en.pdf")
    worker = worker_of(api)
    wait_until(lambda: stand_in.calls == 1)
    assert api.stop(signal.SIGINT) == 0
    wait_until(lambda: gone(worker))
    again = start_api(**settings)
    assert status(again, task)["status"] == "SUCCESS"
    assert stand_in.calls == 1


def test_two_api_processes_have_one_working_worker(start_api):
    first, second = start_api(), start_api()
    for api in (first, second):
        (task,) = send(api, "invoice-en.pdf")
        assert final(first, task)["status"] == "SUCCESS"
    first.stop()
    (task,) = send(second, "factur-x-de.pdf")
    assert final(second, task)["status"] == "SUCCESS"


@pytest.fixture
def celery_settings(valkey, postgres):
    return {"REDIS_URL": valkey.url, "DATABASE_URL": postgres}


@dataclass(frozen=True)
class Service:
    """An API and its worker; `start_worker` starts another one where nobody else does."""

    api: Api
    worker: int
    start_worker: Callable[[], object]


@pytest.fixture(params=["embedded", "celery"])
def start_service(request):
    """Start an API with a worker of each kind, with settings of its own."""
    # before the processes, so that it ends after them
    broker = request.getfixturevalue("celery_settings") if request.param == "celery" else {}
    start_api, start_celery = map(request.getfixturevalue, ("start_api", "start_celery"))

    def start(**settings: str) -> Service:
        api = start_api(**broker, **settings)
        if not broker:
            return Service(api, worker_of(api), lambda: None)
        worker = start_celery(**broker, **settings)
        return Service(api, worker.pid, lambda: start_celery(**broker, **settings))

    return start


def a_long_scan(pages: int) -> tuple[str, bytes]:
    return "scan.pdf", as_pdf(*[a_scan(dpi=100)] * pages)


scans = pytest.mark.parametrize(
    "start_service", ["embedded", pytest.param("celery", marks=pytest.mark.soak)], indirect=True
)
"""Tests that read scans, which takes long: with Celery's worker, whose turns are the same code, in the long runs."""


def page_of(api, task: dict) -> int:
    """Return the page of a task that is being read; 0 before the first."""
    return (status(api, task)["progress"] or {}).get("page") or 0


@scans
def test_documents_with_text_do_not_wait_behind_scans(start_service):
    api = start_service(JOBS_IN_FLIGHT="1").api
    scans = upload(api, *[a_long_scan(2)] * 3)
    wait_until(lambda: all(status(api, task)["status"] == "STARTED" for task in scans), 60)
    for task in send(api, "invoice-en.pdf", "rechnung-de.pdf", "factur-x-de.pdf"):
        assert final(api, task, 30)["status"] == "SUCCESS"
    assert "STARTED" in {status(api, task)["status"] for task in scans}
    for task in scans:
        done = final(api, task, 120)
        assert (done["status"], done["usage"]["pages"]) == ("SUCCESS", 2)


@scans
def test_a_worker_that_is_killed_while_it_reads_a_scan_loses_nothing(start_service):
    service = start_service(LEASE_SECONDS="4")
    (task,) = upload(service.api, a_long_scan(3))
    wait_until(lambda: page_of(service.api, task) >= 2, 60)
    os.kill(service.worker, signal.SIGKILL)
    service.start_worker()
    assert final(service.api, task, 120)["status"] == "SUCCESS"
    record = httpx.get(f"{service.api.url}/v1/documents/{task['task_id']}").json()
    assert [page["status"] for page in record["pages"]] == ["read"] * 3
    assert record["starts"] == 2


@scans
def test_a_worker_that_stops_ends_the_scan_that_it_reads(start_service):
    service = start_service()
    (task,) = upload(service.api, a_long_scan(2))
    wait_until(lambda: page_of(service.api, task) == 1, 60)
    os.kill(service.worker, signal.SIGTERM)
    wait_until(lambda: gone(service.worker), 40)
    assert status(service.api, task)["status"] == "SUCCESS"


def test_celery_redis_and_postgresql_read_the_same_invoice(
    start_api, start_celery, celery_settings
):
    api = start_api(**celery_settings)
    start_celery(**celery_settings)
    (task,) = send(api, "factur-x-de.pdf")
    assert final(api, task)["engine"] == "einvoice"


def test_a_killed_celery_worker_loses_nothing(start_api, start_celery, celery_settings, slow_model):
    stand_in, model = slow_model
    settings = celery_settings | model
    api = start_api(**settings)
    worker = start_celery(**settings)
    (task,) = send(api, "invoice-en.pdf")
    wait_until(lambda: stand_in.calls == 1, 60)
    worker.stop(signal.SIGKILL)
    start_celery(**settings)
    done = final(api, task)
    assert (done["status"], done["engine"]) == ("SUCCESS", "llm")


def test_a_stopped_celery_worker_ends_its_job_first(
    start_api, start_celery, celery_settings, slow_model
):
    stand_in, model = slow_model
    settings = celery_settings | model
    api = start_api(**settings)
    worker = start_celery(**settings)
    (task,) = send(api, "invoice-en.pdf")
    wait_until(lambda: stand_in.calls == 1, 60)
    worker.stop(signal.SIGTERM)
    assert status(api, task)["status"] == "SUCCESS"


def test_a_broker_that_was_away_and_wiped_loses_nothing(
    start_api, start_celery, celery_settings, valkey
):
    import redis

    api = start_api(**celery_settings)
    tasks = send(api, "invoice-ubl.xml", "factur-x-de.pdf")
    redis.Redis.from_url(valkey.url).flushall()
    valkey.stop()
    tasks += send(api, "invoice-ubl.xml")
    valkey.start()
    start_celery(**celery_settings)
    for task in tasks:
        assert final(api, task, 90)["status"] == "SUCCESS"


def test_a_celery_worker_without_a_broker_setting_says_what_is_missing(start_celery):
    worker = start_celery()
    wait_until(lambda: "redis://localhost:6379/0" in worker.logged())
    worker.stop(signal.SIGKILL)


def test_a_job_that_outlasts_the_grace_is_given_back_as_no_loss(start_api, slow_model, monkeypatch):
    stand_in, settings = slow_model
    stand_in.script[0] = says(json.dumps(answer(PRINTED)), delay=60)
    api = start_api(**settings)
    (task,) = send(api, "invoice-en.pdf")
    wait_until(lambda: stand_in.calls == 1)
    began = time.monotonic()
    api.stop(signal.SIGTERM, 40)
    assert time.monotonic() - began < 38
    stand_in.script = [says(json.dumps(answer(PRINTED)))]
    again = start_api(**settings)
    assert final(again, task)["status"] == "SUCCESS"
    assert status(again, task)["engine"] == "llm"
