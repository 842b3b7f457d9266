"""Confidence: what a value is worth after the checks it took part in, and what a person must see.

The rules, in their order; the engine's or the search's own confidence is where each begins:

* read from an e-invoice: as it is, 0.7 when a check fails that the value is part of
* a sum that fits takes away 70 % of the doubt, for two sums at most
* right check digits leave a doubt of 0.03 at most
* a failed check leaves a confidence of 0.5 at most
* a model's word that stands on no page is worth 0.4 at most

What the local engine read has instead, for the fields that it was measured on, the confidence that was
fitted on documents whose truth is known (`fitted`). A failed check leaves 0.5 of that too; where sums alone
fail 0.85, as they tell that one of their values is wrong and not which.
"""

from collections.abc import Sequence, Set
from dataclasses import replace

from invoice_extraction.model.document import Page
from invoice_extraction.model.extraction import Evidence, ExtractedInvoice, level_of
from invoice_extraction.validate import fitted
from invoice_extraction.validate.base import SUMS

CHECK_DIGITS = frozenset(["iban_check_digits", "tax_id_check_digits", "gtin_check_digit"])
PROVABLE = SUMS | CHECK_DIGITS
"""Checks that a right reading of a right invoice passes, and a misread one does not."""

XML_DOUBTED = 0.7
DOUBT_LEFT_BY_A_SUM = 0.3
SUMS_COUNTED = 2
CHECK_DIGITS_RIGHT = 0.97
FAILED_AT_MOST = 0.5
SUM_FAILED_AT_MOST = 0.85
"""Never "high", and below what is accepted unseen; of fitted values that fail a sum alone most are right."""
UNSEEN_AT_MOST = 0.4

REVIEWED = 0.8
"""The confidence under which a field that matters needs a person, where none was fitted or asked for."""

REASONS = 20
"""How many failed checks a person is told of; all of them stand among the checks."""

MATTER = {
    "/invoice_number": "invoice number",
    "/issue_date": "issue date",
    "/currency": "currency",
    "/seller/name": "seller's name",
    "/totals/gross": "gross total",
}
"""Fields without which, or in doubt, a person has to look, and what they are called in a sentence."""

_UNCERTAIN = "The {name} is not certain."


def grade(invoice: ExtractedInvoice, pages: Sequence[Page] | None = None) -> dict[str, Evidence]:
    """Return the evidence with the confidence, the level and the passed checks of each value.

    `pages` are those that the local engine read the values from, None for what another engine read.
    """
    passed, failed = outcomes(invoice)
    graded = {
        pointer: evidence
        if evidence.origin == "xml" and pointer not in passed and pointer not in failed
        else _graded(evidence, passed.get(pointer, ()), pointer in failed)
        for pointer, evidence in invoice.evidence.items()
    }
    if pages is not None:
        model, most = fitted.model(), at_most(invoice)
        for pointer, signs in fitted.signs(invoice, pages, passed, failed):
            # Fitted, a failed check counts little: in specimens invented numbers are read as printed.
            confidence = min(model.confidence(signs), most.get(pointer, 1.0))
            level = level_of(confidence)
            graded[pointer] = replace(graded[pointer], confidence=confidence, level=level)
    return graded


def at_most(invoice: ExtractedInvoice) -> dict[str, float]:
    """Return for each value that fails a check the most that a fitted confidence may be."""
    most: dict[str, float] = {}
    for check in invoice.checks:
        if check.status == "fail":
            limit = SUM_FAILED_AT_MOST if check.id in SUMS else FAILED_AT_MOST
            most.update((field, min(limit, most.get(field, limit))) for field in check.fields)
    return most


def review_threshold(engine: str, asked: float | None) -> float:
    """Return the confidence under which a field that matters needs a person.

    It is what was asked for; else, for what the local engine read, the one from which values are told 0.99 on
    average in documents that were not fitted on; `REVIEWED` for any other engine.
    """
    if asked is not None:
        return asked
    return fitted.model().accepted if engine == "layout" else REVIEWED


def regrade(invoice: ExtractedInvoice, doubted: Set[str]) -> dict[str, Evidence]:
    """Return evidence that was graded before, after other values changed and the checks with them.

    `doubted` are the pointers of what failed a check then. A person's word is not made less by a check.
    """
    passed, failed = outcomes(invoice)
    graded = {}
    for pointer, evidence in invoice.evidence.items():
        now, before = pointer in failed, pointer in doubted
        if evidence.origin == "person" or now == before:
            # what it has passed raised its confidence when it was graded first
            graded[pointer] = replace(evidence, checks=passed.get(pointer, ()))
        else:
            graded[pointer] = _graded(_undoubted(evidence), passed.get(pointer, ()), now)
    return graded


def _undoubted(evidence: Evidence) -> Evidence:
    """Return what was read from an e-invoice as it is where no check fails; other evidence as given."""
    return replace(evidence, confidence=1.0) if evidence.origin == "xml" else evidence


def outcomes(invoice: ExtractedInvoice) -> tuple[dict[str, tuple[str, ...]], set[str]]:
    """Return the checks that each value passed, and the values that failed one."""
    passed: dict[str, tuple[str, ...]] = {}
    failed: set[str] = set()
    for check in invoice.checks:
        if check.status == "fail":
            failed.update(check.fields)
        elif check.status == "pass":
            # Values that pass the same checks share one tuple: there may be hundreds of thousands.
            longer: dict[tuple[str, ...], tuple[str, ...]] = {}
            for pointer in check.fields:
                before = passed.get(pointer, ())
                passed[pointer] = longer.get(before) or longer.setdefault(
                    before, (*before, check.id)
                )
    return passed, failed


def review_reasons(
    invoice: ExtractedInvoice, evidence: dict[str, Evidence], threshold: float
) -> list[str]:
    """Return why a person should look at the invoice, in sentences; empty when none has to."""
    failed = dict.fromkeys(check.message for check in invoice.checks if check.status == "fail")
    reasons = list(failed)[:REASONS]
    if len(failed) > REASONS:
        reasons.append(f"And {len(failed) - REASONS:,} more checks failed.")
    result = invoice.result
    values = {
        "/invoice_number": result.invoice_number,
        "/issue_date": result.issue_date,
        "/currency": result.currency,
        "/seller/name": result.seller.name if result.seller else None,
        "/totals/gross": result.totals.gross,
    }
    for pointer, name in MATTER.items():
        if values[pointer] is None:
            # A receipt is known by its seller, time and total; many have no number.
            if pointer != "/invoice_number" or result.document_type != "receipt":
                reasons.append(f"The {name} was not found.")
        elif pointer in evidence and evidence[pointer].confidence < threshold:
            reasons.append(_UNCERTAIN.format(name=name))
    return list(dict.fromkeys(reasons))


def is_doubted(invoice: ExtractedInvoice, pointer: str) -> bool:
    """Return whether `review_reasons` tell of a field that matters that it is not certain."""
    return pointer in MATTER and (_UNCERTAIN.format(name=MATTER[pointer]) in invoice.review_reasons)


def _graded(evidence: Evidence, passed: tuple[str, ...], failed: bool) -> Evidence:
    confidence = _confidence(evidence, passed, failed)
    if confidence == evidence.confidence and not passed:
        return evidence
    # Not `replace`, which takes four times as long.
    return Evidence(
        origin=evidence.origin,
        text=evidence.text,
        page=evidence.page,
        boxes=evidence.boxes,
        confidence=confidence,
        level=level_of(confidence),
        checks=passed,
    )


def _confidence(evidence: Evidence, passed: tuple[str, ...], failed: bool) -> float:
    confidence = evidence.confidence
    if evidence.origin == "xml":
        return min(confidence, XML_DOUBTED) if failed else confidence
    sums = len(SUMS.intersection(passed))
    confidence = 1 - (1 - confidence) * DOUBT_LEFT_BY_A_SUM ** min(sums, SUMS_COUNTED)
    if not CHECK_DIGITS.isdisjoint(passed):
        confidence = max(confidence, CHECK_DIGITS_RIGHT)
    if failed:
        confidence = min(confidence, FAILED_AT_MOST)
    if evidence.origin == "model" and not evidence.boxes:
        confidence = min(confidence, UNSEEN_AT_MOST)
    return round(confidence, 4)
