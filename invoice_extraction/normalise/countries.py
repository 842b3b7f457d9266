"""Printed countries, codes and names alike, to ISO 3166-1 alpha-2."""

import unicodedata
from functools import lru_cache

LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
"""Languages in which a country's name is known on every invoice, beside the invoice's own."""

ALIASES: dict[str, str] = {
    "usa": "US", "u.s.a.": "US", "u.s.": "US", "united states of america": "US",
    "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
    "wales": "GB", "northern ireland": "GB", "el": "GR", "holland": "NL", "the netherlands": "NL",
    "czech republic": "CZ", "turkey": "TR", "hong kong": "HK", "macau": "MO", "ivory coast": "CI",
    "korea": "KR", "viet nam": "VN", "eire": "IE", "republic of ireland": "IE",
}  # fmt: skip
"""What stands on invoices and CLDR has no name or code for."""


def parse(text: str, language: str | None = None) -> str | None:
    """Return the country that a code or a name means; None for one that is not known.

    `language` (BCP 47) is the document's; its names are known beside those of LANGUAGES.
    """
    from babel.core import get_global  # only what an engine could not tell as a code needs it

    folded = _fold(text)
    known = ALIASES.get(folded) or _names(language).get(folded)
    if known is not None or not 2 <= len(folded) <= 3:
        return known
    code = folded.upper()
    if code in get_global("territory_currencies") and code != "EU":
        return code
    # CLDR's aliases hold the codes of three letters, and those of states that are no more.
    others = get_global("territory_aliases").get(code, [])
    return others[0] if len(others) == 1 else None


def prints(country: str, language: str | None = None) -> list[str]:
    """Return the codes and names by which a country (ISO 3166-1 alpha-2) may stand on a page.

    Codes are in capitals, names in small letters.
    """
    known = {**_names(language), **ALIASES}
    names = [name for name, code in known.items() if code == country]
    return [country, *(name.upper() if is_short(name) else name for name in names)]


def is_short(text: str) -> bool:
    """True for "US" and "U.S.A.", which are words too ("us") unless they stand in capitals."""
    return sum(c.isalpha() for c in text) <= 3


@lru_cache(maxsize=32)
def _names(language: str | None) -> dict[str, str]:
    """Return the countries by their names, folded, without those that mean two countries."""
    from babel import Locale, UnknownLocaleError

    names: dict[str, str] = {}
    doubtful: set[str] = set()
    for tag in (*LANGUAGES, (language or "en").partition("-")[0].lower()):
        try:
            territories = Locale.parse(tag).territories
        except (UnknownLocaleError, ValueError):
            continue
        for code, name in territories.items():
            if len(code) == 2 and code.isalpha() and names.setdefault(_fold(name), code) != code:
                doubtful.add(_fold(name))
    return {name: code for name, code in names.items() if name not in doubtful}


def _fold(text: str) -> str:
    text = unicodedata.normalize("NFKD", " ".join(text.casefold().split()))
    return "".join(c for c in text if not unicodedata.combining(c)).strip(" ,;()")
