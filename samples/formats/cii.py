"""UN/CEFACT Cross Industry Invoice D16B in the EN 16931 profile, as Factur-X and ZUGFeRD carry it.

Elements stand in the order of the schema (Factur-X 1.0, CrossIndustryInvoice_100pD16B).
"""

from datetime import date

from lxml import etree

from invoice_extraction.model.invoice import Address, AllowanceCharge, Invoice, Line, Party, Payment
from samples import truth
from samples.formats.base import Sample
from samples.formats.tree import Tree
from samples.layouts import Layout
from samples.wording import Wording

NAMESPACES: dict[str | None, str] = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
    "qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
}
GUIDELINE = "urn:cen.eu:en16931:2017"
DAY = "102"
"""UNTDID 2379: a date as YYYYMMDD."""


def write(invoice: Invoice, layout: Layout, wording: Wording) -> Sample:
    """Return the invoice as bare XML."""
    data, pointers = compose(invoice)
    return Sample(data, ".cii.xml", "xml", truth.told(invoice, pointers | truth.SAID_BY_ALL), {}, 0)


def compose(invoice: Invoice) -> tuple[bytes, set[str]]:
    """Return the XML and the pointers of the values it states."""
    tree = Tree("rsm:CrossIndustryInvoice", NAMESPACES)
    context = tree.under(tree.root, "rsm:ExchangedDocumentContext")
    tree.put(context, "ram:GuidelineSpecifiedDocumentContextParameter/ram:ID", GUIDELINE)
    head = tree.under(tree.root, "rsm:ExchangedDocument")
    tree.put(head, "ram:ID", invoice.invoice_number, "/invoice_number")
    tree.put(head, "ram:TypeCode", invoice.type_code, "/type_code")
    _day(tree, head, "ram:IssueDateTime", invoice.issue_date, "/issue_date")
    for n, note in enumerate(invoice.notes):
        tree.put(head, "ram:IncludedNote/ram:Content", note, f"/notes/{n}")
    deal = tree.under(tree.root, "rsm:SupplyChainTradeTransaction")
    for n, line in enumerate(invoice.lines):
        _line(tree, deal, line, n)
    agreement = tree.under(deal, "ram:ApplicableHeaderTradeAgreement")
    tree.put(agreement, "ram:BuyerReference", invoice.buyer_reference, "/buyer_reference")
    _party(tree, agreement, "ram:SellerTradeParty", invoice.seller, "/seller")
    _party(tree, agreement, "ram:BuyerTradeParty", invoice.buyer, "/buyer")
    tree.put(
        agreement,
        "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID",
        invoice.purchase_order_reference,
        "/purchase_order_reference",
    )
    delivery = tree.under(deal, "ram:ApplicableHeaderTradeDelivery")
    if invoice.delivery_date:
        event = tree.under(delivery, "ram:ActualDeliverySupplyChainEvent")
        _day(tree, event, "ram:OccurrenceDateTime", invoice.delivery_date, "/delivery_date")
    _settlement(tree, tree.under(deal, "ram:ApplicableHeaderTradeSettlement"), invoice)
    return tree.finish(), tree.pointers


def _line(tree: Tree, deal: etree._Element, line: Line, n: int) -> None:
    at = f"/lines/{n}"
    item = tree.under(deal, "ram:IncludedSupplyChainTradeLineItem")
    tree.put(item, "ram:AssociatedDocumentLineDocument/ram:LineID", line.id, f"{at}/id")
    product = tree.under(item, "ram:SpecifiedTradeProduct")
    tree.put(product, "ram:SellerAssignedID", line.product_code, f"{at}/product_code")
    tree.put(product, "ram:Name", line.description, f"{at}/description")
    price = "ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount"
    tree.put(item, price, line.unit_price, f"{at}/unit_price")
    billed = "ram:SpecifiedLineTradeDelivery/ram:BilledQuantity"
    tree.put(item, billed, line.quantity, f"{at}/quantity", unitCode=line.unit_code or "C62")
    tree.pointers.add(f"{at}/unit_code")
    settled = tree.under(item, "ram:SpecifiedLineTradeSettlement")
    tax = tree.under(settled, "ram:ApplicableTradeTax")
    tree.put(tax, "ram:TypeCode", "VAT")
    tree.put(tax, "ram:CategoryCode", line.tax_category, f"{at}/tax_category")
    tree.put(tax, "ram:RateApplicablePercent", line.tax_rate, f"{at}/tax_rate")
    if line.discount_amount is not None:
        less = tree.under(settled, "ram:SpecifiedTradeAllowanceCharge")
        tree.put(less, "ram:ChargeIndicator/udt:Indicator", "false")
        tree.put(less, "ram:CalculationPercent", line.discount_percent, f"{at}/discount_percent")
        tree.put(less, "ram:ActualAmount", line.discount_amount, f"{at}/discount_amount")
        tree.put(less, "ram:ReasonCode", "95")  # UNTDID 5189: discount
    total = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount"
    tree.put(settled, total, line.net_amount, f"{at}/net_amount")


def _party(tree: Tree, parent: etree._Element, name: str, party: Party | None, at: str) -> None:
    if party is None:
        return
    element = tree.under(parent, name)
    for n, identifier in enumerate(party.identifiers):
        if not identifier.scheme:
            tree.put(element, "ram:ID", identifier.value, f"{at}/identifiers/{n}/value")
    tree.put(element, "ram:Name", party.name, f"{at}/name")
    legal = "ram:SpecifiedLegalOrganization/ram:ID"
    tree.put(element, legal, party.registration_id, f"{at}/registration_id")
    if party.contact_name:
        contact = tree.under(element, "ram:DefinedTradeContact")
        tree.put(contact, "ram:PersonName", party.contact_name, f"{at}/contact_name")
        phone = "ram:TelephoneUniversalCommunication/ram:CompleteNumber"
        tree.put(contact, phone, party.phone, f"{at}/phone")
        email = "ram:EmailURIUniversalCommunication/ram:URIID"
        tree.put(contact, email, party.email, f"{at}/email")
    address = party.address or Address()
    place = tree.under(element, "ram:PostalTradeAddress")
    tree.put(place, "ram:PostcodeCode", address.postal_code, f"{at}/address/postal_code")
    tree.put(place, "ram:LineOne", address.street, f"{at}/address/street")
    tree.put(place, "ram:CityName", address.city, f"{at}/address/city")
    tree.put(place, "ram:CountryID", address.country, f"{at}/address/country")
    tree.put(place, "ram:CountrySubDivisionName", address.region, f"{at}/address/region")
    for n, identifier in enumerate(party.identifiers):
        if identifier.scheme:
            pointer = f"{at}/identifiers/{n}"
            tree.put(
                element,
                "ram:URIUniversalCommunication/ram:URIID",
                identifier.value,
                f"{pointer}/value",
                schemeID=identifier.scheme,
            )
            tree.pointers.add(f"{pointer}/scheme")
    if party.tax_id:
        registration = "ram:SpecifiedTaxRegistration/ram:ID"
        tree.put(element, registration, party.tax_id, f"{at}/tax_id", schemeID="VA")


def _settlement(tree: Tree, element: etree._Element, invoice: Invoice) -> None:
    pay = invoice.payment or Payment()
    tree.put(element, "ram:PaymentReference", pay.reference, "/payment/reference")
    tree.put(element, "ram:InvoiceCurrencyCode", invoice.currency, "/currency")
    for n, account in enumerate(pay.accounts):
        at = f"/payment/accounts/{n}"
        means = tree.under(element, "ram:SpecifiedTradeSettlementPaymentMeans")
        tree.put(means, "ram:TypeCode", pay.means_code, "/payment/means_code")
        to = tree.under(means, "ram:PayeePartyCreditorFinancialAccount")
        tree.put(to, "ram:IBANID", account.iban, f"{at}/iban")
        tree.put(to, "ram:AccountName", account.holder, f"{at}/holder")
        bank = "ram:PayeeSpecifiedCreditorFinancialInstitution/ram:BICID"
        tree.put(means, bank, account.bic, f"{at}/bic")
    for n, tax in enumerate(invoice.taxes):
        at = f"/taxes/{n}"
        band = tree.under(element, "ram:ApplicableTradeTax")
        tree.put(band, "ram:CalculatedAmount", tax.tax_amount, f"{at}/tax_amount")
        tree.put(band, "ram:TypeCode", "VAT")
        tree.put(band, "ram:ExemptionReason", tax.exemption_reason, f"{at}/exemption_reason")
        tree.put(band, "ram:BasisAmount", tax.taxable_amount, f"{at}/taxable_amount")
        tree.put(band, "ram:CategoryCode", tax.category, f"{at}/category")
        tree.put(band, "ram:RateApplicablePercent", tax.rate, f"{at}/rate")
    for n, allowance in enumerate(invoice.allowances):
        _allowance(tree, element, allowance, f"/allowances/{n}", "false")
    for n, charge in enumerate(invoice.charges):
        _allowance(tree, element, charge, f"/charges/{n}", "true")
    if pay.terms or invoice.due_date:
        terms = tree.under(element, "ram:SpecifiedTradePaymentTerms")
        tree.put(terms, "ram:Description", pay.terms, "/payment/terms")
        _day(tree, terms, "ram:DueDateDateTime", invoice.due_date, "/due_date")
    _sums(tree, element, invoice)
    for n, earlier in enumerate(invoice.preceding_invoices):
        at = f"/preceding_invoices/{n}"
        before = tree.under(element, "ram:InvoiceReferencedDocument")
        tree.put(before, "ram:IssuerAssignedID", earlier.invoice_number, f"{at}/invoice_number")
        moment = "ram:FormattedIssueDateTime"
        _day(tree, before, moment, earlier.issue_date, f"{at}/issue_date", "qdt")


def _allowance(
    tree: Tree, parent: etree._Element, one: AllowanceCharge, at: str, is_charge: str
) -> None:
    element = tree.under(parent, "ram:SpecifiedTradeAllowanceCharge")
    tree.put(element, "ram:ChargeIndicator/udt:Indicator", is_charge)
    tree.put(element, "ram:CalculationPercent", one.percent, f"{at}/percent")
    tree.put(element, "ram:BasisAmount", one.base_amount, f"{at}/base_amount")
    tree.put(element, "ram:ActualAmount", one.amount, f"{at}/amount")
    tree.put(element, "ram:Reason", one.reason, f"{at}/reason")
    tax = tree.under(element, "ram:CategoryTradeTax")
    tree.put(tax, "ram:TypeCode", "VAT")
    tree.put(tax, "ram:CategoryCode", one.tax_category, f"{at}/tax_category")
    tree.put(tax, "ram:RateApplicablePercent", one.tax_rate, f"{at}/tax_rate")


def _sums(tree: Tree, parent: etree._Element, invoice: Invoice) -> None:
    sums = invoice.totals
    element = tree.under(parent, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    tree.put(element, "ram:LineTotalAmount", sums.lines_net, "/totals/lines_net")
    tree.put(element, "ram:ChargeTotalAmount", sums.charges, "/totals/charges")
    tree.put(element, "ram:AllowanceTotalAmount", sums.allowances, "/totals/allowances")
    tree.put(element, "ram:TaxBasisTotalAmount", sums.net, "/totals/net")
    currency = invoice.currency or ""
    tree.put(element, "ram:TaxTotalAmount", sums.tax, "/totals/tax", currencyID=currency)
    tree.put(element, "ram:GrandTotalAmount", sums.gross, "/totals/gross")
    tree.put(element, "ram:DuePayableAmount", sums.amount_due, "/totals/amount_due")


def _day(
    tree: Tree,
    parent: etree._Element,
    path: str,
    moment: date | None,
    pointer: str,
    types: str = "udt",
) -> None:
    if moment:
        text = f"{moment:%Y%m%d}"
        tree.put(parent, f"{path}/{types}:DateTimeString", text, pointer, format=DAY)
