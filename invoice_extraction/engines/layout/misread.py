"""Identifiers that OCR misread: what they are, where their check digits leave only one reading."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice, product

from stdnum import iban as iban_number

from invoice_extraction.model.reading import Value
from invoice_extraction.validate.parties import tax_id_right

_DIGITS = {
    "O": "0", "Q": "0", "D": "0", "I": "1", "L": "1", "|": "1", "Z": "2", "A": "4", "S": "5",
    "G": "6", "T": "7", "B": "8",
}  # fmt: skip
"""The digit that a letter looks like."""

_LETTERS = {"0": "OD", "1": "IL", "2": "Z", "4": "A", "5": "S", "6": "G", "7": "TZ", "8": "B"}
"""The letters that a digit looks like."""

_MOST = 10
"""With more letters than these in doubt check digits prove nothing any more."""

_FEW = 8
"""Of more readings one has the right check digits by chance: of 97 one each."""

_TAX_ID = re.compile(r"/(?:seller|buyer)/tax_id")
_IBAN = re.compile(r"/payment/accounts/\d+/iban")


def proven(values: Mapping[str, Value], country: str | None) -> dict[str, str]:
    """Return by their pointers what identifiers are that stand misread in the values of a page by OCR.

    `country` is the one whose numbers are printed without it, None where that is not known.
    """
    found = {}
    for pointer, value in values.items():
        right = None
        if _IBAN.fullmatch(pointer):
            right = iban(value.text)
        elif _TAX_ID.fullmatch(pointer):
            right = tax_number(value.text, country)
        if right is not None:
            found[pointer] = right
    return found


def iban(printed: str) -> str | None:
    """Return the IBAN that a misread text can only be; None for a right one and for one without proof."""
    text = _compact(printed)
    if iban_number.is_valid(text, check_country=False):
        return None
    countries = {"".join(pair) for pair in product(*map(_as_letters, text[:2]))}
    bodies = _with_digits(text[2:])
    if len(text) > 8:
        # The bank's code is of letters in some countries.
        bodies |= {
            body[:2] + "".join(code) + body[6:]
            for body in bodies
            for code in product(*map(_as_letters, body[2:6]))
        }
    readings = {country + body for country in countries for body in bodies}
    possible = list(islice(filter(_has_form, readings), _FEW + 1))
    if len(possible) > _FEW:
        return None
    return _only(one for one in possible if iban_number.is_valid(one, check_country=False))


def tax_number(printed: str, country: str | None) -> str | None:
    """Return the tax number that a misread text can only be; None as for an IBAN.

    `country` (ISO 3166-1) is the one whose number it is, where none stands before it; None: unknown.
    """
    text = _compact(printed)
    if tax_id_right(text, country):
        return None
    readings = {
        "".join(head) + body
        for head in product(*map(_as_letters, text[:2]))
        for body in _with_digits(text[2:])
    } | _with_digits(text)
    for at in (0, 2, len(text) - 1):
        # Some countries' numbers begin or end with a letter.
        readings |= {one[:at] + c + one[at + 1 :] for one in readings for c in _as_letters(one[at])}
    return _only(one for one in readings if tax_id_right(one, country))


def _has_form(text: str) -> bool:
    """True for what is an IBAN of its country by letters and digits, whatever its check digits are."""
    if not (text.isascii() and text.isalnum() and text[2:4].isdigit()):
        return False
    checked = text[:2] + iban_number.calc_check_digits(text) + text[4:]
    return iban_number.is_valid(checked, check_country=False)


def _compact(printed: str) -> str:
    return "".join(c for c in printed if c.isalnum() or c == "|").upper()


def _as_letters(char: str) -> str:
    return _LETTERS.get(char, char)


def _with_digits(text: str) -> set[str]:
    """Return a text with the letters that look like digits read as letters and as digits, in every way."""
    choices = [c + _DIGITS.get(c, "") for c in text]
    if sum(len(one) > 1 for one in choices) > _MOST:
        return {"".join(one[-1] for one in choices)}
    return {"".join(one) for one in product(*choices)}


def _only(readings: Iterable[str]) -> str | None:
    found = set(readings)
    return found.pop() if len(found) == 1 else None
