"""UBL 2.1 Invoice and CreditNote, set out as Peppol BIS Billing 3.0 asks.

Elements stand in the order of the schema (OASIS UBL 2.1, UBL-Invoice-2.1 and UBL-CreditNote-2.1).
"""

from invoice_extraction.model.invoice import Address, AllowanceCharge, Invoice, Line, Party, Payment
from samples import truth
from samples.formats.base import Sample
from samples.formats.tree import Tree
from samples.layouts import Layout
from samples.wording import Wording

CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
COMPONENTS = "urn:oasis:names:specification:ubl:schema:xsd:Common{}Components-2"


def write(invoice: Invoice, layout: Layout, wording: Wording) -> Sample:
    """Return the invoice or credit note as bare XML."""
    data, pointers = compose(invoice)
    return Sample(data, ".ubl.xml", "xml", truth.told(invoice, pointers | truth.SAID_BY_ALL), {}, 0)


def compose(invoice: Invoice) -> tuple[bytes, set[str]]:
    """Return the XML and the pointers of the values it states."""
    credit = invoice.document_type == "credit_note"
    kind = "CreditNote" if credit else "Invoice"
    tree = Tree(
        kind,
        {
            None: f"urn:oasis:names:specification:ubl:schema:xsd:{kind}-2",
            "cac": COMPONENTS.format("Aggregate"),
            "cbc": COMPONENTS.format("Basic"),
        },
    )
    root, pay = tree.root, invoice.payment or Payment()
    tree.put(root, "cbc:CustomizationID", CUSTOMIZATION)
    tree.put(root, "cbc:ProfileID", PROFILE)
    tree.put(root, "cbc:ID", invoice.invoice_number, "/invoice_number")
    tree.put(root, "cbc:IssueDate", invoice.issue_date, "/issue_date")
    if not credit:
        tree.put(root, "cbc:DueDate", invoice.due_date, "/due_date")
    tree.put(root, f"cbc:{kind}TypeCode", invoice.type_code, "/type_code")
    for n, note in enumerate(invoice.notes):
        tree.put(root, "cbc:Note", note, f"/notes/{n}")
    tree.put(root, "cbc:DocumentCurrencyCode", invoice.currency, "/currency")
    tree.put(root, "cbc:BuyerReference", invoice.buyer_reference, "/buyer_reference")
    order = "/purchase_order_reference"
    tree.put(root, "cac:OrderReference/cbc:ID", invoice.purchase_order_reference, order)
    for n, earlier in enumerate(invoice.preceding_invoices):
        at = f"/preceding_invoices/{n}"
        before = tree.under(root, "cac:BillingReference/cac:InvoiceDocumentReference")
        tree.put(before, "cbc:ID", earlier.invoice_number, f"{at}/invoice_number")
        tree.put(before, "cbc:IssueDate", earlier.issue_date, f"{at}/issue_date")
    _party(tree, "cac:AccountingSupplierParty/cac:Party", invoice.seller, "/seller")
    _party(tree, "cac:AccountingCustomerParty/cac:Party", invoice.buyer, "/buyer")
    delivered = "cac:Delivery/cbc:ActualDeliveryDate"
    tree.put(root, delivered, invoice.delivery_date, "/delivery_date")
    for n, account in enumerate(pay.accounts):
        at = f"/payment/accounts/{n}"
        means = tree.under(root, "cac:PaymentMeans")
        tree.put(means, "cbc:PaymentMeansCode", pay.means_code, "/payment/means_code")
        tree.put(means, "cbc:PaymentID", pay.reference, "/payment/reference")
        to = tree.under(means, "cac:PayeeFinancialAccount")
        tree.put(to, "cbc:ID", account.iban, f"{at}/iban")
        tree.put(to, "cbc:Name", account.holder, f"{at}/holder")
        tree.put(to, "cac:FinancialInstitutionBranch/cbc:ID", account.bic, f"{at}/bic")
    tree.put(root, "cac:PaymentTerms/cbc:Note", pay.terms, "/payment/terms")
    for n, allowance in enumerate(invoice.allowances):
        _allowance(tree, invoice, allowance, f"/allowances/{n}", "false")
    for n, charge in enumerate(invoice.charges):
        _allowance(tree, invoice, charge, f"/charges/{n}", "true")
    _taxes(tree, invoice)
    _sums(tree, invoice)
    for n, line in enumerate(invoice.lines):
        _line(tree, invoice, line, n, credit)
    return tree.finish(), tree.pointers


def _party(tree: Tree, path: str, party: Party | None, at: str) -> None:
    if party is None:
        return
    element = tree.under(tree.root, path)
    for n, identifier in enumerate(party.identifiers):
        pointer = f"{at}/identifiers/{n}"
        if identifier.scheme:
            tree.put(
                element,
                "cbc:EndpointID",
                identifier.value,
                f"{pointer}/value",
                schemeID=identifier.scheme,
            )
            tree.pointers.add(f"{pointer}/scheme")
    for n, identifier in enumerate(party.identifiers):
        if not identifier.scheme:
            pointer = f"{at}/identifiers/{n}/value"
            tree.put(element, "cac:PartyIdentification/cbc:ID", identifier.value, pointer)
    address = party.address or Address()
    place = tree.under(element, "cac:PostalAddress")
    tree.put(place, "cbc:StreetName", address.street, f"{at}/address/street")
    tree.put(place, "cbc:CityName", address.city, f"{at}/address/city")
    tree.put(place, "cbc:PostalZone", address.postal_code, f"{at}/address/postal_code")
    tree.put(place, "cbc:CountrySubentity", address.region, f"{at}/address/region")
    tree.put(place, "cac:Country/cbc:IdentificationCode", address.country, f"{at}/address/country")
    if party.tax_id:
        scheme = tree.under(element, "cac:PartyTaxScheme")
        tree.put(scheme, "cbc:CompanyID", party.tax_id, f"{at}/tax_id")
        tree.put(scheme, "cac:TaxScheme/cbc:ID", "VAT")
    legal = tree.under(element, "cac:PartyLegalEntity")
    tree.put(legal, "cbc:RegistrationName", party.name, f"{at}/name")
    tree.put(legal, "cbc:CompanyID", party.registration_id, f"{at}/registration_id")
    if party.contact_name:
        contact = tree.under(element, "cac:Contact")
        tree.put(contact, "cbc:Name", party.contact_name, f"{at}/contact_name")
        tree.put(contact, "cbc:Telephone", party.phone, f"{at}/phone")
        tree.put(contact, "cbc:ElectronicMail", party.email, f"{at}/email")


def _allowance(tree: Tree, invoice: Invoice, one: AllowanceCharge, at: str, is_charge: str) -> None:
    currency = invoice.currency or ""
    element = tree.under(tree.root, "cac:AllowanceCharge")
    tree.put(element, "cbc:ChargeIndicator", is_charge)
    tree.put(element, "cbc:AllowanceChargeReason", one.reason, f"{at}/reason")
    tree.put(element, "cbc:MultiplierFactorNumeric", one.percent, f"{at}/percent")
    tree.put(element, "cbc:Amount", one.amount, f"{at}/amount", currencyID=currency)
    tree.put(element, "cbc:BaseAmount", one.base_amount, f"{at}/base_amount", currencyID=currency)
    category = tree.under(element, "cac:TaxCategory")
    tree.put(category, "cbc:ID", one.tax_category, f"{at}/tax_category")
    tree.put(category, "cbc:Percent", one.tax_rate, f"{at}/tax_rate")
    tree.put(category, "cac:TaxScheme/cbc:ID", "VAT")


def _taxes(tree: Tree, invoice: Invoice) -> None:
    currency = invoice.currency or ""
    total = tree.under(tree.root, "cac:TaxTotal")
    tree.put(total, "cbc:TaxAmount", invoice.totals.tax, "/totals/tax", currencyID=currency)
    for n, tax in enumerate(invoice.taxes):
        at = f"/taxes/{n}"
        band = tree.under(total, "cac:TaxSubtotal")
        base = f"{at}/taxable_amount"
        tree.put(band, "cbc:TaxableAmount", tax.taxable_amount, base, currencyID=currency)
        tree.put(band, "cbc:TaxAmount", tax.tax_amount, f"{at}/tax_amount", currencyID=currency)
        category = tree.under(band, "cac:TaxCategory")
        tree.put(category, "cbc:ID", tax.category, f"{at}/category")
        tree.put(category, "cbc:Percent", tax.rate, f"{at}/rate")
        reason = "cbc:TaxExemptionReason"
        tree.put(category, reason, tax.exemption_reason, f"{at}/exemption_reason")
        tree.put(category, "cac:TaxScheme/cbc:ID", "VAT")


def _sums(tree: Tree, invoice: Invoice) -> None:
    element = tree.under(tree.root, "cac:LegalMonetaryTotal")
    for name, key in (
        ("LineExtensionAmount", "lines_net"),
        ("TaxExclusiveAmount", "net"),
        ("TaxInclusiveAmount", "gross"),
        ("AllowanceTotalAmount", "allowances"),
        ("ChargeTotalAmount", "charges"),
        ("PayableAmount", "amount_due"),
    ):
        amount = getattr(invoice.totals, key)
        tree.put(
            element, f"cbc:{name}", amount, f"/totals/{key}", currencyID=invoice.currency or ""
        )


def _line(tree: Tree, invoice: Invoice, line: Line, n: int, credit: bool) -> None:
    at, currency = f"/lines/{n}", invoice.currency or ""
    element = tree.under(tree.root, "cac:CreditNoteLine" if credit else "cac:InvoiceLine")
    tree.put(element, "cbc:ID", line.id, f"{at}/id")
    quantity = "cbc:CreditedQuantity" if credit else "cbc:InvoicedQuantity"
    tree.put(element, quantity, line.quantity, f"{at}/quantity", unitCode=line.unit_code or "C62")
    tree.pointers.add(f"{at}/unit_code")
    amount = "cbc:LineExtensionAmount"
    tree.put(element, amount, line.net_amount, f"{at}/net_amount", currencyID=currency)
    if line.discount_amount is not None:
        less = tree.under(element, "cac:AllowanceCharge")
        tree.put(less, "cbc:ChargeIndicator", "false")
        tree.put(less, "cbc:AllowanceChargeReasonCode", "95")  # UNTDID 5189: discount
        factor = "cbc:MultiplierFactorNumeric"
        tree.put(less, factor, line.discount_percent, f"{at}/discount_percent")
        pointer = f"{at}/discount_amount"
        tree.put(less, "cbc:Amount", line.discount_amount, pointer, currencyID=currency)
        base = (
            line.net_amount or 0
        ) + line.discount_amount  # PEPPOL-EN16931-R041: a percent needs its base
        tree.put(less, "cbc:BaseAmount", base, currencyID=currency)
    item = tree.under(element, "cac:Item")
    tree.put(item, "cbc:Name", line.description, f"{at}/description")
    code = "cac:SellersItemIdentification/cbc:ID"
    tree.put(item, code, line.product_code, f"{at}/product_code")
    category = tree.under(item, "cac:ClassifiedTaxCategory")
    tree.put(category, "cbc:ID", line.tax_category, f"{at}/tax_category")
    tree.put(category, "cbc:Percent", line.tax_rate, f"{at}/tax_rate")
    tree.put(category, "cac:TaxScheme/cbc:ID", "VAT")
    price = "cac:Price/cbc:PriceAmount"
    tree.put(element, price, line.unit_price, f"{at}/unit_price", currencyID=currency)
