"""Paper in front of a camera: the pages of a PDF as pictures, worn, and where their values are seen then."""

import math
from collections.abc import Iterator

import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from samples import marks
from samples.formats import Sample
from samples.marks import Levels
from samples.pictures import Picture
from samples.sheet import Box, Place
from samples.wear import Colour, Wear

SHARPEST = 240
"""Dots to the inch at which a page is drawn; the finished picture is scaled down from them."""

BLACK_BELOW = 150
"""Levels darker than this are black where only black and white are left."""

TURNS = {
    0: (None, ((1, 0, 0), (0, 1, 0))),
    90: (Image.Transpose.ROTATE_270, ((0, -1, 1), (1, 0, 0))),
    180: (Image.Transpose.ROTATE_180, ((-1, 0, 1), (0, -1, 1))),
    270: (Image.Transpose.ROTATE_90, ((0, 1, 0), (-1, 0, 1))),
}
"""By degrees clockwise: Pillow's name, which counts the other way, and what becomes of a point, in shares."""

Matrix = NDArray[np.float64]
"""3 by 3, for points as (x, y, 1): a plane seen in perspective."""


def take(sample: Sample, picture: Picture, wear: Wear) -> Sample:
    """Return the sample as a picture: the same truth, its boxes where the values are seen, no text.

    Raises ValueError where the sample has more pages than such a file holds.
    """
    if sample.pages > 1 and not picture.holds_pages:
        raise ValueError(f"a file {picture.suffix} holds one page, not {sample.pages}")
    images, views = [], []
    for number, page in enumerate(_pages(sample.data), 1):
        rng = np.random.default_rng((wear.seed, number))
        image, view = shoot(page, wear, rng)
        images.append(image)
        views.append(view)
    return Sample(
        data=picture.encode(images, wear),
        suffix=picture.suffix,
        medium=picture.medium or ("photo" if wear.photo else "scan image"),
        truth=sample.truth,
        places={
            pointer: [_seen(place, views[place.page - 1]) for place in places]
            for pointer, places in sample.places.items()
        },
        pages=sample.pages,
        wear=wear,
    )


def shoot(page: Image.Image, wear: Wear, rng: np.random.Generator) -> tuple[Image.Image, Matrix]:
    """Return the picture of a page of SHARPEST dpi, and the matrix from shares of the page to its own."""
    grey = wear.colours != "colour"
    # chance of its own, so that what these marks draw changes nothing of the rest
    chance, points = rng.spawn(1)[0], SHARPEST / 72
    aged = _aged(_levels(page.convert("L" if grey else "RGB")), wear, rng)
    worn = _image(marks.on_paper(aged, wear, chance, points))
    view, size = _view(page.size, wear)
    ground = _grey(wear.ground) if grey else wear.ground
    seen = worn.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _coefficients(view),
        Image.Resampling.BICUBIC,
        fillcolor=ground,
    )
    seen = _image(marks.in_camera(_lit(_levels(seen), wear, rng), wear, chance, points))
    seen = seen.filter(ImageFilter.GaussianBlur(wear.blur * SHARPEST / 72))
    scale = wear.dpi / SHARPEST
    smaller = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
    levels = _levels(seen.resize(smaller, Image.Resampling.LANCZOS))
    levels += wear.noise * rng.standard_normal(levels.shape, np.float32)
    if wear.colours == "black and white":
        finished = Image.fromarray(levels >= BLACK_BELOW)
    else:
        finished = _image(levels)
    transposed, turn = TURNS[wear.turn]
    if transposed is not None:
        finished = finished.transpose(transposed)
    before = np.diag([*page.size, 1.0])
    after = np.diag([1 / size[0], 1 / size[1], 1.0])
    return finished, np.array([*turn, (0, 0, 1)], np.float64) @ after @ view @ before


def map_box(box: Box, view: Matrix) -> Box:
    """Return the upright box round what the matrix makes of a box, both in shares of their pages."""
    x0, top, x1, bottom = box
    corners = np.array([(x0, top, 1), (x1, top, 1), (x1, bottom, 1), (x0, bottom, 1)])
    mapped = corners @ view.T
    xs, ys = mapped[:, 0] / mapped[:, 2], mapped[:, 1] / mapped[:, 2]
    left, upper, right, lower = (
        round(min(1.0, max(0.0, float(share))), 4)
        for share in (xs.min(), ys.min(), xs.max(), ys.max())
    )
    return (left, upper, right, lower)


def _pages(data: bytes) -> Iterator[Image.Image]:
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            yield page.render(scale=SHARPEST / 72).to_pil()
    finally:
        document.close()


def _seen(place: Place, view: Matrix) -> Place:
    return Place(place.text, place.page, tuple(map_box(box, view) for box in place.boxes))


def _view(page: tuple[int, int], wear: Wear) -> tuple[Matrix, tuple[int, int]]:
    """Return the matrix from pixels of the page to pixels of the picture, and the picture's size.

    The picture is as large as the whole sheet needs, however it lies.
    """
    width, height = page
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    angle = math.radians(wear.skew)
    clockwise = np.array(
        [(math.cos(angle), -math.sin(angle)), (math.sin(angle), math.cos(angle))]
    )  # y points down
    seen = (corners - (width / 2, height / 2)) @ clockwise.T
    seen[:2, 0] *= 1 - wear.tilt  # the upper edge is the far one
    border = wear.margin * min(page)
    seen += border - seen.min(axis=0)
    right, lower = np.ceil(seen.max(axis=0) + border)
    return _perspective(corners, seen), (int(right), int(lower))


def _perspective(corners: NDArray[np.float64], seen: NDArray[np.float64]) -> Matrix:
    """Return the one matrix that takes four points to four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, seen, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(values)), 1.0).reshape(3, 3)


def _coefficients(view: Matrix) -> list[float]:
    """Return what Pillow asks for: the way back, from the picture to the page."""
    back = np.linalg.inv(view)
    return [float(value) for value in (back / back[2, 2]).ravel()[:8]]


def _aged(levels: Levels, wear: Wear, rng: np.random.Generator) -> Levels:
    """Return the page with its ink faded, on its paper."""
    lost = wear.fade * _cloud(rng, levels.shape, cells=(6, 3))
    ink = (255 - levels) * (1 - _over(lost, levels))
    paper = np.array(wear.paper if levels.ndim == 3 else _grey(wear.paper), np.float32)
    return (255 - ink) * (paper / np.float32(255))


def _lit(levels: Levels, wear: Wear, rng: np.random.Generator) -> Levels:
    """Return the picture with the light falling off to one side."""
    angle = rng.uniform(0, 2 * math.pi)
    down, across = (np.linspace(-1, 1, count, dtype=np.float32) for count in levels.shape[:2])
    far = down[:, None] * math.sin(angle) + across[None, :] * math.cos(angle)
    dark: Levels = np.clip((far + 1) / 2, 0, 1).astype(np.float32) ** 2
    return levels * (1 - _over(wear.shadow * dark, levels))


def _cloud(rng: np.random.Generator, shape: tuple[int, ...], cells: tuple[int, int]) -> Levels:
    """Return soft patches, 0 to 1, over so many cells down and across."""
    coarse = Image.fromarray(rng.random(cells, np.float32))
    soft = coarse.resize((shape[1], shape[0]), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(soft, np.float32), 0, 1)


def _over(field: Levels, levels: Levels) -> Levels:
    """Return a field of one value for each pixel so that it applies to all of a pixel's colours."""
    return field[..., None] if levels.ndim == 3 else field


def _grey(colour: Colour) -> int:
    """Return the colour's luma (ITU-R BT.601)."""
    red, green, blue = colour
    return round(0.299 * red + 0.587 * green + 0.114 * blue)


def _levels(image: Image.Image) -> Levels:
    return np.array(image, np.float32)


def _image(levels: Levels) -> Image.Image:
    return Image.fromarray(np.clip(levels + 0.5, 0, 255).astype(np.uint8))
