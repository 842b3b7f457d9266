"""The pipeline: open the file, let the route's engines read it, normalise, validate."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from invoice_extraction import answers, ocr, page_contents
from invoice_extraction.engines import ENGINES, Engine, get_engine
from invoice_extraction.engines.einvoice import SYNTAXES
from invoice_extraction.engines.einvoice.engine import root_name
from invoice_extraction.engines.llm.engine import read_again
from invoice_extraction.errors import (
    DocumentError,
    EngineError,
    ExtractionError,
    FileTooLarge,
    InvalidEInvoiceXML,
    NoEngineConfigured,
    OptionError,
    OwnLimit,
    ReaderError,
)
from invoice_extraction.intake import open_document
from invoice_extraction.intake.sniff import COMBINED, SNIFFED, media_type
from invoice_extraction.model.document import Document, Page
from invoice_extraction.model.extraction import (
    Attempt,
    Check,
    ExtractedInvoice,
    Extraction,
)
from invoice_extraction.model.options import Options
from invoice_extraction.model.own_fields import check_fields_schema
from invoice_extraction.model.reading import Reading, Usage, spent_before
from invoice_extraction.normalise import normalise
from invoice_extraction.normalise.gaps import filled, lacks_lines
from invoice_extraction.normalise.page import against_page, readable
from invoice_extraction.official import checks_of
from invoice_extraction.page_contents import Progress
from invoice_extraction.sandbox.client import Readers, shared_readers
from invoice_extraction.validate import review_threshold, validate
from invoice_extraction.validate.consensus import agreed, fits_better, is_doubtful, misfits
from invoice_extraction.validate.pages import checks_of_pages

log = logging.getLogger(__name__)

ROUTES = ("auto", "consensus")
"""What `Options.engine` may be beside the name of an engine."""


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
                if (
                    defer_ocr
                    and not asks_model
                    and ocr.is_installed()
                    and page_contents.to_recognise(document)
                ):
                    raise OcrDeferred(len(document.pages))
                document = sent = page_contents.with_words(document, options, readers, tell)
            if name == "llm":
                asked = _knowing(asked, spent)
                sent = page_contents.with_pictures(document, asked, readers)
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
            attempts.append(answers.attempt(name, asked, started, error))
            spent += spent_before(error)
            if isinstance(error, InvalidEInvoiceXML):
                doubts.append(_unreadable(error))
            continue
        if name == "llm":
            # what went before it and failed would be asked, and perhaps paid, again
            again = reading.kept and all(a.engine != "llm" for a in attempts)
            if defer_ocr and again and page_contents.needs_words_to_locate(document):
                raise OcrDeferred(len(document.pages))
            document = page_contents.to_locate(document, options, readers, tell)
        tell("checking", None, len(document.pages))
        found = _found(reading, document, options)
        invoices = _validated(found, document, name, options, doubts)
        attempts.append(answers.attempt(name, asked, started, None, reading, invoices))
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
        answer = answers.answer(document, reading, invoices, attempts, spent, began, options)
        return answer, document
    if stated is not None:
        reading, found = stated
        note = "The e-invoice has no lines, and no other engine could read its pages."
        reading = replace(reading, warnings=(*reading.warnings, note))
        invoices = _validated(found, document, reading.engine, options, doubts)
        answer = answers.answer(document, reading, invoices, attempts, spent, began, options)
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
        attempts.append(answers.attempt("llm", options, started, error))
        spent = spent_before(error)
        return replace(reading, usage=reading.usage + spent) if spent.calls else reading, invoices
    if second is None:
        return reading, invoices
    proven = _prove(second, document, options, doubts)
    tried = answers.attempt("llm", options, started, None, second, proven)
    usage = reading.usage + second.usage
    better = fits_better(proven, invoices)
    which = "This" if better else "The first"
    message = f"Asked again because sums or check digits did not fit. {which} answer was taken."
    attempts.append(tried.model_copy(update={"message": message}))
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
        attempts.append(answers.attempt("layout", options, started, error))
        return reading, invoices
    others = _prove(second, document, options, [])
    tried = answers.attempt("layout", options, started, None, second, others)
    if len(others) == len(invoices) and fits_better(others, invoices):
        message = "Sums, check digits or places of the model's values did not fit. This was taken."
        attempts.append(tried.model_copy(update={"message": message}))
        return replace(second, usage=reading.usage), others
    attempts.append(tried)
    if options.engine == "consensus":
        threshold = review_threshold(reading.engine, options.review_threshold)
        return reading, agreed(invoices, others, threshold=threshold)
    return reading, invoices


def _engine(name: str, readers: Readers | None) -> Engine:
    """Return the engine's function; XML is parsed where the file was opened, isolated or not."""
    if name == "einvoice" and readers is not None:
        return readers.read_einvoice
    return get_engine(name)


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
            threshold=review_threshold(engine, options.review_threshold),
            pages=document.pages if engine == "layout" else None,
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
