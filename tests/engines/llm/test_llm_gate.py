import socket
import threading
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from invoice_extraction.engines.llm import gate as gates
from invoice_extraction.engines.llm.engine import read
from invoice_extraction.engines.llm.gate import LocalGate
from invoice_extraction.errors import (
    BudgetExceeded,
    EngineAuth,
    EngineOverloaded,
    EngineRateLimited,
    EngineTimeout,
    InvalidModelOutput,
    ModelError,
)
from invoice_extraction.model.calls import Call, Outcome
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import spent_before
from tests.engines.llm.answers import SIMPLE_TEXT
from tests.engines.llm.stand_in import KEY, Reply, StandIn, fails, says

CALL = Call(model="google:one", size=100, tokens=1_000, cost=None)
DONE = Outcome(tokens=500, cost=None)
PDF = Document("application/pdf", b"%PDF-1.7 gate", pages=(Page(1, 595, 842),))


def failed(error: ModelError) -> Outcome:
    return Outcome(tokens=0, cost=Decimal(), error=error)


def test_no_more_calls_are_under_way_than_allowed() -> None:
    gate = LocalGate(concurrency=2, patience=0.1)
    first = gate.enter(CALL)
    gate.enter(CALL)
    with pytest.raises(EngineRateLimited) as caught:
        gate.enter(CALL)
    assert caught.value.retry_after
    gate.leave(first, DONE)
    gate.enter(CALL)


def test_a_waiting_call_goes_as_soon_as_another_ends() -> None:
    gate = LocalGate(concurrency=1, patience=5)
    ticket = gate.enter(CALL)
    threading.Timer(0.1, gate.leave, (ticket, DONE)).start()
    began = time.monotonic()
    gate.enter(CALL)
    assert 0.05 < time.monotonic() - began < 4


def test_bytes_under_way_are_bounded_and_a_large_file_goes_alone() -> None:
    gate = LocalGate(in_flight=250, patience=0)
    large = gate.enter(replace(CALL, size=1_000))
    with pytest.raises(EngineRateLimited):
        gate.enter(CALL)
    gate.leave(large, DONE)
    gate.enter(CALL)
    gate.enter(CALL)
    with pytest.raises(EngineRateLimited):
        gate.enter(CALL)


def test_calls_a_minute_are_bounded_over_the_last_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "WINDOW", 0.3)
    gate = LocalGate(rpm=2, patience=10)
    began = time.monotonic()
    for _ in range(3):
        gate.leave(gate.enter(CALL), DONE)
    assert time.monotonic() - began > 0.25


def test_tokens_a_minute_are_those_that_a_call_really_took() -> None:
    gate = LocalGate(tpm=2_000, patience=0)
    gate.leave(gate.enter(CALL), Outcome(tokens=900, cost=None))
    gate.leave(gate.enter(CALL), Outcome(tokens=200, cost=None))
    with pytest.raises(EngineRateLimited) as caught:
        gate.enter(CALL)
    assert 50 < (caught.value.retry_after or 0) <= 60
    gate.enter(replace(CALL, tokens=900))


def test_a_call_larger_than_a_minutes_tokens_goes_when_nothing_else_does() -> None:
    assert LocalGate(tpm=10, patience=0).enter(CALL)


def test_the_pause_that_a_provider_asks_for_holds_all_calls_of_that_model() -> None:
    gate = LocalGate(patience=0)
    gate.leave(gate.enter(CALL), failed(EngineRateLimited("", retry_after=40)))
    with pytest.raises(EngineRateLimited) as caught:
        gate.enter(CALL)
    assert 39 < (caught.value.retry_after or 0) <= 40
    gate.enter(replace(CALL, model="google:other"))


def test_a_provider_that_keeps_failing_is_left_in_peace_and_then_tried_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gates, "FIRST_REST", 0.1)
    gate = LocalGate(patience=0)
    for _ in range(gates.FAILURES):
        gate.leave(gate.enter(CALL), failed(EngineTimeout("")))
    with pytest.raises(EngineOverloaded) as caught:
        gate.enter(CALL)
    assert caught.value.retry_after
    gate.enter(replace(CALL, model="openai:other"))
    time.sleep(0.12)
    probe = gate.enter(CALL)
    with pytest.raises(EngineOverloaded):
        gate.enter(CALL)
    gate.leave(probe, DONE)
    gate.leave(gate.enter(CALL), DONE)


def test_an_overloaded_model_is_no_fault_of_the_provider_s_others() -> None:
    gate = LocalGate(patience=0)
    for _ in range(gates.FAILURES):
        gate.leave(gate.enter(CALL), failed(EngineOverloaded("")))
    gate.enter(replace(CALL, model="google:other"))
    with pytest.raises(EngineOverloaded):
        gate.enter(CALL)


def test_a_provider_that_cannot_be_reached_is_left_in_peace_with_all_its_models() -> None:
    gate = LocalGate(patience=0)
    for _ in range(gates.FAILURES):
        gate.leave(gate.enter(CALL), replace(failed(EngineTimeout("")), reached=False))
    with pytest.raises(EngineOverloaded):
        gate.enter(replace(CALL, model="google:other"))
    gate.enter(replace(CALL, model="openai:other"))


def test_a_probe_that_fails_makes_the_rest_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "FIRST_REST", 0.05)
    gate = LocalGate(patience=0)
    for _ in range(gates.FAILURES):
        gate.leave(gate.enter(CALL), failed(EngineOverloaded("")))
    time.sleep(0.06)
    gate.leave(gate.enter(CALL), failed(EngineOverloaded("")))
    time.sleep(0.06)
    with pytest.raises(EngineOverloaded):
        gate.enter(CALL)


def test_calls_that_began_before_the_rest_do_not_make_it_longer() -> None:
    gate = LocalGate(patience=0)
    tickets = [gate.enter(CALL) for _ in range(3 * gates.FAILURES)]
    for ticket in tickets:
        gate.leave(ticket, failed(EngineOverloaded("")))
    with pytest.raises(EngineOverloaded) as caught:
        gate.enter(CALL)
    assert (caught.value.retry_after or 0) <= gates.FIRST_REST


def test_what_is_wrong_with_one_call_is_no_fault_of_the_provider() -> None:
    gate = LocalGate(patience=0)
    for _ in range(3 * gates.FAILURES):
        gate.leave(gate.enter(CALL), failed(EngineAuth("")))
    gate.enter(CALL)


def test_a_ticket_is_settled_once() -> None:
    gate = LocalGate(concurrency=1, patience=0)
    ticket = gate.enter(CALL)
    gate.leave(ticket, DONE)
    gate.enter(CALL)
    gate.leave(ticket, DONE)
    with pytest.raises(EngineRateLimited):
        gate.enter(CALL)


class Recorder:
    """A gate that lets through what its budget of calls allows, and writes down what it is told."""

    def __init__(self, most: int = 99) -> None:
        self.most = most
        self.calls: list[Call] = []
        self.outcomes: list[Outcome] = []

    def enter(self, call: Call) -> str:
        if len(self.calls) == self.most:
            raise BudgetExceeded("Nothing is left.")
        self.calls.append(call)
        return str(len(self.calls))

    def leave(self, ticket: str, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def ask(stand_in: StandIn, gate: Recorder, *script: Reply, **model: Any) -> None:
    stand_in.script = list(script)
    options = ModelOptions(
        model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url, gate=gate
    )
    read(PDF, Options(model=replace(options, **model)))


def test_each_try_passes_the_gate_and_is_settled_with_what_it_took(stand_in: StandIn) -> None:
    gate = Recorder()
    ask(stand_in, gate, fails(503, "UNAVAILABLE"), says("no JSON"), says(SIMPLE_TEXT))
    assert len(gate.calls) == len(gate.outcomes) == 3
    call = gate.calls[0]
    assert call.model == "google:gemini-3.8-flash"
    assert call.size == len(PDF.data)
    assert 4_000 < call.tokens < 8_000  # of one page
    assert call.cost is not None
    overloaded, invalid, answered = gate.outcomes
    assert isinstance(overloaded.error, EngineOverloaded)
    assert overloaded.tokens == overloaded.cost == 0
    assert (invalid.tokens, invalid.error) == (1_250, None)
    assert answered.tokens == 1_250
    assert answered.cost is not None
    assert 0 < answered.cost < call.cost


def test_a_call_without_an_answer_in_time_counts_as_estimated(stand_in: StandIn) -> None:
    gate = Recorder()
    with pytest.raises(EngineTimeout):
        ask(stand_in, gate, says(SIMPLE_TEXT, delay=2), timeout=0.3)
    assert gate.outcomes[0].cost == gate.calls[0].cost
    assert gate.outcomes[0].tokens == gate.calls[0].tokens


def test_a_refusal_after_a_try_that_was_paid_is_told_as_that_trys_error(
    stand_in: StandIn,
) -> None:
    with pytest.raises(InvalidModelOutput):
        ask(stand_in, Recorder(most=1), says("no JSON"))
    with pytest.raises(EngineTimeout):
        ask(stand_in, Recorder(most=1), Reply(reset=0))


@pytest.mark.parametrize(
    "reply",
    [
        Reply(reset=0),
        Reply(reset=1),
        Reply(body=b"<html>", content_type="text/html"),
        Reply(body=b"[]"),
        Reply(504, b"late", "text/plain"),
    ],
)
def test_a_call_that_was_sent_counts_as_estimated_where_no_reply_can_be_read(
    stand_in: StandIn, reply: Reply
) -> None:
    gate = Recorder()
    with pytest.raises(ModelError) as raised:
        ask(stand_in, gate, reply)
    assert gate.outcomes[0].cost == gate.calls[0].cost
    assert spent_before(raised.value).cost is None


def test_a_call_that_reached_nobody_costs_nothing() -> None:
    gate = Recorder(most=1)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        model = ModelOptions(model="google:a", api_key=KEY, base_url=url, gate=gate)
        with pytest.raises(BudgetExceeded) as raised:
            read(PDF, Options(model=model))
    assert gate.outcomes[0].cost == 0
    assert not gate.outcomes[0].reached
    assert spent_before(raised.value).cost == "0"


def test_own_fields_count_in_the_estimate(stand_in: StandIn) -> None:
    gate = Recorder()
    stand_in.script = [says(SIMPLE_TEXT)]
    model = ModelOptions(
        model="google:gemini-3.8-flash", api_key=KEY, base_url=stand_in.base_url, gate=gate
    )
    names = [f"field_of_my_own_number_{n}" for n in range(20)]
    fields = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    for schema in (None, fields):
        read(PDF, Options(model=model, fields_schema=schema))
    plain, own = gate.calls
    assert own.tokens > plain.tokens + 200


def test_nothing_is_sent_where_the_gate_is_shut(stand_in: StandIn) -> None:
    gate = Recorder(most=1)
    with pytest.raises(BudgetExceeded):
        ask(stand_in, gate, fails(503, "UNAVAILABLE"))
    assert stand_in.calls == 1


def test_a_key_is_in_no_repr() -> None:
    model = ModelOptions(model="google:a", api_key=KEY, fallbacks=())
    nested = replace(model, fallbacks=(model,))
    assert KEY not in repr(Options(model=nested))
