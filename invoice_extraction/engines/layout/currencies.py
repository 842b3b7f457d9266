"""The currency: beside the amounts, or the one of the country that the document names."""

import re
from collections import Counter
from datetime import date
from itertools import pairwise

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.score import SUMS
from invoice_extraction.model.reading import Value
from invoice_extraction.normalise import currency as currency_data
from invoice_extraction.normalise.amounts import plain_digits

_SIGNS = frozenset(["RM", "zł", "Kč", "Ft", "TL"])
"""Signs of letters that stand alone above a column or beside a sum."""

_FEW = 3
"""So many votes are more than a word that only looks like a code."""

_TRADED = frozenset(["EUR", "USD", "GBP", "CHF"])
"""Currencies that stand on invoices of other countries too."""

_BRACKETED = re.compile(r"[(\[]([^\W\d_]{2,3}|[^\w\s])[)\]]\W*$")
"""The "(RM)" of "Amount(RM)": what a column's sums are in."""

_TOTALS = frozenset(["gross", "amount_due"])

_EXCHANGE = re.compile(r"(?<![\d.,])1(?:[.,]0+)?\s?(?:[A-Z]{3}|[€$£])\s?=")
"""A rate of exchange, "1 EUR = 7.46 DKK": it tells two currencies, and neither is the document's for that."""

_LETTER = (612.0, 792.0)
"""In points: the paper of North America."""
_MONTH_FIRST = re.compile(r"[^\W\d_]{3}")
_PHONE = re.compile(r"(?<![\d+])(?:1[-. ])?(?:\([2-9]\d\d\) ?|[2-9]\d\d[-.])\d{3}[-.]\d{4}(?!\d)")
"""A telephone number as the plan of North America writes it."""
_STATE = re.compile(
    r", ?(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]"
    r"|UT|V[AT]|W[AIVY])(?=$|[.,]| \d{5}(?!\d))"
)
_AMERICAN = frozenset(["salestax", "zipcode", "ein", "routingnumber", "llc"])
_CANADIAN = frozenset(["gst", "hst", "pst", "qst", "tps", "tvq", "tvh"])
"""Folded words, or two in a row written as one, of papers of the United States, and Canada's taxes."""

_LANGUAGES = {
    "cs": "CZ", "da": "DK", "et": "EE", "fi": "FI", "hr": "HR", "hu": "HU", "id": "ID", "lt": "LT",
    "lv": "LV", "ms": "MY", "nb": "NO", "pl": "PL", "bg": "BG", "sk": "SK", "sl": "SI", "sv": "SE",
    "tr": "TR", "el": "GR", "it": "IT",
}  # fmt: skip
"""Languages whose invoices come from one country, or from countries with one currency, as a rule."""


def currency(found: Layout, country: str | None, issued: date | None) -> Value | None:
    """Return the currency that stands beside the amounts, else that of the country on its day.

    `country` is the seller's, None where it is not told: then the only one that the document names is
    meant, then its language's. None where several currencies stand there, or nothing tells of one.
    """
    votes, where = _printed(found)
    if not votes:
        return _of_country(found, country, issued)
    (code, count), *rest = votes.most_common(2)
    if rest and code not in _TRADED:
        # "CUP 16" and "PEN GEL 0.5" are goods: a country that is named has another currency.
        theirs = {_of_day(name, issued) for name in found.countries}
        told = [other for other in votes if other in theirs]
        if len(told) == 1:
            code, count, rest = told[0], votes[told[0]], []
    is_doubtful = any(count < 2 * other for _, other in rest)
    if is_doubtful or (count < _FEW and code not in _TRADED):
        # "SVC" for a service, "MUR" in a street: the country knows better than a word or two.
        own = _of_country(found, country, issued)
        usual = own.canonical if own is not None else None
        if is_doubtful and (
            usual not in votes or _TRADED.issuperset((code, *(c for c, _ in rest)))
        ):
            return None
        if usual is not None and usual in votes:
            code, count = usual, votes[usual]
        elif usual is not None and count == 1:
            return own
    text, segment = where[code]
    at = segment.text.find(text)
    return Value(
        text,
        code,
        page=segment.page,
        boxes=(segment.box(at, at + len(text)),),
        score=0.93 if count > 2 else 0.8,
    )


def _printed(found: Layout) -> tuple[Counter[str], dict[str, tuple[str, Segment]]]:
    """Return how often each currency stands there, beside an amount twice, and where first."""
    votes: Counter[str] = Counter()
    where: dict[str, tuple[str, Segment]] = {}
    signs = {amount.currency for amount in found.amounts}
    dollars = _of_dollars(found) if "$" in signs else None
    exchanged = {
        id(segment) for row in found.rows for segment in row if _EXCHANGE.search(segment.text)
    }
    for amount in found.amounts:
        if id(amount.segment) in exchanged:
            continue
        code = _of_amount(amount, found, dollars)
        if amount.currency is not None and code is not None:
            votes[code] += 2
            where.setdefault(code, (amount.currency, amount.segment))
    for row in found.rows:
        for segment in row:
            if id(segment) in exchanged:
                continue
            for n, word in enumerate(segment.words):
                text = word.text.strip("()[]:,.;*")
                head = _BRACKETED.search(word.text) if word.text[-1] in ")]:" else None
                if head is not None:
                    text, code = head[1], currency_data.parse(head[1])
                else:
                    code = _alone(text, n, segment, found)
                if code is not None:
                    votes[code] += 2 if _ends_total(text, segment, found) else 1
                    where.setdefault(code, (text, segment))
    return votes, where


def _ends_total(code: str, segment: Segment, found: Layout) -> bool:
    """True for the code that ends a total's label: "Zu zahlen EUR"."""
    start = segment.text.rfind(code)
    return any(
        label.fields[0] in _TOTALS and not segment.text[label.end : start].strip(" (:")
        for label in found.labels_in(segment)
        if label.end <= start
    )


def _of_amount(amount: Amount, found: Layout, dollars: str | None) -> str | None:
    """Return the currency of an amount's sign; a shared one ("$") is that of a country named.

    `dollars` is the country whose "$" it is where none is named, None where nothing tells.
    """
    sign = amount.currency
    if sign is None or _ends_name(sign, amount.segment, amount.start):
        return None
    if amount.segment.text[: amount.start][-1:].isalpha() and amount.text.startswith(sign + " "):
        # The end of a word: "MWST 1".
        return None
    if sign in _SIGNS and not any(mark in amount.text for mark in ".,"):
        # "RM 1204" is a room.
        return None
    code = currency_data.parse(sign)
    if code is not None:
        return code
    countries = found.countries or {_LANGUAGES.get(found.language or "")}
    codes = {currency_data.parse(sign, country) for country in countries} - {None}
    if not codes and sign == "$":
        return currency_data.parse(sign, dollars)
    return codes.pop() if len(codes) == 1 else None


def _of_dollars(found: Layout) -> str | None:
    """Return "US" or "CA" where a document's forms are North America's, None where they are not.

    Those are its paper, its telephone numbers, its states and dates with the month first.
    """
    words = {token.text for tokens in found.tokens.values() for token in tokens}
    for tokens in found.tokens.values():
        words.update(a.text + b.text for a, b in pairwise(tokens))
    texts = [segment.text for row in found.rows for segment in row]
    size = sorted((found.page_width, found.page_height))
    is_american = (
        found.order == "mdy"
        or not words.isdisjoint(_AMERICAN)
        or all(abs(a - b) < 2 for a, b in zip(size, _LETTER, strict=True))
        or any(_MONTH_FIRST.match(day.text) for day in found.days)
        or any(_PHONE.search(text) or _STATE.search(text) for text in texts)
    )
    if not is_american:
        return None
    return "US" if words.isdisjoint(_CANADIAN) else "CA"


def _alone(text: str, index: int, segment: Segment, found: Layout) -> str | None:
    """Return the currency that a word stands for; None for a word that only looks like a code.

    "BHD" is a dinar, and the end of many a Malaysian company: among capitals a code stands beside a
    number, in brackets, or beside the label of a sum.
    """
    following = segment.words[index + 1].text if index + 1 < len(segment.words) else ""
    is_lei = found.language == "ro" and text.casefold() == "lei"
    if "€" in text or "£" in text or is_lei or (text in _SIGNS and not following.isdigit()):
        return currency_data.parse(plain_digits(text))
    if len(text) != 3 or text not in currency_data.CODES:
        return None
    words = segment.words
    start = sum(len(word.text) + 1 for word in words[:index])
    if _ends_name(text, segment, start):
        return None
    beside = [w.text for w in words[max(0, index - 1) : index + 2] if w is not words[index]]
    is_marked = words[index].text[0] in "([" or any(c.isdigit() for w in beside for c in w)
    if not is_marked and any(w.isalpha() and w.isupper() and len(w) > 1 for w in beside):
        is_marked = any(label.fields[0] in SUMS for label in found.labels_in(segment))
        return currency_data.parse(text) if is_marked else None
    return currency_data.parse(text)


def _ends_name(code: str, segment: Segment, start: int) -> bool:
    """True for the "BHD" of "OAK SDN BHD (730418-K)": a legal form behind a word without a digit."""
    if label_data.squash(code) not in label_data.load().legal_forms:
        return False
    before = segment.text[:start].split()
    return bool(before) and before[-1].isalpha()


def _of_country(found: Layout, country: str | None, issued: date | None) -> Value | None:
    """Return the one currency that a country had on a day; None where no one country is told."""
    score = 0.8
    if country is None and len(found.countries) == 1:
        (country,) = found.countries
        score = 0.75
    if country is None and not found.countries:
        country = _LANGUAGES.get(found.language or "")
        score = 0.65
    if country is None:
        return None
    if any(currency_data.is_shared(a.currency) for a in found.amounts if a.currency):
        # A "$" that the countries named did not settle is none of theirs.
        return None
    code = _of_day(country, issued)
    return Value(code, code, origin="derived", score=score) if code is not None else None


def _of_day(country: str, issued: date | None) -> str | None:
    """Return the one currency of a country on a day, None where it had several."""
    from babel.numbers import get_territory_currencies  # only where no amount tells its currency

    codes = get_territory_currencies(country, issued, issued)
    return codes[0] if len(codes) == 1 else None
