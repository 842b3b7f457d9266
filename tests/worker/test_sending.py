"""Webhooks sent by whole processes, the embedded worker and Celery's, also while those are killed."""

import contextlib
import json
import os
import random
import signal
import time
from collections import defaultdict

import httpx
import pytest

from tests.receiver import Receiver, status
from tests.servers import Api, wait_until
from tests.worker.test_survival import FILES, final, send, worker_of


@pytest.fixture(params=["embedded", "celery"])
def start(request):
    """Start an API with a worker of each kind, with settings of its own."""
    broker: dict[str, str] = {}
    if request.param == "celery":
        broker = {
            "REDIS_URL": request.getfixturevalue("valkey").url,
            "DATABASE_URL": request.getfixturevalue("postgres"),
        }
    start_api, start_celery = map(request.getfixturevalue, ("start_api", "start_celery"))

    def service(**settings: str) -> Api:
        api = start_api(**broker, **settings)
        if broker:
            start_celery(**broker, **settings)
        return api

    return service


def make(api: Api, url: str, *events: str) -> dict:
    asked = {"url": url, "events": events} if events else {"url": url}
    made = httpx.post(f"{api.url}/v1/webhooks", json=asked, timeout=30)
    assert made.status_code == 201, made.text
    return made.json()


def told(receiver: Receiver) -> dict[tuple[str, str], set[str]]:
    """Return the ids under which each event of each document came."""
    found = defaultdict(set)
    for one in receiver.received:
        event = json.loads(one.body)
        found[event["data"].get("task_id"), event["type"]].add(one.event)
    return found


def test_what_becomes_of_a_document_is_sent_signed(start):
    with Receiver() as receiver:
        api = start(WEBHOOK_ALLOWED_HOSTS=receiver.place)
        hook = make(api, receiver.url, "document.completed", "document.failed")
        (good,) = send(api, "factur-x-de.pdf")
        files = {"files": ("empty.pdf", b"")}
        (refused,) = httpx.post(f"{api.url}/extract-invoice", files=files, timeout=30).json()
        wanted = {(good["task_id"], "document.completed"), (refused["task_id"], "document.failed")}
        wait_until(lambda: set(told(receiver)) == wanted, 60)
        receiver.verify(hook["secret"])
        by_type = {json.loads(one.body)["type"]: json.loads(one.body) for one in receiver.received}
        data = by_type["document.completed"]["data"]
        found = httpx.get(f"{api.url}{data['links']['status']}", timeout=30).json()
        assert (found["status"], data["status"]) == ("SUCCESS", "SUCCESS")
        assert by_type["document.failed"]["data"]["error"]["code"] == "empty_file"
        tried = httpx.post(f"{api.url}/v1/webhooks/{hook['id']}/test", timeout=30).json()
        wait_until(lambda: tried["id"] in {one.event for one in receiver.received})


def test_an_upload_is_told_to_the_url_that_it_names(start):
    with Receiver() as receiver:
        api = start(WEBHOOK_ALLOWED_HOSTS=receiver.place)
        file = FILES / "factur-x-de.pdf"
        url = f"http://{receiver.place}/orders?order=7"
        (task,) = httpx.post(
            f"{api.url}/extract-invoice",
            files={"files": (file.name, file.read_bytes())},
            data={"webhook_url": url},
            timeout=30,
        ).json()
        wait_until(lambda: (task["task_id"], "document.completed") in told(receiver), 60)
        assert {one.path for one in receiver.received} == {"/orders?order=7"}
        (hook,) = httpx.get(f"{api.url}/v1/webhooks", timeout=30).json()["webhooks"]
        assert (hook["by_upload"], hook["url"]) == (True, f"http://{receiver.place}")


def test_a_stop_does_not_wait_for_a_receiver_that_hangs(start_api):
    with Receiver(lambda *_: time.sleep(60)) as receiver:
        api = start_api(WEBHOOK_ALLOWED_HOSTS=receiver.place)
        make(api, receiver.url)
        send(api, "factur-x-de.pdf")
        wait_until(lambda: receiver.received, 60)
        began = time.monotonic()
        assert api.stop(signal.SIGINT) == 0
        assert time.monotonic() - began < 15


@pytest.mark.soak
@pytest.mark.timeout(1_800)
def test_every_end_is_told_under_one_id_while_the_api_and_its_worker_are_killed(start_api):
    dice = random.Random(11)

    def answer(request, attempt: int) -> None:
        thrown = dice.random() if attempt == 1 else 1.0
        if thrown < 0.3:
            status(500)(request, attempt)
        elif thrown < 0.4:
            time.sleep(20)
        elif thrown >= 0.5:  # else it is cut
            status(204)(request, attempt)

    with Receiver(answer) as receiver:
        settings = {"LEASE_SECONDS": "4", "WEBHOOK_ALLOWED_HOSTS": receiver.place}
        api = start_api(**settings)
        hook = make(api, receiver.url, "document.completed")
        accepted: list[dict] = []
        kills = 0
        while len(accepted) < 100 or kills < 15:
            with contextlib.suppress(httpx.HTTPError, AssertionError):
                accepted += send(api, "factur-x-de.pdf")
            time.sleep(0.2)
            if kills < 15 and dice.random() < 0.15:
                kills += 1
                if dice.random() < 0.5:
                    with contextlib.suppress(AssertionError, FileNotFoundError, ProcessLookupError):
                        os.kill(worker_of(api), signal.SIGKILL)
                else:
                    api.stop(signal.SIGKILL)
                    api = start_api(**settings)
        for task in accepted:
            assert final(api, task, 300)["status"] == "SUCCESS"
        wanted = {(task["task_id"], "document.completed") for task in accepted}

        def undelivered() -> bool:
            path = f"{api.url}/v1/webhooks/{hook['id']}/deliveries?state=pending"
            return bool(httpx.get(path, timeout=30).json()["deliveries"])

        # what a killed worker had begun is taken up when its lease has run out
        wait_until(lambda: not undelivered(), 900)
        assert wanted <= set(told(receiver))
        assert all(len(ids) == 1 for ids in told(receiver).values())
        receiver.verify(hook["secret"])
