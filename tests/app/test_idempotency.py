import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest

from app.errors import InvalidOption
from app.idempotency import begun
from service.errors import ServiceUnavailable
from service.keys import ANYBODY
from service.store.idempotency import KEPT, UNDER_WAY, Idempotency
from tests.app.conftest import PDF, XML, upload


def send(client, key, *files, **fields):
    parts = [("files", ("a.pdf", data)) for data in files or (PDF,)]
    headers = {"Idempotency-Key": key}
    return client.post("/extract-invoice", files=parts, data=fields, headers=headers)


def count(client) -> int:
    return len(client.get("/v1/documents?limit=200").json()["documents"])


def test_the_same_request_again_gets_the_first_answer(client, finish, kept):
    first = send(client, "k", PDF, b"", XML, reference="r")
    finish(first.json()[0]["task_id"])
    again = send(client, '"k"', PDF, b"", XML, reference="r")
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert count(client) == 3
    assert len(kept()) == 2


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        ((PDF + b"x",), {"reference": "r"}),
        ((PDF, PDF), {"reference": "r"}),
        ((PDF,), {}),
        ((PDF,), {"reference": "r", "engine": "layout"}),
        ((b"%PDF-" + b"x" * 300_000,), {"reference": "r"}),
    ],
)
def test_another_request_with_the_same_key_is_422(client, kept, files, fields):
    send(client, "k", PDF, reference="r")
    answer = send(client, "k", *files, **fields)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")
    assert count(client) == 1
    assert len(kept()) == 1


def test_a_file_too_large_is_known_again_by_its_size(client):
    first = send(client, "k", b"x" * 400_000)
    assert first.json()[0]["error"]["code"] == "file_too_large"
    assert send(client, "k", b"x" * 400_000).content == first.content
    assert send(client, "k", b"x" * 400_001).status_code == 422


def test_without_the_header_each_request_is_its_own(client):
    upload(client)
    upload(client)
    assert count(client) == 2


def test_a_refused_request_may_be_sent_better_under_its_key(client):
    assert send(client, "k", engine="none").status_code == 422
    assert send(client, "k").status_code == 202


@pytest.mark.parametrize("key", ["", '""', "a b", "x" * 256, '"a', "ü"])
def test_what_is_no_key_is_422(client, key):
    answer = send(client, key.encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")


def test_a_deleted_document_is_gone_for_the_request_sent_again_too(client):
    task = send(client, "k").json()[0]["task_id"]
    client.delete(f"/v1/documents/{task}")
    assert send(client, "k").status_code == 410


def test_each_key_has_its_own_requests(client, services):
    made = [services.keys.make(t, "k", frozenset({"write"}))[1] for t in ("a", "a", "b")]
    tasks = set()
    for key in made:
        client.headers["Authorization"] = f"Bearer {key}"
        tasks.add(send(client, "same").json()[0]["task_id"])
    assert len(tasks) == 3


def test_while_the_first_is_under_way_the_second_is_409_and_fails_nothing(client, services):
    state = services.idempotency.begin("default/", "k")
    answer = send(client, "k")
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_in_progress")
    assert answer.headers["Retry-After"] == "1"
    services.idempotency.give_up(state)
    assert send(client, "k").status_code == 202


def test_a_request_whose_process_died_is_taken_over_and_cannot_be_carried_out_twice(
    client, services, clock_of_idempotency
):
    clock, idempotency = clock_of_idempotency
    slow = idempotency.begin("default/", "k")
    clock.append(UNDER_WAY + timedelta(seconds=1))
    assert send(client, "k").status_code == 202
    jobs = services.jobs
    file = jobs.receive("default", "a.pdf")
    file.write(PDF)
    from service.errors import IdempotencyInProgress
    from service.jobs import Submission

    with pytest.raises(IdempotencyInProgress):
        jobs.submit([file], Submission(tenant="default", options={}, once=slow))
    assert count(client) == 1


@pytest.fixture
def clock_of_idempotency(services, client):
    """How far time has gone on for what is under way, as a list of steps."""
    from datetime import UTC, datetime

    steps: list[timedelta] = []
    moved = Idempotency(services.engine, lambda: datetime.now(UTC) + sum(steps, timedelta()))
    object.__setattr__(services, "idempotency", moved)
    return steps, moved


def test_what_is_a_day_old_is_forgotten_and_nothing_younger(client, clock_of_idempotency):
    clock, idempotency = clock_of_idempotency
    send(client, "k")
    clock.append(KEPT - timedelta(minutes=1))
    assert idempotency.prune() == 0
    clock.append(timedelta(minutes=2))
    assert idempotency.prune() == 1


def test_a_request_ends_though_the_database_is_away_when_it_fails(services, client):
    class Away(Idempotency):
        def give_up(self, once):
            raise ServiceUnavailable("The database does not answer.")

    async def fail():
        async with begun(Away(services.engine), ANYBODY, "k"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail())
    with pytest.raises(InvalidOption):
        asyncio.run(begun(services.idempotency, ANYBODY, "").__aenter__())


def hammer(url: str, uploads: int) -> tuple[set[str], int, set[int]]:
    """Send each upload 1 to 5 times in parallel, and drop 30 % of the answers; try until one is heard.

    Return the tasks that callers heard of, how many documents there are, and the statuses seen.
    """
    rng = random.Random(7)
    statuses: set[int] = set()

    def one(number: int) -> set[str]:
        heard: set[str] = set()
        copies = rng.randint(1, 5)

        def attempt(_):
            while True:
                body = PDF + str(number).encode()
                with suppress(httpx.HTTPError), httpx.Client(timeout=60) as client:
                    if rng.random() < 0.3:
                        # the answer, or the middle of the upload, is lost with the connection
                        client.post(
                            f"{url}/extract-invoice",
                            files={"files": ("a.pdf", body)},
                            headers={"Idempotency-Key": f"u{number}"},
                            timeout=httpx.Timeout(60, read=rng.choice((0.001, 0.02, 0.1))),
                        )
                        continue
                    answer = client.post(
                        f"{url}/extract-invoice",
                        files={"files": ("a.pdf", body)},
                        headers={"Idempotency-Key": f"u{number}"},
                    )
                    statuses.add(answer.status_code)
                    if answer.status_code == 202:
                        heard.add(answer.json()[0]["task_id"])
                        return

        with ThreadPoolExecutor(copies) as pool:
            list(pool.map(attempt, range(copies)))
        assert len(heard) == 1
        return heard

    with ThreadPoolExecutor(8) as pool:
        tasks = set().union(*pool.map(one, range(uploads)))
    found, cursor = 0, ""
    while True:
        page = httpx.get(f"{url}/v1/documents?limit=200{cursor}").json()
        found += len(page["documents"])
        if not page["next"]:
            return tasks, found, statuses
        cursor = f"&cursor={page['next']}"


def test_uploads_sent_again_and_again_over_broken_connections_make_one_job_each(server):
    tasks, found, statuses = hammer(str(server), 25)
    assert (len(tasks), found) == (25, 25)
    assert statuses <= {202, 409}


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_500_uploads_over_broken_connections_make_500_jobs(server):
    tasks, found, statuses = hammer(str(server), 500)
    assert (len(tasks), found) == (500, 500)
    assert statuses <= {202, 409}
