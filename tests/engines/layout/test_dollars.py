"""Whose "$" it is, where no country is named; codes that are words; heads that name the currency."""

import pytest

from tests.engines.layout.paper import Line, values

TOTAL: Line = (50, 300, "Total $12.50")


def code(*lines: Line, size: tuple[float, float] = (595, 842)) -> str | None:
    found = values(*lines, size=size).get("/currency")
    return found.canonical if found is not None else None


def test_a_dollar_of_no_country_is_no_currency() -> None:
    assert code(TOTAL) is None
    assert code((50, 40, "Date 25/03/2026"), TOTAL) is None


@pytest.mark.parametrize(
    "told",
    [
        "Date 03/25/2026",
        "March 25, 2026",
        "Call (208) 555-0144",
        "Toll-free 1-800-555-0199",
        "Dayton, OH",
        "Sales tax 6%",
    ],
)
def test_forms_of_the_united_states_tell_its_dollar(told: str) -> None:
    assert code((50, 40, told), TOTAL) == "USD"


def test_letter_paper_tells_it_too() -> None:
    assert code(TOTAL, size=(612, 792)) == "USD"


def test_canadas_taxes_tell_its_own() -> None:
    assert code((50, 40, "Call (506) 555-0144"), (50, 60, "HST 15%"), TOTAL) == "CAD"


def test_a_country_that_is_named_goes_before_all_that() -> None:
    assert code((50, 40, "ABN 51 824 753 556"), (50, 60, "March 25, 2026"), TOTAL) == "AUD"


def test_the_head_of_a_column_names_the_currency() -> None:
    heads: list[Line] = [(50, 40, "Item"), (300, 40, "Amount(RM)")]
    assert code(*heads, (50, 60, "Rope"), (300, 60, "12.50")) == "MYR"


def test_a_word_that_is_a_code_gives_way_to_the_countrys_currency() -> None:
    seller: Line = (50, 40, "Rope and Sail Sdn Bhd, Jalan Tanah MUR")
    assert code(seller, (50, 60, "Total (RM)"), (300, 60, "12.50")) == "MYR"
