"""What a caller may ask of an extraction."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """How to reach the model of the LLM engine.

    `model` is `provider:name` ("google:gemini-3.8-flash"); `base_url` points the provider's client
    elsewhere (a proxy, a compatible server, a test), None is the vendor's own; `timeout` in seconds.
    """

    model: str
    api_key: str = field(repr=False)
    base_url: str | None = None
    timeout: float = 120.0
    max_output_tokens: int = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a document may cost; one that asks for more is refused with a typed error.

    `max_bytes` of the file, `max_pages`, `max_unpacked` bytes over all streams and attachments,
    `max_xml` bytes, `max_depth` and `max_elements` of XML, `max_pixels` of a picture and `max_side` in
    pixels, `max_page_points` of a PDF page's side, `max_text` characters of a page and
    `max_document_text` of all pages.
    """

    max_bytes: int = 20_000_000
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to read a document.

    `engine` is "auto" (an e-invoice exactly; else the model when `model` is set; else the local engine)
    or a name in ENGINES. `isolate` reads the file in a process of its own with hard limits, as the
    service always does. `language` (BCP 47) is a hint. `password` opens a locked PDF. `pages` names the
    pages to read, counted from 1 ("1-3,5", "4-"); None is all.
    """

    engine: str = "auto"
    isolate: bool = False
    language: str | None = None
    password: str | None = field(default=None, repr=False)
    pages: str | None = None
    model: ModelOptions | None = None
    limits: Limits = Limits()
    review_threshold: float = 0.8
