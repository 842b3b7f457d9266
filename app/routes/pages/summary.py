"""What a row of the inbox tells of a document that was read, and which documents its chips ask for."""

import re
from decimal import Decimal

import msgspec

from service.store.base import Filter, Job

SHOWN: dict[str, Filter] = {
    "all": Filter(),
    "look": Filter(status="SUCCESS", needs_review=True),
    "done": Filter(status="SUCCESS", needs_review=False),
    "failed": Filter(status="FAILURE"),
    "duplicates": Filter(duplicate=True),
}
"""What each chip asks for, by its name in the address."""

EXPORTED: dict[str, str] = {
    "all": "",
    "look": "needs_review=true",
    "done": "needs_review=false",
    "duplicates": "duplicate=true",
}
"""The same for /v1/export; what failed has nothing to export."""


class Summary(msgspec.Struct, frozen=True):
    """The first invoice of a document in a line; None where it was not found.

    `sound`: every check passed. `reasons`: why a person should look, of all its invoices; without those that
    name another document, to which the row has a link. `page`: the first that can be looked at.
    """

    seller: str | None
    number: str | None
    date: str | None
    total: Decimal | None
    currency: str | None
    invoices: int
    sound: bool
    reasons: list[str]
    page: int | None


class _Party(msgspec.Struct):
    name: str | None = None


class _Totals(msgspec.Struct):
    gross: Decimal | None = None


class _Result(msgspec.Struct):
    invoice_number: str | None = None
    issue_date: str | None = None
    currency: str | None = None
    seller: _Party | None = None
    totals: _Totals | None = None


class _Check(msgspec.Struct):
    status: str = ""


class _Invoice(msgspec.Struct):
    result: _Result = msgspec.field(default_factory=_Result)
    checks: list[_Check] = []
    review_reasons: list[str] = []


class _Page(msgspec.Struct):
    number: int
    status: str = ""


class _Extraction(msgspec.Struct):
    invoices: list[_Invoice] = []
    pages: list[_Page] = []


_TASK = re.compile(r"\b[0-9a-f]{32}\b")
_extraction = msgspec.json.Decoder(_Extraction)


def summary_of(job: Job) -> Summary | None:
    """Return what the row tells of the document; None where nothing was read."""
    if job.extraction is None:
        return None
    extraction = _extraction.decode(job.extraction)
    invoices = extraction.invoices
    if not invoices:
        return None
    first = invoices[0].result
    failed = any(check.status == "fail" for invoice in invoices for check in invoice.checks)
    return Summary(
        seller=first.seller.name if first.seller else None,
        number=first.invoice_number,
        date=first.issue_date,
        total=first.totals.gross if first.totals else None,
        currency=first.currency,
        invoices=len(invoices),
        sound=not (job.needs_review or failed),
        reasons=[
            reason
            for invoice in invoices
            for reason in invoice.review_reasons
            if not _TASK.search(reason)
        ],
        page=next((page.number for page in extraction.pages if page.status != "unreadable"), None),
    )
