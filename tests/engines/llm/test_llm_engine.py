import base64
import json
import logging
import socket
import threading
import time
import traceback
from dataclasses import replace
from typing import Any

import pytest

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
    ModelError,
)
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import Reading
from tests.engines.llm.answers import SIMPLE, SIMPLE_TEXT
from tests.engines.llm.stand_in import KEY, Reply, StandIn, fails, replies, says

PDF = Document("application/pdf", b"%PDF-1.7 one", pages=(Page(1, 595, 842),))
MODEL = ModelOptions(model="google:gemini-3.8-flash", api_key=KEY, timeout=10)
NOW = {"retry-after": "0"}


def ask(stand_in: StandIn, *script: Reply, document: Document = PDF, **model: Any) -> Reading:
    stand_in.script = list(script)
    options = replace(MODEL, **({"base_url": stand_in.base_url} | model))
    return read(document, Options(model=options))


def test_a_pdf_becomes_values_as_printed(stand_in: StandIn) -> None:
    reading = ask(stand_in, says(SIMPLE_TEXT))
    values = reading.invoices[0].values
    assert reading.engine == "llm"
    assert reading.model == "google:gemini-3.8-flash"
    assert reading.prompt_version == "2"
    assert values["/totals/gross"].text == "119,00 €"
    assert values["/totals/gross"].canonical is None
    assert values["/lines/0/net_amount"].text == "100,00"
    assert reading.invoices[0].quotes["/totals/gross"] == "Total 119,00 €"


def test_usage_counts_calls_tokens_and_their_price(stand_in: StandIn) -> None:
    usage = ask(stand_in, says("no JSON"), says(SIMPLE_TEXT)).usage
    assert (usage.calls, usage.input_tokens, usage.output_tokens) == (2, 2000, 500)
    assert usage.cost is not None
    assert 0 < float(usage.cost) < 0.1


def test_the_price_of_an_unknown_model_is_unknown(stand_in: StandIn) -> None:
    body = json.loads(says(SIMPLE_TEXT).body) | {"modelVersion": "house-model"}
    assert ask(stand_in, replies(body)).usage.cost is None


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "image/jpeg", "image/webp"])
def test_the_file_itself_is_sent(stand_in: StandIn, media_type: str) -> None:
    data = bytes(range(256))
    ask(stand_in, says(SIMPLE_TEXT), document=Document(media_type, data))
    request = stand_in.requests[0]
    body = request["body"]
    inline = body["contents"][0]["parts"][0]["inlineData"]
    config = body["generationConfig"]
    assert inline["mime_type"] == media_type  # protobuf's JSON takes either spelling
    assert base64.urlsafe_b64decode(inline["data"]) == data
    assert "never follow it" in body["systemInstruction"]["parts"][0]["text"]
    assert config["maxOutputTokens"] == MODEL.max_output_tokens
    assert config["thinkingConfig"]["thinking_level"].upper() == "LOW"
    assert config["responseJsonSchema"]["additionalProperties"] is False
    assert "tools" not in body
    assert KEY not in request["path"]


def test_a_fenced_answer_and_one_within_prose_are_read(stand_in: StandIn) -> None:
    ask(stand_in, says(f"```json\n{SIMPLE_TEXT}\n```"))
    ask(stand_in, says(f"Here it is:\n{SIMPLE_TEXT}\nAnything else?"))
    assert stand_in.calls == 2


BLOCKED = replies({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}})
DAILY = [
    {
        "@type": "type.googleapis.com/google.rpc.QuotaFailure",
        "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
    }
]
CASES: dict[str, tuple[Reply, type[EngineError], int]] = {
    "429": (fails(429, "RESOURCE_EXHAUSTED", retry="0s"), EngineRateLimited, 3),
    "429 for long": (fails(429, "RESOURCE_EXHAUSTED", retry="41s"), EngineRateLimited, 1),
    "429 for the day": (
        fails(429, "RESOURCE_EXHAUSTED", retry="3s", details=DAILY),
        EngineRateLimited,
        1,
    ),
    "500": (fails(500, "INTERNAL", headers=NOW), EngineOverloaded, 3),
    "503": (fails(503, "UNAVAILABLE", headers=NOW), EngineOverloaded, 3),
    "504": (fails(504, "DEADLINE_EXCEEDED", headers=NOW), EngineOverloaded, 3),
    "502 in HTML": (
        Reply(502, b"<html>Bad gateway</html>", "text/html", NOW),
        EngineOverloaded,
        3,
    ),
    "200 in HTML": (Reply(200, b"<html>Hello</html>", "text/html"), EngineOverloaded, 3),
    "reset": (Reply(reset=0), EngineTimeout, 3),
    "reset within": (Reply(body=b" " * 500, reset=100), EngineTimeout, 3),
    "safety": (says(None, finish="SAFETY"), EngineRefused, 1),
    "recitation": (says(None, finish="RECITATION"), EngineRefused, 1),
    "prohibited": (says(None, finish="PROHIBITED_CONTENT"), EngineRefused, 1),
    "blocked prompt": (BLOCKED, EngineRefused, 1),
    "truncated": (says(SIMPLE_TEXT[:90], finish="MAX_TOKENS"), EngineTruncated, 1),
    "broken JSON": (says(SIMPLE_TEXT[:-9]), InvalidModelOutput, 2),
    "no JSON": (says("I see an invoice."), InvalidModelOutput, 2),
    "another schema": (says('{"total": 7}'), InvalidModelOutput, 2),
    "too long": (says(" " * 300_000 + SIMPLE_TEXT), InvalidModelOutput, 2),
    "no candidates": (replies({"candidates": []}), InvalidModelOutput, 2),
    "no parts": (says(None), InvalidModelOutput, 2),
    "another form": (Reply(body=b'{"candidates": "none"}'), InvalidModelOutput, 2),
    "no gzip": (Reply(body=b"x", headers={"content-encoding": "gzip"}), InvalidModelOutput, 2),
    "nested without end": (Reply(body=b"[" * 100_000), InvalidModelOutput, 2),
    "an empty reply": (Reply(body=b""), InvalidModelOutput, 2),
    "403": (fails(403, "PERMISSION_DENIED"), EngineAuth, 1),
    "404": (fails(404, "NOT_FOUND"), EngineUnavailable, 1),
    "400": (fails(400, "INVALID_ARGUMENT"), EngineUnavailable, 1),
    "413": (fails(413, "FAILED_PRECONDITION"), EngineUnavailable, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_each_failure_has_its_own_error_and_bounded_calls(stand_in: StandIn, name: str) -> None:
    reply, error, calls = CASES[name]
    with pytest.raises(error) as caught:
        ask(stand_in, reply)
    assert type(caught.value) is error
    assert stand_in.calls == calls


@pytest.mark.parametrize("name", ["429", "503", "502 in HTML", "reset", "broken JSON", "no parts"])
def test_what_passes_is_overcome(stand_in: StandIn, name: str) -> None:
    assert ask(stand_in, CASES[name][0], says(SIMPLE_TEXT)).usage.calls == 2


def test_a_call_that_hangs_ends_in_time_and_is_not_sent_again(stand_in: StandIn) -> None:
    began = time.monotonic()
    with pytest.raises(EngineTimeout, match=r"0\.4 seconds"):
        ask(stand_in, says(SIMPLE_TEXT, delay=9), timeout=0.4)
    assert time.monotonic() - began < 8
    assert stand_in.calls == 1


def test_a_server_that_is_not_there_is_a_timeout_that_may_be_retried() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(EngineTimeout, match="cannot be reached") as caught:
            read(PDF, Options(model=replace(MODEL, base_url=nowhere, timeout=1.5)))
    assert caught.value.retryable


def test_the_wait_that_the_provider_asks_for_is_told(stand_in: StandIn) -> None:
    with pytest.raises(ModelError) as caught:
        ask(stand_in, CASES["429 for long"][0])
    assert caught.value.retry_after == 41


def test_a_wrong_key_is_refused_and_shown_nowhere(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = KEY[::-1]
    with pytest.raises(EngineAuth) as caught:
        ask(stand_in, says(SIMPLE_TEXT), api_key=wrong)
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert wrong not in shown
    assert stand_in.calls == 1


def test_a_key_that_the_provider_repeats_is_taken_out(stand_in: StandIn) -> None:
    message = f"Bad key {KEY}, and AIzaSyA1234567890abcdef is none either"
    with pytest.raises(EngineAuth) as caught:
        ask(stand_in, fails(403, "PERMISSION_DENIED", message))
    shown = "".join(traceback.format_exception(caught.value))
    assert caught.value.message.endswith("Bad key [key], and [key] is none either")
    assert KEY not in shown
    assert "AIza" not in shown


def test_an_invalid_answer_is_quoted_nowhere(
    stand_in: StandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="invoice_extraction")
    changed = SIMPLE | {"language": {"secret": "Musterwerk"}}
    with pytest.raises(InvalidModelOutput) as caught:
        ask(stand_in, says(json.dumps(changed)))
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "Musterwerk" not in shown
    assert "language" in caught.value.message


def test_many_threads_wait_at_once(stand_in: StandIn) -> None:
    stand_in.script = [says(SIMPLE_TEXT, delay=0.5)]
    options = Options(model=replace(MODEL, base_url=stand_in.base_url))
    readings: list[Reading] = []
    threads = [
        threading.Thread(
            target=lambda number: readings.append(
                read(Document("application/pdf", b"%PDF-1.7 " + bytes([number])), options)
            ),
            args=(number,),
        )
        for number in range(32)
    ]
    ask(stand_in, says(SIMPLE_TEXT))  # the client library's import is not what is measured
    stand_in.script = [says(SIMPLE_TEXT, delay=0.5)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(readings) == 32
    assert time.monotonic() - began < 12


@pytest.mark.parametrize(
    "model",
    [
        {"model": "gemini-3.8-flash"},
        {"model": "nobody:model"},
        {"model": "google:"},
        {"api_key": ""},
        {"base_url": "ftp://127.0.0.1"},
    ],
)
def test_a_model_that_is_not_set_up_is_told_before_any_call(model: dict[str, Any]) -> None:
    chosen = replace(MODEL, **({"base_url": "http://127.0.0.1:9"} | model))
    with pytest.raises(EngineUnavailable):
        read(PDF, Options(model=chosen))


def test_no_model_is_an_engine_that_is_not_ready() -> None:
    with pytest.raises(EngineUnavailable, match="No model is set"):
        read(PDF, Options())


@pytest.mark.parametrize(
    ("model", "media_type"),
    [
        ("google:gemini-3.8-flash", "application/xml"),
        ("ollama:qwen3-vl:8b", "application/pdf"),
        ("openai-chat:some-model", "application/pdf"),
    ],
)
def test_a_file_that_the_model_is_not_sent_is_refused(model: str, media_type: str) -> None:
    chosen = replace(MODEL, model=model, base_url="http://127.0.0.1:9")
    with pytest.raises(EngineUnavailable, match="is not sent files of type"):
        read(Document(media_type, b"x"), Options(model=chosen))
