"""Postal addresses: the lines below a party's name, and their parts where they are clear."""

import re
from dataclasses import dataclass

from invoice_extraction.engines.layout.candidates import Layout
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.records import Piece
from invoice_extraction.engines.layout.references import Found

POSTAL = re.compile(
    r"^(?:[A-Z]{1,2}\s?-?\s?)?\d{4,6}\s+(?:[-–]\s+)?[^\W\d_]{2,}"
    r"|\b[A-Z]\d[\dW]\s[A-Z\d]{4}\s+[^\W\d_]{3,}|\b[A-Z]{2}\.?,?\s+\d{5}(?:-\d{4})?\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|^\d{4}\s?[A-Z]{2}\b|\b\d{2}-\d{3}\s|[^\W\d_]{3,}[ ,-]+\d{5,6}\b"
    r"|^[A-Z]\d[\dW]\s?(?=\d{0,3}[A-Z])[A-Z\d]{4}$|^C\.?\s?P\.?\s?\d{4,6}\b"
    # Canada, Brazil and Portugal, Australia
    r"|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b|(?<!\d)\d{4,5}-\d{3}\b(?!-)|\b(?:NSW|VIC|QLD|SA|WA|TAS|ACT|NT)\s\d{4}\b"
    r"|^\d{3}\s\d{2}\s+[^\W\d_]{3,}|^[^\W\d_]{3,}[ ,]+\d{3}\s\d{2}$|\b(?:LV-\d{4}|LT-\d{5})\b"
)
"""A line that holds a postal code."""

_DIGIT = re.compile(r"\d")
_STREET_WORD = re.compile(
    r"(?:str\.|straße|strasse|straat|weg\b|platz|allee|gasse\b|ufer\b|damm\b|chaussee\b|gracht\b|kade\b|singel\b|dijk\b"
    r"|\bp\.?\s?o\.?\s?box\b|\bpostfach\b|\bpostbus\b|\bboîte postale\b|laan\b|plein\b|gatan\b|vägen\b|vej\b|gade\b|katu\b|gata\b"
    r"|\b(?:street|road|avenue|rd|st|ave|lane|drive|blvd|boulevard|highway|square|rue|chemin|quai|calle|carrer|avenida"
    r"|av|avda|plaza|via|viale|piazza|corso|rua|praça|ul|ulica|aleja|plac|ulice|náměstí|nám|trg|cesta|utca|út|tér|krt"
    r"|strada|bulevardul|piața|tänav|mnt|iela|gatvė|pr|cad|caddesi|sok|sokak|mah|jalan|jln|jl|lorong|taman|tmn|bandar|lot|ul|plot|suite|floor|phase|estate"
    r"|οδός|οδος|οδοσ|ул|бул)\b)",
)
"""The words of a street's name."""

CONTACT = re.compile(r"@|www\.|\b(?:tel|fax|phone|mail|web)\b", re.I)
"""How somebody is reached otherwise than by letter."""

_MOST_LINES = 6
_CITY = r"(?P<city>[^\W\d_][^\d,;|·•]{1,38}?)"
_CODED = (
    # 50667 Köln, D-50667 Köln, 1010 Wien, 00-950 Warszawa, 75008 Paris
    re.compile(
        rf"^(?:(?P<country>[A-Z]{{1,2}})[\s-]{{1,3}})?(?P<code>\d{{2}}-\d{{3}}|\d{{4,5}})\s+{_CITY}$"
    ),
    # 1234 AB Amsterdam
    re.compile(rf"^(?P<code>\d{{4}}\s?[A-Z]{{2}})\s+{_CITY}$"),
    # Austin, TX 78701
    re.compile(rf"^{_CITY},?\s+(?P<region>[A-Z]{{2}})\.?,?\s+(?P<code>\d{{5}}(?:-\d{{4}})?)$"),
    # Leeds LS1 4AB
    re.compile(rf"^{_CITY},?\s+(?P<code>[A-Z]{{1,2}}\d[A-Z\d]?\s\d[A-Z]{{2}})$"),
    # LS1 4AB, below the town
    re.compile(r"^(?P<code>[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[\dW]\s[A-Z\d]{4})$"),
)
_STREET = re.compile(
    r"^(?:\d{1,5}[a-z]?,?\s+[^\W\d_].{2,}|[^\W\d_].{2,}\s\d{1,5}\s?[a-zA-Z]?(?:\s?[-/]\s?\d{1,4}[a-z]?)?)$"
)
_BETWEEN = re.compile(r"\s*[·•|∙●]\s*|,\s+|\s+[-–]\s+")
_PREFIXES = {
    "A": "AT", "AT": "AT", "B": "BE", "BE": "BE", "CH": "CH", "CZ": "CZ", "D": "DE", "DE": "DE",
    "DK": "DK", "E": "ES", "ES": "ES", "F": "FR", "FR": "FR", "I": "IT", "IT": "IT", "L": "LU",
    "LU": "LU", "N": "NO", "NL": "NL", "PL": "PL", "S": "SE", "SE": "SE",
}  # fmt: skip
"""What stands before a postal code on letters between countries (CEPT)."""


@dataclass(frozen=True, slots=True)
class Address:
    """The pieces of an address from top to bottom, and what is clear of it; None for the rest."""

    pieces: tuple[Piece, ...]
    street: Piece | None
    code: Piece | None
    city: Piece | None
    region: Piece | None
    country: tuple[str, Piece] | None


def address(layout: Layout, name: Found) -> Address | None:
    """Return the address that stands beside or below a party's name; None where no line has its form.

    It ends with the line of the postal code, or the town's and the code's below one another.
    """
    rest = _parts(name.segment, name.end)
    below = _below(layout, name)
    for pieces in (rest, below):
        found = _read(pieces)
        if found is not None:
            return found
    return None


def _parts(segment: Segment, start: int) -> list[Piece]:
    """Return the parts of "Name · Street 4 · 50667 Town" behind the name."""
    found: list[Piece] = []
    text = segment.text
    at = start
    if _coded(text[start:]) is not None:
        # The comma of "Austin, TX 78701" parts nothing.
        return [(segment, start, len(text))]
    for match in [*_BETWEEN.finditer(text, start), None]:
        stop = match.start() if match else len(text)
        if text[at:stop].strip():
            found.append((segment, at, stop))
        at = match.end() if match else stop
    return found


def _below(layout: Layout, name: Found) -> list[Piece]:
    found: list[Piece] = []
    at = name.segment
    x0 = at.box(name.start, name.end)[0]
    for _ in range(_MOST_LINES):
        under = [s for s, _ in layout.below(at, name.start if at is name.segment else 0)]
        under = [s for s in under if abs(s.x0 - x0) < 6 or _is_centred(s, name.segment)]
        if not under or under[0].top - at.bottom > 1.8 * max(at.height, 6.0):
            break
        at = under[0]
        if any(label.start <= 1 for label in layout.labels_in(at)):
            break
        found += _parts(at, 0)
    return found


def _is_centred(segment: Segment, over: Segment) -> bool:
    return abs((segment.x0 + segment.x1) - (over.x0 + over.x1)) < 12


def _read(pieces: list[Piece]) -> Address | None:
    for n, (segment, start, end) in enumerate(pieces):
        text = segment.text[start:end]
        match = _coded(text)
        if match is None:
            continue
        parts = match.groupdict()
        city = _piece(segment, start, match, "city") if parts.get("city") else None
        above = pieces[:n]
        if city is None and above:
            city, above = above[-1], above[:-1]
        street = next((piece for piece in above if _STREET.match(_text(piece))), None)
        prefix = _PREFIXES.get(parts.get("country") or "")
        region = _piece(segment, start, match, "region") if parts.get("region") else None
        return Address(
            tuple(pieces[: n + 1]),
            street,
            _piece(segment, start, match, "code"),
            city,
            region,
            (prefix, _piece(segment, start, match, "country")) if prefix else None,
        )
    return None


def _coded(text: str) -> re.Match[str] | None:
    """Return how a line with a postal code is made, None for another: "12 Mill Road" has a number too."""
    for form in _CODED:
        match = form.match(text)
        if match is not None:
            city = match.groupdict().get("city") or "X"
            return match if city[0].isupper() and not has_street(city) else None
    return None


def _piece(segment: Segment, start: int, match: re.Match[str], name: str) -> Piece:
    return (segment, start + match.start(name), start + match.end(name))


def _text(piece: Piece) -> str:
    return piece[0].text[piece[1] : piece[2]].strip()


def is_street(text: str) -> bool:
    """Return whether a whole line has the form of street and number: "Mill Road 12", "12 Mill Road"."""
    return _STREET.match(text) is not None


def has_street(text: str) -> bool:
    """Return whether a text holds a street's word."""
    return _STREET_WORD.search(text.lower()) is not None


def looks_like_address(text: str) -> bool:
    """True for a line with a postal code, or with a street's word and a number."""
    if _DIGIT.search(text) is None:
        return False
    return bool(POSTAL.search(text) or has_street(text))
