"""What a document said before it was read again beside what it says now, value by value."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from app.languages import Language
from app.routes.pages.labels import called
from app.routes.pages.review import Field, InvoiceView
from invoice_extraction.model.extraction import Extraction, ExtractionUsage

MOST = 200
"""Values of an invoice that are told of each kind, those that differ and those that do not: one more line moves all below it."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value as each reading says it, in their order; None where it says nothing."""

    label: str
    fields: tuple[Field | None, ...]

    @property
    def same(self) -> bool:
        """Whether all say the same."""
        return len({field.stored if field else None for field in self.fields}) == 1


@dataclass(frozen=True, slots=True)
class InvoiceSaid:
    """An invoice, counted from 1, with its values apart; `more` is how many that differ are left out."""

    number: int
    differing: tuple[Said, ...]
    more: int
    same: tuple[Said, ...]


def compared(readings: Sequence[Sequence[InvoiceView]], language: Language) -> list[InvoiceSaid]:
    """Return what the readings of one document say of each of its invoices, in order."""
    found = []
    for number, views in enumerate(zip_longest(*readings), 1):
        values = list(_values(views, language))
        differing = tuple(value for value in values if not value.same)
        same = tuple(value for value in values if value.same)
        more = max(0, len(differing) - MOST)
        found.append(InvoiceSaid(number, differing[:MOST], more, same[:MOST]))
    return found


def _values(views: Sequence[InvoiceView | None], language: Language) -> Iterator[Said]:
    """Yield all values that any of the readings found, in the order of the page."""
    said = [
        {field.pointer: field for field in view.fields if field.value is not None} if view else {}
        for view in views
    ]
    for pointer in dict.fromkeys(pointer for fields in said for pointer in fields):
        yield Said(called(pointer, language), tuple(fields.get(pointer) for fields in said))


def facts(
    readings: Sequence[Extraction], language: Language
) -> list[tuple[str, tuple[str | None, ...]]]:
    """Return how each was made: what that is called, and what holds of each, None where it has none."""
    told: list[tuple[str, list[str | None]]] = [
        ("Engine", [one.engine for one in readings]),
        ("Model", [one.model for one in readings]),
        ("Time", [_time(one.usage, language) for one in readings]),
        ("Cost", [_cost(one.usage, language) for one in readings]),
    ]
    return [(language.say(name), tuple(of_each)) for name, of_each in told if any(of_each)]


def _time(usage: ExtractionUsage, language: Language) -> str:
    return f"{usage.seconds:.2f} s".replace(".", language.decimal_sign)


def _cost(usage: ExtractionUsage, language: Language) -> str | None:
    """Return what calls to models cost, in dollars; None where there were none."""
    if not usage.calls:
        return None
    return language.say("not known") if usage.cost is None else f"${usage.cost}"
