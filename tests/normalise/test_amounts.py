from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.normalise import amounts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u202f234,56 €", "1234.56"),
        ("3'360.00", "3360.00"),
        ("CHF 3’360.00", "3360.00"),
        ("7,08,000.00", "708000.00"),
        ("1.234.567", "1234567"),
        ("12.50-", "-12.50"),
        ("(45.00)", "-45.00"),
        ("- 12,00 €", "-12.00"),
        ("€ -12,00", "-12.00"),
        ("-€5.00", "-5.00"),
        ("−5.00", "-5.00"),
        ("45.00 CR", "-45.00"),
        ("45.00 DR", "45.00"),
        ("50,-", "50"),
        ("12.–", "12"),
        ("RM12.50", "12.50"),
        ("Rs.50", "50"),
        ("$.50", "0.50"),
        ("US$ 1,200.00", "1200.00"),
        ("12,50 A", "12.50"),
        ("0.500", "0.500"),
        ("1,2345", "1.2345"),
        ("12 345", "12345"),
        ("100", "100"),
        ("٣٤٫٥٠", "34.50"),
    ],
)
def test_a_printed_amount_keeps_its_digits(text: str, value: str) -> None:
    assert str(amounts.parse(text)) == value


@pytest.mark.parametrize(
    "text",
    ["", "abc", "1.234", "1,234", "1.234.56", "1,234,56", "31.01.2026", "12 50", "1-2", "9" * 16],
)
def test_a_doubtful_amount_is_none(text: str) -> None:
    assert amounts.parse(text) is None


def test_the_documents_style_settles_a_doubtful_separator() -> None:
    assert amounts.parse("1.234", ",") == Decimal(1234)
    assert amounts.parse("1.234", ".") == Decimal("1.234")
    assert amounts.parse("1,234", ".") == Decimal(1234)


@pytest.mark.parametrize(
    ("text", "decimals", "style"),
    [
        ("12,345", 0, "."),
        ("12.345 JPY", 0, ","),
        ("12.345", 3, "."),
        ("12,345", 3, None),
        ("1.234", 2, None),
        ("1,234.500", 3, None),
    ],
)
def test_a_currencys_decimals_settle_a_doubtful_separator(
    text: str, decimals: int, style: str | None
) -> None:
    assert amounts.style_by_decimals(text, decimals) == style


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["Summe 1.234,56", "12,50"], ","),
        (["Total 1,234.56 on 01.02.2026"], "."),
        (["1.234", "2.500"], None),
        (["1,50", "1.50"], None),
        (["1,50 2,50 3,50", "1.50"], None),
        (["1,50 2,50 3,50 4,50", "1.50"], ","),
        (["1.50 2.50 3.50", "1,50"], None),
        ([], None),
    ],
)
def test_the_style_is_what_the_documents_amounts_agree_on(
    texts: list[str], style: str | None
) -> None:
    assert amounts.style_of(texts) == style


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("19%", "19"),
        ("19,00 %", "19.00"),
        ("8.875%", "8.875"),
        ("VAT 7 % of 12.00", "7"),
        ("0", "0"),
    ],
)
def test_a_percentage_is_as_printed(text: str, value: str) -> None:
    assert str(amounts.percent(text)) == value


_STYLES = [(".", ","), (",", "."), ("\u00a0", ","), ("'", "."), ("", "."), ("", ",")]


@given(
    cents=st.integers(min_value=0, max_value=10**14),
    negative=st.booleans(),
    style=st.sampled_from(_STYLES),
    mark=st.sampled_from(["", "€", "CHF ", "$", "RM"]),
    sign=st.sampled_from(["before", "after", "parentheses"]),
)
def test_what_is_formatted_in_any_style_parses_to_the_same(
    cents: int, negative: bool, style: tuple[str, str], mark: str, sign: str
) -> None:
    group, decimal = style
    value = Decimal(cents).scaleb(-2)
    text = f"{value:,.2f}".replace(",", "G").replace(".", decimal).replace("G", group)
    text = mark + text
    if negative:
        text = {"before": "-" + text, "after": text + "-", "parentheses": f"({text})"}[sign]
        value = -value
    assert amounts.parse(text) == value


@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    amounts.parse(text, ",")
    amounts.percent(text)
    amounts.style_of([text])
