"""Facturae 3.0 to 3.2.2 (Spain; Orden PRE/2971/2007, HAP/1650/2015).

A file has the parties once, and one invoice or a batch of them.
"""

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.base import number
from invoice_extraction.engines.einvoice.paths import (
    ELSEWHERE,
    Node,
    Part,
    Row,
    Sheet,
    Table,
    Writer,
    compile_table,
    inner_space,
    walk_each,
    write_joined,
    write_part,
)
from invoice_extraction.engines.einvoice.settle import (
    settle_accounts,
    settle_due_date,
    settle_line_discounts,
    settle_name,
)
from invoice_extraction.engines.einvoice.writers import (
    at_account,
    write_account,
    write_bank,
    write_lines,
    write_means_of,
    write_text,
    write_unit_of,
    write_words,
)
from invoice_extraction.model.reading import InvoiceReading
from invoice_extraction.normalise import countries

if TYPE_CHECKING:
    from lxml.etree import _Element

DOCUMENT_TYPES: dict[str, tuple[str, str | None]] = {
    "FC/OO": ("invoice", "380"),
    "FC/OC": ("invoice", None),
    "FC/CO": ("invoice", None),
    "FC/CC": ("invoice", None),
    "FA/OO": ("invoice", "380"),
    "FA/OC": ("invoice", None),
    "FA/CO": ("invoice", None),
    "FA/CC": ("invoice", None),
    "AF/OO": ("invoice", "389"),
    "AF/OC": ("invoice", "389"),
    "AF/CO": ("invoice", "389"),
    "AF/CC": ("invoice", "389"),
}
"""InvoiceDocumentType/InvoiceClass: the document type, and UNTDID 1001 where one says the same.

FC complete, FA simplified, AF self-billed; OO original, OC summary, C... a copy. Those that correct
(OR, CR) depend on how they do, see `_settle_type`.
"""

TAXES = {
    "01": "IVA",
    "02": "IPSI",
    "03": "IGIC",
    "04": "IRPF",
    "06": "ITPAJD",
    "07": "IE",
    "08": "RA",
    "09": "IGTECM",
    "10": "IECDPCAC",
    "11": "IIIMAB",
    "12": "ICIO",
    "13": "IMVDN",
    "14": "IMSN",
    "15": "IMGSN",
    "16": "IMPN",
    "17": "REIVA",
    "18": "REIGIC",
    "19": "REIPSI",
    "20": "IPS",
    "21": "RLEA",
    "22": "IVPEE",
    "23": "IPCNG",
    "24": "IACNG",
    "25": "IDEC",
    "26": "ILTCAC",
    "27": "IGFEI",
    "28": "IRNR",
    "29": "IS",
}
"""TaxTypeCode: the tax's name; 05 is another one."""

UNITS = {
    "01": "C62",
    "02": "HUR",
    "03": "KGM",
    "04": "LTR",
    "15": "CLT",
    "16": "CMT",
    "18": "DZN",
    "21": "GRM",
    "22": "KMT",
    "25": "MTR",
    "26": "MMT",
    "33": "MTQ",
    "34": "SEC",
    "35": "WTT",
    "36": "KWH",
}
"""UnitOfMeasure to UN/ECE Recommendation 20; the others are packages, or anything."""

MEANS: dict[str, tuple[str, str | None]] = {
    "01": ("al contado", "10"),
    "02": ("recibo domiciliado", "49"),
    "03": ("recibo", None),
    "04": ("transferencia", "30"),
    "05": ("letra aceptada", "24"),
    "06": ("crédito documentario", None),
    "07": ("contrato adjudicación", None),
    "08": ("letra de cambio", None),
    "09": ("pagaré a la orden", "60"),
    "10": ("pagaré no a la orden", "60"),
    "11": ("cheque", "20"),
    "12": ("reposición", None),
    "13": ("especiales", None),
    "14": ("compensación", "97"),
    "15": ("giro postal", None),
    "16": ("cheque conformado", None),
    "17": ("cheque bancario", None),
    "18": ("pago contra reembolso", None),
    "19": ("pago mediante tarjeta", "48"),
}
"""PaymentMeans: its meaning, and the code of UNTDID 4461 where one says the same."""

EVENTS = {"01": "E", "02": "O"}
"""SpecialTaxableEventCode to UNCL 5305: taxable but exempt, not taxable."""

_VAT = "01"
_INVOICE = "Invoices/Invoice"


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return each Invoice of the file, in their order; of a file without any, what it tells else.

    Raises:
        TooComplex: There are too many of them.
    """
    space = inner_space(root, "FileHeader", "Parties", "Invoices")
    shared, tree = _compiled(space)
    name = f"{{{space}}}" if space else ""
    found = root.findall(f"{name}Invoices/{name}Invoice")
    return tuple(_settled(sheet) for sheet in walk_each(root, shared, found, tree, f"/{_INVOICE}"))


@lru_cache(maxsize=8)
def _compiled(space: str) -> tuple[Node, Node]:
    return compile_table(FILE, {"": space}), compile_table(INVOICE, {"": space})


def _settled(sheet: Sheet) -> InvoiceReading:
    for party in ("/seller", "/buyer", "/payee"):
        settle_name(sheet, party)
    _settle_type(sheet)
    _settle_line_taxes(sheet)
    settle_line_discounts(sheet)
    settle_accounts(sheet)
    settle_due_date(sheet)
    return sheet.reading()


def _settle_type(sheet: Sheet) -> None:
    """Tell what the document is by InvoiceDocumentType and InvoiceClass, which stand joined.

    One that corrects another is a credit note where it is negative, or gives a discount later. A
    positive one replaces the other as a whole (CorrectionMethod 01), or adds the difference (02).
    """
    joined = sheet.joined.get("/source_type_code")
    code = "/".join(joined[1]) if joined else ""
    kind, untdid = DOCUMENT_TYPES.get(code, (None, None))
    methods = sheet.take(_METHOD)
    for part in methods:
        sheet.leave(part.path, part.text)
    if code.endswith(("/OR", "/CR")):
        kind, untdid = "credit_note", "381"
        gross = sheet.values.get("/totals/gross")
        if gross and gross.canonical and not gross.canonical.startswith("-"):
            method = methods[0].text if methods else ""
            kind, untdid = _CORRECTIONS.get(method, (kind, untdid))
    if kind:
        sheet.put("/document_type", code, kind, "")
    if untdid:
        sheet.put("/type_code", code, untdid, "")


_CORRECTIONS = {"01": ("invoice", "384"), "02": ("debit_note", "383")}


def _settle_line_taxes(sheet: Sheet) -> None:
    """Give each line the rate and amount of its VAT, of another tax where it has none.

    What the others are stands among the document's taxes too; from the lines it goes to `unmapped`.
    """
    lines: dict[str, dict[str, dict[str, Part]]] = {}
    for part in sheet.parts:
        tax, _, name = part.pointer.rpartition("/")
        line, found, _ = tax.partition("/taxes/")
        if found:
            lines.setdefault(line, {}).setdefault(tax, {})[name] = part
    for line, taxes in lines.items():
        first = next(iter(taxes.values()))
        vat = (parts for parts in taxes.values() if "code" in parts and parts["code"].text == _VAT)
        chosen = next(vat, first)
        for parts in taxes.values():
            for name, part in parts.items():
                if parts is not chosen or (name == "code" and part.text != _VAT):
                    sheet.leave(part.path, part.text)
                elif name != "code":
                    sheet.put(f"{line}/{name}", part.text, number(part.text), part.path)


def _write_country(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a country, which has a code of three letters (ISO 3166-1 alpha-3)."""
    sheet.put(pointer, text, "ES" if text == "ESP" else countries.parse(text), path)


def _write_tax(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a band's TaxTypeCode as it is, and the name of the tax."""
    sheet.put(pointer, text, text, path)
    if text in TAXES:
        sheet.put(f"{pointer.rpartition('/')[0]}/name", text, TAXES[text], path)


def _write_role(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write an administrative centre's role as the scheme of its code."""
    sheet.put(pointer, text, f"AdministrativeCentre {text}", path)


def _write_event(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write what exempts a line as its tax category."""
    if text in EVENTS:
        sheet.put(pointer, text, EVENTS[text], path)
    else:
        sheet.leave(path, text)


_METHOD = "/correction_method"

_write_class: Writer = partial(write_joined, "/")


def _place(path: str, pointer: str) -> dict[str, Row]:
    """Return the rows of an address and of how to reach who is there."""
    spain, overseas = f"{path}/AddressInSpain", f"{path}/OverseasAddress"
    contact = f"{path}/ContactDetails"
    return {
        f"{spain}/Address": f"{pointer}/address/street",
        f"{spain}/PostCode": f"{pointer}/address/postal_code",
        f"{spain}/Town": f"{pointer}/address/city",
        f"{spain}/Province": f"{pointer}/address/region",
        f"{spain}/CountryCode": (f"{pointer}/address/country", _write_country),
        f"{overseas}/Address": f"{pointer}/address/street",
        f"{overseas}/PostCodeAndTown": f"{pointer}/address/lines/-",
        f"{overseas}/Province": f"{pointer}/address/region",
        f"{overseas}/CountryCode": (f"{pointer}/address/country", _write_country),
        f"{contact}/Telephone": f"{pointer}/phone",
        f"{contact}/WebAddress": f"{pointer}/website",
        f"{contact}/ElectronicMail": f"{pointer}/email",
        f"{contact}/ContactPersons": f"{pointer}/contact_name",
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    centre = f"{path}/AdministrativeCentres/AdministrativeCentre"
    person = f"{path}/Individual"
    return {
        f"{path}/TaxIdentification/TaxIdentificationNumber": f"{pointer}/tax_id",
        f"{path}/PartyIdentification": f"{pointer}/identifiers/-",
        f"{path}/PartyIdentification/text()": f"{pointer}/identifiers/-/value",
        centre: f"{pointer}/identifiers/-",
        f"{centre}/CentreCode": f"{pointer}/identifiers/-/value",
        f"{centre}/RoleTypeCode": (f"{pointer}/identifiers/-/scheme", _write_role),
        f"{path}/LegalEntity/CorporateName": f"{pointer}/name",
        f"{path}/LegalEntity/TradeName": f"{pointer}/trading_name",
        **_place(f"{path}/LegalEntity", pointer),
        f"{person}/Name": (f"{pointer}/name", write_words),
        f"{person}/FirstSurname": (f"{pointer}/name", write_words),
        f"{person}/SecondSurname": (f"{pointer}/name", write_words),
        **_place(person, pointer),
    }


def _document() -> dict[str, Row]:
    header, issue, more = "InvoiceHeader", "InvoiceIssueData", "AdditionalData"
    corrected = f"{header}/Corrective"
    return {
        f"{header}/InvoiceNumber": "/invoice_number",
        f"{header}/InvoiceDocumentType": ("/source_type_code", _write_class),
        f"{header}/InvoiceClass": ("/source_type_code", _write_class),
        corrected: "/preceding_invoices/-",
        f"{corrected}/InvoiceNumber": "/preceding_invoices/-/invoice_number",
        f"{corrected}/InvoiceIssueDate": "/preceding_invoices/-/issue_date",
        f"{corrected}/CorrectionMethod": (_METHOD, write_part),
        f"{issue}/IssueDate": "/issue_date",
        f"{issue}/OperationDate": "/tax_point_date",
        f"{issue}/InvoicingPeriod/StartDate": "/period_start",
        f"{issue}/InvoicingPeriod/EndDate": "/period_end",
        f"{issue}/InvoiceCurrencyCode": "/currency",
        f"{issue}/TaxCurrencyCode": "/tax_currency",
        f"{issue}/LanguageName": "/language",
        f"{issue}/InvoiceDescription": "/notes/-",
        f"{issue}/ReceiverTransactionReference": "/purchase_order_reference",
        f"{issue}/ReceiverContractReference": "/contract_reference",
        "LegalLiterals/LegalReference": "/notes/-",
        f"{more}/InvoiceAdditionalInformation": "/notes/-",
    }


def _taxes() -> dict[str, Row]:
    band = "TaxesOutputs/Tax"
    return {
        band: "/taxes/-",
        f"{band}/TaxTypeCode": ("/taxes/-/source_category", _write_tax),
        f"{band}/TaxRate": "/taxes/-/rate",
        f"{band}/TaxableBase/TotalAmount": "/taxes/-/taxable_amount",
        f"{band}/TaxAmount/TotalAmount": "/taxes/-/tax_amount",
        f"{band}/EquivalenceSurcharge": "/taxes/-/surcharge_rate",
        f"{band}/EquivalenceSurchargeAmount/TotalAmount": "/taxes/-/surcharge_amount",
    }


def _totals() -> dict[str, Row]:
    totals = "InvoiceTotals"
    less = f"{totals}/GeneralDiscounts/Discount"
    more = f"{totals}/GeneralSurcharges/Charge"
    return {
        f"{totals}/TotalGrossAmount": "/totals/lines_net",
        less: "/allowances/-",
        f"{less}/DiscountReason": "/allowances/-/reason",
        f"{less}/DiscountRate": "/allowances/-/percent",
        f"{less}/DiscountAmount": "/allowances/-/amount",
        more: "/charges/-",
        f"{more}/ChargeReason": "/charges/-/reason",
        f"{more}/ChargeRate": "/charges/-/percent",
        f"{more}/ChargeAmount": "/charges/-/amount",
        f"{totals}/TotalGeneralDiscounts": "/totals/allowances",
        f"{totals}/TotalGeneralSurcharges": "/totals/charges",
        f"{totals}/TotalGrossAmountBeforeTaxes": "/totals/net",
        f"{totals}/TotalTaxOutputs": "/totals/tax",
        f"{totals}/TotalTaxesWithheld": "/totals/withheld",
        f"{totals}/InvoiceTotal": "/totals/gross",
        f"{totals}/TotalPaymentsOnAccount": "/totals/paid",
        f"{totals}/TotalExecutableAmount": "/totals/amount_due",
    }


def _line() -> dict[str, Row]:
    line = "Items/InvoiceLine"
    tax = f"{line}/TaxesOutputs/Tax"
    less = f"{line}/DiscountsAndRebates/Discount"
    more = f"{line}/Charges/Charge"
    return {
        line: "/lines/-",
        f"{line}/IssuerTransactionReference": "/sales_order_reference",
        f"{line}/ReceiverTransactionReference": "/purchase_order_reference",
        f"{line}/ReceiverContractReference": "/contract_reference",
        f"{line}/SequenceNumber": "/lines/-/id",
        f"{line}/DeliveryNotesReferences/DeliveryNote/DeliveryNoteNumber": "/despatch_reference",
        f"{line}/ItemDescription": "/lines/-/description",
        f"{line}/Quantity": "/lines/-/quantity",
        f"{line}/UnitOfMeasure": ("/lines/-/unit", write_unit_of(UNITS)),
        f"{line}/UnitPriceWithoutTax": "/lines/-/unit_price",
        less: "/lines/-/allowances/-",
        f"{less}/DiscountRate": ("/lines/-/allowances/-/percent", write_part),
        f"{less}/DiscountAmount": ("/lines/-/allowances/-/amount", write_part),
        more: "/lines/-/charges/-",
        f"{more}/ChargeRate": ("/lines/-/charges/-/percent", write_part),
        f"{more}/ChargeAmount": ("/lines/-/charges/-/amount", write_part),
        f"{line}/GrossAmount": "/lines/-/net_amount",
        # A list that a line does not have: it tells apart the parts of several taxes.
        tax: "/lines/-/taxes/-",
        f"{tax}/TaxTypeCode": ("/lines/-/taxes/-/code", write_part),
        f"{tax}/TaxRate": ("/lines/-/taxes/-/tax_rate", write_part),
        f"{tax}/TaxAmount/TotalAmount": ("/lines/-/taxes/-/tax_amount", write_part),
        f"{line}/LineItemPeriod/StartDate": "/lines/-/period_start",
        f"{line}/LineItemPeriod/EndDate": "/lines/-/period_end",
        f"{line}/SpecialTaxableEvent/SpecialTaxableEventCode": (
            "/lines/-/tax_category",
            _write_event,
        ),
        f"{line}/ArticleCode": "/lines/-/product_code",
    }


def _payment() -> dict[str, Row]:
    part = "PaymentDetails/Installment"
    account = f"{part}/AccountToBeCredited"
    # An account belongs to an instalment; `settle_accounts` gives each one once.
    pointer = "/payment/instalments/-"
    return {
        part: "/payment/instalments/-",
        f"{part}/InstallmentDueDate": "/payment/instalments/-/due_date",
        f"{part}/InstallmentAmount": "/payment/instalments/-/amount",
        f"{part}/PaymentMeans": ("/payment/means_text", write_means_of(MEANS)),
        f"{part}/PaymentReconciliationReference": "/payment/reference",
        f"{account}/IBAN": (f"{pointer}/iban", at_account(write_account)),
        f"{account}/AccountNumber": (f"{pointer}/account_number", at_account(write_account)),
        f"{account}/BankCode": (f"{pointer}/routing_number", at_account(write_text)),
        f"{account}/BranchCode": (f"{pointer}/sort_code", at_account(write_text)),
        f"{account}/BIC": (f"{pointer}/bic", at_account(write_bank)),
        f"{part}/CollectionAdditionalInformation": ("/payment/terms", write_lines),
    }


FILE: Table = {
    _INVOICE: ELSEWHERE,
    **_party("Parties/SellerParty", "/seller"),
    **_party("Parties/BuyerParty", "/buyer"),
    **_party("FileHeader/FactoringAssignmentData/Assignee", "/payee"),
}
"""Every place of a file that all of its invoices share and that the invoice has a field for."""

INVOICE: Table = {**_document(), **_taxes(), **_totals(), **_line(), **_payment()}
"""Every place of an Invoice element that the invoice has a field for."""

TABLE: Table = {**FILE, **INVOICE}
"""All of them, as documentation and tests look at them."""
