"""What a layout is."""

from collections.abc import Callable
from dataclasses import dataclass

from invoice_extraction.model.invoice import DocumentType, Invoice
from samples.sheet import A4, Sheet
from samples.wording import Wording


@dataclass(frozen=True, slots=True)
class Layout:
    """A way to set a document on paper.

    `draw` draws the whole of it, over as many pages as it takes, each value through
    `sheet.value` with its pointer; what it leaves out is absent from the sample's truth. `kinds`
    are the document types it suits, `family` its font, `size` the page in points: a height of 0 means
    the height comes from `tall(invoice)`.
    """

    draw: Callable[[Sheet, Invoice, Wording], None]
    kinds: frozenset[DocumentType]
    family: str = "sans"
    size: tuple[float, float] = A4
    tall: Callable[[Invoice], float] | None = None

    def paper(self, invoice: Invoice) -> tuple[float, float]:
        """Return the page's width and height in points for this invoice."""
        return (self.size[0], self.tall(invoice) if self.tall else self.size[1])
