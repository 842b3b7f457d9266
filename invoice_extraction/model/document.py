"""A document as the engines see it: pages, words, attachments.

Geometry, here and everywhere: PDF points (1/72 inch), origin at the top left of the page as it is
displayed (after its rotation), x to the right, y downwards; pages are counted from 1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom."""

WordOrigin = Literal["text", "ocr"]
PageStatus = Literal["read", "blank", "unreadable"]


class Word(msgspec.Struct, frozen=True, gc=False):
    """One word and its box in points. A struct, which is made ten times as fast: a page has hundreds.

    `confidence` is the recogniser's, 0 to 1, for words by OCR; None for a text layer. `size` is the
    font size in points as displayed, None where it is not known.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    confidence: float | None = None
    size: float | None = None

    @property
    def box(self) -> Box:
        """The word's box in points."""
        return (self.x0, self.top, self.x1, self.bottom)


@dataclass(frozen=True, slots=True)
class Page:
    """One page as displayed.

    `words` are in content order, which is not reading order; empty for a picture until OCR has run.
    `origin` says where the words come from, None when there are none. `rotation` is what the page
    asks for: 0, 90, 180 or 270 degrees clockwise; already applied to width, height and words.
    `status` is "blank" where the page shows nothing, "unreadable" where it could not be opened (its
    size is made up then), and "read" otherwise: what a picture shows is known only after OCR.

    `angle` is how many degrees clockwise (0 to 360) the displayed page shows its content turned, as a
    scan lies askew or on its side. Width, height and words are then those of the page turned upright,
    so that rows are level for whoever reads them; `displayed` gives a box where people see it.

    `scanned` is True where the words are a text layer that is not shown: what a scanner's program read
    in the picture. Our own OCR reads the page anew. `hidden` is text that the page holds and nobody
    sees on it: without ink, covered, off the page, in a note; never part of `words`. `is_cut` is True where a limit
    kept some of what it shows out of `words`.
    """

    number: int
    width: float
    height: float
    words: tuple[Word, ...] = ()
    origin: WordOrigin | None = None
    rotation: int = 0
    status: PageStatus = "read"
    angle: float = 0.0
    scanned: bool = False
    hidden: str = ""
    is_cut: bool = False

    @property
    def displayed_size(self) -> tuple[float, float]:
        """Width and height in points of the page as displayed."""
        if round(self.angle / 90) % 2:
            return self.height, self.width
        return self.width, self.height

    def displayed(self, box: Box) -> Box:
        """Return the box on the displayed page that holds `box`, one of the upright page."""
        if not self.angle:
            return box
        radians = math.radians(self.angle)
        cosine, sine = math.cos(radians), math.sin(radians)
        width, height = self.displayed_size
        x0, top, x1, bottom = box
        across, down = (x0 + x1 - self.width) / 2, (top + bottom - self.height) / 2
        x = width / 2 + across * cosine - down * sine
        y = height / 2 + across * sine + down * cosine
        half_width = (abs((x1 - x0) * cosine) + abs((bottom - top) * sine)) / 2
        half_height = (abs((x1 - x0) * sine) + abs((bottom - top) * cosine)) / 2
        return (x - half_width, y - half_height, x + half_width, y + half_height)


@dataclass(frozen=True, slots=True)
class Raster:
    """A page's picture as displayed: one byte for each pixel, row by row, 0 is black."""

    width: int
    height: int
    data: bytes = field(repr=False)

    @property
    def is_sound(self) -> bool:
        """True where there are as many bytes as the size says, and at least one."""
        return 0 < self.width * self.height == len(self.data) and self.width > 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a document, its name as written (data, never a path); None for a bare XML."""

    name: str | None
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pages as pictures, for a model that is not sent the file itself.

    `numbers` are the pages', in their order. `draw` returns the picture of one as PNG or JPEG, made anew
    each time: all those of a long document are too many bytes to have at once. It raises DocumentError
    where a page cannot be drawn.
    """

    numbers: tuple[int, ...]
    draw: Callable[[int], bytes] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Document:
    """An opened file.

    `data` is the file as given (a model may be sent it). `xml` holds the XML files found in it that
    could be e-invoices, or the file itself when it is XML; `pages` is empty then, and holds only the
    pages that were asked for where some were. `notes` are sentences for a person about what a limit or
    an option kept from being read. `pictures` are its pages as such, only where a model is asked that is
    not sent the file itself.
    """

    media_type: str
    data: bytes = field(repr=False)
    pages: tuple[Page, ...] = ()
    xml: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: Pictures | None = None

    @property
    def has_words(self) -> bool:
        """True where at least one page has words."""
        return any(page.words for page in self.pages)
