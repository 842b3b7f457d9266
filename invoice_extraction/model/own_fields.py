"""A caller's own fields: which JSON Schemas are taken, what each place holds, whether values fit.

The schema is an object whose properties are texts, numbers, truths, or objects and lists of those,
three levels deep at most. Patterns and references are not taken: the one can keep a processor busy
for ever, the other can point at a network.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from invoice_extraction.errors import OptionError

OwnKind = Literal["text", "quantity", "integer", "date", "bool"]

MAX_SCHEMA = 16_000
"""Characters of the schema as JSON."""
MAX_FIELDS = 50
MAX_DEPTH = 3

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_ANYWHERE = frozenset({"type", "title", "description"})
_KEYWORDS: dict[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"enum", "format", "minLength", "maxLength"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "boolean": frozenset(),
}
_OWN_KINDS: dict[str, OwnKind] = {
    "string": "text",
    "number": "quantity",
    "integer": "integer",
    "boolean": "bool",
}


def check_fields_schema(schema: Mapping[str, Any]) -> None:
    """Check that a schema of own fields can be read by.

    Raises:
        OptionError: It is no valid JSON Schema, or not as shallow as is taken here.
    """
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        size = len(json.dumps(schema, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise OptionError("`fields_schema` is no JSON.") from None
    if size > MAX_SCHEMA:
        raise OptionError(f"`fields_schema` has more than {MAX_SCHEMA:,} characters.")
    if not isinstance(schema, Mapping) or type_of(schema) != "object":
        raise OptionError('`fields_schema` has to be a JSON Schema of "type": "object".')
    plain = {key: value for key, value in schema.items() if key != "$schema"}
    names = list(_checked(plain, "", MAX_DEPTH))
    if not names:
        raise OptionError("`fields_schema` names no property.")
    if len(names) > MAX_FIELDS:
        raise OptionError(f"`fields_schema` names more than {MAX_FIELDS} properties.")
    try:
        Draft202012Validator.check_schema(plain)
    except SchemaError as exc:
        at = "/".join(map(str, exc.absolute_path)) or "its top"
        raise OptionError(f"`fields_schema` is no valid JSON Schema at {at[:80]}.") from None


def type_of(schema: Mapping[str, Any]) -> str | None:
    """Return the one type of a schema, null beside it not counted; None where there is not one."""
    told = schema.get("type")
    types = told if isinstance(told, list) else [told]
    found = [one for one in types if one != "null"]
    return found[0] if len(found) == 1 and isinstance(found[0], str) else None


def kind_at(schema: Mapping[str, Any], pointer: str) -> OwnKind | None:
    """Return what kind of value stands at a pointer below /custom; None where none does."""
    found: Any = schema
    for part in pointer.split("/")[2:]:
        within = found.get("properties", {}).get(part)
        found = found.get("items") if within is None and part.isdigit() else within
        if not isinstance(found, Mapping):
            return None
    kind = _OWN_KINDS.get(type_of(found) or "")
    return "date" if kind == "text" and found.get("format") == "date" else kind


def misfits(schema: Mapping[str, Any], custom: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return where own values do not fit their schema: a pointer below /custom, and what is wrong.

    What is missing is told at the object that lacks it.
    """
    from jsonschema import Draft202012Validator, FormatChecker

    plain = {key: value for key, value in schema.items() if key != "$schema"}
    checker = Draft202012Validator(plain, format_checker=FormatChecker(["date"]))
    return [
        ("/custom" + "".join(f"/{part}" for part in error.absolute_path), error.message[:200])
        for error in checker.iter_errors(custom)
    ]


def _checked(schema: Mapping[str, Any], at: str, depth: int) -> Iterator[str]:
    """Yield the path of each property, having checked what is said of it."""
    where = at or "its top"
    kind = type_of(schema)
    if kind not in _KEYWORDS:
        raise OptionError(
            f"`fields_schema` at {where}: `type` has to be one of {', '.join(_KEYWORDS)}."
        )
    if unknown := sorted(map(str, schema.keys() - _ANYWHERE - _KEYWORDS[kind])):
        raise OptionError(f"`fields_schema` at {where}: {unknown[0][:40]!r} is not taken here.")
    if depth == 0 and kind in ("object", "array"):
        raise OptionError(f"`fields_schema` at {where}: it is more than {MAX_DEPTH} levels deep.")
    if kind == "object":
        properties = schema.get("properties")
        if not isinstance(properties, Mapping) or not properties:
            raise OptionError(f"`fields_schema` at {where}: an object needs `properties`.")
        for name, within in properties.items():
            if not _NAME.fullmatch(name):
                raise OptionError(
                    f"`fields_schema` at {where}: a name is letters, digits and _, 64 at most."
                )
            path = f"{at}/{name}"
            yield path
            yield from _checked(_object(within, path), path, depth - 1)
    elif kind == "array":
        yield from _checked(_object(schema.get("items"), f"{at}/items"), f"{at}/items", depth - 1)
    elif not _are_texts(schema.get("enum", [])):
        raise OptionError(f"`fields_schema` at {where}: an `enum` is a list of texts.")


def _are_texts(found: object) -> bool:
    return isinstance(found, list) and all(isinstance(one, str) for one in found)


def _object(found: object, at: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise OptionError(f"`fields_schema` at {at}: a schema has to stand there.")
    return found
