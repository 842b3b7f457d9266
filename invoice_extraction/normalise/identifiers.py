"""Printed identifiers to the form they are stored in: those with a standard form have no spaces."""

import re
from collections.abc import Callable

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_CREDITOR = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{4,31}")
_VAT = re.compile(
    r"(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK|XI)"
    r"(?=[A-Z0-9+*]*\d{5})[A-Z0-9+*]{7,12}(?:MVA)?"
)
"""VAT numbers that begin with their country; national ones stay as they are printed."""

_HEAD = re.compile(r"(?i:IBAN|BIC|SWIFT)[\s:.]*")
_INSIDE = re.compile(r"[\s.\u00a0-]")


def iban(text: str) -> str | None:
    """Return an IBAN without spaces; None for a text of another form. Its digits are not checked."""
    return _compact(text, _IBAN)


def bic(text: str) -> str | None:
    """Return a bank's identifier (ISO 9362) without spaces; None for a text of another form."""
    return _compact(text, _BIC)


def creditor(text: str) -> str | None:
    """Return a SEPA creditor's identifier without spaces; None for a text of another form."""
    return _compact(text, _CREDITOR)


def vat(text: str) -> str | None:
    """Return a VAT number that begins with its country, without spaces; None for another number."""
    return _compact(text, _VAT)


STANDARD: dict[str, Callable[[str], str | None]] = {
    "iban": iban,
    "bic": bic,
    "creditor_id": creditor,
    "tax_id": vat,
}
"""By the name of the field: what gives its standard form."""


def standard(name: str, text: str) -> str:
    """Return the identifier in its field's standard form; as printed where it has none."""
    form = STANDARD.get(name)
    return (form and form(text)) or " ".join(text.split())


def _compact(text: str, form: re.Pattern[str]) -> str | None:
    compact = _INSIDE.sub("", _HEAD.sub("", text.strip(), count=1)).upper()
    return compact if form.fullmatch(compact) else None
