"""Paper to draw on that remembers where each value was drawn.

Positions are PDF points from the top left of the page, y is the baseline of the text; pages count from 1. What is remembered are shares of the page,
0 to 1, as in the evidence of an answer.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import invoice_extraction

A4 = (595.28, 841.89)
"""Width and height in points."""

FAMILIES: dict[str, tuple[str, str]] = {
    "sans": ("Helvetica", "Helvetica-Bold"),
    "serif": ("Times-Roman", "Times-Bold"),
    "mono": ("Courier", "Courier-Bold"),
    "embedded": ("Vera", "VeraBd"),
    "condensed": ("DejaVuSansCondensed", "DejaVuSansCondensed-Bold"),
}
"""Font families, plain and bold. PDF/A wants its fonts inside the file: the last two are, the others are every reader's own.
"condensed" has Greek letters and all Latin ones, the others those of western Europe."""

FONTS = {
    "condensed": Path(invoice_extraction.__file__).parent / "sheet" / "fonts",
    "embedded": Path(),
}
"""Where the families lie that are embedded; nowhere means with the library that draws."""

Align = Literal["left", "right", "centre"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Value:
    """Text that shows one or more values of the truth, named by their JSON Pointers."""

    text: str
    pointers: tuple[str, ...]


Part = str | Value


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its printed text, the page, and a box for each printed line of it."""

    text: str
    page: int
    boxes: tuple[Box, ...]


def value(text: str, *pointers: str) -> Value:
    """Return text that shows the values at these pointers."""
    return Value(text, pointers)


class Sheet:
    """One PDF being drawn. `places` maps each pointer to everywhere its value was drawn so far."""

    def __init__(
        self, size: tuple[float, float] = A4, family: str = "sans", title: str = ""
    ) -> None:
        self.width, self.height = size
        self.page = 1
        self.places: dict[str, list[Place]] = {}
        self._fonts = FAMILIES[family]
        if family in FONTS:
            for name in self._fonts:
                if name not in pdfmetrics.getRegisteredFontNames():
                    pdfmetrics.registerFont(TTFont(name, str(FONTS[family] / f"{name}.ttf")))
        self._out = BytesIO()
        # invariant: no clock and no random id, so the same facts give the same bytes
        self._canvas = Canvas(self._out, pagesize=size, invariant=1, pageCompression=1)
        self._canvas.setTitle(title)
        self._canvas.setCreator("Invoice samples")

    def text(
        self,
        x: float,
        y: float,
        *parts: Part,
        size: float = 9,
        bold: bool = False,
        align: Align = "left",
        colour: str = "#000000",
        room: float | None = None,
    ) -> float:
        """Draw the parts as one run and return the x where it ends.

        What is wider than `room` points is set smaller, so that it fits.
        """
        runs = [
            (part.text, part.pointers) if isinstance(part, Value) else (part, ()) for part in parts
        ]
        font = self._fonts[bold]
        if room is not None:
            size *= min(1.0, room / self.measure("".join(text for text, _ in runs), size, bold))
        widths = [pdfmetrics.stringWidth(text, font, size) for text, _ in runs]
        left = x - {"left": 0.0, "right": sum(widths), "centre": sum(widths) / 2}[align]
        self._canvas.setFont(font, size)
        self._canvas.setFillColor(HexColor(colour))
        # one string, so that a reader sees one run and the gaps between its words as drawn
        self._canvas.drawString(left, self.height - y, "".join(text for text, _ in runs))
        for (text, pointers), width in zip(runs, widths, strict=True):
            if pointers:
                self._remember(text, pointers, [self._box(left, y, width, size)])
            left += width
        return left

    def paragraph(
        self,
        x: float,
        y: float,
        width: float,
        part: Part,
        size: float = 9,
        bold: bool = False,
        leading: float = 1.25,
    ) -> float:
        """Draw a part broken into lines no wider than `width`; return the baseline after the last."""
        text, pointers = (part.text, part.pointers) if isinstance(part, Value) else (part, ())
        lines = self.wrap(text, width, size, bold)
        boxes = []
        for line in lines:
            right = self.text(x, y, line, size=size, bold=bold)
            boxes.append(self._box(x, y, right - x, size))
            y += size * leading
        if pointers:
            self._remember(text, pointers, boxes)
        return y

    def wrap(self, text: str, width: float, size: float = 9, bold: bool = False) -> list[str]:
        """Return the text in lines no wider than `width`, broken at spaces."""
        lines: list[str] = []
        for word in text.split(" "):
            longer = f"{lines[-1]} {word}" if lines else word
            if lines and pdfmetrics.stringWidth(longer, self._fonts[bold], size) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return lines

    def measure(self, text: str, size: float = 9, bold: bool = False) -> float:
        """Return the text's width in points."""
        return float(pdfmetrics.stringWidth(text, self._fonts[bold], size))

    def rule(
        self, x0: float, y: float, x1: float, weight: float = 0.5, colour: str = "#000000"
    ) -> None:
        """Draw a level line."""
        self._canvas.setStrokeColor(HexColor(colour))
        self._canvas.setLineWidth(weight)
        self._canvas.line(x0, self.height - y, x1, self.height - y)

    def upright(self, x: float, y0: float, y1: float, weight: float = 0.5) -> None:
        """Draw a line that stands upright."""
        self._canvas.setStrokeColor(Color(0, 0, 0))
        self._canvas.setLineWidth(weight)
        self._canvas.line(x, self.height - y0, x, self.height - y1)

    def block(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle; y is its upper edge."""
        self._canvas.setFillColor(HexColor(colour))
        self._canvas.rect(x, self.height - y - height, width, height, stroke=0, fill=1)

    def frame(self, x: float, y: float, width: float, height: float, weight: float = 0.5) -> None:
        """Draw the outline of a rectangle; y is its upper edge."""
        self._canvas.setStrokeColor(Color(0, 0, 0))
        self._canvas.setLineWidth(weight)
        self._canvas.rect(x, self.height - y - height, width, height, stroke=1, fill=0)

    def disc(self, x: float, y: float, radius: float, colour: str) -> None:
        """Fill a circle round a point."""
        self._canvas.setFillColor(HexColor(colour))
        self._canvas.circle(x, self.height - y, radius, stroke=0, fill=1)

    def next_page(self) -> None:
        """Go on with an empty page."""
        self._canvas.showPage()
        self.page += 1

    def finish(self) -> bytes:
        """Return the PDF; nothing can be drawn after."""
        self._canvas.showPage()
        self._canvas.save()
        return self._out.getvalue()

    def _box(self, x: float, y: float, width: float, size: float) -> Box:
        return (
            round(x / self.width, 4),
            round((y - size * 0.8) / self.height, 4),
            round((x + width) / self.width, 4),
            round((y + size * 0.25) / self.height, 4),
        )

    def _remember(self, text: str, pointers: tuple[str, ...], boxes: list[Box]) -> None:
        place = Place(text, self.page, tuple(boxes))
        for pointer in pointers:
            self.places.setdefault(pointer, []).append(place)
