"""The small parts: forms of values, tables, and what is settled from several values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.engines.einvoice import base
from invoice_extraction.engines.einvoice.paths import compile_table, walk
from invoice_extraction.engines.einvoice.ubl import read
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.options import Limits
from invoice_extraction.model.reading import InvoiceReading

SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"


def ubl(content: str, root: str = "Invoice") -> InvoiceReading:
    spaces = (
        f'xmlns="{SCHEMA}{root}-2" xmlns:cac="{SCHEMA}CommonAggregateComponents-2" '
        f'xmlns:cbc="{SCHEMA}CommonBasicComponents-2"'
    )
    return read(parse(f"<{root} {spaces}>{content}</{root}>".encode(), Limits()))


def canonical(reading: InvoiceReading) -> dict[str, str | None]:
    return {pointer: value.canonical for pointer, value in reading.values.items()}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234.50", "1234.50"),
        ("+5", "5"),
        ("-0.10", "-0.10"),
        (".5", "0.5"),
        ("5.", "5"),
        ("007", "007"),
        ("", None),
        (".", None),
        ("1,5", None),
        ("1e3", None),
        ("9" * 40, None),
    ],
)
def test_a_number_keeps_its_digits(text: str, number: str | None) -> None:
    assert base.number(text) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15))
def test_a_number_is_the_one_that_was_written(value: Decimal) -> None:
    text = format(value, "f")
    found = base.number(text)
    if len(text.strip("-").replace(".", "")) > 27:
        assert found is None
    else:
        assert found == text


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("20260302", "102", "2026-03-02"),
        ("20260302", None, "2026-03-02"),
        ("202603021405", "203", "2026-03-02"),
        ("20260302140500", "204", "2026-03-02"),
        ("2026-03-02", "102", "2026-03-02"),
        ("2026-03-02Z", None, "2026-03-02"),
        ("2026-03-02+01:00", None, "2026-03-02"),
        ("2026-03-02T23:59:59", None, "2026-03-02"),
        ("20260230", "102", None),
        ("202603", "610", None),
        ("02.03.2026", None, None),
        ("00000000", "102", None),
    ],
)
def test_a_date_is_one_of_the_calendar(text: str, form: str | None, day: str | None) -> None:
    assert base.iso_date(text, form) == day


@pytest.mark.parametrize(
    ("type_code", "kind"),
    [("380", "invoice"), ("384", "invoice"), ("326", "invoice"), ("999", "invoice")]
    + [(code, "credit_note") for code in ("381", "261", "262", "296", "308", "396", "532", "81")]
    + [("383", "debit_note"), ("325", "proforma")],
)
def test_the_type_code_tells_the_kind_of_document(type_code: str, kind: str) -> None:
    assert base.document_type(type_code) == kind


def test_a_credit_note_without_type_code_is_one_by_its_root() -> None:
    assert canonical(ubl("<cbc:ID>1</cbc:ID>", "CreditNote"))["/document_type"] == "credit_note"


def test_the_currency_of_all_amounts_is_the_document_s() -> None:
    one = '<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="EUR">1</cbc:PayableAmount>'
    two = '<cbc:PrepaidAmount currencyID="USD">1</cbc:PrepaidAmount>'
    end = "</cac:LegalMonetaryTotal>"
    assert canonical(ubl(one + end))["/currency"] == "EUR"
    mixed = ubl(one + two + end)
    assert "/currency" not in mixed.values
    assert [left.value for left in mixed.unmapped] == ["EUR", "USD"]


def tax_totals(*amounts: str, tax_currency: str = "") -> dict[str, str | None]:
    head = "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
    if tax_currency:
        head += f"<cbc:TaxCurrencyCode>{tax_currency}</cbc:TaxCurrencyCode>"
    totals = "".join(
        f'<cac:TaxTotal><cbc:TaxAmount currencyID="{amount.split()[1]}">{amount.split()[0]}'
        "</cbc:TaxAmount></cac:TaxTotal>"
        for amount in amounts
    )
    found = canonical(ubl(head + totals))
    return {k: v for k, v in found.items() if k.startswith("/totals")}


def test_totals_of_several_taxes_are_added_up() -> None:
    assert tax_totals("1.10 EUR", "2.20 EUR") == {"/totals/tax": "3.30"}


def test_the_tax_in_the_currency_of_the_tax_is_told_apart() -> None:
    told = {"/totals/tax": "1.10", "/totals/tax_in_tax_currency": "9.00"}
    assert tax_totals("1.10 EUR", "9.00 SEK", tax_currency="SEK") == told
    assert tax_totals("9.00 SEK", "1.10 EUR", tax_currency="SEK") == told


def test_a_tax_currency_that_is_the_document_s_is_no_second_tax() -> None:
    told = {"/totals/tax": "1.10", "/totals/tax_in_tax_currency": "1.10"}
    assert tax_totals("1.10 EUR", "1.10 EUR", tax_currency="EUR") == told


def test_a_second_value_is_left_unmapped() -> None:
    found = ubl("<cbc:ID>A</cbc:ID><cbc:ID>B</cbc:ID><cbc:ID>A</cbc:ID>")
    assert canonical(found)["/invoice_number"] == "A"
    assert [(left.path, left.value) for left in found.unmapped] == [("/ID", "B")]


def test_terms_with_one_date_are_no_instalment() -> None:
    found = ubl(
        "<cac:PaymentTerms><cbc:PaymentDueDate>2026-04-01</cbc:PaymentDueDate></cac:PaymentTerms>"
    )
    assert canonical(found) == {"/due_date": "2026-04-01", "/document_type": "invoice"}


def test_a_date_that_is_none_is_left_to_be_told() -> None:
    value = ubl("<cbc:IssueDate>soon</cbc:IssueDate>").values["/issue_date"]
    assert (value.text, value.canonical, value.origin) == ("soon", None, "xml")


def test_the_net_total_of_an_old_danish_invoice_is_the_gross_less_the_tax() -> None:
    found = ubl(
        "<cbc:CustomizationID>OIOUBL-2.02</cbc:CustomizationID><cac:LegalMonetaryTotal>"
        "<cbc:TaxExclusiveAmount>25.00</cbc:TaxExclusiveAmount>"
        "<cbc:TaxInclusiveAmount>125.00</cbc:TaxInclusiveAmount></cac:LegalMonetaryTotal>"
    )
    assert canonical(found)["/totals/net"] == "100.00"
    assert found.values["/totals/net"].origin == "derived"


def test_a_signature_is_named_and_not_copied() -> None:
    found = ubl(
        '<cbc:ID>1</cbc:ID><s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#">'
        "<s:SignatureValue>abc</s:SignatureValue></s:Signature>"
    )
    assert [left.value for left in found.unmapped] == ["(a digital signature)"]


def test_a_pointer_into_a_list_needs_a_path_through_it() -> None:
    with pytest.raises(ValueError, match="does not enter"):
        compile_table({"a/b": "/lines/-/id"}, {})


def test_an_item_without_a_value_leaves_no_gap() -> None:
    tree = compile_table({"item": "/lines/-", "item/id": "/lines/-/id"}, {})
    root = parse(b"<r><item><x>1</x></item><item><id>2</id></item></r>", Limits())
    sheet = walk(root, tree, None)
    assert {k: v.text for k, v in sheet.values.items()} == {"/lines/0/id": "2"}
    assert [(left.path, left.value) for left in sheet.unmapped] == [("/item[1]/x", "1")]
