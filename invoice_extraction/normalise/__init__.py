"""A reading becomes invoices: text becomes numbers and dates here and nowhere else."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from invoice_extraction.model import own_fields
from invoice_extraction.model.currency import decimals_of
from invoice_extraction.model.document import Box, Document, Page, Word
from invoice_extraction.model.extraction import (
    Check,
    Evidence,
    ExtractedInvoice,
    RelativeBox,
    UnmappedValue,
    level_of,
)
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Doubt, InvoiceReading, Origin, Reading, Value
from invoice_extraction.normalise import amounts, countries, currency, dates, fields, identifiers
from invoice_extraction.normalise.amounts import NumberStyle
from invoice_extraction.normalise.dates import DateOrder
from invoice_extraction.normalise.locate import (
    EQUAL,
    LITERAL,
    SECONDS,
    Budget,
    Index,
    Place,
    legibility,
    relative,
)
from invoice_extraction.normalise.signs import positive_allowances, positive_claim

__all__ = ["normalise", "not_found"]

LOCATED = 0.85
"""Prior confidence of a model's value that stands on the page."""

NOT_LOCATED = 0.35
"""Prior confidence of a model's word alone."""

TOLD = 0.7
"""Prior confidence of what a model tells about the document and no page prints ("receipt", "de")."""

NOT_IN_FORM = 0.6
"""Confidence of what an e-invoice writes in a form that its schema does not have ("1,50")."""

_ORIGINS_OF_PAGES: frozenset[Origin | None] = frozenset({None, "text", "ocr", "model"})


def normalise(reading: Reading, document: Document, options: Options) -> list[ExtractedInvoice]:
    """Return the invoices of a reading with their evidence and what went wrong on the way.

    Nothing raises for a doubtful value: it is null, and a failed check says which text stood there.
    """
    budget = Budget()
    checks = _pages_left(reading, document)
    return [
        _Normaliser(invoice, document, options, budget).invoice(checks)
        for invoice in reading.invoices
    ]


class _Normaliser:
    """One invoice on its way; what the document tells as a whole is worked out when first needed."""

    def __init__(
        self, reading: InvoiceReading, document: Document, options: Options, budget: Budget
    ) -> None:
        self._reading = reading
        self._document = document
        self._options = options
        self._budget = budget
        self._checks: list[Check] = []
        self._anchors: dict[str, Place] = {}

    def invoice(self, told: Iterable[Check]) -> ExtractedInvoice:
        """Return the invoice; `told` are checks of the document as a whole."""
        values: dict[str, object] = {}
        hides = self._hidden is not None
        for pointer, value in self._reading.values.items():
            found = self._parse(pointer, value) if value.canonical is None else value.canonical
            if found is not None and not (hides and self._is_hidden(pointer, value, found)):
                values[pointer] = found
        result, values, pointers = self._validated(values)
        result = self._own(result)
        evidence = self._evidence(values, pointers)
        self._checks += [_NOT_READ[pointer] for pointer in self._reading.unread]
        self._checks += [_doubted(doubt) for doubt in self._reading.doubts]
        result, checks = positive_claim(result, values.keys(), keep_mixed=self._is_xml)
        if not self._is_xml:
            result = positive_allowances(result, values.keys())
        return ExtractedInvoice(
            result=result,
            pages=list(self._reading.pages) or [page.number for page in self._document.pages],
            evidence=evidence,
            checks=[*self._checks, *checks, *told],
            unmapped=[UnmappedValue(path=u.path, value=u.value) for u in self._reading.unmapped],
        )

    # What the document tells as a whole.

    @cached_property
    def _texts(self) -> list[str]:
        """All words of the invoice's pages as one text a page, and the values' own texts."""
        pages = [" ".join(w.text for w in p.words) for p in self._own_pages if p.words]
        return pages + [v.text for v in self._reading.values.values() if v.canonical is None]

    @property
    def _is_xml(self) -> bool:
        """True where the sums are an e-invoice's: their discounts stay as they are written."""
        sums = (self._reading.values.get(p) for p in ("/totals/gross", "/totals/amount_due"))
        return any(value is not None and value.origin == "xml" for value in sums)

    @cached_property
    def _own_pages(self) -> list[Page]:
        own = self._reading.pages
        return [p for p in self._document.pages if not own or p.number in own]

    @cached_property
    def _style(self) -> NumberStyle:
        return amounts.style_of(self._texts)

    @cached_property
    def _order(self) -> DateOrder:
        return dates.order_of(self._texts, self._language, self._country)

    @cached_property
    def _language(self) -> str | None:
        told = self._reading.values.get("/language")
        return (told and (told.canonical or told.text)) or self._options.language

    @cached_property
    def _country(self) -> str | None:
        """The seller's country where it is printed or written, not where a model alone tells it."""
        return self._seller_country[0]

    @cached_property
    def _seller_country(self) -> tuple[str | None, float]:
        """The seller's country and the confidence that evidence gives it."""
        told = self._reading.values.get(_SELLER_COUNTRY)
        country = told and (told.canonical or countries.parse(told.text, self._language))
        if told is None or not country:
            return None, 0.0
        if told.boxes or told.origin not in _ORIGINS_OF_PAGES:
            return country, 1.0 if told.score is None else told.score
        # Without an order of dates, which the country may tell, and names need none.
        place = _country_place(
            Index(self._own_pages, budget=self._budget), told, country, self._language
        )
        return (None, 0.0) if place is None else (country, LOCATED)

    @cached_property
    def _currency(self) -> str | None:
        told = self._reading.values.get("/currency")
        if told is None:
            return None
        return told.canonical or currency.parse(told.text, self._country)

    @cached_property
    def _index(self) -> Index:
        return Index(self._own_pages, self._style, self._order, self._language, self._budget)

    @cached_property
    def _hidden(self) -> Index | None:
        """What the pages hold and nobody sees on them, None where there is nothing; without places."""
        pages = [
            replace(page, words=tuple(Word(text, 0, 0, 0, 0) for text in page.hidden.split()))
            for page in self._document.pages
            if page.hidden
        ]
        if not pages:
            return None
        return Index(pages, self._style, self._order, self._language, self._budget)

    def _kind(self, pointer: str) -> fields.Kind | None:
        """Return the kind of the value at a pointer; own fields have theirs by the caller's schema."""
        found = fields.kind(pointer)
        schema = self._options.fields_schema
        return own_fields.kind_at(schema, pointer) or found if schema and found == "any" else found

    # From text to value.

    def _parse(self, pointer: str, value: Value) -> object:
        """Return the value that a text means, None after telling why there is none."""
        text = value.text.strip()
        if not text:
            return None
        kind = self._kind(pointer)
        if kind is None:
            self._unparsed(pointer, text, "the invoice has no such field")
            return None
        if kind == "date":
            return self._date(pointer, text)
        if kind == "money" and pointer.endswith("/unit_price"):
            # A price may have more decimals than its currency.
            kind = "quantity"
        if kind == "identifier":
            return identifiers.standard(pointer.rpartition("/")[2], text)
        if kind == "country":
            return countries.parse(text, self._language)
        parser = self._parsers.get(kind)
        found = parser(text) if parser else " ".join(text.split())
        if found is None:
            self._unparsed(pointer, text, _REASONS.get(kind, "it has another form"))
        return found

    @cached_property
    def _parsers(self) -> dict[str, Callable[[str], object]]:
        return {
            "money": self._money,
            "quantity": lambda text: amounts.parse(text, self._style),
            "integer": lambda text: _whole(amounts.parse(text, self._style)),
            "percent": lambda text: amounts.percent(text, self._style),
            "currency": lambda text: currency.parse(text, self._country),
            "bool": lambda text: {"true": True, "false": False}.get(text.lower()),
            "code": lambda text: text if len(text) < 20 else None,
        }

    def _money(self, text: str) -> Decimal | None:
        found = amounts.parse(text, self._style)
        if found is None and self._style is None:
            decimals = decimals_of(self._currency or "")
            found = amounts.parse(text, amounts.style_by_decimals(text, decimals))
        return found

    def _date(self, pointer: str, text: str) -> date | None:
        found = dates.readings(text, self._language)
        settled = dates.settled(found, self._order)
        if len(found) == 2 and settled is None:
            self._checks.append(
                Check(
                    id="ambiguous_date",
                    status="fail",
                    fields=[pointer],
                    expected=" or ".join(d.isoformat() for d in found),
                    found=text,
                    message=f"“{text}” can be {found[0]} or {found[1]}; nothing in the document "
                    "tells which.",
                )
            )
        elif not found:
            self._unparsed(pointer, text, _REASONS["date"])
        return settled

    def _is_hidden(self, pointer: str, value: Value, parsed: object) -> bool:
        """Return whether a value stands only where nobody sees it, after telling so: it is refused."""
        if self._hidden is None or value.boxes or value.origin not in _ORIGINS_OF_PAGES:
            return False
        kind = self._kind(pointer)
        if kind in fields.TOLD or self._locate(pointer, value, parsed) is not None:
            return False
        known = _as_value(kind, parsed)
        if self._hidden.find(value.text, value=known, match="exact", unsigned=True) is None:
            return False
        self._checks.append(
            Check(
                id="hidden_text",
                status="fail",
                fields=[pointer],
                found=value.text[:200],
                message=f"“{value.text[:80]}” was read for {pointer} but left out: it stands only in "
                "text that nobody sees on the page.",
            )
        )
        return True

    def _unparsed(self, pointer: str, text: str, reason: str) -> None:
        self._checks.append(
            Check(
                id="unparsed_value",
                status="fail",
                fields=[pointer],
                found=text[:200],
                message=f"“{text[:80]}” was read for {pointer} but left out: {reason}.",
            )
        )

    def _validated(
        self, values: dict[str, object]
    ) -> tuple[Invoice, dict[str, object], dict[str, str]]:
        """Return the invoice and the values that fit it; each that does not is told and left out.

        The last is a map from the new pointer of a value that moved in its list to the one it was read
        at, empty in the common case.
        """
        pointers: dict[str, str] = {}
        while True:
            tree = _nested(values)
            if tree is None:
                values, moved = _arranged(values)
                pointers.update({new: pointers.get(old, old) for new, old in moved.items()})
                tree = _nested(values, gaps=True)
            try:
                return _shared(Invoice.model_validate(tree)), values, pointers
            except ValidationError as error:
                wrong = _wrong_pointers(error, values)
                if not wrong:
                    raise
                for pointer in wrong:
                    text = self._reading.values[pointers.get(pointer, pointer)].text
                    self._unparsed(pointer, text, "it does not fit the field")
                values = {p: v for p, v in values.items() if p not in wrong}

    def _own(self, result: Invoice) -> Invoice:
        """Return the invoice with its own values as JSON has them; what misfits their schema is told."""
        schema = self._options.fields_schema
        if schema is None:
            return result
        custom = _json(result.custom)
        self._checks += [
            Check(
                id="own_field",
                status="fail",
                fields=[pointer],
                message=f"{pointer} is not as `fields_schema` wants it: {problem}.",
            )
            for pointer, problem in own_fields.misfits(schema, custom)
        ]
        return result.model_copy(update={"custom": custom})

    # What proves it.

    def _evidence(self, values: dict[str, object], pointers: dict[str, str]) -> dict[str, Evidence]:
        evidence: dict[str, Evidence] = {}
        missing: list[str] = []
        unsought: list[str] = []
        derived: list[str] = []
        # What is written alike in an e-invoice shares its evidence: there may be 500,000 values.
        alike: dict[str, Evidence] = {}
        raw = self._reading.values
        for pointer, parsed in values.items():
            read_at = pointers.get(pointer, pointer) if pointers else pointer
            value = raw[read_at]
            if value.origin == "xml" and value.canonical is not None and value.score is None:
                evidence[pointer] = alike.get(value.text) or alike.setdefault(
                    value.text,
                    Evidence(origin="xml", text=value.text, confidence=1.0, level="high"),
                )
            elif value.origin in _ORIGINS_OF_PAGES:
                found = self._proven(read_at, value, parsed)
                if found.page is None and self._kind(pointer) not in fields.TOLD:
                    (unsought if self._budget.is_spent else missing).append(pointer)
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
            self._checks.append(not_found(missing))
        if unsought:
            self._checks.append(
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
            place = self._locate(pointer, value, parsed)
            if place is not None:
                page, boxes = place.page, place.boxes
                text = text if place.quality == LITERAL else place.text
                if score is None:
                    score = self._located(pointer, place)
            else:
                page, origin = None, "model"
        if page is not None and origin is None:
            origin = self._origins.get(page)
        if score is None and boxes:
            score = LOCATED
        if score is None:
            score = TOLD if self._kind(pointer) in fields.TOLD else NOT_LOCATED
        if page is not None and origin == "ocr":
            score = round(score * legibility(self._pages[page], boxes), 4)
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
            return min(LOCATED, self._seller_country[1])
        return LOCATED

    def _locate(self, pointer: str, value: Value, parsed: object) -> Place | None:
        kind = self._kind(pointer)
        if kind in ("code", "bool", "any") or not value.text:
            return None
        if kind == "country":
            return _country_place(self._index, value, str(parsed), self._language)
        if kind == "currency":
            return self._index.find_word(
                lambda word: currency.parse(word, self._country) == parsed, page=value.page
            )
        quote = self._reading.quotes.get(pointer)
        within = self._index.find(quote, page=value.page, match="exact") if quote else None
        group = _group(pointer)
        known = _as_value(kind, parsed)
        place = self._index.find(
            value.text,
            value=known,
            match="similar" if _is_own_text(pointer, kind) else fields.match(pointer),
            unsigned=isinstance(known, Decimal)
            and known > 0
            and bool(_TAKEN_AWAY.fullmatch(pointer)),
            page=value.page,
            near=self._anchors.get(group) if group else None,
            within=within,
            # Sums stand below what they sum up.
            last=pointer.startswith("/totals/"),
        )
        if place is not None and group and len(value.text) > 3:
            # The parts of one line stand beside one another: "1" is searched beside its item.
            self._anchors.setdefault(group, place)
        return place

    @cached_property
    def _origins(self) -> dict[int, Origin | None]:
        return {page.number: page.origin for page in self._document.pages}

    @cached_property
    def _pages(self) -> dict[int, Page]:
        return {page.number: page for page in self._document.pages}

    def _relative(self, number: int | None, boxes: Iterable[Box]) -> tuple[RelativeBox, ...]:
        page = None if number is None else self._pages.get(number)
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


def _json(value: Any) -> Any:
    """Return an own value as JSON has it: numbers, and dates as texts."""
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


def _is_own_text(pointer: str, kind: fields.Kind | None) -> bool:
    return kind == "text" and pointer.startswith("/custom/")


def _whole(number: Decimal | None) -> Decimal | None:
    return number if number is not None and number == number.to_integral_value() else None


_REASONS = {
    "integer": "it is no whole number",
    "money": "it is no amount, or its separator could group or mark decimals",
    "quantity": "it is no number, or its separator could group or mark decimals",
    "percent": "it is no percentage",
    "currency": "it names no one currency",
    "date": "it is no date",
}


_NOT_READ = {
    "/lines": Check(
        id="lines_not_read",
        status="fail",
        fields=["/lines"],
        message="The table of items could not be read with certainty.",
    )
}
"""By the pointer of what is printed and was not read: the check that fails."""


_SELLER_COUNTRY = "/seller/address/country"

_SUMMED = re.compile(r"/totals/\w+|/lines/\d+/(?:net|gross)_amount")
"""What a derived value follows from, as far as no engine says it more exactly."""

_TAKEN_AWAY = re.compile(
    r"/allowances/\d+/(?:amount|percent)|/lines/\d+/discount_(?:amount|percent)"
    r"|/totals/(?:allowances|paid|withheld)"
)
"""What is printed with a minus as often as without, and means the same."""

_INDEX = re.compile(r"/(\d+)(?=/|$)")


def _doubted(doubt: Doubt) -> Check:
    """Return the failed check for what the engine itself found wrong."""
    return Check(
        id=doubt.id,
        status="fail",
        fields=list(doubt.fields),
        expected=doubt.expected,
        found=doubt.found,
        message=doubt.message,
    )


def _pages_left(reading: Reading, document: Document) -> list[Check]:
    """Return the failed check of pages with words that none of several invoices names."""
    named = [invoice.pages for invoice in reading.invoices]
    if len(named) < 2 or not all(named):
        return []
    known = {number for pages in named for number in pages}
    left = [page.number for page in document.pages if page.words and page.number not in known]
    if not left:
        return []
    pages = ", ".join(str(number) for number in left)
    return [
        Check(
            id="page_not_assigned",
            status="fail",
            found=pages,
            message=f"The file holds {len(named)} invoices, and no one of them is said to stand on "
            f"page {pages}, which has words.",
        )
    ]


def _country_place(index: Index, value: Value, country: str, language: str | None) -> Place | None:
    """Return where a country stands, by its code or by any of its names; None where it does not."""
    for text in dict.fromkeys((value.text, *countries.prints(country, language))):
        place = index.find(text, match="whole", page=value.page)
        # "IN", "IT" and "NO" are countries only in capitals.
        if place is not None and (not countries.is_short(text) or place.quality == LITERAL):
            return place
    return None


def _cap(evidence: dict[str, Evidence], pointers: Collection[str]) -> None:
    """Leave no derived value more certain than the least certain of the sums."""
    sums = (proof.confidence for pointer, proof in evidence.items() if _SUMMED.fullmatch(pointer))
    least = min(sums, default=1.0) if pointers else 1.0
    for pointer in pointers:
        if evidence[pointer].confidence > least:
            evidence[pointer] = replace(evidence[pointer], confidence=least, level=level_of(least))


def _as_value(kind: fields.Kind | None, parsed: object) -> Decimal | date | None:
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


def _arranged(values: dict[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values with indexes from 0 on without gaps, and a map from new pointers to old ones.

    A gap comes of a value that was left out or of an engine that left one.
    """
    seen: dict[str, set[int]] = {}
    for pointer in values:
        for match in _INDEX.finditer(pointer):
            seen.setdefault(pointer[: match.start()], set()).add(int(match[1]))
    ranks = {p: {old: str(new) for new, old in enumerate(sorted(i))} for p, i in seen.items()}
    arranged: dict[str, object] = {}
    moved: dict[str, str] = {}
    for pointer in sorted(values, key=_position):
        parts = pointer.split("/")
        new = [
            ranks["/".join(parts[:n])][int(part)] if part.isdecimal() else part
            for n, part in enumerate(parts)
        ]
        renamed = "/".join(new)
        arranged[renamed] = values[pointer]
        if renamed != pointer:
            moved[renamed] = pointer
    return arranged, moved


def _nested(values: dict[str, object], *, gaps: bool = False) -> dict[str, Any] | None:
    """Return the values of pointers as dicts and lists.

    None where an index is not the next one of its list, unless that does not matter (`gaps`).
    """
    root: dict[str, Any] = {}
    nodes: dict[str, Any] = {"": root}
    for pointer, value in values.items():
        parent, _, name = pointer.rpartition("/")
        node = nodes.get(parent)
        if node is None:
            node = _node(parent, nodes, name, gaps=gaps)
        if isinstance(node, dict):
            node[name.replace("~1", "/").replace("~0", "~") if "~" in name else name] = value
        elif node is not None and (gaps or name == str(len(node))):
            node.append(value)
        else:
            return None
    return root


def _node(pointer: str, nodes: dict[str, Any], child: str, *, gaps: bool) -> Any:
    """Return the dict or list at a pointer, made with its parents where it is new; None as `_nested`."""
    node: Any = [] if child.isdecimal() else {}
    parent, _, name = pointer.rpartition("/")
    above = nodes.get(parent)
    if above is None:
        above = _node(parent, nodes, name, gaps=gaps)
    if isinstance(above, dict):
        above[name] = node
    elif above is not None and (gaps or name == str(len(above))):
        above.append(node)
    else:
        return None
    nodes[pointer] = node
    return node


def _shared(invoice: Invoice) -> Invoice:
    """Return the invoice, whose lines now share the sets of their fields' names: 0.7 kB for each line."""
    sets: dict[frozenset[str], set[str]] = {}
    for line in invoice.lines:
        names = line.model_fields_set
        shared = sets.setdefault(frozenset(names), names)
        object.__setattr__(line, "__pydantic_fields_set__", shared)  # pydantic's own is slow
    return invoice


def _position(pointer: str) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pointer.split("/")]


def _wrong_pointers(error: ValidationError, values: dict[str, object]) -> set[str]:
    """Return the pointers of the values that a validation refused, and of what hangs on them."""
    wrong: set[str] = set()
    for one in error.errors(include_url=False, include_input=False):
        pointer = "".join(f"/{part}" for part in one["loc"])
        if pointer in values:
            wrong.add(pointer)
            continue
        # A missing part (an identifier's value), or something that is no leaf: the whole goes.
        while pointer:
            below = {p for p in values if p.startswith(pointer + "/")}
            if below:
                wrong |= below
                break
            pointer = pointer.rpartition("/")[0]
    return wrong
