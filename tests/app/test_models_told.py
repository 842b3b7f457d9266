"""What is told of models: before a document is sent, and with its result."""

import json
from collections.abc import Iterator

import pytest

from app.application import build_app
from service.wiring import Services, build_worker
from tests.app.conftest import client_of, upload
from tests.engines.llm.answers import answer, invoice
from tests.engines.llm.stand_in import KEY, StandIn, fails, says
from tests.servers import ROOT, wait_until

PDF = (ROOT / "samples" / "files" / "invoice-en.pdf").read_bytes()
MAIN, NEXT = "google:gemini-3.8-flash", "google:gemini-3.5-flash-lite"


@pytest.fixture
def model() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def worker(settings, model) -> Iterator[Services]:
    """A worker with a model that the provider does not know, and one that stands in for it."""
    model.unknown = {MAIN.partition(":")[2]}
    told = {"gemini_api_key": KEY, "llm_base_url": model.base_url, "llm_fallbacks": (NEXT,)}
    services = build_worker(type(settings).model_validate(settings.model_dump() | told))
    services.start()
    yield services
    services.stop()


def test_probe_attempts_and_what_stood_in_are_told(make_services, worker, model):
    right = answer(invoice(invoice_number="202400122", total="£4,521.60"))
    model.script = [fails(404, "NOT_FOUND"), says(json.dumps(right))]
    wait_until(lambda: len(worker.probes.all()) == 2)
    with client_of(build_app(make_services(worker.settings))) as client:
        (llm,) = [e for e in client.get("/v1/engines").json()["engines"] if e["name"] == "llm"]
        assert (llm["ready"], llm["model"], llm["fallbacks"]) == (False, MAIN, [NEXT])
        assert "does not know the model" in llm["reason"]
        assert [(one["model"], one["ready"]) for one in llm["models"]] == [
            (MAIN, False),
            (NEXT, True),
        ]
        assert model.calls == 0

        (sent,) = upload(client, PDF, engine="llm", fallback="true").json()
        task = sent["task_id"]
        worker.jobs.process(task, "w")
        told = client.get(f"/status/{task}").json()
        warnings = client.get(f"/v1/documents/{task}").json()["warnings"]
    assert told["status"] == "SUCCESS", told["error"]
    assert (told["engine"], told["model"]) == ("llm", NEXT)
    assert [(one["model"], one["error"]) for one in told["attempts"]] == [
        (MAIN, "engine_unavailable"),
        (NEXT, None),
    ]
    assert "does not know" in told["attempts"][0]["message"]
    assert told["usage"]["calls"] == model.calls == 2
    assert any(MAIN in warning and NEXT in warning for warning in warnings)
