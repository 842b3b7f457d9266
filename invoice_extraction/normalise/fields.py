"""What kind of value stands at a JSON Pointer, read from the invoice model itself."""

import types
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from invoice_extraction.model.invoice import Invoice
from invoice_extraction.normalise.identifiers import STANDARD

Kind = Literal[
    "money", "quantity", "percent", "date", "time", "text", "identifier", "code", "currency",
    "country", "bool", "any",
]  # fmt: skip
"""`identifier` has a standard form; `code` is one of a closed list of words of ours; `any` is the
caller's own field."""

TOLD: frozenset[str] = frozenset({"code", "bool", "any", "country"})
"""Kinds that are told about the document and need not stand on it in so many words."""

_QUANTITIES = frozenset({"quantity", "price_base_quantity"})


def kind(pointer: str) -> Kind | None:
    """Return the kind of the value at `pointer`; None where the invoice has no such place."""
    return _kind(_pattern(pointer))


def is_list(pattern: str) -> bool:
    """True where a list stands at a pattern ("/lines", "/lines/*/x" have `*` for an index)."""
    return _resolve(pattern)[1]


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
