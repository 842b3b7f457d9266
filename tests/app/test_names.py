"""Names that callers name are looked up apart from everything else."""

import threading

import anyio
import pytest
from anyio import to_thread

from app import names as package
from app.names import AT_A_TIME, Names
from service.errors import ServiceUnavailable
from tests.app.conftest import upload

URL = "http://127.0.0.1:9/hook"


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"webhook_allowed_hosts": ("127.0.0.1:9",)})


def test_names_that_never_answer_take_no_thread_of_the_others(monkeypatch):
    monkeypatch.setattr(package, "WAIT", 0.2)
    answer = threading.Event()
    outcomes = []

    async def scenario() -> None:
        names = Names()

        async def one() -> None:
            try:
                outcomes.append(await names.run(lambda: answer.wait(30)))
            except ServiceUnavailable as error:
                outcomes.append(error.code)
                answer.set()  # this one's turn did not come; the others go on to their end

        async with anyio.create_task_group() as group:
            for _ in range(AT_A_TIME + 1):
                group.start_soon(one)
            await anyio.sleep(0.05)
            assert to_thread.current_default_thread_limiter().borrowed_tokens == 0

    anyio.run(scenario)
    assert sorted(map(str, outcomes)) == ["True"] * AT_A_TIME + ["service_unavailable"]


def test_every_route_that_takes_a_url_looks_it_up_there(app, client):
    class Counting(Names):
        count = 0

        async def run(self, function):
            self.count += 1
            return await super().run(function)

    app.state.names = Counting()
    assert upload(client, webhook_url=URL).status_code == 202
    made = client.post("/v1/webhooks", json={"url": URL})
    assert made.status_code == 201
    assert client.patch(f"/v1/webhooks/{made.json()['id']}", json={"url": URL}).status_code == 200
    assert app.state.names.count == 3
