"""What a sample is, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass

from invoice_extraction.model.invoice import Invoice
from samples.layouts import Layout
from samples.sheet import Place
from samples.wear import Wear
from samples.wording import Wording


@dataclass(frozen=True, slots=True)
class Sample:
    """A finished document and what it says.

    `truth` holds what can be read from it. `places` is empty for bare XML; `pages` is 0 then. `medium` is the
    word of the measuring cases, `suffix` the ending of the file name, `wear` what was done to a picture;
    None where nothing was.
    """

    data: bytes
    suffix: str
    medium: str
    truth: Invoice
    places: dict[str, list[Place]]
    pages: int
    wear: Wear | None = None


Write = Callable[[Invoice, Layout, Wording], Sample]
"""Return a sample for the facts; a format without pages ignores layout and wording."""
