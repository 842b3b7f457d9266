import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from invoice_extraction import Extraction, ModelOptions, Options, extract
from invoice_extraction.engines.llm import calls
from invoice_extraction.errors import EngineOverloaded, EngineUnavailable, OptionError
from invoice_extraction.sandbox.client import Readers
from tests.engines.llm.answers import answer, invoice, line, party, tax
from tests.engines.llm.memory import Kept
from tests.engines.llm.stand_in import KEY, Reply, StandIn, fails, says
from tests.servers import ROOT

FILE = ROOT / "samples" / "files" / "invoice-en.pdf"
EINVOICE = ROOT / "samples" / "files" / "factur-x-de.pdf"

RIGHT = answer(
    invoice(
        pages=[1],
        invoice_number="202400122",
        issue_date_text="19 Jun 2024",
        issue_date="2024-06-19",
        due_date_text="03 Aug 2024",
        due_date="2024-08-03",
        currency="£",
        seller=party(
            name="Quellmar Office Supplies Limited",
            tax_id="GB336405666",
            iban="GB76 ZZZZ 8471 9540 6135 89",
        ),
        buyer=party(name="Pinnock & Daughters Trading PLC"),
        lines=[
            line(description="Domain registration", quantity="12", unit_price="30.71",
                 discount="10%", tax_rate="20%", amount="331.67", page=1),
            line(description="Oak flooring", quantity="1", unit_price="50.84",
                 discount="10%", tax_rate="20%", amount="45.76", page=1),
            line(description="Copy paper A4", quantity="27", unit_price="24.27",
                 tax_rate="20%", amount="655.29", page=1),
            line(description="Copy paper A4", quantity="3", unit_price="27.78",
                 tax_rate="20%", amount="83.34", page=1),
            line(description="Stock control licence", quantity="8", unit_price="346.06",
                 tax_rate="20%", amount="2,768.48", page=1),
        ],
        subtotal="£3,768.00",
        discount="-£116.54",
        taxes=[tax(rate="20%", amount="£753.60")],
        tax_total="£753.60",
        total="£4,521.60",
    )
)  # fmt: skip


def changed(**fields: Any) -> dict[str, Any]:
    told = deepcopy(RIGHT)
    told["invoices"][0] |= fields
    return told


WRONG = changed(total="£4,527.60")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    monkeypatch.setattr(calls, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(calls, "JITTER", 0.0)
    with StandIn() as server:
        yield server


def model(stand_in: StandIn, **fields: Any) -> ModelOptions:
    return ModelOptions(
        model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url, **fields
    )


def ask(stand_in: StandIn, *script: dict[str, Any] | Reply, **options: Any) -> Extraction:
    stand_in.script = [one if isinstance(one, Reply) else says(json.dumps(one)) for one in script]
    stand_in.requests.clear()
    return extract(FILE, Options(**({"model": model(stand_in)} | options)))


def failed(extraction: Extraction) -> set[str]:
    return {c.id for one in extraction.invoices for c in one.checks if c.status == "fail"}


def gross(extraction: Extraction) -> str | None:
    return extraction.invoices[0].result.model_dump(mode="json")["totals"]["gross"]


def test_an_answer_that_adds_up_is_asked_for_once(stand_in: StandIn) -> None:
    told = ask(stand_in, RIGHT)
    assert stand_in.calls == 1
    assert not failed(told)
    assert len(told.attempts) == 1
    assert gross(told) == "4521.60"


def test_where_sums_fail_the_model_is_asked_once_more_and_told_what_failed(
    stand_in: StandIn,
) -> None:
    told = ask(stand_in, WRONG, RIGHT)
    assert stand_in.calls == told.usage.calls == 2
    assert gross(told) == "4521.60"
    assert not failed(told)
    first, second = told.attempts
    assert "BR-CO-15" in first.failed_checks
    assert not second.failed_checks
    assert second.message is not None
    assert "This answer was taken" in second.message
    text = stand_in.requests[1]["body"]["contents"][0]["parts"][-1]["text"]
    assert "4527.60" in text
    assert "even if the document itself does not add up" in text


def test_a_second_answer_that_fits_no_better_changes_nothing(stand_in: StandIn) -> None:
    empty = changed(total=None, subtotal=None, tax_total=None, lines=[], taxes=[], discount=None)
    for second in (WRONG, empty, changed(total="£9,999.99", tax_total="£1.00")):
        told = ask(stand_in, WRONG, second, engine="llm")
        assert stand_in.calls == 2
        assert gross(told) == "4527.60"
        assert "BR-CO-15" in failed(told)
        assert "The first answer was taken" in (told.attempts[1].message or "")


def test_a_second_call_that_fails_leaves_the_first_answer(stand_in: StandIn) -> None:
    told = ask(stand_in, WRONG, fails(503, "UNAVAILABLE"), engine="llm")
    assert gross(told) == "4527.60"
    assert [attempt.error for attempt in told.attempts] == [None, "engine_overloaded"]
    assert stand_in.calls == 2


def test_the_local_engine_s_reading_is_taken_where_it_fits_better(stand_in: StandIn) -> None:
    told = ask(stand_in, WRONG, WRONG)
    assert told.engine == "layout"
    assert gross(told) == "4521.60"
    assert [attempt.engine for attempt in told.attempts] == ["llm", "llm", "layout"]
    assert told.usage.calls == 2
    assert any("the local engine's was taken" in warning for warning in told.warnings)


def test_no_document_takes_more_than_three_calls(stand_in: StandIn) -> None:
    down = fails(503, "UNAVAILABLE")
    told = ask(stand_in, down, down, WRONG, engine="llm")
    assert stand_in.calls == told.usage.calls == 3
    assert len(told.attempts) == 1
    ask(stand_in, down, WRONG, WRONG)
    assert stand_in.calls == 3


def test_both_answers_are_kept_and_lead_to_the_same_again(stand_in: StandIn) -> None:
    options = {"model": model(stand_in, memory=Kept())}
    first = ask(stand_in, WRONG, RIGHT, **options)
    again = ask(stand_in, fails(500, "INTERNAL"), **options)
    assert stand_in.calls == 0
    assert again.usage.cached
    assert again.usage.cost == "0"
    assert all(attempt.cached for attempt in again.attempts)
    assert not first.usage.cached
    assert again.invoices == first.invoices
    ask(stand_in, RIGHT, force=True, **options)
    assert stand_in.calls == 1


def test_what_model_and_local_engine_both_read_is_more_certain(stand_in: StandIn) -> None:
    alone = ask(stand_in, RIGHT).invoices[0].evidence
    told = ask(stand_in, RIGHT, engine="consensus")
    both = told.invoices[0].evidence
    assert [attempt.engine for attempt in told.attempts] == ["llm", "layout"]
    assert told.engine == "llm"
    for pointer in ("/invoice_number", "/issue_date", "/totals/gross", "/seller/name"):
        assert both[pointer].confidence > alone[pointer].confidence
        assert "engines_disagree" in both[pointer].checks
    (check,) = [c for c in told.invoices[0].checks if c.id == "engines_disagree"]
    assert check.status == "pass"
    assert {"/totals/gross", "/lines/4/net_amount"} <= set(check.fields)


def test_what_they_read_differently_is_doubtful_and_both_values_are_told(
    stand_in: StandIn,
) -> None:
    told = ask(stand_in, changed(invoice_number="17029"), engine="consensus")
    (read,) = told.invoices
    (check,) = [c for c in read.checks if c.id == "engines_disagree" and c.status == "fail"]
    assert check.fields == ["/invoice_number"]
    assert (check.found, check.expected) == ("17029", "202400122")
    assert read.result.invoice_number == "17029"
    assert read.evidence["/invoice_number"].level == "low"
    assert "engines_disagree" not in read.evidence["/invoice_number"].checks
    assert "engines_disagree" in read.evidence["/totals/gross"].checks
    assert read.needs_review


def test_an_e_invoice_needs_no_second_opinion(stand_in: StandIn) -> None:
    stand_in.script = [fails(500, "INTERNAL")]
    told = extract(EINVOICE, Options(engine="consensus", model=model(stand_in)))
    assert (told.engine, stand_in.calls) == ("einvoice", 0)
    assert any("Nothing was compared" in warning for warning in told.warnings)


def test_consensus_without_a_model_says_that_none_is_set() -> None:
    with pytest.raises(EngineUnavailable, match="No model is set"):
        extract(FILE, Options(engine="consensus"))


def test_without_leave_nothing_stands_in_for_a_model(stand_in: StandIn) -> None:
    second = model(stand_in)
    with pytest.raises(EngineOverloaded):
        ask(
            stand_in,
            fails(503, "UNAVAILABLE"),
            model=model(stand_in, fallbacks=(second,)),
        )
    assert stand_in.calls == 3


@pytest.mark.parametrize("engine", ["auto", "llm", "consensus"])
def test_the_next_model_reads_where_the_first_cannot_and_it_is_told(
    stand_in: StandIn, engine: str
) -> None:
    next_model = replace(model(stand_in), model="google:gemini-3.5-flash-lite")
    down = fails(503, "UNAVAILABLE")
    told = ask(
        stand_in, down, down, down, RIGHT,
        model=model(stand_in, fallbacks=(next_model,)), fallback=True, engine=engine,
    )  # fmt: skip
    assert told.model == "google:gemini-3.5-flash-lite"
    first, second = told.attempts[:2]
    assert (first.model, first.error) == ("google:gemini-3.8-flash", "engine_overloaded")
    assert (second.model, second.error) == ("google:gemini-3.5-flash-lite", None)
    assert "engine_overloaded" in told.warnings[0]
    assert "gemini-3.5-flash-lite" in told.warnings[0]


def test_the_local_engine_reads_last_where_it_may(stand_in: StandIn) -> None:
    told = ask(stand_in, fails(403, "PERMISSION_DENIED"), fallback=True)
    assert told.engine == "layout"
    assert told.model is None
    assert gross(told) == "4521.60"
    assert [attempt.error for attempt in told.attempts] == ["engine_auth", None]
    assert "the local engine read instead" in told.warnings[0]


def test_what_failed_tries_cost_is_told_whoever_reads_instead(stand_in: StandIn) -> None:
    bad = says("no JSON")
    next_model = replace(model(stand_in), model="google:gemini-3.5-flash-lite")
    with_next = model(stand_in, fallbacks=(next_model,))
    told = ask(stand_in, bad, bad, RIGHT, model=with_next, fallback=True).usage
    assert (told.calls, told.input_tokens, told.output_tokens) == (3, 3000, 750)
    local = ask(stand_in, bad, fallback=True)
    assert local.engine == "layout"
    assert (local.usage.calls, local.usage.input_tokens) == (2, 2000)
    assert local.usage.cost is not None
    assert told.cost is not None
    assert Decimal(told.cost) > Decimal(local.usage.cost) > 0


def test_a_second_call_that_fails_is_told_with_the_first(stand_in: StandIn) -> None:
    told = ask(stand_in, WRONG, says("no JSON"), engine="llm")
    assert stand_in.calls == told.usage.calls == 2
    assert told.usage.input_tokens == 2000


def test_a_call_that_was_not_answered_in_time_may_have_cost_something(stand_in: StandIn) -> None:
    late = model(stand_in, timeout=0.3)
    told = ask(stand_in, says("", delay=1.5), model=late, fallback=True)
    assert (told.engine, told.usage.calls, told.usage.cost) == ("layout", 1, None)


def test_without_any_call_a_model_that_fails_costs_nothing(stand_in: StandIn) -> None:
    told = ask(stand_in, RIGHT, model=replace(model(stand_in), api_key=""), fallback=True)
    assert (told.engine, told.usage.calls, told.usage.cost) == ("layout", 0, None)


OWN = {
    "type": "object",
    "required": ["customer"],
    "properties": {
        "customer": {"type": "integer", "minimum": 1},
        "bank": {"type": ["string", "null"]},
        "loyalty": {"type": "number"},
        "ordered": {"type": "string", "format": "date"},
        "urgent": {"type": "boolean"},
        "desks": {"type": "array", "items": {"type": "object", "properties": {
            "name": {"type": "string"}}}},
    },
}  # fmt: skip


def test_own_fields_are_asked_for_typed_located_and_checked(stand_in: StandIn) -> None:
    custom = {
        "customer": "17029",
        "bank": "Sample Bank",
        "loyalty": "-£116.54",
        "ordered": "19 Jun 2024",
        "urgent": False,
        "desks": [{"name": "Nora Applewhite"}, {"name": "Not There At All"}],
    }
    told = ask(stand_in, changed(custom=custom), fields_schema=OWN)
    (read,) = told.invoices
    assert read.result.custom == {
        "customer": 17029,
        "bank": "Sample Bank",
        "loyalty": -116.54,
        "ordered": "2024-06-19",
        "urgent": False,
        "desks": [{"name": "Nora Applewhite"}, {"name": "Not There At All"}],
    }
    for pointer in ("/custom/customer", "/custom/bank", "/custom/loyalty", "/custom/ordered"):
        assert read.evidence[pointer].boxes, pointer
    assert read.evidence["/custom/desks/0/name"].page == 1
    assert read.evidence["/custom/desks/1/name"].origin == "model"
    assert read.evidence["/custom/desks/1/name"].level == "low"
    assert failed(told) == {"not_found_on_page"}
    config = stand_in.requests[0]["body"]["generationConfig"]
    assert "customer" in json.dumps(config["responseJsonSchema"])


def test_own_fields_that_misfit_their_schema_fail_a_check(stand_in: StandIn) -> None:
    told = ask(stand_in, changed(custom={"bank": "Sample Bank"}), fields_schema=OWN)
    (check,) = [c for c in told.invoices[0].checks if c.id == "own_field"]
    assert check.fields == ["/custom"]
    assert "customer" in check.message
    told = ask(stand_in, changed(custom={"customer": "-5"}), fields_schema=OWN)
    (check,) = [c for c in told.invoices[0].checks if c.id == "own_field"]
    assert check.fields == ["/custom/customer"]


def test_who_reads_no_own_fields_says_so() -> None:
    told = extract(FILE, Options(fields_schema=OWN))
    assert any("fields_schema" in warning for warning in told.warnings)
    assert "own_field" in failed(told)


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "string"}, "object"),
        ({"type": "object"}, "properties"),
        ({"type": "object", "properties": {}}, "properties"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "(a+)+"}}}, "pattern"),
        ({"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:1/"}}}, "type"),
        ({"type": "object", "properties": {"a/b": {"type": "string"}}}, "name"),
        ({"type": "object", "properties": {"a": {"type": "string", "minLength": -1}}}, "valid"),
        ({"type": "object", "properties": {"a": {"type": "string", "enum": 7}}}, "enum"),
        ({"type": "object", "properties": {"a": {"type": ["string", "number"]}}}, "type"),
        ({"type": "object", "properties": {"a": True}}, "schema"),
        ({"type": "object", "properties": {f"f{n}": {"type": "null"} for n in range(9)}}, "type"),
        ({"type": "object", "properties": {f"f{n}": {"type": "string"} for n in range(51)}}, "50"),
        ({"type": "object", "properties": {"a": {"type": "string", "title": "x" * 17_000}}}, "16"),
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_read_by_is_an_option_that_is_not_valid(
    schema: dict[str, Any], problem: str
) -> None:
    with pytest.raises(OptionError, match=problem):
        extract(FILE, Options(fields_schema=schema))


def test_a_schema_that_is_too_deep_is_refused() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(5):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(OptionError, match="levels deep"):
        extract(FILE, Options(fields_schema=schema))
    for _ in range(5_000):
        schema = {"type": "array", "items": schema}
    with pytest.raises(OptionError):
        extract(FILE, Options(fields_schema=schema))


def test_a_paid_answer_is_kept_where_ocr_does_not_start(stand_in: StandIn) -> None:
    pytest.importorskip("rapidocr")
    scan = ROOT / "samples" / "files" / "receipt-photo-de.jpg"
    stand_in.script = [says(json.dumps(RIGHT))] * 2
    with Readers(1, ocr_slots=1, ocr_command=["/bin/false"]) as readers:
        told = extract(scan, Options(isolate=True, model=model(stand_in)), readers=readers)
    assert told.engine == "llm"
    assert told.invoices[0].result.invoice_number == "202400122"
