"""Made-up identifiers whose check digits are right.

Bank codes are ones that no bank has (German codes never begin with 0 or 9, "ZZZZ" and "XXXX" are no
bank's letters); a tax id can be anyone's by chance, which is why no sample is ever sent anywhere.
"""

from collections.abc import Callable
from random import Random

from stdnum import iban as iban_module
from stdnum.at import uid as at_uid
from stdnum.ch import uid as ch_uid
from stdnum.gb import vat as gb_vat
from stdnum.ie import vat as ie_vat
from stdnum.iso7064 import mod_11_10
from stdnum.us import rtn


def german_vat(rng: Random) -> str:
    """Return a German VAT id, "DE" and nine digits."""
    body = _number(rng, 8)
    return f"DE{body}{mod_11_10.calc_check_digit(body)}"


def austrian_vat(rng: Random) -> str:
    """Return an Austrian UID, "ATU" and eight digits."""
    body = _digits(rng, 7)
    return f"ATU{body}{at_uid.calc_check_digit('U' + body)}"


def swiss_vat(rng: Random) -> str:
    """Return a Swiss VAT number as printed, "CHE-123.456.788 MWST"."""
    while True:
        body = _number(rng, 8)
        check = str(ch_uid.calc_check_digit(body))
        if len(check) == 1:  # 10 has no digit: such a number is never given out
            digits = body + check
            return f"CHE-{digits[:3]}.{digits[3:6]}.{digits[6:]} MWST"


def irish_vat(rng: Random) -> str:
    """Return an Irish VAT number, "IE", seven digits and two letters."""
    body = _number(rng, 7)
    return f"IE{body}{ie_vat.calc_check_digit(body + 'H')}H"


def british_vat(rng: Random) -> str:
    """Return a British VAT number, "GB" and nine digits."""
    while True:
        body = _number(rng, 7)
        check = 97 - gb_vat.checksum(body + "00") % 97
        if check < 97 and gb_vat.is_valid(f"GB{body}{check:02d}"):
            return f"GB{body}{check:02d}"


def iban(rng: Random, country: str) -> str:
    """Return an IBAN of the country without spaces. Raises KeyError for a country not in the table."""
    body = IBAN_BODIES[country](rng)
    return country + iban_module.calc_check_digits(f"{country}00{body}") + body


def routing_number(rng: Random) -> str:
    """Return a United States routing number (ABA), nine digits; 80 is the range of traveller's cheques."""
    body = "80" + _digits(rng, 6)
    return body + rtn.calc_check_digit(body)


def digits(rng: Random, count: int) -> str:
    """Return so many digits, the first of them not 0."""
    return _number(rng, count)


def _digits(rng: Random, count: int) -> str:
    return "".join(rng.choice("0123456789") for _ in range(count))


def _number(rng: Random, count: int) -> str:
    return rng.choice("123456789") + _digits(rng, count - 1)


IBAN_BODIES: dict[str, Callable[[Random], str]] = {
    "DE": lambda rng: "99" + _digits(rng, 16),
    "AT": lambda rng: "99" + _digits(rng, 14),
    "CH": lambda rng: "99" + _digits(rng, 15),
    "IE": lambda rng: "ZZZZ" + _digits(rng, 14),
    "GB": lambda rng: "ZZZZ" + _digits(rng, 14),
}
