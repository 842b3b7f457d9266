"""The contract of a syntax, and how a value of XML becomes one of the invoice's own form."""

import re
from datetime import date
from typing import TYPE_CHECKING, Protocol

from invoice_extraction.model.reading import InvoiceReading

if TYPE_CHECKING:
    from lxml.etree import _Element


class Syntax(Protocol):
    """Reads the invoices of one e-invoice file from its parsed XML."""

    def __call__(self, root: "_Element") -> tuple[InvoiceReading, ...]:
        """Return the invoices in their order, at least one: values, and in `unmapped` the rest.

        Raises:
            TooComplex: There are more invoices than one file may hold.
        """
        ...


CREDIT_NOTES = frozenset(
    ["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "503", "532"]
)
DEBIT_NOTES = frozenset(["80", "84", "383", "527"])
PROFORMA = frozenset({"325"})
INVOICES = frozenset(
    [
        *("71", "82", "102", "130", "202", "203", "204", "211", "218", "219", "295", "326", "331"),
        *("380", "382", "384", "385", "386", "387", "388", "389", "390", "393", "394", "395"),
        *("456", "457", "471", "472", "473", "500", "501", "553", "575", "623", "633", "751"),
        *("780", "817", "870", "875", "876", "877", "935"),
    ]
)
"""UNTDID 1001, the codes of BT-3 (EN 16931 validation artefacts 1.3.15, BR-CL-01)."""

TAX_CATEGORIES = frozenset(
    [
        "A",
        "AA",
        "AB",
        "AC",
        "AD",
        "AE",
        "B",
        "C",
        "D",
        "E",
        "F",
        "G",
        "H",
        "I",
        "J",
        "K",
        "L",
        "M",
        "N",
        "O",
        "S",
        "Z",
    ]
)
"""UNCL 5305."""

_NUMBER = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?")
_DIGITS = 27  # more than any amount needs, and few enough to calculate with exactly
_UNIT_CODE = re.compile(r"[A-Z0-9]{2,3}")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T.*|Z|[+-]\d{2}:\d{2})?")
_ISO_TIME = re.compile(r"(\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?")

_DATE_LENGTHS = {"102": 8, "203": 12, "204": 14}
"""UNTDID 2379, as far as a code begins with YYYYMMDD."""


_DOCUMENT_TYPES = {
    **dict.fromkeys(INVOICES, "invoice"),
    **dict.fromkeys(CREDIT_NOTES, "credit_note"),
    **dict.fromkeys(DEBIT_NOTES, "debit_note"),
    **dict.fromkeys(PROFORMA, "proforma"),
}


def document_type(type_code: str) -> str | None:
    """Return the document type of a UNTDID 1001 code, None for one that no invoice may have."""
    return _DOCUMENT_TYPES.get(type_code)


def number(text: str) -> str | None:
    """Return an xs:decimal with its digits kept ("+5" is "5", ".5" is "0.5"), None if it is none."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    sign, whole, fraction = match.groups()
    if not 0 < len(whole) + len(fraction or "") <= _DIGITS:
        return None
    if whole and (fraction or fraction is None) and sign != "+":
        return text
    return f"{'-' if sign == '-' else ''}{whole or '0'}{'.' + fraction if fraction else ''}"


def iso_date(text: str, form: str | None = None) -> str | None:
    """Return YYYY-MM-DD; None if the text is no date of the calendar.

    `form` is the UNTDID 2379 code that CII writes beside a date. A time zone after an xs:date is
    left out: the day is the one that was written.
    """
    if match := _ISO_DATE.fullmatch(text):
        day = match[1]
    elif text.isdecimal() and len(text) == _DATE_LENGTHS.get(form or "102"):
        day = text[:8]
    else:
        return None
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return None


def iso_time(text: str) -> str | None:
    """Return HH:MM or HH:MM:SS without fraction and time zone, None if it is no time."""
    match = _ISO_TIME.fullmatch(text)
    return match[1] if match else None


def code(length: int, text: str) -> str | None:
    """Return a code of so many letters in upper case (a currency, a country), None if it is none."""
    upper = text.upper()
    return upper if len(upper) == length and upper.isascii() and upper.isalpha() else None


def unit_code(text: str) -> str | None:
    """Return a code that has the form of UN/ECE Recommendation 20 or 21, else None."""
    return text if _UNIT_CODE.fullmatch(text) else None


def iban(text: str) -> str | None:
    """Return an account that has the form of an IBAN, without spaces; its digits are not checked."""
    compact = "".join(text.split()).upper()
    if compact.startswith("IBAN"):
        compact = compact.removeprefix("IBAN").lstrip(":")
    return compact if _IBAN.fullmatch(compact) else None


def bic(text: str) -> str | None:
    """Return a bank's identifier that has the form of ISO 9362, without spaces, else None."""
    compact = "".join(text.split()).upper()
    return compact if _BIC.fullmatch(compact) else None
