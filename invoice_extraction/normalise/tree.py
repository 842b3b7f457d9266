"""Values by their pointers become an invoice: dicts and lists without gaps, and what of them misfits."""

import re
from typing import Any

from pydantic import ValidationError

from invoice_extraction.model.invoice import Invoice

_INDEX = re.compile(r"/(\d+)(?=/|$)")


def arranged(values: dict[str, object]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values with indexes from 0 on without gaps, and a map from new pointers to old ones.

    A gap comes of a value that was left out or of an engine that left one.
    """
    seen: dict[str, set[int]] = {}
    for pointer in values:
        for match in _INDEX.finditer(pointer):
            seen.setdefault(pointer[: match.start()], set()).add(int(match[1]))
    ranks = {p: {old: str(new) for new, old in enumerate(sorted(i))} for p, i in seen.items()}
    arranged: dict[str, object] = {}
    moved: dict[str, str] = {}
    for pointer in sorted(values, key=_position):
        parts = pointer.split("/")
        new = [
            ranks["/".join(parts[:n])][int(part)] if part.isdecimal() else part
            for n, part in enumerate(parts)
        ]
        renamed = "/".join(new)
        arranged[renamed] = values[pointer]
        if renamed != pointer:
            moved[renamed] = pointer
    return arranged, moved


def nested(values: dict[str, object], *, gaps: bool = False) -> dict[str, Any] | None:
    """Return the values of pointers as dicts and lists.

    None where an index is not the next one of its list, unless that does not matter (`gaps`).
    """
    root: dict[str, Any] = {}
    nodes: dict[str, Any] = {"": root}
    for pointer, value in values.items():
        parent, _, name = pointer.rpartition("/")
        node = nodes.get(parent)
        if node is None:
            node = _node(parent, nodes, name, gaps=gaps)
        if isinstance(node, dict):
            node[name.replace("~1", "/").replace("~0", "~") if "~" in name else name] = value
        elif node is not None and (gaps or name == str(len(node))):
            node.append(value)
        else:
            return None
    return root


def _node(pointer: str, nodes: dict[str, Any], child: str, *, gaps: bool) -> Any:
    """Return the dict or list at a pointer, made with its parents where it is new; None as `nested`."""
    node: Any = [] if child.isdecimal() else {}
    parent, _, name = pointer.rpartition("/")
    above = nodes.get(parent)
    if above is None:
        above = _node(parent, nodes, name, gaps=gaps)
    if isinstance(above, dict):
        above[name] = node
    elif above is not None and (gaps or name == str(len(above))):
        above.append(node)
    else:
        return None
    nodes[pointer] = node
    return node


def shared(invoice: Invoice) -> Invoice:
    """Return the invoice, whose lines now share the sets of their fields' names: 0.7 kB for each line."""
    sets: dict[frozenset[str], set[str]] = {}
    for line in invoice.lines:
        names = line.model_fields_set
        shared = sets.setdefault(frozenset(names), names)
        object.__setattr__(line, "__pydantic_fields_set__", shared)  # pydantic's own is slow
    return invoice


def _position(pointer: str) -> list[tuple[int, str]]:
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pointer.split("/")]


def wrong_pointers(error: ValidationError, values: dict[str, object]) -> set[str]:
    """Return the pointers of the values that a validation refused, and of what hangs on them."""
    wrong: set[str] = set()
    for one in error.errors(include_url=False, include_input=False):
        pointer = "".join(f"/{part}" for part in one["loc"])
        if pointer in values:
            wrong.add(pointer)
            continue
        # A missing part (an identifier's value), or something that is no leaf: the whole goes.
        while pointer:
            below = {p for p in values if p.startswith(pointer + "/")}
            if below:
                wrong |= below
                break
            pointer = pointer.rpartition("/")[0]
    return wrong
