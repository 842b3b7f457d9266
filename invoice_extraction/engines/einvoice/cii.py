"""UN/CEFACT Cross Industry Invoice D16B: Factur-X, ZUGFeRD 2, XRechnung (EN 16931-3-3)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.paths import (
    IGNORED,
    Node,
    Row,
    Table,
    clark_path,
    compile_table,
    walk,
    write_part,
)
from invoice_extraction.engines.einvoice.settle import (
    settle_currency,
    settle_descriptions,
    settle_due_date,
    settle_foreign,
    settle_line_discounts,
    settle_name,
    settle_tax_totals,
    settle_type,
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
)
from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element

_STANDARD = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{_STANDARD}CrossIndustryInvoice:100",
    "ram": f"{_STANDARD}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{_STANDARD}UnqualifiedDataType:100",
    "qdt": f"{_STANDARD}QualifiedDataType:100",
}

_DOCUMENT = "rsm:ExchangedDocument"
_TRADE = "rsm:SupplyChainTradeTransaction"
_AGREEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeAgreement"
_DELIVERY = f"{_TRADE}/ram:ApplicableHeaderTradeDelivery"
_SETTLEMENT = f"{_TRADE}/ram:ApplicableHeaderTradeSettlement"
CURRENCY = f"{_SETTLEMENT}/ram:InvoiceCurrencyCode"
_SUMS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementHeaderMonetarySummation"
_MEANS = f"{_SETTLEMENT}/ram:SpecifiedTradeSettlementPaymentMeans"
_TERMS = f"{_SETTLEMENT}/ram:SpecifiedTradePaymentTerms"
_LINE_STATUS = "ram:AssociatedDocumentLineDocument/ram:LineStatusReasonCode"
_LINE = f"{_TRADE}/ram:IncludedSupplyChainTradeLineItem[{_LINE_STATUS}=|DETAIL]"
"""Lines that are billed; GROUP and INFORMATION repeat or explain the amounts of others."""


def read(root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice of a CrossIndustryInvoice element."""
    return read_by(_compiled(**namespaces(root, NAMESPACES)), root)


def namespaces(root: "_Element", standard: Mapping[str, str]) -> dict[str, str]:
    """Return the namespaces of this file: drafts had another version at the end of some."""
    found = dict(standard)
    for uri in root.nsmap.values():
        for prefix, known in standard.items():
            if uri.rpartition(":")[0].lower() == known.rpartition(":")[0].lower():
                found[prefix] = uri
    return found


def read_by(compiled: tuple[Node, str], root: "_Element") -> tuple[InvoiceReading, ...]:
    """Return the invoice under `root` by a compiled table and the path of the document's currency."""
    tree, currency = compiled
    sheet = walk(root, tree, (root.findtext(currency) or "").strip() or None)
    settle_type(sheet)
    settle_currency(sheet)
    settle_tax_totals(sheet)
    settle_descriptions(sheet)
    settle_line_discounts(sheet)
    settle_due_date(sheet)
    for party in ("/seller", "/buyer", "/payee", "/delivery_party"):
        settle_name(sheet, party)
    settle_foreign(sheet)
    return (sheet.reading(),)


@lru_cache(maxsize=8)
def _compiled(**spaces: str) -> tuple[Node, str]:
    """Return the table's tree and the path of the document's currency."""
    return compile_table(TABLE, spaces), clark_path(CURRENCY, spaces)


def _moment(path: str, pointer: str) -> dict[str, Row]:
    """Return the rows of a date: a coded one, or one of XML Schema."""
    kinds = ("udt:DateTimeString", "udt:DateTime", "udt:DateString", "udt:Date")
    rows: dict[str, Row] = {f"{path}/{kind}": pointer for kind in kinds}
    return rows | {f"{path}/qdt:DateTimeString": pointer}


def _identifier(path: str, pointer: str) -> dict[str, Row]:
    """Return the rows of an element that is one of a party's identifiers."""
    return {
        path: f"{pointer}/identifiers/-",
        f"{path}/text()": f"{pointer}/identifiers/-/value",
        f"{path}/@schemeID": f"{pointer}/identifiers/-/scheme",
    }


def _party(path: str, pointer: str) -> dict[str, Row]:
    registration = f"{path}/ram:SpecifiedTaxRegistration"
    organisation = f"{path}/ram:SpecifiedLegalOrganization"
    contact = f"{path}/ram:DefinedTradeContact"
    address = f"{path}/ram:PostalTradeAddress"
    return {
        **_identifier(f"{path}/ram:ID", pointer),
        **_identifier(f"{path}/ram:GlobalID", pointer),
        f"{path}/ram:Name": f"{pointer}/name",
        f"{organisation}/ram:ID": f"{pointer}/registration_id",
        f"{organisation}/ram:TradingBusinessName": f"{pointer}/trading_name",
        f"{contact}/ram:PersonName": f"{pointer}/contact_name",
        f"{contact}/ram:TelephoneUniversalCommunication/ram:CompleteNumber": f"{pointer}/phone",
        f"{contact}/ram:EmailURIUniversalCommunication/ram:URIID": f"{pointer}/email",
        f"{address}/ram:PostcodeCode": f"{pointer}/address/postal_code",
        f"{address}/ram:LineOne": f"{pointer}/address/street",
        f"{address}/ram:LineTwo": f"{pointer}/address/lines/-",
        f"{address}/ram:LineThree": f"{pointer}/address/lines/-",
        f"{address}/ram:CityName": f"{pointer}/address/city",
        f"{address}/ram:CountryID": f"{pointer}/address/country",
        f"{address}/ram:CountrySubDivisionName": f"{pointer}/address/region",
        **_identifier(f"{path}/ram:URIUniversalCommunication/ram:URIID", pointer),
        f"{registration}/ram:ID[@schemeID=VA|VAT]": f"{pointer}/tax_id",
        f"{registration}/ram:ID[@schemeID=VA|VAT]/@schemeID": IGNORED,
        **_identifier(f"{registration}/ram:ID", pointer),
    }


def _allowance(path: str, indicator: str, pointer: str) -> dict[str, Row]:
    one = f"{path}[ram:ChargeIndicator/udt:Indicator={indicator}]"
    tax = f"{one}/ram:CategoryTradeTax"
    return {
        one: f"{pointer}/-",
        f"{one}/ram:ChargeIndicator/udt:Indicator": IGNORED,
        f"{one}/ram:CalculationPercent": f"{pointer}/-/percent",
        f"{one}/ram:BasisAmount": f"{pointer}/-/base_amount",
        f"{one}/ram:ActualAmount": f"{pointer}/-/amount",
        f"{one}/ram:ReasonCode": f"{pointer}/-/reason_code",
        f"{one}/ram:Reason": f"{pointer}/-/reason",
        f"{tax}/ram:TypeCode": IGNORED,
        f"{tax}/ram:CategoryCode": (f"{pointer}/-/tax_category", write_coded_category),
        f"{tax}/ram:RateApplicablePercent": f"{pointer}/-/tax_rate",
    }


def _line_allowance(indicator: str, pointer: str) -> dict[str, Row]:
    path = f"{_LINE}/ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge"
    one = f"{path}[ram:ChargeIndicator/udt:Indicator={indicator}]"
    return {
        one: f"{pointer}/-",
        f"{one}/ram:ChargeIndicator/udt:Indicator": IGNORED,
        f"{one}/ram:CalculationPercent": (f"{pointer}/-/percent", write_part),
        f"{one}/ram:ActualAmount": (f"{pointer}/-/amount", write_part),
    }


def _line() -> dict[str, Row]:
    agreement = f"{_LINE}/ram:SpecifiedLineTradeAgreement"
    delivery = f"{_LINE}/ram:SpecifiedLineTradeDelivery"
    settlement = f"{_LINE}/ram:SpecifiedLineTradeSettlement"
    product = f"{_LINE}/ram:SpecifiedTradeProduct"
    price = f"{agreement}/ram:NetPriceProductTradePrice"
    tax = f"{settlement}/ram:ApplicableTradeTax"
    period = f"{settlement}/ram:BillingSpecifiedPeriod"
    sums = f"{settlement}/ram:SpecifiedTradeSettlementLineMonetarySummation"
    return {
        _LINE: "/lines/-",
        f"{_LINE}/{_LINE_STATUS}": IGNORED,
        f"{_LINE}/ram:AssociatedDocumentLineDocument/ram:LineID": "/lines/-/id",
        f"{product}/ram:GlobalID": ("/lines/-/gtin", write_gtin),
        f"{product}/ram:GlobalID/@schemeID": IGNORED,
        f"{product}/ram:SellerAssignedID": "/lines/-/product_code",
        f"{product}/ram:Name": "/lines/-/description",
        f"{product}/ram:Description": ("/lines/-/description", write_part),
        f"{agreement}/ram:BuyerOrderReferencedDocument/ram:LineID": "/lines/-/order_line_reference",
        f"{price}/ram:ChargeAmount": "/lines/-/unit_price",
        f"{price}/ram:BasisQuantity": ("/lines/-/price_base_quantity", write_price_base),
        f"{price}/ram:BasisQuantity/@unitCode": IGNORED,
        f"{delivery}/ram:BilledQuantity": "/lines/-/quantity",
        f"{delivery}/ram:BilledQuantity/@unitCode": ("/lines/-/unit", write_unit),
        f"{tax}/ram:TypeCode": IGNORED,
        f"{tax}/ram:CategoryCode": ("/lines/-/tax_category", write_coded_category),
        f"{tax}/ram:RateApplicablePercent": "/lines/-/tax_rate",
        f"{tax}/ram:CalculatedAmount": "/lines/-/tax_amount",
        **_moment(f"{period}/ram:StartDateTime", "/lines/-/period_start"),
        **_moment(f"{period}/ram:EndDateTime", "/lines/-/period_end"),
        **_line_allowance("false|0", "/lines/-/allowances"),
        **_line_allowance("true|1", "/lines/-/charges"),
        f"{sums}/ram:LineTotalAmount": "/lines/-/net_amount",
        f"{sums}/ram:TaxTotalAmount": "/lines/-/tax_amount",
        f"{sums}/ram:GrandTotalAmount": "/lines/-/gross_amount",
    }


def _payment() -> dict[str, Row]:
    account = f"{_MEANS}/ram:PayeePartyCreditorFinancialAccount"
    card = f"{_MEANS}/ram:ApplicableTradeSettlementFinancialCard"
    bank = f"{_MEANS}/ram:PayeeSpecifiedCreditorFinancialInstitution"
    return {
        f"{_SETTLEMENT}/ram:CreditorReferenceID": "/payment/creditor_id",
        f"{_SETTLEMENT}/ram:PaymentReference": "/payment/reference",
        _MEANS: "/payment/accounts/-",
        f"{_MEANS}/ram:TypeCode": "/payment/means_code",
        f"{_MEANS}/ram:Information": "/payment/means_text",
        f"{card}/ram:ID": ("/payment/card_last4", write_card),
        f"{account}/ram:IBANID": ("/payment/accounts/-/iban", write_account),
        f"{account}/ram:AccountName": "/payment/accounts/-/holder",
        f"{account}/ram:ProprietaryID": ("/payment/accounts/-/account_number", write_account),
        f"{bank}/ram:BICID": ("/payment/accounts/-/bic", write_bank),
        f"{bank}/ram:Name": "/payment/accounts/-/bank_name",
        _TERMS: "/payment/instalments/-",
        f"{_TERMS}/ram:Description": ("/payment/terms", write_lines),
        **_moment(f"{_TERMS}/ram:DueDateDateTime", "/payment/instalments/-/due_date"),
        f"{_TERMS}/ram:PartialPaymentAmount": "/payment/instalments/-/amount",
        f"{_TERMS}/ram:DirectDebitMandateID": "/payment/mandate_reference",
    }


def _settlement() -> dict[str, Row]:
    tax = f"{_SETTLEMENT}/ram:ApplicableTradeTax"
    freight = f"{_SETTLEMENT}/ram:SpecifiedLogisticsServiceCharge"
    period = f"{_SETTLEMENT}/ram:BillingSpecifiedPeriod"
    preceding = f"{_SETTLEMENT}/ram:InvoiceReferencedDocument"
    allowance = f"{_SETTLEMENT}/ram:SpecifiedTradeAllowanceCharge"
    return {
        f"{_SETTLEMENT}/ram:TaxCurrencyCode": "/tax_currency",
        CURRENCY: "/currency",
        **_party(f"{_SETTLEMENT}/ram:PayeeTradeParty", "/payee"),
        tax: "/taxes/-",
        f"{tax}/ram:CalculatedAmount": "/taxes/-/tax_amount",
        f"{tax}/ram:TypeCode": "/taxes/-/name",
        f"{tax}/ram:ExemptionReason": "/taxes/-/exemption_reason",
        f"{tax}/ram:BasisAmount": "/taxes/-/taxable_amount",
        f"{tax}/ram:CategoryCode": ("/taxes/-/category", write_category),
        f"{tax}/ram:RateApplicablePercent": "/taxes/-/rate",
        **_moment(f"{tax}/ram:TaxPointDate", "/tax_point_date"),
        **_moment(f"{period}/ram:StartDateTime", "/period_start"),
        **_moment(f"{period}/ram:EndDateTime", "/period_end"),
        **_allowance(allowance, "false|0", "/allowances"),
        **_allowance(allowance, "true|1", "/charges"),
        freight: "/charges/-",
        f"{freight}/ram:Description": "/charges/-/reason",
        f"{freight}/ram:AppliedAmount": "/charges/-/amount",
        f"{freight}/ram:AppliedTradeTax/ram:TypeCode": IGNORED,
        f"{freight}/ram:AppliedTradeTax/ram:CategoryCode": (
            "/charges/-/tax_category",
            write_coded_category,
        ),
        f"{freight}/ram:AppliedTradeTax/ram:RateApplicablePercent": "/charges/-/tax_rate",
        preceding: "/preceding_invoices/-",
        f"{preceding}/ram:IssuerAssignedID": "/preceding_invoices/-/invoice_number",
        **_moment(f"{preceding}/ram:FormattedIssueDateTime", "/preceding_invoices/-/issue_date"),
        f"{_SUMS}/ram:LineTotalAmount": "/totals/lines_net",
        f"{_SUMS}/ram:ChargeTotalAmount": "/totals/charges",
        f"{_SUMS}/ram:AllowanceTotalAmount": "/totals/allowances",
        f"{_SUMS}/ram:TaxBasisTotalAmount": "/totals/net",
        f"{_SUMS}/ram:TaxTotalAmount": ("/totals/tax", write_part),
        f"{_SUMS}/ram:TaxTotalAmount/@currencyID": IGNORED,
        f"{_SUMS}/ram:RoundingAmount": "/totals/rounding",
        f"{_SUMS}/ram:GrandTotalAmount": "/totals/gross",
        f"{_SUMS}/ram:TotalPrepaidAmount": "/totals/paid",
        f"{_SUMS}/ram:DuePayableAmount": "/totals/amount_due",
    }


TABLE: Table = {
    f"{_DOCUMENT}/ram:ID": "/invoice_number",
    f"{_DOCUMENT}/ram:TypeCode": "/type_code",
    **_moment(f"{_DOCUMENT}/ram:IssueDateTime", "/issue_date"),
    f"{_DOCUMENT}/ram:LanguageID": "/language",
    f"{_DOCUMENT}/ram:IncludedNote/ram:Content": "/notes/-",
    **_line(),
    f"{_AGREEMENT}/ram:BuyerReference": "/buyer_reference",
    **_party(f"{_AGREEMENT}/ram:SellerTradeParty", "/seller"),
    **_party(f"{_AGREEMENT}/ram:BuyerTradeParty", "/buyer"),
    f"{_AGREEMENT}/ram:SellerOrderReferencedDocument/ram:IssuerAssignedID": (
        "/sales_order_reference"
    ),
    f"{_AGREEMENT}/ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID": (
        "/purchase_order_reference"
    ),
    f"{_AGREEMENT}/ram:ContractReferencedDocument/ram:IssuerAssignedID": "/contract_reference",
    f"{_AGREEMENT}/ram:SpecifiedProcuringProject/ram:ID": "/project_reference",
    **_party(f"{_DELIVERY}/ram:ShipToTradeParty", "/delivery_party"),
    **_moment(
        f"{_DELIVERY}/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime", "/delivery_date"
    ),
    f"{_DELIVERY}/ram:DespatchAdviceReferencedDocument/ram:IssuerAssignedID": (
        "/despatch_reference"
    ),
    **_settlement(),
    **_payment(),
}
"""Every place of a CrossIndustryInvoice that the invoice has a field for."""
