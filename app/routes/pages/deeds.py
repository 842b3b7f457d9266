"""What people did to a document, in words: which values they changed, to what, and where they say that these stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.languages import Language
from app.routes.pages.labels import called
from service.places import MEMBER
from service.store.people import Deed

MOST = 50
"""Values of one deed that are told; what was pasted may be hundreds."""


class Change(NamedTuple):
    """A value that was changed, and what it is now: None where it was taken away."""

    label: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Told:
    """A deed with its changes; `more` is how many of them are left out."""

    deed: Deed
    changes: tuple[Change, ...]
    more: int


def told(deed: Deed, language: Language) -> Told:
    """Return a deed in words."""
    values = dict(deed.change or {})
    places = values.pop(MEMBER, None) or {}
    changes = [*_changes(values, "", language), *_drawn(places, language)]
    return Told(deed, tuple(changes[:MOST]), max(0, len(changes) - MOST))


def _changes(value: Any, pointer: str, language: Language) -> Iterator[Change]:
    """Yield the plain values of a change; a list tells its members, one that is left empty nothing of its own."""
    if isinstance(value, dict):
        for name, inner in value.items():
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _changes(inner, f"{pointer}/{step}", language)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _changes(inner, f"{pointer}/{place}", language)
    else:
        text = None if value is None else _text(value, language)
        yield Change(called(pointer, language), text)


def _drawn(places: dict[str, Any], language: Language) -> Iterator[Change]:
    for pointer, place in places.items():
        told = language.say("drawn on page {page}", page=place["page"]) if place else None
        yield Change(called(pointer, language), told)


def _text(value: Any, language: Language) -> str:
    if isinstance(value, bool):
        return language.say("yes") if value else language.say("no")
    return str(value)
