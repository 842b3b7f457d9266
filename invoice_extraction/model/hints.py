"""What corrected documents of one seller taught, as values that are given to an engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a value begins: its page, counted from 1, and its upper left corner in shares of that page."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerHints:
    """What is known of one seller's documents.

    They count for a document on which one of `tax_ids` or `ibans` is printed, else `name`. `labels` maps a
    field's JSON Pointer ("/invoice_number"; docs/engines.md lists them) to what stands left of its value or above it, as printed
    ("Vorgang"); `spots` to where it begins. `currency` (ISO 4217), `number_style` (the decimal
    separator) and `date_order` tell what a document itself leaves open; None: not known.
    """

    name: str | None = None
    tax_ids: tuple[str, ...] = ()
    ibans: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spots: Mapping[str, tuple[Spot, ...]] = field(default_factory=dict)
    currency: str | None = None
    number_style: Literal[",", "."] | None = None
    date_order: Literal["dmy", "mdy"] | None = None
