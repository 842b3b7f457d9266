"""What proves a value: where it stands on the page, and how much that says before any check."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from invoice_extraction.model.document import Box
from invoice_extraction.model.extraction import Check, Evidence, RelativeBox, level_of
from invoice_extraction.model.reading import Value
from invoice_extraction.normalise import amounts, currency, dates, fields
from invoice_extraction.normalise.locate import EQUAL, LITERAL, SECONDS, Place, legibility, relative
from invoice_extraction.normalise.whole import LOCATED, OF_PAGES, Whole, country_place

NOT_LOCATED = 0.35
"""Prior confidence of a model's word alone."""

TOLD = 0.7
"""Prior confidence of what a model tells about the document and no page prints ("receipt", "de")."""

NOT_IN_FORM = 0.6
"""Confidence of what an e-invoice writes in a form that its schema does not have ("1,50")."""

_SUMMED = re.compile(r"/totals/\w+|/lines/\d+/(?:net|gross)_amount")
"""What a derived value follows from, as far as no engine says it more exactly."""

_RATE = re.compile(r"/taxes/\d+/rate")

_TAKEN_AWAY = re.compile(
    r"/allowances/\d+/(?:amount|percent)|/lines/\d+/discount_(?:amount|percent)"
    r"|/totals/(?:allowances|paid|withheld)"
)
"""What is printed with a minus as often as without, and means the same."""


class Prover:
    """Finds the values of one invoice on its pages; `checks` tells what was not found."""

    def __init__(self, whole: Whole) -> None:
        self.checks: list[Check] = []
        self._whole = whole
        self._anchors: dict[str, Place] = {}

    def evidence(self, values: dict[str, object], pointers: dict[str, str]) -> dict[str, Evidence]:
        """Return the evidence of each value; `pointers` maps one that moved to where it was read."""
        evidence: dict[str, Evidence] = {}
        missing: list[str] = []
        unsought: list[str] = []
        derived: list[str] = []
        # What is written alike in an e-invoice shares its evidence: there may be 500,000 values.
        alike: dict[str, Evidence] = {}
        raw = self._whole.reading.values
        for pointer, parsed in values.items():
            read_at = pointers.get(pointer, pointer) if pointers else pointer
            value = raw[read_at]
            if value.origin == "xml" and value.canonical is not None and value.score is None:
                evidence[pointer] = alike.get(value.text) or alike.setdefault(
                    value.text,
                    Evidence(origin="xml", text=value.text, confidence=1.0, level="high"),
                )
            elif value.origin in OF_PAGES:
                found = self._proven(read_at, value, parsed)
                if found.page is None and self._whole.kind(pointer) not in fields.TOLD:
                    (unsought if self._whole.budget.is_spent else missing).append(pointer)
                evidence[pointer] = found
            else:
                if value.origin == "derived" and value.score is None:
                    derived.append(pointer)
                confidence = self._written(pointer, value)
                evidence[pointer] = Evidence(
                    origin=value.origin or "derived",
                    text=value.text,
                    page=value.page,
                    boxes=self._relative(value.page, value.boxes),
                    confidence=confidence,
                    level=level_of(confidence),
                )
        _cap(evidence, derived)
        if missing:
            self.checks.append(not_found(missing))
        if unsought:
            self.checks.append(
                Check(
                    id="search_stopped",
                    status="fail",
                    fields=unsought,
                    message=f"The search on the pages was stopped after {SECONDS:g} seconds; "
                    f"{len(unsought)} values were not found until then and are the model's word alone.",
                )
            )
        return evidence

    def _written(self, pointer: str, value: Value) -> float:
        """Return the confidence of what is written in an e-invoice, was derived or is a person's."""
        if value.score is not None:
            return value.score
        if value.origin == "xml" and value.canonical is None:
            return 1.0 if fields.kind(pointer) in ("text", "identifier") else NOT_IN_FORM
        return 1.0

    def _proven(self, pointer: str, value: Value, parsed: object) -> Evidence:
        page, boxes, origin, score = value.page, value.boxes, value.origin, value.score
        text = value.text
        if not boxes:
            place = self.locate(pointer, value, parsed)
            if place is not None:
                page, boxes = place.page, place.boxes
                text = text if place.quality == LITERAL else place.text
                if score is None:
                    score = self._located(pointer, place)
            else:
                page, origin = None, "model"
        if page is not None and origin is None:
            origin = self._whole.origins.get(page)
        if score is None and boxes:
            score = LOCATED
        if score is None:
            score = TOLD if self._whole.kind(pointer) in fields.TOLD else NOT_LOCATED
        if page is not None and origin == "ocr":
            score = round(score * legibility(self._whole.pages[page], boxes), 4)
        return Evidence(
            origin=origin or "model",
            text=text,
            page=page,
            boxes=self._relative(page, boxes),
            confidence=score,
            level=level_of(score),
        )

    def _located(self, pointer: str, place: Place) -> float:
        """Return the confidence of a model's value that stands at a place."""
        if place.quality < EQUAL:
            # Other letters than the page's: it may be another name.
            return round(LOCATED * place.quality, 4)
        if pointer == "/currency" and currency.parse(place.text) is None:
            # "$" is as certain as the country that says whose.
            return min(LOCATED, self._whole.seller_country[1])
        return LOCATED

    def locate(self, pointer: str, value: Value, parsed: object) -> Place | None:
        """Return where a value stands, None where it is seen nowhere."""
        kind = self._whole.kind(pointer)
        if kind in ("code", "bool", "any") or not value.text:
            return None
        if kind == "country":
            return country_place(self._whole.index, value, str(parsed), self._whole.language)
        if kind == "currency":
            return self._whole.index.find_word(
                lambda word: currency.parse(word, self._whole.country) == parsed, page=value.page
            )
        quote = self._whole.reading.quotes.get(pointer)
        within = self._whole.index.find(quote, page=value.page, match="exact") if quote else None
        group = _group(pointer)
        known = as_value(kind, parsed)
        place = self._whole.index.find(
            value.text,
            value=known,
            match="similar" if _is_own_text(pointer, kind) else fields.match(pointer),
            unsigned=isinstance(known, Decimal)
            and known > 0
            and bool(_TAKEN_AWAY.fullmatch(pointer)),
            page=value.page,
            near=self._anchors.get(group) if group else self._beside(pointer),
            within=within,
            # Sums stand below what they sum up.
            last=pointer.startswith("/totals/"),
        )
        if place is not None and group and len(value.text) > 3:
            # The parts of one line stand beside one another: "1" is searched beside its item.
            self._anchors.setdefault(group, place)
        return place

    def _beside(self, pointer: str) -> Place | None:
        """Return where the tax of a rate stands, as far as the engine says it: the rate is also in lines."""
        if not _RATE.fullmatch(pointer):
            return None
        tax = self._whole.reading.values.get(pointer.replace("/rate", "/tax_amount"))
        if tax is None or tax.page is None or not tax.boxes:
            return None
        return Place(tax.page, tax.boxes, LITERAL, tax.text)

    def _relative(self, number: int | None, boxes: Iterable[Box]) -> tuple[RelativeBox, ...]:
        page = None if number is None else self._whole.pages.get(number)
        if page is None:
            return ()
        return relative(page, boxes)


def not_found(pointers: list[str]) -> Check:
    """Return the failed check of a model's values that stand on no page."""
    return Check(
        id="not_found_on_page",
        status="fail",
        fields=pointers,
        message="Not found among the words of any page; the value is the model's word "
        "alone: " + ", ".join(pointers),
    )


def _is_own_text(pointer: str, kind: fields.Kind | None) -> bool:
    return kind == "text" and pointer.startswith("/custom/")


def _cap(evidence: dict[str, Evidence], pointers: Collection[str]) -> None:
    """Leave no derived value more certain than the least certain of the sums."""
    sums = (proof.confidence for pointer, proof in evidence.items() if _SUMMED.fullmatch(pointer))
    least = min(sums, default=1.0) if pointers else 1.0
    for pointer in pointers:
        if evidence[pointer].confidence > least:
            evidence[pointer] = replace(evidence[pointer], confidence=least, level=level_of(least))


def as_value(kind: fields.Kind | None, parsed: object) -> Decimal | date | None:
    """Return a value as Decimal or date where its kind is one, so that another print equals it."""
    if not isinstance(parsed, str):
        return parsed if isinstance(parsed, Decimal | date) else None
    if kind in ("money", "quantity", "percent"):
        return amounts.parse(parsed, ".")
    if kind == "date":
        return dates.parse(parsed)
    return None


def _group(pointer: str) -> str | None:
    """Return the pointer of the line that a value belongs to, None where it stands for itself."""
    if not pointer.startswith("/lines/"):
        return None
    return "/".join(pointer.split("/", 3)[:3])
