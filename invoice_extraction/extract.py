"""The pipeline: open the file, let the route's engines read it, normalise, validate."""

import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from invoice_extraction.engines import ENGINES, Engine, get_engine
from invoice_extraction.errors import (
    ExtractionError,
    FileTooLarge,
    NoEngineConfigured,
    OptionError,
)
from invoice_extraction.intake import open_document
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.extraction import (
    Attempt,
    ExtractedInvoice,
    Extraction,
    ExtractionUsage,
    PageInfo,
)
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Reading
from invoice_extraction.normalise import normalise
from invoice_extraction.sandbox.client import Readers, shared_readers
from invoice_extraction.validate import validate

log = logging.getLogger(__name__)

Progress = Callable[[str, int], None]
"""Called with a stage ("reading", "model", "checking") and the number of pages, 0 while not known."""


def extract(
    source: bytes | str | Path,
    options: Options | None = None,
    *,
    readers: Readers | None = None,
    progress: Progress | None = None,
) -> Extraction:
    """Return the invoices of one file, given as bytes or as a path, each value with its evidence.

    The e-invoice engine reads what carries an e-invoice; else the model, when `options.model` is set;
    else the local engine. `options.engine` names one instead. With `options.isolate` the file is opened
    in a process of its own, by `readers` or by ones that this process shares.

    Raises:
        OptionError: An option names something that does not exist.
        DocumentError: The file cannot be read, by any engine.
        EngineError: The engine that should read it could not.
    """
    began = time.monotonic()
    options = options or Options()
    tell = progress or _silent
    if options.engine != "auto" and options.engine not in ENGINES:
        names = ", ".join(["auto", *ENGINES])
        raise OptionError(f"There is no engine {options.engine!r}; choose one of: {names}.")
    data = _bytes(source, options)
    readers = (readers or shared_readers()) if options.isolate else None
    tell("reading", 0)
    document = readers.open(data, options) if readers else open_document(data, options)
    return _read(document, options, readers, tell, began)


def _read(
    document: Document,
    options: Options,
    readers: Readers | None,
    tell: Progress,
    began: float,
) -> Extraction:
    """Let the engines of the route try in turn; the first that can read gives the answer.

    Raises:
        ExtractionError: That of the last engine, when none could.
    """
    attempts: list[Attempt] = []
    route = _route(document, options)
    for name in route:
        if name == "llm":
            tell("model", len(document.pages))
        started = time.monotonic()
        try:
            reading = _engine(name, readers)(document, options)
        except ExtractionError as error:
            if name == route[-1]:
                raise
            log.info("engine %s: %s", name, error.code)
            attempts.append(_told(name, options, started, error))
            continue
        tell("checking", len(document.pages))
        invoices = _prove(reading, document, options)
        attempts.append(_told(name, options, started, None, invoices))
        return _answer(document, reading, invoices, attempts, began)
    raise NoEngineConfigured(
        f"No engine that is set up reads {document.media_type} without words in it."
    )


def _route(document: Document, options: Options) -> list[str]:
    """Return the names of the engines to try, in order."""
    if options.engine != "auto":
        return [options.engine]
    route = ["einvoice"] if document.xml else []
    if document.pages:
        route.append("llm" if options.model else "layout")
    return route


def _engine(name: str, readers: Readers | None) -> Engine:
    """Return the engine's function; XML is parsed where the file was opened, isolated or not."""
    if name == "einvoice" and readers is not None:
        return readers.read_einvoice
    return get_engine(name)


def _prove(reading: Reading, document: Document, options: Options) -> list[ExtractedInvoice]:
    """Return the reading's invoices, typed, located and checked."""
    return [
        validate(invoice, threshold=options.review_threshold)
        for invoice in normalise(reading, document, options)
    ]


def _told(
    engine: str,
    options: Options,
    started: float,
    error: ExtractionError | None,
    invoices: Sequence[ExtractedInvoice] = (),
) -> Attempt:
    """Return one engine's try, as the answer tells it."""
    failed = {check.id for one in invoices for check in one.checks if check.status == "fail"}
    return Attempt(
        engine=engine,
        model=options.model.model if options.model and engine == "llm" else None,
        error=error.code if error else None,
        message=error.message if error else None,
        failed_checks=sorted(failed),
        seconds=round(time.monotonic() - started, 4),
    )


def _answer(
    document: Document,
    reading: Reading,
    invoices: list[ExtractedInvoice],
    attempts: list[Attempt],
    began: float,
) -> Extraction:
    usage = reading.usage
    return Extraction(
        media_type=document.media_type,
        engine=reading.engine,
        syntax=reading.syntax,
        model=reading.model,
        prompt_version=reading.prompt_version,
        invoices=invoices,
        pages=[_page_info(page, reading) for page in document.pages],
        attempts=attempts,
        usage=ExtractionUsage(
            pages=len(document.pages),
            calls=usage.calls,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=usage.cost,
            seconds=round(time.monotonic() - began, 4),
        ),
        warnings=list(reading.warnings),
    )


def _page_info(page: Page, reading: Reading) -> PageInfo:
    """Say what became of a page: one without words is read only by a model, which sees it."""
    seen = bool(page.words) or reading.engine != "layout"
    return PageInfo(
        number=page.number,
        width=page.width,
        height=page.height,
        status="read" if seen else "unreadable",
    )


def _bytes(source: bytes | str | Path, options: Options) -> bytes:
    """Return the file's bytes, having looked at its size before reading it."""
    if isinstance(source, bytes):
        return source
    path = Path(source)
    size = path.stat().st_size
    if size > options.limits.max_bytes:
        raise FileTooLarge(
            f"The file has {size:,} bytes; the limit is {options.limits.max_bytes:,}."
        )
    return path.read_bytes()


def _silent(stage: str, pages: int) -> None:
    """Tell nobody."""
