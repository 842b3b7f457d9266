"""ebInterface 3.0 to 6.1, the Austrian format (ebinterface.at)."""

from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.base import code, number
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
    settle_line_discounts,
    settle_listed_type,
)
from invoice_extraction.engines.einvoice.writers import (
    write_account,
    write_bank,
    write_card,
    write_category,
    write_coded_category,
    write_gtin,
    write_lines,
    write_named,
    write_price_base,
    write_unit_of,
)
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

DOCUMENT_TYPES: dict[str, tuple[str, str | None]] = {
    "Invoice": ("invoice", "380"),
    "InvoiceForAdvancePayment": ("invoice", "386"),
    "InvoiceForPartialDelivery": ("invoice", None),
    "FinalSettlement": ("invoice", None),
    "SelfBilling": ("invoice", "389"),
    "CreditMemo": ("credit_note", "381"),
    "SubsequentCredit": ("credit_note", None),
    "SubsequentDebit": ("debit_note", None),
}
"""@DocumentType: the document type, and the code of UNTDID 1001 where one says the same."""

UNITS = {
    **{code: code for code in ("C62", "H87", "HUR", "DAY", "MON", "ANN", "KGM", "LTR", "MTR")},
    **{code: code for code in ("MTK", "MTQ", "KWH", "TNE", "GRM", "KMT")},
    **dict.fromkeys(["STK", "STK.", "STÜCK"], "H87"),
    **dict.fromkeys(["STD", "STD.", "STUNDE", "STUNDEN", "H"], "HUR"),
    **dict.fromkeys(["TAG", "TAGE"], "DAY"),
    **dict.fromkeys(["MONAT", "MONATE"], "MON"),
    "KG": "KGM",
    "KM": "KMT",
    "L": "LTR",
    "M": "MTR",
    "M2": "MTK",
    "M²": "MTK",
    "M3": "MTQ",
    "M³": "MTQ",
    "T": "TNE",
}
"""Units as they are written, any text, to UN/ECE Recommendation 20 where it is clear."""

_LANGUAGES = {
    **{code: code for code in ("de", "en", "fr", "it", "es", "sl", "hu", "cs", "sk", "hr", "pl")},
    **{"ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "ita": "it", "spa": "es"},
    **{"slv": "sl", "hun": "hu", "cze": "cs", "ces": "cs", "slo": "sk", "slk": "sk", "hrv": "hr"},
    "pol": "pl",
}
"""@Language, ISO 639-2 and since 6.0 ISO 639-1, as BCP 47 says it."""


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of an Invoice element."""
    space = root.tag[1:].partition("}")[0]
    # Before 5.0 the attributes carried the namespace too.
    qualified = any(str(name).startswith("{" + space) for name in root.attrib)
    tree, currency = _compiled(space, space if qualified else "")
    sheet = walk(root, tree, (root.get(currency) or "").strip() or None)
    settle_listed_type(sheet, DOCUMENT_TYPES)
    for total in ("net", "tax"):
        put_sum(sheet, f"/totals/{total}", sheet.take(total))
    settle_line_discounts(sheet)
    return (sheet.reading(),)


@lru_cache(maxsize=16)
def _compiled(space: str, attributes: str) -> tuple[Node, str]:
    """Return the table's tree, and the name of the attribute that holds the document's currency."""
    currency = f"{{{attributes}}}InvoiceCurrency" if attributes else "InvoiceCurrency"
    return compile_table(TABLE, {"": space, "at": attributes}), currency


def _write_language(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    if known := _LANGUAGES.get(text.lower()):
        sheet.put(pointer, text, known, path)
    else:
        sheet.leave(path, text)


def _write_country(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a country: before 4.0 a code, a name, or the sign of Austria's cars."""
    sheet.put(pointer, text, "AT" if text == "A" else code(2, text), path)


def _write_taxable(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a band's sum, which is a part of the invoice's net total too."""
    sheet.put(pointer, text, number(text), path)
    write_part(sheet, "net", text, element, path)


def _write_tax(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a band's tax, which is a part of the invoice's tax too."""
    sheet.put(pointer, text, number(text), path)
    write_part(sheet, "tax", text, element, path)


def _identifier(path: str, pointer: str, scheme: str) -> dict[str, Row]:
    """Return the rows of an element whose name says what it identifies."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": (f"{pointer}/identifiers/-/value", write_named(scheme)),
    }


def _typed(path: str, kind: str, pointer: str) -> dict[str, Row]:
    """Return the rows of an identifier whose attribute says of which kind it is."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": f"{pointer}/identifiers/-/value",
        f"{path}/@at:{kind}": f"{pointer}/identifiers/-/scheme",
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    further = f"{path}/FurtherIdentification"
    registration = f"{further}[@at:IdentificationType=FN]"
    return {
        f"{path}/VATIdentificationNumber": f"{pointer}/tax_id",
        registration: f"{pointer}/registration_id",
        f"{registration}/@at:IdentificationType": IGNORED,
        **_typed(further, "IdentificationType", pointer),
        **_address(path, pointer),
        **_identifier(f"{path}/InvoiceRecipientsBillerID", pointer, "InvoiceRecipientsBillerID"),
        **_identifier(f"{path}/BillersInvoiceRecipientID", pointer, "BillersInvoiceRecipientID"),
    }


def _address(path: str, pointer: str) -> dict[str, Row]:
    address, contact = f"{path}/Address", f"{path}/Contact"
    return {
        **_typed(f"{address}/AddressIdentifier", "AddressIdentifierType", pointer),
        f"{address}/Name": f"{pointer}/name",
        f"{address}/TradingName": f"{pointer}/trading_name",
        f"{address}/Street": f"{pointer}/address/street",
        f"{address}/AddressExtension": f"{pointer}/address/lines/-",
        f"{address}/AdditionalInformation": f"{pointer}/address/lines/-",
        f"{address}/Town": f"{pointer}/address/city",
        f"{address}/ZIP": f"{pointer}/address/postal_code",
        f"{address}/Country": (f"{pointer}/address/country", _write_country),
        f"{address}/Country/@at:CountryCode": f"{pointer}/address/country",
        f"{address}/Phone": f"{pointer}/phone",
        f"{address}/Email": f"{pointer}/email",
        f"{address}/Contact": f"{pointer}/contact_name",
        f"{contact}/Name": f"{pointer}/contact_name",
        f"{contact}/Phone": f"{pointer}/phone",
        f"{contact}/Email": f"{pointer}/email",
    }


def _line() -> dict[str, Row]:
    line = "Details/ItemList/ListLineItem"
    article = f"{line}/ArticleNumber"
    own = f"{article}[@at:ArticleNumberType=|BillersArticleNumber]"
    gtin = f"{article}[@at:ArticleNumberType=GTIN]"
    changes = f"{line}/ReductionAndSurchargeListLineItemDetails"
    return {
        line: "/lines/-",
        f"{line}/PositionNumber": "/lines/-/id",
        f"{line}/Description": ("/lines/-/description", write_lines),
        own: "/lines/-/product_code",
        f"{own}/@at:ArticleNumberType": IGNORED,
        gtin: ("/lines/-/gtin", write_gtin),
        f"{gtin}/@at:ArticleNumberType": IGNORED,
        f"{line}/BillersArticleNumber": "/lines/-/product_code",
        f"{line}/Quantity": "/lines/-/quantity",
        f"{line}/Quantity/@at:Unit": ("/lines/-/unit", write_unit_of(UNITS)),
        f"{line}/UnitPrice": "/lines/-/unit_price",
        f"{line}/UnitPrice/@at:BaseQuantity": ("/lines/-/price_base_quantity", write_price_base),
        f"{line}/TaxRate": "/lines/-/tax_rate",
        f"{line}/VATRate": "/lines/-/tax_rate",
        f"{line}/TaxItem/TaxPercent": "/lines/-/tax_rate",
        f"{line}/TaxItem/TaxPercent/@at:TaxCategoryCode": (
            "/lines/-/tax_category",
            write_coded_category,
        ),
        f"{line}/TaxItem/TaxAmount": "/lines/-/tax_amount",
        f"{line}/ReductionRate": "/lines/-/discount_percent",
        **_line_change(f"{changes}/ReductionListLineItem", "/lines/-/allowances"),
        **_line_change(f"{changes}/SurchargeListLineItem", "/lines/-/charges"),
        f"{line}/Delivery/Period/FromDate": "/lines/-/period_start",
        f"{line}/Delivery/Period/ToDate": "/lines/-/period_end",
        f"{line}/InvoiceRecipientsOrderReference/OrderPositionNumber": (
            "/lines/-/order_line_reference"
        ),
        f"{line}/LineItemAmount": "/lines/-/net_amount",
    }


def _line_change(path: str, pointer: str) -> dict[str, Row]:
    return {
        path: f"{pointer}/-",
        f"{path}/Percentage": (f"{pointer}/-/percent", write_part),
        f"{path}/Amount": (f"{pointer}/-/amount", write_part),
    }


def _change(path: str, pointer: str) -> dict[str, Row]:
    """Return the rows of a discount or a charge on the whole."""
    return {
        path: f"{pointer}/-",
        f"{path}/BaseAmount": f"{pointer}/-/base_amount",
        f"{path}/Percentage": f"{pointer}/-/percent",
        f"{path}/Amount": f"{pointer}/-/amount",
        f"{path}/Comment": f"{pointer}/-/reason",
        f"{path}/TaxRate": f"{pointer}/-/tax_rate",
        f"{path}/VATRate": f"{pointer}/-/tax_rate",
        f"{path}/TaxItem/TaxPercent": f"{pointer}/-/tax_rate",
        f"{path}/TaxItem/TaxPercent/@at:TaxCategoryCode": (
            f"{pointer}/-/tax_category",
            write_coded_category,
        ),
    }


def _taxes() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for band, base, rate, tax in (
        ("Tax/VAT/Item", "TaxedAmount", "TaxRate", "Amount"),
        ("Tax/VAT/VATItem", "TaxedAmount", "VATRate", "Amount"),
        ("Tax/TaxItem", "TaxableAmount", "TaxPercent", "TaxAmount"),
    ):
        rows |= {
            band: "/taxes/-",
            f"{band}/{base}": ("/taxes/-/taxable_amount", _write_taxable),
            f"{band}/{rate}": "/taxes/-/rate",
            f"{band}/{rate}/@at:TaxCategoryCode": ("/taxes/-/category", write_category),
            f"{band}/{tax}": ("/taxes/-/tax_amount", _write_tax),
            f"{band}/TaxExemption": "/taxes/-/exemption_reason",
        }
    return rows


def _payment() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for transaction in ("PaymentMethod", "PaymentMethod/UniversalBankTransaction"):
        account = f"{transaction}/BeneficiaryAccount"
        rows |= {
            account: "/payment/accounts/-",
            f"{account}/BankName": "/payment/accounts/-/bank_name",
            f"{account}/BankCode": "/payment/accounts/-/routing_number",
            f"{account}/BIC": ("/payment/accounts/-/bic", write_bank),
            f"{account}/BankAccountNr": "/payment/accounts/-/account_number",
            f"{account}/IBAN": ("/payment/accounts/-/iban", write_account),
            f"{account}/BankAccountOwner": "/payment/accounts/-/holder",
            f"{transaction}/PaymentReference": "/payment/reference",
        }
    debit, card = "PaymentMethod/SEPADirectDebit", "PaymentMethod/PaymentCard"
    return {
        **rows,
        f"{debit}/CreditorID": "/payment/creditor_id",
        f"{debit}/MandateReference": "/payment/mandate_reference",
        f"{card}/PrimaryAccountNumber": ("/payment/card_last4", write_card),
        "PaymentMethod/Comment": ("/payment/terms", write_lines),
        "PaymentConditions/DueDate": "/due_date",
        "PaymentConditions/Comment": ("/payment/terms", write_lines),
    }


def _preceding(path: str) -> dict[str, Row]:
    return {
        path: "/preceding_invoices/-",
        f"{path}/InvoiceNumber": "/preceding_invoices/-/invoice_number",
        f"{path}/InvoiceDate": "/preceding_invoices/-/issue_date",
    }


_OTHER_TAX = "ReductionAndSurchargeDetails/OtherVATableTax"
"""A tax on which VAT is due, as the one on advertising: to the invoice, a charge."""

TABLE: Table = {
    "@at:InvoiceCurrency": "/currency",
    "@at:DocumentType": "/source_type_code",
    "@at:Language": ("/language", _write_language),
    "InvoiceNumber": "/invoice_number",
    "InvoiceDate": "/issue_date",
    **_preceding("CancelledOriginalDocument"),
    **_preceding("RelatedDocument"),
    "Delivery/DeliveryID": "/despatch_reference",
    "Delivery/Date": "/delivery_date",
    "Delivery/Period/FromDate": "/period_start",
    "Delivery/Period/ToDate": "/period_end",
    **_address("Delivery", "/delivery_party"),
    **_party("Biller", "/seller"),
    "Biller/OrderReference/OrderID": "/sales_order_reference",
    **_party("InvoiceRecipient", "/buyer"),
    "InvoiceRecipient/OrderReference/OrderID": "/purchase_order_reference",
    "Details/HeaderDescription": "/notes/-",
    "Details/ItemList/HeaderDescription": "/notes/-",
    **_line(),
    "Details/ItemList/FooterDescription": "/notes/-",
    "Details/FooterDescription": "/notes/-",
    **_change("ReductionDetails/Reduction", "/allowances"),
    **_change("ReductionAndSurchargeDetails/Reduction", "/allowances"),
    **_change("ReductionAndSurchargeDetails/Surcharge", "/charges"),
    _OTHER_TAX: "/charges/-",
    f"{_OTHER_TAX}/TaxableAmount": "/charges/-/base_amount",
    f"{_OTHER_TAX}/TaxPercent": "/charges/-/percent",
    f"{_OTHER_TAX}/TaxAmount": "/charges/-/amount",
    f"{_OTHER_TAX}/Comment": "/charges/-/reason",
    **_taxes(),
    "TotalGrossAmount": "/totals/gross",
    "PrepaidAmount": "/totals/paid",
    "RoundingAmount": "/totals/rounding",
    "PayableAmount": "/totals/amount_due",
    **_payment(),
    "Comment": "/notes/-",
}
"""Every place of an Invoice that the invoice has a field for."""
