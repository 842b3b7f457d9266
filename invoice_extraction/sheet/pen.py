"""A pen: draws rows of text down A4 pages and turns them where they are full."""

import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

PLAIN, BOLD = "DejaVuSansCondensed", "DejaVuSansCondensed-Bold"
WIDTH, HEIGHT = A4
MARGIN = 42.0  # points
INNER = WIDTH - 2 * MARGIN
MISSING = "□"

_LEADING = 1.32  # of the size of letters
_FLOOR = HEIGHT - MARGIN - 22  # under it stands the foot
_MOST = 4_000  # characters of one text
_MOST_LINES = 60  # of one text
_INK, _GREY, _RULE = "#18202b", "#5b6675", "#c9d0d9"

Align = Literal["left", "right"]


class Full(Exception):
    """There may be no more pages."""


class Cell(NamedTuple):
    """A text in a row: where it begins, or ends with `align` right, and how wide it may be, in points."""

    x: float
    width: float
    text: str
    align: Align = "left"
    bold: bool = False
    grey: bool = False
    size: float = 8.5


class Pen:
    """Draws from the top of the first page down; `head` stands on each page, which are `pages` at most."""

    def __init__(self, head: str, pages: int) -> None:
        _register()
        self._out = BytesIO()
        # invariant: no clock and no random id, so the same invoice gives the same bytes
        self._canvas = Canvas(self._out, pagesize=A4, invariant=1, pageCompression=1)
        self._canvas.setCreator("Invoice Extraction")
        self._canvas.setTitle(head)
        self._head = head
        self._pages: list[dict[str, object]] = []
        self._most = pages
        self._missed = False
        self._cut = False
        self._y = MARGIN

    def row(
        self,
        cells: Sequence[Cell],
        *,
        above: float = 0.0,
        below: float = 0.0,
        head: "Head | None" = None,
    ) -> None:
        """Draw texts beside one another, each wrapped to its width; `above` points are left free.

        The row stays on one page, with as many points `below` it for what it is the title of; `head`
        is drawn first where that is the next page.

        Raises:
            Full: There may be no more pages.
        """
        wrapped = [(cell, self._wrapped(cell)) for cell in cells if cell.text]
        height = max((len(lines) * cell.size * _LEADING for cell, lines in wrapped), default=0.0)
        if self._y + above + height + below > _FLOOR and self._y > MARGIN:
            self.turn()
            if head is not None:
                head(self)
            above = 0.0
        self._y += above
        for cell, lines in wrapped:
            self._draw(cell, lines)
        self._y += height

    @property
    def pages_left(self) -> int:
        """How many pages there may be after this one."""
        return self._most - len(self._pages) - 1

    def rule(self, *, strong: bool = False) -> None:
        """Draw a line across the page."""
        self._canvas.setStrokeColor(HexColor(_INK if strong else _RULE))
        self._canvas.setLineWidth(0.8 if strong else 0.4)
        y = HEIGHT - self._y - 2.0
        self._canvas.line(MARGIN, y, WIDTH - MARGIN, y)
        self._y += 4.0

    def columns(self, *columns: Sequence[Sequence[Cell]]) -> None:
        """Draw rows beside other rows, each column from the same height down, on one page.

        Raises:
            Full: There may be no more pages.
        """
        heights = [sum(map(self._height, rows)) for rows in columns]
        if self._y + max(heights, default=0.0) > _FLOOR and self._y > MARGIN:
            self.turn()
        top, lowest = self._y, self._y
        for rows in columns:
            self._y = top
            for cells in rows:
                self.row(cells)
            lowest = max(lowest, self._y)
        self._y = lowest

    def turn(self) -> None:
        """Begin a new page.

        Raises:
            Full: There may be no more.
        """
        if len(self._pages) + 1 >= self._most:
            self._cut = True
            raise Full
        self._keep()
        self._y = MARGIN

    def finished(self) -> bytes:
        """Return the PDF, each page with its foot."""
        self._keep()
        for number, page in enumerate(self._pages, 1):
            self._canvas.__dict__.update(page)
            self._foot(number)
            self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def _keep(self) -> None:
        """Put the page aside: how many there are is not known before the last."""
        self._pages.append(dict(self._canvas.__dict__))
        self._canvas._startPage()  # type: ignore[attr-defined]  # the stubs do not know it

    def _foot(self, number: int) -> None:
        told = "Drawn from the values that were read; it is not the document itself."
        if self._missed:
            told += f" {MISSING} stands for letters that cannot be drawn here."
        if self._cut and number == len(self._pages):
            told = "There is more than is drawn here. " + told
        size = 6.5
        for text, x, align in (
            (f"{self._head} · {told}", MARGIN, "left"),
            (f"{number} / {len(self._pages)}", WIDTH - MARGIN, "right"),
        ):
            width = pdfmetrics.stringWidth(text, PLAIN, size)
            self._canvas.setFont(PLAIN, size)
            self._canvas.setFillColor(HexColor(_GREY))
            self._canvas.drawString(x if align == "left" else x - width, MARGIN - 14, text)

    def _height(self, cells: Sequence[Cell]) -> float:
        return max(
            (len(self._wrapped(cell)) * cell.size * _LEADING for cell in cells if cell.text),
            default=0.0,
        )

    def _draw(self, cell: Cell, lines: Sequence[str]) -> None:
        font = BOLD if cell.bold else PLAIN
        self._canvas.setFont(font, cell.size)
        self._canvas.setFillColor(HexColor(_GREY if cell.grey else _INK))
        y = HEIGHT - self._y - cell.size
        for line in lines:
            x = cell.x
            if cell.align == "right":
                x -= pdfmetrics.stringWidth(line, font, cell.size)
            self._canvas.drawString(x, y, line)
            y -= cell.size * _LEADING

    def _wrapped(self, cell: Cell) -> list[str]:
        """Return the lines of a text; a word that is wider than all of them is broken."""
        font = BOLD if cell.bold else PLAIN
        widths = _widths(font)
        scale, lines = cell.size / 1000, list[str]()
        text = cell.text if len(cell.text) <= _MOST else cell.text[:_MOST] + " …"
        for paragraph in text.splitlines():
            line, used = "", 0.0
            for word in self._drawable(paragraph).split():
                width = sum(widths[letter] for letter in word) * scale
                gap = widths[" "] * scale if line else 0.0
                if used + gap + width <= cell.width:
                    line, used = f"{line} {word}" if line else word, used + gap + width
                    continue
                if line:
                    lines.append(line)
                line, used = "", 0.0
                for letter in word:
                    wide = widths[letter] * scale
                    if line and used + wide > cell.width:
                        lines.append(line)
                        line, used = "", 0.0
                    line, used = line + letter, used + wide
            lines.append(line)
        if len(lines) > _MOST_LINES:
            lines = [*lines[:_MOST_LINES], "…"]
        return lines

    def _drawable(self, text: str) -> str:
        """Return the text with a sign for each letter that cannot be drawn, or not in its direction."""
        known = _widths(PLAIN)
        drawn = unicodedata.normalize("NFC", text)
        if all(letter in known for letter in drawn):
            return drawn
        letters = []
        for letter in drawn:
            if letter in known:
                letters.append(letter)
            elif unicodedata.category(letter)[0] in "CZ":
                letters.append(" ")
            else:
                self._missed = True
                letters.append(MISSING)
        return "".join(letters)


Head = Callable[[Pen], None]


@cache
def _register() -> None:
    folder = Path(__file__).with_name("fonts")
    for name in (PLAIN, BOLD):
        pdfmetrics.registerFont(TTFont(name, folder / f"{name}.ttf"))


@cache
def _widths(font: str) -> dict[str, float]:
    """Return the width of each letter that is drawn, in thousandths of the size of letters.

    Scripts that are written from right to left would need to be set in another order.
    """
    face = pdfmetrics.getFont(font).face  # type: ignore[attr-defined]  # nor this
    return {
        chr(code): face.charWidths.get(code, face.defaultWidth)
        for code, glyph in face.charToGlyph.items()
        if glyph and unicodedata.bidirectional(chr(code)) not in ("R", "AL", "")
    }
