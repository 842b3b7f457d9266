"""The values of an invoice as they are printed, each with its pointer: what all layouts draw from."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from invoice_extraction.model.invoice import Address, Invoice, Line, Tax
from samples.labels import DUE
from samples.sheet import Part, Value, value
from samples.wording import Wording


def number(invoice: Invoice) -> Value:
    """Return the document's number."""
    return value(invoice.invoice_number or "", "/invoice_number")


def number_label(invoice: Invoice, wording: Wording) -> str:
    """Return the label that stands before the document's number."""
    return wording.label(f"{invoice.document_type}_number")


def title(invoice: Invoice, wording: Wording) -> str:
    """Return what the document calls itself."""
    return wording.label(invoice.document_type or "invoice")


def money(amount: Decimal, wording: Wording, pointer: str) -> Value:
    """Return an amount with its currency, which is thereby shown too."""
    return value(wording.money(amount), pointer, "/currency")


def heads(invoice: Invoice, wording: Wording) -> Iterator[tuple[str, tuple[Part, ...]]]:
    """Yield label and value of what stands at the head: number, dates, references."""
    yield number_label(invoice, wording), (number(invoice),)
    for key, known in (
        ("issue_date", invoice.issue_date),
        ("delivery_date", invoice.delivery_date),
        ("due_date", invoice.due_date),
    ):
        if known:
            yield wording.label(key), (day(known, wording, f"/{key}"),)
    if invoice.purchase_order_reference:
        order = value(invoice.purchase_order_reference, "/purchase_order_reference")
        yield wording.label("purchase_order"), (order,)
    if invoice.buyer_reference:
        yield (
            wording.label("buyer_reference"),
            (value(invoice.buyer_reference, "/buyer_reference"),),
        )
    if invoice.buyer:
        for n, identifier in enumerate(invoice.buyer.identifiers):
            if identifier.scheme:
                continue
            shown = value(identifier.value, f"/buyer/identifiers/{n}/value")
            yield wording.label("customer_number"), (shown,)
        if invoice.buyer.tax_id:
            yield wording.label("buyer_tax_id"), (value(invoice.buyer.tax_id, "/buyer/tax_id"),)
    for n, earlier in enumerate(invoice.preceding_invoices):
        pointer = f"/preceding_invoices/{n}"
        shown = value(earlier.invoice_number or "", f"{pointer}/invoice_number")
        yield wording.label("preceding"), (shown,)
        if earlier.issue_date:
            moment = day(earlier.issue_date, wording, f"{pointer}/issue_date")
            yield wording.label("preceding_date"), (moment,)


def day(moment: date, wording: Wording, pointer: str) -> Value:
    """Return a date as printed."""
    return value(wording.day(moment), pointer)


def address(of: Address, pointer: str, wording: Wording) -> list[tuple[Part, ...]]:
    """Return the printed lines of an address, below the name."""
    street = value(of.street or "", f"{pointer}/street")
    code = value(of.postal_code or "", f"{pointer}/postal_code")
    city = value(of.city or "", f"{pointer}/city")
    if of.region:
        return [(street,), (city, ", ", value(of.region, f"{pointer}/region"), " ", code)]
    if wording.language == "en":
        return [(street,), (city,), (code,)]
    return [(street,), (code, " ", city)]


def totals(invoice: Invoice, wording: Wording) -> Iterator[tuple[tuple[Part, ...], Value]]:
    """Yield label and amount of each sum above the gross total."""
    sums = invoice.totals
    if sums.lines_net is not None and (invoice.allowances or invoice.charges):
        yield (wording.label("subtotal"),), money(sums.lines_net, wording, "/totals/lines_net")
    for n, allowance in enumerate(invoice.allowances):
        pointer = f"/allowances/{n}"
        parts: list[Part] = [value(allowance.reason or "", f"{pointer}/reason")]
        if allowance.percent is not None:
            parts += [" ", value(wording.percent(allowance.percent), f"{pointer}/percent")]
        amount = allowance.amount or Decimal(0)
        yield tuple(parts), value(f"-{wording.money(amount)}", f"{pointer}/amount", "/currency")
    for n, charge in enumerate(invoice.charges):
        reason = value(charge.reason or "", f"/charges/{n}/reason")
        yield (reason,), money(charge.amount or Decimal(0), wording, f"/charges/{n}/amount")
    if sums.net is not None:
        yield (wording.label("net"),), money(sums.net, wording, "/totals/net")
    for n, tax in enumerate(invoice.taxes):
        yield (
            tax_label(tax, n, wording, of_several=len(invoice.taxes) > 1),
            tax_amount(invoice, n, wording),
        )
    if len(invoice.taxes) > 1 and sums.tax is not None:
        yield (wording.label("tax_total"),), money(sums.tax, wording, "/totals/tax")


def tax_label(tax: Tax, n: int, wording: Wording, of_several: bool) -> tuple[Part, ...]:
    """Return "USt. 19 %", and of several bands also what each is taken on."""
    rate = value(wording.percent(tax.rate or Decimal(0)), f"/taxes/{n}/rate")
    parts: tuple[Part, ...] = (wording.label("tax"), " ", rate)
    if of_several and tax.taxable_amount is not None:
        base = value(wording.amount(tax.taxable_amount), f"/taxes/{n}/taxable_amount")
        parts = (*parts, f" {wording.label('taxable')} ", base)
    return parts


def tax_amount(invoice: Invoice, n: int, wording: Wording) -> Value:
    """Return a band's amount; where it is the only band, it is the total of tax too."""
    amount = invoice.taxes[n].tax_amount or Decimal(0)
    both = ("/totals/tax",) if len(invoice.taxes) == 1 else ()
    return value(wording.money(amount), f"/taxes/{n}/tax_amount", *both, "/currency")


def gross(invoice: Invoice, wording: Wording) -> tuple[str, Value]:
    """Return label and amount of the gross total."""
    key = {"credit_note": "credit", "receipt": "sum"}.get(invoice.document_type or "", "gross")
    label = wording.label(key)
    due = ("/totals/amount_due",) if label in DUE else ()
    amount = wording.money(invoice.totals.gross or Decimal(0))
    return label, value(amount, "/totals/gross", *due, "/currency")


def payment(invoice: Invoice, wording: Wording) -> Iterator[tuple[str, Value]]:
    """Yield label and value of how to pay: bank, account, reference, terms."""
    if not invoice.payment:
        return
    for n, account in enumerate(invoice.payment.accounts):
        pointer = f"/payment/accounts/{n}"
        for key, text, name in (
            ("bank", account.bank_name, "bank_name"),
            ("iban", grouped(account.iban), "iban"),
            ("bic", account.bic, "bic"),
            ("account", account.account_number, "account_number"),
            ("routing", account.routing_number, "routing_number"),
        ):
            if text:
                yield wording.label(key), value(text, f"{pointer}/{name}")
    if invoice.payment.reference:
        yield wording.label("reference"), value(invoice.payment.reference, "/payment/reference")
    if invoice.payment.terms:
        yield wording.label("terms"), value(invoice.payment.terms, "/payment/terms")


def grouped(iban: str | None) -> str | None:
    """Return an IBAN in groups of four (ISO 13616, paper format); None for none."""
    return " ".join(iban[n : n + 4] for n in range(0, len(iban), 4)) if iban else None


def seller_contacts(invoice: Invoice, wording: Wording) -> Iterator[tuple[str, Value]]:
    """Yield label and value of how to reach the seller and where it is registered."""
    seller = invoice.seller
    if not seller:
        return
    for key, text, name in (
        ("contact", seller.contact_name, "contact_name"),
        ("phone", seller.phone, "phone"),
        ("email", seller.email, "email"),
        ("website", seller.website, "website"),
        ("registration", seller.registration_id, "registration_id"),
        ("tax_id", seller.tax_id, "tax_id"),
    ):
        if text:
            yield wording.label(key), value(text, f"/seller/{name}")


def cell(name: str, line: Line, n: int, wording: Wording) -> Part:
    """Return what stands in one column of one line, "" where it has nothing there. Raises KeyError."""
    pointer = f"/lines/{n}"
    quantity = line.quantity if line.quantity is not None else Decimal(0)
    cells: dict[str, tuple[str, str] | None] = {
        "position": (line.id or "", "id"),
        "description": (line.description or "", "description"),
        "product_code": (line.product_code, "product_code") if line.product_code else None,
        "quantity": (wording.number(quantity), "quantity"),
        "unit": (line.unit or "", "unit"),
        "unit_price": (wording.amount(line.unit_price or Decimal(0)), "unit_price"),
        "discount": (wording.percent(line.discount_percent), "discount_percent")
        if line.discount_percent is not None
        else None,
        "tax_rate": (wording.percent(line.tax_rate or Decimal(0)), "tax_rate"),
        "line_amount": (wording.amount(line.net_amount), "net_amount")
        if line.net_amount is not None
        else (wording.amount(line.gross_amount or Decimal(0)), "gross_amount"),
    }
    found = cells[name]
    return value(found[0], f"{pointer}/{found[1]}") if found else ""
