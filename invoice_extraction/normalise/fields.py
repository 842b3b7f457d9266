"""What kind of value stands at a JSON Pointer, read from the invoice model itself."""

import types
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from invoice_extraction.model.invoice import Invoice
from invoice_extraction.normalise.identifiers import STANDARD
from invoice_extraction.normalise.locate import Match

Kind = Literal[
    "money", "quantity", "percent", "date", "time", "text", "identifier", "code", "currency",
    "country", "bool", "integer", "any",
]  # fmt: skip
"""`identifier` has a standard form; `code` is one of a closed list of words of ours; `any` is the
caller's own field, which may be an `integer` too."""

TOLD: frozenset[str] = frozenset({"code", "bool", "any", "country"})
"""Kinds that are told about the document and need not stand on it in so many words."""

_CODES: frozenset[str] = frozenset(STANDARD) | {
    *("invoice_number", "buyer_reference", "project_reference", "contract_reference"),
    *("purchase_order_reference", "sales_order_reference", "despatch_reference"),
    *("order_line_reference", "product_code", "gtin", "id", "value", "registration_id"),
    *("email", "phone", "website", "reference", "account_number", "routing_number", "sort_code"),
    *("mandate_reference", "card_last4", "postal_code"),
}
"""Names of texts that no other letter may stand for."""

_IN_WORDS = frozenset({"phone", "website", "card_last4", "postal_code"})
"""Those that are printed as a part of a word too: "D-10115", "https://www.example.com"."""

_QUANTITIES = frozenset({"quantity", "price_base_quantity"})


def kind(pointer: str) -> Kind | None:
    """Return the kind of the value at `pointer`; None where the invoice has no such place."""
    return _kind(_pattern(pointer))


def match(pointer: str) -> Match:
    """Return how the text of the value at `pointer` has to stand on a page to prove it."""
    of_line, name = pointer.startswith("/lines/"), pointer.rpartition("/")[2]
    if name in _CODES and not of_line and name not in _IN_WORDS:
        return "whole"
    return "exact" if name in _CODES or kind(pointer) != "text" else "similar"


def _pattern(pointer: str) -> str:
    """Return the pointer with `*` for each index, so that all lines share one entry."""
    if not any(c.isdigit() for c in pointer):
        return pointer
    return "/".join("*" if part.isdigit() else part for part in pointer.split("/"))


@cache
def _kind(pattern: str) -> Kind | None:
    if pattern.startswith("/custom/"):
        return "any"
    annotation, is_many = _resolve(pattern)
    if annotation is None or is_many:
        return None
    name = pattern.rpartition("/")[2]
    base, metadata = _plain(annotation)
    if base is Decimal:
        if name in _QUANTITIES:
            return "quantity"
        return "percent" if name.endswith(("rate", "percent")) else "money"
    if base is date:
        return "date"
    if base is bool:
        return "bool"
    if get_origin(base) is Literal:
        return "code"
    if base is str:
        return _kind_of_text(name, metadata)
    return None


def _kind_of_text(name: str, metadata: tuple[Any, ...]) -> Kind:
    if not metadata:
        if name in STANDARD:
            return "identifier"
        # A language is told, not printed.
        return "code" if name == "language" else "text"
    if name.endswith("currency"):
        return "currency"
    return "country" if name == "country" else "time"


def _resolve(pattern: str) -> tuple[Any, bool]:
    """Return the annotation at a pattern and whether it is a list; None where there is none."""
    annotation: Any = Invoice
    is_many = False
    for part in pattern.split("/")[1:]:
        if is_many:
            if part != "*":
                return None, False
            is_many = False
        else:
            if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
                return None, False
            field = annotation.model_fields.get(part)
            if field is None:
                return None, False
            annotation = (
                Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            )
        base, _ = _plain(annotation)
        if get_origin(base) is list:
            is_many = True
            annotation = get_args(base)[0]
        elif isinstance(base, type) and issubclass(base, BaseModel):
            annotation = base
    return annotation, is_many


def _plain(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return an annotation without None and Annotated, and the metadata that stood with it."""
    metadata: tuple[Any, ...] = ()
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *found = get_args(annotation)
            metadata += tuple(found)
        elif origin in (Union, types.UnionType):
            members = [a for a in get_args(annotation) if a is not type(None)]
            if len(members) != 1:
                return annotation, metadata
            annotation = members[0]
        else:
            return annotation, metadata
