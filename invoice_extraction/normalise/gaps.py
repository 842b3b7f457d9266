"""What an e-invoice leaves out is filled from another reading; what it says is never replaced."""

import re
from collections.abc import Iterator
from typing import Any

from invoice_extraction.model.extraction import Check, Evidence, ExtractedInvoice
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.normalise import not_found
from invoice_extraction.normalise.signs import signed_like

__all__ = ["filled", "lacks_lines"]

_LISTS = re.compile(
    r"/(?:lines|taxes|allowances|charges|notes|preceding_invoices"
    r"|payment/(?:accounts|instalments)|(?:seller|buyer|payee|delivery_party)/identifiers)(?=/)"
)
"""Lists that are one source's or the other's: their items cannot be told to be the same."""

_ADDRESS = re.compile(r"/(?:seller|buyer|payee|delivery_party)/address(?=/)")
"""A part of an address says nothing without the others, so it is taken whole where only the country
is known."""


def lacks_lines(invoice: ExtractedInvoice) -> bool:
    """Return whether nothing is said of what is billed, as in the profiles MINIMUM and BASIC WL."""
    return not invoice.result.lines


def filled(stated: ExtractedInvoice, other: ExtractedInvoice) -> tuple[ExtractedInvoice, list[str]]:
    """Return the invoice with the values that only `other` has, each with its evidence, and which.

    Both are of one document and not validated yet. Of `other`'s checks those stay that are about what
    was taken from it, or about what it could not read.
    """
    taken = [
        p for p in other.evidence if _is_missing(p, stated) and not _is_total(p, stated, other)
    ]
    tree = stated.result.model_dump()
    signed = signed_like(other.result, stated.result, other.evidence.keys())
    source = signed.model_dump()
    for pointer in taken:
        _put(tree, pointer, _at(source, pointer))
    turned = signed is not other.result  # back to what is printed
    told = [c for c in other.checks if not (turned and c.id == "sign_normalised")]
    merged = stated.model_copy(
        update={
            "result": Invoice.model_validate(tree),
            "evidence": {**stated.evidence, **{p: other.evidence[p] for p in taken}},
            "checks": [*stated.checks, *_about(told, {*taken, "/lines"})],
        }
    )
    return merged, taken


def _about(checks: list[Check], taken: set[str]) -> Iterator[Check]:
    """Yield the checks that are about values that were taken, as far as they are."""
    for check in checks:
        fields = [pointer for pointer in check.fields if pointer in taken]
        if fields and check.id == "not_found_on_page":
            yield not_found(fields)
        elif fields:
            yield check.model_copy(update={"fields": fields})


def _is_missing(pointer: str, stated: ExtractedInvoice) -> bool:
    """Return whether the invoice says nothing at a pointer, or nothing of the list it belongs to."""
    if pointer in stated.evidence:
        return False
    group = _LISTS.match(pointer)
    if group is not None:
        return not any(known.startswith(group[0] + "/") for known in stated.evidence)
    address = _ADDRESS.match(pointer)
    if address is not None:
        parts = {p for p in stated.evidence if p.startswith(address[0] + "/")}
        return parts <= {f"{address[0]}/country"}
    return True


def _is_total(pointer: str, stated: ExtractedInvoice, other: ExtractedInvoice) -> bool:
    """Return whether a line is a sum that was taken for an item: it stands where a total does."""
    if not pointer.startswith(("/lines/", "/prices_include_tax")):
        return False
    totals = [
        evidence
        for one in (stated, other)
        for name, evidence in one.evidence.items()
        if name.startswith("/totals/")
    ]
    return any(
        _is_at(amount, total)
        for name, amount in other.evidence.items()
        if re.fullmatch(r"/lines/\d+/(?:net|gross)_amount", name)
        for total in totals
    )


def _is_at(one: Evidence, other: Evidence) -> bool:
    if one.page is None or one.page != other.page or not one.boxes or not other.boxes:
        return False
    (x0, y0, x1, y1), (a, b, c, d) = one.boxes[0], other.boxes[0]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return a <= x <= c and b <= y <= d


def _at(tree: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        tree = tree[int(part)] if isinstance(tree, list) else tree[part]
    return tree


def _put(tree: dict[str, Any], pointer: str, value: Any) -> None:
    """Set a value; lists are filled from their beginning, as `normalise` orders its pointers."""
    node: Any = tree
    parts = pointer.split("/")[1:]
    for part, following in zip(parts, [*parts[1:], ""], strict=True):
        last = not following
        child: Any = value if last else [] if following.isdigit() else {}
        if isinstance(node, list):
            if int(part) == len(node):
                node.append(child)
            node = node[int(part)]
        else:
            if last or node.get(part) is None:
                node[part] = child
            node = node[part]
