"""The table of lines, drawn over as many pages as it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from invoice_extraction.model.invoice import Invoice
from samples.layouts import values
from samples.sheet import Align, Sheet
from samples.wording import Wording


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name of its cell and of its label, its edges in points, where its text stands."""

    name: str
    left: float
    right: float
    align: Align = "left"

    @property
    def anchor(self) -> float:
        """The x its text is set from."""
        return {"left": self.left, "right": self.right, "centre": (self.left + self.right) / 2}[
            self.align
        ]


@dataclass(frozen=True, slots=True)
class Look:
    """How a table looks. `head` colours the header's ground; `grid` rules every cell."""

    size: float = 9
    head: str | None = None
    head_text: str = "#000000"
    grid: bool = False
    between: bool = False
    pad: float = 5


def draw(
    sheet: Sheet,
    y: float,
    columns: tuple[Column, ...],
    invoice: Invoice,
    wording: Wording,
    look: Look,
    bottom: float,
    turn: Callable[[], float],
) -> float:
    """Draw the lines from baseline `y` and return the baseline below them.

    A line that would pass `bottom` begins a new page: `turn` goes there and returns the baseline
    to go on from. The header is repeated.
    """
    columns = tuple(
        column
        for column in columns
        if column.name != "discount" or any(line.discount_percent for line in invoice.lines)
    )
    y = _header(sheet, y, columns, wording, look)
    for n, line in enumerate(invoice.lines):
        height = (
            max(
                len(
                    sheet.wrap(
                        _text(values.cell(column.name, line, n, wording)),
                        column.right - column.left,
                        look.size,
                    )
                )
                for column in columns
            )
            * look.size
            * 1.25
        )
        if y + height > bottom:
            sheet.text(columns[-1].right, y + 4, wording.label("carried"), size=7, align="right")
            y = _header(sheet, turn(), columns, wording, look)
        for column in columns:
            part = values.cell(column.name, line, n, wording)
            if column.align == "left":
                sheet.paragraph(column.left, y, column.right - column.left, part, size=look.size)
            else:
                sheet.text(column.anchor, y, part, size=look.size, align=column.align)
        top = y - look.size - look.pad / 2
        y += height + look.pad
        under = y - look.size - look.pad / 2
        if look.grid:
            for column in columns:
                sheet.upright(column.left - 3, top, under)
            sheet.upright(columns[-1].right + 3, top, under)
        if look.grid or look.between:
            sheet.rule(columns[0].left - 3, under, columns[-1].right + 3, 0.4)
    if not (look.grid or look.between):
        sheet.rule(columns[0].left - 3, y - look.size - 1, columns[-1].right + 3)
    return y


def _header(
    sheet: Sheet, y: float, columns: tuple[Column, ...], wording: Wording, look: Look
) -> float:
    left, right = columns[0].left - 3, columns[-1].right + 3
    if look.head:
        sheet.block(left, y - look.size - 3, right - left, look.size + 8, look.head)
    for column in columns:
        sheet.text(
            column.anchor,
            y,
            wording.label(column.name),
            room=column.right - column.left + 3,
            size=look.size,
            bold=True,
            align=column.align,
            colour=look.head_text,
        )
    if not look.head:
        sheet.rule(left, y + 4, right, 0.8)
    return y + look.size + look.pad + 4


def _text(part: object) -> str:
    return part if isinstance(part, str) else str(getattr(part, "text", ""))
