import threading
import time
from datetime import UTC, datetime, timedelta

import anyio
import httpx
import pytest
from anyio import to_thread

from app.routes.invoices import _pause
from service.errors import ServiceUnavailable
from tests.app.conftest import PDF, upload
from tests.service.made import a_job

FIELDS = {
    "task_id",
    "status",
    "filename",
    "result",
    "error",
    "invoices",
    "engine",
    "model",
    "prompt_version",
    "attempts",
    "usage",
    "progress",
    "batch_id",
    "duplicate_of",
    "created_at",
    "started_at",
    "finished_at",
    "expires_at",
    "links",
}


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def task_id(client):
    return upload(client).json()[0]["task_id"]


def test_a_waiting_task_has_every_field_and_no_result(client, task_id):
    answer = client.get(f"/status/{task_id}")
    told = answer.json()
    assert set(told) == FIELDS
    assert (told["task_id"], told["status"], told["filename"]) == (
        task_id,
        "PENDING",
        "invoice.pdf",
    )
    assert told["result"] is told["usage"] is told["error"] is None
    assert told["invoices"] == told["attempts"] == []
    assert answer.headers["Retry-After"] == "1"
    assert told["created_at"].endswith("Z")


def test_a_finished_task_tells_its_result(client, task_id, finish):
    finish(task_id)
    answer = client.get(f"/status/{task_id}")
    told = answer.json()
    assert set(told) == FIELDS
    assert told["status"] == "SUCCESS"
    assert told["result"] == told["invoices"][0]["result"]
    assert told["result"]["totals"]["gross"] == "119.00"
    assert told["invoices"][0]["evidence"]["/totals/gross"]["page"] == 1
    assert (told["engine"], told["usage"]["calls"]) == ("layout", 0)
    assert "Retry-After" not in answer.headers


def test_reading_never_consumes(client, task_id, finish):
    finish(task_id)
    assert client.get(f"/status/{task_id}").json() == client.get(f"/status/{task_id}").json()


@pytest.mark.parametrize(
    "unknown", ["0" * 32, "x", "A" * 32, "0" * 33, "%00" * 4, "..%2fx", "é" * 32]
)
def test_an_unknown_task_is_404(client, unknown):
    answer = client.get(f"/status/{unknown}")
    assert answer.status_code == 404
    assert answer.json()["code"] in {"unknown_task", "not_found"}


def test_a_deleted_task_is_410(client, task_id):
    assert client.delete(f"/v1/documents/{task_id}").status_code == 204
    answer = client.get(f"/status/{task_id}")
    assert (answer.status_code, answer.json()["code"]) == (410, "expired")


def test_what_the_caller_knows_is_304(client, task_id, begin):
    tag = client.get(f"/status/{task_id}").headers["ETag"]
    known = {"If-None-Match": f'"other", W/{tag}'}
    answer = client.get(f"/status/{task_id}", headers=known)
    assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag)
    assert answer.headers["Retry-After"] == "1"
    begin(task_id)
    answer = client.get(f"/status/{task_id}", headers=known)
    assert (answer.status_code, answer.json()["status"]) == (200, "STARTED")


@pytest.mark.parametrize(("age", "seconds"), [(0, 1), (9, 1), (11, 2), (59, 2), (61, 5), (9999, 5)])
def test_the_pause_between_questions_grows_with_age(age, seconds):
    assert _pause(a_job(created_at=datetime.now(UTC) - timedelta(seconds=age))) == seconds


@pytest.mark.parametrize("wait", ["-1", "31", "nan", "inf", "x"])
def test_a_wait_out_of_range_is_refused(client, task_id, wait):
    answer = client.get(f"/status/{task_id}?wait={wait}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/wait")


def test_a_wait_ends_with_the_task(client, task_id, finish):
    timer = threading.Timer(0.5, finish, [task_id])
    began = time.monotonic()
    timer.start()
    told = client.get(f"/status/{task_id}?wait=20").json()
    assert told["status"] == "SUCCESS"
    assert 0.5 <= time.monotonic() - began < 10


def test_a_wait_ends_in_time_without_an_end(client, task_id):
    began = time.monotonic()
    assert client.get(f"/status/{task_id}?wait=0.4").json()["status"] == "PENDING"
    assert 0.4 <= time.monotonic() - began < 10


def test_a_wait_with_a_known_version_ends_with_any_change(client, task_id, begin):
    tag = client.get(f"/status/{task_id}").headers["ETag"]
    threading.Timer(0.3, begin, [task_id]).start()
    began = time.monotonic()
    answer = client.get(f"/status/{task_id}?wait=20", headers={"If-None-Match": tag})
    assert answer.json()["status"] == "STARTED"
    assert time.monotonic() - began < 10


def test_a_wait_for_a_deleted_task_ends_with_410(client, task_id, services):
    threading.Timer(0.2, services.jobs.delete, ["default", task_id]).start()
    assert client.get(f"/status/{task_id}?wait=20").status_code == 410


def test_a_wait_ends_with_503_when_the_database_is_gone(client, app, task_id):
    def gone(ids):
        raise ServiceUnavailable("The database does not answer.")

    app.state.watcher._versions = gone
    answer = client.get(f"/status/{task_id}?wait=20")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer.headers["Retry-After"] == "5"


@pytest.mark.anyio
async def test_sixty_waits_hold_no_thread(app, services, finish):
    await to_thread.run_sync(services.start)
    transport = httpx.ASGITransport(app)
    assert to_thread.current_default_thread_limiter().total_tokens == 40
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        made = await upload(client, *[(f"{n}.pdf", PDF) for n in range(20)])
        ids = [entry["task_id"] for entry in made.json()] * 3
        answers = []

        async def wait(task_id):
            answers.append(await client.get(f"/status/{task_id}?wait=20"))

        async with anyio.create_task_group() as group:
            for task_id in ids:
                group.start_soon(wait, task_id)
            while len(app.state.watcher._waits) < 60:
                await anyio.sleep(0.01)
            limiter = to_thread.current_default_thread_limiter()
            assert limiter.borrowed_tokens == 0
            with anyio.fail_after(10):
                assert (await client.get(f"/status/{ids[0]}")).status_code == 200
            for task_id in set(ids):
                await to_thread.run_sync(finish, task_id)
            ended = time.monotonic()
        assert time.monotonic() - ended < 10
        assert [answer.json()["status"] for answer in answers] == ["SUCCESS"] * 60
        assert app.state.watcher._waits == set()
