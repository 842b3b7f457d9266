"""The pipeline: open the file, let the route's engines read it, normalise, validate."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from invoice_extraction import ocr
from invoice_extraction.engines import ENGINES, Engine, get_engine
from invoice_extraction.engines.einvoice import SYNTAXES
from invoice_extraction.engines.einvoice.engine import root_name
from invoice_extraction.engines.llm.engine import is_sent, read_again
from invoice_extraction.errors import (
    BlankDocument,
    DocumentError,
    EngineError,
    ExtractionError,
    FileTooLarge,
    InvalidEInvoiceXML,
    NoEngineConfigured,
    OptionError,
    OwnLimit,
    PageUnreadable,
    ReaderError,
    ReaderTimeout,
)
from invoice_extraction.intake import open_document
from invoice_extraction.intake.sniff import COMBINED, SNIFFED, media_type
from invoice_extraction.model.document import Document, Page, Pictures, Raster
from invoice_extraction.model.extraction import (
    Attempt,
    Check,
    ExtractedInvoice,
    Extraction,
    ExtractionUsage,
    PageInfo,
)
from invoice_extraction.model.options import Options
from invoice_extraction.model.own_fields import check_fields_schema
from invoice_extraction.model.reading import Reading, Usage, spent_before
from invoice_extraction.normalise import normalise
from invoice_extraction.normalise.gaps import filled, lacks_lines
from invoice_extraction.normalise.page import against_page, readable
from invoice_extraction.official import checks_of
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable, shared_readers
from invoice_extraction.validate import validate
from invoice_extraction.validate.consensus import agreed, fits_better, is_doubtful, misfits
from invoice_extraction.validate.pages import checks_of_pages

log = logging.getLogger(__name__)

ROUTES = ("auto", "consensus")
"""What `Options.engine` may be beside the name of an engine."""

Progress = Callable[[str, int | None, int], None]
"""Called with a stage ("reading", "model", "checking"), the place of the page that OCR begins to read (1 is
the first; None for the document as a whole), and the number of pages, 0 while not known."""


class OcrDeferred(Exception):
    """Pages have to be recognised before the document is read on, and `defer_ocr` was asked for.

    `pages` is how many pages the document has. Nothing was paid that has to be paid again: no model has
    been asked, or all that it answered is kept.
    """

    def __init__(self, pages: int) -> None:
        super().__init__("The document needs OCR.")
        self.pages = pages


def extract(
    source: bytes | str | Path,
    options: Options | None = None,
    *,
    readers: Readers | None = None,
    progress: Progress | None = None,
    defer_ocr: bool = False,
    passing: tuple[type[EngineError], ...] = (),
    pages: Callable[[Sequence[Page]], None] | None = None,
) -> Extraction:
    """Return the invoices of one file, given as bytes or as a path, each value with its evidence.

    The e-invoice engine reads what carries an e-invoice; else the model, when `options.model` is set;
    else the local engine. `options.engine` names one instead. With `options.isolate` the file is opened
    in a process of its own, by `readers` or by ones that this process shares. With `defer_ocr` a
    document is not read on where it would have to wait for OCR: whoever calls does it elsewhere. It is,
    where a model would have to be paid again for that.
    An e-invoice without lines is answered without them where no engine can read its pages; but an error
    that is among `passing` is raised: whoever calls tries again later. So is, whatever `options.fallback`
    allows, a limit of ours that holds the first model's calls. `pages` is called at the end with the pages and
    the words that were found on them.

    Raises:
        OcrDeferred: See `defer_ocr`.
        OptionError: An option names something that does not exist.
        DocumentError: The file cannot be read, by any engine.
        EngineError: The engine that should read it could not.
    """
    began = time.monotonic()
    options = options or Options()
    tell = progress or _silent
    if options.engine not in {*ROUTES, *ENGINES}:
        names = ", ".join([*ROUTES, *ENGINES])
        raise OptionError(f"There is no engine {options.engine!r}; choose one of: {names}.")
    if options.fields_schema is not None:
        check_fields_schema(options.fields_schema)
    data = _bytes(source, options)
    readers = (readers or shared_readers()) if options.isolate else None
    tell("reading", None, 0)
    exact = options.engine in {*ROUTES, "einvoice"}
    document = _opened(data, replace(options, compare=options.compare or not exact), readers)
    extraction, read = _read(
        document, options, readers, tell, began, defer_ocr=defer_ocr, passing=passing
    )
    if pages is not None:
        pages(read.pages)
    return extraction


def _opened(data: bytes, options: Options, readers: Readers | None) -> Document:
    """Return the open file; raises what `open_document` raises."""
    return readers.open(data, options) if readers else open_document(data, options)


def _read(
    document: Document,
    options: Options,
    readers: Readers | None,
    tell: Progress,
    began: float,
    *,
    defer_ocr: bool,
    passing: tuple[type[EngineError], ...],
) -> tuple[Extraction, Document]:
    """Let the engines of the route try in turn; the first that can read gives the answer.

    The document is returned with the words that were found meanwhile.

    Raises:
        OcrDeferred: The next engine needs OCR, which `defer_ocr` puts off.
        ExtractionError: That of the last engine, when none could, or it is among `passing`.
    """
    attempts: list[Attempt] = []
    spent = Usage()  # by engines that could not read
    doubts = _official(document, options, readers) if options.official else []
    route = _route(document, options)
    asks_model = any(name == "llm" for name, _ in route)
    stated: tuple[Reading, list[ExtractedInvoice]] | None = None  # an e-invoice without lines
    # of the pages nothing but the size is known: the e-invoice might say it all
    unread = not options.compare and bool(document.pages) and route[0][0] == "einvoice"
    for place, (name, asked) in enumerate(route, 1):
        if name == "llm":
            tell("model", None, len(document.pages))
        started = time.monotonic()
        sent = document
        try:
            if unread and name != "einvoice":
                document = sent = _opened(document.data, replace(options, compare=True), readers)
                unread = False
            if name == "layout":
                # after a model failed it is done here: that would be asked again
                if defer_ocr and not asks_model and ocr.is_installed() and _pictures(document):
                    raise OcrDeferred(len(document.pages))
                document = sent = _with_words(document, options, readers, tell)
            if name == "llm":
                asked = _knowing(asked, spent)
                sent = _with_pictures(document, asked, readers)
            reading = _engine(name, readers)(sent, asked)
        except ExtractionError as error:
            waits = isinstance(error, passing) and not error.is_last
            if place == len(route) and (stated is None or waits):
                raise
            # the provider is well: what waits is answered soon, unless an earlier model was asked
            before = any(attempt.engine == "llm" for attempt in attempts)
            if isinstance(error, OwnLimit) and waits and not before:
                raise
            log.info("engine %s: %s", name, error.code)
            attempts.append(_told(name, asked, started, error))
            spent += spent_before(error)
            if isinstance(error, InvalidEInvoiceXML):
                doubts.append(_unreadable(error))
            continue
        if name == "llm":
            # what went before it and failed would be asked, and perhaps paid, again
            again = reading.kept and all(a.engine != "llm" for a in attempts)
            if defer_ocr and again and _is_recognised(document):
                raise OcrDeferred(len(document.pages))
            document = _to_locate(document, options, readers, tell)
        tell("checking", None, len(document.pages))
        found = _found(reading, document, options)
        invoices = _validated(found, document, name, options, doubts)
        attempts.append(_told(name, asked, started, None, reading, invoices))
        if name == "einvoice" and place < len(route) and any(map(lacks_lines, invoices)):
            stated = reading, found
            continue
        if name == "llm":
            reading, invoices = _corrected(
                reading, invoices, sent, document, asked, doubts, attempts
            )
            if stated is None and (
                options.engine == "consensus"
                or (options.engine == "auto" and is_doubtful(invoices))
            ):
                reading, invoices = _compared(reading, invoices, document, options, attempts)
        if stated is not None:
            reading, found = _completed(*stated, reading, document, options)
            invoices = _validated(found, document, name, options, doubts)
        answer = _answer(document, reading, invoices, attempts, spent, began, options)
        return answer, document
    if stated is not None:
        reading, found = stated
        note = "The e-invoice has no lines, and no other engine could read its pages."
        reading = replace(reading, warnings=(*reading.warnings, note))
        invoices = _validated(found, document, reading.engine, options, doubts)
        answer = _answer(document, reading, invoices, attempts, spent, began, options)
        return answer, document
    raise NoEngineConfigured(
        f"No engine that is set up reads {document.media_type} without words in it."
    )


def _official(document: Document, options: Options, readers: Readers | None) -> list[Check]:
    """Return what the e-invoices of the document break of their official rules, as checks of the file.

    Raises:
        OptionError: The extra that holds the rules is not installed.
    """
    checks: list[Check] = []
    for one in document.xml:
        if root_name(one.data) not in SYNTAXES:
            continue
        try:
            verdict = (readers or shared_readers()).official(one.data, options.limits)
        except ReaderError as error:
            message = f"The official rules could not be run. {error.message}"
            checks.append(Check(id="official_rules", status="fail", message=message))
        except DocumentError as error:
            # The engine cannot read it either, and says so.
            log.info("official rules: %s", error.code)
        else:
            checks += checks_of(verdict, one.name)
    return checks


def _route(document: Document, options: Options) -> list[tuple[str, Options]]:
    """Return the names of the engines to try, in order, each with its options."""
    if options.engine not in {*ROUTES, "llm"}:
        return [(options.engine, options)]
    route = [("einvoice", options)] if document.xml and options.engine in ROUTES else []
    if options.engine == "auto" and options.model is None:
        return [*route, ("layout", options)] if document.pages else route
    if document.pages or not route:
        route.append(("llm", options))
        if options.fallback and options.model is not None:
            models = options.model.fallbacks
            route += [("llm", replace(options, model=model)) for model in models]
            route.append(("layout", options))
    return route


def _knowing(options: Options, spent: Usage) -> Options:
    """Return the options with what was paid for before: all models together have so many calls."""
    model = options.model
    if model is None:
        return options
    return replace(options, model=replace(model, paid=model.paid + spent.paid))


def _completed(
    stated: Reading,
    found: list[ExtractedInvoice],
    other: Reading,
    document: Document,
    options: Options,
) -> tuple[Reading, list[ExtractedInvoice]]:
    """Return the e-invoice, `found` not validated yet, with what only its pages say."""
    reading = replace(
        stated, model=other.model, prompt_version=other.prompt_version, usage=other.usage
    )
    if len(found) == len(other.invoices) == 1:
        invoice, taken = filled(found[0], normalise(other, document, options)[0])
        found = [invoice]
        lines = len(invoice.result.lines)
        seen = [pointer for pointer in taken if invoice.evidence[pointer].origin != "derived"]
        rest = sum(not pointer.startswith("/lines/") for pointer in seen)
        by = f"the model {other.model!r}" if other.model else f"the engine {other.engine}"
        note = (
            f"The e-invoice has no lines. Read from its pages by {by}: lines: {lines}, "
            f"other values: {rest}."
        )
    else:
        note = "The e-invoice has no lines; which of those on its pages belong to it is not clear."
    return replace(reading, warnings=(*stated.warnings, note, *other.warnings)), found


def _corrected(
    reading: Reading,
    invoices: list[ExtractedInvoice],
    sent: Document,
    document: Document,
    options: Options,
    doubts: list[Check],
    attempts: list[Attempt],
) -> tuple[Reading, list[ExtractedInvoice]]:
    """Return the model's reading, or a second one where sums or check digits fit better in that.

    It is asked once more at the most, about `sent`, and told what failed; both answers are told in
    `attempts`.
    """
    problems = misfits(invoices)
    if not problems:
        return reading, invoices
    started = time.monotonic()
    try:
        second = read_again(sent, options, reading, problems)
    except ExtractionError as error:
        log.info("the model was asked again: %s", error.code)
        attempts.append(_told("llm", options, started, error))
        spent = spent_before(error)
        return replace(reading, usage=reading.usage + spent) if spent.calls else reading, invoices
    if second is None:
        return reading, invoices
    proven = _prove(second, document, options, doubts)
    told = _told("llm", options, started, None, second, proven)
    usage = reading.usage + second.usage
    better = fits_better(proven, invoices)
    which = "This" if better else "The first"
    message = f"Asked again because sums or check digits did not fit. {which} answer was taken."
    attempts.append(told.model_copy(update={"message": message}))
    if better:
        return replace(second, usage=usage), proven
    return replace(reading, usage=usage), invoices


def _compared(
    reading: Reading,
    invoices: list[ExtractedInvoice],
    document: Document,
    options: Options,
    attempts: list[Attempt],
) -> tuple[Reading, list[ExtractedInvoice]]:
    """Return the local engine's reading where sums and check digits fit better in it, else the model's.

    The local engine costs nothing and obeys no words in a document. On the route "consensus" the
    model's values are compared with its.
    """
    started = time.monotonic()
    try:
        second = get_engine("layout")(document, options)
    except ExtractionError as error:
        log.info("engine layout: %s", error.code)
        attempts.append(_told("layout", options, started, error))
        return reading, invoices
    others = _prove(second, document, options, [])
    told = _told("layout", options, started, None, second, others)
    if len(others) == len(invoices) and fits_better(others, invoices):
        message = "Sums, check digits or places of the model's values did not fit. This was taken."
        attempts.append(told.model_copy(update={"message": message}))
        return replace(second, usage=reading.usage), others
    attempts.append(told)
    if options.engine == "consensus":
        return reading, agreed(invoices, others, threshold=options.review_threshold)
    return reading, invoices


def _engine(name: str, readers: Readers | None) -> Engine:
    """Return the engine's function; XML is parsed where the file was opened, isolated or not."""
    if name == "einvoice" and readers is not None:
        return readers.read_einvoice
    return get_engine(name)


def _pictures(document: Document) -> list[Page]:
    """Return the pages that are read by OCR where it is installed: their words, if any, are not shown."""
    return [
        page
        for page in document.pages
        if page.status == "read" and (not page.words or (page.scanned and ocr.knows_script(page)))
    ]


def _with_words(
    document: Document, options: Options, readers: Readers | None, tell: Progress
) -> Document:
    """Return the document with the words that OCR finds on the pages that show some as a picture.

    What a scanner's program read in such a page stays where OCR fails, or is not installed. Pages that
    OCR does not come to in time count as not read.

    Raises:
        NoEngineConfigured: There are no pages; or none has words, and OCR is not installed.
        BlankDocument: No page shows any.
        PageUnreadable: None of those that can be opened does.
        DocumentError: That of the last page, when none could be read.
    """
    if not document.pages:
        raise NoEngineConfigured(
            "The local engine reads pages, and this file has none.",
            hint="Leave out the option `engine`, or choose einvoice: that engine reads XML.",
        )
    pictures = _pictures(document)
    if pictures and not ocr.is_installed():
        return _unread(document, pictures)
    deadline = time.monotonic() + options.limits.max_ocr_seconds
    failed: dict[int, DocumentError] = {}
    pages = {page.number: page for page in document.pages}
    places = {number: place for place, number in enumerate(pages, 1)}
    for page in pictures:
        tell("reading", places[page.number], len(pages))
        try:
            pages[page.number] = _recognised(page, document, options, readers, deadline)
        except DocumentError as error:
            log.info("OCR of a page: %s", error.code)
            if not page.words:
                failed[page.number] = error
                pages[page.number] = replace(page, status="unreadable")
    cut = [n for n, page in pages.items() if page.is_cut and page.origin == "ocr"]
    notes = (
        *document.notes,
        *_notes(failed),
        *(f"Page {number} holds more lines than OCR reads in time." for number in cut),
        *_scanner_notes(pages.values()),
    )
    read = replace(document, pages=tuple(pages.values()), notes=notes)
    if not read.has_words:
        if failed:
            raise list(failed.values())[-1]
        if any(page.status == "unreadable" for page in read.pages):
            raise PageUnreadable("No page of the document could be read.")
        raise BlankDocument("No words were found on any page of the document.")
    return read


def _with_pictures(document: Document, options: Options, readers: Readers | None) -> Document:
    """Return the document with its pages to be drawn, where the model is not sent the file itself.

    Raises:
        BlankDocument, PageUnreadable: There are pages, and none to show.
    """
    if is_sent(document, options) or not document.pages:
        return document

    def draw(page: int) -> bytes:
        if readers is not None:
            return readers.draw(document, page, options)
        # Not above: where readers are processes, this one never loads a PDF library.
        from invoice_extraction.intake import picture

        return picture.as_model_picture(
            document.data, document.media_type, page, options.limits, options.password
        )

    shown = tuple(page.number for page in document.pages if page.status == "read")
    if not shown and any(page.status == "unreadable" for page in document.pages):
        raise PageUnreadable("No page of the document could be read.")
    if not shown:
        raise BlankDocument("No page of the document shows anything.")
    return replace(document, pictures=Pictures(shown, draw))


def _is_recognised(document: Document) -> bool:
    """Return whether OCR is to find the words by which a model's values are located.

    For that, what a scanner's program read is good enough.
    """
    unread = (page.status == "read" and not page.words for page in document.pages)
    return ocr.is_installed() and any(unread)


def _to_locate(
    document: Document, options: Options, readers: Readers | None, tell: Progress
) -> Document:
    """Return the document with words by which a model's values are located, where OCR finds any."""
    if not _is_recognised(document):
        return document
    try:
        read = _with_words(document, options, readers, tell)
    except ExtractionError as error:
        log.info("no words to locate values by: %s", error.code)
        return document
    except ReadersUnavailable:
        # The answer is paid for, and OCR that does not start now may never do.
        log.warning("no words to locate values by: OCR does not start")
        return document
    # The model has seen what OCR has not.
    pages = (
        page if page.words else seen for page, seen in zip(read.pages, document.pages, strict=True)
    )
    return replace(document, pages=tuple(pages))


def _unread(document: Document, pictures: list[Page]) -> Document:
    """Return the document without OCR: its pictures count as not read."""
    if not document.has_words:
        raise NoEngineConfigured(
            "The document has no text, and neither OCR nor a model is set up.",
            hint="Run: pip install 'invoice-extraction[ocr]'; or set GEMINI_API_KEY "
            "(see docs/engines.md).",
        )
    missing = {page.number for page in pictures if not page.words}
    pages = tuple(
        replace(page, status="unreadable") if page.number in missing else page
        for page in document.pages
    )
    notes = [*document.notes, *_scanner_notes(pages)]
    if missing:
        notes.append("Pages without text were not read: OCR is not installed.")
    return replace(document, pages=pages, notes=tuple(notes))


def _notes(failed: dict[int, DocumentError]) -> list[str]:
    return [f"Page {number} was not read: {error.message}" for number, error in failed.items()]


def _scanner_notes(pages: Iterable[Page]) -> Iterator[str]:
    for page in pages:
        if page.scanned and page.words:
            yield f"Page {page.number} was read from a scanner's text, which nobody sees on it."


def _recognised(
    page: Page, document: Document, options: Options, readers: Readers | None, deadline: float
) -> Page:
    """Return the page with the words that OCR finds on it; blank where it finds none.

    Raises:
        DocumentError: It cannot be read, or `deadline`, by the monotonic clock, is over.
    """
    if time.monotonic() >= deadline:
        raise ReaderTimeout(
            f"OCR of the document took longer than {options.limits.max_ocr_seconds:,.0f} seconds."
        )
    # As displayed: which way up its picture lies is told by OCR, not by the words it had.
    width, height = page.displayed_size
    page = replace(page, width=width, height=height, angle=0.0)
    if readers is not None:
        raster = readers.pixels(document, page.number, options)
        found = readers.recognise(raster)
    else:
        # Not above: where readers are processes, this one never loads a PDF library.
        from invoice_extraction.intake import picture

        raster = Raster(
            *picture.pixels(
                document.data,
                document.media_type,
                page.number,
                options.limits,
                options.password,
                grey=True,
            )
        )
        found = ocr.get_backend()(raster)
    if not found.marks and found.is_cut:
        raise ReaderTimeout("No word of it was found in time.")
    if not found.marks:
        return replace(page, words=(), origin=None, scanned=False, status="blank")
    return ocr.with_words(page, found, raster.width / page.width)


def _prove(
    reading: Reading, document: Document, options: Options, doubts: list[Check]
) -> list[ExtractedInvoice]:
    """Return the reading's invoices, typed, located and checked; `doubts` are of the file as a whole."""
    found = _found(reading, document, options)
    return _validated(found, document, reading.engine, options, doubts)


def _validated(
    found: list[ExtractedInvoice],
    document: Document,
    engine: str,
    options: Options,
    doubts: list[Check],
) -> list[ExtractedInvoice]:
    """Return the invoices, checked; `doubts` are of the file as a whole, `engine` read its pages."""
    doubts = [*doubts, *checks_of_pages(document.pages, by_words=engine == "layout")]
    return [
        validate(
            invoice.model_copy(update={"checks": [*doubts, *invoice.checks]}),
            threshold=options.review_threshold,
        )
        for invoice in found
    ]


def _found(reading: Reading, document: Document, options: Options) -> list[ExtractedInvoice]:
    """Return the reading's invoices, typed and located, an e-invoice's compared with its pages."""
    found = normalise(reading, document, options)
    if reading.engine != "einvoice" or not options.compare or not document.pages:
        return found
    shown = readable(document.pages)
    witness = None
    if shown and len(found) == 1:
        (witness,) = get_engine("layout")(replace(document, pages=shown), options).invoices
    return [against_page(invoice, document.pages, witness) for invoice in found]


def _unreadable(error: InvalidEInvoiceXML) -> Check:
    """Return the check of a file whose e-invoice could not be read, so that its page was."""
    return Check(
        id="einvoice_unreadable",
        status="fail",
        message=f"The file holds an e-invoice that was not read, so its page was: {error.message}",
    )


def _told(
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


def _answer(
    document: Document,
    reading: Reading,
    invoices: list[ExtractedInvoice],
    attempts: list[Attempt],
    spent: Usage,
    began: float,
    options: Options,
) -> Extraction:
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
    for attempt in attempts:
        if attempt.error is None:
            break
        if attempt.engine == "llm":
            by = f"the model {reading.model!r}" if reading.model else "the local engine"
            yield f"The model {attempt.model!r} gave no answer ({attempt.error}): {by} read instead."
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


def _bytes(source: bytes | str | Path, options: Options) -> bytes:
    """Return the file's bytes, having looked at its size before reading it."""
    if isinstance(source, bytes):
        return source
    path = Path(source)
    limits = options.limits
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        limit = limits.max_bytes
        if size > limit and media_type(file.read(SNIFFED)) == COMBINED:
            limit = limits.max_combined
        if size > limit:
            raise FileTooLarge(f"The file has {size:,} bytes; the limit is {limit:,}.")
        file.seek(0)
        return file.read()


def _silent(stage: str, page: int | None, pages: int) -> None:
    """Tell nobody."""
