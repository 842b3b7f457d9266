"""An invoice that a person corrected: what the machine read of it still has its proof, the rest is the person's word."""

import json
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from invoice_extraction.model.extraction import Check, Evidence, ExtractedInvoice
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.validate import RULES, check
from invoice_extraction.validate.base import Context
from invoice_extraction.validate.confidence import regrade, review_reasons

PERSON = Evidence(origin="person", confidence=1.0, level="high")


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A plain value of the corrected invoice; `read_at` is where the machine read the same, else None."""

    pointer: str
    read_at: str | None


_MOST_PAIRS = 10_000
"""Items of a list that are compared each with each; of more that changed, each is the one that stood there."""

NOWHERE: Mapping[str, Evidence] = {}


def corrected(
    read: ExtractedInvoice,
    result: Invoice,
    *,
    places: Mapping[str, Evidence] = NOWHERE,
    today: date | None = None,
    threshold: float,
) -> ExtractedInvoice:
    """Return the invoice as a person says it is, checked anew; `read` is how the machine read it.

    A value that is as it was read keeps its evidence, in a list wherever it stands now; any other has the
    origin "person". `places` is the evidence of values of which a person said where they stand. Checks of the rules are made again; others that were brought along stay, unless they failed
    for fields that the person changed. `today` and `threshold` are as for `validate`.
    """
    before, after = read.result.model_dump(mode="json"), result.model_dump(mode="json")
    leaves = list(_leaves(before, after, "", ""))
    kept = {leaf.read_at for leaf in leaves if leaf.read_at is not None}
    changed = {leaf.pointer for leaf in leaves if leaf.read_at is None}
    changed.update(pointer for pointer in read.evidence if pointer not in kept)
    evidence = {}
    for leaf in leaves:
        if leaf.read_at is None:
            evidence[leaf.pointer] = PERSON
        elif leaf.read_at in read.evidence:
            evidence[leaf.pointer] = read.evidence[leaf.read_at]
    evidence |= places
    invoice = read.model_copy(
        update={
            "result": result,
            "evidence": evidence,
            "checks": [
                one for one in read.checks if one.id not in RULES and not _is_settled(one, changed)
            ],
        }
    )
    made = check(invoice, Context(today) if today else Context())
    invoice = invoice.model_copy(update={"checks": [*invoice.checks, *made]})
    failed = {field for one in read.checks if one.status == "fail" for field in one.fields}
    doubted = {leaf.pointer for leaf in leaves if leaf.read_at in failed}
    graded = regrade(invoice, doubted)
    reasons = review_reasons(invoice, graded, threshold)
    return invoice.model_copy(
        update={"evidence": graded, "needs_review": bool(reasons), "review_reasons": reasons}
    )


def placed(before: ExtractedInvoice, result: Invoice) -> dict[str, Evidence]:
    """Return the evidence of values of which a person said where they stand, by their pointers in `result`.

    In a list it is wherever the value stands now; a value that is another one than in `before` has no place.
    """
    said = {at: one for at, one in before.evidence.items() if one.origin == "person" and one.boxes}
    if not said:
        return {}
    old, new = before.result.model_dump(mode="json"), result.model_dump(mode="json")
    leaves = _leaves(old, new, "", "")
    return {leaf.pointer: said[leaf.read_at] for leaf in leaves if leaf.read_at in said}


def pointers(result: Invoice) -> set[str]:
    """Return where an invoice says something: the pointers of its plain values."""
    return {leaf.pointer for leaf in _leaves(None, result.model_dump(mode="json"), None, "")}


def items(old: Any, new: Any, read_at: str = "", at: str = "") -> Iterator[tuple[str, str | None]]:
    """Yield the pointer of each item of a list within `new`, and where it stood in `old`; None for a new one.

    Both are JSON as an invoice is told, at these pointers.
    """
    if isinstance(new, dict):
        known = old if isinstance(old, dict) else {}
        for name, value in new.items():
            step = "/" + name.replace("~", "~0").replace("/", "~1")
            yield from items(known.get(name), value, read_at + step, at + step)
    elif isinstance(new, list):
        before = old if isinstance(old, list) else []
        for n, (value, place) in enumerate(zip(new, _places(before, new), strict=True)):
            stood = None if place is None else f"{read_at}/{place}"
            yield f"{at}/{n}", stood
            if stood is not None and place is not None:
                yield from items(before[place], value, stood, f"{at}/{n}")


def _is_settled(one: Check, changed: set[str]) -> bool:
    """Return whether a check failed for fields that the person changed, all of them."""
    return (
        one.status == "fail"
        and bool(one.fields)
        and all(
            any(pointer == field or pointer.startswith(f"{field}/") for pointer in changed)
            for field in one.fields
        )
    )


def _leaves(old: Any, new: Any, read_at: str | None, at: str) -> Iterator[_Leaf]:
    """Yield the plain values of `new`, which stands at the pointer `at`; nulls are none.

    `old` is what was read at `read_at`, None where nothing of it was.
    """
    if isinstance(new, dict):
        known = old if isinstance(old, dict) else {}
        for name, value in new.items():
            step = "/" + name.replace("~", "~0").replace("/", "~1")
            place = read_at + step if read_at is not None and name in known else None
            yield from _leaves(known.get(name), value, place, at + step)
    elif isinstance(new, list):
        items = old if isinstance(old, list) else []
        for n, (value, place) in enumerate(zip(new, _places(items, new), strict=True)):
            known_at = f"{read_at}/{place}" if read_at is not None and place is not None else None
            yield from _leaves(
                None if place is None else items[place], value, known_at, f"{at}/{n}"
            )
    elif new is not None:
        # not by value alone: 1 and true are equal in Python
        same = read_at is not None and type(old) is type(new) and old == new
        yield _Leaf(at, read_at if same else None)


def _places(old: list[Any], new: list[Any]) -> list[int | None]:
    """Return for each new item where it stood before; None for one that is new.

    An item that is the same is found wherever it stood. Another is the one that is left and most like it:
    in its place with whatever it has in common, elsewhere with half of its values.
    """
    free: dict[str, deque[int]] = defaultdict(deque)
    for n, item in enumerate(old):
        free[_key(item)].append(n)
    found: list[int | None] = [None] * len(new)
    for n in range(min(len(old), len(new))):
        if old[n] == new[n]:
            free[_key(new[n])].remove(n)
            found[n] = n
    for n, item in enumerate(new):
        if found[n] is None and (places := free[_key(item)]):
            found[n] = places.popleft()
    left = {place for places in free.values() for place in places}
    changed = [n for n, place in enumerate(found) if place is None]
    few = len(changed) * len(left) <= _MOST_PAIRS
    was = {place: _values(old[place]) for place in left} if few else {}
    alike = []
    for n in changed:
        values = _values(new[n])
        for place in left if few else left & {n}:
            same = len(values & was[place]) if few else 0
            if place == n or 0 < len(values) <= 2 * same:
                alike.append((-same, abs(place - n), n, place))
    for _, _, n, place in sorted(alike):
        if found[n] is None and place in left:
            found[n] = place
            left.remove(place)
    return found


def _values(item: Any) -> set[tuple[str, str]]:
    """Return what an item says, by name; nulls are nothing."""
    named = item.items() if isinstance(item, dict) else [("", item)]
    return {(name, _key(value)) for name, value in named if value is not None}


def _key(item: Any) -> str:
    return json.dumps(item, sort_keys=True)
