"""Two readings of one document: which of them fits better, and where two engines agree."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from invoice_extraction.model.extraction import Check, Evidence, ExtractedInvoice, level_of
from invoice_extraction.model.invoice import decimal_text
from invoice_extraction.validate.confidence import (
    DOUBT_LEFT_BY_A_SUM,
    FAILED_AT_MOST,
    PROVABLE,
    review_reasons,
)

_TELLING = PROVABLE | {"not_found_on_page"}
_MATTER = frozenset(
    {"/invoice_number", "/seller/name", "/totals/gross", "/payment/accounts/0/iban"}
)
_NAMES = frozenset({"/seller/name", "/buyer/name"})
_HEADER = re.compile(
    r"/(?:invoice_number|issue_date|due_date|currency|purchase_order_reference)|/totals/\w+"
    r"|/(?:seller|buyer)/(?:name|tax_id)|/payment/accounts/0/iban"
)
_ROWS = re.compile(
    r"/lines/\d+/(?:quantity|unit_price|net_amount|gross_amount|tax_rate)"
    r"|/taxes/\d+/(?:rate|taxable_amount|tax_amount)"
)
_NOT_PLAIN = re.compile(r"[\W_]+")


def agreed(
    invoices: Sequence[ExtractedInvoice],
    others: Sequence[ExtractedInvoice],
    *,
    threshold: float,
) -> list[ExtractedInvoice]:
    """Return the invoices, each compared with the one of `others` that is the same invoice.

    What both read is more certain, what they read differently is doubtful and told with both values;
    no value changes. An invoice that the other engine did not read stays as it is.
    """
    return [
        invoice if other is None else _compared(invoice, other, threshold)
        for invoice, other in _pairs(invoices, others)
    ]


def misfits(invoices: Iterable[ExtractedInvoice]) -> list[str]:
    """Return, in sentences, which sums and check digits fail."""
    return [
        check.message
        for one in invoices
        for check in one.checks
        if check.status == "fail" and check.id in PROVABLE
    ]


def is_doubtful(invoices: Iterable[ExtractedInvoice]) -> bool:
    """Return whether sums or check digits fail, or what matters most stands on no page."""
    return any(
        check.id in PROVABLE or not _MATTER.isdisjoint(check.fields)
        for one in invoices
        for check in one.checks
        if check.status == "fail" and check.id in _TELLING
    )


def fits_better(second: Sequence[ExtractedInvoice], first: Sequence[ExtractedInvoice]) -> bool:
    """Return whether fewer values of `second` are in doubt, and more pass sums and check digits.

    In doubt is what fails those, or stands on no page. Fewer alone could be had by leaving values out.
    """
    return _count(second, _TELLING, "fail") < _count(first, _TELLING, "fail") and (
        _count(second, PROVABLE, "pass") > _count(first, PROVABLE, "pass")
    )


def _count(invoices: Iterable[ExtractedInvoice], ids: Set[str], status: str) -> int:
    """Return how many values are told with this status by these checks."""
    return sum(
        len(check.fields) or 1
        for one in invoices
        for check in one.checks
        if check.status == status and check.id in ids
    )


def _pairs(
    invoices: Sequence[ExtractedInvoice], others: Sequence[ExtractedInvoice]
) -> Iterable[tuple[ExtractedInvoice, ExtractedInvoice | None]]:
    if len(invoices) == len(others) == 1:
        return [(invoices[0], others[0])]
    known = {_plain(one.result.invoice_number or ""): one for one in reversed(others)}
    known.pop("", None)
    return [(one, known.get(_plain(one.result.invoice_number or ""))) for one in invoices]


def _compared(
    invoice: ExtractedInvoice, other: ExtractedInvoice, threshold: float
) -> ExtractedInvoice:
    same: list[str] = []
    checks = list(invoice.checks)
    evidence = dict(invoice.evidence)
    failed = {p for check in invoice.checks if check.status == "fail" for p in check.fields}
    mine, theirs = invoice.result.model_dump(), other.result.model_dump()
    for pointer in evidence.keys() & other.evidence.keys():
        if not _is_compared(pointer, invoice, other):
            continue
        value, told = _value(mine, pointer), _value(theirs, pointer)
        confidence = evidence[pointer].confidence
        if _is_same(value, told, loose=pointer in _NAMES):
            same.append(pointer)
            if pointer not in failed:
                confidence = 1 - (1 - confidence) * DOUBT_LEFT_BY_A_SUM
            passed = (*evidence[pointer].checks, "engines_disagree")
            evidence[pointer] = replace(evidence[pointer], checks=passed)
        else:
            confidence = min(confidence, FAILED_AT_MOST)
            checks.append(_disagreement(pointer, value, told))
        evidence[pointer] = _with_confidence(evidence[pointer], round(confidence, 4))
    if same:
        message = "Model and local engine read the same."
        checks.append(
            Check(id="engines_disagree", status="pass", fields=sorted(same), message=message)
        )
    compared = invoice.model_copy(update={"checks": checks, "evidence": evidence})
    reasons = review_reasons(compared, evidence, threshold)
    return compared.model_copy(update={"needs_review": bool(reasons), "review_reasons": reasons})


def _is_compared(pointer: str, invoice: ExtractedInvoice, other: ExtractedInvoice) -> bool:
    """Return whether a pointer means the same in both; rows only where both have as many."""
    if _HEADER.fullmatch(pointer):
        return True
    name = pointer.split("/")[1]
    same_rows = len(getattr(invoice.result, name, ())) == len(getattr(other.result, name, ()))
    return bool(_ROWS.fullmatch(pointer)) and same_rows


def _disagreement(pointer: str, value: object, told: object) -> Check:
    return Check(
        id="engines_disagree",
        status="fail",
        fields=[pointer],
        expected=_text(told),
        found=_text(value),
        message=f"For {pointer} the model read “{_text(value)}”, the local engine “{_text(told)}”.",
    )


def _is_same(value: object, told: object, *, loose: bool) -> bool:
    """Return whether two values agree; `loose` for names, which are read with more or less around them."""
    if isinstance(value, str) and isinstance(told, str):
        one, two = sorted((_plain(value), _plain(told)), key=len)
        return one == two or (loose and len(one) > 3 and one in two)
    return value == told


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("", text).casefold()


def _value(found: Any, pointer: str) -> object:
    for part in pointer.split("/")[1:]:
        found = found[int(part)] if isinstance(found, list) else found[part]
    value: object = found
    return value


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return decimal_text(value)
    return value.isoformat() if isinstance(value, date) else str(value)[:200]


def _with_confidence(evidence: Evidence, confidence: float) -> Evidence:
    return replace(evidence, confidence=confidence, level=level_of(confidence))
