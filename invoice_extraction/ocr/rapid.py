"""OCR by the PP-OCR networks that rapidocr's wheel holds: one finds lines, one reads a line.

rapidocr's own loop is not used: lines are read one by one at their exact width, which costs less than
padding them to one another's. The settings are measured (docs/engines.md).
"""

import math
import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from time import thread_time
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from invoice_extraction.model.document import Raster
from invoice_extraction.ocr import latin
from invoice_extraction.ocr.base import Mark, Recognised

_FINDER, _RECOGNISER = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"

_CONTRAST = 16  # of 255: a page with less shows nothing
_SIDE = 960  # pixels of the longer side in which lines are searched
_AREA = 960 * 680  # pixels; a page longer than A4, a receipt, is searched in as many as A4
_STEP = 32  # the finder takes sizes that are a multiple of it
_BODY, _LINE = 0.3, 0.5  # probability from which a pixel is text, and a region a line
_GROWTH = 1.35  # the finder's regions are the lines' cores; DB's unclip ratio
_MAX_LINES = 1_000
_BUDGET = 15.0  # seconds of computing for a page: an OCR process that takes 20 is killed
_THINNEST = 3.0  # pixels of a core's height, where lines are searched

_HEIGHT = 48  # pixels of a line's picture, as the recogniser was trained
_NARROWEST, _WIDEST = 48, 3_200
_LONGEST = 80.0  # heights of a line; what is longer is a rule
_WIDE, _BLANK = 1.5, 0.35  # of the usual step and of a line's height: a space is both
_UPRIGHT = 1.5  # of its width: a line that is higher stands upright
_EARLY = 0.25  # steps by which the recogniser tells a character after its middle
_SURE = 0.5  # confidence from which a line counts
_PROBES = 6  # lines by which is told which way is up
_CLEARLY = 0.9  # a line read the right way up has .98, upside down .7
_SPARSE = 1.2  # letters on a square of a line; Latin print has 1.3 and more, Greek or Cyrillic 0.7
_LEVEL = 0.15  # degrees of skew that do not matter

_Grey = NDArray[np.uint8]


class _Line(NamedTuple):
    """A rectangle round a line: its middle, size, and angle in degrees, clockwise, -45 to 45."""

    x: float
    y: float
    width: float
    height: float
    angle: float


class _Text(NamedTuple):
    """What the recogniser read: characters, and the place of each in steps across the line."""

    text: str
    confidences: Sequence[float]
    places: Sequence[float]
    steps: int

    @property
    def confidence(self) -> float:
        return sum(self.confidences) / len(self.confidences) if self.confidences else 0.0


Network = Callable[[NDArray[np.float32]], Sequence[NDArray[Any]]]
"""What runs a network: pictures in, its outputs out, in their order."""


@dataclass(frozen=True, slots=True)
class Networks:
    """The network that finds lines, the one that reads a line, and the characters it knows."""

    finder: Network
    recogniser: Network
    characters: tuple[str, ...]


def recognise(raster: Raster) -> Recognised:
    """Return the words of a page, whichever way up it lies; a skew of some degrees does no harm."""
    return read(_networks(), raster)


def load(prepare: Callable[[bytes], Network]) -> Networks:
    """Return the networks, each made ready by `prepare` from its file in ONNX.

    Raises:
        ModuleNotFoundError: rapidocr, which brings the files, is not installed.
    """
    cv2.setNumThreads(1)
    package = find_spec("rapidocr")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("rapidocr is not installed", name="rapidocr")
    folder = Path(package.origin).parent / "models"
    network = latin.cut((folder / _RECOGNISER).read_bytes())
    return Networks(
        finder=prepare((folder / _FINDER).read_bytes()),
        recogniser=prepare(network.onnx),
        characters=network.characters,
    )


def read(networks: Networks, raster: Raster) -> Recognised:
    """Return the words of a page as `recognise` does, by networks that were loaded before."""
    end = thread_time() + _BUDGET
    pixels: _Grey = np.frombuffer(raster.data, np.uint8).reshape(raster.height, raster.width)
    if int(pixels.max()) - int(pixels.min()) < _CONTRAST:
        return Recognised(())
    quarters = 0  # turns counterclockwise that bring the page upright
    lines = _find(networks, pixels)
    if lines and _lies_on_its_side(lines):
        quarters = 1
        pixels = np.ascontiguousarray(np.rot90(pixels))
        lines = _find(networks, pixels)
    lines = [line for line in lines if line.height < _UPRIGHT * line.width]
    probed = _probed(networks, pixels, lines)
    if _is_upside_down(networks, pixels, probed):
        quarters += 2
        probed = {}
        pixels = np.ascontiguousarray(np.rot90(pixels, 2))
        height, width = pixels.shape
        lines = [line._replace(x=width - line.x, y=height - line.y) for line in lines]
    skew = _skew(lines)
    lines = [line for line in lines if line.width <= _LONGEST * line.height]
    pictures: list[_Grey] = []
    texts: list[_Text] = []
    for line in lines:
        if thread_time() > end:
            break
        pictures.append(_picture(pixels, line))
        texts.append(probed.get(line) or _recognised(networks, pictures[-1]))
    is_cut, lines = len(texts) < len(lines), lines[: len(texts)]
    middle = pixels.shape[1] / 2, pixels.shape[0] / 2
    marks = [
        mark
        for line, picture, text in zip(lines, pictures, texts, strict=True)
        if text.confidence >= _SURE
        for mark in _marks(line, picture, text, middle, skew)
    ]
    return Recognised(
        tuple(marks), (90.0 * quarters + skew) % 360, _are_sparse(lines, texts), is_cut
    )


@cache
def _networks() -> Networks:
    """Return the networks, loaded once in a process."""
    return load(_session)


def _session(onnx: bytes) -> Network:
    # It writes a device id as it is imported and tells its maker of its use, unless told not to.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    return lambda picture: session.run(None, {"x": picture})


def _find(networks: Networks, pixels: _Grey) -> list[_Line]:
    """Return the lines, as pixels of the whole picture."""
    height, width = pixels.shape
    scale = min(1.0, max(_SIDE / max(height, width), math.sqrt(_AREA / (height * width))))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    right, below = -size[0] % _STEP, -size[1] % _STEP
    padded = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE)
    (found,) = networks.finder(_tensor(padded))
    text = found[0, 0, : size[1], : size[0]]
    body = cv2.dilate((text > _BODY).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(body, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    lines = []
    for contour in contours[:_MAX_LINES]:
        box = cv2.minAreaRect(contour)
        if min(box[1]) < _THINNEST or _mean(text, box) < _LINE:
            continue
        (x, y), (across, down), angle = box
        grown = across * down * _GROWTH / (across + down)  # twice DB's distance: area / perimeter
        line = _turned(_Line(x, y, across + grown, down + grown, angle))
        lines.append(
            _Line(
                line.x / scale,
                line.y / scale,
                line.width / scale,
                line.height / scale,
                line.angle,
            )
        )
    return lines


def _tensor(grey: NDArray[Any]) -> NDArray[np.float32]:
    """Return a picture as the networks take it: three equal channels, -1 to 1."""
    values = grey.astype(np.float32) / 127.5 - 1.0
    return np.ascontiguousarray(np.broadcast_to(values, (1, 3, *grey.shape)))


def _mean(text: NDArray[np.float32], box: Any) -> float:
    """Return the mean probability inside a rotated rectangle."""
    corners = cv2.boxPoints(box)
    height, width = text.shape
    left, top = np.clip(np.floor(corners.min(0)), 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(0)), 0, (width - 1, height - 1)).astype(int)
    mask = np.zeros((bottom - top + 1, right - left + 1), np.uint8)
    cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(text[top : bottom + 1, left : right + 1], mask)[0])


def _turned(line: _Line) -> _Line:
    """Return the same rectangle with an angle of -45 to 45; OpenCV's differs between its versions."""
    quarters = round(line.angle / 90)
    width, height = (line.height, line.width) if quarters % 2 else (line.width, line.height)
    return _Line(line.x, line.y, width, height, line.angle - 90 * quarters)


def _lies_on_its_side(lines: list[_Line]) -> bool:
    """Return whether by far the most text stands upright; tickets have some of each."""
    upright = sum(line.height for line in lines if line.height > _UPRIGHT * line.width)
    level = sum(line.width for line in lines if line.width > _UPRIGHT * line.height)
    return upright > 2 * level


def _probed(networks: Networks, pixels: _Grey, lines: list[_Line]) -> dict[_Line, _Text]:
    """Return the longest lines as they are read the way the picture lies."""
    probes = sorted(lines, key=lambda line: -line.width)[:_PROBES]
    return {line: _recognised(networks, _picture(pixels, line)) for line in probes}


def _is_upside_down(networks: Networks, pixels: _Grey, probed: dict[_Line, _Text]) -> bool:
    """Return whether the lines that were read are read better when turned by half."""
    upright = _score(probed.values())
    if not probed or upright >= _CLEARLY:
        return False
    pictures = (np.ascontiguousarray(_picture(pixels, line)[::-1, ::-1]) for line in probed)
    return _score([_recognised(networks, picture) for picture in pictures]) > upright


def _score(texts: Collection[_Text]) -> float:
    """Return how sure the recogniser is of the lines, 0 for none; short ones are read either way."""
    sure = sum(text.confidence * min(1.0, len(text.text) / 3) for text in texts)
    return sure / len(texts) if texts else 0.0


def _skew(lines: list[_Line]) -> float:
    """Return the degrees clockwise by which the lines are askew, by the longest of them."""
    long = [line for line in lines if line.width > 5 * line.height]
    if not long:
        return 0.0
    long.sort(key=lambda line: line.angle)
    half = sum(line.width for line in long) / 2
    for line in long:
        half -= line.width
        if half <= 0:
            return round(line.angle, 2) if abs(line.angle) > _LEVEL else 0.0
    return 0.0


def _picture(pixels: _Grey, line: _Line) -> _Grey:
    """Return a line's own picture, level and of the recogniser's height."""
    width = min(_WIDEST, max(_NARROWEST, math.ceil(line.width * _HEIGHT / line.height / 8) * 8))
    radians = math.radians(line.angle)
    cosine, sine = math.cos(radians), math.sin(radians)
    # In one step where it is enlarged; one step that shrinks would leave out rows of pixels.
    shrinks = line.height > _HEIGHT
    size = (math.ceil(line.width), math.ceil(line.height)) if shrinks else (width, _HEIGHT)
    across, down = line.width / size[0], line.height / size[1]
    left, top = (size[0] - 1) / 2 * across, (size[1] - 1) / 2 * down
    place = np.array(
        [
            [cosine * across, -sine * down, line.x - 0.5 - cosine * left + sine * top],
            [sine * across, cosine * down, line.y - 0.5 - sine * left - cosine * top],
        ]
    )
    flags = cv2.WARP_INVERSE_MAP | (cv2.INTER_LINEAR if shrinks else cv2.INTER_CUBIC)
    level = cv2.warpAffine(pixels, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    if shrinks:
        level = cv2.resize(level, (width, _HEIGHT), interpolation=cv2.INTER_AREA)
    return level.astype(np.uint8, copy=False)


def _recognised(networks: Networks, picture: _Grey) -> _Text:
    best, sure = (row[0] for row in networks.recogniser(_tensor(picture)))
    # CTC: of equal neighbours one counts, and class 0 is no character.
    first = np.ones(len(best), bool)
    first[1:] = best[1:] != best[:-1]
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(best))
    taken = best[starts] != 0
    starts, ends = starts[taken], ends[taken]
    return _Text(
        "".join(networks.characters[n] for n in best[starts].tolist()),
        sure[starts].tolist(),
        ((starts + ends) / 2 - _EARLY).tolist(),
        len(best),
    )


def _are_sparse(lines: list[_Line], texts: list[_Text]) -> bool:
    """Return whether fewer letters were read than the lines have room for."""
    letters = sum(len(text.text.replace(" ", "")) for text in texts)
    return letters < _SPARSE * sum(line.width / line.height for line in lines)


def _marks(
    line: _Line, picture: _Grey, text: _Text, middle: tuple[float, float], skew: float
) -> list[Mark]:
    """Return a line's words, their boxes level on the page turned back by its skew about its middle."""
    radians = math.radians(-skew)
    cosine, sine = math.cos(radians), math.sin(radians)
    own = math.radians(line.angle)
    marks = []
    for start, end in _words(text, picture):
        left, right = _span(text, start, end)
        top, bottom = _ink(picture, left, right)
        # Middle of the word, from the line's middle; then on the page; then with the skew undone.
        across = ((left + right) / 2 - 0.5) * line.width
        down = ((top + bottom) / 2 - 0.5) * line.height
        x = line.x + across * math.cos(own) - down * math.sin(own) - middle[0]
        y = line.y + across * math.sin(own) + down * math.cos(own) - middle[1]
        x, y = middle[0] + x * cosine - y * sine, middle[1] + x * sine + y * cosine
        width, height = (right - left) * line.width, (bottom - top) * line.height
        sure = text.confidences[start:end]
        marks.append(
            Mark(
                text=text.text[start:end],
                x0=round(x - width / 2, 1),
                top=round(y - height / 2, 1),
                x1=round(x + width / 2, 1),
                bottom=round(y + height / 2, 1),
                confidence=round(sum(sure) / len(sure), 3),
            )
        )
    return marks


def _words(text: _Text, picture: _Grey) -> list[tuple[int, int]]:
    """Return where each word begins and ends: at spaces, and at gaps that are as wide as one."""
    cuts = [n for n, character in enumerate(text.text) if character == " "]
    words, begin = [], 0
    for cut in [*cuts, len(text.text)]:
        for gap in [*_gaps(text, picture, begin, cut), cut]:
            if text.text[begin:gap].strip():
                words.append((begin, gap))
            begin = gap
        begin = cut + 1
    return words


def _gaps(text: _Text, picture: _Grey, start: int, end: int) -> list[int]:
    """Return the characters of a word before which a space was overlooked ("09/11/202408:26")."""
    steps = np.diff(text.places)
    wide = _WIDE * float(np.median(steps)) if len(steps) else 0.0
    scale = picture.shape[1] / text.steps
    found = []
    for n in range(start + 1, end):
        if steps[n - 1] >= wide:
            left, right = text.places[n - 1] * scale, text.places[n] * scale
            if _longest_blank(picture[:, int(left) : math.ceil(right)]) >= _BLANK * _HEIGHT:
                found.append(n)
    return found


def _longest_blank(part: _Grey) -> int:
    """Return the most columns side by side that hold no ink."""
    longest = run = 0
    for ink in (_dark(part).sum(0) > 1).tolist():
        run = 0 if ink else run + 1
        longest = max(longest, run)
    return longest


def _span(text: _Text, start: int, end: int) -> tuple[float, float]:
    """Return where a word begins and ends, as shares of its line's width.

    Between two characters lies the middle of their places; before the first and after the last one,
    half a character.
    """
    places = text.places
    wide = (places[-1] - places[0]) / (len(places) - 1) if len(places) > 1 else text.steps / 2
    left = (places[start - 1] + places[start]) / 2 if start else places[0] - wide / 2
    last = end - 1
    right = (places[last] + places[end]) / 2 if end < len(places) else places[last] + wide / 2
    return max(0.0, left / text.steps), min(1.0, right / text.steps)


def _ink(picture: _Grey, left: float, right: float) -> tuple[float, float]:
    """Return where a word's ink begins and ends, as shares of its line's height."""
    width = picture.shape[1]
    word = picture[:, int(left * width) : max(int(left * width) + 1, math.ceil(right * width))]
    dark = _dark(word)
    rows = np.flatnonzero(dark.sum(1) >= max(1.0, 0.04 * word.shape[1]))
    if len(rows) < _HEIGHT // 4:
        return 0.2, 0.8
    return float(rows[0]) / _HEIGHT, float(rows[-1] + 1) / _HEIGHT


def _dark(part: _Grey) -> _Grey:
    """Return 1 where there is ink, whether it is darker than the paper or lighter."""
    _, found = cv2.threshold(part, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    dark = found.astype(bool)
    return (~dark if 2 * int(dark.sum()) > dark.size else dark).astype(np.uint8)
