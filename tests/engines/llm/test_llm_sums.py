from typing import Any

import pytest

from invoice_extraction.engines.llm.sums import lines_include_tax, subtotal_is_before_discount
from invoice_extraction.engines.llm.wire import WireInvoice
from tests.engines.llm.answers import invoice, line, tax


def given(*amounts: str | None, **fields: Any) -> WireInvoice:
    lines = [line(amount=amount) for amount in amounts]
    return WireInvoice.model_validate(invoice(lines=lines, **fields))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (given("100.00", subtotal="100.00", tax_total="19.00", total="119.00"), False),
        (given("119.00", subtotal="100.00", tax_total="19.00", total="119.00"), True),
        (given("1.190,00 €", tax_total="190,00", total="1.190,00 €"), True),
        (given("1,190.00", subtotal="1,000.00", total="$1,190.00"), True),
        (given("1 190,00", taxes=[tax(amount="190,00")], total="1 190,00"), True),
        (given("129.00", discount="-10.00", tax_total="19.00", total="119.00"), True),
        (given("100.00", total="100.00"), False),
        (given("100.00", tax_total="0.00", total="100.00"), False),
        (given("50.00", subtotal="100.00", total="119.00"), False),
        (given("119.00", None, subtotal="100.00", total="119.00"), False),
        (given(subtotal="100.00", total="119.00"), False),
        (given("-119.00", subtotal="-100.00", tax_total="(19.00)", total="119.00-"), True),
        (given("1190", tax_total="190", total="1190"), True),
    ],
)
def test_the_sums_say_whether_lines_include_tax(found: WireInvoice, expected: bool) -> None:
    assert lines_include_tax(found) is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"subtotal": "100", "discount": "10", "tax_total": "9", "total": "99"}, True),
        ({"subtotal": "90", "discount": "10", "tax_total": "9", "total": "99"}, False),
        ({"subtotal": "100", "shipping": "5", "total": "105"}, True),
        ({"subtotal": "100", "total": "119"}, False),
        ({"subtotal": "100", "discount": "10", "total": "77"}, False),
    ],
)
def test_the_sums_say_where_the_subtotal_stands(fields: dict[str, str], expected: bool) -> None:
    assert subtotal_is_before_discount(given(**fields)) is expected
