"""An e-invoice against its page: where each value is printed, and what is printed in its place.

That a value is not printed proves nothing: many pages leave some out. A difference needs a witness, the
local engine's reading of the same page, that read another value beside the label, and the e-invoice's
own value must stand nowhere on the page, or only as something else.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from rapidfuzz import fuzz

from invoice_extraction.model.document import Box, Page
from invoice_extraction.model.extraction import Check, ExtractedInvoice
from invoice_extraction.model.invoice import decimal_text
from invoice_extraction.model.reading import InvoiceReading, Value
from invoice_extraction.normalise import amounts, currency, dates, fields
from invoice_extraction.normalise.locate import Budget, Index, Place, relative

__all__ = ["against_page", "readable"]

SECONDS = 2.0
"""CPU time for looking for the values of one invoice."""

_CENT = Decimal("0.01")

_SUMS = ("gross", "net", "tax", "amount_due")
_ROWS = re.compile(r"/(?:lines|taxes|allowances|charges)/\d+")
"""What is printed on a row of its own."""

_LONG_TEXTS = re.compile(r"/notes/.*|/payment/terms|.*/exemption_reason|.*/text")
_TELLS_LITTLE = 4
"""A text of fewer letters and digits stands anywhere: its row, or the witness, has to tell where."""

_BESIDE = 2.5
"""Heights of a row between the parts of one item."""

_ALIKE = 80.0
"""Per cent of the letters that two descriptions of one row share, as they stand in the same order."""

_CLEARLY = 0.7
"""What the witness says of itself where a value stands beside a label of its own."""
_DATED = 0.8
_UNCLEARLY = 0.5
"""What it says where the label says little: enough for a number that is built like the other."""

_OTHER_NUMBERS = re.compile(
    r"/(?:\w+_reference|preceding_invoices/\d+/invoice_number|(?:seller|buyer|payee)/\w+_id"
    r"|(?:seller|buyer|payee|delivery_party)/identifiers/\d+/value|payment/mandate_reference"
    r"|lines/\d+/\w+)"
)
_OTHER_DAYS = re.compile(
    r"/(?:\w+_date|period_\w+|payment/instalments/\d+/due_date|lines/\d+/period_\w+"
    r"|preceding_invoices/\d+/issue_date)"
)


@dataclass(frozen=True, slots=True)
class _Difference:
    pointer: str
    stated: str
    printed: str
    page: int


def readable(pages: Iterable[Page]) -> tuple[Page, ...]:
    """Return the pages whose words are what people see: no pictures, and no text laid under one."""
    return tuple(
        page for page in pages if page.words and page.origin == "text" and not page.scanned
    )


def against_page(
    invoice: ExtractedInvoice, pages: Iterable[Page], witness: InvoiceReading | None
) -> ExtractedInvoice:
    """Return the invoice with the places where its values are printed, and what the comparison says.

    `pages` are those of the file; `witness` is what the local engine reads on the `readable` ones, None
    where it could not, or where the file holds several invoices. No value changes, nor its origin.
    """
    shown = readable(pages)
    if not shown:
        message = "The pages are pictures, and were not recognised to compare them."
        told = Check(id="xml_differs_from_page", status="not_applicable", message=message)
        return invoice.model_copy(update={"checks": [*invoice.checks, told]})
    return _Comparison(invoice, shown, witness).result()


class _Comparison:
    """One invoice beside its pages; what the pages tell as a whole is worked out when first needed."""

    def __init__(
        self, invoice: ExtractedInvoice, pages: tuple[Page, ...], witness: InvoiceReading | None
    ) -> None:
        self._invoice = invoice
        self._pages = {page.number: page for page in pages}
        self._seen = witness.values if witness is not None else {}
        self._places: dict[str, Place] = {}
        self._rows: dict[str, Place] = {}
        self._tree: dict[str, Any] = invoice.result.model_dump()

    def result(self) -> ExtractedInvoice:
        """Return the invoice with places and checks."""
        sought = [pointer for pointer in self._invoice.evidence if self._is_sought(pointer)]
        for pointer in sorted(sought, key=self._tells_little):
            place = self._place(pointer)
            if place is not None:
                self._places[pointer] = place
        differences = list(self._differences())
        for difference in differences:
            self._places.pop(difference.pointer, None)
        evidence = dict(self._invoice.evidence)
        for pointer, place in self._places.items():
            page = self._pages[place.page]
            evidence[pointer] = replace(
                evidence[pointer],
                text=place.text,
                page=place.page,
                boxes=relative(page, place.boxes),
            )
        wrong = {difference.pointer for difference in differences}
        missing = [p for p in sought if p not in self._places and p not in wrong]
        checks = [*self._invoice.checks, *self._checks(differences, missing)]
        return self._invoice.model_copy(update={"evidence": evidence, "checks": checks})

    def _checks(self, differences: list[_Difference], missing: list[str]) -> Iterator[Check]:
        if self._places:
            message = "The pages show what the e-invoice says."
            yield Check(
                id="xml_differs_from_page",
                status="pass",
                fields=list(self._places),
                message=message,
            )
        for one in differences:
            yield Check(
                id="xml_differs_from_page",
                status="fail",
                fields=[one.pointer],
                expected=one.stated,
                found=one.printed,
                message=f"For {one.pointer} the e-invoice says “{one.stated}”, page {one.page} "
                f"shows “{one.printed}”.",
            )
        if missing:
            count = "One value" if len(missing) == 1 else f"{len(missing):,} values"
            message = f"{count} of the e-invoice were not found on its pages."
            yield Check(
                id="xml_differs_from_page", status="not_applicable", fields=missing, message=message
            )

    # Where a value is printed.

    def _is_sought(self, pointer: str) -> bool:
        if self._invoice.evidence[pointer].origin != "xml" or _LONG_TEXTS.fullmatch(pointer):
            return False
        return fields.kind(pointer) not in (None, "code", "bool", "any", "country", "time")

    def _tells_little(self, pointer: str) -> bool:
        """Return whether a value is too short, or too common, to be known by itself."""
        value = self._value(pointer)
        if value == 0 or fields.kind(pointer) in ("percent", "quantity"):
            return True
        return sum(c.isalnum() for c in str(value)) < _TELLS_LITTLE

    def _place(self, pointer: str) -> Place | None:
        """Return where the value is printed, None where it is not, or where nothing tells which it is."""
        agreed = self._agreed(pointer)
        if agreed is not None:
            return agreed
        found = self._everywhere(pointer)
        if not found:
            return None
        row = _ROWS.match(pointer)
        if row is None:
            if self._tells_little(pointer) and fields.kind(pointer) != "currency":
                return None
            best = found[-1] if pointer.startswith("/totals/") else found[0]
            return next((p for p in found if not self._is_claimed(p, pointer)), best)
        anchor = self._rows.get(row[0])
        if anchor is None:
            if self._tells_little(pointer):
                return None
            taken = set(self._rows.values())
            own = next((place for place in found if place not in taken), found[0])
            return self._rows.setdefault(row[0], own)
        beside = [p for p in found if p.page == anchor.page]
        nearest = min(beside, key=lambda p: _apart(p, anchor), default=None)
        height = max(anchor.boxes[0][3] - anchor.boxes[0][1], 6.0)
        if nearest is not None and _apart(nearest, anchor) <= _BESIDE * height:
            return nearest
        return None

    def _everywhere(self, pointer: str) -> list[Place]:
        value, kind = self._value(pointer), fields.kind(pointer)
        if isinstance(value, Decimal):
            for printed in _printed(value):
                found = self._index.find_all(_text(printed), value=printed)
                if found:
                    return found
            return []
        if isinstance(value, date):
            return self._index.find_all(value.isoformat(), value=value)
        if kind == "currency":
            place = self._index.find_word(
                lambda word: currency.parse(word, self._country) == value or value in word
            )
            return [place] if place is not None else []
        match = fields.match(pointer)
        found = self._index.find_all(str(value), match="exact" if match == "similar" else match)
        if not found and match == "similar":
            place = self._index.find(str(value))
            return [place] if place is not None else []
        return found

    def _agreed(self, pointer: str) -> Place | None:
        """Return where the witness read the same value for the same field."""
        seen = self._seen.get(pointer)
        if seen is None or not seen.boxes or seen.page is None or _ROWS.match(pointer):
            return None
        if not self._is_same(pointer, seen):
            return None
        return Place(seen.page, seen.boxes, 1.0, seen.text)

    # What is printed in its place.

    def _differences(self) -> Iterator[_Difference]:
        yield from self._other_number()
        yield from self._other_days()
        yield from self._other_accounts()
        other = self._seen.get("/currency")
        mine = self._invoice.result.currency
        printed = other.canonical if other is not None else mine
        if other is not None and mine and "/currency" not in self._places and printed != mine:
            yield from self._told("/currency", other)
            return  # the sums are another currency's
        yield from self._other_sums()
        yield from self._other_bands()
        yield from self._other_lines()

    def _other_number(self) -> Iterator[_Difference]:
        seen = self._witness("/invoice_number", _UNCLEARLY)
        if seen is None or not self._stands_as_other("/invoice_number"):
            return
        if (seen.score or 0) < _CLEARLY and _shape(seen.text) != _shape(
            str(self._value("/invoice_number"))
        ):
            return
        printed = _plain(seen.text)
        known = (str(self._value(p)) for p in self._invoice.evidence if _OTHER_NUMBERS.fullmatch(p))
        if printed not in map(_plain, known):
            yield from self._told("/invoice_number", seen)

    def _other_days(self) -> Iterator[_Difference]:
        for pointer in ("/issue_date", "/due_date"):
            seen = self._witness(pointer, _DATED)
            if seen is None or not self._stands_as_other(pointer):
                continue
            days = dates.readings(seen.text, self._language)
            known = {
                self._value(p)
                for p in self._invoice.evidence
                if _OTHER_DAYS.fullmatch(p) and p not in ("/issue_date", pointer)
            }
            # Of several terms of payment the page may name another day than the first.
            if days and not (pointer == "/due_date" and known.intersection(days)):
                yield from self._told(pointer, seen)

    def _other_accounts(self) -> Iterator[_Difference]:
        accounts = [
            p for p in self._invoice.evidence if re.fullmatch(r"/payment/accounts/\d+/iban", p)
        ]
        if not accounts or any(pointer in self._places for pointer in accounts):
            return
        seen = self._seen.get("/payment/accounts/0/iban")
        if seen is not None:
            yield from self._told(accounts[0], seen)

    def _other_sums(self) -> Iterator[_Difference]:
        totals = self._invoice.result.totals
        own = {getattr(totals, name) for name in type(totals).model_fields} - {None}
        for name in _SUMS:
            pointer = f"/totals/{name}"
            seen = self._witness(pointer, _CLEARLY)
            if seen is None or not self._stands_as_other(pointer):
                continue
            # Pages call a total now this, now that: one that the e-invoice knows as another is no proof.
            if not (self._adds_up and any(_equal(value, seen) for value in own)):
                yield from self._told(pointer, seen)

    def _other_bands(self) -> Iterator[_Difference]:
        mine = self._by_rate({p: self._value(p) for p in self._invoice.evidence})
        theirs = self._by_rate({p: _number(v) for p, v in self._seen.items()})
        sums = self._invoice.result.totals
        known = (sums.net, sums.tax, sums.gross, sums.lines_net, sums.amount_due)
        for rate in mine.keys() & theirs.keys():
            for name in ("taxable_amount", "tax_amount"):
                pointer = f"/taxes/{mine[rate]}/{name}"
                seen = self._seen.get(f"/taxes/{theirs[rate]}/{name}")
                if seen is None or pointer not in self._invoice.evidence:
                    continue
                if self._is_same(pointer, seen) or self._everywhere(pointer):
                    continue
                if not any(_equal(value, seen) for value in known if value is not None):
                    yield from self._told(pointer, seen)

    def _other_lines(self) -> Iterator[_Difference]:
        """Yield lines whose amount is another, where the page's row is the same item beyond doubt."""
        for n, row in self._same_rows():
            line = self._invoice.result.lines[n]
            pointer = f"/lines/{n}/net_amount"
            seen = self._seen.get(f"/lines/{row}/net_amount")
            if line.net_amount is None or seen is None or pointer in self._places:
                continue
            if (seen.score or 0) < _CLEARLY or self._is_same(pointer, seen):
                continue
            known = [line.gross_amount, line.tax_amount]
            if line.quantity != 1:
                known.append(line.unit_price)
            if line.tax_rate is not None:
                # Some write the amount with tax where the page prints it without, or the other way round.
                share = 1 + line.tax_rate / 100
                known += [line.net_amount * share, line.net_amount / share]
            if any(_equal(value, seen) for value in known if value is not None):
                continue
            if not self._everywhere(pointer):
                yield from self._told(pointer, seen)

    def _same_rows(self) -> Iterator[tuple[int, int]]:
        """Yield the lines, and the rows that the witness read for them, by what they describe."""
        rows = {
            int(match[1]): _plain(value.text)
            for pointer, value in self._seen.items()
            if (match := re.fullmatch(r"/lines/(\d+)/description", pointer))
        }
        names = [_plain(line.description or "") for line in self._invoice.result.lines]
        # A code, or the rest of a line, may have got into a description.
        if len(rows) == len(names) and all(map(_alike, rows.values(), names)):
            yield from enumerate(rows)
            return
        places = {name: row for row, name in rows.items()}
        counts = Counter([*rows.values()])
        for n, name in enumerate(names):
            if names.count(name) == 1 == counts[name]:
                yield n, places[name]

    def _witness(self, pointer: str, least: float) -> Value | None:
        """Return what the witness read instead of a value, None where it read the same or is unsure."""
        seen = self._seen.get(pointer)
        if seen is None or pointer not in self._invoice.evidence:
            return None
        if not seen.boxes or (seen.score or 0) < least or self._is_same(pointer, seen):
            return None
        return seen

    def _stands_as_other(self, pointer: str) -> bool:
        """Return whether a value is printed nowhere, or only where the witness read other fields."""
        return all(self._is_claimed(place, pointer) for place in self._everywhere(pointer))

    def _is_claimed(self, place: Place, pointer: str) -> bool:
        """Return whether the witness read another field at a place."""
        return any(
            page == place.page and other != pointer and _overlap(box, place.boxes[0])
            for other, page, box in self._claims
        )

    def _told(self, pointer: str, seen: Value) -> Iterator[_Difference]:
        value = self._value(pointer)
        stated = decimal_text(value) if isinstance(value, Decimal) else str(value)
        yield _Difference(pointer, stated, seen.text, seen.page or 0)

    def _is_same(self, pointer: str, seen: Value) -> bool:
        value = self._value(pointer)
        if isinstance(value, Decimal):
            return _equal(value, seen)
        if isinstance(value, date):
            days = dates.readings(seen.text, self._language)
            # Only the pages' own dates say for certain which of two readings is meant.
            day = dates.settled(days, dates.order_of(self._texts))
            return value in days if day is None else value == day
        if pointer == "/currency":
            return str(value) == seen.canonical
        one, two = _plain(str(value)), _plain(seen.text)
        if pointer == "/invoice_number":
            # "RE 4711" and "4711" are one number.
            return one == two or (min(len(one), len(two)) > 2 and (one in two or two in one))
        return one == two

    def _by_rate(self, values: dict[str, Any]) -> dict[Decimal, int]:
        """Return the number of the tax band of each rate that only one band has."""
        found: dict[Decimal, list[int]] = {}
        for pointer, value in values.items():
            match = re.fullmatch(r"/taxes/(\d+)/rate", pointer)
            if match and isinstance(value, Decimal):
                found.setdefault(value.normalize(), []).append(int(match[1]))
        return {rate: bands[0] for rate, bands in found.items() if len(bands) == 1}

    # What the pages tell as a whole.

    def _value(self, pointer: str) -> Any:
        found: Any = self._tree
        for part in pointer.split("/")[1:]:
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found

    @cached_property
    def _claims(self) -> list[tuple[str, int, Box]]:
        return [
            (pointer, value.page, box)
            for pointer, value in self._seen.items()
            if value.page is not None
            for box in value.boxes
        ]

    @cached_property
    def _adds_up(self) -> bool:
        """Whether the e-invoice's own sums hold, so that none of them can have been changed alone."""
        sums = self._invoice.result.totals
        gross = sums.gross or Decimal(0)
        net = gross if sums.net is None else sums.net + (sums.tax or 0)
        due = gross - (sums.paid or 0) + (sums.rounding or 0)
        amount_due = due if sums.amount_due is None else sums.amount_due
        return abs(net - gross) <= _CENT and abs(due - amount_due) <= _CENT

    @cached_property
    def _texts(self) -> list[str]:
        return [" ".join(w.text for w in page.words) for page in self._pages.values()]

    @cached_property
    def _language(self) -> str | None:
        told = self._seen.get("/language")
        return told.text if told is not None else self._invoice.result.language

    @cached_property
    def _country(self) -> str | None:
        seller = self._invoice.result.seller
        return seller.address.country if seller and seller.address else None

    @cached_property
    def _index(self) -> Index:
        style = amounts.style_of(self._texts)
        order = dates.order_of(self._texts, self._language, self._country)
        if order is None and self._invoice.result.issue_date is not None:
            # Where the pages do not tell, one that finds the date of issue is theirs.
            readings = [f for text in self._texts for _, _, f in dates.find(text, self._language)]
            for candidate in ("dmy", "mdy"):
                settled = (dates.settled(found, candidate) for found in readings)
                if order is None and self._invoice.result.issue_date in settled:
                    order = candidate
        return Index(self._pages.values(), style, order, self._language, Budget(SECONDS))


def _printed(value: Decimal) -> Iterator[Decimal]:
    """Yield a value as it may be printed: its own digits, and rounded where it has many."""
    yield value
    if _decimals(value) > 2:
        yield value.quantize(_CENT)


def _text(value: Decimal) -> str:
    """Return plain digits with two decimals, or more where the value needs them."""
    short = value.normalize()
    return decimal_text(short if _decimals(short) > 2 else value.quantize(_CENT))


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def _number(value: Value) -> Decimal | None:
    return amounts.parse(value.canonical or "", ".")


def _equal(value: Decimal, seen: Value) -> bool:
    """Return whether an amount is the one that is printed, rounded as it is; a sign says nothing.

    A credit note's amounts are printed with a minus or without.
    """
    printed = _number(seen)
    if printed is None:
        return False
    decimals = max(2, _decimals(printed))
    return abs(round(value, decimals)) == abs(printed)


def _plain(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _alike(one: str, other: str) -> bool:
    return fuzz.ratio(one, other) >= _ALIKE


def _shape(text: str) -> str:
    """Return how a number is built: "RE-2026/17" is "AA-0000/00"."""
    return "".join("0" if c.isdigit() else "A" if c.isalpha() else c for c in text)


def _apart(place: Place, other: Place) -> float:
    """Return how many points apart two places of a page stand, up and down."""
    return min(abs(_middle(a) - _middle(b)) for a in place.boxes for b in other.boxes)


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _overlap(one: Box, other: Box) -> bool:
    x, y = (other[0] + other[2]) / 2, (other[1] + other[3]) / 2
    return one[0] - 1 <= x <= one[2] + 1 and one[1] - 1 <= y <= one[3] + 1
