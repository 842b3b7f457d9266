"""Readers: the calls that are answered by page readers and by OCR processes.

Nothing heavy is imported here, because the API process draws page pictures through it.
"""

import functools
import math
import os
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from invoice_extraction.errors import ReaderCrashed
from invoice_extraction.model.document import Attachment, Document, Page, Raster
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.model.reading import Reading
from invoice_extraction.ocr.base import Recognised
from invoice_extraction.official import Verdict
from invoice_extraction.sandbox.pool import Pool, ReadersUnavailable, own_command
from invoice_extraction.sandbox.wire import (
    CPU_SECONDS,
    CPU_SECONDS_A_PAGE,
    OCR_CPU_SECONDS,
    OFFICIAL_CPU_SECONDS,
    WALL_SECONDS,
    EInvoiceArguments,
    Found,
    Isolation,
    OfficialArguments,
    Opened,
    PictureArguments,
    PixelsArguments,
    RecogniseArguments,
    Request,
    SheetArguments,
    SheetPage,
    UnlockArguments,
)

__all__ = ["Readers", "ReadersUnavailable", "shared_readers"]

_OCR_WALL = 60.0  # seconds a page
_OFFICIAL_WALL = 60.0  # seconds a file
_OFFICIAL_FILES = 200  # as with OCR
_OCR_PAGES = 200  # after which an OCR process is replaced: its memory only grows

T = TypeVar("T")


class Readers:
    """Reads files in processes of their own; may be used from many threads.

    `slots` is how many files are read at the same time, the number of cores if None; `ocr_slots` how
    many pictures are recognised at the same time, one less than the cores if None, so that a file
    with text never waits behind scans. `command` and `ocr_command` start processes of another kind.
    """

    def __init__(
        self,
        slots: int | None = None,
        *,
        ocr_slots: int | None = None,
        command: Sequence[str] | None = None,
        ocr_command: Sequence[str] | None = None,
    ) -> None:
        cores = os.cpu_count() or 1
        self._pages = Pool(command or own_command(), slots or cores)
        self._ocr = Pool(
            ocr_command or own_command("ocr"), ocr_slots or max(1, cores - 1), _OCR_PAGES
        )
        self._rules = Pool(own_command("rules"), 1, _OFFICIAL_FILES)

    def open(self, data: bytes, options: Options) -> Document:
        """Return the document, as `intake.open_document` does.

        Raises:
            DocumentError: What `intake.open_document` raises.
            ReaderCrashed, ReaderTimeout: The file killed its reader, or took too long.
            ReadersUnavailable: The pool is closed, or no reader can be started.
        """
        payload = self.ask("open", _for_child(options), data, pages=options.limits.max_pages)
        found = _decoded(payload, Opened)
        if not all(_is_sound(page) for page in found.pages):
            raise _invalid()
        return Document(
            media_type=found.media_type,
            data=data,
            pages=found.pages,
            xml=tuple(
                Attachment(item.name, data if item.data is None else item.data)
                for item in found.xml
            ),
            notes=found.notes,
        )

    def read_einvoice(self, document: Document, options: Options) -> Reading:
        """Return what the document's XML says, as the engine "einvoice" does; raises as `open`."""
        whole = any(item.data is document.data for item in document.xml)
        arguments = EInvoiceArguments(
            media_type=document.media_type,
            xml=tuple(
                Found(item.name, None if item.data is document.data else item.data)
                for item in document.xml
            ),
            options=_for_child(options),
        )
        return _decoded(self.ask("einvoice", arguments, document.data if whole else b""), Reading)

    def picture(
        self,
        data: bytes,
        media_type: str,
        page: int,
        width: int,
        limits: Limits,
        password: str | None = None,
    ) -> bytes:
        """Return a page's picture in WebP, as `intake.picture.render` does; raises as `open`."""
        return self.ask(
            "picture", PictureArguments(media_type, page, width, limits, password), data
        )

    def sheet(self, data: bytes, page: int, width: int, limits: Limits) -> SheetPage:
        """Return a page of the sheet drawn for an e-invoice without pages of its own; raises as `open`.

        Its picture is as `intake.picture.render` gives one.
        """
        payload = self.ask("sheet", SheetArguments(page, width, limits), data)
        return _decoded(payload, SheetPage)

    def pixels(self, document: Document, page: int, options: Options) -> Raster:
        """Return a page's grey pixels, as `intake.picture.pixels` does; raises as `open`."""
        arguments = PixelsArguments(document.media_type, page, _for_child(options))
        raster = _decoded(self.ask("pixels", arguments, document.data), Raster)
        if not raster.is_sound:
            raise _invalid()
        return raster

    def draw(self, document: Document, page: int, options: Options) -> bytes:
        """Return a page as `intake.picture.as_model_picture` does; raises as `open`."""
        arguments = PixelsArguments(document.media_type, page, _for_child(options))
        return self.ask("draw", arguments, document.data)

    def unlocked(self, data: bytes, password: str) -> bytes | None:
        """Return a PDF without its lock, as `intake.pdfium.unlocked` does; raises as `open`."""
        return self.ask("unlock", UnlockArguments(password), data) or None

    def recognise(self, raster: Raster) -> Recognised:
        """Return the words of a page's picture, as an OCR backend does; raises as `open`."""
        request = Request(
            kind="recognise",
            arguments=_encoded(RecogniseArguments(raster.width, raster.height)),
            cpu=OCR_CPU_SECONDS,
            cpu_max=OCR_CPU_SECONDS,
            wall=_OCR_WALL,
        )
        found = _decoded(self._ocr.ask(request, raster.data), Recognised)
        places = sum(m.x0 + m.top + m.x1 + m.bottom + m.confidence for m in found.marks)
        if not math.isfinite(found.angle + places):
            raise _invalid()
        return found

    def official(self, data: bytes, limits: Limits) -> Verdict:
        """Return what an XML file breaks of its official rules; one file is checked at a time.

        Raises:
            OptionError: The extra `validate` is not installed.
            DocumentError, ReadersUnavailable: As `open`.
        """
        request = Request(
            kind="official",
            arguments=_encoded(OfficialArguments(limits)),
            cpu=OFFICIAL_CPU_SECONDS,
            cpu_max=OFFICIAL_CPU_SECONDS,
            wall=_OFFICIAL_WALL,
        )
        return _decoded(self._rules.ask(request, data), Verdict)

    @functools.cached_property
    def isolation(self) -> Isolation:
        """What holds the page readers of this machine; asked of one, once. Raises as `open`."""
        return _decoded(self.ask("isolation", None, b""), Isolation)

    def ask(self, kind: str, arguments: Any, body: bytes, *, pages: int = 0) -> bytes:
        """Return the payload of one answer of a page reader; waits for a free slot. Raises as `open`.

        `pages` is the most pages the file may have; each adds to the limits of time.
        """
        request = Request(
            kind=kind,
            arguments=_encoded(arguments),
            cpu=CPU_SECONDS,
            cpu_max=math.ceil(CPU_SECONDS + CPU_SECONDS_A_PAGE * pages),
            wall=WALL_SECONDS + CPU_SECONDS_A_PAGE * pages,
        )
        return self._pages.ask(request, body)

    def close(self) -> None:
        """End all readers at once; whoever waits for one is told ReadersUnavailable."""
        self._pages.close()
        self._ocr.close()
        self._rules.close()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@functools.cache
def shared_readers() -> Readers:
    """Return the readers that this process shares; they end with it."""
    return Readers()


def _for_child(options: Options) -> Options:
    """Return the options without what a child must not know: a model's key."""
    return replace(options, model=None)


def _encoded(arguments: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.msgpack.encode(arguments))


def _decoded(payload: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _invalid() from exc


def _is_sound(page: Page) -> bool:
    """Return whether the numbers are numbers: a reader's answer is as hostile as the file."""
    total = page.width + page.height
    for word in page.words:
        total += word.x0 + word.top + word.x1 + word.bottom + (word.size or 0.0)
    return math.isfinite(total)


def _invalid() -> ReaderCrashed:
    return ReaderCrashed("The process that reads files gave an answer that is not valid.")
