"""UBL 2.1 Invoice and CreditNote: Peppol BIS Billing, XRechnung, PINT (EN 16931-3-2)."""

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
    put_sum,
    settle_currency,
    settle_descriptions,
    settle_due_date,
    settle_foreign,
    settle_line_discounts,
    settle_line_gross,
    settle_name,
    settle_old_danish_net,
    settle_tax_totals,
    settle_type,
    settle_withheld,
)
from invoice_extraction.engines.einvoice.writers import (
    write_account,
    write_bank,
    write_card,
    write_category,
    write_coded_category,
    write_gtin,
    write_lines,
    write_price_base,
    write_unit,
    write_words,
)
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES = {
    "cac": f"{_SCHEMA}CommonAggregateComponents-2",
    "cbc": f"{_SCHEMA}CommonBasicComponents-2",
}

DOCUMENT_TYPES = {"Invoice": "invoice", "CreditNote": "credit_note"}
"""What a root element says that the document is."""

_CURRENCY = f"{{{NAMESPACES['cbc']}}}DocumentCurrencyCode"
_TAX_SCHEMES = ("ID=VAT|GST|UK VAT", "Name=VAT|GST|MwSt|TVA|IVA|BTW|Moms|MVA|KDV")
"""Tax schemes (UNCL 5153, or a word for VAT) whose number is the tax id; others are identifiers."""

_PROFILE = f"{{{NAMESPACES['cbc']}}}CustomizationID"
_OLD_DANISH = "OIOUBL-2"
_GERMAN_EXTENSION = ":kosit:extension:xrechnung"


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of an Invoice or CreditNote element."""
    sheet = walk(root, _TREE, (root.findtext(_CURRENCY) or "").strip() or None)
    name = root.tag.rpartition("}")[2]
    settle_type(sheet, name, DOCUMENT_TYPES[name])
    settle_currency(sheet)
    settle_tax_totals(sheet)
    settle_withheld(sheet)
    profile = (root.findtext(_PROFILE) or "").strip()
    if profile.startswith(_OLD_DANISH):
        settle_old_danish_net(sheet)
    _settle_third_parties(sheet, profile)
    settle_descriptions(sheet)
    settle_line_discounts(sheet)
    settle_line_gross(sheet)
    settle_due_date(sheet)
    for party in ("/seller", "/buyer", "/payee", "/delivery_party"):
        settle_name(sheet, party)
    settle_foreign(sheet)
    return (sheet.reading(),)


def _settle_third_parties(sheet: Sheet, profile: str) -> None:
    """Set what is to be paid for third parties too (XRechnung's extension, BT-DEX-002, BR-DEX-09).

    Elsewhere a PrepaidPayment tells a part of what was paid (PrepaidAmount).
    """
    parts = sheet.take("third_parties")
    if _GERMAN_EXTENSION in profile:
        put_sum(sheet, "/totals/previous_balance", parts)
    else:
        for part in parts:
            sheet.leave(part.path, part.text)


def _identifier(path: str, pointer: str) -> dict[str, Row]:
    """Return the rows of an element that is one of a party's identifiers."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": f"{pointer}/identifiers/-/value",
        f"{path}/@schemeID": f"{pointer}/identifiers/-/scheme",
    }


def _address(path: str, pointer: str) -> dict[str, Row]:
    return {
        f"{path}/cbc:StreetName": (f"{pointer}/address/street", write_words),
        f"{path}/cbc:BuildingNumber": (f"{pointer}/address/street", write_words),
        f"{path}/cbc:AdditionalStreetName": f"{pointer}/address/lines/-",
        f"{path}/cbc:CitySubdivisionName": f"{pointer}/address/lines/-",
        f"{path}/cac:AddressLine/cbc:Line": f"{pointer}/address/lines/-",
        f"{path}/cbc:CityName": f"{pointer}/address/city",
        f"{path}/cbc:PostalZone": f"{pointer}/address/postal_code",
        f"{path}/cbc:CountrySubentity": f"{pointer}/address/region",
        f"{path}/cac:Country/cbc:IdentificationCode": f"{pointer}/address/country",
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    tax = f"{path}/cac:PartyTaxScheme"
    schemes = [f"{tax}[cac:TaxScheme/cbc:{scheme}]" for scheme in _TAX_SCHEMES]
    identification = f"{path}/cac:PartyIdentification/cbc:ID"
    return {
        f"{path}/cbc:WebsiteURI": f"{pointer}/website",
        **_identifier(f"{path}/cbc:EndpointID", pointer),
        # EN 16931, BT-90: the creditor of a direct debit is marked by this scheme.
        f"{identification}[@schemeID=SEPA]": "/payment/creditor_id",
        f"{identification}[@schemeID=SEPA]/@schemeID": IGNORED,
        **_identifier(identification, pointer),
        f"{path}/cac:PartyName/cbc:Name": f"{pointer}/trading_name",
        **_address(f"{path}/cac:PostalAddress", pointer),
        **{f"{scheme}/cbc:CompanyID": f"{pointer}/tax_id" for scheme in schemes},
        **{f"{scheme}/cac:TaxScheme/cbc:ID": IGNORED for scheme in schemes},
        **{f"{scheme}/cac:TaxScheme/cbc:Name": IGNORED for scheme in schemes},
        tax: f"{pointer}/identifiers/-",
        f"{tax}/cbc:CompanyID": f"{pointer}/identifiers/-/value",
        f"{tax}/cac:TaxScheme/cbc:ID": f"{pointer}/identifiers/-/scheme",
        f"{path}/cac:PartyLegalEntity/cbc:RegistrationName": f"{pointer}/name",
        f"{path}/cac:PartyLegalEntity/cbc:CompanyID": f"{pointer}/registration_id",
        f"{path}/cac:Contact/cbc:Name": f"{pointer}/contact_name",
        f"{path}/cac:Contact/cbc:Telephone": f"{pointer}/phone",
        f"{path}/cac:Contact/cbc:ElectronicMail": f"{pointer}/email",
    }


def _delivery(path: str) -> dict[str, Row]:
    place, party = f"{path}/cac:DeliveryLocation", f"{path}/cac:DeliveryParty"
    return {
        f"{path}/cbc:ActualDeliveryDate": "/delivery_date",
        **_identifier(f"{place}/cbc:ID", "/delivery_party"),
        **_address(f"{place}/cac:Address", "/delivery_party"),
        f"{party}/cac:PartyName/cbc:Name": "/delivery_party/trading_name",
        f"{party}/cac:PartyLegalEntity/cbc:RegistrationName": "/delivery_party/name",
        f"{party}/cac:Contact/cbc:Name": "/delivery_party/contact_name",
        f"{party}/cac:Contact/cbc:Telephone": "/delivery_party/phone",
        f"{party}/cac:Contact/cbc:ElectronicMail": "/delivery_party/email",
    }


def _allowance(indicator: str, pointer: str) -> dict[str, Row]:
    one = f"cac:AllowanceCharge[cbc:ChargeIndicator={indicator}]"
    return {
        one: f"{pointer}/-",
        f"{one}/cbc:ChargeIndicator": IGNORED,
        f"{one}/cbc:AllowanceChargeReasonCode": f"{pointer}/-/reason_code",
        f"{one}/cbc:AllowanceChargeReason": f"{pointer}/-/reason",
        f"{one}/cbc:MultiplierFactorNumeric": f"{pointer}/-/percent",
        f"{one}/cbc:Amount": f"{pointer}/-/amount",
        f"{one}/cbc:BaseAmount": f"{pointer}/-/base_amount",
        f"{one}/cac:TaxCategory/cbc:ID": (f"{pointer}/-/tax_category", write_coded_category),
        f"{one}/cac:TaxCategory/cbc:Percent": f"{pointer}/-/tax_rate",
        f"{one}/cac:TaxCategory/cac:TaxScheme/cbc:ID": IGNORED,
    }


def _taxes() -> dict[str, Row]:
    # A total in the currency of the tax (BT-111) may have bands too; they are not the document's.
    band = "cac:TaxTotal/cac:TaxSubtotal[cbc:TaxAmount/@currencyID=$currency]"
    category = f"{band}/cac:TaxCategory"
    return {
        "cac:TaxTotal/cbc:TaxAmount": ("/totals/tax", write_part),
        "cac:TaxTotal/cbc:TaxAmount/@currencyID": IGNORED,
        "cac:WithholdingTaxTotal/cbc:TaxAmount": ("/totals/withheld", write_part),
        "cac:PrepaidPayment/cbc:PaidAmount": ("third_parties", write_part),
        band: "/taxes/-",
        f"{band}/cbc:TaxableAmount": "/taxes/-/taxable_amount",
        f"{band}/cbc:TaxAmount": "/taxes/-/tax_amount",
        f"{band}/cbc:Percent": "/taxes/-/rate",
        f"{category}/cbc:ID": ("/taxes/-/category", write_category),
        f"{category}/cbc:Percent": "/taxes/-/rate",
        f"{category}/cbc:TaxExemptionReason": "/taxes/-/exemption_reason",
        f"{category}/cac:TaxScheme/cbc:ID": "/taxes/-/name",
    }


def _totals(path: str) -> dict[str, Row]:
    return {
        f"{path}/cbc:LineExtensionAmount": "/totals/lines_net",
        f"{path}/cbc:TaxExclusiveAmount": "/totals/net",
        f"{path}/cbc:TaxInclusiveAmount": "/totals/gross",
        f"{path}/cbc:AllowanceTotalAmount": "/totals/allowances",
        f"{path}/cbc:ChargeTotalAmount": "/totals/charges",
        f"{path}/cbc:PrepaidAmount": "/totals/paid",
        f"{path}/cbc:PayableRoundingAmount": "/totals/rounding",
        f"{path}/cbc:PayableAmount": "/totals/amount_due",
    }


def _payment() -> dict[str, Row]:
    means = "cac:PaymentMeans"
    account = f"{means}/cac:PayeeFinancialAccount"
    branch = f"{account}/cac:FinancialInstitutionBranch"
    return {
        f"{means}/cbc:PaymentMeansCode": "/payment/means_code",
        f"{means}/cbc:PaymentMeansCode/@name": "/payment/means_text",
        f"{means}/cbc:PaymentDueDate": "/due_date",
        f"{means}/cbc:PaymentID": "/payment/reference",
        f"{means}/cac:CardAccount/cbc:PrimaryAccountNumberID": (
            "/payment/card_last4",
            write_card,
        ),
        f"{means}/cac:CardAccount/cbc:NetworkID": "/payment/card_brand",
        account: "/payment/accounts/-",
        f"{account}/cbc:ID": ("/payment/accounts/-/iban", write_account),
        f"{account}/cbc:Name": "/payment/accounts/-/holder",
        f"{branch}/cbc:ID": ("/payment/accounts/-/bic", write_bank),
        f"{branch}/cac:FinancialInstitution/cbc:ID": ("/payment/accounts/-/bic", write_bank),
        f"{branch}/cac:FinancialInstitution/cbc:Name": "/payment/accounts/-/bank_name",
        f"{means}/cac:PaymentMandate/cbc:ID": "/payment/mandate_reference",
        "cac:PaymentTerms": "/payment/instalments/-",
        "cac:PaymentTerms/cbc:Note": ("/payment/terms", write_lines),
        "cac:PaymentTerms/cbc:Amount": "/payment/instalments/-/amount",
        "cac:PaymentTerms/cbc:PaymentDueDate": "/payment/instalments/-/due_date",
        "cac:PaymentTerms/cbc:InstallmentDueDate": "/payment/instalments/-/due_date",
    }


def _line(line: str, quantity: str) -> dict[str, Row]:
    item = f"{line}/cac:Item"
    gtin = f"{item}/cac:StandardItemIdentification/cbc:ID"
    tax = f"{item}/cac:ClassifiedTaxCategory"
    # Before EN 16931 the line's tax stood in a total of its own.
    total = f"{line}/cac:TaxTotal"
    old = f"{total}/cac:TaxSubtotal"
    return {
        line: "/lines/-",
        f"{line}/cbc:ID": "/lines/-/id",
        f"{line}/{quantity}": "/lines/-/quantity",
        f"{line}/{quantity}/@unitCode": ("/lines/-/unit", write_unit),
        f"{line}/cbc:LineExtensionAmount": "/lines/-/net_amount",
        f"{line}/cac:InvoicePeriod/cbc:StartDate": "/lines/-/period_start",
        f"{line}/cac:InvoicePeriod/cbc:EndDate": "/lines/-/period_end",
        f"{line}/cac:OrderLineReference/cbc:LineID": "/lines/-/order_line_reference",
        **_line_allowance(line, "false|0", "/lines/-/allowances"),
        **_line_allowance(line, "true|1", "/lines/-/charges"),
        f"{total}/cbc:TaxAmount": "/lines/-/tax_amount",
        f"{total}/cbc:RoundingAmount": ("/lines/-/rounding", write_part),
        f"{old}/cbc:TaxAmount": "/lines/-/tax_amount",
        f"{old}/cbc:Percent": "/lines/-/tax_rate",
        f"{old}/cac:TaxCategory/cbc:ID": ("/lines/-/tax_category", write_coded_category),
        f"{old}/cac:TaxCategory/cbc:Percent": "/lines/-/tax_rate",
        f"{old}/cac:TaxCategory/cac:TaxScheme/cbc:ID": IGNORED,
        f"{item}/cbc:Name": "/lines/-/description",
        f"{item}/cbc:Description": ("/lines/-/description", write_part),
        f"{item}/cac:SellersItemIdentification/cbc:ID": "/lines/-/product_code",
        gtin: ("/lines/-/gtin", write_gtin),
        f"{gtin}/@schemeID": IGNORED,
        f"{tax}/cbc:ID": ("/lines/-/tax_category", write_coded_category),
        f"{tax}/cbc:Percent": "/lines/-/tax_rate",
        f"{tax}/cac:TaxScheme/cbc:ID": IGNORED,
        f"{line}/cac:Price/cbc:PriceAmount": "/lines/-/unit_price",
        f"{line}/cac:Price/cbc:BaseQuantity": ("/lines/-/price_base_quantity", write_price_base),
        f"{line}/cac:Price/cbc:BaseQuantity/@unitCode": IGNORED,
    }


def _line_allowance(line: str, indicator: str, pointer: str) -> dict[str, Row]:
    one = f"{line}/cac:AllowanceCharge[cbc:ChargeIndicator={indicator}]"
    return {
        one: f"{pointer}/-",
        f"{one}/cbc:ChargeIndicator": IGNORED,
        f"{one}/cbc:MultiplierFactorNumeric": (f"{pointer}/-/percent", write_part),
        f"{one}/cbc:Amount": (f"{pointer}/-/amount", write_part),
    }


_PRECEDING = "cac:BillingReference"

TABLE: Table = {
    "cbc:ID": "/invoice_number",
    "cbc:IssueDate": "/issue_date",
    "cbc:IssueTime": "/issue_time",
    "cbc:DueDate": "/due_date",
    "cbc:InvoiceTypeCode": "/type_code",
    "cbc:CreditNoteTypeCode": "/type_code",
    "cbc:Note": "/notes/-",
    "cbc:TaxPointDate": "/tax_point_date",
    "cbc:DocumentCurrencyCode": "/currency",
    "cbc:TaxCurrencyCode": "/tax_currency",
    "cbc:BuyerReference": "/buyer_reference",
    "cac:InvoicePeriod/cbc:StartDate": "/period_start",
    "cac:InvoicePeriod/cbc:EndDate": "/period_end",
    "cac:OrderReference/cbc:ID": "/purchase_order_reference",
    "cac:OrderReference/cbc:SalesOrderID": "/sales_order_reference",
    _PRECEDING: "/preceding_invoices/-",
    f"{_PRECEDING}/cac:InvoiceDocumentReference/cbc:ID": "/preceding_invoices/-/invoice_number",
    f"{_PRECEDING}/cac:InvoiceDocumentReference/cbc:IssueDate": "/preceding_invoices/-/issue_date",
    f"{_PRECEDING}/cac:CreditNoteDocumentReference/cbc:ID": "/preceding_invoices/-/invoice_number",
    f"{_PRECEDING}/cac:CreditNoteDocumentReference/cbc:IssueDate": (
        "/preceding_invoices/-/issue_date"
    ),
    "cac:DespatchDocumentReference/cbc:ID": "/despatch_reference",
    "cac:ContractDocumentReference/cbc:ID": "/contract_reference",
    "cac:ProjectReference/cbc:ID": "/project_reference",
    # A credit note has no ProjectReference: UNTDID 1001 code 50 marks it (EN 16931-3-2, BT-11).
    "cac:AdditionalDocumentReference[cbc:DocumentTypeCode=50]/cbc:ID": "/project_reference",
    "cac:AdditionalDocumentReference[cbc:DocumentTypeCode=50]/cbc:DocumentTypeCode": IGNORED,
    **_party("cac:AccountingSupplierParty/cac:Party", "/seller"),
    **_party("cac:AccountingCustomerParty/cac:Party", "/buyer"),
    **_party("cac:PayeeParty", "/payee"),
    # Several deliveries have no one address.
    **_delivery("cac:Delivery[1]"),
    **_payment(),
    **_allowance("false|0", "/allowances"),
    **_allowance("true|1", "/charges"),
    **_taxes(),
    **_totals("cac:LegalMonetaryTotal"),
    **_line("cac:InvoiceLine", "cbc:InvoicedQuantity"),
    **_line("cac:CreditNoteLine", "cbc:CreditedQuantity"),
}
"""Every place of an Invoice or CreditNote that the invoice has a field for."""

_TREE = compile_table(TABLE, NAMESPACES)
