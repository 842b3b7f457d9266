"""The contract of an OCR backend: the picture of one page in, words with their places out."""

from dataclasses import dataclass
from typing import Protocol

from invoice_extraction.model.document import Raster


@dataclass(frozen=True, slots=True)
class Mark:
    """One word, its box in pixels of the page turned upright, and the recogniser's confidence, 0 to 1."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognised:
    """What stands on one page: `marks` line by line.

    `angle` is how many degrees clockwise the picture shows its content turned, 0 to 360; the boxes
    are of the picture turned back by it about its middle. `doubtful` says that the lines are longer
    than the letters read in them: they may be of a script that the backend does not know. `is_cut`
    says that there are more lines than could be read in time.
    """

    marks: tuple[Mark, ...]
    angle: float = 0.0
    doubtful: bool = False
    is_cut: bool = False


class Backend(Protocol):
    """Reads a page's picture; keeps nothing between pages but its networks."""

    def __call__(self, raster: Raster) -> Recognised:
        """Return the words; none for a picture that shows none."""
        ...
