"""A form of ruled cells in a serif face: labels above values, the buyer's box beside the document's."""

from invoice_extraction.model.invoice import Address, Invoice, Party
from samples.layouts import table, values
from samples.layouts.base import Layout
from samples.sheet import Sheet, value
from samples.wording import Wording

LEFT, RIGHT, BOTTOM = 50.0, 545.0, 780.0

COLUMNS = (
    table.Column("product_code", 53, 98),
    table.Column("description", 104, 284),
    table.Column("quantity", 290, 326, "right"),
    table.Column("unit", 332, 370),
    table.Column("unit_price", 376, 426, "right"),
    table.Column("tax_rate", 432, 474, "right"),
    table.Column("line_amount", 480, 542, "right"),
)


def draw(sheet: Sheet, invoice: Invoice, wording: Wording) -> None:
    """Draw the form."""
    seller, buyer = invoice.seller or Party(), invoice.buyer or Party()
    middle = sheet.width / 2
    sheet.text(
        middle, 56, value(seller.name or "", "/seller/name"), size=14, bold=True, align="centre"
    )
    y = 72.0
    for parts in values.address(seller.address or Address(), "/seller/address", wording):
        sheet.text(middle, y, *parts, align="centre")
        y += 11
    for name, shown in values.seller_contacts(invoice, wording):
        if shown.pointers[0] in ("/seller/tax_id", "/seller/phone", "/seller/email"):
            sheet.text(middle, y, name, ": ", shown, align="centre")
            y += 11
    sheet.text(
        middle, y + 16, values.title(invoice, wording).upper(), size=13, bold=True, align="centre"
    )
    y = _boxes(sheet, invoice, buyer, wording, y + 30)

    def turn() -> float:
        sheet.next_page()
        sheet.text(RIGHT, 40, f"{wording.label('page')} {sheet.page}", size=8, align="right")
        return 66

    look = table.Look(size=8.5, grid=True, head="#d9d9d9")
    y = table.draw(sheet, y + 26, COLUMNS, invoice, wording, look, BOTTOM, turn)
    sums = list(values.totals(invoice, wording))
    if y + 15 * (len(sums) + 7) > BOTTOM:
        y = turn()
    text, amount = values.gross(invoice, wording)
    rows = [(label, shown, False) for label, shown in sums] + [((text,), amount, True)]
    sheet.rule(300, y - 9, RIGHT)
    first = y - 9
    for label, shown, strong in rows:
        room = 230 - sheet.measure(shown.text, bold=strong)
        sheet.text(304, y + 2, *label, bold=strong, room=room)
        sheet.text(542, y + 2, shown, bold=strong, align="right")
        y += 15
        sheet.rule(300, y - 9, RIGHT)
    for x in (300, RIGHT):
        sheet.upright(x, first, y - 9)
    y += 10
    for name, shown in values.payment(invoice, wording):
        sheet.text(LEFT, y, name, ": ", shown, size=8.5)
        y += 11.5
    for n, note in enumerate(invoice.notes):
        y = sheet.paragraph(LEFT, y, 480, value(note, f"/notes/{n}"), size=8.5)


def _boxes(sheet: Sheet, invoice: Invoice, buyer: Party, wording: Wording, top: float) -> float:
    """Draw the buyer's box and the cells of the head; return the y of their lower edge."""
    heads = list(values.heads(invoice, wording))
    rows = (len(heads) + 1) // 2
    bottom = top + max(27 * rows, 80)
    for y in (top, bottom):
        sheet.rule(LEFT, y, RIGHT)
    for x in (LEFT, 270, RIGHT):
        sheet.upright(x, top, bottom)
    sheet.text(LEFT + 5, top + 11, wording.label("bill_to"), size=7)
    y = top + 25
    y = sheet.paragraph(LEFT + 5, y, 210, value(buyer.name or "", "/buyer/name"), bold=True) - 11
    for parts in values.address(buyer.address or Address(), "/buyer/address", wording):
        y += 12
        sheet.text(LEFT + 5, y, *parts)
    for n, (label, parts) in enumerate(heads):
        x, y = 275 + 136 * (n % 2), top + 27 * (n // 2)
        sheet.text(x, y + 9, label, size=7)
        sheet.text(x, y + 21, *parts, size=8.5)
    return bottom


LAYOUT = Layout(draw, frozenset({"invoice", "credit_note"}), family="serif")
