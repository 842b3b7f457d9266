"""Which values of an invoice are right, by the truth of a measuring case."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rapidfuzz import fuzz

POINTERS = {
    "invoice_number": "/invoice_number",
    "issue_date": "/issue_date",
    "due_date": "/due_date",
    "currency": "/currency",
    "seller_name": "/seller/name",
    "seller_tax_id": "/seller/tax_id",
    "buyer_name": "/buyer/name",
    "purchase_order": "/purchase_order_reference",
    "iban": "/payment/accounts/0/iban",
    "subtotal": "/totals/net",
    "total_tax": "/totals/tax",
    "total": "/totals/gross",
    "amount_due": "/totals/amount_due",
}
"""By the name of a field in the truth: where the invoice has it."""

_AMOUNTS = frozenset({"subtotal", "total_tax", "total", "amount_due"})
_NAMES = frozenset({"seller_name", "buyer_name"})
_ALIKE = 85.0
_SAME_ITEM = 60.0
_CENT = Decimal("0.005")
_PRICE = Decimal("0.0055")
_COUNT = Decimal("0.0005")


def judged(fields: Mapping[str, Any], invoice: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yield the pointer of each value that the truth knows, and whether it is right.

    `fields` are a case's (see docs/samples.md): a missing key is not known, null is none, of a list each is
    right. `invoice` is the result as JSON has it.
    """
    for name, pointer in POINTERS.items():
        value = _at(invoice, pointer)
        if name in fields and value is not None:
            yield pointer, any(_is(name, one, value) for one in _choices(fields[name]))
    if fields.get("lines"):
        yield from _lines(fields["lines"], invoice.get("lines") or [])


def _is(name: str, truth: Any, value: Any) -> bool:
    if truth is None:
        return False
    if name in _AMOUNTS:
        return _near(truth, value, _CENT)
    if name.endswith("_date"):
        return str(truth)[:10] == str(value)[:10]
    one, other = _plain(str(truth)), _plain(str(value))
    if name in _NAMES:
        return _is_name(one, other, str(truth), str(value))
    if name == "seller_tax_id":
        # the country before it may be left out
        return one == other or _bare(one) == _bare(other)
    return one == other


def _is_name(one: str, other: str, truth: str, value: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) >= 4 and short in long and len(long) <= 4 * len(short) + 20:
        return True
    return fuzz.token_sort_ratio(truth.casefold(), value.casefold()) >= _ALIKE


def _lines(truth: list[Any], lines: list[Any]) -> Iterator[tuple[str, bool]]:
    """Yield the values of the lines: each line is compared with the one of the truth that is most like it."""
    left = dict(enumerate(truth))
    pairs: dict[int, Any] = {}
    likeness = sorted(
        (
            (_alike(known, line), -abs(n - number), number, n)
            for n, known in left.items()
            for number, line in enumerate(lines)
        ),
        reverse=True,
    )
    for alike, _, number, n in likeness:
        if alike and n in left and number not in pairs:
            pairs[number] = left.pop(n)
    for number, line in enumerate(lines):
        known = pairs.get(number)
        place = f"/lines/{number}"
        amount = _amount(known, line)
        if amount is not None:
            yield f"{place}/{amount}", known is not None and _has_amount(known, line[amount])
        if line.get("description"):
            yield f"{place}/description", known is not None and _is_item(known, line)
        for name, tolerance in (("quantity", _COUNT), ("unit_price", _PRICE)):
            value = line.get(name)
            if value is not None and known is None:
                yield f"{place}/{name}", False
            elif value is not None and known is not None and known.get(name) is not None:
                yield f"{place}/{name}", _near(known[name], value, tolerance)


def _alike(known: Mapping[str, Any], line: Mapping[str, Any]) -> int:
    """Return 3 where amount and item are the same, 2 where the amount is, 1 where the item is, else 0."""
    name = _amount(known, line)
    has_amount = name is not None and _has_amount(known, line[name])
    return 2 * has_amount + _is_item(known, line)


def _amount(known: Mapping[str, Any] | None, line: Mapping[str, Any]) -> str | None:
    """Return which amount of a line is meant: the truth may have the one with tax."""
    named = [name for name in ("net_amount", "gross_amount") if line.get(name) is not None]
    right = [name for name in named if known is not None and _has_amount(known, line[name])]
    return next(iter([*right, *named]), None)


def _has_amount(known: Mapping[str, Any], value: Any) -> bool:
    told = [known.get("amount"), *(known.get("alt_amount") or [])]
    return any(_near(one, value, _CENT) for one in told)


def _is_item(known: Mapping[str, Any], line: Mapping[str, Any]) -> bool:
    one, other = (str(found.get("description") or "").casefold() for found in (known, line))
    if not one or not other:
        return False
    short, long = sorted((_plain(one), _plain(other)), key=len)
    return (len(short) >= 3 and short in long) or fuzz.token_set_ratio(one, other) >= _SAME_ITEM


def _near(truth: Any, value: Any, tolerance: Decimal) -> bool:
    try:
        return abs(Decimal(str(truth)) - Decimal(str(value))) < tolerance
    except InvalidOperation:
        return False


def _choices(truth: Any) -> list[Any]:
    return truth if isinstance(truth, list) else [truth]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in letters if c.isalnum())


def _bare(text: str) -> str:
    return re.sub(r"^[a-z]{2,3}(?=\d)", "", text)


def _at(invoice: Mapping[str, Any], pointer: str) -> Any:
    node: Any = invoice
    for part in pointer.split("/")[1:]:
        if isinstance(node, list):
            node = node[int(part)] if int(part) < len(node) else None
        else:
            node = node.get(part) if node else None
    return node
