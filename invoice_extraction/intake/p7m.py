"""Signed files (.p7m): an XML in CMS SignedData (RFC 5652), in DER or BER, or that as Base64.

The XML is taken out; the signature is not checked, and what stands behind the content is not decoded.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import replace

import asn1

from invoice_extraction.errors import CorruptFile, TooComplex, UnsupportedType
from invoice_extraction.intake import xml
from invoice_extraction.intake.sniff import SIGNED, media_type
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options

NOTE = "The file is signed; the signature was not checked."

_LAYERS = 5  # signatures round one another
_DEPTH = 50  # levels of one element, of which a signed file needs two
_PARTS = 100_000  # in which content is written; mostly of 1,000 bytes each
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_ARMOUR = re.compile(rb"-----[^-\r\n]{1,60}-----")
_HINT = "Take the file out of the signature and send that."


def read(data: bytes, options: Options) -> Document:
    """Return the document: no pages, and the XML inside the signature.

    Raises:
        CorruptFile: The signature or the XML in it is damaged.
        UnsupportedType: It signs something else, or a file that is not in it.
        TooComplex: It is over a limit.
        InvalidEInvoiceXML: The XML has a document type declaration.
    """
    content = data
    for _ in range(_LAYERS):
        content = _content(content)
        kind = media_type(content)
        if kind != SIGNED:
            break
    if kind != "application/xml":
        raise UnsupportedType(f"What the file signs is no XML: {kind}.", hint=_HINT)
    document = xml.read(content, options)
    return replace(document, media_type=SIGNED, data=data, notes=(NOTE,))


def _content(data: bytes) -> bytes:
    """Return what a file signs; raises CorruptFile, UnsupportedType and TooComplex as `read`."""
    decoder = asn1.Decoder()
    try:
        decoder.start(data if data.startswith(b"0") else _from_base64(data))
        decoder.enter()
        if decoder.read()[1] != _SIGNED_DATA:
            raise CorruptFile("The file is signed in a form that is not known.")
        decoder.enter()  # [0]
        decoder.enter()  # SignedData
        for _ in ("version", "digestAlgorithms"):
            list(_values(decoder))
        decoder.enter()  # EncapsulatedContentInfo
        decoder.read()
        if decoder.peek() is None:
            raise UnsupportedType(
                "The file holds a signature alone, without what it signs.",
                hint="Send the file that was signed.",
            )
        decoder.enter()  # [0]
        return b"".join(_values(decoder))
    except (asn1.Error, ValueError, TypeError, OverflowError, IndexError) as exc:
        raise CorruptFile("The signed file is damaged.") from exc


def _values(decoder: asn1.Decoder) -> Iterator[bytes]:
    """Give the values of the next element: its own, or those of all parts that it is written in."""
    depth = parts = 0
    while (tag := decoder.peek()) is not None or depth:
        if tag is None:
            decoder.leave()
            depth -= 1
        elif tag.typ == asn1.Types.Constructed:
            decoder.enter()
            depth += 1
        else:
            parts += 1
            yield decoder.read()[1]
        if depth == 0:
            return
        if depth > _DEPTH:
            raise TooComplex(f"The signed file is nested deeper than {_DEPTH} levels.")
        if parts > _PARTS:
            raise TooComplex(f"What the file signs is in more than {_PARTS:,} parts.")


def _from_base64(data: bytes) -> bytes:
    """Return the bytes of Base64, with its line breaks, and between the lines of PEM or not."""
    return binascii.a2b_base64(_ARMOUR.sub(b"", data))
