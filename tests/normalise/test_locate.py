import time
from datetime import date
from decimal import Decimal

import pytest

from invoice_extraction.model.document import Page, Word
from invoice_extraction.normalise import amounts
from invoice_extraction.normalise.locate import Budget, Index


def page(number: int, *lines: str) -> Page:
    """A page with a line of text each 20 points, six points a letter."""
    words = []
    for n, line in enumerate(lines):
        x = 50.0
        for text in line.split():
            words.append(Word(text, x, 100 + 20 * n, x + 6 * len(text), 110 + 20 * n))
            x += 6 * len(text) + 4
    return Page(number, 600, 800, tuple(words), "text")


def index(*pages: Page) -> Index:
    return Index(pages, ".")


def test_a_text_is_found_with_its_box() -> None:
    found = index(page(1, "Invoice A-77", "ACME Ltd")).find("A-77")
    assert found is not None
    assert (found.page, found.boxes, found.quality) == (1, ((96.0, 100.0, 120.0, 110.0),), 1.0)


def test_a_wrapped_text_has_a_box_for_each_line() -> None:
    found = index(page(1, "12 Long Street", "Springfield 12345")).find("Long Street, Springfield")
    assert found is not None
    assert len(found.boxes) == 2


def test_case_spaces_and_punctuation_do_not_matter() -> None:
    found = index(page(1, "VAT: DE 123 456 789.")).find("de123456789")
    assert found is not None
    assert found.text == "DE 123 456 789."


def test_the_same_digits_of_another_amount_are_no_match() -> None:
    words = index(page(1, "1,250.00 pieces 12.50"))
    found = words.find("12.50", value=Decimal("12.50"))
    assert found is not None
    assert found.text == "12.50"
    assert index(page(1, "1,250")).find("12.50", value=Decimal("12.50")) is None


def test_part_of_a_number_is_no_match() -> None:
    assert index(page(1, "4712345")).find("123") is None
    assert index(page(1, "Nr:12345")).find("12345") is not None


def test_another_print_of_the_same_value_is_found() -> None:
    words = index(page(1, "Total 1,234.50 of 12 March 2026"))
    amount = words.find("1234.5", value=Decimal("1234.5"))
    day = words.find("2026-03-12", value=date(2026, 3, 12))
    assert amount is not None
    assert amount.text == "1,234.50"
    assert day is not None
    assert day.text == "12 March 2026"


def test_a_few_wrong_letters_are_found_but_wrong_digits_are_not() -> None:
    words = index(page(1, "Musterrnann Handels GmbH", "Order 4711-0815-2342"))
    found = words.find("Mustermann Handels GmbH")
    assert found is not None
    assert found.quality < 0.9
    assert words.find("4711-0815-2343") is None


def test_of_several_places_the_hint_decides() -> None:
    words = index(page(1, "100.00", "100.00"), page(2, "100.00"))
    first = words.find("100.00")
    second = words.find("100.00", page=2)
    lowest = words.find("100.00", page=1, last=True)
    assert first is not None
    assert second is not None
    assert lowest is not None
    assert (first.page, first.boxes[0][1]) == (1, 100.0)
    assert second.page == 2
    assert lowest.boxes[0][1] == 120.0


def test_what_does_not_stand_there_is_none() -> None:
    assert index(page(1, "Invoice")).find("Nobody Ltd") is None
    assert index(page(1, "Invoice")).find("") is None


def amount(text: str, *words: tuple[str, float, float]) -> bool:
    """Return whether an amount is found on a page with these words and their left and right edges."""
    printed = tuple(Word(word, x0, 100, x1, 110) for word, x0, x1 in words)
    found = Index([Page(1, 600, 800, printed, "text")], ".")
    return found.find(text, value=amounts.parse(text, "."), match="exact") is not None


@pytest.mark.parametrize(
    "words",
    [
        [("-12.00", 50, 80)],
        [("12.00-", 50, 80)],
        [("(12.00)", 50, 80)],
        [("12.00", 50, 80), ("-", 84, 88)],
        [("12.00", 50, 80), ("CR", 84, 96)],
        [("-", 40, 46), ("12.00", 50, 80)],
        [("-€", 36, 46), ("12.00", 50, 80)],
        [("-", 30, 36), ("EUR", 40, 46), ("12.00", 50, 80)],
        [("(€", 36, 46), ("12.00)", 50, 80)],
        [("(", 40, 46), ("12.00", 50, 80), (")", 84, 88)],
    ],
)
def test_a_minus_is_seen_wherever_it_is_printed(words: list[tuple[str, float, float]]) -> None:
    assert amount("-12.00", *words)
    assert not amount("12.00", *words)


@pytest.mark.parametrize(
    "words",
    [
        [("12.00", 50, 80)],
        [("12.00", 50, 80), ("-", 200, 204)],
        [("-", 10, 14), ("12.00", 50, 80)],
        [("A-7", 30, 46), ("12.00", 50, 80)],
        [("(net", 20, 46), ("12.00)", 50, 80)],
    ],
)
def test_what_is_no_minus_leaves_an_amount_positive(words: list[tuple[str, float, float]]) -> None:
    assert amount("12.00", *words)
    assert not amount("-12.00", *words)


def test_a_dash_between_a_label_and_its_amount_leaves_the_sign_open() -> None:
    words = [("Total", 10, 36), ("-", 40, 46), ("12.00", 50, 80)]
    assert amount("12.00", *words)
    assert amount("-12.00", *words)


def test_a_long_document_is_searched_in_a_moment() -> None:
    rows = [f"{n} Widget type {n} blue 1 pcs 10.00 20% 10.00" for n in range(40)]
    words = index(*(page(number, *rows) for number in range(1, 51)))
    began = time.process_time()
    for n in range(300):
        assert words.find("10.00", value=Decimal("10.00"), page=n % 50 + 1) is not None
        assert words.find("20%", value=Decimal(20), page=n % 50 + 1) is not None
        assert words.find(f"Gadget of an unknown kind from far away {n}") is None
        assert words.find("7", value=Decimal(70)) is None
    assert time.process_time() - began < 15


def test_nothing_is_searched_when_the_time_is_over() -> None:
    spent = Index([page(1, "A-77")], budget=Budget(-1))
    assert spent.find("A-77") is None
    assert spent.find_word(lambda word: True) is None
