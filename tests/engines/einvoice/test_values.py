"""The small parts: forms of values, tables, and what is settled from several values."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.engines.einvoice import base
from invoice_extraction.engines.einvoice.cii import NAMESPACES as CII
from invoice_extraction.engines.einvoice.cii import read as read_cii
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
    [invoice] = read(parse(f"<{root} {spaces}>{content}</{root}>".encode(), Limits()))
    return invoice


def cii(content: str) -> InvoiceReading:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in CII.items())
    root = f"rsm:CrossIndustryInvoice {spaces}"
    [invoice] = read_cii(parse(f"<{root}>{content}</rsm:CrossIndustryInvoice>".encode(), Limits()))
    return invoice


def settlement(content: str) -> InvoiceReading:
    return cii(
        "<rsm:SupplyChainTradeTransaction><ram:ApplicableHeaderTradeSettlement>"
        f"<ram:InvoiceCurrencyCode>EUR</ram:InvoiceCurrencyCode>{content}"
        "</ram:ApplicableHeaderTradeSettlement></rsm:SupplyChainTradeTransaction>"
    )


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
    [("380", "invoice"), ("384", "invoice"), ("326", "invoice"), ("751", "invoice")]
    + [("999", None), ("351", None), ("CN", None), ("", None)]
    + [(code, "credit_note") for code in ("381", "261", "262", "296", "308", "396", "532", "81")]
    + [("383", "debit_note"), ("325", "proforma")],
)
def test_the_type_code_tells_the_kind_of_document(type_code: str, kind: str | None) -> None:
    assert base.document_type(type_code) == kind


def test_a_credit_note_without_type_code_is_one_by_its_root() -> None:
    assert canonical(ubl("<cbc:ID>1</cbc:ID>", "CreditNote"))["/document_type"] == "credit_note"


def typed(type_code: str, root: str) -> InvoiceReading:
    return ubl(f"<cbc:{root}TypeCode>{type_code}</cbc:{root}TypeCode>", root)


@pytest.mark.parametrize(
    ("root", "type_code", "kind"),
    [
        ("Invoice", "380", "invoice"),
        ("Invoice", "383", "debit_note"),
        # Countries without a CreditNote of their own (ZATCA, Saudi Arabia) tell it by the code.
        ("Invoice", "381", "credit_note"),
        ("CreditNote", "381", "credit_note"),
        ("CreditNote", "261", "credit_note"),
    ],
)
def test_a_listed_code_tells_the_type(root: str, type_code: str, kind: str) -> None:
    found = typed(type_code, root)
    assert canonical(found) == {"/type_code": type_code, "/document_type": kind}
    assert found.doubts == ()


@pytest.mark.parametrize(
    ("root", "type_code", "kind"),
    [
        ("CreditNote", "380", "credit_note"),
        ("CreditNote", "CN", "credit_note"),
        ("Invoice", "351", "invoice"),
        ("Invoice", "01", "invoice"),
    ],
)
def test_a_code_that_is_not_listed_is_told_and_the_root_decides(
    root: str, type_code: str, kind: str
) -> None:
    found = typed(type_code, root)
    assert canonical(found) == {"/source_type_code": type_code, "/document_type": kind}
    [doubt] = found.doubts
    assert (doubt.id, doubt.found) == ("type_code_not_listed", type_code)


@pytest.mark.parametrize("type_code", ["351", "999"])
def test_a_cii_document_of_an_unknown_code_is_not_called_an_invoice(type_code: str) -> None:
    found = cii(
        f"<rsm:ExchangedDocument><ram:TypeCode>{type_code}</ram:TypeCode></rsm:ExchangedDocument>"
    )
    assert canonical(found) == {"/source_type_code": type_code}
    assert [doubt.id for doubt in found.doubts] == ["type_code_not_listed"]


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


def amounts(*marked: str, currency: str = "EUR") -> InvoiceReading:
    """Return a UBL invoice with a sum for each "NAME AMOUNT CURRENCY"."""
    sums = "".join(
        f'<cbc:{name} currencyID="{mark}">{amount}</cbc:{name}>'
        for name, amount, mark in (one.split() for one in marked)
    )
    return ubl(
        f"<cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>"
        f"<cac:LegalMonetaryTotal>{sums}</cac:LegalMonetaryTotal>"
    )


def test_an_amount_in_another_currency_is_not_the_invoice_s() -> None:
    found = amounts("TaxInclusiveAmount 119.00 EUR", "PayableAmount 130.00 USD")
    assert found.values["/totals/gross"].text == "119.00"
    assert "/totals/amount_due" not in found.values
    assert [left.value for left in found.unmapped] == ["USD", "130.00"]
    [doubt] = found.doubts
    assert doubt.id == "amount_in_other_currency"
    assert doubt.fields == ("/totals/amount_due",)
    assert (doubt.expected, doubt.found) == ("EUR", "USD")


def test_amounts_that_are_all_in_another_currency_are_all_left_out() -> None:
    found = amounts("TaxInclusiveAmount 119.00 USD", "PayableAmount 119.00 USD")
    assert [pointer for pointer in found.values if pointer.startswith("/totals")] == []
    assert found.doubts[0].fields == ("/totals/gross", "/totals/amount_due")


@pytest.mark.parametrize("currency", ["EUR", "eur", "Euro"])
def test_only_a_known_currency_makes_another_one_foreign(currency: str) -> None:
    found = amounts("PayableAmount 119.00 EUR", currency=currency)
    assert found.values["/totals/amount_due"].text == "119.00"
    assert found.doubts == ()


def test_a_line_s_amounts_in_another_currency_are_left_out() -> None:
    line = (
        '<cac:InvoiceLine><cbc:ID>{0}</cbc:ID><cbc:LineExtensionAmount currencyID="{1}">5'
        "</cbc:LineExtensionAmount></cac:InvoiceLine>"
    )
    found = ubl(
        "<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>"
        + line.format(1, "EUR")
        + line.format(2, "GBP")
    )
    told = {k: v for k, v in canonical(found).items() if k.startswith("/lines")}
    assert told == {"/lines/0/id": "1", "/lines/0/net_amount": "5", "/lines/1/id": "2"}
    assert found.doubts[0].fields == ("/lines/1/net_amount",)


def test_the_total_in_the_invoice_s_currency_wins_over_one_in_another() -> None:
    sums = "ram:SpecifiedTradeSettlementHeaderMonetarySummation"
    found = settlement(
        f'<{sums}><ram:GrandTotalAmount currencyID="GBP">999</ram:GrandTotalAmount>'
        f"<ram:GrandTotalAmount>119</ram:GrandTotalAmount></{sums}>"
    )
    assert canonical(found)["/totals/gross"] == "119"
    assert found.doubts == ()


def test_a_total_of_tax_in_a_third_currency_is_neither() -> None:
    assert tax_totals("1.10 EUR", "9.00 SEK") == {"/totals/tax": "1.10"}
    assert tax_totals("9.00 USD", tax_currency="SEK") == {}


def test_a_second_value_is_left_unmapped() -> None:
    found = ubl("<cbc:ID>A</cbc:ID><cbc:ID>B</cbc:ID><cbc:ID>A</cbc:ID>")
    assert canonical(found)["/invoice_number"] == "A"
    assert [(left.path, left.value) for left in found.unmapped] == [("/ID", "B")]


def test_terms_with_one_date_are_no_instalment() -> None:
    found = ubl(
        "<cac:PaymentTerms><cbc:PaymentDueDate>2026-04-01</cbc:PaymentDueDate></cac:PaymentTerms>"
    )
    assert canonical(found) == {"/due_date": "2026-04-01", "/document_type": "invoice"}


def term(date: str, inner: str = "") -> str:
    return (
        "<ram:SpecifiedTradePaymentTerms><ram:DueDateDateTime><udt:DateTimeString>"
        f"{date}</udt:DateTimeString></ram:DueDateDateTime>{inner}</ram:SpecifiedTradePaymentTerms>"
    )


DISCOUNT = (
    "<ram:ApplicableTradePaymentDiscountTerms><ram:CalculationPercent>2</ram:CalculationPercent>"
    "</ram:ApplicableTradePaymentDiscountTerms>"
)
PART = "<ram:PartialPaymentAmount>50</ram:PartialPaymentAmount>"


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        (term("2026-01-10", DISCOUNT) + term("2026-01-30"), "2026-01-10"),
        (term("2026-01-30") + term("2026-02-10", DISCOUNT), "2026-01-30"),
        (term("2026-01-10", DISCOUNT), "2026-01-10"),
        (term("2026-01-10") + term("2026-01-30"), "2026-01-10"),
        (term("2026-01-10", PART) + term("2026-01-30", PART), "2026-01-10"),
    ],
)
def test_the_due_date_is_the_first_one_of_the_file(terms: str, due: str) -> None:
    assert canonical(settlement(terms))["/due_date"] == due


def test_several_dates_stay_instalments_and_a_discount_is_not_lost() -> None:
    found = settlement(term("2026-01-10", DISCOUNT) + term("2026-01-30"))
    told = {k: v for k, v in canonical(found).items() if "instalments" in k}
    assert told == {
        "/payment/instalments/0/due_date": "2026-01-10",
        "/payment/instalments/1/due_date": "2026-01-30",
    }
    [left] = found.unmapped
    assert left.path.endswith("[1]/ApplicableTradePaymentDiscountTerms/CalculationPercent")
    assert left.value == "2"


def test_two_deliveries_are_not_made_one_address() -> None:
    found = ubl(
        "".join(
            "<cac:Delivery><cac:DeliveryLocation><cac:Address>"
            f"<cbc:StreetName>{street}</cbc:StreetName>{rest}"
            "</cac:Address></cac:DeliveryLocation></cac:Delivery>"
            for street, rest in (("Road 1", ""), ("Way 2", "<cbc:CityName>Milan</cbc:CityName>"))
        )
    )
    told = {k: v for k, v in canonical(found).items() if k.startswith("/delivery_party")}
    assert told == {"/delivery_party/address/street": "Road 1"}
    assert [left.value for left in found.unmapped] == ["Way 2", "Milan"]


def test_empty_identifiers_cost_no_more_than_others() -> None:
    empty = '<cac:PartyIdentification><cbc:ID schemeID="0088"> </cbc:ID></cac:PartyIdentification>'
    notes = "<cbc:Note>n</cbc:Note>" * 5_000
    began = time.process_time()
    found = ubl(
        f"{notes}<cac:AccountingSupplierParty><cac:Party>{empty * 5_000}</cac:Party>"
        "</cac:AccountingSupplierParty>"
    )
    # Looking at all values for each of them took 2.4 s.
    assert time.process_time() - began < 8
    assert len(found.unmapped) == 5_000


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


def test_what_is_owed_to_third_parties_is_told_in_the_german_extension_alone() -> None:
    paid = "<cac:PrepaidPayment><cbc:PaidAmount>{}</cbc:PaidAmount></cac:PrepaidPayment>"
    content = paid.format("19.96") + paid.format("10.00")
    profile = "urn:cen.eu:en16931:2017#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
    told = f"<cbc:CustomizationID>{profile}</cbc:CustomizationID>"
    value = ubl(told + content).values["/totals/previous_balance"]
    assert (value.canonical, value.text) == ("29.96", "19.96 + 10.00")
    plain = ubl(content)
    assert "/totals/previous_balance" not in plain.values
    assert [left.value for left in plain.unmapped] == ["19.96", "10.00"]


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
