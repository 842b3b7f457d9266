import pytest

from invoice_extraction.normalise import identifiers


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("iban", "IBAN: de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("iban", "12 34567 89", "12 34567 89"),
        ("bic", "COBA DE FF XXX", "COBADEFFXXX"),
        ("bic", "SWIFT: COBADEFF", "COBADEFF"),
        ("creditor_id", "DE98 ZZZ 0999 9999 999", "DE98ZZZ09999999999"),
        ("tax_id", "GB 123 4567 89", "GB123456789"),
        ("tax_id", "NL123456789 B01", "NL123456789B01"),
        ("tax_id", "NO 123 456 785 MVA", "NO123456785MVA"),
        ("tax_id", "DE 123.456.789", "DE123456789"),
        ("tax_id", "CHE-123.456.788 MWST", "CHE-123.456.788 MWST"),
        ("tax_id", "51  824 753 556", "51 824 753 556"),
        ("registration_id", "HRB  4711", "HRB 4711"),
    ],
)
def test_an_identifier_with_a_standard_form_has_no_spaces(
    name: str, text: str, stored: str
) -> None:
    assert identifiers.standard(name, text) == stored
