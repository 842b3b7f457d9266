"""What a caller may ask of an extraction."""

from dataclasses import dataclass, field
from typing import Any

from invoice_extraction.model.calls import Gate, Memory
from invoice_extraction.model.hints import SellerHints


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """How to reach the model of the LLM engine.

    `model` is `provider:name` ("google:gemini-3.8-flash"); `base_url` points the provider's client
    elsewhere (a proxy, a compatible server, a test), None is the vendor's own; `timeout` in seconds.
    `gate` is asked before each call, None lets all of them through; `memory` keeps answers, None keeps
    none. `fallbacks` are the models to ask, in this order, where this one cannot answer and
    `Options.fallback` allows it; their own fallbacks are not looked at. `paid` is how many calls about the
    document were made before, to any model, that may have been billed.
    """

    model: str
    api_key: str = field(repr=False)
    base_url: str | None = None
    timeout: float = 120.0
    max_output_tokens: int = 16_384
    gate: Gate | None = field(default=None, repr=False, compare=False)
    memory: Memory | None = field(default=None, repr=False, compare=False)
    fallbacks: tuple["ModelOptions", ...] = ()
    paid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a document may cost; one that asks for more is refused with a typed error.

    `max_bytes` of the file, or of each picture of a combined one, which may have `max_combined` in all;
    `max_pages`, `max_unpacked` bytes over all streams and attachments,
    `max_xml` bytes, `max_depth` and `max_elements` of XML, `max_pixels` of a picture and `max_side` in
    pixels, `max_page_points` of a PDF page's side, `max_text` characters of a page and
    `max_document_text` of all pages. Pages that OCR has not come to after `max_ocr_seconds` by the clock
    on the wall are not read; the others are.
    """

    max_bytes: int = 20_000_000
    max_combined: int = 100_000_000
    max_pages: int = 50
    max_unpacked: int = 200_000_000
    max_xml: int = 10_000_000
    max_depth: int = 100
    max_elements: int = 1_000_000
    max_pixels: int = 40_000_000
    max_side: int = 10_000
    max_page_points: float = 14_400.0
    max_text: int = 100_000
    max_document_text: int = 1_000_000
    max_ocr_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to read a document.

    `engine` is "auto" (an e-invoice exactly; else the model when `model` is set; else the local engine),
    "consensus" (as auto, but model and local engine both read and are compared) or a name in ENGINES.
    `fallback` allows the model's fallbacks and then the local engine, where the model cannot answer.
    `force` asks the model again though its answer is kept, unless for this very asker, who was interrupted. `fields_schema` is a JSON Schema of own
    fields to read too (docs/engines.md says which). `isolate` reads the file in a process of its own with hard limits, as the
    service always does. `language` (BCP 47) is a hint. `password` opens a locked PDF. `pages` names the
    pages to read, counted from 1 ("1-3,5", "4-"); None is all. `compare` looks for the values of an
    e-invoice on the pages of its PDF, which are not read without. `official` checks e-invoices against the
    official schemas and rules too, which needs the extra `validate` and a second or more. `hints` tell the
    local engine what corrected documents of sellers taught (docs/engines.md). `review_threshold`
    is the confidence under which a field that matters needs a person, None the one that suits the engine.
    """

    engine: str = "auto"
    isolate: bool = False
    language: str | None = None
    password: str | None = field(default=None, repr=False)
    pages: str | None = None
    compare: bool = True
    official: bool = False
    model: ModelOptions | None = None
    fallback: bool = False
    force: bool = False
    fields_schema: dict[str, Any] | None = None
    limits: Limits = Limits()
    hints: tuple[SellerHints, ...] = ()
    review_threshold: float | None = None
