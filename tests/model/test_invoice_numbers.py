"""Numbers of an invoice: kept as they are written, and never longer than an invoice's can be."""

import pytest
from pydantic import ValidationError

from invoice_extraction.model.invoice import Invoice


def gross(text: str) -> str:
    """Return a total as it is told after it was taken."""
    told = Invoice.model_validate_json(f'{{"totals": {{"gross": "{text}"}}}}')
    return told.model_dump(mode="json")["totals"]["gross"]


@pytest.mark.parametrize("text", ["0", "-0.50", "1234567.8900", "0.000", "9" * 27, "1" + "0" * 99])
def test_a_number_keeps_its_digits(text):
    assert gross(text) == text


@pytest.mark.parametrize("text", ["1E+999000", "-1E+100", "1E-999000", "0E+999000", "0E-999000"])
def test_a_short_text_cannot_stand_for_a_number_of_very_many_digits(text):
    with pytest.raises(ValidationError, match="at most 100 digits"):
        gross(text)
