"""The contract of an engine, and what one says of its own readiness."""

from dataclasses import dataclass
from typing import Protocol

from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Reading


class Engine(Protocol):
    """Reads a document: values in, values out; keeps nothing between documents."""

    def __call__(self, document: Document, options: Options) -> Reading:
        """Return what the document says, one InvoiceReading for each invoice in it.

        Raises:
            EngineError: This engine cannot read this document.
            DocumentError: No engine could.
        """
        ...


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an engine can be used with these options; `reason` says why not, and what to do."""

    ready: bool
    reason: str | None = None
