"""ISDOC 5 and 6, the Czech format (isdoc.cz)."""

from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.base import iso_date, number
from invoice_extraction.engines.einvoice.paths import (
    IGNORED,
    Node,
    Row,
    Sheet,
    Table,
    compile_table,
    walk,
    write_part,
)
from invoice_extraction.engines.einvoice.settle import (
    put_sum,
    settle_due_date,
    settle_listed_type,
)
from invoice_extraction.engines.einvoice.writers import (
    write_account,
    write_bank,
    write_gtin,
    write_named,
    write_unit_of,
    write_words,
)
from invoice_extraction.errors import InvalidEInvoiceXML
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

DOCUMENT_TYPES: dict[str, tuple[str, str | None]] = {
    "1": ("invoice", "380"),
    "2": ("credit_note", "381"),
    "3": ("debit_note", "383"),
    "4": ("proforma", "325"),
    "5": ("invoice", "386"),
    "6": ("credit_note", None),
    "7": ("invoice", None),
}
"""DocumentType: the document type, and the code of UNTDID 1001 where one says the same."""

UNITS = {
    **{code: code for code in ("C62", "H87", "HUR", "DAY", "MON", "ANN", "KGM", "LTR", "MTR")},
    **{code: code for code in ("MTK", "MTQ", "KWH", "TNE", "GRM", "KMT")},
    **dict.fromkeys(["KS", "KS."], "H87"),
    **dict.fromkeys(["HOD", "HOD.", "H"], "HUR"),
    **dict.fromkeys(["DEN", "DNY", "DNÍ"], "DAY"),
    **dict.fromkeys(["MĚS", "MĚS.", "MĚSÍC"], "MON"),
    "KG": "KGM",
    "KM": "KMT",
    "L": "LTR",
    "M": "MTR",
    "M2": "MTK",
    "M3": "MTQ",
    "T": "TNE",
}
"""Units as they are written, any text, to UN/ECE Recommendation 20 where it is clear."""


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of an Invoice element.

    The plain amounts of an invoice in a foreign currency are in the local one; those in its own end in
    Curr, and a unit price has none such.

    Raises:
        InvalidEInvoiceXML: It has no namespace, and nothing that only ISDOC has.
    """
    space = _space(root)
    if not space and (root.get("version") is None or root.find("DocumentType") is None):
        raise InvalidEInvoiceXML("This is XML, but no e-invoice that is read here: an Invoice.")
    local = (root.findtext(f"{space}LocalCurrencyCode") or "").strip()
    foreign = (root.findtext(f"{space}ForeignCurrencyCode") or "").strip()
    is_foreign = foreign not in ("", local)
    sheet = walk(root, _compiled(space[1:-1], is_foreign), (foreign or local) or None)
    settle_listed_type(sheet, DOCUMENT_TYPES)
    paid = sheet.take("paid")
    put_sum(sheet, "/totals/paid", [p for p in paid if p.text.strip("-0.")] or paid[-1:])
    settle_due_date(sheet)
    return (sheet.reading(),)


def _space(element: "_Element") -> str:
    """Return "{namespace}" of an element; "" for one that has none, as some programs write it."""
    space, brace, _ = element.tag.rpartition("}")
    return space + brace


@lru_cache(maxsize=8)
def _compiled(space: str, is_foreign: bool) -> Node:
    return compile_table(FOREIGN_TABLE if is_foreign else TABLE, {"": space})


def _write_due(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a payment's due date, and its amount, which stands beside the details, as an instalment."""
    space = _space(element)
    count = sheet.counts.get(pointer, 0)
    sheet.counts[pointer] = count + 1
    sheet.put(f"{pointer}/{count}/due_date", text, iso_date(text), path)
    payment = element.getparent()
    payment = payment.getparent() if payment is not None else None
    amount = ((payment.findtext(f"{space}PaidAmount") if payment is not None else "") or "").strip()
    if amount:
        sheet.put(f"{pointer}/{count}/amount", amount, number(amount), path)


def _write_reverse(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write that the buyer owes the tax of a band."""
    if text == "true":
        sheet.put(pointer, text, "AE", path)
    elif text != "false":
        sheet.leave(path, text)


def _identifier(path: str, pointer: str, scheme: str) -> dict[str, Row]:
    """Return the rows of an element whose name says what it identifies."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": (f"{pointer}/identifiers/-/value", write_named(scheme)),
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    path = f"{path}/Party"
    identification, address = f"{path}/PartyIdentification", f"{path}/PostalAddress"
    tax = f"{path}/PartyTaxScheme"
    return {
        f"{identification}/ID": f"{pointer}/registration_id",
        **_identifier(f"{identification}/UserID", pointer, "UserID"),
        **_identifier(
            f"{identification}/CatalogFirmIdentification", pointer, "CatalogFirmIdentification"
        ),
        f"{path}/PartyName/Name": f"{pointer}/name",
        f"{address}/StreetName": (f"{pointer}/address/street", write_words),
        f"{address}/BuildingNumber": (f"{pointer}/address/street", write_words),
        f"{address}/CityName": f"{pointer}/address/city",
        f"{address}/PostalZone": f"{pointer}/address/postal_code",
        f"{address}/Country/IdentificationCode": f"{pointer}/address/country",
        f"{tax}[TaxScheme=VAT]/CompanyID": f"{pointer}/tax_id",
        f"{tax}[TaxScheme=VAT]/TaxScheme": IGNORED,
        tax: f"{pointer}/identifiers/-",
        f"{tax}/CompanyID": f"{pointer}/identifiers/-/value",
        f"{tax}/TaxScheme": f"{pointer}/identifiers/-/scheme",
        f"{path}/Contact/Name": f"{pointer}/contact_name",
        f"{path}/Contact/Telephone": f"{pointer}/phone",
        f"{path}/Contact/ElectronicMail": f"{pointer}/email",
    }


def _line(curr: str) -> dict[str, Row]:
    line = "InvoiceLines/InvoiceLine"
    item = f"{line}/Item"
    own_price: dict[str, Row] = {} if curr else {f"{line}/UnitPrice": "/lines/-/unit_price"}
    own_tax: dict[str, Row] = (
        {} if curr else {f"{line}/LineExtensionTaxAmount": "/lines/-/tax_amount"}
    )
    return {
        line: "/lines/-",
        f"{line}/ID": "/lines/-/id",
        f"{line}/OrderReference/LineID": "/lines/-/order_line_reference",
        f"{line}/InvoicedQuantity": "/lines/-/quantity",
        f"{line}/InvoicedQuantity/@unitCode": ("/lines/-/unit", write_unit_of(UNITS)),
        f"{line}/LineExtensionAmount{curr}": "/lines/-/net_amount",
        f"{line}/LineExtensionAmountTaxInclusive{curr}": "/lines/-/gross_amount",
        **own_tax,
        **own_price,
        f"{line}/ClassifiedTaxCategory/Percent": "/lines/-/tax_rate",
        f"{item}/Description": "/lines/-/description",
        f"{item}/CatalogueItemIdentification/ID": ("/lines/-/gtin", write_gtin),
        f"{item}/SellersItemIdentification/ID": "/lines/-/product_code",
    }


def _sums(curr: str) -> dict[str, Row]:
    band, sums = "TaxTotal/TaxSubTotal", "LegalMonetaryTotal"
    return {
        band: "/taxes/-",
        f"{band}/TaxableAmount{curr}": "/taxes/-/taxable_amount",
        f"{band}/TaxAmount{curr}": "/taxes/-/tax_amount",
        f"{band}/TaxCategory/Percent": "/taxes/-/rate",
        f"{band}/TaxCategory/TaxScheme": "/taxes/-/name",
        f"{band}/TaxCategory/LocalReverseChargeFlag": ("/taxes/-/category", _write_reverse),
        f"TaxTotal/TaxAmount{curr}": "/totals/tax",
        f"{sums}/TaxExclusiveAmount{curr}": "/totals/net",
        f"{sums}/TaxInclusiveAmount{curr}": "/totals/gross",
        # Claimed already by a tax document on an advance payment.
        f"{sums}/AlreadyClaimedTaxInclusiveAmount{curr}": ("paid", write_part),
        f"{sums}/PaidDepositsAmount{curr}": ("paid", write_part),
        f"{sums}/PayableRoundingAmount{curr}": "/totals/rounding",
        f"{sums}/PayableAmount{curr}": "/totals/amount_due",
    }


def _payment() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for payment in ("PaymentMeans/Payment[Details/PaymentDueDate=]", "PaymentMeans/Payment"):
        rows |= {
            f"{payment}/PaymentMeansCode": "/payment/means_code",
            f"{payment}/Details/VariableSymbol": "/payment/reference",
            **_account(f"{payment}/Details"),
        }
    due = "PaymentMeans/Payment"
    alternative = "PaymentMeans/AlternateBankAccounts/AlternateBankAccount"
    return {
        **rows,
        f"{due}/PaidAmount": IGNORED,
        f"{due}/Details/PaymentDueDate": ("/payment/instalments", _write_due),
        **_account(alternative),
    }


def _account(path: str) -> dict[str, Row]:
    account = "/payment/accounts/-"
    return {
        path: account,
        f"{path}/ID": (f"{account}/account_number", write_account),
        f"{path}/BankCode": f"{account}/routing_number",
        f"{path}/Name": f"{account}/bank_name",
        f"{path}/IBAN": (f"{account}/iban", write_account),
        f"{path}/BIC": (f"{account}/bic", write_bank),
    }


def _table(curr: str) -> Table:
    original = "OriginalDocumentReferences/OriginalDocumentReference"
    order = "OrderReferences/OrderReference"
    return {
        "DocumentType": "/source_type_code",
        "ID": "/invoice_number",
        "IssueDate": "/issue_date",
        "TaxPointDate": "/tax_point_date",
        "Note": "/notes/-",
        "LocalCurrencyCode": "/tax_currency" if curr else "/currency",
        "ForeignCurrencyCode": "/currency",
        **_party("AccountingSupplierParty", "/seller"),
        **_party("AccountingCustomerParty", "/buyer"),
        **_party("Delivery", "/delivery_party"),
        f"{order}/SalesOrderID": "/sales_order_reference",
        f"{order}/ExternalOrderID": "/purchase_order_reference",
        "DeliveryNoteReferences/DeliveryNoteReference/ID": "/despatch_reference",
        "ContractReferences/ContractReference/ID": "/contract_reference",
        original: "/preceding_invoices/-",
        f"{original}/ID": "/preceding_invoices/-/invoice_number",
        f"{original}/IssueDate": "/preceding_invoices/-/issue_date",
        **_line(curr),
        **_sums(curr),
        **({"TaxTotal/TaxAmount": "/totals/tax_in_tax_currency"} if curr else {}),
        **_payment(),
    }


TABLE = _table("")
"""Every place of an Invoice that the invoice has a field for."""

FOREIGN_TABLE = _table("Curr")
"""The same for an invoice in a foreign currency."""
