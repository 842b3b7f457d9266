"""The form's fields as what is asked of the extraction."""

import re
import unicodedata
from typing import Any

import msgspec

from app.errors import FieldError, InvalidOption
from app.uploads import FILES
from invoice_extraction.engines import ENGINES
from invoice_extraction.errors import OptionError
from invoice_extraction.extract import ROUTES
from invoice_extraction.intake.selection import ranges
from invoice_extraction.model.own_fields import check_fields_schema
from service.jobs import Submission
from service.keys import Caller
from service.store.base import Once

ENGINE_NAMES = (*ROUTES, *ENGINES)
READING = ("engine", "language", "pages")
"""What is asked of the library, as text; the rest is the caller's own."""

SWITCHES = ("fallback", "force")
"""What is asked of the library, as true or false."""

SCHEMA = "fields_schema"
"""The caller's own fields, as a JSON Schema."""

PASSWORD = "password"  # noqa: S105  # the name of the field
"""The field whose value is used and forgotten: it stands in no `Submission`, and is taken as it is."""

WEBHOOK_URL = "webhook_url"
"""Where the events of these documents are sent; whether that may be is told by `Webhooks.name`."""

OPTIONS = (
    *READING,
    *SWITCHES,
    *(SCHEMA, "combine", PASSWORD, "reference", "metadata", WEBHOOK_URL),
)
MAX_REFERENCE = 200
"""Characters of the caller's own reference."""

MAX_DEPTH = 32
"""Levels of the caller's own metadata."""

_YES = frozenset({"true", "1", "on"})  # what a browser sends of a checkbox is "on"
_NO = frozenset({"false", "0"})

# BCP 47 in its everyday form: a language, then script, region or variants
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")


def submission(
    caller: Caller,
    fields: dict[str, str],
    request_id: str | None,
    *,
    limited: bool = False,
    once: Once | None = None,
) -> Submission:
    """Return what the form asks for; an empty field counts as not sent.

    Raises:
        InvalidOption: A field does not exist, or its value is not valid; all of them are named.
    """
    errors = [_unknown(name) for name in fields if name not in OPTIONS]
    given = {name: fields[name].strip() for name in _PROBLEMS if fields.get(name, "").strip()}
    for name, value in given.items():
        problem = _PROBLEMS[name](value)
        if problem:
            errors.append(FieldError(f"/{name}", "invalid", f"`{name}` {problem}."))
    if errors:
        raise InvalidOption(errors)
    options: dict[str, Any] = {name: given[name] for name in READING if name in given}
    options |= {name: True for name in SWITCHES if given.get(name, "").lower() in _YES}
    if SCHEMA in given:
        options[SCHEMA] = msgspec.json.decode(given[SCHEMA])
    return Submission(
        tenant=caller.tenant,
        key_id=caller.key_id,
        limited=limited,
        once=once,
        options=options,
        combine=given.get("combine", "").lower() in _YES,
        reference=given.get("reference"),
        details=msgspec.json.decode(given["metadata"]) if "metadata" in given else None,
        request_id=request_id,
    )


def _unknown(name: str) -> FieldError:
    shown = "".join(char for char in name[:64] if char.isprintable())
    known = ", ".join((FILES, *OPTIONS))
    return FieldError(
        f"/{shown}", "unknown", f"There is no field `{shown}`; those there are: {known}."
    )


def _engine(value: str) -> str | None:
    return None if value in ENGINE_NAMES else f"is none of: {', '.join(ENGINE_NAMES)}"


def _language(value: str) -> str | None:
    return None if _LANGUAGE.fullmatch(value) else "is no language tag like `de` or `pt-BR`"


def _pages(value: str) -> str | None:
    try:
        ranges(value)
    except OptionError:
        return "is no list of pages like `1-3,5`"
    return None


def _switch(value: str) -> str | None:
    return None if value.lower() in _YES | _NO else "is neither `true` nor `false`"


def _fields_schema(value: str) -> str | None:
    try:
        check_fields_schema(msgspec.json.decode(value))
    except (msgspec.DecodeError, RecursionError):
        return "is not valid JSON"
    except OptionError as error:
        return error.message.removeprefix(f"`{SCHEMA}` ").removesuffix(".")
    return None


def _reference(value: str) -> str | None:
    if len(value) > MAX_REFERENCE:
        return f"has more than {MAX_REFERENCE} characters"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in value):
        return "holds control characters"
    return None


def _metadata(value: str) -> str | None:
    try:
        decoded = msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError):
        return "is not valid JSON"
    return None if _depth(decoded) <= MAX_DEPTH else f"is nested deeper than {MAX_DEPTH} levels"


def _depth(value: Any) -> int:
    """Return how deep lists and objects are nested; 0 for a plain value."""
    deepest, level = 0, [value]
    while level := [part for part in level if isinstance(part, dict | list)]:
        deepest += 1
        level = [
            child for part in level for child in (part.values() if isinstance(part, dict) else part)
        ]
    return deepest


_PROBLEMS = {
    "engine": _engine,
    "language": _language,
    "pages": _pages,
    "fallback": _switch,
    "force": _switch,
    SCHEMA: _fields_schema,
    "combine": _switch,
    "reference": _reference,
    "metadata": _metadata,
}
"""What is wrong with a field's value, as the end of a sentence; None where nothing is."""
