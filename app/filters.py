"""Which documents are asked for, as the query of a URL says it."""

from datetime import date
from typing import Annotated, NamedTuple

from fastapi import Depends, Query, Request

from app.schemas import written
from app.submission import MAX_REFERENCE
from service.store.base import Filter, Status

MAX_QUESTION = 200
"""Characters of what is looked for."""

_NO_NUL = "^[^\\x00]*$"  # which PostgreSQL keeps nowhere
Day = Annotated[date, written(r"\d{4}-\d\d-\d\d")]
_NAMES = ("status", "needs_review", "duplicate", "from", "to", "reference", "seller", "q")


class Asked(NamedTuple):
    """What is asked for; `query` says it again in the URL of the next page."""

    filter: Filter
    query: dict[str, str]


async def get_filter(
    request: Request,
    status: Annotated[Status | None, Query(description="Only those in this state.")] = None,
    needs_review: Annotated[
        bool | None, Query(description="Only those that a person has to look at, or need not.")
    ] = None,
    duplicate: Annotated[
        bool | None, Query(description="Only those that are a duplicate of another, or of none.")
    ] = None,
    since: Annotated[
        Day | None, Query(alias="from", description="Received on this day (UTC) or after it.")
    ] = None,
    until: Annotated[
        Day | None, Query(alias="to", description="Received on this day (UTC) or before it.")
    ] = None,
    reference: Annotated[
        str | None,
        Query(max_length=MAX_REFERENCE, pattern=_NO_NUL, description="Sent with this reference."),
    ] = None,
    seller: Annotated[
        str,
        Query(
            max_length=MAX_QUESTION,
            description="Words of the seller's name, or its tax id; of each the beginning will do.",
        ),
    ] = "",
    q: Annotated[
        str,
        Query(
            max_length=MAX_QUESTION,
            description="Words that stand in the document: number, seller, buyer, any text of its pages; "
            "of each the beginning will do. Case and accents do not count.",
        ),
    ] = "",
) -> Asked:
    """Return which documents are asked for."""
    asked = Filter(
        status=status,
        needs_review=needs_review,
        duplicate=duplicate,
        since=since,
        until=until,
        reference=reference,
        seller=seller,
        text=q,
    )
    return Asked(
        asked, {name: request.query_params[name] for name in _NAMES if name in request.query_params}
    )


FilterDep = Annotated[Asked, Depends(get_filter)]
