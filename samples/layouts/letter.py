"""A business letter with an address window (after DIN 5008 form B), the seller's particulars at the foot."""

from invoice_extraction.model.invoice import Address, Invoice, Party
from samples.layouts import table, values
from samples.layouts.base import Layout
from samples.sheet import Part, Sheet, value
from samples.wording import Wording

LEFT, RIGHT, FOOT = 70.9, 538.6, 752.0
WINDOW_TOP = 141.7

COLUMNS = (
    table.Column("position", 71, 92),
    table.Column("description", 95, 290),
    table.Column("quantity", 292, 334, "right"),
    table.Column("unit", 340, 378),
    table.Column("unit_price", 380, 438, "right"),
    table.Column("discount", 440, 476, "right"),
    table.Column("line_amount", 478, 536, "right"),
)


def draw(sheet: Sheet, invoice: Invoice, wording: Wording) -> None:
    """Draw the letter."""
    seller, buyer = invoice.seller or Party(), invoice.buyer or Party()
    sheet.text(
        RIGHT, 70, value(seller.name or "", "/seller/name"), size=15, bold=True, align="right"
    )
    _window(sheet, seller, buyer, wording)
    y = WINDOW_TOP
    for label, parts in values.heads(invoice, wording):
        sheet.text(345, y, label, ":", size=8.5)
        sheet.text(462, y, *parts, size=8.5)
        y += 12.5
    sheet.text(
        LEFT, 312, values.title(invoice, wording), " ", values.number(invoice), size=13, bold=True
    )
    opening = "opening_credit" if invoice.document_type == "credit_note" else "opening"
    sheet.text(LEFT, 336, wording.sentence("salutation"))
    sheet.text(LEFT, 352, wording.sentence(opening))
    _foot(sheet, invoice, wording)

    def turn() -> float:
        sheet.next_page()
        _foot(sheet, invoice, wording)
        sheet.text(LEFT, 60, values.title(invoice, wording), " ", values.number(invoice), size=8)
        sheet.text(RIGHT, 60, f"{wording.label('page')} {sheet.page}", size=8, align="right")
        return 90

    y = table.draw(sheet, 380, COLUMNS, invoice, wording, table.Look(), FOOT - 30, turn)
    sums = list(values.totals(invoice, wording))
    if y + 14 * (len(sums) + 6) > FOOT:
        y = turn()
    y += 8
    for named, amount in sums:
        sheet.text(330, y, *named, room=200 - sheet.measure(amount.text))
        sheet.text(536, y, amount, align="right")
        y += 14
    label_text, amount = values.gross(invoice, wording)
    sheet.rule(330, y - 10, 539, 0.8)
    sheet.text(330, y + 2, label_text, bold=True, size=10)
    sheet.text(536, y + 2, amount, bold=True, size=10, align="right")
    sheet.rule(330, y + 6, 539, 0.8)
    y += 28
    for n, note in enumerate(invoice.notes):
        y = sheet.paragraph(LEFT, y, 460, value(note, f"/notes/{n}"))
    for name, shown in values.payment(invoice, wording):
        if "/payment/terms" in shown.pointers or "/payment/reference" in shown.pointers:
            sheet.text(LEFT, y, name, ": ", shown)
            y += 13


def _window(sheet: Sheet, seller: Party, buyer: Party, wording: Wording) -> None:
    """Draw the sender's small line and the receiver into the window of the envelope."""
    small: list[Part] = [value(seller.name or "", "/seller/name")]
    for line in values.address(seller.address or Address(), "/seller/address", wording):
        small += [" · ", *line]
    sheet.text(LEFT, WINDOW_TOP, *small, size=6.5)
    y = WINDOW_TOP + 22
    sheet.text(LEFT, y, value(buyer.name or "", "/buyer/name"), size=10)
    y += 13
    if buyer.contact_name:
        sheet.text(
            LEFT,
            y,
            wording.label("attention"),
            " ",
            value(buyer.contact_name, "/buyer/contact_name"),
            size=10,
        )
        y += 13
    for line in values.address(buyer.address or Address(), "/buyer/address", wording):
        sheet.text(LEFT, y, *line, size=10)
        y += 13


def _foot(sheet: Sheet, invoice: Invoice, wording: Wording) -> None:
    """Draw three columns: the seller, how to reach it, where to pay."""
    seller = invoice.seller or Party()
    sheet.rule(LEFT, FOOT + 8, RIGHT, 0.4)
    first: list[tuple[Part, ...]] = [(value(seller.name or "", "/seller/name"),)]
    first += values.address(seller.address or Address(), "/seller/address", wording)
    second: list[tuple[Part, ...]] = [
        (label, ": ", shown) for label, shown in values.seller_contacts(invoice, wording)
    ]
    third: list[tuple[Part, ...]] = [
        (label, ": ", shown)
        for label, shown in values.payment(invoice, wording)
        if shown.pointers[0].startswith("/payment/accounts")
    ]
    for x, room, lines in ((LEFT, 146, first), (222, 163, second), (390, 149, third)):
        for n, parts in enumerate(lines):
            sheet.text(x, FOOT + 20 + 9.5 * n, *parts, size=6.8, room=room)


LAYOUT = Layout(draw, frozenset({"invoice", "credit_note"}))
