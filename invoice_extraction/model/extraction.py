"""The answer: each invoice with what proves it, and how it was read."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.reading import Origin

Level = Literal["high", "medium", "low"]
CheckStatus = Literal["pass", "fail", "not_applicable"]
RelativeBox = tuple[float, float, float, float]
"""x0, y0, x1, y1, each 0 to 1 of the page as displayed, origin top left."""


class Part(BaseModel):
    """Base of what an answer is made of."""

    model_config = ConfigDict(extra="forbid")


@dataclass(slots=True, kw_only=True)
class Evidence:
    """Where one value comes from.

    `text` is as printed or written. `page` is counted from 1, null when the value stands on no page;
    `boxes` is empty then. `confidence` follows from evidence alone: of the values told at 0.9, nine in
    ten should be right; `level` is high from 0.9, medium from 0.6, else low. `checks` names the checks
    that the value took part in and passed.
    """

    # An e-invoice may have 500,000: as a model each would take 0.4 kB more, and frozen thrice the time.
    __pydantic_config__ = ConfigDict(extra="forbid")

    origin: Origin
    text: str | None = None
    page: int | None = None
    boxes: tuple[RelativeBox, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)]
    level: Level
    checks: tuple[str, ...] = ()


class Check(Part):
    """One check. It reports; it never changes a value. `fields` are JSON Pointers."""

    id: str
    status: CheckStatus
    fields: list[str] = []
    expected: str | None = None
    found: str | None = None
    tolerance: str | None = None
    message: str


class UnmappedValue(Part):
    """Something an e-invoice holds that the invoice has no place for."""

    path: str
    value: str


class ExtractedInvoice(Part):
    """One invoice of the file.

    `pages` are the pages it stands on; empty for a bare XML. `evidence` maps a JSON Pointer of `result`
    (RFC 6901) to its proof. `review_reasons` are sentences for a person, empty when `needs_review` is
    false.
    """

    result: Invoice
    pages: list[int] = []
    evidence: dict[str, Evidence] = {}
    checks: list[Check] = []
    needs_review: bool = False
    review_reasons: list[str] = []
    unmapped: list[UnmappedValue] = []


class PageInfo(Part):
    """What became of one page. Width and height are points as displayed."""

    number: int
    width: float
    height: float
    status: Literal["read", "blank", "unreadable"]


class Attempt(Part):
    """One engine's try; `error` is the code of the error that ended it, null when it read.

    `message` says what the error was, or what became of an answer that was asked for again. `cached`
    is true where a kept answer was taken and nobody asked.
    """

    engine: str
    model: str | None = None
    error: str | None = None
    message: str | None = None
    failed_checks: list[str] = []
    cached: bool = False
    seconds: float


class ExtractionUsage(Part):
    """What it took. `cost` is in US dollars, null when it is not known.

    `cached` is true where kept answers were all that was needed; they cost nothing again.
    """

    pages: int = 0
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: str | None = None
    cached: bool = False
    seconds: float = 0.0


class Extraction(Part):
    """The answer to one file: its invoices in their order, each page, each attempt.

    `engine` is the one whose reading is given, `syntax` the e-invoice's, `model` and `prompt_version`
    the model's.
    """

    media_type: str
    engine: str
    syntax: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    invoices: list[ExtractedInvoice]
    pages: list[PageInfo] = []
    attempts: list[Attempt] = []
    usage: ExtractionUsage = ExtractionUsage()
    warnings: list[str] = []


def level_of(confidence: float) -> Level:
    """Return the word for a confidence of 0 to 1."""
    return "high" if confidence >= 0.9 else "medium" if confidence >= 0.6 else "low"
