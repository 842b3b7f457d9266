"""What the review page shows of an extraction: each value with its label, proof and place.

Nothing is left out: every value of the result that is not null becomes a field, whether its name
stands in a table here or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args

from app.languages import Language
from app.routes.pages.labels import GROUPS, MAIN_COLUMNS, TABLE_TITLES, label, spaced
from invoice_extraction.model.extraction import (
    Check,
    Evidence,
    ExtractedInvoice,
    Extraction,
    Level,
    RelativeBox,
)
from invoice_extraction.model.invoice import (
    Account,
    Address,
    AllowanceCharge,
    DocumentType,
    Instalment,
    Invoice,
    Line,
    Model,
    Party,
    Payment,
    PrecedingInvoice,
    Tax,
    Totals,
    decimal_text,
)
from invoice_extraction.model.reading import Origin
from invoice_extraction.validate.confidence import MATTER, is_doubted
from invoice_extraction.validate.corrected import items
from service.places import known

Kind = Literal["text", "number", "figure", "date", "truth", "type", "currency", "country", "iban"]
"""What is typed for a value; a "figure" is a number of a caller's own field, which JSON writes as one."""

State = Literal["failed", "look", "checked", "yours"]
"""What a person is told of a value: a rule failed, please check, a rule holds, a person said so."""

STATES: dict[State, str] = {
    "failed": "Check failed",
    "look": "Please check",
    "checked": "Checked",
    "yours": "Confirmed by you",
}

ORIGINS: dict[str, str] = {
    "xml": "e-invoice XML",
    "text": "printed text",
    "ocr": "scanned text",
    "model": "model's word alone",
    "derived": "derived",
    "person": "entered by a person",
}
"""Where a value comes from, for a person."""

PLACES: tuple[tuple[str, ...], ...] = (
    ("upper left", "upper centre", "upper right"),
    ("middle left", "middle centre", "middle right"),
    ("lower left", "lower centre", "lower right"),
)
"""Where on a page something stands, by thirds down and across."""

DOUBTS: dict[Level, str] = {
    "low": "Low confidence: {origin}.",
    "medium": "Medium confidence: {origin}.",
    "high": "Not quite certain: {origin}.",
}
"""Why a value is to be looked at, by its level."""

LEVELS: tuple[Level, ...] = ("low", "medium", "high")

ESSENTIAL = (
    "/invoice_number",
    "/issue_date",
    "/due_date",
    "/currency",
    "/seller/name",
    "/buyer/name",
    "/totals/net",
    "/totals/tax",
    "/totals/gross",
)
"""Fields that are shown even when nothing was found for them."""

MONEY = frozenset(
    {"unit_price", "discount_amount", "tax_amount", "net_amount", "gross_amount"}
    | {"amount", "base_amount", "taxable_amount", "surcharge_amount"}
)
AIR = (0.004, 0.003)
"""What is left free round a value when its box is drawn, across and down, relative to the page."""

PERCENT = frozenset({"rate", "percent", "tax_rate", "discount_percent", "surcharge_rate"})

SINGULAR: dict[str, Kind] = {
    "document_type": "type",
    "currency": "currency",
    "tax_currency": "currency",
    "country": "country",
    "iban": "iban",
}
"""Names whose text is written in one way only."""

UNASKED = frozenset(
    {"type_code", "source_type_code", "payee", "delivery_party", "preceding_invoices", "custom"}
)
"""The first names of what nobody is offered to fill in: codes of e-invoices, and what few invoices have."""

TYPES: tuple[str, ...] = get_args(DocumentType)

ALWAYS_COLUMNS = frozenset({"description", "quantity", "unit_price", "net_amount"})
"""Columns of the lines that are there to be filled in, even where no line has a value."""


def _kinds() -> dict[str, Kind]:
    """Return the kind of each name in an invoice that is not plain text."""
    kinds: dict[str, Kind] = dict(SINGULAR)
    models: tuple[type[Model], ...] = (Invoice, Line, Totals, Tax, AllowanceCharge)
    rest: tuple[type[Model], ...] = (Account, Instalment, PrecedingInvoice)
    for model in models + rest:
        for name, info in model.model_fields.items():
            written = str(info.annotation)
            if Decimal.__name__ in written:
                kinds[name] = "number"
            elif date in get_args(info.annotation):
                kinds[name] = "date"
            elif bool in get_args(info.annotation):
                kinds[name] = "truth"
    return kinds


KINDS = _kinds()


@dataclass(frozen=True, slots=True)
class Field:
    """One value as shown.

    `key` is unique on the page. `value` is None where nothing was found; `unit` its currency
    or "%". `printed` is the text it was read from, None where that says the same. `origin` is in words,
    None where no evidence is given. `place` is where on the page it stands, in words. `state` is None for
    what was read well and no rule holds for, `state_word` the same in words; `reason` says why. `was` is what the machine
    read where a person says otherwise. `stored` is the value and
    `source` its origin as the API tells them.
    """

    key: str
    pointer: str
    label: str
    value: str | None
    unit: str | None = None
    printed: str | None = None
    origin: str | None = None
    level: Level | None = None
    page: int | None = None
    boxes: tuple[RelativeBox, ...] = ()
    place: str | None = None
    failed: tuple[str, ...] = ()
    kind: Kind = "text"
    state: State | None = None
    reason: str | None = None
    was: str | None = None
    state_word: str | None = None
    stored: str | None = None
    source: Origin | None = None

    @property
    def is_xml(self) -> bool:
        """True for a value of an e-invoice's XML."""
        return self.source == "xml"

    @property
    def is_printed(self) -> bool:
        """True for a value that was read from a page."""
        return self.source not in (None, "xml", "person")

    @property
    def is_number(self) -> bool:
        """True for a value that is set flush right."""
        return self.kind == "number"


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table: a cell for each column, None where it is empty; `extras` stand below."""

    cells: tuple[Field | None, ...]
    extras: tuple[Field, ...]

    @property
    def level(self) -> Level | None:
        """The lowest level of confidence in the row; None where it has no evidence."""
        found = {field.level for field in (*self.cells, *self.extras) if field is not None}
        return next((level for level in LEVELS if level in found), None)


@dataclass(frozen=True, slots=True)
class Sum:
    """The lines added up. `total` is what they should come to, by its `label`; None where nothing says."""

    column: str
    added: str
    label: str | None
    total: str | None
    difference: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """A list of the invoice. `columns` are the labels of the columns that have a value in any row.

    `names` are their names in the result. `currency` is that of all its amounts, None where it is not known.
    """

    title: str
    name: str
    currency: str | None
    columns: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    sum: Sum | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A box to be drawn on a page, a little larger than the value, and the key of its field."""

    key: str
    box: RelativeBox


def are_amounts(check: Check) -> bool:
    """Return whether what a check expected and found are amounts, not texts of the document."""
    return bool(check.fields) and all(_kind(at, None) == "number" for at in check.fields)


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """One invoice of the file, counted from 1. `missing` are fields that nothing was found for, to be filled in."""

    number: int
    title: str
    parties: str
    total: str | None
    groups: tuple[Group, ...]
    missing: tuple[Field, ...]
    tables: tuple[Table, ...]
    lines: Table | None
    failed: tuple[Check, ...]
    passed: tuple[Check, ...]
    idle: tuple[Check, ...]
    source: ExtractedInvoice
    json: str

    @property
    def differences(self) -> tuple[Check, ...]:
        """Where the page says something else than the e-invoice inside it."""
        return tuple(check for check in self.failed if check.id == "xml_differs_from_page")

    @property
    def places(self) -> dict[str, Any]:
        """Where people said that values stand, as a correction tells it."""
        said = self.source.evidence.items()
        return known({at: one for at, one in said if one.origin == "person" and one.boxes})

    @property
    def fields(self) -> Iterator[Field]:
        """Every field of the invoice, in the order of the page."""
        for group in self.groups:
            yield from group.fields
        for table in (*self.tables, *([self.lines] if self.lines else [])):
            for row in table.rows:
                yield from (cell for cell in row.cells if cell is not None)
                yield from row.extras


def views_of(
    extraction: Extraction,
    as_read: Extraction | None,
    language: Language,
    *,
    confirmed: bool = False,
) -> list[InvoiceView]:
    """Return what is shown of each invoice, in order, in a language.

    `as_read` is how the machine read them, where a person changed any; `confirmed` is true where a person said
    that all of it is right.
    """
    read = as_read.invoices if as_read else extraction.invoices
    return [
        _Builder(number, invoice, before, language, confirmed=confirmed).view()
        for number, (invoice, before) in enumerate(zip(extraction.invoices, read, strict=True), 1)
    ]


def marks_of(views: list[InvoiceView]) -> dict[int, list[Mark]]:
    """Return all boxes to be drawn, by page."""
    marks: dict[int, list[Mark]] = {}
    for view in views:
        for field in view.fields:
            if field.page is not None:
                marks.setdefault(field.page, []).extend(
                    Mark(field.key, _airy(box)) for box in field.boxes
                )
    return marks


def place_of(page: int, box: RelativeBox, language: Language) -> str:
    """Return where a box stands, in words ("page 1, lower right")."""
    across, down = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    place = PLACES[min(int(down * 3), 2)][min(int(across * 3), 2)]
    return language.say("page {page}, {place}", page=page, place=language.say(place))


def _airy(box: RelativeBox) -> RelativeBox:
    x0, y0, x1, y1 = box
    across, down = AIR
    edges = (x0 - across, y0 - down, x1 + across, y1 + down)
    left, top, right, bottom = (round(min(max(edge, 0.0), 1.0), 5) for edge in edges)
    return (left, top, right, bottom)


class _Builder:
    """Builds one invoice's view; what all its fields need is kept here."""

    def __init__(
        self,
        number: int,
        invoice: ExtractedInvoice,
        read: ExtractedInvoice,
        language: Language,
        *,
        confirmed: bool,
    ) -> None:
        self.language = language
        self.number = number
        self.invoice = invoice
        self.read = read
        self.confirmed = confirmed
        self.result: dict[str, Any] = invoice.result.model_dump(mode="json")
        self.read_result = self.result if read is invoice else read.result.model_dump(mode="json")
        self.before = {} if read is invoice else dict(_leaves(self.read_result))
        self.items = dict(items(self.read_result, self.result)) if self.before else {}
        self.failed: dict[str, list[str]] = {}
        self.passed: dict[str, list[str]] = {}
        for check in invoice.checks:
            if check.status != "not_applicable":
                told = self.failed if check.status == "fail" else self.passed
                for pointer in check.fields:
                    told.setdefault(pointer, []).append(language.told(check.message))

    def view(self) -> InvoiceView:
        result = self.invoice.result
        seller = result.seller.name if result.seller else None
        buyer = result.buyer.name if result.buyer else None
        kind = self.language.say(spaced(result.document_type or "document").capitalize())
        checks = self.invoice.checks
        tables = {name: self._table(name) for name in MAIN_COLUMNS}
        lines = tables["/lines"]
        if lines:
            lines = replace(lines, sum=_sum(result, self.language))
        return InvoiceView(
            number=self.number,
            title=" ".join(filter(None, (kind, result.invoice_number))),
            parties=" → ".join(filter(None, (seller, buyer))),
            total=self.result["totals"]["gross"],
            groups=tuple(self._groups()),
            missing=tuple(self._missing()),
            tables=tuple(table for name, table in tables.items() if table and name != "/lines"),
            lines=lines,
            failed=tuple(check for check in checks if check.status == "fail"),
            passed=tuple(check for check in checks if check.status == "pass"),
            idle=tuple(check for check in checks if check.status == "not_applicable"),
            source=self.invoice,
            json=result.model_dump_json(indent=2),
        )

    def _groups(self) -> Iterator[Group]:
        fields: dict[str, list[Field]] = {name: [] for name in GROUPS}
        for pointer, value in _leaves(self.result):
            if pointer == "/schema_version" or any(
                pointer.startswith(f"{name}/") for name in MAIN_COLUMNS
            ):
                continue
            if value is None and pointer not in ESSENTIAL:
                continue
            first = pointer.split("/")[1]
            group = first if first in GROUPS else "document"
            fields[group].append(self._field(pointer, value))
        for party in ("seller", "buyer"):  # a party that is null has no leaves, but is looked for
            if not fields[party]:
                fields[party].append(self._field(f"/{party}/name", None))
        for name, title in GROUPS.items():
            if fields[name]:
                yield Group(self.language.say(title), tuple(fields[name]))

    def _missing(self) -> Iterator[Field]:
        """Yield the fields without a value that stand in no group, the first account among them."""
        blank = dict(self.result)
        for party in ("seller", "buyer"):
            told = blank[party] or Party().model_dump(mode="json")
            blank[party] = told | {"address": told["address"] or Address().model_dump(mode="json")}
        payment = blank["payment"] or Payment().model_dump(mode="json")
        accounts = payment["accounts"] or [Account().model_dump(mode="json")]
        blank["payment"] = payment | {"accounts": accounts}
        for pointer, value in _leaves(blank):
            first = pointer.split("/")[1]
            if value is not None or pointer in ESSENTIAL or first in UNASKED:
                continue
            if not any(pointer.startswith(f"{name}/") for name in MAIN_COLUMNS):
                field = self._field(pointer, None)
                group = self.language.say(GROUPS.get(first, ""))
                yield replace(field, label=f"{group}: {field.label}" if group else field.label)

    def _table(self, name: str) -> Table | None:
        listed: Any = self.result
        for part in name.split("/")[1:]:
            listed = listed.get(part) if listed else None
        if not listed:
            return None
        columns = [
            column
            for column in MAIN_COLUMNS[name]
            if any(item[column] is not None for item in listed)
            or (name == "/lines" and column in ALWAYS_COLUMNS)
        ]
        rows = []
        for index, item in enumerate(listed):
            pointers = {key: f"{name}/{index}/{key}" for key in item}
            cells = tuple(self._field(pointers[column], item[column]) for column in columns)
            extras = tuple(
                self._field(pointers[key], value)
                for key, value in item.items()
                if value is not None and key not in columns
            )
            rows.append(Row(cells, extras))
        labels = tuple(label(f"{name}/0/{column}", self.language) for column in columns)
        return Table(
            title=self.language.say(TABLE_TITLES[name]),
            name=name.rpartition("/")[2],
            currency=self.result["currency"],
            columns=labels,
            names=tuple(columns),
            rows=tuple(rows),
        )

    def _field(self, pointer: str, value: Any) -> Field:
        proof = self.invoice.evidence.get(pointer)
        text = _text(pointer, value, self.language)
        failed = tuple(self.failed.get(pointer, ()))
        state, reason = self._state(pointer, text, proof, failed)
        field = Field(
            key=f"{self.number}{pointer}",
            pointer=pointer,
            label=label(pointer, self.language, self.result["document_type"]),
            value=text,
            unit=self._unit(pointer) if text is not None else None,
            failed=failed,
            kind=_kind(pointer, value),
            stored=_stored(value),
            state=state,
            reason=reason,
            state_word=self.language.say(STATES[state]) if state else None,
            **(_proof(proof, text, self.language) if proof else {}),
        )
        if self.read is self.invoice or (field.boxes and field.source != "person"):
            return field
        return self._with_reading(field)

    def _state(
        self, pointer: str, text: str | None, proof: Evidence | None, failed: tuple[str, ...]
    ) -> tuple[State | None, str | None]:
        """Return the state of a value and the reason for it, in a sentence."""
        say = self.language.say
        if self.confirmed:
            return (None, None) if text is None else ("yours", say("You confirmed the document."))
        if failed:
            return "failed", failed[0]
        if text is None:
            if self.invoice.needs_review and self._is_missed(pointer):
                return "look", say("It was not found, and an invoice has it.")
            return None, None
        if proof is None:
            return None, None
        if proof.origin == "person":
            return "yours", say("You entered it.")
        is_low = proof.level == "low" and self.invoice.needs_review
        if is_low or is_doubted(self.invoice, pointer):
            return "look", say(DOUBTS[proof.level], origin=say(ORIGINS[proof.origin]))
        if proof.level == "high" and pointer in self.passed:
            return "checked", self.passed[pointer][0]
        return None, None

    def _is_missed(self, pointer: str) -> bool:
        """Return whether a value has to be there; many receipts have no number."""
        if pointer == "/invoice_number" and self.result["document_type"] == "receipt":
            return False
        return pointer in MATTER

    def _with_reading(self, field: Field) -> Field:
        """Return a field that a person changed with what the machine read there, and where if the person did not say.

        A row of a list may have stood elsewhere, and a new one stood nowhere.
        """
        at = self._read_at(field.pointer)
        proof = self.read.evidence.get(at) if at else None
        if field.source not in (None, "person") or at is None or proof is None:
            return field
        read = _proof(proof, field.value, self.language)
        was = _text(at, self.before.get(at), self.language)
        field = replace(field, printed=read["printed"], was=was if was != field.value else None)
        if field.boxes:
            return field
        return replace(field, page=read["page"], boxes=read["boxes"], place=read["place"])

    def _read_at(self, pointer: str) -> str | None:
        """Return the pointer at which the machine read a field; None in a row that a person added."""
        at = read = ""
        for part in pointer.split("/")[1:]:
            at, read = f"{at}/{part}", f"{read}/{part}"
            if at in self.items or (part.isdigit() and not at.startswith("/custom/")):
                stood = self.items.get(at)
                if stood is None:
                    return None
                read = stood
        return read

    def _unit(self, pointer: str) -> str | None:
        name = pointer.rpartition("/")[2]
        if name in PERCENT:
            return "%"
        if name == "tax_in_tax_currency":
            currency: str | None = self.result["tax_currency"]
            return currency or ""
        if name in MONEY or pointer.startswith("/totals/"):
            return self.result["currency"] or ""
        return None


def _proof(proof: Evidence, shown: str | None, language: Language) -> dict[str, Any]:
    """Return what a field tells of its evidence."""
    # What was derived and stands nowhere has its canonical form for a text.
    text = proof.text if proof.boxes or proof.origin != "derived" else None
    printed = text if text and text.strip() != shown else None
    place = None
    if proof.page is not None and proof.boxes:
        place = place_of(proof.page, proof.boxes[0], language)
    return {
        "printed": printed,
        "origin": language.say(ORIGINS[proof.origin]),
        "source": proof.origin,
        "level": proof.level,
        "page": proof.page,
        "boxes": tuple(proof.boxes),
        "place": place,
    }


def _leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Return each value that is no object and no list, with its JSON Pointer (RFC 6901)."""
    if isinstance(value, dict):
        for key, item in value.items():
            escaped = str(key).replace("~", "~0").replace("/", "~1")
            yield from _leaves(item, f"{pointer}/{escaped}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value


def _text(pointer: str, value: Any, language: Language) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return language.say("yes") if value else language.say("no")
    if pointer == "/document_type":
        return language.say(spaced(str(value)))
    return str(value)


def _stored(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)


def _kind(pointer: str, value: Any) -> Kind:
    if pointer.startswith("/custom/"):
        if isinstance(value, bool):
            return "truth"
        return "figure" if isinstance(value, int | float) else "text"
    return KINDS.get(pointer.rpartition("/")[2], "text")


def _sum(result: Invoice, language: Language) -> Sum | None:
    """Return the lines added up, beside the total that they should come to; None where no line has an amount."""
    gross = result.prices_include_tax is True or (
        result.prices_include_tax is None and all(line.net_amount is None for line in result.lines)
    )
    amounts = [line.gross_amount if gross else line.net_amount for line in result.lines]
    known = [amount for amount in amounts if amount is not None]
    if not known:
        return None
    added = sum(known, Decimal(0))
    totals = result.totals
    candidates = (
        (("Gross total", totals.gross),)
        if gross
        else (("Sum of lines", totals.lines_net), ("Net total", totals.net))
    )
    called, total = next(
        ((name, value) for name, value in candidates if value is not None), (None, None)
    )
    return Sum(
        column="gross_amount" if gross else "net_amount",
        added=decimal_text(added),
        label=language.say(called) if called else None,
        total=None if total is None else decimal_text(total),
        difference=None if total is None else decimal_text(added - total),
    )
