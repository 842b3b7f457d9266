import pytest

from invoice_extraction.normalise import countries


@pytest.mark.parametrize(
    ("text", "language", "code"),
    [
        ("de", None, "DE"),
        ("Germany", None, "DE"),
        ("DEUTSCHLAND", None, "DE"),
        ("Allemagne", "en", "DE"),
        ("Österreich", None, "AT"),
        ("Osterreich", None, "AT"),
        ("UK", None, "GB"),
        ("United  Kingdom", None, "GB"),
        ("USA", None, "US"),
        ("DEU", None, "DE"),
        ("EL", None, "GR"),
        ("Polska", "pl", "PL"),
        ("Polska", "pl-PL", "PL"),
    ],
)
def test_a_code_or_a_name_is_its_country(text: str, language: str | None, code: str) -> None:
    assert countries.parse(text, language) == code


@pytest.mark.parametrize("text", ["", "Atlantis", "XX", "EU", "Polska", "Main Street 1"])
def test_what_names_no_country_is_none(text: str) -> None:
    assert countries.parse(text) is None


@pytest.mark.parametrize("language", ["", "xx", "not a language", None])
def test_an_unknown_language_adds_no_names(language: str | None) -> None:
    assert countries.parse("Germany", language) == "DE"


def test_a_country_is_known_by_code_and_names() -> None:
    assert {"GB", "UK", "united kingdom", "royaume-uni"} <= set(countries.prints("GB"))
