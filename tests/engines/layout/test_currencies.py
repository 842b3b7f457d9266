import pytest

from invoice_extraction.engines.layout.countries import named_countries
from invoice_extraction.engines.layout.labels import tokens
from invoice_extraction.model.reading import Value
from tests.engines.layout import paper


def currency(*texts: str) -> Value | None:
    return paper.values(*paper.column(texts)).get("/currency")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Tel. +46 8 123 45 67", "SEK"),
        ("www.lipowa-piekarnia.pl", "PLN"),
        ("GST/HST 123456789 RT 0001", "CAD"),
        ("12 Peel Street, Montréal QC H2Z 1J4", "CAD"),
        ("GSTIN 29ABCDE1234F1Z5", "INR"),
        ("GST ID : 001234567890", "MYR"),
        ("VAT No. GB123456789", "GBP"),
    ],
)
def test_the_only_country_that_is_named_tells_the_currency_of_plain_amounts(
    text: str, code: str
) -> None:
    found = currency(text, "Total 12.50")
    assert found is not None
    assert (found.canonical, found.origin, found.boxes) == (code, "derived", ())


def test_the_currency_is_that_of_the_day() -> None:
    for day, code in (("31.08.2021.", "HRK"), ("31.08.2025.", "EUR")):
        found = currency("OIB 12345678901", f"Datum računa: {day}", "Ukupno 12,50")
        assert found is not None
        assert found.canonical == code


def test_a_currency_that_is_printed_outweighs_the_country() -> None:
    found = currency("Tel. +46 8 123 45 67", "Total 12.50 EUR")
    assert found is not None
    assert (found.canonical, found.text) == ("EUR", "EUR")


def test_two_countries_or_a_sign_of_neither_tell_no_currency() -> None:
    assert currency("Tel. +46 8 123 45 67", "Tel. +48 22 123 45 67", "Total 12.50") is None
    assert currency("Tel. +46 8 123 45 67", "Total $12.50") is None


def test_a_word_of_three_capitals_is_no_currency_of_another_country() -> None:
    found = currency("Oak Sdn Bhd", "Item SVC", "Total 12.50")
    assert found is not None
    assert found.canonical == "MYR"


def test_a_room_is_no_sum_in_ringgit() -> None:
    assert currency("RM 1204", "Total 12.50") is None


def test_a_language_of_one_country_tells_it_where_no_country_is_named() -> None:
    found = currency("Tack för att du är med oss", "Totalt 12,50 kr")
    assert found is not None
    assert found.canonical == "SEK"


def test_a_telephone_code_is_no_part_of_a_longer_number() -> None:
    assert named_countries(["Ref 10046123456"], [tokens("Ref")]) == frozenset()


@pytest.mark.parametrize("street", ["Lale Cad. 14", "LALE CAD. 14"])
def test_an_abbreviated_street_is_no_dollar_of_canada(street: str) -> None:
    for total, text in (("Toplam 1.250,00", "TRY"), ("Toplam 1.250,00 TL", "TL")):
        found = currency("Gökmen Kağıt Ltd. Şti.", street, "Fatura No 2031-7", total)
        assert found is not None
        assert (found.canonical, found.text) == ("TRY", text)


@pytest.mark.parametrize("told", ["Protea Pumps (Pty) Ltd", "Tel. +27 21 555 0134"])
def test_an_r_before_a_number_is_south_africas_rand(told: str) -> None:
    found = currency(told, "Tax invoice 2031-7", "Total R 1 234.00")
    assert found is not None
    assert (found.canonical, found.text) == ("ZAR", "R")
