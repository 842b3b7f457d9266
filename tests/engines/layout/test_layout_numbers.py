from collections.abc import Sequence

import pytest

from tests.engines.layout import paper
from tests.engines.layout.paper import SLIP, Line


def number(lines: Sequence[Line], *, by_ocr: bool = False) -> str | None:
    found = paper.values(*lines, (50, 300, "Total"), (150, 300, "12.50"), by_ocr=by_ocr)
    value = found.get("/invoice_number")
    return value.text if value is not None else None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([(50, 40, "Invoice: A-1")], "A-1"),
        ([(50, 40, "Rechnungs-Nr./Datum: 4711 / 14.03.2026")], "4711"),
        ([(50, 40, "RECHNUNG"), (150, 40, "Nr.65")], "65"),
        ([(50, 40, "INVOICE"), (50, 54, "No: 12")], "12"),
        ([(50, 40, "Folio ID:"), (150, 40, "820346")], "820346"),
        ([(50, 40, "VAT INVOICE: 604187")], "604187"),
        ([(50, 40, "Order# 7702416")], "7702416"),
    ],
)
def test_a_number_is_found_beside_what_names_it(lines: list[Line], expected: str) -> None:
    assert number(lines) == expected


def test_a_short_number_beside_a_word_that_says_little_is_none_without_a_title() -> None:
    assert number([(50, 40, "Table"), (50, 54, "No: 12")]) is None


def test_digits_that_ocr_read_for_letters_are_letters_of_a_label() -> None:
    assert number([(50, 40, "INV0ICE NO : 62047/918")], by_ocr=True) == "62047/918"
    assert number([(50, 40, "Bi11 # 55012")], by_ocr=True) == "55012"


def dated(*lines: Line) -> str | None:
    value = paper.values(*lines, size=SLIP).get("/issue_date")
    return value.canonical if value is not None else None


def test_october_begins_with_no_sign_of_a_number() -> None:
    assert dated((50, 40, "Invoice Date:"), (150, 40, "October 9, 2024")) == "2024-10-09"


def test_the_day_beside_the_time_of_a_sale_is_the_receipts() -> None:
    lines = ((50, 400, "Points until 01/05/2026"), (50, 415, "Offers until 31/12/2026"))
    assert dated(*lines, (50, 500, "14/03/2026 20:23")) == "2026-03-14"
    assert dated(*lines, (50, 500, "14/03/2026")) is None


def test_one_day_printed_in_two_ways_is_one_day() -> None:
    assert dated((50, 400, "Paid 14/03/2026"), (50, 415, "until 14.3.26")) == "2026-03-14"


def test_a_time_may_follow_a_date_and_a_comma() -> None:
    assert dated((50, 40, "Date: 23/08/2024,09:41")) == "2024-08-23"


def test_a_states_name_tells_how_its_dates_are_written() -> None:
    assert dated((50, 40, "Maple Falls, California"), (50, 60, "Date: 07/11/2024")) == "2024-07-11"
