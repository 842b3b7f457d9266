"""Svefaktura 1.0 (SFTI Basic Invoice), the Swedish form of UBL 1.0."""

from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.paths import (
    IGNORED,
    Row,
    Sheet,
    Table,
    compile_table,
    walk,
    write_part,
)
from invoice_extraction.engines.einvoice.settle import (
    settle_currency,
    settle_due_date,
    settle_foreign,
    settle_line_discounts,
    settle_type,
)
from invoice_extraction.engines.einvoice.writers import (
    write_account,
    write_bank,
    write_category,
    write_coded_category,
    write_gtin,
    write_lines,
    write_price_base,
    write_unit,
)
from invoice_extraction.model.reading import InvoiceReading, Value

if TYPE_CHECKING:
    from lxml.etree import _Element

NAMESPACES = {
    "": "urn:sfti:documents:BasicInvoice:1:0",
    "cac": "urn:sfti:CommonAggregateComponents:1:0",
    "cbc": "urn:oasis:names:tc:ubl:CommonBasicComponents:1:0",
}

_CURRENCY = f"{{{NAMESPACES['']}}}InvoiceCurrencyCode"
_SCHEMES = {"9": "0088"}
"""UNTDID 3055: the agency of GS1, whose numbers for parties are GLN (ISO 6523 0088)."""


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of an Invoice element."""
    sheet = walk(root, _TREE, (root.findtext(_CURRENCY) or "").strip() or None)
    settle_type(sheet, "Invoice", "invoice")
    settle_currency(sheet)
    _settle_order(sheet)
    settle_line_discounts(sheet)
    _settle_rounding(sheet)
    settle_due_date(sheet)
    settle_foreign(sheet)
    return (sheet.reading(),)


def _settle_order(sheet: Sheet) -> None:
    """Set the order that all lines name."""
    orders = sheet.take("order")
    same = len({part.text for part in orders}) == 1
    for part in orders:
        if same:
            sheet.put("/purchase_order_reference", part.text, part.text, part.path)
        else:
            sheet.leave(part.path, part.text)


def _settle_rounding(sheet: Sheet) -> None:
    """Tell the total from the amount to pay, which is it after rounding to whole kronor."""
    values = sheet.values
    due, rounding = values.get("/totals/gross"), values.get("/totals/rounding")
    if due is None or rounding is None or due.canonical is None or rounding.canonical is None:
        return
    gross = Decimal(due.canonical) - Decimal(rounding.canonical)
    values["/totals/amount_due"] = due
    text = f"{due.text} - {rounding.text}"
    values["/totals/gross"] = Value(text, format(gross, "f"), origin="derived")


def _write_scheme(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    sheet.put(pointer, text, _SCHEMES.get(text, text), path)


def _identifier(path: str, pointer: str) -> dict[str, Row]:
    """Return the rows of an element that is one of a party's identifiers."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": f"{pointer}/identifiers/-/value",
        f"{path}/@identificationSchemeAgencyID": (f"{pointer}/identifiers/-/scheme", _write_scheme),
    }


def _address(path: str, pointer: str) -> dict[str, Row]:
    return {
        f"{path}/cbc:StreetName": f"{pointer}/address/street",
        f"{path}/cbc:Postbox": f"{pointer}/address/lines/-",
        f"{path}/cbc:Department": f"{pointer}/address/lines/-",
        f"{path}/cac:AddressLine/cbc:Line": f"{pointer}/address/lines/-",
        f"{path}/cbc:CityName": f"{pointer}/address/city",
        f"{path}/cbc:PostalZone": f"{pointer}/address/postal_code",
        f"{path}/cbc:CountrySubentity": f"{pointer}/address/region",
        f"{path}/cac:Country/cac:IdentificationCode": f"{pointer}/address/country",
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    party = f"{path}/cac:Party"
    tax = f"{party}/cac:PartyTaxScheme"
    vat = f"{tax}[cac:TaxScheme/cac:ID=VAT]"
    # The number of the organisation, by which it is told that it pays its taxes itself.
    registration = f"{tax}[cac:TaxScheme/cac:ID=SWT]"
    return {
        **_identifier(f"{party}/cac:PartyIdentification/cac:ID", pointer),
        f"{party}/cac:PartyName/cbc:Name": f"{pointer}/name",
        **_address(f"{party}/cac:Address", pointer),
        f"{vat}/cac:CompanyID": f"{pointer}/tax_id",
        f"{vat}/cac:TaxScheme/cac:ID": IGNORED,
        f"{registration}/cac:CompanyID": f"{pointer}/registration_id",
        f"{registration}/cac:TaxScheme/cac:ID": IGNORED,
        f"{party}/cac:Contact/cbc:Name": f"{pointer}/contact_name",
        f"{party}/cac:Contact/cbc:Telephone": f"{pointer}/phone",
        f"{party}/cac:Contact/cbc:ElectronicMail": f"{pointer}/email",
    }


def _allowance(indicator: str, pointer: str) -> dict[str, Row]:
    one = f"cac:AllowanceCharge[cbc:ChargeIndicator={indicator}]"
    return {
        one: f"{pointer}/-",
        f"{one}/cbc:ChargeIndicator": IGNORED,
        f"{one}/cac:ReasonCode": f"{pointer}/-/reason",
        f"{one}/cac:ReasonCode/@name": f"{pointer}/-/reason",
        f"{one}/cbc:MultiplierFactorNumeric": f"{pointer}/-/percent",
        f"{one}/cbc:Amount": f"{pointer}/-/amount",
        f"{one}/cac:TaxCategory/cac:ID": (f"{pointer}/-/tax_category", write_coded_category),
        f"{one}/cac:TaxCategory/cbc:Percent": f"{pointer}/-/tax_rate",
        f"{one}/cac:TaxCategory/cac:TaxScheme/cac:ID": IGNORED,
    }


def _line_allowance(indicator: str, pointer: str) -> dict[str, Row]:
    one = f"cac:InvoiceLine/cac:AllowanceCharge[cbc:ChargeIndicator={indicator}]"
    return {
        one: f"{pointer}/-",
        f"{one}/cbc:ChargeIndicator": IGNORED,
        f"{one}/cbc:MultiplierFactorNumeric": (f"{pointer}/-/percent", write_part),
        f"{one}/cbc:Amount": (f"{pointer}/-/amount", write_part),
    }


def _line() -> dict[str, Row]:
    line = "cac:InvoiceLine"
    item = f"{line}/cac:Item"
    gtin = f"{item}/cac:StandardItemIdentification/cac:ID"
    order = f"{line}/cac:OrderLineReference"
    return {
        line: "/lines/-",
        f"{line}/cac:ID": "/lines/-/id",
        f"{line}/cbc:InvoicedQuantity": "/lines/-/quantity",
        f"{line}/cbc:InvoicedQuantity/@quantityUnitCode": ("/lines/-/unit", write_unit),
        f"{line}/cbc:LineExtensionAmount": "/lines/-/net_amount",
        f"{order}/cac:BuyersLineID": "/lines/-/order_line_reference",
        f"{order}/cac:OrderReference/cac:BuyersID": ("order", write_part),
        **_line_allowance("false|0", "/lines/-/allowances"),
        **_line_allowance("true|1", "/lines/-/charges"),
        f"{item}/cbc:Description": "/lines/-/description",
        f"{item}/cac:SellersItemIdentification/cac:ID": "/lines/-/product_code",
        gtin: ("/lines/-/gtin", write_gtin),
        f"{gtin}/@identificationSchemeAgencyID": IGNORED,
        f"{item}/cac:TaxCategory/cac:ID": ("/lines/-/tax_category", write_coded_category),
        f"{item}/cac:TaxCategory/cbc:Percent": "/lines/-/tax_rate",
        f"{item}/cac:TaxCategory/cac:TaxScheme/cac:ID": IGNORED,
        f"{item}/cac:BasePrice/cbc:PriceAmount": "/lines/-/unit_price",
        f"{item}/cac:BasePrice/cbc:BaseQuantity": (
            "/lines/-/price_base_quantity",
            write_price_base,
        ),
    }


_MEANS = "cac:PaymentMeans"
_ACCOUNT = f"{_MEANS}/cac:PayeeFinancialAccount"
_BAND = "cac:TaxTotal/cac:TaxSubTotal"
_BANK = "cac:FinancialInstitutionBranch/cac:FinancialInstitution"

TABLE: Table = {
    "ID": "/invoice_number",
    "cbc:IssueDate": "/issue_date",
    "InvoiceTypeCode": "/type_code",
    "cbc:Note": "/notes/-",
    "cbc:TaxPointDate": "/tax_point_date",
    "InvoiceCurrencyCode": "/currency",
    "TaxCurrencyCode": "/tax_currency",
    "RequisitionistDocumentReference/cac:ID": "/buyer_reference",
    "InitialInvoiceDocumentReference": "/preceding_invoices/-",
    "InitialInvoiceDocumentReference/cac:ID": "/preceding_invoices/-/invoice_number",
    **_party("cac:BuyerParty", "/buyer"),
    **_party("cac:SellerParty", "/seller"),
    "cac:Delivery[1]/cbc:ActualDeliveryDateTime": "/delivery_date",
    **_address("cac:Delivery[1]/cac:DeliveryAddress", "/delivery_party"),
    f"{_MEANS}/cac:PaymentMeansTypeCode": "/payment/means_code",
    f"{_MEANS}/cbc:DuePaymentDate": "/due_date",
    _ACCOUNT: "/payment/accounts/-",
    f"{_ACCOUNT}/cac:ID": ("/payment/accounts/-/account_number", write_account),
    f"{_ACCOUNT}/{_BANK}/cac:ID": ("/payment/accounts/-/bic", write_bank),
    f"{_ACCOUNT}/{_BANK}/cbc:Name": "/payment/accounts/-/bank_name",
    f"{_ACCOUNT}/cac:PaymentInstructionID": "/payment/reference",
    "cac:PaymentTerms/cbc:Note": ("/payment/terms", write_lines),
    **_allowance("false|0", "/allowances"),
    **_allowance("true|1", "/charges"),
    "cac:TaxTotal/cbc:TotalTaxAmount": "/totals/tax",
    _BAND: "/taxes/-",
    f"{_BAND}/cbc:TaxableAmount": "/taxes/-/taxable_amount",
    f"{_BAND}/cbc:TaxAmount": "/taxes/-/tax_amount",
    f"{_BAND}/cac:TaxCategory/cac:ID": ("/taxes/-/category", write_category),
    f"{_BAND}/cac:TaxCategory/cbc:Percent": "/taxes/-/rate",
    f"{_BAND}/cac:TaxCategory/cbc:ExemptionReason": "/taxes/-/exemption_reason",
    f"{_BAND}/cac:TaxCategory/cac:TaxScheme/cac:ID": "/taxes/-/name",
    "cac:LegalTotal/cbc:LineExtensionTotalAmount": "/totals/lines_net",
    "cac:LegalTotal/cbc:TaxExclusiveTotalAmount": "/totals/net",
    "cac:LegalTotal/cbc:TaxInclusiveTotalAmount": "/totals/gross",
    "cac:LegalTotal/cac:RoundOffAmount": "/totals/rounding",
    "cac:LegalTotal/cbc:RoundOffAmount": "/totals/rounding",
    **_line(),
}
"""Every place of an Invoice that the invoice has a field for."""

_TREE = compile_table(TABLE, NAMESPACES)
