"""The e-invoice engine: reads what the XML says, to the last digit, and nothing else."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice import FAMILIES, NAMES, SYNTAXES, get_syntax
from invoice_extraction.errors import (
    DocumentError,
    EngineUnavailable,
    InvalidEInvoiceXML,
    NotAnInvoice,
)
from invoice_extraction.model.document import Attachment, Document
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.model.reading import Doubt, InvoiceReading, Reading

if TYPE_CHECKING:
    from lxml.etree import _Element

_PREFERRED = re.compile(r"factur-?x|zugferd|xrechnung", re.I)
"""Names that the profiles of Factur-X and ZUGFeRD give to the e-invoice inside a PDF."""

_BILL = re.compile("Invoice|CreditNote|DebitNote")
"""What a family calls its invoices; one of these that no syntax reads is not said to be none."""

_HEAD = 65_536  # bytes in which a root element has to begin
_ROOT = re.compile(r"<((?:[^\s<>/:=\"'!?{}]+:)?)([^\s<>/:=\"'!?{}]+)([^<>]*)>?")
_XMLNS = re.compile(r"""\sxmlns(?::([^\s=]+))?\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_PROLOG = (("<?", "?>"), ("<!--", "-->"))


def read(document: Document, options: Options) -> Reading:
    """Return what the document's e-invoices say, in their order; those named by a profile come first.

    One that cannot be read is told as a doubt beside those that can. The same invoice in another
    syntax or version is given once; those of one XML file are all given.

    Raises:
        EngineUnavailable: The document holds no XML.
        NotAnInvoice: The XML is of a known family, but an order, a despatch advice or the like.
        InvalidEInvoiceXML: No root element that is read here, nothing in it, or a DTD.
        CorruptFile: The XML is not well-formed.
        TooComplex: The XML is over a limit.
    """
    known = _known(document)
    if not known:
        for attachment in document.xml:
            if attachment.name is None:
                _parsed(attachment, options.limits)  # that a file is damaged says more
        raise _refusal(document)
    syntaxes: list[str] = []
    invoices: list[InvoiceReading] = []
    failed: list[DocumentError] = []
    warnings: list[str] = []
    for attachment in known:
        try:
            syntax, found = _read(attachment, options.limits)
        except DocumentError as error:
            failed.append(_named(error, attachment))
            continue
        before = {_identity(invoice) for invoice in invoices} - {None}
        new = [invoice for invoice in found if _identity(invoice) not in before]
        if len(new) < len(found):
            warnings.append(f"The e-invoice {_name(attachment)} is the same invoice once more.")
        syntaxes.append(syntax)
        invoices += new
    if not invoices:
        raise failed[0]
    if len(invoices) > 1:
        warnings.append(f"The file holds {len(invoices)} different e-invoices; each is given.")
    doubts = tuple(
        Doubt(id="einvoice_unreadable", message=f"{error.message} {error.hint}") for error in failed
    )
    if doubts:
        invoices[0] = replace(invoices[0], doubts=(*invoices[0].doubts, *doubts))
    return Reading(
        engine="einvoice",
        syntax=syntaxes[0],
        invoices=tuple(invoices),
        warnings=tuple(warnings),
    )


_CONTENT = re.compile(r"/(?:invoice_number|totals|lines|seller/name|buyer/name)\b")


def _read(attachment: Attachment, limits: Limits) -> tuple[str, tuple[InvoiceReading, ...]]:
    """Return the syntax and the invoices of one XML file; raises what `read` raises."""
    root = _parsed(attachment, limits)
    if root.tag not in SYNTAXES:
        raise InvalidEInvoiceXML(_stranger(str(root.tag)))
    invoices = get_syntax(root.tag)(root)
    if not any(_CONTENT.match(pointer) for invoice in invoices for pointer in invoice.values):
        raise InvalidEInvoiceXML("The e-invoice holds no number, no party and no amount.")
    return NAMES[root.tag], invoices


def _parsed(attachment: Attachment, limits: Limits) -> "_Element":
    from invoice_extraction.intake.xml import parse

    return parse(attachment.data, limits)


def _identity(invoice: InvoiceReading) -> tuple[str, Decimal | None] | None:
    """Return number and gross total, the same for one invoice in several syntaxes; None without number."""
    number = invoice.values.get("/invoice_number")
    gross = invoice.values.get("/totals/gross")
    if number is None:
        return None
    return number.text, Decimal(gross.canonical) if gross and gross.canonical else None


def _named(error: DocumentError, attachment: Attachment) -> DocumentError:
    """Return the error with the name of the file inside the document that it is about."""
    if attachment.name is None:
        return error
    return type(error)(
        f"The e-invoice {_name(attachment)} in the document was not read. {error.message}",
        hint=error.hint,
    )


def root_name(data: bytes) -> str | None:
    """Return the root element as "{namespace}name", None where none is found near the beginning.

    Looks at the first bytes only and needs no parser, so that a file may be told before it is trusted.
    """
    text = _decoded(data[:_HEAD])
    at = 0
    while True:
        at = text.find("<", at)
        if at < 0:
            return None
        for opening, closing in _PROLOG:
            if text.startswith(opening, at):
                at = text.find(closing, at)
                break
        else:
            break
        if at < 0:
            return None
    match = _ROOT.match(text, at)
    if match is None:
        return None
    prefix, local, attributes = match.groups()
    spaces = {found[0]: found[1] or found[2] for found in _XMLNS.findall(attributes)}
    space = spaces.get(prefix[:-1])
    return f"{{{space}}}{local}" if space else local


def _known(document: Document) -> list[Attachment]:
    """Return the e-invoices of a known syntax, those with a name of the profiles first.

    Of these ZUGFeRD 1.0 comes last: it stands beside its successor for readers that know no other.
    Such a name makes one of a file whose root element cannot be told, too: it is to be read, and fails.
    """
    known: list[tuple[bool, bool, Attachment]] = []
    for attachment in document.xml:
        root = root_name(attachment.data)
        named = _PREFERRED.search(attachment.name or "") is not None
        if root in SYNTAXES or (root is None and named):
            known.append((not named, NAMES.get(root or "") == "zugferd1", attachment))
    return [attachment for *_, attachment in sorted(known, key=lambda one: one[:2])]


def _refusal(document: Document) -> Exception:
    """Return the error for a document without an e-invoice that is read here."""
    names = [root_name(attachment.data) for attachment in document.xml]
    for name in names:
        if name and name[1:].startswith(FAMILIES) and not _BILL.search(_local(name)):
            return NotAnInvoice(f"This is an e-document, but no invoice: {_local(name)}.")
    if not names:
        return EngineUnavailable(
            "The document holds no e-invoice.", hint="Choose another engine for this document."
        )
    return InvalidEInvoiceXML(_stranger(names[0]))


def _stranger(name: str | None) -> str:
    root = f"root element {_local(name)}" if name else "no root element"
    return f"This is XML, but no e-invoice that is read here: {root}."


def _local(name: str) -> str:
    return name.rpartition("}")[2][:100]


def _name(attachment: Attachment) -> str:
    return (attachment.name or "without a name")[:100]


def _decoded(head: bytes) -> str:
    """Return the beginning of an XML as text; letters beyond ASCII do not matter here."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if head[:2] == b"<\0":
        return head.decode("utf-16-le", "replace")
    if head[:2] == b"\0<":
        return head.decode("utf-16-be", "replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
