"""The order of the list: by the time of receipt, or by what the first invoice of a document says.

What is sorted by stands in columns of the row, written with the result. A page goes on behind a place, and so
shows nothing twice while new documents come in.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row, Select, tuple_

from service.store import search
from service.store.base import Sort
from service.store.tables import SELLER, jobs

RECEIVED: frozenset[Sort] = frozenset({"received", "-received"})
"""The orders by the time of receipt; in the others documents without the value come last."""

_COLUMNS = {"date": jobs.c.issue_date, "seller": jobs.c.seller, "total": jobs.c.total}
_ID = re.compile(r"[0-9a-f]{32}")

NAMES = tuple(column.name for column in _COLUMNS.values())
"""The columns that are sorted by; None where nothing was read."""


class Place(NamedTuple):
    """Where a document stands in an order; `value` is what it is sorted by, None where it has none."""

    value: date | str | float | None
    created_at: datetime
    job_id: str


class _Party(msgspec.Struct):
    name: str | None = None


class _Totals(msgspec.Struct):
    gross: Decimal | None = None


class _Result(msgspec.Struct):
    issue_date: date | None = None
    seller: _Party | None = None
    totals: _Totals | None = None


class _Invoice(msgspec.Struct):
    result: _Result = msgspec.field(default_factory=_Result)


class _Extraction(msgspec.Struct):
    invoices: list[_Invoice] = []


_extraction = msgspec.json.Decoder(_Extraction)


def keys(extraction: str) -> dict[str, Any]:
    """Return what a document is sorted by, for the columns: the first invoice's, as its row in the inbox tells.

    Sellers are sorted without case and accents, totals by their number, in whichever currency.
    """
    invoices = _extraction.decode(extraction).invoices
    first = invoices[0].result if invoices else _Result()
    name = (first.seller and first.seller.name) or ""
    gross = first.totals.gross if first.totals else None
    return {
        "issue_date": first.issue_date,
        "seller": " ".join(search.words(name[: 4 * SELLER]))[:SELLER] or None,
        "total": None if gross is None else float(gross),
    }


def parts(query: Select[Any], sort: Sort, after: Place | None) -> Iterator[Select[Any]]:
    """Yield the query in the order, behind a place; what the second finds follows what the first finds."""
    column, received = _COLUMNS.get(sort.lstrip("-")), (jobs.c.created_at, jobs.c.id)
    if column is None:
        yield _behind(query, received, after[1:] if after else None, falls=sort.startswith("-"))
        return
    # apart, so that each is read from the index as it lies there: databases do not agree where NULL stands
    if after is None or after.value is not None:
        some = query.where(column.is_not(None))
        yield _behind(some, (column, *received), after, falls=sort.startswith("-"))
        after = None
    rest = query.where(column.is_(None)).order_by(column.desc())  # as the index has it
    yield _behind(rest, received, after[1:] if after else None, falls=True)


def _behind(
    query: Select[Any], columns: tuple[Any, ...], after: tuple[Any, ...] | None, *, falls: bool
) -> Select[Any]:
    query = query.order_by(*(by.desc() if falls else by.asc() for by in columns))
    if after is None:
        return query
    place, last = tuple_(*columns), tuple_(*after)
    return query.where(place < last if falls else place > last)


def cursor(row: Row[Any], sort: Sort) -> str:
    """Return what a page behind the row is asked for by."""
    place = [row.created_at.timestamp(), row.id]
    if sort not in RECEIVED:
        value = getattr(row, _COLUMNS[sort.lstrip("-")].name)
        place = [sort, value.isoformat() if isinstance(value, date) else value, *place]
    plain = json.dumps(place, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def place_of(cursor: str, sort: Sort) -> Place:
    """Return the place that a cursor stands for; raises ValueError for one that this order did not give."""
    try:
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        *found, stamp, job_id = json.loads(plain)
        if _ID.fullmatch(job_id):
            value = None if sort in RECEIVED and not found else _value(found, sort)
            return Place(value, datetime.fromtimestamp(stamp, UTC), job_id)
    except (ValueError, TypeError, OverflowError, OSError, RecursionError):
        pass
    raise ValueError("not a cursor of this list")


def _value(found: list[Any], sort: Sort) -> date | str | float | None:
    """Return what a cursor's document is sorted by; raises ValueError or TypeError for one of another order."""
    given, value = found
    if given != sort or sort in RECEIVED:
        raise ValueError("another order")
    return None if value is None else _VALUES[sort.lstrip("-")](value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:  # which PostgreSQL keeps nowhere
        raise ValueError("no text")
    value.encode()  # half a character is none
    return value


_VALUES: Mapping[str, Any] = {"date": date.fromisoformat, "seller": _text, "total": float}
