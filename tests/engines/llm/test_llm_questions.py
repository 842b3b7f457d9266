import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from invoice_extraction.engines.llm.engine import is_sent, read
from invoice_extraction.engines.llm.providers import PROVIDERS
from invoice_extraction.engines.llm.questions import questions
from invoice_extraction.errors import (
    EngineOverloaded,
    EngineTimeout,
    InvalidModelOutput,
    PageUnreadable,
)
from invoice_extraction.model.document import Document, Page, Pictures, Word
from invoice_extraction.model.options import ModelOptions, Options
from invoice_extraction.model.reading import Reading, spent_before
from tests.engines.llm.answers import SIMPLE_TEXT, answer, invoice, line, party
from tests.engines.llm.memory import Kept
from tests.engines.llm.stand_in import KEY, Reply, StandIn, fails, says

MODEL = ModelOptions(model="google:gemini-3.8-flash", api_key=KEY)


def page(number: int, figures: int = 1) -> Page:
    return Page(number, 595, 842, tuple(Word(f"{n}.00", 0, n, 9, n + 1) for n in range(figures)))


def png(number: int) -> bytes:
    return b"\x89PNG" + bytes([number])


def pdf(
    pages: int, figures: int = 1, *, drawn: bool = False, draw: Callable[[int], bytes] = png
) -> Document:
    numbers = tuple(range(1, pages + 1))
    return Document(
        "application/pdf",
        b"%PDF-1.7 long",
        pages=tuple(page(n, figures) for n in numbers),
        pictures=Pictures(numbers, draw) if drawn else None,
    )


def grouped(document: Document, options: ModelOptions = MODEL) -> list[list[int | None]]:
    return [[part.page for part in one.parts] for one in questions(document, options, None)]


def test_a_file_whose_answer_would_be_too_long_is_not_sent_as_it_is() -> None:
    options = Options(model=MODEL)
    assert is_sent(pdf(1, figures=5_000), options)
    assert is_sent(pdf(30), options)
    assert not is_sent(pdf(4, figures=200), options)
    assert is_sent(pdf(4, figures=200), Options(model=replace(MODEL, max_output_tokens=65_000)))


@pytest.mark.parametrize(("model", "sent"), [("google:a", True), ("anthropic:a", False)])
def test_a_photo_that_is_too_large_for_the_provider_is_drawn_anew(model: str, sent: bool) -> None:
    photo = Document("image/jpeg", bytes(4_000_000), pages=(Page(1, 595, 842),))
    options = Options(model=replace(MODEL, model=model))
    assert is_sent(photo, options) is sent
    assert is_sent(replace(photo, data=b"small"), options)


def test_each_page_stands_in_one_group_in_its_order() -> None:
    found = grouped(pdf(7, figures=100, drawn=True))
    assert [number for group in found for number in group] == [1, 2, 3, 4, 5, 6, 7]
    assert len(found) == 2
    assert grouped(pdf(7, figures=5_000, drawn=True)) == [[n] for n in range(1, 8)]


def test_pages_without_words_are_expected_to_be_full() -> None:
    scan = replace(pdf(20, drawn=True), pages=tuple(Page(n, 595, 842) for n in range(1, 21)))
    assert len(grouped(scan)) == 3


def test_a_local_model_is_shown_a_few_pages_at_a_time() -> None:
    local = ModelOptions(model="ollama:qwen3-vl:8b", api_key="")
    assert all(len(group) <= 4 for group in grouped(pdf(10, drawn=True), local))


def test_pages_whose_pictures_are_too_many_bytes_together_are_asked_about_apart() -> None:
    size = PROVIDERS["google"].max_bytes // 2 - 1
    large = pdf(5, drawn=True, draw=lambda number: png(number) + bytes(size - 5))
    assert grouped(large) == [[1, 2], [3, 4], [5]]


class Picture(bytes):
    """A picture of a page that tells when nobody has it any longer."""

    alive = 0

    def __init__(self, *_: object) -> None:
        type(self).alive += 1

    def __del__(self) -> None:
        type(self).alive -= 1


def test_a_group_is_drawn_when_it_is_asked_about_and_then_let_go(stand_in: StandIn) -> None:
    seen: list[tuple[int, int]] = []

    def draw(number: int) -> bytes:
        seen.append((stand_in.calls, Picture.alive))
        return Picture(png(number))

    stand_in.script = [says(json.dumps(FIRST))]
    local = replace(MODEL, base_url=stand_in.base_url, max_output_tokens=8_192)
    document = pdf(6, figures=110, drawn=True, draw=draw)  # of two pages each
    assert read(document, Options(model=local)).questions == 3
    assert [calls for calls, _ in seen] == [0, 0, 1, 1, 2, 2]
    assert [alive for _, alive in seen] == [0, 1] * 3
    assert Picture.alive == 0


def test_what_was_paid_before_a_page_that_cannot_be_drawn_is_told(stand_in: StandIn) -> None:
    def draw(number: int) -> bytes:
        if number == 3:
            raise PageUnreadable("Page 3 cannot be drawn.")
        return png(number)

    stand_in.script = [says(json.dumps(FIRST))]
    document = pdf(3, figures=110, drawn=True, draw=draw)
    with pytest.raises(PageUnreadable) as caught:
        read(document, Options(model=replace(LONG, base_url=stand_in.base_url)))
    assert spent_before(caught.value).calls == 1


FIRST = answer(
    invoice(
        pages=[1, 2],
        invoice_number="R-1",
        seller=party(name="Musterwerk GmbH"),
        lines=[line(description="A", amount="10,00", page=1)],
        total="10,00",
    )
)
SECOND = answer(
    invoice(
        pages=[3],
        currency="EUR",
        lines=[line(description="B", amount="20,00", page=3)],
        total="30,00",
    ),
    warnings=["Page 3 is askew."],
)
LONG = replace(MODEL, max_output_tokens=8_192)


def ask(
    stand_in: StandIn,
    *script: Reply,
    pages: int = 3,
    figures: int = 110,
    force: bool = False,
    **model: Any,
) -> Reading:
    stand_in.script = list(script)
    stand_in.requests.clear()
    chosen = replace(LONG, base_url=stand_in.base_url, **model)
    return read(pdf(pages, figures, drawn=True), Options(model=chosen, force=force))


def test_the_answers_to_the_groups_become_one_invoice(stand_in: StandIn) -> None:
    reading = ask(stand_in, says(json.dumps(FIRST)), says(json.dumps(SECOND)))
    (read_one,) = reading.invoices
    texts = {pointer: value.text for pointer, value in read_one.values.items()}
    assert stand_in.calls == 2
    assert reading.usage.calls == 2
    assert reading.usage.input_tokens == 2000
    assert read_one.pages == (1, 2, 3)
    assert texts["/invoice_number"] == "R-1"
    assert texts["/totals/gross"] == "30,00"
    assert [texts[f"/lines/{n}/description"] for n in (0, 1)] == ["A", "B"]
    assert read_one.values["/lines/1/description"].page == 3
    first, second = (one["body"]["contents"][0]["parts"] for one in stand_in.requests)
    assert [part.get("text") for part in first[::2]] == ["Page 1:", "Page 2:", first[-1]["text"]]
    assert "pages 1 to 2 of a document with 3 pages" in first[-1]["text"]
    assert second[0]["text"] == "Page 3:"


DOWN, DONE = fails(503, "UNAVAILABLE"), says(json.dumps(FIRST))
LOST = Reply(reset=0)  # after the request was sent: it may be billed


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_a_document_takes_two_calls_more_than_it_has_groups_at_the_most(
    stand_in: StandIn, pages: int
) -> None:
    script = [DOWN, *[DONE] * (pages - 1), DOWN, DONE]  # the first group fails once, the last too
    reading = ask(stand_in, *script, pages=pages, figures=5_000)
    assert stand_in.calls == reading.usage.calls == pages + 2
    for script in ([DOWN], [*[DONE] * (pages - 1), DOWN], [DOWN, *[DONE] * (pages - 1), DOWN]):
        with pytest.raises(EngineOverloaded) as caught:
            ask(stand_in, *script, pages=pages, figures=5_000)
        assert stand_in.calls == spent_before(caught.value).calls
        assert stand_in.calls <= pages + 2


def test_tries_that_were_paid_before_a_job_was_given_back_count_too(stand_in: StandIn) -> None:
    kept = Kept(own=True)
    with pytest.raises(EngineOverloaded):
        ask(stand_in, DOWN, DONE, DOWN, memory=kept)
    assert stand_in.calls == 4
    with pytest.raises(EngineOverloaded):
        ask(stand_in, DOWN, memory=kept)
    assert stand_in.calls == 2
    reading = ask(stand_in, DONE, memory=kept)
    assert (stand_in.calls, reading.usage.calls, reading.usage.cached) == (1, 3, False)


@pytest.mark.parametrize(("paid", "calls"), [(0, 3), (1, 2), (2, 1)])
def test_calls_that_may_have_been_billed_before_are_not_made_again(
    stand_in: StandIn, paid: int, calls: int
) -> None:
    with pytest.raises(EngineTimeout) as caught:
        ask(stand_in, LOST, pages=1, paid=paid)
    assert stand_in.calls == spent_before(caught.value).paid == calls
    assert caught.value.is_last


def test_without_a_call_left_a_document_is_not_sent(stand_in: StandIn) -> None:
    with pytest.raises(EngineTimeout, match="as often as it may be") as caught:
        ask(stand_in, DONE, pages=1, paid=3)
    assert (stand_in.calls, caught.value.is_last) == (0, True)


def test_calls_that_are_turned_away_leave_calls_for_later(stand_in: StandIn) -> None:
    with pytest.raises(EngineOverloaded) as caught:
        ask(stand_in, DOWN, pages=1, paid=1)
    assert (spent_before(caught.value).paid, caught.value.is_last) == (0, False)
    assert stand_in.calls == 2


@pytest.mark.parametrize("pages", [1, 2, 4])
def test_all_readings_of_a_document_pay_two_calls_more_than_it_has_groups(
    stand_in: StandIn, pages: int
) -> None:
    kept, paid, runs = Kept(own=True), 0, 0
    is_last = False
    while not is_last:  # a worker that waits, and tries again
        script = [*[DONE] * (pages - 1 if runs == 0 else 0), LOST, DOWN]
        with pytest.raises((EngineOverloaded, EngineTimeout)) as caught:
            ask(stand_in, *script, pages=pages, figures=5_000, memory=kept, paid=paid)
        paid += spent_before(caught.value).paid
        is_last = caught.value.is_last
        runs += 1
    assert (paid, runs) == (pages + 2, 3)


def test_what_a_failed_document_cost_is_told_with_its_error(stand_in: StandIn) -> None:
    with pytest.raises(InvalidModelOutput) as caught:
        ask(stand_in, DONE, says("no JSON"))
    spent = spent_before(caught.value)
    assert (spent.calls, spent.input_tokens, spent.output_tokens) == (3, 3000, 750)
    one = ask(stand_in, DONE).usage.cost
    assert spent.cost is not None
    assert one is not None
    assert Decimal(spent.cost) == Decimal(one) / 2 * 3


def test_a_group_that_was_answered_is_not_paid_again_when_another_fails(stand_in: StandIn) -> None:
    kept = Kept()
    down = fails(503, "UNAVAILABLE")
    with pytest.raises(EngineOverloaded):
        ask(stand_in, says(json.dumps(FIRST)), down, memory=kept)
    reading = ask(stand_in, says(json.dumps(SECOND)), memory=kept)
    assert stand_in.calls == 1
    assert not reading.usage.cached
    assert reading.invoices[0].values["/totals/gross"].text == "30,00"


def test_a_kept_answer_costs_nothing(stand_in: StandIn) -> None:
    kept = Kept()
    first = ask(stand_in, says(json.dumps(FIRST)), memory=kept)
    again = ask(stand_in, fails(500, "INTERNAL"), memory=kept)
    assert stand_in.calls == 0
    assert again.usage.cached
    assert (again.usage.calls, again.usage.cost) == (0, "0")
    assert again.invoices == first.invoices


def test_who_paid_for_a_kept_answer_is_told_its_cost_again(stand_in: StandIn) -> None:
    kept = Kept(own=True)
    first = ask(stand_in, DOWN, DONE, memory=kept)
    again = ask(stand_in, fails(500, "INTERNAL"), memory=kept)
    assert stand_in.calls == 0
    assert first.kept
    assert (first.usage.paid, again.usage.paid) == (2, 0)
    assert again == replace(first, usage=replace(first.usage, paid=0))


def test_force_asks_although_an_answer_is_kept_and_keeps_the_new_one(stand_in: StandIn) -> None:
    kept = Kept()
    ask(stand_in, says(json.dumps(FIRST)), memory=kept)
    ask(stand_in, says(json.dumps(SECOND)), memory=kept, force=True)
    assert stand_in.calls == 2
    again = ask(stand_in, fails(500, "INTERNAL"), memory=kept)
    assert again.invoices[0].values["/totals/gross"].text == "30,00"


def test_a_kept_answer_that_is_not_valid_is_not_used(stand_in: StandIn) -> None:
    kept = Kept()
    ask(stand_in, says(json.dumps(FIRST)), memory=kept)
    kept.answers = dict.fromkeys(kept.answers, b'{"total": 1}')
    assert ask(stand_in, says(json.dumps(FIRST)), memory=kept).usage.calls == 2


def test_an_invalid_answer_is_not_kept(stand_in: StandIn) -> None:
    kept = Kept()
    ask(stand_in, says("no JSON"), says(SIMPLE_TEXT), says(SIMPLE_TEXT), memory=kept)
    assert [json.loads(kept_one)["text"] for kept_one in kept.answers.values()] == [SIMPLE_TEXT] * 2


def test_whatever_changes_the_answer_has_another_key() -> None:
    (one,) = questions(pdf(1), MODEL, None)
    (drawn,) = questions(pdf(1, drawn=True), MODEL, None)
    (own,) = questions(pdf(1), MODEL, {"type": "object"})
    (other,) = questions(replace(pdf(1), data=b"other"), MODEL, None)
    keys = [one.key("google:a"), one.key("google:b"), *(q.key("google:a") for q in (drawn, own))]
    assert len({*keys, other.key("google:a"), replace(one, text="x").key("google:a")}) == 6
    assert all(key.startswith(f"{one.document}:") for key in keys)
    assert one.key("google:a") == next(questions(pdf(1), MODEL, None)).key("google:a")
