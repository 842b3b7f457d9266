"""What an engine read, before it is normalised: raw values, and where they were seen."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

import msgspec

from invoice_extraction.errors import ExtractionError
from invoice_extraction.model.document import Box

Origin = Literal["xml", "text", "ocr", "model", "derived", "person"]


class Value(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One raw value. A struct, which is made ten times as fast: an e-invoice may hold 500,000.

    `text` is what the document says, as printed or as written in the XML. `canonical` is the value in
    the invoice's own form ("2026-01-31", "1234.50", "EUR") where the engine knows it for certain; None
    leaves parsing to `normalise`. `page` and `boxes` (points) say where it stands; no boxes: not
    located yet. `origin` None means it is decided by where the text is found on the page ("text",
    "ocr", or else "model"). `score` is the engine's own score, 0 to 1, None where it has none; for a
    model's answer always None.
    """

    text: str
    canonical: str | None = None
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    origin: Origin | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something an e-invoice holds that the invoice model has no place for."""

    path: str
    value: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """What an engine itself found wrong in a document; it becomes a failed check with this id.

    `fields` are JSON Pointers, of values that were left out too; `expected` and `found` are as in Check.
    """

    id: str
    message: str
    fields: tuple[str, ...] = ()
    expected: str | None = None
    found: str | None = None


@dataclass(frozen=True, slots=True)
class InvoiceReading:
    """One invoice as an engine read it.

    `values` maps a JSON Pointer of the canonical invoice ("/totals/gross", "/lines/0/description") to
    its value; a field that was not read has no entry. `pages` are the pages it stands on, counted from
    1; empty means all. `quotes` maps a pointer to a longer printed text that proves it (a model's
    sources), a hint for finding the value on the page. `unread` are pointers of what is printed and
    could not be read with certainty ("/lines"). `doubts` are what the engine found wrong.
    """

    values: dict[str, Value]
    pages: tuple[int, ...] = ()
    unmapped: tuple[Unmapped, ...] = ()
    quotes: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reading cost. `calls` counts requests to a model, `cost` is in US dollars.

    `cached` is True where kept answers were all that was needed. `paid` counts the calls that were made
    just now and may have been billed: none of those that a kept answer took.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: str | None = None
    cached: bool = False
    paid: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Return what both cost; calls whose cost is not known make the sum unknown."""
        known = all(one.cost is not None or not one.calls for one in (self, other))
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=format(Decimal(self.cost or 0) + Decimal(other.cost or 0), "f") if known else None,
            cached=self.cached and other.cached,
            paid=self.paid + other.paid,
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What one engine read from one document.

    `engine` is the engine's name in ENGINES; `syntax` the e-invoice's syntax ("cii", "ubl"); `model`
    and `prompt_version` are a model's. `questions` is how many parts a model was asked about the document
    in; `kept` is True where all its answers are kept, so that reading the document again costs nothing.
    `warnings` are for a person.
    """

    engine: str
    invoices: tuple[InvoiceReading, ...]
    syntax: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = Usage()
    questions: int = 0
    kept: bool = False
    warnings: tuple[str, ...] = ()


def spent_before(error: ExtractionError) -> Usage:
    """Return what calls to a model cost before the error was raised."""
    return error.spent if isinstance(error.spent, Usage) else Usage()
