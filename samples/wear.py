"""What becomes of a page on its way to a picture, and the usual ways on which that happens."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

from invoice_extraction.model.invoice import DocumentType

Colour = tuple[int, int, int]
"""Red, green and blue, 0 to 255."""

Turn = Literal[0, 90, 180, 270]

WHITE: Colour = (255, 255, 255)


@dataclass(frozen=True, slots=True)
class Wear:
    """All that is done to a page; the same wear of the same page gives the same pixels.

    In the order in which it is done:

    - `fade`: the share of its ink that is lost where it is palest.
    - `paper`: the colour of the sheet.
    - `skew`: degrees clockwise by which the sheet lies askew.
    - `tilt`: the share by which its far edge looks shorter, as a camera held at a slant sees it.
    - `margin`, `ground`: what is seen around the sheet, as a share of its shorter side, and its colour.
    - `shadow`: the share of the light that is missing on the darkest side.
    - `blur`: the standard deviation in points.
    - `dpi`: dots to the inch of the sheet, in the finished picture.
    - `noise`: the standard deviation in levels, of 255.
    - `colours`: what is left of the colours.
    - `turn`: degrees clockwise by which the finished picture is turned.
    - `quality`: of JPEG and WebP, 1 to 95.

    Marks that most pictures lack, none where they are 0; the first five on the sheet before the camera sees it:

    - `through`: the share of its ink that shines through from the other side.
    - `streaks`: how many thin lines are left without ink along the paper's way.
    - `specks`: how many specks of dust there are.
    - `folds`: how often the sheet was folded.
    - `crumple`: the share of the light that is missing in the deepest facets of crumpled paper.
    - `glare`: the share of contrast that a lamp takes where it is brightest.
    - `motion`: points by which the hand moved.

    `photo` is whether a camera took it: its file states no resolution then. `seed` decides what is
    left to chance.
    """

    seed: int
    dpi: int
    colours: Literal["colour", "grey", "black and white"]
    photo: bool = False
    fade: float = 0.0
    paper: Colour = WHITE
    skew: float = 0.0
    tilt: float = 0.0
    margin: float = 0.0
    ground: Colour = WHITE
    shadow: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    turn: Turn = 0
    quality: int = 75
    through: float = 0.0
    streaks: int = 0
    specks: int = 0
    folds: int = 0
    crumple: float = 0.0
    glare: float = 0.0
    motion: float = 0.0


@dataclass(frozen=True, slots=True)
class Capture:
    """A usual way on which a page becomes a picture, and the document types that it suits."""

    draw: Callable[[Random], Wear]
    kinds: frozenset[DocumentType]


def _flatbed(rng: Random) -> Wear:
    """Return a good scan."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.choice((150, 200, 240)),
        colours=rng.choice(("colour", "grey")),
        paper=_paper(rng, 246),
        skew=_between(rng, -0.8, 0.8),
        blur=_between(rng, 0.1, 0.2),
        noise=_between(rng, 1, 3),
        quality=rng.randrange(60, 90),
    )


def _copier(rng: Random) -> Wear:
    """Return a copy of a copy: grey, askew, ink missing."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.choice((150, 200)),
        colours="grey",
        fade=_between(rng, 0.1, 0.35),
        paper=_paper(rng, 228),
        skew=_between(rng, -3, 3),
        ground=(215, 215, 215),
        shadow=_between(rng, 0.05, 0.2),
        blur=_between(rng, 0.15, 0.3),
        noise=_between(rng, 3, 8),
        quality=rng.randrange(40, 75),
    )


def _fax(rng: Random) -> Wear:
    """Return a fax: black and white, its letters frayed."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=200,
        colours="black and white",
        skew=_between(rng, -1.5, 1.5),
        blur=_between(rng, 0.15, 0.25),
        noise=_between(rng, 12, 28),
    )


def _phone(rng: Random) -> Wear:
    """Return a photo of a sheet that lies on a table."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.randrange(130, 200),
        colours="colour",
        photo=True,
        paper=_paper(rng, 232),
        skew=_between(rng, -3, 3),
        tilt=_between(rng, 0, 0.06),
        margin=_between(rng, 0.02, 0.08),
        ground=_table(rng),
        shadow=_between(rng, 0.1, 0.4),
        blur=_between(rng, 0.15, 0.3),
        noise=_between(rng, 2, 7),
        quality=rng.randrange(45, 80),
    )


def _thermal(rng: Random) -> Wear:
    """Return a photo of a roll whose print is going pale."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.randrange(150, 220),
        colours="colour",
        photo=True,
        fade=_between(rng, 0.3, 0.65),
        paper=_paper(rng, 236),
        skew=_between(rng, -3, 3),
        tilt=_between(rng, 0, 0.04),
        margin=_between(rng, 0.04, 0.12),
        ground=_table(rng),
        shadow=_between(rng, 0.1, 0.3),
        blur=_between(rng, 0.15, 0.3),
        noise=_between(rng, 2, 6),
        quality=rng.randrange(50, 80),
    )


def _archive(rng: Random) -> Wear:
    """Return a scan of thin old paper: folded, dusty, its other side shining through."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.choice((150, 200)),
        colours=rng.choice(("colour", "grey")),
        fade=_between(rng, 0.05, 0.3),
        paper=_paper(rng, 222),
        skew=_between(rng, -1.5, 1.5),
        blur=_between(rng, 0.1, 0.25),
        noise=_between(rng, 2, 6),
        quality=rng.randrange(45, 80),
        through=_between(rng, 0.04, 0.16),
        specks=rng.randrange(10, 120),
        folds=rng.randrange(0, 4),
    )


def _pocket(rng: Random) -> Wear:
    """Return a photo of paper out of a pocket: crumpled, folded, in bad light."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.randrange(130, 200),
        colours="colour",
        photo=True,
        fade=_between(rng, 0.0, 0.35),
        paper=_paper(rng, 230),
        skew=_between(rng, -6, 6),
        tilt=_between(rng, 0, 0.08),
        margin=_between(rng, 0.03, 0.12),
        ground=_table(rng),
        shadow=_between(rng, 0.15, 0.5),
        blur=_between(rng, 0.15, 0.35),
        noise=_between(rng, 2, 7),
        quality=rng.randrange(45, 80),
        folds=rng.randrange(1, 5),
        crumple=_between(rng, 0.12, 0.4),
    )


def _aslant(rng: Random) -> Wear:
    """Return a hasty photo: held at a slant, shaken, a lamp on the paper."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.randrange(130, 210),
        colours="colour",
        photo=True,
        paper=_paper(rng, 232),
        skew=_between(rng, -14, 14),
        tilt=_between(rng, 0.05, 0.16),
        margin=_between(rng, 0.05, 0.2),
        ground=_table(rng),
        shadow=_between(rng, 0.1, 0.4),
        blur=_between(rng, 0.15, 0.3),
        noise=_between(rng, 2, 6),
        quality=rng.randrange(50, 85),
        glare=_between(rng, 0.0, 0.6),
        motion=_between(rng, 0.0, 1.2),
    )


def _messenger(rng: Random) -> Wear:
    """Return a picture that was passed on small: few pixels, strongly compressed."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.randrange(80, 120),
        colours="colour",
        photo=True,
        paper=_paper(rng, 236),
        skew=_between(rng, -2, 2),
        margin=_between(rng, 0.0, 0.05),
        ground=_table(rng),
        shadow=_between(rng, 0.0, 0.3),
        blur=_between(rng, 0.1, 0.25),
        noise=_between(rng, 1, 4),
        quality=rng.randrange(25, 50),
    )


def _faded(rng: Random) -> Wear:
    """Return a photo of a roll that lay in the sun, printed by a worn head."""
    return Wear(
        seed=rng.randrange(2**32),
        dpi=rng.randrange(150, 220),
        colours="colour",
        photo=True,
        fade=_between(rng, 0.5, 0.75),
        paper=_paper(rng, 232),
        skew=_between(rng, -4, 4),
        tilt=_between(rng, 0, 0.05),
        margin=_between(rng, 0.04, 0.12),
        ground=_table(rng),
        shadow=_between(rng, 0.1, 0.35),
        blur=_between(rng, 0.15, 0.3),
        noise=_between(rng, 2, 6),
        quality=rng.randrange(50, 80),
        streaks=rng.randrange(1, 6),
        folds=rng.randrange(0, 3),
        crumple=_between(rng, 0.0, 0.2),
    )


CAPTURES: dict[str, Capture] = {
    "flatbed": Capture(_flatbed, frozenset({"invoice", "credit_note", "receipt"})),
    "copier": Capture(_copier, frozenset({"invoice", "credit_note"})),
    "fax": Capture(_fax, frozenset({"invoice", "credit_note"})),
    "phone": Capture(_phone, frozenset({"invoice", "credit_note", "receipt"})),
    "thermal": Capture(_thermal, frozenset({"receipt"})),
    "archive": Capture(_archive, frozenset({"invoice", "credit_note"})),
    "pocket": Capture(_pocket, frozenset({"invoice", "receipt"})),
    "aslant": Capture(_aslant, frozenset({"invoice", "credit_note", "receipt"})),
    "messenger": Capture(_messenger, frozenset({"invoice", "receipt"})),
    "faded": Capture(_faded, frozenset({"receipt"})),
}
"""Captures by name. One function and one line make a new one."""


def _between(rng: Random, low: float, high: float) -> float:
    return round(rng.uniform(low, high), 3)


def _paper(rng: Random, darkest: int) -> Colour:
    """Return a white that leans to yellow, its red no less than `darkest`."""
    red = rng.randrange(darkest, 256)
    return (red, red - rng.randrange(0, 3), red - rng.randrange(2, 12))


def _table(rng: Random) -> Colour:
    return rng.choice(((96, 72, 52), (58, 60, 66), (142, 118, 92), (120, 124, 128)))
