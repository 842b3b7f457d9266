"""A modern page: coloured header, seller and buyer in two columns, the totals in a box."""

from invoice_extraction.model.invoice import Address, Invoice, Party
from samples.layouts import table, values
from samples.layouts.base import Layout
from samples.sheet import Sheet, value
from samples.wording import Wording

LEFT, RIGHT, BOTTOM = 45.0, 550.0, 770.0
INK, PALE = "#1f4e79", "#e8eef5"

COLUMNS = (
    table.Column("description", 48, 232),
    table.Column("product_code", 236, 288),
    table.Column("quantity", 290, 330, "right"),
    table.Column("unit", 336, 374),
    table.Column("unit_price", 376, 432, "right"),
    table.Column("tax_rate", 434, 480, "right"),
    table.Column("line_amount", 482, 547, "right"),
)


def draw(sheet: Sheet, invoice: Invoice, wording: Wording) -> None:
    """Draw the page."""
    seller = invoice.seller or Party()
    sheet.block(0, 0, sheet.width, 84, INK)
    sheet.text(
        LEFT,
        50,
        value(seller.name or "", "/seller/name"),
        room=330,
        size=15,
        bold=True,
        colour="#ffffff",
    )
    sheet.text(
        RIGHT,
        50,
        values.title(invoice, wording),
        size=20,
        bold=True,
        align="right",
        colour="#ffffff",
    )
    y = max(_parties(sheet, invoice, wording), _heads(sheet, invoice, wording)) + 22

    def turn() -> float:
        sheet.next_page()
        sheet.block(0, 0, sheet.width, 26, INK)
        sheet.text(LEFT, 17, values.number(invoice), size=8, colour="#ffffff")
        sheet.text(
            RIGHT,
            17,
            f"{wording.label('page')} {sheet.page}",
            size=8,
            align="right",
            colour="#ffffff",
        )
        return 56

    look = table.Look(size=8.5, head=INK, head_text="#ffffff", between=True, pad=7)
    columns: tuple[table.Column, ...] = COLUMNS
    if any(line.discount_percent for line in invoice.lines):
        # a discount needs room: it takes the place of the code
        columns = tuple(
            table.Column("discount", 246, 288, "right") if one.name == "product_code" else one
            for one in COLUMNS
        )
    y = table.draw(sheet, y, columns, invoice, wording, look, BOTTOM, turn)
    sums = list(values.totals(invoice, wording))
    height = 15 * len(sums) + 42
    if y + max(height, 110) > BOTTOM:
        y = turn()
    top = y
    sheet.block(318, top, RIGHT - 318, height, PALE)
    y += 17
    for label, amount in sums:
        sheet.text(327, y, *label, size=8.5, room=208 - sheet.measure(amount.text, 8.5))
        sheet.text(542, y, amount, size=8.5, align="right")
        y += 15
    text, amount = values.gross(invoice, wording)
    sheet.block(318, y - 8, RIGHT - 318, 25, INK)
    sheet.text(327, y + 8, text, size=10.5, bold=True, colour="#ffffff")
    sheet.text(542, y + 8, amount, size=10.5, bold=True, align="right", colour="#ffffff")
    y = top + 17
    for name, shown in values.payment(invoice, wording):
        sheet.text(LEFT, y, name, size=7.5, colour="#5b6b7a")
        y = sheet.paragraph(LEFT + 92, y, 170, shown, size=7.5) + 3
    for n, note in enumerate(invoice.notes):
        y = sheet.paragraph(LEFT, y + 4, 250, value(note, f"/notes/{n}"), size=8)
    x, y = LEFT, 806.0
    for name, shown in values.seller_contacts(invoice, wording):
        if x + sheet.measure(f"{name} {shown.text}", 6.5) > RIGHT:
            x, y = LEFT, y + 10
        x = sheet.text(x, y, name, " ", shown, size=6.5) + 11


def _parties(sheet: Sheet, invoice: Invoice, wording: Wording) -> float:
    """Draw seller and buyer beneath one another in the left column; return the baseline below."""
    y = 112.0
    for key, pointer, party in (
        ("from", "/seller", invoice.seller),
        ("bill_to", "/buyer", invoice.buyer),
    ):
        if not party:
            continue
        sheet.text(LEFT, y, wording.label(key), size=7.5, colour="#5b6b7a")
        y += 13
        sheet.text(LEFT, y, value(party.name or "", f"{pointer}/name"), bold=True)
        for parts in values.address(party.address or Address(), f"{pointer}/address", wording):
            y += 12
            sheet.text(LEFT, y, *parts)
        y += 22
    return y - 10


def _heads(sheet: Sheet, invoice: Invoice, wording: Wording) -> float:
    """Draw each label above its value in the right column; return the baseline below."""
    y = 112.0
    for label, parts in values.heads(invoice, wording):
        sheet.text(330, y, label, size=7.5, colour="#5b6b7a")
        sheet.text(RIGHT, y, *parts, bold=True, align="right")
        y += 15
    return y


LAYOUT = Layout(draw, frozenset({"invoice", "credit_note"}))
