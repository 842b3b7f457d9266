"""OCR by Tesseract 5, where its library is installed: for scripts that the networks do not know.

The library is called in this process by its C interface (tesseract/capi.h), not as a program: a process
that does OCR may start none, and what it may not do holds for the library too. Each page is read by an
engine of its own, which is ended with the page.
"""

import ctypes
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_bool, c_char_p, c_float, c_int, c_void_p
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from invoice_extraction.model.document import Raster
from invoice_extraction.ocr.base import Mark, Recognised

_NAME = "libtesseract.so.5"
_LINE, _WORD = 2, 3  # TessPageIteratorLevel
_CONTRAST = 16  # of 255: a page with less shows nothing
_SMALLEST = 16  # pixels of a side: below it there is no line of text
_SECONDS = 7.0  # of computing; it takes up to three more before and after
_CANCEL = ctypes.CFUNCTYPE(c_bool, c_void_p, c_int)
_SURE = 0.5  # confidence from which a word counts
# What Tesseract gives a way up and a script: 6 and 2.5 where they are clear, 1 where they are guessed.
_TURNED, _WRITTEN = 2.0, 1.0
_LEVEL = 0.15  # degrees of skew that do not matter

_LANGUAGES = {
    "Arabic": ("ara", "fas"),
    "Armenian": ("hye",),
    "Cyrillic": ("rus", "ukr", "bul", "srp", "mkd", "bel", "kaz"),
    "Georgian": ("kat",),
    "Greek": ("ell",),
    "Han": ("chi_sim", "chi_tra"),
    "Hebrew": ("heb",),
    "Japanese": ("jpn",),
    "Korean": ("kor",),
    "Thai": ("tha",),
}
"""The languages to read a script by, as Tesseract names both; all of them that are installed are tried."""
_BESIDE = "eng"  # Latin words, digits and signs stand on every page
_SCRIPTS = "osd"  # which tells the script, and which way is up
_MICRO, _MU = "\u00b5", "\u03bc"  # the sign, which Tesseract writes for the letter

_Grey = NDArray[np.uint8]


class _Box(NamedTuple):
    text: str
    left: int
    top: int
    right: int
    bottom: int
    confidence: float


def is_installed() -> bool:
    """Return whether the library is there, with what it tells scripts by and at least one language."""
    return {_SCRIPTS, _BESIDE} <= languages()


def recognise(raster: Raster) -> Recognised:
    """Return the words of a page that lies on any of its sides, in the script that it is found to be in.

    Only the languages that are installed are read; where a page's script is not told, English.
    """
    pixels: _Grey = np.frombuffer(raster.data, np.uint8).reshape(raster.height, raster.width)
    if min(pixels.shape) < _SMALLEST or int(pixels.max()) - int(pixels.min()) < _CONTRAST:
        return Recognised(())
    quarters, script = _way_up(pixels)
    pixels = np.ascontiguousarray(np.rot90(pixels, quarters))
    known = [name for name in _LANGUAGES.get(script, ()) if name in languages()]
    boxes, skew = _read(pixels, "+".join([*known, _BESIDE]))
    if script == "Greek":
        boxes = [box._replace(text=box.text.replace(_MICRO, _MU)) for box in boxes]
    height, width = pixels.shape
    marks = tuple(_mark(box, width / 2, height / 2, skew) for box in boxes)
    return Recognised(marks, (90.0 * quarters + skew) % 360)


@cache
def languages() -> frozenset[str]:
    """Return the languages that are installed, as `tesseract --list-langs` does; none without it."""
    try:
        library = _library()
    except OSError:
        return frozenset()
    with _engine(_SCRIPTS) as engine:
        if engine is None:
            return frozenset()
        names = library.TessBaseAPIGetAvailableLanguagesAsVector(engine)
        found: list[str] = []
        while (name := names[len(found)]) is not None:
            found.append(name.decode())
        library.TessDeleteTextArray(names)
    return frozenset(found)


@cache
def _library() -> ctypes.CDLL:
    """Return the library; OSError where it is not installed."""
    library = ctypes.CDLL(_NAME)
    returned = {
        "TessBaseAPICreate": c_void_p,
        "TessBaseAPIGetAvailableLanguagesAsVector": POINTER(c_char_p),
        "TessBaseAPIGetIterator": c_void_p,
        "TessMonitorCreate": c_void_p,
        "TessResultIteratorGetPageIterator": c_void_p,
        "TessResultIteratorGetUTF8Text": c_void_p,  # a c_char_p could not be freed
        "TessResultIteratorConfidence": c_float,
    }
    for name, kind in returned.items():
        getattr(library, name).restype = kind
    return library


@contextmanager
def _engine(languages: str) -> Iterator[c_void_p | None]:
    """Give an engine for the languages ("ell+eng"); None where one of them is not installed."""
    library = _library()
    engine = c_void_p(library.TessBaseAPICreate())
    try:
        # Else its remarks go to standard error.
        library.TessBaseAPISetVariable(engine, b"debug_file", b"/dev/null")
        failed = library.TessBaseAPIInit3(engine, None, languages.encode())
        yield None if failed else engine
    finally:
        library.TessBaseAPIDelete(engine)


def _show(engine: c_void_p, pixels: _Grey) -> None:
    """Give the engine the picture, which must stay alive until it was read."""
    height, width = pixels.shape
    data = pixels.ctypes.data_as(c_void_p)
    _library().TessBaseAPISetImage(engine, data, width, height, 1, width)


def _way_up(pixels: _Grey) -> tuple[int, str]:
    """Return how many turns counterclockwise bring the page upright, and its script, "" if not told."""
    degrees, script = c_int(), c_char_p()
    turned, written = c_float(), c_float()
    with _engine(_SCRIPTS) as engine:
        if engine is None:
            return 0, ""
        _show(engine, pixels)
        told = _library().TessBaseAPIDetectOrientationScript(
            engine, byref(degrees), byref(turned), byref(script), byref(written)
        )
        name = script.value.decode() if told and script.value else ""
    return (
        degrees.value // 90 % 4 if told and turned.value >= _TURNED else 0,
        name if written.value >= _WRITTEN else "",
    )


def _read(pixels: _Grey, languages: str) -> tuple[list[_Box], float]:
    """Return the words, and the degrees clockwise by which their lines are askew."""
    library = _library()
    boxes: list[_Box] = []
    slopes: list[tuple[float, int]] = []
    with _engine(languages) as engine:
        if engine is None:
            return [], 0.0
        _show(engine, pixels)
        if not _recognised(engine):
            return [], 0.0
        found = library.TessBaseAPIGetIterator(engine)
        if found is None:
            return [], 0.0
        words = c_void_p(found)
        places = c_void_p(library.TessResultIteratorGetPageIterator(words))
        while True:
            if library.TessPageIteratorIsAtBeginningOf(places, _LINE):
                x0, y0, x1, y1 = _four(library.TessPageIteratorBaseline, places, _LINE)
                slopes.append((math.degrees(math.atan2(y1 - y0, x1 - x0)), x1 - x0))
            box = _word(words, places)
            if box is not None:
                boxes.append(box)
            if not library.TessResultIteratorNext(words, _WORD):
                break
        library.TessResultIteratorDelete(words)
    return boxes, _median(slopes)


def _recognised(engine: c_void_p) -> bool:
    """Return whether the engine got through the page before its time was over."""
    library = _library()
    end = time.thread_time() + _SECONDS
    too_late = _CANCEL(lambda _, words: time.thread_time() > end)
    monitor = c_void_p(library.TessMonitorCreate())
    try:
        library.TessMonitorSetCancelFunc(monitor, too_late)
        return not library.TessBaseAPIRecognize(engine, monitor) and time.thread_time() <= end
    finally:
        library.TessMonitorDelete(monitor)


def _word(words: c_void_p, places: c_void_p) -> _Box | None:
    """Return the word that the iterators are at; None for one that is too uncertain."""
    library = _library()
    confidence = library.TessResultIteratorConfidence(words, _WORD) / 100
    if confidence < _SURE:
        return None
    address = c_void_p(library.TessResultIteratorGetUTF8Text(words, _WORD))
    if address.value is None:
        return None
    text = ctypes.string_at(address).decode("utf-8", "replace").strip()
    library.TessDeleteText(address)
    if not text:
        return None
    return _Box(text, *_four(library.TessPageIteratorBoundingBox, places, _WORD), confidence)


def _four(function: Any, places: c_void_p, level: int) -> tuple[int, int, int, int]:
    """Return the four whole numbers of pixels that a function tells of a place."""
    a, b, c, d = c_int(), c_int(), c_int(), c_int()
    function(places, level, byref(a), byref(b), byref(c), byref(d))
    return a.value, b.value, c.value, d.value


def _median(slopes: list[tuple[float, int]]) -> float:
    """Return the slope in the middle of the lines' length; 0 where it does not matter."""
    half = sum(length for _, length in slopes) / 2
    for slope, length in sorted(slopes):
        half -= length
        if half <= 0:
            return round(slope, 2) if abs(slope) > _LEVEL else 0.0
    return 0.0


def _mark(box: _Box, x: float, y: float, skew: float) -> Mark:
    """Return the word on the page turned back by its skew about its middle, `x` and `y`."""
    radians = math.radians(-skew)
    cosine, sine = math.cos(radians), math.sin(radians)
    across, down = (box.left + box.right) / 2 - x, (box.top + box.bottom) / 2 - y
    middle = x + across * cosine - down * sine, y + across * sine + down * cosine
    # The box round a word that is askew is higher than the word, by its slope.
    width = box.right - box.left
    height = max((box.bottom - box.top) / 2, box.bottom - box.top - width * abs(sine))
    return Mark(
        text=box.text,
        x0=round(middle[0] - width / 2, 1),
        top=round(middle[1] - height / 2, 1),
        x1=round(middle[0] + width / 2, 1),
        bottom=round(middle[1] + height / 2, 1),
        confidence=round(box.confidence, 3),
    )
