"""Writers for the rows of a table whose text becomes more than one value, or one of several."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from invoice_extraction.engines.einvoice.base import (
    TAX_CATEGORIES,
    bic,
    iban,
    number,
    unit_code,
)
from invoice_extraction.engines.einvoice.paths import Sheet, Writer, write_joined

if TYPE_CHECKING:
    from lxml.etree import _Element

GTIN_SCHEMES = frozenset({"0160", "GTIN", "EAN", "EAN13", "EAN-13", "SRV", ""})
"""ISO 6523 0160, UNTDID 7143 SRV, and what stands there in practice."""

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


write_lines = partial(write_joined, "\n")
"""Adds a text below the one that stands there."""

write_words = partial(write_joined, " ")
"""Adds a text after the one that stands there."""


def write_unit(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a unit as it is written, and as a code where it can be one."""
    sheet.put(pointer, text, text, path)
    if known := unit_code(text):
        sheet.put(f"{pointer}_code", text, known, path)


def write_category(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a band's tax category, or the syntax's own word where it is no code of UNCL 5305."""
    name = "category" if text in TAX_CATEGORIES else "source_category"
    sheet.put(f"{pointer.rsplit('/', 1)[0]}/{name}", text, text, path)


def write_coded_category(
    sheet: Sheet, pointer: str, text: str, element: "_Element", path: str
) -> None:
    """Write a tax category that has to be a code of UNCL 5305."""
    if text in TAX_CATEGORIES:
        sheet.put(pointer, text, text, path)
    else:
        sheet.leave(path, text)


def write_account(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write an account as IBAN where it has the form of one, else as account number."""
    found = iban(text)
    name = "iban" if found else "account_number"
    sheet.put(f"{pointer.rsplit('/', 1)[0]}/{name}", text, found or " ".join(text.split()), path)


def write_bank(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a bank's identifier as BIC (BT-86), one that is a plain number as routing number.

    What is neither, as the "SE:BANKGIRO" of Swedish invoices, names no bank and stays unmapped.
    """
    plain = "".join(text.split()).replace("-", "")
    if not plain.isalnum():
        sheet.leave(path, text)
        return
    name = "routing_number" if plain.isdecimal() else "bic"
    sheet.put(f"{pointer.rsplit('/', 1)[0]}/{name}", text, bic(text) or plain, path)


def write_card(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write the last four digits of a card's number (BT-87 holds the last four to six)."""
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) >= 4:
        sheet.put(pointer, text, digits[-4:], path)
    else:
        sheet.leave(path, text)


def write_gtin(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write an item's standard identifier where it is a GTIN."""
    scheme = element.get("schemeID", "").strip().upper()
    if scheme in GTIN_SCHEMES and text.isdecimal() and len(text) in _GTIN_LENGTHS:
        sheet.put(pointer, text, text, path)
    else:
        sheet.leave(path, f"{scheme}:{text}" if scheme else text)


def write_price_base(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write the quantity that a price is for; one of 0 says nothing and stays unmapped."""
    found = number(text)
    if found is not None and not found.strip("-0."):
        sheet.leave(path, text)
    else:
        sheet.put(pointer, text, found, path)


def write_unit_of(units: Mapping[str, str]) -> Writer:
    """Return the writer of a unit that may be any text, by codes for words in upper case."""

    def write(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
        sheet.put(pointer, text, text, path)
        if known := units.get(text.upper()):
            sheet.put(f"{pointer}_code", text, known, path)

    return write


def write_named(scheme: str) -> Writer:
    """Return the writer of an identifier whose element's name stands for this scheme."""

    def write(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
        sheet.put(pointer, text, text, path)
        sheet.put(f"{pointer.rpartition('/')[0]}/scheme", scheme, scheme, path)

    return write


def at_account(writer: Writer) -> Writer:
    """Return a writer of what belongs to an instalment's account, see `settle_accounts`."""

    def write(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
        writer(sheet, pointer.replace("/instalments/", "/accounts/", 1), text, element, path)

    return write


def write_text(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
    """Write a text on one line."""
    sheet.put(pointer, text, " ".join(text.split()), path)


def write_means_of(means: Mapping[str, tuple[str, str | None]]) -> Writer:
    """Return the writer of a means of payment: by code, its words and the code of UNTDID 4461."""

    def write(sheet: Sheet, pointer: str, text: str, element: "_Element", path: str) -> None:
        words, code = means.get(text, (text, None))
        sheet.put(pointer, text, words, path)
        if code:
            sheet.put("/payment/means_code", text, code, path)

    return write
