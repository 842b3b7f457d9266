"""A till receipt: a narrow roll as long as it must be."""

from decimal import Decimal

from invoice_extraction.model.invoice import Address, Invoice, Party
from samples.layouts import values
from samples.layouts.base import Layout
from samples.sheet import Sheet, value
from samples.wording import Wording

WIDTH = 226.8
"""Points: a roll 80 mm wide."""
LEFT, RIGHT, SIZE, STEP = 12.0, 214.8, 8.0, 11.0


def draw(sheet: Sheet, invoice: Invoice, wording: Wording) -> None:
    """Draw the receipt."""
    seller, middle = invoice.seller or Party(), WIDTH / 2
    y = 28.0
    sheet.text(
        middle,
        y,
        value(seller.name or "", "/seller/name"),
        room=RIGHT - LEFT,
        size=9,
        bold=True,
        align="centre",
    )
    for parts in values.address(seller.address or Address(), "/seller/address", wording):
        y += STEP
        sheet.text(middle, y, *parts, size=SIZE, align="centre")
    if seller.tax_id:
        y += STEP
        sheet.text(
            middle,
            y,
            wording.label("tax_id"),
            " ",
            value(seller.tax_id, "/seller/tax_id"),
            size=SIZE,
            align="centre",
        )
    y += 2 * STEP
    sheet.text(
        LEFT, y, values.number_label(invoice, wording), " ", values.number(invoice), size=SIZE
    )
    if invoice.issue_date:
        y += STEP
        sheet.text(LEFT, y, values.day(invoice.issue_date, wording, "/issue_date"), size=SIZE)
        sheet.text(
            RIGHT, y, value(invoice.issue_time or "", "/issue_time"), size=SIZE, align="right"
        )
    y = _dashes(sheet, y)
    for n, line in enumerate(invoice.lines):
        sheet.text(LEFT, y, values.cell("description", line, n, wording), size=SIZE)
        if line.quantity != 1:
            y += STEP
            sheet.text(
                LEFT + 14,
                y,
                values.cell("quantity", line, n, wording),
                " ",
                values.cell("unit", line, n, wording),
                " x ",
                values.cell("unit_price", line, n, wording),
                size=SIZE,
            )
        letter = _letter(invoice, line.tax_rate)
        sheet.text(
            RIGHT,
            y,
            values.cell("line_amount", line, n, wording),
            f" {letter}",
            size=SIZE,
            align="right",
        )
        y += STEP
    y = _dashes(sheet, y - STEP)
    label, amount = values.gross(invoice, wording)
    sheet.text(LEFT, y + 3, label, size=10, bold=True)
    sheet.text(RIGHT, y + 3, amount, size=10, bold=True, align="right")
    y += STEP + 8
    pay = invoice.payment
    if pay and invoice.totals.paid is not None:
        sheet.text(LEFT, y, value(pay.means_text or "", "/payment/means_text"), size=SIZE)
        sheet.text(
            RIGHT,
            y,
            values.money(invoice.totals.paid, wording, "/totals/paid"),
            size=SIZE,
            align="right",
        )
        if pay.card_last4:
            y += STEP
            sheet.text(
                LEFT, y, "**** **** **** ", value(pay.card_last4, "/payment/card_last4"), size=SIZE
            )
    y = _dashes(sheet, y)
    for n, tax in enumerate(invoice.taxes):
        base = value(wording.amount(tax.taxable_amount or Decimal(0)), f"/taxes/{n}/taxable_amount")
        rate = value(wording.percent(tax.rate or Decimal(0)), f"/taxes/{n}/rate")
        part = values.tax_amount(invoice, n, wording)
        sheet.text(
            LEFT,
            y,
            f"{_letter(invoice, tax.rate)} ",
            rate,
            f" {wording.label('taxable')} ",
            base,
            size=SIZE,
        )
        sheet.text(RIGHT, y, part, size=SIZE, align="right")
        y += STEP
    sheet.text(middle, y + STEP, wording.sentence("thanks"), size=SIZE, align="centre")


def height(invoice: Invoice) -> float:
    """Return how long the roll must be, in points."""
    return 250.0 + STEP * (2 * len(invoice.lines) + len(invoice.taxes))


def _dashes(sheet: Sheet, y: float) -> float:
    sheet.text(LEFT, y + STEP, "-" * 42, size=SIZE)
    return y + 2 * STEP


def _letter(invoice: Invoice, rate: Decimal | None) -> str:
    """Return the letter that ties a line to its tax band, A for the first."""
    return "ABCDEF"[[tax.rate for tax in invoice.taxes].index(rate)]


LAYOUT = Layout(draw, frozenset({"receipt"}), family="mono", size=(WIDTH, 0), tall=height)
