import pytest

from invoice_extraction.normalise import currency


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("€", "EUR"),
        ("eur", "EUR"),
        ("US$", "USD"),
        ("zł", "PLN"),
        ("RM12.00", "MYR"),
        ("12,50 €", "EUR"),
        ("(USD)", "USD"),
        ("Total EUR", "EUR"),
        ("Euro", "EUR"),
        ("1.250,00 TL", "TRY"),
    ],
)
def test_a_clear_currency_is_its_code(text: str, code: str) -> None:
    assert currency.parse(text) == code


@pytest.mark.parametrize("text", ["$", "kr", "Rs.", "¥", "USD/EUR", "", "abc", "$100"])
def test_a_shared_or_unknown_sign_is_none(text: str) -> None:
    assert currency.parse(text) is None


@pytest.mark.parametrize("text", ["Cad.", "Mad", "Ron", "Top", "All", "Pen", "Mur"])
def test_a_word_is_no_code(text: str) -> None:
    assert currency.parse(text) is None
    assert currency.parse(text.upper()) in currency.CODES


def test_the_country_settles_a_shared_sign() -> None:
    assert currency.parse("$", "CA") == "CAD"
    assert currency.parse("kr", "SE") == "SEK"
    assert currency.parse("$", "DE") is None
