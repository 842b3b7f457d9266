"""What a kind of picture file is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL.Image import Image

from samples.wear import Wear


@dataclass(frozen=True, slots=True)
class Picture:
    """A kind of picture file.

    `encode` returns the file for the finished pages, of which there is one unless `holds_pages`. `medium` is
    the word of the measuring cases; None where the camera decides it.
    """

    encode: Callable[[Sequence[Image], Wear], bytes]
    suffix: str
    holds_pages: bool = False
    medium: str | None = None


def resolution(wear: Wear) -> dict[str, tuple[int, int]]:
    """Return the resolution as Pillow is told it; nothing for a photo, as cameras do not know it."""
    return {} if wear.photo else {"dpi": (wear.dpi, wear.dpi)}
