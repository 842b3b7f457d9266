"""Countries by code: money, taxes, names and places of each, as `countries.toml` holds them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from stdnum import get_cc_module
from stdnum import iban as iban_module

from samples.sheet import A4

LETTER = (612.0, 792.0)
"""Width and height in points of the paper of North America."""

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Country:
    """A country as the generator needs it.

    `rates` are percents, the usual one first; `splits` the pairs of taxes that stand side by side there, by
    name and rate. `numbers` are pairs of thousands and decimal mark, "in" for the Indian grouping.
    `scale` is what a price of one euro is in its currency, `cash_step` to what cash is rounded.
    """

    code: str
    languages: tuple[str, ...]
    currency: str
    sign: str
    rates: tuple[Decimal, ...]
    splits: tuple[tuple[tuple[str, Decimal], ...], ...]
    tax_names: tuple[str, ...]
    tax_label: tuple[str, ...]
    tax_id: str | None
    check: str | None
    legal: tuple[str, ...]
    legal_first: bool
    towns: tuple[tuple[str, ...], ...]
    town: tuple[str, ...]
    house_first: bool
    phone: tuple[str, ...]
    iban: str | None
    numbers: tuple[tuple[str, str], ...]
    dates: tuple[str, ...]
    prints: tuple[str, ...]
    paper: tuple[float, float]
    scale: Decimal
    decimals: int
    cash_step: Decimal | None


def filled(rng: Random, pattern: str) -> str:
    """Return the pattern with a digit for each "#" and a letter for each "@"."""
    return "".join(
        rng.choice("0123456789") if c == "#" else rng.choice(LETTERS) if c == "@" else c
        for c in pattern
    )


def tax_id(rng: Random, country: Country) -> str | None:
    """Return a made-up tax id whose check digits are right; None where sellers have none on their papers."""
    if country.tax_id is None:
        return None
    if country.check is None:
        return filled(rng, country.tax_id)
    land, name = country.check.split(".")
    module = get_cc_module(land, name)
    if module is None:
        raise KeyError(f"no check digits are known of {country.check}")
    while True:
        found = filled(rng, country.tax_id)
        if module.is_valid(found):
            return found


def iban(rng: Random, country: Country) -> str | None:
    """Return a made-up IBAN of a bank that no country has; None where there are no IBANs."""
    if country.iban is None:
        return None
    while True:
        body = filled(rng, country.iban)
        found = country.code + iban_module.calc_check_digits(f"{country.code}00{body}") + body
        if iban_module.is_valid(found):
            return str(found)


def _country(code: str, row: Mapping[str, Any]) -> Country:
    def words(key: str, default: str = "") -> tuple[str, ...]:
        return tuple(row.get(key, default).split("|")) if row.get(key, default) else ()

    return Country(
        code=code,
        languages=words("languages"),
        currency=row["currency"],
        sign=row["sign"],
        rates=tuple(map(Decimal, words("rates"))),
        splits=tuple(
            tuple((name, Decimal(rate)) for name, rate in (one.rsplit(" ", 1) for one in pair))
            for pair in (text.split("|") for text in words_of(row.get("split", "")))
        ),
        tax_names=words("tax_names"),
        tax_label=words("tax_label"),
        tax_id=row.get("tax_id"),
        check=row.get("check"),
        legal=tuple(row["legal"].split("|")),
        legal_first=row.get("legal_first", False),
        towns=tuple(tuple(town.split(";")) for town in words("towns")),
        town=words("town", "{code} {city}"),
        house_first=row.get("house_first", False),
        phone=words("phone"),
        iban=row.get("iban"),
        numbers=tuple(_marks(text) for text in words("numbers")),
        dates=words("dates"),
        prints=words("prints"),
        paper=LETTER if row.get("paper") == "letter" else A4,
        scale=Decimal(row.get("scale", "1")),
        decimals=row.get("decimals", 2),
        cash_step=Decimal(row["cash_step"]) if "cash_step" in row else None,
    )


def words_of(text: str) -> list[str]:
    """Return the pairs of taxes, which a comma parts."""
    return text.split(",") if text else []


def _marks(text: str) -> tuple[str, str]:
    group = text[:-1].replace("_", "\u00a0")
    return group, text[-1]


COUNTRIES: dict[str, Country] = {
    code: _country(code, row)
    for code, row in tomllib.loads(
        (Path(__file__).parent / "countries.toml").read_text("utf-8")
    ).items()
}
"""Countries by ISO 3166 code. One table in the file makes a new one."""
