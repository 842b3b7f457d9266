"""What a child can be asked for: `KINDS` maps a request's kind to its function.

A function is given the request's arguments (msgpack) and its body (the file), and returns the payload
of the answer; it raises our errors. It runs in a child of its own, under the child's limits.
"""

from collections.abc import Callable
from importlib import import_module

import msgspec
from PIL import Image

from invoice_extraction import intake, sheet
from invoice_extraction.engines import get_engine
from invoice_extraction.intake import pdf, pdfium, picture, pictures
from invoice_extraction.model.document import Attachment, Document, Raster
from invoice_extraction.model.options import Options
from invoice_extraction.sandbox import limits
from invoice_extraction.sandbox.wire import (
    EInvoiceArguments,
    Found,
    Opened,
    PictureArguments,
    PixelsArguments,
    SheetArguments,
    SheetPage,
    UnlockArguments,
)

Kind = Callable[[bytes, bytes], bytes]

_PAGE_NUMBERS = {"application/pdf": pdf.page_numbers, intake.COMBINED: pictures.page_numbers}
"""The types whose pages each have a time of their own."""


def preload() -> None:
    """Import what every child needs, once, in the parent."""
    Image.init()  # all of Pillow's formats: TIFF and WebP are not among those it loads at first
    for module in set(intake.READERS.values()):
        import_module(module)
    pdfium.prepare()
    get_engine("einvoice")


def _open(arguments: bytes, body: bytes) -> bytes:
    options = msgspec.msgpack.decode(arguments, type=Options)
    page_numbers = _PAGE_NUMBERS.get(intake.media_type(body))
    if page_numbers is not None:
        limits.allow_pages(len(page_numbers(body, options)))
    document = intake.open_document(body, options)
    return msgspec.msgpack.encode(
        Opened(
            media_type=document.media_type,
            pages=document.pages,
            xml=tuple(
                Found(item.name, None if item.data is body else item.data) for item in document.xml
            ),
            notes=document.notes,
        )
    )


def _read_einvoice(arguments: bytes, body: bytes) -> bytes:
    asked = msgspec.msgpack.decode(arguments, type=EInvoiceArguments)
    document = Document(
        media_type=asked.media_type,
        data=body,
        xml=tuple(Attachment(item.name, item.data or body) for item in asked.xml),
    )
    return msgspec.msgpack.encode(get_engine("einvoice")(document, asked.options))


def _picture(arguments: bytes, body: bytes) -> bytes:
    asked = msgspec.msgpack.decode(arguments, type=PictureArguments)
    return picture.render(
        body, asked.media_type, asked.page, asked.width, asked.limits, asked.password
    )


def _sheet(arguments: bytes, body: bytes) -> bytes:
    """Return a page of the sheet that is drawn for an e-invoice without pages of its own."""
    from invoice_extraction.normalise import normalise  # not loaded with the parent: seldom needed

    asked = msgspec.msgpack.decode(arguments, type=SheetArguments)
    options = Options(limits=asked.limits)
    document = intake.open_document(body, options)
    reading = get_engine("einvoice")(document, options)
    invoices = normalise(reading, document, options)
    drawn = sheet.draw(invoices, reading.syntax, asked.limits.max_pages)
    shown = picture.render(drawn, "application/pdf", asked.page, asked.width, asked.limits)
    pages = len(pdf.page_numbers(drawn, options))
    return msgspec.msgpack.encode(SheetPage(shown, pages))


def _pixels(arguments: bytes, body: bytes) -> bytes:
    asked = msgspec.msgpack.decode(arguments, type=PixelsArguments)
    found = picture.pixels(
        body,
        asked.media_type,
        asked.page,
        asked.options.limits,
        asked.options.password,
        grey=True,
    )
    return msgspec.msgpack.encode(Raster(*found))


def _unlock(arguments: bytes, body: bytes) -> bytes:
    """Return the unlocked file, or nothing for one that needs no password."""
    asked = msgspec.msgpack.decode(arguments, type=UnlockArguments)
    return pdfium.unlocked(body, asked.password) or b""


def _draw(arguments: bytes, body: bytes) -> bytes:
    asked = msgspec.msgpack.decode(arguments, type=PixelsArguments)
    return picture.as_model_picture(
        body, asked.media_type, asked.page, asked.options.limits, asked.options.password
    )


def _isolation(arguments: bytes, body: bytes) -> bytes:
    return msgspec.msgpack.encode(limits.isolation())


KINDS: dict[str, Kind] = {
    "open": _open,
    "einvoice": _read_einvoice,
    "picture": _picture,
    "sheet": _sheet,
    "pixels": _pixels,
    "draw": _draw,
    "unlock": _unlock,
    "isolation": _isolation,
}
