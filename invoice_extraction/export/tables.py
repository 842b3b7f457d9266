"""Invoices as tables: what their columns are, and the rows of a document.

A column is named as its value's place in the JSON of a result: `totals.gross`, `seller.address.city`. The
columns follow the model, so that a new field has its column. Of a list the first item has columns
(`payment.accounts.0.iban`), a list of texts has one; lines, taxes and failed checks have tables of their own.
What else stands in lists (allowances, charges, instalments, identifiers) is in the JSON alone.
"""

import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel

from invoice_extraction.export.base import Entry
from invoice_extraction.model.invoice import Invoice, Line, Tax

Kind = Literal["text", "amount", "number", "date", "instant", "boolean"]
Cell = str | bool | None
"""A number, a date or an instant is the text that it is in JSON; None is an empty cell."""

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; an amount is money or a price, a number anything else that is counted."""

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """One table; `rows` gives those of a document, each with a cell for every column."""

    name: str
    columns: tuple[Column, ...]
    rows: Callable[["Found"], Iterator[list[Cell]]]


class _Invoice(msgspec.Struct):
    """The parts of an extracted invoice that are exported; evidence is passed over."""

    result: dict[str, Any]
    checks: list[dict[str, Any]] = []
    needs_review: bool = False


class _Extraction(msgspec.Struct):
    invoices: list[_Invoice] = []


@dataclass(frozen=True, slots=True)
class Found:
    """An entry, opened."""

    entry: Entry
    invoices: list[_Invoice]


_decoder = msgspec.json.Decoder(_Extraction)


def opened(entry: Entry) -> Found:
    """Return the entry with what its extraction holds for the tables."""
    return Found(entry, _decoder.decode(entry.extraction).invoices)


# ---------------------------------------------------------------- columns from the model

_FIRST = ("accounts", "preceding_invoices")
"""The lists whose first item has columns: most invoices have one at the most."""

_NUMBERS = frozenset(
    {"quantity", "price_base_quantity", "rate", "tax_rate", "surcharge_rate", "discount_percent"}
)


def _columns(model: type[BaseModel], prefix: Path = ()) -> Iterator[tuple[Path, Kind]]:
    """Return place and kind of each value of a model that stands there once."""
    for name, field in model.model_fields.items():
        path, kind = (*prefix, name), bare(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _columns(kind, path)
        elif get_origin(kind) is list:
            (item,) = get_args(kind)
            if item is str:
                yield path, "text"
            elif name in _FIRST:
                yield from _columns(item, (*path, 0))
        elif get_origin(kind) is dict:
            yield path, "text"  # as JSON
        else:
            yield path, _kind(name, kind)


def bare(annotation: Any) -> Any:
    """Return a type without its None and its constraints."""
    if get_origin(annotation) is Annotated:
        return bare(get_args(annotation)[0])
    if get_origin(annotation) in {Union, types.UnionType}:
        (kept,) = (one for one in get_args(annotation) if one is not types.NoneType)
        return bare(kept)
    return annotation


def _kind(name: str, kind: Any) -> Kind:
    if kind is Decimal:
        return "number" if name in _NUMBERS else "amount"
    return "date" if kind is date else "boolean" if kind is bool else "text"


def _named(path: Path) -> str:
    return ".".join(map(str, path))


def _at(value: Any, path: Path) -> Cell:
    """Return the value at a place; None where there is none."""
    for key in path:
        if isinstance(key, int):
            value = value[key] if key < len(value) else None
        else:
            value = value.get(key)
        if value is None:
            return None
    if isinstance(value, list):
        return "\n".join(value) or None
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode() if value else None
    cell: Cell = value
    return cell


# ---------------------------------------------------------------- the tables

_KEYS = (Column("task_id"), Column("filename"), Column("reference"), Column("invoice", "number"))
"""What says which document a row belongs to, and which invoice of that, from 1."""

_LEADING = (
    *("document_type", "invoice_number", "issue_date", "due_date", "seller.name", "seller.tax_id"),
    *("buyer.name", "currency", "totals.net", "totals.tax", "totals.gross", "totals.amount_due"),
)
"""What people look for stands first."""

_REPEATED = ("invoice_number", "issue_date", "seller.name", "currency")
"""What the rows of lines, taxes and checks tell of their invoice, so that they can be read alone."""

_ALL = dict(
    sorted(
        ((_named(path), (path, kind)) for path, kind in _columns(Invoice)),
        key=lambda item: _LEADING.index(item[0]) if item[0] in _LEADING else len(_LEADING),
    )
)
_LEAD = [path for name, (path, _) in _ALL.items() if name in _LEADING]
_REST = [path for name, (path, _) in _ALL.items() if name not in _LEADING]
_OWN = [_ALL[name][0] for name in _REPEATED]
_LINE = [path for path, _ in _columns(Line)]
_TAX = [path for path, _ in _columns(Tax)]


def _of_model(names: list[Path]) -> list[Column]:
    return [Column(_named(path), _ALL[_named(path)][1]) for path in names]


def _keys(found: Found, number: int) -> list[Cell]:
    entry = found.entry
    return [entry.task_id, entry.filename, entry.reference, str(number)]


def _invoices(found: Found) -> Iterator[list[Cell]]:
    received = found.entry.received_at
    for number, invoice in enumerate(found.invoices, 1):
        failed = [check["id"] for check in _failed(invoice)]
        yield [
            *_keys(found, number),
            *(_at(invoice.result, path) for path in _LEAD),
            invoice.needs_review,
            " ".join(dict.fromkeys(failed)) or None,
            received.isoformat(timespec="seconds") if received else None,
            *(_at(invoice.result, path) for path in _REST),
        ]


def _parts(
    parts: Callable[[_Invoice], list[dict[str, Any]]], paths: list[Path]
) -> Callable[[Found], Iterator[list[Cell]]]:
    """Return the rows of what an invoice has several of: which invoice, which of them, and its values."""

    def rows(found: Found) -> Iterator[list[Cell]]:
        for number, invoice in enumerate(found.invoices, 1):
            own = [*_keys(found, number), *(_at(invoice.result, path) for path in _OWN)]
            for place, part in enumerate(parts(invoice), 1):
                yield [*own, str(place), *(_at(part, path) for path in paths)]

    return rows


def _failed(invoice: _Invoice) -> list[dict[str, Any]]:
    """Return the checks that a person has to look at; those that passed are in the JSON alone."""
    return [check for check in invoice.checks if check["status"] == "fail"]


_CHECK: list[Path] = [
    (name,) for name in ("id", "message", "expected", "found", "tolerance", "fields")
]

INVOICES = Table(
    "Invoices",
    (
        *_KEYS,
        *_of_model(_LEAD),
        Column("needs_review", "boolean"),
        Column("failed_checks"),
        Column("received_at", "instant"),
        *_of_model(_REST),
    ),
    _invoices,
)
LINES = Table(
    "Lines",
    (
        *_KEYS,
        *_of_model(_OWN),
        Column("line", "number"),
        *(Column(_named(path), kind) for path, kind in _columns(Line)),
    ),
    _parts(lambda invoice: invoice.result.get("lines", []), _LINE),
)
TAXES = Table(
    "Taxes",
    (
        *_KEYS,
        *_of_model(_OWN),
        Column("tax", "number"),
        *(Column(_named(path), kind) for path, kind in _columns(Tax)),
    ),
    _parts(lambda invoice: invoice.result.get("taxes", []), _TAX),
)
CHECKS = Table(
    "Checks",
    (
        *_KEYS,
        *_of_model(_OWN),
        Column("check", "number"),
        *(Column(_named(path)) for path in _CHECK),
    ),
    _parts(_failed, _CHECK),
)
