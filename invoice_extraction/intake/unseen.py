"""Words that are drawn and that nobody sees: without ink, in the paper's colour, cut off, too small.

PDFium gives them like all others, and a model that is sent the file may be told things by them. A word
that is suspicious is looked at in a picture of the page; where that shows anything at its place, the
word counts as seen. Text in the colour of a coloured ground is not looked for.
"""

import ctypes
import math
from collections.abc import Callable

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from invoice_extraction.intake import covers, pdfium
from invoice_extraction.intake.covers import Objects

_LIGHT = 235  # of 255, in each colour: suspicious on white paper
_CLEAR = 25  # alpha, of 255
_CONTRAST = 16  # of 255, between the lightest and the darkest at a word's place
_NO_PAGE = 20.0  # points: a page that is narrower is damaged, and hides nothing on purpose
_TINY = 0.8  # points: letters that are lower cannot be read on paper
_TINY_FONT = 2.0  # points; a font without glyph boxes makes low words of any size
_SCALE = 2.0  # pixels a point
_MAX_PIXELS = 4_000_000
_DRAWN = pdfium_c.FPDF_GRAYSCALE | pdfium_c.FPDF_ANNOT
_MAX_ANNOTATIONS = 50
_MAX_CONTENTS = 2_000  # characters of an annotation
_SHOWN = frozenset({pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_WIDGET})

# ISO 32000-2, table 104: how letters are drawn
_FILLED = frozenset({0, 2, 4, 6})
_STROKED = frozenset({1, 2, 5, 6})
_CLIPPING = frozenset({4, 5, 6, 7})

_INTS = (ctypes.c_uint * 4)()  # filled at each call; `pdfium.opened` holds the lock
_AT = ctypes.addressof(_INTS)


def unseen(
    page: int,
    text: int,
    drawn: Objects,
    spans: list[tuple[int, int]],
    rectangles: NDArray[np.float64],
) -> frozenset[int]:
    """Return which of the words cannot be seen, as indexes into `spans`; see `covers.hidden`.

    Not for a page that a scanner's program wrote its text under: there all of it is without ink.
    """
    if not len(spans):
        return frozenset()
    bounds = pdfium.rectangle()
    pdfium.page_bounds(page, bounds)
    left, top, right, bottom = rectangles.T
    outside = (
        (right <= bounds.left)
        | (left >= bounds.right)
        | (top <= bounds.bottom)
        | (bottom >= bounds.top)
    )
    if min(bounds.right - bounds.left, bounds.top - bounds.bottom) < _NO_PAGE:
        outside[:] = False
    low = np.minimum(right - left, top - bottom)
    tiny = (low > 0) & (low < _TINY)
    found = {
        n
        for n in np.flatnonzero(outside | tiny).tolist()
        if outside[n] or (_is_small(text, spans[n][0]) and _is_written(text, spans[n]))
    }
    faint = _faint(drawn)
    if faint:
        suspects = [
            n
            for n, (start, _) in enumerate(spans)
            if n not in found and pdfium.text_object(text, start) in faint
        ]
        if suspects:
            places = np.stack(
                (left - bounds.left, bounds.top - top, right - bounds.left, bounds.top - bottom), 1
            )
            found |= _blank(page, bounds, places[suspects], suspects)
    return frozenset(found)


def contents(page: int) -> str:
    """Return what the notes on a page say that are not printed on it: of links, pop-ups, comments."""
    told: list[str] = []
    buffer = ctypes.create_string_buffer(2 * _MAX_CONTENTS)
    for index in range(min(max(pdfium.count_annotations(page), 0), _MAX_ANNOTATIONS)):
        note = pdfium.get_annotation(page, index)
        if not note:
            continue
        try:
            if pdfium.annotation_type(note) in _SHOWN:
                continue
            at = ctypes.addressof(buffer)
            size = pdfium.annotation_text(note, b"Contents", at, len(buffer))
            raw = buffer.raw[: max(min(size, len(buffer)) - 2, 0)]
            told.append(raw.decode("utf-16-le", errors="ignore"))
        finally:
            pdfium.close_annotation(note)
    return " ".join(" ".join(told).split())


def _is_small(text: int, index: int) -> bool:
    size = pdfium.font_size(text, index)
    return size is not None and size < _TINY_FONT


def _is_written(text: int, span: tuple[int, int]) -> bool:
    """Return whether a word is more than a line or dots: two letters or digits at least."""
    units = (pdfium.get_unicode(text, index) for index in range(*span))
    return sum(chr(min(unit, 0xFFFF)).isalnum() for unit in units) > 1


def _faint(drawn: Objects) -> frozenset[int]:
    """Return the text objects that have no ink, or next to none on white paper, or may be cut off."""
    found = set()
    clips = False
    for place, (handle, kind) in enumerate(zip(drawn.handles, drawn.kinds, strict=True)):
        if kind != pdfium_c.FPDF_PAGEOBJ_TEXT:
            continue
        mode = pdfium.text_mode(handle)
        # What follows may be seen only through the letters, which PDFium tells nowhere.
        clips = clips or mode in _CLIPPING
        if (
            clips
            or not (mode in _FILLED or mode in _STROKED)
            or (mode in _FILLED and _is_light(pdfium.fill_color, handle))
            or (mode in _STROKED and _is_light(pdfium.stroke_color, handle))
            or not covers.is_plain(drawn, place)
        ):
            found.add(handle)
    return frozenset(found)


def _is_light(color: Callable[..., int], handle: int) -> bool:
    """Return whether the colour that `color` gives is next to none on white paper."""
    if not color(handle, _AT, _AT + 4, _AT + 8, _AT + 12):
        return False
    red, green, blue, alpha = _INTS
    return min(red, green, blue) >= _LIGHT or alpha <= _CLEAR


def _blank(
    page: int, bounds: pdfium.Rect, places: NDArray[np.float64], words: list[int]
) -> set[int]:
    """Return those of the words at whose places (left, top, right, bottom in points) nothing shows.

    Of the page, which is not turned, no more is drawn than has them all.
    """
    width, height = bounds.right - bounds.left, bounds.top - bounds.bottom
    scale = min(_SCALE, math.sqrt(_MAX_PIXELS / max(width * height, 1.0)))
    size = max(1, math.ceil(width * scale)), max(1, math.ceil(height * scale))
    pixels = np.nan_to_num(places * scale)  # a damaged word may be anywhere
    first = np.clip(np.floor(pixels[:, :2]), 0, size).astype(int)
    last = np.clip(np.ceil(pixels[:, 2:]), 0, size).astype(int)
    from_x, from_y = first.min(0).tolist()
    to_x, to_y = last.max(0).tolist()
    if to_x <= from_x or to_y <= from_y:
        return set()
    grey = np.full((to_y - from_y, to_x - from_x), 255, np.uint8)
    lines, columns = grey.shape
    bitmap = pdfium.create_bitmap(
        columns, lines, pdfium_c.FPDFBitmap_Gray, grey.ctypes.data, columns
    )
    turn = -pdfium.page_rotation(page) % 4
    pdfium.draw_page(bitmap, page, -from_x, -from_y, *size, turn, _DRAWN)
    pdfium.close_bitmap(bitmap)
    found = set()
    for word, (x0, y0), (x1, y1) in zip(words, first.tolist(), last.tolist(), strict=True):
        place = grey[y0 - from_y : y1 - from_y, x0 - from_x : x1 - from_x]
        if place.size and int(place.max()) - int(place.min()) < _CONTRAST:
            found.add(word)
    return found
