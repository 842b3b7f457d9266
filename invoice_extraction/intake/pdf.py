"""PDF: words with boxes; the XML files inside are found by `attachments`.

Words come from PDFium's text page: one call for the text, one for each word's rectangle. PDFium's
boxes are in the unrotated page's space, so each is mapped to the page as displayed.
"""

import ctypes
import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from invoice_extraction.errors import BlankDocument, CorruptFile, PageUnreadable, TooComplex
from invoice_extraction.intake import attachments, covers, pdfium, unseen
from invoice_extraction.intake.covers import Objects
from invoice_extraction.intake.plausible import is_mixture, is_plausible
from invoice_extraction.intake.selection import selected, skipped
from invoice_extraction.model.document import Box, Document, Page, PageStatus, Word
from invoice_extraction.model.options import Limits, Options

_MEDIA_TYPE = "application/pdf"
_MAX_OBJECTS = 1_000  # of a page that are looked at, to tell what it shows
_LINE_END_HYPHEN = 0xFFFE  # PDFium's GetText for a hyphen that breaks a word over two lines
_FAR_APART = 1.0  # of the font's size: a wider gap between two text objects ends a word
_MOST = 0.5  # of a page's area
_MAX_HIDDEN = 5_000  # characters of what a page holds and does not show
_FEW_SHOWN = 0.2  # pieces of text that are shown, for each that is hidden
_LINE_END = 2  # CR and LF, which PDFium puts in
_TOUCHING, _OVERLAP = 0.13, 0.3  # of the font's size, between two letters of one word
_A4 = (595.28, 841.89)
_LONG = 4  # characters of a word that is certainly wider than it is high

_SPACE = np.zeros(0x10000, bool)
_SPACE[:0x21] = True
_SPACE[0x7F:0xA1] = True
_SPACE[0x2000:0x200C] = True
_SPACE[[0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF]] = True

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom in the space of the unrotated page, y upwards."""


def read(data: bytes, options: Options) -> Document:
    """Return the document: each page with its words, and the XML files attached to it.

    A page whose text layer is implausible has no words, like a scan: OCR or a model may read it. Of
    several pages, one that cannot be opened is told as unreadable. With XML attached and without
    `options.compare` the pages are measured and not read.

    Raises:
        OptionError: `options.pages` is not valid, or the document has none of them.
        PasswordRequired: It is locked.
        CorruptFile: It cannot be opened, not even after a repair, or was cut off before it shows anything.
        TooManyPages, TooComplex: It is over a limit.
        UnsupportedType: It is an XFA form.
        BlankDocument, PageUnreadable: No page shows anything or can be opened, and no XML is attached.
    """
    limits = options.limits
    with pdfium.opened(data, options.password) as pdf:
        numbers = selected(options, len(pdf))
        attached = attachments.find(pdf, data, options)
        if attached.xml and not options.compare:
            sheets = [_measured(pdf, number, limits) for number in numbers]
        else:
            sheets = list(_sheets(pdf, numbers, limits))
            if not any(sheet.page.words for sheet in sheets):
                if pdfium.is_xfa(pdf):
                    raise pdfium.xfa_form()
                if not attached.xml:
                    _check_shown({sheet.page.status for sheet in sheets}, data)
        notes = itertools.chain(
            skipped(len(numbers), len(pdf)), attached.notes, *(sheet.notes for sheet in sheets)
        )
    return Document(
        media_type=_MEDIA_TYPE,
        data=data,
        pages=tuple(sheet.page for sheet in sheets),
        xml=attached.xml,
        notes=tuple(notes),
    )


def page_numbers(data: bytes, options: Options) -> tuple[int, ...]:
    """Return the numbers of the pages to read; raises what `read` raises before it opens one."""
    with pdfium.opened(data, options.password) as pdf:
        return selected(options, len(pdf))


@dataclass(frozen=True, slots=True)
class _Sheet:
    page: Page
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A page's words, whether its text goes on beyond the limit, and the words that are not seen."""

    words: tuple[Word, ...] = ()
    is_cut: bool = False
    hidden: tuple[str, ...] = ()


class _Piece(NamedTuple):
    """A word, or part of one: the place of its characters in the text page, and its box."""

    text: str
    start: int
    end: int
    x0: float
    top: float
    x1: float
    bottom: float
    size: float | None

    def touches(self, other: "_Piece") -> bool:
        """Return whether `other` goes on where this ends, on the same line and in the same size."""
        size = self.size or self.bottom - self.top
        return (
            other.size == self.size
            and -_OVERLAP * size <= other.x0 - self.x1 <= _TOUCHING * size
            and min(self.bottom, other.bottom) - max(self.top, other.top)
            >= 0.5 * min(self.bottom - self.top, other.bottom - other.top)
        )

    def with_next(self, other: "_Piece") -> "_Piece":
        """Return both as one."""
        return _Piece(
            self.text + other.text,
            self.start,
            other.end,
            min(self.x0, other.x0),
            min(self.top, other.top),
            max(self.x1, other.x1),
            max(self.bottom, other.bottom),
            self.size,
        )


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the displayed page lies in the unrotated page's space, and how it is turned."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.rotation in (90, 270) else (width, height)

    def display(self, rectangles: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return rows of x0, top, x1, bottom as displayed, for rows of left, top, right, bottom."""
        left, top, right, bottom = rectangles.T
        if self.rotation == 90:
            columns = (bottom - self.bottom, left - self.left, top - self.bottom, right - self.left)
        elif self.rotation == 180:
            columns = (
                self.right - right,
                bottom - self.bottom,
                self.right - left,
                top - self.bottom,
            )
        elif self.rotation == 270:
            columns = (self.top - top, self.right - right, self.top - bottom, self.right - left)
        else:
            columns = (left - self.left, self.top - top, right - self.left, self.top - bottom)
        return np.stack(columns, axis=1)


def _sheets(
    pdf: pypdfium2.PdfDocument, numbers: tuple[int, ...], limits: Limits
) -> Iterator[_Sheet]:
    characters = 0
    for number in numbers:
        sheet = _sheet(pdf, number, limits)
        characters += sum(len(word.text) for word in sheet.page.words)
        if characters > limits.max_document_text:
            raise TooComplex(
                f"The pages hold more than {limits.max_document_text:,} characters.",
                hint="Name the pages to read in the option `pages`, or split the document.",
            )
        yield sheet


def _measured(pdf: pypdfium2.PdfDocument, number: int, limits: Limits) -> _Sheet:
    """Return a page of which nothing but its size is known."""
    try:
        width, height = pdf.get_page_size(number - 1)
    except pypdfium2.PdfiumError:
        return _Sheet(Page(number, *_A4, status="unreadable"))
    _check_size(width, height, number, limits)
    return _Sheet(Page(number, round(width, 2), round(height, 2)))


def _check_shown(states: set[PageStatus], data: bytes) -> None:
    """Raise where no page can be read in any way; `states` are those of all pages.

    Empty pages of a file without its end are no blank paper: what they show was cut off.
    """
    if states == {"blank"}:
        if b"%%EOF" not in data:
            raise CorruptFile("The PDF is damaged and could not be repaired.")
        raise BlankDocument("No page of the document shows anything.")
    if states <= {"blank", "unreadable"}:
        raise PageUnreadable("No page of the document can be opened.")


def _sheet(pdf: pypdfium2.PdfDocument, number: int, limits: Limits) -> _Sheet:
    page = pdfium.load_page(pdfium.address(pdf), number - 1)
    if not page:
        return _Sheet(Page(number, *_A4, status="unreadable"))
    try:
        frame = _frame(page, number, limits)
        drawn = covers.objects(page)
        scanned = _is_hidden(drawn, frame)
        found = _words(pdf, page, drawn, frame, limits, scanned=scanned)
        angle = frame.rotation if frame.rotation and _is_turned(found.words) else 0
        if angle:
            # Rows run along the unturned page: engines are given that, as of a scan on its side.
            frame = replace(frame, rotation=0)
            found = _words(pdf, page, drawn, frame, limits, scanned=scanned)
        words = found.words
        blank = not words and not _shows_anything(page)
        contents = unseen.contents(page)
    finally:
        pdfium.close_page(page)
    width, height = frame.size
    return _Sheet(
        Page(
            number=number,
            width=round(width, 2),
            height=round(height, 2),
            words=words,
            origin="text" if words else None,
            rotation=frame.rotation or angle,
            status="blank" if blank else "read",
            angle=float(angle),
            scanned=scanned and bool(words),
            hidden=" ".join((*found.hidden, contents))[:_MAX_HIDDEN].strip(),
            is_cut=found.is_cut,
        ),
        notes=tuple(_text_notes(number, found, limits)),
    )


def _text_notes(number: int, found: "_Found", limits: Limits) -> Iterator[str]:
    if found.is_cut:
        yield f"Of page {number}, only the first {limits.max_text:,} characters were read."
    if len(found.hidden) == 1:
        yield f"Of page {number}, one word that nobody sees there was not read."
    elif found.hidden:
        yield f"Of page {number}, {len(found.hidden):,} words that nobody sees there were not read."


def _is_turned(words: tuple[Word, ...]) -> bool:
    """Return whether the displayed page shows its text on its side or upside down."""
    long = [word for word in words if len(word.text) >= _LONG]
    tall = sum(word.bottom - word.top > word.x1 - word.x0 for word in long)
    if 2 * tall > len(long):
        return True
    rows = [(a, b) for a, b in itertools.pairwise(words) if abs(a.top - b.top) < 1]
    return 2 * sum(b.x0 < a.x0 for a, b in rows) > len(rows) > 0


def _frame(page: int, number: int, limits: Limits) -> _Frame:
    bounds = pdfium.rectangle()
    pdfium.page_bounds(page, bounds)
    frame = _Frame(
        left=bounds.left,
        bottom=bounds.bottom,
        right=bounds.right,
        top=bounds.top,
        rotation=pdfium.page_rotation(page) % 4 * 90,
    )
    _check_size(*frame.size, number, limits)
    return frame


def _check_size(width: float, height: float, number: int, limits: Limits) -> None:
    # Written so that NaN fails too.
    if not (0 < width <= limits.max_page_points and 0 < height <= limits.max_page_points):
        raise TooComplex(
            f"Page {number} measures {width:,.0f} x {height:,.0f} points; "
            f"the limit is {limits.max_page_points:,.0f} a side."
        )


def _words(
    pdf: pypdfium2.PdfDocument,
    page: int,
    drawn: Objects,
    frame: _Frame,
    limits: Limits,
    *,
    scanned: bool,
) -> _Found:
    text = pdfium.load_text(page)
    if not text:
        return _Found()
    try:
        units = _units(text, limits)
        if not len(units) or not is_plausible(units) or _is_guessed(units, page, frame):
            return _Found()
        pieces, every = _pieces(text, units)
        rectangles = np.array(every).reshape(-1, 4)
        hidden = covers.hidden(pdfium.address(pdf), page, text, drawn, pieces, rectangles)
        if not scanned:
            hidden |= unseen.unseen(page, text, drawn, pieces, rectangles)
        characters = _characters(units) if hidden else ""
        left_out = tuple(
            characters[start:end] for start, end in (pieces[n] for n in sorted(hidden))
        )
        if hidden:
            seen = [n for n in range(len(pieces)) if n not in hidden]
            pieces, rectangles = [pieces[n] for n in seen], rectangles[seen]
        words = _located(text, units, pieces, rectangles, frame)
        return _Found(words, pdfium.count_chars(text) > limits.max_text, left_out)
    finally:
        pdfium.close_text(text)


def _is_guessed(units: NDArray[np.uint32], page: int, frame: _Frame) -> bool:
    """Return whether the text is a scanner's that took the language for another."""
    return is_mixture(units) and _is_scan(page, frame)


def _located(
    text: int,
    units: NDArray[np.uint32],
    pieces: list[tuple[int, int]],
    rectangles: NDArray[np.float64],
    frame: _Frame,
) -> tuple[Word, ...]:
    if not pieces:
        return ()
    sizes = [pdfium.font_size(text, start) for start, _ in pieces]
    characters = _characters(units)
    boxes: list[Box] = np.round(frame.display(rectangles), 2).tolist()
    words = [
        _Piece(characters[start:end], start, end, *box, size)
        for (start, end), box, size in zip(pieces, boxes, sizes, strict=True)
    ]
    return tuple(
        Word(word.text, word.x0, word.top, word.x1, word.bottom, size=word.size)
        for word in _joined(words)
        if math.isfinite(word.x0 + word.top + word.x1 + word.bottom)
    )


def _joined(pieces: list[_Piece]) -> list[_Piece]:
    """Return the pieces, those put together again that PDFium took for lines of their own.

    Where each letter is placed by itself, it sometimes ends the line after every letter.
    """
    joined: list[_Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last is not None and piece.start - last.end == _LINE_END and last.touches(piece):
            joined[-1] = last.with_next(piece)
        else:
            joined.append(piece)
    return joined


def _units(text: int, limits: Limits) -> NDArray[np.uint32]:
    """Return the code unit of each character of the text page, at most `limits.max_text`."""
    count = min(pdfium.count_chars(text), limits.max_text)
    if count <= 0:
        return np.zeros(0, np.uint32)
    buffer = np.zeros(count + 1, np.uint16)
    got = pdfium.get_text(text, 0, count, buffer.ctypes.data)
    units = buffer[:count]
    if got - 1 == count and units.all():
        return units.astype(np.uint32)
    # GetText leaves some characters out; then its text is not aligned with the characters' indexes.
    return np.fromiter((pdfium.get_unicode(text, i) for i in range(count)), np.uint32, count)


def _characters(units: NDArray[np.uint32]) -> str:
    """Return one character for each unit; what no text may hold becomes U+FFFD."""
    clean = units.copy()
    clean[units == _LINE_END_HYPHEN] = ord("-")
    clean[((units >= 0xD800) & (units < 0xE000)) | (units > 0x10FFFF)] = 0xFFFD
    return clean.astype("<u4").tobytes().decode("utf-32-le")


def _pieces(text: int, units: NDArray[np.uint32]) -> tuple[list[tuple[int, int]], list[Rectangle]]:
    """Return each word's first and last index (exclusive), and its rectangle."""
    space = _SPACE[np.minimum(units, 0xFFFD)]
    edges = np.diff(np.concatenate(([1], space.astype(np.int8), [1])))
    starts, ends = np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
    hyphens = np.flatnonzero(units == _LINE_END_HYPHEN).tolist()
    spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
    if hyphens:
        spans = list(_split_after(spans, set(hyphens)))

    scratch = np.zeros(4)
    left = scratch.ctypes.data
    top, right, bottom = left + 8, left + 16, left + 24
    count, get = pdfium.count_rects, pdfium.get_rect
    pieces: list[tuple[int, int]] = []
    rectangles: list[Rectangle] = []
    for start, end in spans:
        parts = count(text, start, end - start)
        if parts == 1:
            get(text, 0, left, top, right, bottom)
            pieces.append((start, end))
            rectangles.append(_rectangle(scratch))
            continue
        many: list[Rectangle] = []
        for part in range(parts):
            get(text, part, left, top, right, bottom)
            many.append(_rectangle(scratch))
        if many and not _far_apart(many, pdfium.font_size(text, start) or 0.0):
            pieces.append((start, end))
            rectangles.append(_union(many))
            continue
        for piece, rectangle in _by_characters(text, start, end):
            pieces.append(piece)
            rectangles.append(rectangle)
    return pieces, rectangles


def _rectangle(scratch: NDArray[np.float64]) -> Rectangle:
    left, top, right, bottom = scratch.tolist()
    return left, top, right, bottom


def _split_after(spans: list[tuple[int, int]], marks: set[int]) -> Iterator[tuple[int, int]]:
    for start, end in spans:
        begin = start
        for index in range(start, end):
            if index in marks:
                yield begin, index + 1
                begin = index + 1
        if begin < end:
            yield begin, end


def _by_characters(text: int, start: int, end: int) -> Iterator[tuple[tuple[int, int], Rectangle]]:
    """Give the parts of a word that stand apart, from its characters' own boxes.

    A font without glyph boxes gives none that is usable: then the characters' advances are taken.
    """
    size = pdfium.font_size(text, start) or 0.0
    first = start
    group: list[Rectangle] = []
    for index in range(start, end):
        box = _char_box(text, index)
        if group and _far_apart([group[-1], box], size):
            yield (first, index), _union(group)
            first, group = index, []
        group.append(box)
    yield (first, end), _union(group)


def _char_box(text: int, index: int) -> Rectangle:
    box = (ctypes.c_double * 4)()
    base = ctypes.addressof(box)
    pdfium.get_char_box(text, index, base, base + 8, base + 16, base + 24)
    left, right, bottom, top = box
    if right > left and top > bottom:
        return left, top, right, bottom
    loose = pdfium.rectangle()
    pdfium.get_loose_box(text, index, loose)
    return loose.left, loose.top, loose.right, loose.bottom


def _far_apart(rectangles: list[Rectangle], size: float) -> bool:
    """Return whether two neighbours lie further apart than letters of one word do."""
    for one, other in itertools.pairwise(rectangles):
        reach = _FAR_APART * max(size, one[1] - one[3], other[1] - other[3])
        across = max(other[0] - one[2], one[0] - other[2])
        down = max(other[3] - one[1], one[3] - other[1])
        if across > reach or down > reach:
            return True
    return False


def _union(rectangles: list[Rectangle]) -> Rectangle:
    lefts, tops, rights, bottoms = zip(*rectangles, strict=True)
    return min(lefts), max(tops), max(rights), min(bottoms)


def _shows_anything(page: int) -> bool:
    """Return whether a page without words still shows a picture, a line, a field or a note."""
    if pdfium.count_annotations(page) > 0:
        return True
    count = min(pdfium.count_objects(page), _MAX_OBJECTS)
    kinds = (pdfium.object_type(pdfium.get_object(page, index)) for index in range(count))
    return any(kind != pdfium_c.FPDF_PAGEOBJ_TEXT for kind in kinds) or (
        # Text without one word is either only spaces, or implausible; the second shows something.
        count > 0 and _has_glyphs(page)
    )


def _is_scan(page: int, frame: _Frame) -> bool:
    """Return whether one picture covers most of the page."""
    return any(_pictured(thing, frame) >= _MOST for thing in _objects(page))


def _is_hidden(drawn: Objects, frame: _Frame) -> bool:
    """Return whether the text is a scanner's: invisible over pictures of most of the page, or under one.

    A line that a scanner's program prints on its pages is shown, and makes no difference.
    """
    shown = hidden = 0
    pictured = 0.0  # a scan may come in strips
    for place, (thing, kind) in enumerate(zip(drawn.handles, drawn.kinds, strict=True)):
        if place in drawn.homes:
            continue
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            if pdfium.text_mode(thing) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE:
                hidden += 1
            else:
                shown += 1
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            share = _pictured(thing, frame)
            pictured += share
            if share >= _MOST:
                shown, hidden = 0, shown + hidden
    return pictured >= _MOST and hidden > 0 and shown <= _FEW_SHOWN * hidden


def _objects(page: int) -> Iterator[int]:
    """Give the page's objects in the order in which they are drawn."""
    for index in range(min(pdfium.count_objects(page), _MAX_OBJECTS)):
        yield pdfium.get_object(page, index)


def _pictured(thing: int, frame: _Frame) -> float:
    """Return the share of the page's area that an object takes; 0 for one that is no picture."""
    box = (ctypes.c_float * 4)()
    left = ctypes.addressof(box)
    width, height = frame.size
    if pdfium.object_type(thing) != pdfium_c.FPDF_PAGEOBJ_IMAGE or not pdfium.object_bounds(
        thing, left, left + 4, left + 8, left + 12
    ):
        return 0.0
    return (box[2] - box[0]) * (box[3] - box[1]) / (width * height)


def _has_glyphs(page: int) -> bool:
    text = pdfium.load_text(page)
    if not text:
        return False
    try:
        count = min(pdfium.count_chars(text), _MAX_OBJECTS)
        return any(not _SPACE[min(pdfium.get_unicode(text, i), 0xFFFD)] for i in range(count))
    finally:
        pdfium.close_text(text)
