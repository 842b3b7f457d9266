"""What lies over a page's text: opaque rectangles and pictures that are drawn after it.

PDFium gives the text of a page whether it can be seen or not. What nobody can see is no part of an
invoice, so it must not be read as one. Wherever it is not certain that something covers a word, the
word counts as seen: other shapes than rectangles, shadings, layers that can be switched off, and
pictures over most of the page, which are a scan's and looked at elsewhere.
"""

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from invoice_extraction.intake import pdfium

_MAX_OBJECTS = 20_000  # of a page, those of its forms counted
_MAX_COVERS = 200  # that are looked at closely
_MAX_PAIRS = 500_000  # of an object and a word that are compared
_MAX_DEPTH = 5  # of a form in a form
_MAX_PICTURES = 8  # that are decoded, to see whether they are opaque
_MAX_PIXELS = 4_000_000
_MAX_SEGMENTS = 6  # of a rectangle's path
_MAX_CLIPS = 20
_THIN = 3.0  # points: a line or a rule covers no word
_MOST = 0.5  # of a page's area
_SLACK = 0.15  # of a word's height, by which its box may stick out
_LEVEL = 0.5  # points between two corners of one side
_AGAIN = 6  # text objects: PDFium leaves out text that repeats one of so many before it
_OPAQUE = 250  # alpha, 0 to 255

_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_TEXT, _PATH = pdfium_c.FPDF_PAGEOBJ_TEXT, pdfium_c.FPDF_PAGEOBJ_PATH
_IMAGE, _FORM = pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_FORM
_UNIT_SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]

Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
Bounds = tuple[float, float, float, float]
"""left, bottom, right, top in the space of the unrotated page, y upwards."""

_FLOATS = (ctypes.c_float * 6)()  # filled at each call; `pdfium.opened` holds the lock
_AT = ctypes.addressof(_FLOATS)
_INTS = (ctypes.c_uint * 4)()
_INTS_AT = ctypes.addressof(_INTS)


@dataclass(frozen=True, slots=True)
class _Home:
    """The form that an object is in; `matrix` leads from its space to the page's.

    `certain`: the form itself is seen as it is, neither transparent nor switched off.
    """

    matrix: Matrix
    certain: bool


_PAGE = _Home(_IDENTITY, True)


@dataclass(frozen=True, slots=True)
class Objects:
    """What a page draws, in the order of drawing, a form's objects in its place.

    `handles` and `kinds` are PDFium's; `homes` maps an index into them to the form it is in.
    """

    handles: list[int]
    kinds: list[int]
    homes: dict[int, _Home]


def objects(page: int) -> Objects:
    """Return the objects of a page, at most `_MAX_OBJECTS`."""
    get, count = pdfium.get_object, min(pdfium.count_objects(page), _MAX_OBJECTS)
    handles = [get(page, index) for index in range(count)]
    kinds = list(map(pdfium.object_type, handles))
    if _FORM not in kinds:
        return Objects(handles, kinds, {})
    flat = Objects([], [], {})
    for handle, kind in zip(handles, kinds, strict=True):
        _put(flat, handle, kind, _PAGE, 0)
    return flat


def is_plain(drawn: Objects, place: int) -> bool:
    """Return whether a text object is drawn whole and opaque: on no layer, and cut off by no clip.

    Not so in a form, which may be on a layer that PDFium does not tell of.
    """
    handle = drawn.handles[place]
    if place in drawn.homes or pdfium.is_transparent(handle) or _is_layer(handle):
        return False
    if pdfium.count_clips(pdfium.get_clip(handle)) < 1:
        return True
    bounds = _bounds(handle)
    within = None if bounds is None else _clipped(bounds, handle, _PAGE)
    return bounds is not None and _is_near(bounds, within)


def hidden(
    document: int,
    page: int,
    text: int,
    drawn: Objects,
    spans: list[tuple[int, int]],
    rectangles: NDArray[np.float64],
) -> frozenset[int]:
    """Return which of the words cannot be seen, as indexes into `spans`.

    `document`, `page` and `text` are PDFium's handles; a span is a word's first and last character
    (exclusive) in the text page, and a row of `rectangles` its left, top, right, bottom, y upwards.
    """
    above = _above(drawn, len(spans))
    if not above or not len(spans):
        return frozenset()
    inside = _inside(np.array([bounds for _, bounds in above]), rectangles)
    rows = np.flatnonzero(inside.any(axis=1)).tolist()
    if not rows:
        return frozenset()
    texts = _Texts(text, drawn)
    found: set[int] = set()
    pictures = covering = 0
    for row in reversed(rows):  # the topmost covers most, often all
        place, bounds = above[row]
        under = [
            n
            for n in np.flatnonzero(inside[row]).tolist()
            if n not in found and texts.is_below(n, spans[n], place)
        ]
        if not under:
            continue
        covering += 1
        if covering > _MAX_COVERS:
            break
        seen = _covered(drawn, place)
        if seen is None:
            continue
        if drawn.kinds[place] == _IMAGE:
            pictures += 1
            if (
                _area(seen) >= _MOST * _page_area(page)
                or pictures > _MAX_PICTURES
                or not _is_opaque(document, page, drawn.handles[place], bounds)
            ):
                continue
        # Its clip may let less of it through than its bounds.
        within = _inside(np.array([seen]), rectangles[under])[0]
        found.update(n for n, is_within in zip(under, within.tolist(), strict=True) if is_within)
    return frozenset(found)


class _Texts:
    """The text objects of a page: which of them draws a word, and when."""

    def __init__(self, text: int, drawn: Objects) -> None:
        self._text = text
        places = [place for place, kind in enumerate(drawn.kinds) if kind == _TEXT]
        self._order = [(drawn.handles[place], place) for place in places]
        self._ranks = {handle: rank for rank, (handle, _) in enumerate(self._order)}
        self._words: dict[int, int | None] = {}

    def is_below(self, word: int, span: tuple[int, int], place: int) -> bool:
        """Return whether a word is drawn before `place`, and not once more after it."""
        if word not in self._words:
            self._words[word] = self._rank(span)
        rank = self._words[word]
        if rank is None or self._order[rank][1] > place:
            return False
        later = self._order[rank + 1 : rank + 1 + _AGAIN]
        again = [handle for handle, at in later if at > place]
        own = _bounds(self._order[rank][0]) if again else None
        return own is None or not any(_is_near(own, _bounds(handle)) for handle in again)

    def _rank(self, span: tuple[int, int]) -> int | None:
        """Return the later of the objects of a word's first and its last character."""
        first = self._ranks.get(pdfium.text_object(self._text, span[0]))
        last = self._ranks.get(pdfium.text_object(self._text, span[1] - 1))
        return None if first is None or last is None else max(first, last)


def _put(flat: Objects, handle: int, kind: int, home: _Home, depth: int) -> None:
    """Add an object, or what is in it, if it is a form."""
    if len(flat.handles) >= _MAX_OBJECTS:
        return
    if kind != _FORM:
        if home is not _PAGE:
            flat.homes[len(flat.handles)] = home
        flat.handles.append(handle)
        flat.kinds.append(kind)
        return
    matrix = _matrix(handle)
    if depth >= _MAX_DEPTH or matrix is None:
        return
    inner = _Home(
        _times(matrix, home.matrix),
        home.certain and not pdfium.is_transparent(handle) and not _is_layer(handle),
    )
    for index in range(min(pdfium.count_form_objects(handle), _MAX_OBJECTS)):
        part = pdfium.get_form_object(handle, index)
        _put(flat, part, pdfium.object_type(part), inner, depth + 1)


def _above(drawn: Objects, words: int) -> list[tuple[int, Bounds]]:
    """Return the index and the bounds of each path and picture that is drawn after some text.

    Of more than can be compared with so many words, the largest.
    """
    kinds = drawn.kinds
    if _TEXT not in kinds:
        return []
    found: list[tuple[int, Bounds]] = []
    bounds_of, handles, homes = pdfium.object_bounds, drawn.handles, drawn.homes
    for place in range(kinds.index(_TEXT) + 1, len(kinds)):
        if kinds[place] not in (_PATH, _IMAGE):
            continue
        if not bounds_of(handles[place], _AT, _AT + 4, _AT + 8, _AT + 12):
            continue
        bounds = (_FLOATS[0], _FLOATS[1], _FLOATS[2], _FLOATS[3])
        if place in homes:
            bounds = _moved(bounds, homes[place].matrix)
        if not _is_thin(bounds):
            found.append((place, bounds))
    most = _MAX_PAIRS // max(words, 1) + 1
    if len(found) > most:
        found = sorted(sorted(found, key=lambda one: (-_area(one[1]), -one[0]))[:most])
    return found


def _inside(bounds: NDArray[np.float64], rectangles: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each of the bounds which of the words' rectangles lie in them."""
    left, top, right, bottom = rectangles.T
    slack = _SLACK * (top - bottom) + 0.1
    x0, y0, x1, y1 = (column[:, None] for column in bounds.T)
    inside: NDArray[np.bool_] = (
        (x0 <= left + slack) & (x1 >= right - slack) & (y0 <= bottom + slack) & (y1 >= top - slack)
    )
    return inside


def _covered(drawn: Objects, place: int) -> Bounds | None:
    """Return what an object covers; None where it covers nothing for certain."""
    handle, home = drawn.handles[place], drawn.homes.get(place, _PAGE)
    if not home.certain or pdfium.is_transparent(handle) or _is_layer(handle):
        return None
    matrix = _matrix(handle)
    if matrix is None:
        return None
    corners = _filled(handle) if drawn.kinds[place] == _PATH else _UNIT_SQUARE
    if corners is None:
        return None
    bounds = _rectangle(corners, _times(matrix, home.matrix))
    within = _clipped(bounds, handle, home) if bounds is not None else None
    return None if within is None or _is_thin(within) else within


def _is_near(one: Bounds, other: Bounds | None) -> bool:
    return other is not None and all(abs(a - b) <= 1 for a, b in zip(one, other, strict=True))


def _filled(path: int) -> list[Point] | None:
    """Return the corners of an opaque filled path in one piece; None for another."""
    count = pdfium.count_segments(path)
    if not 4 <= count <= _MAX_SEGMENTS or not pdfium.draw_mode(path, _INTS_AT, _INTS_AT + 4):
        return None
    if _INTS[0] == pdfium_c.FPDF_FILLMODE_NONE:
        return None
    color = [_INTS_AT + 4 * n for n in range(4)]
    if not pdfium.fill_color(path, *color) or _INTS[3] < _OPAQUE:
        return None
    return _corners(pdfium.get_segment(path, n) for n in range(count))


def _clipped(bounds: Bounds, handle: int, home: _Home) -> Bounds | None:
    """Return the part of a rectangle that its clip lets through; None where that is not known."""
    clip = pdfium.get_clip(handle)
    paths = max(pdfium.count_clips(clip), 0) if clip else 0
    if paths > _MAX_CLIPS:
        return None
    for path in range(paths):
        count = pdfium.count_clip_segments(clip, path)
        if not 4 <= count <= _MAX_SEGMENTS:
            return None
        corners = _corners(pdfium.get_clip_segment(clip, path, n) for n in range(count))
        window = _rectangle(corners, home.matrix) if corners is not None else None
        if window is None:
            return None
        bounds = (
            max(bounds[0], window[0]),
            max(bounds[1], window[1]),
            min(bounds[2], window[2]),
            min(bounds[3], window[3]),
        )
    return bounds


def _is_layer(handle: int) -> bool:
    """Return whether an object is in an optional content group (OC), which may be switched off."""
    count = pdfium.count_marks(handle)
    if count <= 0:
        return False
    name = ctypes.create_string_buffer(8)
    length = ctypes.c_ulong()
    for n in range(min(count, 20)):
        mark = pdfium.get_mark(handle, n)
        told = pdfium.mark_name(mark, ctypes.addressof(name), 8, ctypes.addressof(length))
        if told and name.raw[: length.value] == "OC\0".encode("utf-16-le"):
            return True
    return False


def _is_opaque(document: int, page: int, picture: int, bounds: Bounds) -> bool:
    """Return whether each pixel of a picture is, as its mask leaves it; False for a huge one."""
    if not pdfium.image_pixels(picture, _INTS_AT, _INTS_AT + 4):
        return False
    if _INTS[0] * _INTS[1] > _MAX_PIXELS or _area(bounds) > _MAX_PIXELS:
        return False
    bitmap = pdfium.image_bitmap(document, page, picture)
    if not bitmap:
        return False
    try:
        if pdfium.bitmap_format(bitmap) != pdfium_c.FPDFBitmap_BGRA:
            return False
        columns, lines = pdfium.bitmap_width(bitmap), pdfium.bitmap_height(bitmap)
        stride = pdfium.bitmap_stride(bitmap)
        raw = (ctypes.c_ubyte * (stride * lines)).from_address(pdfium.bitmap_buffer(bitmap))
        pixels = np.frombuffer(raw, np.uint8).reshape(lines, stride)[:, : 4 * columns]
        # The outermost pixels are only partly the picture's.
        inner: NDArray[np.uint8] = pixels[1:-1, 7:-4:4]
        return inner.size > 0 and int(inner.min()) >= _OPAQUE
    finally:
        pdfium.close_bitmap(bitmap)


def _page_area(page: int) -> float:
    bounds = pdfium.rectangle()
    pdfium.page_bounds(page, bounds)
    return float((bounds.right - bounds.left) * (bounds.top - bounds.bottom))


def _area(bounds: Bounds) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _bounds(handle: int) -> Bounds | None:
    if not pdfium.object_bounds(handle, _AT, _AT + 4, _AT + 8, _AT + 12):
        return None
    return _FLOATS[0], _FLOATS[1], _FLOATS[2], _FLOATS[3]


def _is_thin(bounds: Bounds) -> bool:
    # Written so that NaN counts as thin.
    return not (bounds[2] - bounds[0] >= _THIN and bounds[3] - bounds[1] >= _THIN)


def _matrix(handle: int) -> Matrix | None:
    if not pdfium.object_matrix(handle, _AT):
        return None
    a, b, c, d, e, f = _FLOATS
    return a, b, c, d, e, f


def _times(one: Matrix, other: Matrix) -> Matrix:
    """Return the matrix that does `one` first, then `other`."""
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _point(x: float, y: float, matrix: Matrix) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _moved(bounds: Bounds, matrix: Matrix) -> Bounds:
    """Return the bounds of what `bounds` become."""
    left, bottom, right, top = bounds
    points = [_point(x, y, matrix) for x in (left, right) for y in (bottom, top)]
    across, up = zip(*points, strict=True)
    return min(across), min(up), max(across), max(up)


def _corners(segments: Iterable[int]) -> list[Point] | None:
    """Return the corners of a path of straight lines in one piece; None for another."""
    points: list[Point] = []
    for segment in segments:
        kind = pdfium.segment_type(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO and points and len(points) >= 4:
            break
        if kind == pdfium_c.FPDF_SEGMENT_BEZIERTO or (
            (kind == pdfium_c.FPDF_SEGMENT_MOVETO) != (not points)
        ):
            return None
        if not pdfium.segment_point(segment, _AT, _AT + 4):
            return None
        points.append((_FLOATS[0], _FLOATS[1]))
    return points


def _rectangle(corners: list[Point], matrix: Matrix) -> Bounds | None:
    """Return the bounds of a rectangle that stands level on the page; None for another shape."""
    points = [_point(x, y, matrix) for x, y in corners]
    if len(points) < 4 or not all(_is_same(p, q) for p, q in zip(points[4:], points, strict=False)):
        return None
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = points[:4]
    lying = max(abs(y0 - y1), abs(x1 - x2), abs(y2 - y3), abs(x3 - x0)) <= _LEVEL
    standing = max(abs(x0 - x1), abs(y1 - y2), abs(x2 - x3), abs(y3 - y0)) <= _LEVEL
    if not (lying or standing):
        return None
    return min(x0, x2), min(y0, y2), max(x0, x2), max(y0, y2)


def _is_same(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) <= _LEVEL and abs(one[1] - other[1]) <= _LEVEL
