"""The XML files inside a PDF: those that its name tree lists, else those that only its pages know."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from invoice_extraction.errors import TooComplex
from invoice_extraction.intake import pdfium
from invoice_extraction.intake.sniff import media_type
from invoice_extraction.model.document import Attachment
from invoice_extraction.model.options import Limits, Options

_MOST = 100
"""Attached files that are looked at."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """What was found; `notes` are sentences for a person about what a limit kept from being read."""

    xml: tuple[Attachment, ...]
    notes: tuple[str, ...] = ()


def find(pdf: pypdfium2.PdfDocument, data: bytes, options: Options) -> Attachments:
    """Return the files attached to an open PDF that are XML, in the order of the name tree; `data` is the PDF.

    Where the name tree holds none, the associated files of the catalog and the pages' file notes
    are looked through: some generators write only those.

    Raises:
        TooComplex: They are over the limit of unpacked bytes.
    """
    limits = options.limits
    count = pdf.count_attachments()
    unpacked = too_large = 0
    xml: list[Attachment] = []
    for index in range(min(count, _MOST)):
        name, content = _attached(pdf, index, limits)
        unpacked += len(content)
        if unpacked > limits.max_unpacked:
            raise TooComplex("The files attached to the PDF are too large when unpacked.")
        if media_type(content) == "application/xml":
            if len(content) > limits.max_xml:
                too_large += 1
            else:
                xml.append(Attachment(name, content))
    # A stream's dictionary is never compressed, so this finds every file that says what it is.
    if not xml and (b"EmbeddedFile" in data or b"/AF" in data):
        xml.extend(_associated(data, options))
    return Attachments(tuple(xml), tuple(_notes(count, too_large, limits)))


def _notes(count: int, too_large: int, limits: Limits) -> Iterator[str]:
    if count > _MOST:
        yield f"Of {count:,} attached files, only the first {_MOST} were looked at."
    if too_large:
        yield (
            f"{too_large} attached XML of more than {limits.max_xml:,} bytes "
            f"{'was' if too_large == 1 else 'were'} not read."
        )


def _attached(pdf: pypdfium2.PdfDocument, index: int, limits: Limits) -> tuple[str, bytes]:
    """Return name and content; nothing of either where it cannot be read."""
    try:
        attachment = pdf.get_attachment(index)
        size = ctypes.c_ulong()
        pdfium_c.FPDFAttachment_GetFile(attachment, None, 0, size)
        if not 0 < size.value <= limits.max_unpacked:
            return "", b""
        content = bytes(attachment.get_data())
    except pypdfium2.PdfiumError:
        return "", b""
    try:
        return attachment.get_name(), content
    except (pypdfium2.PdfiumError, UnicodeDecodeError):
        return "", content


def _is_xml(content: bytes, limits: Limits) -> bool:
    return 0 < len(content) <= limits.max_xml and media_type(content) == "application/xml"


def _associated(data: bytes, options: Options) -> Iterator[Attachment]:
    limits = options.limits
    seen: set[tuple[str, bytes]] = set()
    try:
        with pdfium.rewritable(data, options.password) as pdf:
            for specification in _specifications(pdf):
                stream = specification.get("/EF", pikepdf.Dictionary()).get("/F")
                if not isinstance(stream, pikepdf.Stream):
                    continue
                content = stream.read_bytes()
                name = str(specification.get("/UF", specification.get("/F", "")))
                if _is_xml(content, limits) and (name, content) not in seen:
                    seen.add((name, content))
                    yield Attachment(name, content)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, AttributeError, KeyError):
        # The pages can be read; a broken list of attachments is no reason to refuse them.
        return


def _specifications(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Give at most `_MOST` file specifications that no name tree leads to."""
    listed = list(pdf.Root.get("/AF", []))
    for page in pdf.pages:
        for note in page.get("/Annots", []):
            if len(listed) >= _MOST:
                break
            if note.get("/Subtype") == "/FileAttachment" and "/FS" in note:
                listed.append(note.FS)
    for item in listed[:_MOST]:
        if isinstance(item, pikepdf.Dictionary):
            yield item
