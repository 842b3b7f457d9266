"""Printed currency signs, codes and names to ISO 4217; a sign that many share is None."""

import re

CODES: frozenset[str] = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP
    BYN BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP
    GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF
    KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR
    MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG
    SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU
    UZS VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG HRK""".split()
)
"""ISO 4217 codes in use, and the Croatian kuna, which stands on invoices until 2022."""

_ANY_CASE = frozenset(["EUR", "USD", "GBP", "CHF", "CZK", "DKK", "NOK", "PLN"])
"""Codes that are no word, however they are written; "Cad." is a street, and "Top" and "Pen" are articles."""

SIGNS: dict[str, str] = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₴": "UAH", "₺": "TRY", "₪": "ILS",
    "₩": "KRW", "₫": "VND", "฿": "THB", "₱": "PHP", "₦": "NGN", "₵": "GHS", "₡": "CRC",
    "zł": "PLN", "zl": "PLN", "kč": "CZK", "kc": "CZK", "ft": "HUF", "lei": "RON", "rm": "MYR",
    "us$": "USD", "u.s.$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD",
    "s$": "SGD", "hk$": "HKD", "nt$": "TWD", "r$": "BRL", "mx$": "MXN", "sfr": "CHF", "fr.": "CHF",
    "dhs": "AED", "лв": "BGN", "руб": "RUB", "грн": "UAH", "rp": "IDR", "s/": "PEN", "ksh": "KES",
    "tl": "TRY",
}  # fmt: skip
"""Signs of one currency only, in lower case."""

NAMES: dict[str, str] = {
    "euro": "EUR", "euros": "EUR", "us dollar": "USD", "us dollars": "USD", "pound sterling": "GBP",
    "british pound": "GBP", "pounds sterling": "GBP", "swiss franc": "CHF", "schweizer franken": "CHF",
    "ringgit": "MYR", "ringgit malaysia": "MYR", "złoty": "PLN", "zloty": "PLN",
    "indian rupee": "INR", "indian rupees": "INR", "australian dollar": "AUD",
    "australian dollars": "AUD", "canadian dollar": "CAD", "canadian dollars": "CAD",
    "singapore dollar": "SGD", "singapore dollars": "SGD", "new zealand dollar": "NZD",
}  # fmt: skip

SHARED: dict[str, dict[str, str]] = {
    "$": {
        "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "MX": "MXN",
        "TW": "TWD", "AR": "ARS", "CL": "CLP", "CO": "COP", "PR": "USD", "EC": "USD", "SV": "USD",
        "JM": "JMD", "BB": "BBD", "TT": "TTD", "FJ": "FJD", "UY": "UYU",
    },
    "kr": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "IS": "ISK", "GL": "DKK", "FO": "DKK"},
    "¥": {"JP": "JPY", "CN": "CNY"},
    "￥": {"JP": "JPY", "CN": "CNY"},
    "rs": {"IN": "INR", "PK": "PKR", "LK": "LKR", "NP": "NPR", "MU": "MUR"},
    "r": {"ZA": "ZAR"},
    "fr": {"CH": "CHF", "LI": "CHF"},
    "din": {"RS": "RSD"},
    "kn": {"HR": "HRK"},
}  # fmt: skip
"""Signs that several currencies share: which one, by the seller's country."""

_CODE = re.compile(r"(?<![^\W\d_])([A-Z]{3})(?![^\W\d_])")


def parse(text: str, country: str | None = None) -> str | None:
    """Return the ISO 4217 code that a sign, code or name means; None when it is shared or unknown.

    `country` (ISO 3166-1 alpha-2, the seller's) settles a shared sign: "$" in CA is CAD.
    """
    printed = text.strip().strip("()[]:")
    # A sign beside an amount: "€ 12.50", "(12.50 EUR)".
    around = printed.strip("0123456789.,' \u00a0-−+()[]:")
    found = _meant(printed, country)
    return _meant(around, country) if found is None and around != printed else found


def _meant(printed: str, country: str | None) -> str | None:
    if printed in CODES or printed.upper() in _ANY_CASE:
        return printed.upper()
    folded = " ".join(printed.casefold().split())
    known = SIGNS.get(folded) or SIGNS.get(folded.rstrip(".")) or NAMES.get(folded)
    if known:
        return known
    if is_shared(folded):
        return SHARED[folded.rstrip(".")].get(country or "")
    # A code among words: "Total EUR".
    codes: set[str] = {c for c in _CODE.findall(printed) if c in CODES}
    return codes.pop() if len(codes) == 1 else None


def is_shared(text: str) -> bool:
    """True for a sign that several currencies share, such as "$"."""
    return text.strip().casefold().rstrip(".") in SHARED
