"""XML: one hardened parser for bare files and for those inside a PDF.

No document type declaration is accepted at all: with entities switched off libxml2 drops their text
without a word, and a seller's name would become empty.
"""

import codecs
import re
from functools import lru_cache

from lxml import etree

from invoice_extraction.errors import CorruptFile, InvalidEInvoiceXML, TooComplex
from invoice_extraction.model.document import Attachment, Document
from invoice_extraction.model.options import Limits, Options

_MEDIA_TYPE = "application/xml"
_DECLARED = re.compile(
    rb"\A\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']"
)
_PROLOG = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*+", re.S)
# Others could hide markup from whoever looks for it (UTF-7), and no e-invoice is written in them.
_ENCODING = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-?8859-?\d{1,2}|latin-?\d|(windows|cp)-?125\d", re.I
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MAX_ATTRIBUTES = 1_000  # of one element: each look-up goes through all of them
_CROWDED = etree.XPath(f"boolean(//*[count(@*) > {_MAX_ATTRIBUTES}])")
_LONG_TAG = re.compile(
    f"<[^<]{{{5 * _MAX_ATTRIBUTES}}}"
)  # so many attributes take at least ` a=""`
_PADDING = "\0\r\n\t "
_UNMARKED_UTF16 = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def read(data: bytes, options: Options) -> Document:
    """Return the document: no pages, and the file itself as its only XML, which is parsed by its engine.

    Raises:
        CorruptFile: It is not in the encoding that it declares.
        InvalidEInvoiceXML: It has a document type declaration.
        TooComplex: It is over the limit of size.
    """
    _checked(data, options.limits)
    return Document(media_type=_MEDIA_TYPE, data=data, xml=(Attachment(None, data),))


def parse(data: bytes, limits: Limits) -> etree._Element:
    """Return the root element; comments and processing instructions are left out.

    Nothing outside `data` is ever looked at.

    Raises:
        CorruptFile: It is not well-formed.
        InvalidEInvoiceXML: It has a document type declaration.
        TooComplex: It is over a limit of size, depth, elements or attributes.
    """
    text = _checked(data, limits)
    # An element takes one "<" or two; what stands in comments does not matter for a limit this wide.
    tags = text.count("<")
    if tags > 2 * limits.max_elements + 1_000:
        raise _too_many_elements(limits)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as exc:
        if "depth" in str(exc):
            raise _too_deep(limits) from exc
        line = f" at line {exc.lineno}" if exc.lineno else ""
        raise CorruptFile(f"The XML is not well-formed{line}.") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise _has_dtd()
    # What the number of signs rules out is not looked for.
    if tags > limits.max_depth and _deeper(limits.max_depth)(root):
        raise _too_deep(limits)
    if tags > limits.max_elements and root.xpath(f"count(//*) > {limits.max_elements}"):
        raise _too_many_elements(limits)
    if _LONG_TAG.search(text) and _CROWDED(root):
        raise TooComplex(f"An element of the XML has more than {_MAX_ATTRIBUTES:,} attributes.")
    return root


def _checked(data: bytes, limits: Limits) -> str:
    """Return the characters of a file of allowed size without DTD; raises what `read` raises."""
    if len(data) > limits.max_xml:
        raise TooComplex(f"The XML has {len(data):,} bytes; the limit is {limits.max_xml:,}.")
    text = _text(data)
    if text.startswith("<!DOCTYPE", _prolog_length(text)):
        raise _has_dtd()
    return text


@lru_cache(maxsize=4)
def _deeper(depth: int) -> etree.XPath:
    """Return whether there are elements below so many others, as a question to a root."""
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def _text(data: bytes) -> str:
    """Return the characters, by the byte order mark, the bytes themselves, then the declaration.

    Files that are UTF-8 and declare something else are common (a template's declaration kept over
    converted text); text in another encoding is by chance hardly ever valid UTF-8.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding)
    for start, encoding in _UNMARKED_UTF16:
        if data.startswith(start):
            return _decoded(data, encoding)
    try:
        return data.decode().strip(_PADDING)
    except UnicodeDecodeError:
        declared = _DECLARED.match(data)
        name = declared[1].decode("ascii") if declared else "utf-8"
        return _decoded(data, name)


def _decoded(data: bytes, encoding: str) -> str:
    if not _ENCODING.fullmatch(encoding) and encoding not in ("utf-16-le", "utf-16-be"):
        raise CorruptFile("The XML declares an encoding that no e-invoice is written in.")
    try:
        return data.decode(encoding).strip(_PADDING)
    except (UnicodeDecodeError, LookupError) as exc:
        raise CorruptFile("The XML is not in the encoding that it declares.") from exc


def _prolog_length(text: str) -> int:
    prolog = _PROLOG.match(text)
    return prolog.end() if prolog else 0


def _has_dtd() -> InvalidEInvoiceXML:
    return InvalidEInvoiceXML("The XML has a document type declaration (DTD), which none may have.")


def _too_deep(limits: Limits) -> TooComplex:
    return TooComplex(f"The XML is nested deeper than {limits.max_depth:,} elements.")


def _too_many_elements(limits: Limits) -> TooComplex:
    return TooComplex(f"The XML has more than {limits.max_elements:,} elements.")
