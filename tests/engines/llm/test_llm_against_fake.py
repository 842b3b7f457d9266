"""The same against a second, stricter stand-in, where it is there: it lives beside the project."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction.engines.llm.engine import read
from invoice_extraction.errors import (
    EngineAuth,
    EngineError,
    EngineOverloaded,
    EngineRateLimited,
    EngineRefused,
    EngineTimeout,
    EngineTruncated,
    EngineUnavailable,
    InvalidModelOutput,
)
from invoice_extraction.model.document import Document, Pictures
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import Reading
from tests.engines.llm.answers import SIMPLE

FAKE = Path(__file__).parents[4] / "shared" / "tools" / "fake_llm.py"
pytestmark = pytest.mark.skipif(not FAKE.is_file(), reason="beside the project: no fake_llm.py")


class Fake:
    """A running fake_llm.py."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url

    def get(self, path: str) -> Any:
        return httpx.get(self.base_url + path).json()

    def post(self, path: str, **body: Any) -> None:
        httpx.post(self.base_url + path, json=body).raise_for_status()

    def read(self, *, model: str = "google:gemini-3.8-flash", timeout: float = 20) -> Reading:
        chat = model.startswith("openai-chat:")
        options = ModelOptions(
            model=model,
            api_key="any-key-will-do",
            base_url=self.base_url + "/v1" * chat,
            timeout=timeout,
        )
        return read(pictures() if chat else document(), Options(model=options))


def document() -> Document:
    stream = io.BytesIO()
    canvas = Canvas(stream, invariant=True)
    canvas.drawString(72, 700, "Invoice R-2026-0117")
    canvas.save()
    return Document("application/pdf", stream.getvalue())


def pictures() -> Document:
    stream = io.BytesIO()
    Image.new("RGB", (60, 80), "white").save(stream, "PNG")
    return replace(document(), pictures=Pictures((1,), lambda _: stream.getvalue()))


@pytest.fixture(scope="module")
def server() -> Iterator[Fake]:
    process = subprocess.Popen(
        [sys.executable, os.fspath(FAKE), "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Fake(process.stdout.readline().split()[-1])
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def fake(server: Fake) -> Fake:
    server.post("/__reset")
    server.post("/__control", answers={"default": SIMPLE})
    return server


FAULTS: dict[str, tuple[type[EngineError], int]] = {
    "429": (EngineRateLimited, 3),
    "429daily": (EngineRateLimited, 1),
    "500": (EngineOverloaded, 3),
    "502html": (EngineOverloaded, 3),
    "503": (EngineOverloaded, 3),
    "504": (EngineOverloaded, 3),
    "hang": (EngineTimeout, 1),
    "slow-body": (EngineTimeout, 1),
    "reset": (EngineTimeout, 3),
    "reset-mid": (EngineTimeout, 3),
    "truncated": (EngineTruncated, 1),
    "bad-json": (InvalidModelOutput, 2),
    "bad-schema": (InvalidModelOutput, 2),
    "no-candidates": (InvalidModelOutput, 2),
    "empty-text": (InvalidModelOutput, 2),
    "safety": (EngineRefused, 1),
    "recitation": (EngineRefused, 1),
    "prompt-blocked": (EngineRefused, 1),
    "schema-too-complex": (EngineUnavailable, 1),
    "invalid-argument": (EngineUnavailable, 1),
    "http-401": (EngineAuth, 1),
    "http-403": (EngineAuth, 1),
    "http-404": (EngineUnavailable, 1),
    "http-400": (EngineUnavailable, 1),
    "http-408": (EngineTimeout, 3),
    "http-413": (EngineUnavailable, 1),
    "http-422": (EngineUnavailable, 1),
    "http-500": (EngineOverloaded, 3),
    "http-502": (EngineOverloaded, 3),
    "http-529": (EngineOverloaded, 3),
}
MODELS = {"gemini": "google:gemini-3.8-flash", "chat": "openai-chat:some-model"}
ERRORS = (Path(__file__).parents[3] / "docs" / "errors.md").read_text("utf-8")


@pytest.mark.parametrize("protocol", MODELS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_has_its_own_error_and_bounded_calls(
    fake: Fake, fault: str, protocol: str
) -> None:
    error, calls = FAULTS[fault]
    assert f"`{error.code}`" in ERRORS
    rule = {"fault": fault, "times": 0, "retry_after": 0, "seconds": 30}
    fake.post("/__control", faults=[rule])
    with pytest.raises(error) as caught:
        fake.read(model=MODELS[protocol], timeout=1 if fault in {"hang", "slow-body"} else 20)
    assert type(caught.value) is error
    assert fake.get("/__log")["count"] == calls


@pytest.mark.parametrize("protocol", MODELS)
@pytest.mark.parametrize("fault", ["fenced", "prose", "thoughts", "wrong-totals"])
def test_an_answer_in_another_dress_is_read_at_once(fake: Fake, fault: str, protocol: str) -> None:
    fake.post("/__control", faults=[{"fault": fault}])
    assert fake.read(model=MODELS[protocol]).usage.calls == 1


def test_a_compatible_server_that_takes_pdfs_is_sent_the_file(fake: Fake) -> None:
    options = ModelOptions(
        model="openai-chat-pdf:some-model", api_key="any", base_url=fake.base_url + "/v1"
    )
    assert read(document(), Options(model=options)).usage.calls == 1
    (entry,) = fake.get("/__log")["requests"]
    assert [one["mime"] for one in entry["documents"]] == ["application/pdf"]


def test_vertex_ai_is_reached_by_a_key(fake: Fake) -> None:
    assert fake.read(model="google-cloud:gemini-3.8-flash").usage.calls == 1
    assert "/publishers/google/models/" in fake.get("/__log")["requests"][0]["path"]


@pytest.mark.parametrize("fault", ["429", "503", "reset", "bad-json", "empty-text"])
def test_a_fault_that_passes_is_overcome(fake: Fake, fault: str) -> None:
    fake.post("/__control", faults=[{"fault": fault, "times": 1, "retry_after": 0}])
    assert fake.read().usage.calls == 2


def test_the_request_keeps_to_the_protocol_without_a_warning(fake: Fake) -> None:
    reading = fake.read()
    entry = fake.get("/__log")["requests"][0]
    assert reading.invoices[0].values["/totals/gross"].text == "119,00 €"
    assert entry["status"] == 200
    assert not entry["schema_warnings"]
    assert entry["answer_fits_schema"] is True
    assert entry["documents"][0]["mime"] == "application/pdf"


def test_a_key_that_is_refused_is_told(fake: Fake) -> None:
    options = ModelOptions(
        model="google:gemini-3.8-flash", api_key="bad-key-123", base_url=fake.base_url
    )
    with pytest.raises(EngineAuth) as caught:
        read(document(), Options(model=options))
    assert "bad-key-123" not in caught.value.message
