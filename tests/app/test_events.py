"""Streams of what becomes of tasks, over a real server: what they tell, from where they go on, when they end."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from app.routes import events
from service.errors import ServiceUnavailable
from service.tenants import TENANT
from tests.app.conftest import PDF, upload
from tests.servers import wait_until

LEASE = timedelta(seconds=60)


@dataclass
class Stream:
    """An open stream; its events come in as they are sent, those without data too."""

    answer: httpx.Response
    came: "queue.SimpleQueue[dict[str, str] | None]" = field(default_factory=queue.SimpleQueue)
    first: dict[str, str] | None = None  # tells from where a stream of all begins

    def read(self) -> None:
        with suppress(httpx.HTTPError, RuntimeError):
            lines: dict[str, str] = {}
            for line in self.answer.iter_lines():
                if line:
                    name, _, value = line.partition(":")
                    lines[name] = value.strip()
                else:
                    self.came.put(lines)
                    lines = {}
        self.came.put(None)

    def next(self, seconds: float = 10) -> dict[str, str] | None:
        """Return the next event with a name; None at the stream's end."""
        while (event := self.came.get(timeout=seconds)) is not None:
            if "event" in event:
                return event | {"data": json.loads(event["data"])}
        return None

    def told(self) -> list[tuple[str, str]]:
        """Return name and task of all events until the end."""
        found = []
        while (event := self.next()) is not None:
            found.append((event["event"], event["data"].get("task_id")))
        return found

    def is_silent(self, seconds: float = 1) -> bool:
        try:
            return self.next(seconds) is None
        except queue.Empty:
            return True


@pytest.fixture(autouse=True)
def fast(monkeypatch) -> None:
    """Let streams see soon that nobody listens any more."""
    monkeypatch.setattr(events, "TICK", 0.1)


@pytest.fixture
def http(server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server, timeout=20) as client:
        yield client


@pytest.fixture
def follow(server):
    """Open a stream in a block, over a connection of its own; it is closed with it."""

    @contextmanager
    def opened(query: str = "", last: str | None = None, key: str | None = None):
        headers = {"Last-Event-ID": last} if last else {}
        headers |= {"Authorization": f"Bearer {key}"} if key else {}
        url = f"{server}/v1/events{query}"
        with httpx.stream("GET", url, headers=headers, timeout=20) as answer:
            assert answer.status_code == 200
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            stream = Stream(answer)
            thread = threading.Thread(target=stream.read, daemon=True)
            thread.start()
            stream.first = None if query else stream.came.get(timeout=10)
            yield stream
            # closing alone is not seen by the server while the thread still reads
            answer.extensions["network_stream"].get_extra_info("socket").shutdown(2)

    return opened


def sent(http, *files) -> list[str]:
    return [entry["task_id"] for entry in upload(http, *files).json()]


def test_a_stream_of_some_tasks_tells_each_and_ends_with_the_last(http, follow, finish, begin):
    one, two = sent(http, PDF, PDF + b"2")
    with follow(f"?task_ids={one},{two}") as stream:
        first = [stream.next(), stream.next()]
        assert [event["event"] for event in first] == ["status", "status"]
        assert {event["data"]["task_id"] for event in first} == {one, two}
        finish(one)
        event = stream.next()
        assert (event["event"], event["data"]["status"]) == ("done", "SUCCESS")
        begin(two)
        assert stream.next()["data"]["status"] == "STARTED"
        assert http.delete(f"/v1/documents/{two}").status_code == 204
        event = stream.next()
        assert (event["event"], event["data"]["filename"]) == ("deleted", "")
        assert stream.told() == [("end", None)]


def test_an_event_holds_how_the_task_stands(http, follow, services):
    (task,) = sent(http)
    job = services.store.claim(task, "w", LEASE)
    with follow(f"?task_ids={task}") as stream:
        stream.next()
        services.store.report(task, job.lease_token, {"stage": "ocr", "page": 2, "pages": 9})
        event = stream.next()
        assert event["event"] == "progress"
        told = http.get(f"/status/{task}").json()
        for name in ("task_id", "status", "filename", "progress", "batch_id", "links"):
            assert event["data"][name] == told[name], name
        services.store.fail(task, job.lease_token, {"code": "corrupt_file", "title": "t"})
        event = stream.next()
        assert (event["event"], event["data"]["error"]["code"]) == ("done", "corrupt_file")


def test_a_stream_of_an_upload_tells_its_tasks_alone(http, follow, finish):
    other = sent(http)[0]
    batch = upload(http, PDF, PDF).headers["Location"].rpartition("/")[2]
    with follow(f"?batch={batch}") as stream:
        tasks = {stream.next()["data"]["task_id"] for _ in range(2)}
        finish(other)
        for task in tasks:
            finish(task)
        assert {task for _, task in stream.told()} == tasks | {None}


def test_a_stream_of_all_tells_what_comes_from_now_on(http, follow, finish):
    finish(sent(http)[0])
    with follow() as stream:
        assert stream.is_silent()
        (task,) = sent(http)
        assert stream.next()["data"]["task_id"] == task
        finish(task)
        names = [stream.next()["event"]]
        if names == ["status"]:  # the look fell between its beginning and its end
            names.append(stream.next()["event"])
        assert names[-1] == "done"
        assert stream.is_silent()


def test_who_was_away_is_told_what_was_missed(http, follow, finish):
    with follow() as stream:
        begun = stream.first["id"]  # before any event
    first, second = sent(http)[0], sent(http)[0]
    with follow(last=begun) as stream:
        assert [stream.next()["data"]["task_id"] for _ in range(2)] == [first, second]
    finish(second)
    with follow(last=begun) as stream:
        missed = [stream.next() for _ in range(2)]
        assert missed[-1]["event"] == "done"
    with follow(f"?task_ids={second}", last=begun) as stream:
        assert stream.told() == [("done", second), ("end", None)]


def test_nobody_misses_a_task_however_often_the_stream_is_cut(http, follow, finish):
    """Tasks come and end while the stream is opened anew again and again, as EventSource does."""
    ids: list[str] = []

    def work():
        for _ in range(25):
            ids.append(sent(http)[0])
            finish(ids[-1])

    worker = threading.Thread(target=work)
    seen: dict[str, str] = {}
    last = None
    with follow() as stream:
        last = stream.first["id"]
    worker.start()
    while worker.is_alive() or set(seen) != set(ids) or set(seen.values()) != {"done"}:
        with follow(last=last) as stream, suppress(queue.Empty):
            for _ in range(3):
                event = stream.next(1)
                seen[event["data"]["task_id"]] = event["event"]
                last = event.get("id", last)  # what comes late has none
    worker.join()
    assert len(ids) == 25


def test_a_stream_that_has_told_all_does_not_come_back(http, follow, finish):
    (task,) = sent(http)
    finish(task)
    with follow(f"?task_ids={task}") as stream:
        last = stream.next()["id"]
    answer = http.get(f"/v1/events?task_ids={task}", headers={"Last-Event-ID": last})
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_silent_stream_gives_signs_of_life(http, follow, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT", 0.2)
    with follow() as stream:
        assert "" in stream.came.get(timeout=5)  # a comment has no name


def test_a_revoked_key_ends_its_stream(follow, services):
    key, text = services.keys.make("acme", "k", frozenset({"read"}))
    with follow(key=text) as stream:
        assert stream.is_silent(0.5)
        services.keys.revoke("acme", key.id)
        assert stream.next(10) is None


def test_nothing_is_told_under_a_revoked_key(http, follow, services):
    write = {"Authorization": f"Bearer {services.keys.make('acme', 'k', frozenset({'write'}))[1]}"}
    key, text = services.keys.make("acme", "k", frozenset({"read"}))
    with follow(key=text) as stream:
        services.keys.revoke("acme", key.id)
        files = {"files": ("a.pdf", PDF)}
        assert http.post("/extract-invoice", files=files, headers=write).status_code == 202
        assert stream.next() is None


def test_tasks_of_another_tenant_are_unknown(http, services, follow):
    (task,) = sent(http)
    batch = services.store.get(TENANT, task).batch
    _, text = services.keys.make("acme", "k", frozenset({"read"}))
    headers = {"Authorization": f"Bearer {text}"}
    for query in (f"task_ids={task}", f"batch={batch}"):
        answer = http.get(f"/v1/events?{query}", headers=headers)
        unknown = http.get(f"/v1/events?{query[:-32]}{'0' * 32}", headers=headers)
        assert answer.status_code == unknown.status_code == 404
    with follow(key=text) as stream:
        services.store.delete(TENANT, task)
        assert stream.is_silent()


@pytest.mark.parametrize(
    ("query", "headers", "status", "pointer"),
    [
        ("task_ids=x", {}, 404, None),
        ("task_ids=,", {}, 404, None),
        ("batch=%00", {}, 404, None),
        ("task_ids=" + ",".join(f"{n:032x}" for n in range(101)), {}, 422, "/task_ids"),
        (f"task_ids={'0' * 32}&batch={'0' * 32}", {}, 422, "/batch"),
        ("", {"Last-Event-ID": "yesterday"}, 422, "/Last-Event-ID"),
        ("", {"Last-Event-ID": "2026-01-01T00:00:00/g"}, 422, "/Last-Event-ID"),
        ("", {"Last-Event-ID": "2026-01-01T00:00:00Z"}, 422, "/Last-Event-ID"),
    ],
)
def test_what_cannot_be_followed_is_refused(client, query, headers, status, pointer):
    answer = client.get(f"/v1/events?{query}", headers=headers)
    assert answer.status_code == status
    errors = answer.json().get("errors", [])
    assert [error["pointer"] for error in errors] == ([pointer] if pointer else [])


def test_a_head_of_a_stream_is_answered_at_once(http):
    answer = http.head("/v1/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    assert http.get("/health/live").status_code == 200  # over the same connection


def test_many_streams_of_a_tenant_are_one_look(http, follow, services, monkeypatch):
    looks: list[str] = []
    real = type(services.changes).around

    def counted(changes, tenant, instant):
        looks.append(tenant)
        return real(changes, tenant, instant)

    monkeypatch.setattr(type(services.changes), "around", counted)
    (task,) = sent(http)
    with follow() as one, follow() as two, follow(f"?task_ids={task}") as three:
        three.next()
        services.store.delete(TENANT, task)
        for stream in (one, two, three):
            assert stream.next()["event"] == "deleted"
        looks.clear()
        assert one.is_silent(2)
        assert 2 <= len(looks) <= 10  # one in a quarter of a second, not three
    wait_until(lambda: _stands_still(looks))


def _stands_still(looks: list[str]) -> bool:
    before = len(looks)
    threading.Event().wait(0.6)
    return len(looks) == before


def test_a_database_that_is_away_ends_streams_and_they_come_again(
    http, follow, services, monkeypatch
):
    (task,) = sent(http)
    with follow(f"?task_ids={task}") as stream:
        stream.next()
        with monkeypatch.context() as patch:

            def away(*_):
                raise ServiceUnavailable("The database does not answer.")

            patch.setattr(type(services.changes), "around", away)
            assert stream.next() is None
    with follow(f"?task_ids={task}") as stream:
        assert stream.next()["data"]["task_id"] == task


def test_who_does_not_take_what_comes_is_let_go(http, follow, services, monkeypatch):
    monkeypatch.setattr("app.feed.MAX_PENDING", 1)
    with follow() as stream:
        sent(http, PDF, PDF, PDF)
        assert stream.next() is None


def test_a_stop_of_the_server_does_not_wait_for_streams(start_api):
    api = start_api(BROKER_URL="redis://127.0.0.1:1/0")
    with httpx.stream("GET", f"{api.url}/v1/events", timeout=20) as answer:
        assert next(answer.iter_lines()).startswith("id: ")
        api.process.terminate()
        api.process.wait(10)
