"""A reading becomes invoices: text becomes numbers and dates here and nowhere else."""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from invoice_extraction.model import own_fields
from invoice_extraction.model.currency import decimals_of
from invoice_extraction.model.document import Document
from invoice_extraction.model.extraction import Check, ExtractedInvoice, UnmappedValue
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Doubt, InvoiceReading, Reading, Value
from invoice_extraction.normalise import (
    amounts,
    countries,
    currency,
    dates,
    fields,
    identifiers,
    tree,
)
from invoice_extraction.normalise.locate import Budget
from invoice_extraction.normalise.proof import Prover, as_value, not_found
from invoice_extraction.normalise.signs import positive_allowances, positive_claim
from invoice_extraction.normalise.whole import OF_PAGES, Whole

__all__ = ["normalise", "not_found"]


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
    """One invoice on its way from texts to values."""

    def __init__(
        self, reading: InvoiceReading, document: Document, options: Options, budget: Budget
    ) -> None:
        self._document = document
        self._options = options
        self._whole = Whole(reading, document, options, budget)
        self._prover = Prover(self._whole)
        self._checks: list[Check] = []

    def invoice(self, told: Iterable[Check]) -> ExtractedInvoice:
        """Return the invoice; `told` are checks of the document as a whole."""
        values: dict[str, object] = {}
        hides = self._whole.hidden is not None
        for pointer, value in self._whole.reading.values.items():
            found = self._parse(pointer, value) if value.canonical is None else value.canonical
            if found is not None and not (hides and self._is_hidden(pointer, value, found)):
                values[pointer] = found
        result, values, pointers = self._validated(values)
        result = self._own(result)
        evidence = self._prover.evidence(values, pointers)
        self._checks += self._prover.checks
        self._checks += [_NOT_READ[pointer] for pointer in self._whole.reading.unread]
        self._checks += [_doubted(doubt) for doubt in self._whole.reading.doubts]
        result, checks = positive_claim(result, values.keys(), keep_mixed=self._whole.is_xml)
        if not self._whole.is_xml:
            result = positive_allowances(result, values.keys())
        return ExtractedInvoice(
            result=result,
            pages=list(self._whole.reading.pages) or [page.number for page in self._document.pages],
            evidence=evidence,
            checks=[*self._checks, *checks, *told],
            unmapped=[
                UnmappedValue(path=u.path, value=u.value) for u in self._whole.reading.unmapped
            ],
        )

    def _parse(self, pointer: str, value: Value) -> object:
        """Return the value that a text means, None after telling why there is none."""
        text = value.text.strip()
        if not text:
            return None
        kind = self._whole.kind(pointer)
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
            return countries.parse(text, self._whole.language)
        parser = self._parsers.get(kind)
        found = parser(text) if parser else " ".join(text.split())
        if found is None:
            self._unparsed(pointer, text, _REASONS.get(kind, "it has another form"))
        return found

    @cached_property
    def _parsers(self) -> dict[str, Callable[[str], object]]:
        return {
            "money": self._money,
            "quantity": lambda text: amounts.parse(text, self._whole.style),
            "integer": lambda text: _whole(amounts.parse(text, self._whole.style)),
            "percent": lambda text: amounts.percent(text, self._whole.style),
            "currency": lambda text: currency.parse(text, self._whole.country),
            "bool": lambda text: {"true": True, "false": False}.get(text.lower()),
            "code": lambda text: text if len(text) < 20 else None,
        }

    def _money(self, text: str) -> Decimal | None:
        found = amounts.parse(text, self._whole.style)
        if found is None and self._whole.style is None:
            decimals = decimals_of(self._whole.currency or "")
            found = amounts.parse(text, amounts.style_by_decimals(text, decimals))
        return found

    def _date(self, pointer: str, text: str) -> date | None:
        found = dates.readings(text, self._whole.language)
        settled = dates.settled(found, self._whole.order)
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
        if self._whole.hidden is None or value.boxes or value.origin not in OF_PAGES:
            return False
        kind = self._whole.kind(pointer)
        if kind in fields.TOLD or self._prover.locate(pointer, value, parsed) is not None:
            return False
        known = as_value(kind, parsed)
        if self._whole.hidden.find(value.text, value=known, match="exact", unsigned=True) is None:
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
            nested = tree.nested(values)
            if nested is None:
                values, moved = tree.arranged(values)
                pointers.update({new: pointers.get(old, old) for new, old in moved.items()})
                nested = tree.nested(values, gaps=True)
            try:
                return tree.shared(Invoice.model_validate(nested)), values, pointers
            except ValidationError as error:
                wrong = tree.wrong_pointers(error, values)
                if not wrong:
                    raise
                for pointer in wrong:
                    text = self._whole.reading.values[pointers.get(pointer, pointer)].text
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


def _json(value: Any) -> Any:
    """Return an own value as JSON has it: numbers, and dates as texts."""
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_json(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else value


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
