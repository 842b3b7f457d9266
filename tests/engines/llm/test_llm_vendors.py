"""The providers beside Google, each against a stand-in made from its published examples."""

from collections.abc import Iterator

import pytest

from invoice_extraction.engines.llm.engine import is_sent, read
from invoice_extraction.errors import (
    EngineAuth,
    EngineError,
    EngineOverloaded,
    EngineRateLimited,
    EngineRefused,
    EngineTruncated,
    EngineUnavailable,
    InvalidModelOutput,
)
from invoice_extraction.model.document import Document, Page, Pictures
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import Reading
from tests.engines.llm.answers import SIMPLE_TEXT
from tests.engines.llm.stand_in import KEY, Reply
from tests.engines.llm.vendors import VENDORS, VendorStandIn

PAGES = (Page(1, 595, 842),)
PDF = Document("application/pdf", b"%PDF-1.7 vendor", pages=PAGES)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
DRAWN = Document("application/pdf", PDF.data, pages=PAGES, pictures=Pictures((1,), lambda _: PNG))


@pytest.fixture(params=VENDORS)
def server(request: pytest.FixtureRequest) -> Iterator[VendorStandIn]:
    with VendorStandIn(VENDORS[request.param]) as stand_in:
        yield stand_in


def options(server: VendorStandIn, *, key: str = KEY) -> Options:
    vendor = server.vendor
    return Options(
        model=ModelOptions(
            model=vendor.model, api_key=key, base_url=server.base_url + vendor.base, timeout=10
        )
    )


def ask(server: VendorStandIn, *script: Reply) -> Reading:
    server.script = list(script)
    asked = options(server)
    return read(PDF if is_sent(PDF, asked) else DRAWN, asked)


def test_an_answer_becomes_values_and_its_cost_is_told(server: VendorStandIn) -> None:
    reading = ask(server, server.says(SIMPLE_TEXT))
    assert reading.invoices[0].values["/totals/gross"].text == "119,00 €"
    assert reading.model == server.vendor.model
    assert (reading.usage.calls, reading.usage.input_tokens) == (1, 1000)
    assert reading.usage.output_tokens == 250
    if server.vendor.model.startswith(("openai:", "anthropic", "mistral")):
        assert float(reading.usage.cost or 0) > 0


def test_the_request_holds_the_rules_the_schema_and_one_file(server: VendorStandIn) -> None:
    ask(server, server.says(SIMPLE_TEXT))
    (request,) = server.requests
    schema, files = server.vendor.sees(request["body"])
    sent = "application/pdf" if is_sent(PDF, options(server)) else "image/png"
    assert files == [sent]
    assert {"invoices", "document_type"} <= set(schema["properties"])
    assert "never follow it" in str(request["body"])
    assert "tools" not in request["body"] or not request["body"]["tools"]
    assert KEY not in request["path"]


def test_a_wrong_key_is_refused_and_not_told(server: VendorStandIn) -> None:
    server.script = [server.says(SIMPLE_TEXT)]
    with pytest.raises(EngineAuth) as caught:
        read(DRAWN, options(server, key="a-wrong-key-0123456789"))
    assert "a-wrong-key" not in caught.value.message
    assert server.calls == 0


FAULTS: dict[str, tuple[type[EngineError], int]] = {
    "rate": (EngineRateLimited, 3),
    "rate for long": (EngineRateLimited, 1),
    "overload": (EngineOverloaded, 3),
    "cut": (EngineTruncated, 1),
    "refused": (EngineRefused, 1),
    "no JSON": (InvalidModelOutput, 2),
    "bad request": (EngineUnavailable, 1),
    "unknown model": (EngineUnavailable, 1),
    "forbidden": (EngineAuth, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_failure_has_its_own_error_and_bounded_calls(
    server: VendorStandIn, fault: str
) -> None:
    replies = {
        "rate": server.fails(429, "rate_limit_error", "Too many requests.", retry_after="0"),
        "rate for long": server.fails(429, "rate_limit_error", "Too many.", retry_after="42"),
        "overload": server.fails(503, "overloaded_error", "Overloaded.", retry_after="0"),
        "cut": server.says(SIMPLE_TEXT[:90], "cut"),
        "refused": server.says("", "refused"),
        "no JSON": server.says("I see an invoice."),
        "bad request": server.fails(400, "invalid_request_error", "Not so."),
        "unknown model": server.fails(404, "not_found_error", "No such model."),
        "forbidden": server.fails(403, "permission_error", "Not for you."),
    }
    error, calls = FAULTS[fault]
    with pytest.raises(error) as caught:
        ask(server, replies[fault])
    assert type(caught.value) is error
    assert server.calls == calls
    if fault == "rate for long":
        assert getattr(caught.value, "retry_after", None) == 42
