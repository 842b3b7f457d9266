"""The answer of the pipeline: the invoices, and what was tried on the way to them."""

import time
from collections.abc import Iterator, Sequence

from invoice_extraction.errors import ExtractionError
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.extraction import (
    Attempt,
    ExtractedInvoice,
    Extraction,
    ExtractionUsage,
    PageInfo,
)
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Reading, Usage


def attempt(
    engine: str,
    options: Options,
    started: float,
    error: ExtractionError | None,
    reading: Reading | None = None,
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
        cached=reading is not None and reading.usage.cached,
        seconds=round(time.monotonic() - started, 4),
    )


def answer(
    document: Document,
    reading: Reading,
    invoices: list[ExtractedInvoice],
    attempts: list[Attempt],
    spent: Usage,
    began: float,
    options: Options,
) -> Extraction:
    """Return the answer: the invoices with the way that led to them; `began` is by the monotonic clock."""
    usage = spent + reading.usage if spent.calls else reading.usage
    return Extraction(
        media_type=document.media_type,
        engine=reading.engine,
        syntax=reading.syntax,
        model=reading.model,
        prompt_version=reading.prompt_version,
        invoices=invoices,
        pages=[_page_info(page) for page in document.pages],
        attempts=attempts,
        usage=ExtractionUsage(
            pages=len(document.pages),
            calls=usage.calls,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=usage.cost,
            cached=usage.cached,
            seconds=round(time.monotonic() - began, 4),
        ),
        warnings=[*document.notes, *_notices(reading, attempts, options), *reading.warnings],
    )


def _notices(reading: Reading, attempts: list[Attempt], options: Options) -> Iterator[str]:
    """Yield what a person should know of the way to the answer: nothing is replaced in silence."""
    for one in attempts:
        if one.error is None:
            break
        if one.engine == "llm":
            by = f"the model {reading.model!r}" if reading.model else "the local engine"
            yield f"The model {one.model!r} gave no answer ({one.error}): {by} read instead."
    if reading.engine == "layout" and any(a.engine == "llm" and not a.error for a in attempts):
        yield "The model's answer did not fit its own sums or the pages: the local engine's was taken."
    if options.engine == "consensus" and reading.engine == "llm" and attempts[-1].error:
        yield "The local engine could not read the document: the model's reading stands alone."
    elif options.engine == "consensus" and reading.engine != "llm":
        yield f"Nothing was compared: the engine {reading.engine} alone read the document."
    if options.fields_schema is not None and reading.engine != "llm":
        yield "The fields of `fields_schema` were not read: only a model reads them."


def _page_info(page: Page) -> PageInfo:
    """Say what became of a page."""
    width, height = page.displayed_size
    return PageInfo(number=page.number, width=width, height=height, status=page.status)
