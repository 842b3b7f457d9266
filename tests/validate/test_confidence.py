"""What a value is worth after its checks, and when a person has to look."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from invoice_extraction.model.extraction import (
    Check,
    Evidence,
    ExtractedInvoice,
    level_of,
)
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.reading import Origin
from invoice_extraction.validate import validate

COMPLETE: dict[str, Any] = {
    "document_type": "invoice",
    "invoice_number": "1",
    "issue_date": "2026-03-02",
    "currency": "EUR",
    "seller": {"name": "Probe GmbH"},
    "totals": {"net": "100.00", "tax": "19.00", "gross": "119.00"},
}
BOX = ((0.1, 0.1, 0.2, 0.2),)


def evidence(origin: Origin, confidence: float, *, boxes: bool = True) -> Evidence:
    return Evidence(
        origin=origin,
        confidence=confidence,
        level=level_of(confidence),
        page=1 if boxes else None,
        boxes=BOX if boxes else (),
    )


def judged(result: dict[str, Any], proofs: dict[str, Evidence], *checks: Check) -> ExtractedInvoice:
    invoice = ExtractedInvoice(
        result=Invoice.model_validate(result), evidence=proofs, checks=list(checks)
    )
    return validate(invoice, today=date(2026, 3, 2), threshold=0.8)


def with_gross(gross: str) -> dict[str, Any]:
    return {**COMPLETE, "totals": {**COMPLETE["totals"], "gross": gross}}


def test_a_value_of_an_e_invoice_is_certain_until_a_check_fails() -> None:
    proofs = {"/totals/gross": evidence("xml", 1.0), "/currency": evidence("xml", 1.0)}
    seller = {**COMPLETE["seller"], "registration_id": "HRB 1"}
    right = judged({**COMPLETE, "seller": seller}, proofs)
    assert right.evidence["/totals/gross"].confidence == 1.0
    assert right.evidence["/totals/gross"].checks == ("BR-CO-15", "currency_decimals")
    assert not right.needs_review
    wrong = judged({**with_gross("120.00"), "seller": seller}, proofs)
    assert wrong.evidence["/totals/gross"].confidence == 0.7
    assert wrong.evidence["/totals/gross"].level == "medium"
    assert wrong.evidence["/currency"].confidence == 1.0
    assert wrong.needs_review


def test_a_sum_that_fits_takes_away_doubt() -> None:
    found = judged(COMPLETE, {"/totals/gross": evidence("text", 0.8)})
    assert found.evidence["/totals/gross"].confidence == pytest.approx(0.94)
    assert found.evidence["/totals/gross"].level == "high"


def test_no_more_than_two_sums_take_away_doubt() -> None:
    """Sums share their amounts: a third one that fits says little more."""
    lines = [{"gross_amount": "119.00"}]
    amounts = {**COMPLETE["totals"], "amount_due": "119.00"}
    result = {**COMPLETE, "prices_include_tax": True, "lines": lines, "totals": amounts}
    found = judged(result, {"/totals/gross": evidence("text", 0.8)})
    sums = {"BR-CO-15", "BR-CO-16", "lines_add_up"}
    assert sums <= set(found.evidence["/totals/gross"].checks)
    assert found.evidence["/totals/gross"].confidence == pytest.approx(0.982)


def test_a_sum_that_does_not_fit_leaves_half() -> None:
    found = judged(with_gross("120.00"), {"/totals/gross": evidence("text", 0.95)})
    assert found.evidence["/totals/gross"].confidence == 0.5
    assert found.review_reasons == [
        "Net and tax make 119.00, the invoice says 120.00.",
        "The gross total is not certain.",
    ]


def test_right_check_digits_raise_what_was_doubtful() -> None:
    result = {**COMPLETE, "payment": {"accounts": [{"iban": "DE89370400440532013000"}]}}
    found = judged(result, {"/payment/accounts/0/iban": evidence("ocr", 0.6)})
    assert found.evidence["/payment/accounts/0/iban"].confidence == 0.97


def test_a_model_s_word_that_stands_nowhere_stays_low() -> None:
    proofs = {"/totals/gross": evidence("model", 0.9, boxes=False)}
    found = judged(COMPLETE, proofs)
    assert found.evidence["/totals/gross"].confidence == 0.4
    assert found.evidence["/totals/gross"].level == "low"


def test_a_value_is_never_changed() -> None:
    invoice = ExtractedInvoice(result=Invoice.model_validate(with_gross("120.00")))
    before = invoice.model_dump_json()
    found = validate(invoice, threshold=0.8)
    assert invoice.model_dump_json() == before
    assert found.result == invoice.result


def test_checks_that_were_made_before_are_kept_and_counted() -> None:
    brought = Check(id="ambiguous_date", status="fail", fields=["/due_date"], message="Which day?")
    found = judged(COMPLETE, {}, brought)
    assert found.checks[0] == brought
    assert found.review_reasons == ["Which day?"]


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        ("invoice_number", "The invoice number was not found."),
        ("issue_date", "The issue date was not found."),
        ("seller", "The seller's name was not found."),
        ("totals", "The gross total was not found."),
    ],
)
def test_a_missing_field_that_matters_needs_a_person(field: str, reason: str) -> None:
    found = judged({name: value for name, value in COMPLETE.items() if name != field}, {})
    assert found.needs_review
    assert found.review_reasons == [reason]


def test_a_missing_currency_is_told_as_a_check_and_as_a_reason() -> None:
    found = judged({name: value for name, value in COMPLETE.items() if name != "currency"}, {})
    assert len(found.review_reasons) == 2
    assert found.review_reasons[-1] == "The currency was not found."


def test_very_many_reasons_are_counted_and_none_that_matters_is_cut_off() -> None:
    many = [
        Check(id="unparsed_value", status="fail", message=f"Value {n} is none.") for n in range(100)
    ]
    result = {name: value for name, value in COMPLETE.items() if name != "invoice_number"}
    reasons = judged(result, {}, *many).review_reasons
    assert reasons[:20] == [check.message for check in many[:20]]
    assert reasons[20:] == ["And 80 more checks failed.", "The invoice number was not found."]


def test_a_value_keeps_all_of_its_evidence_when_it_is_graded() -> None:
    proof = evidence("text", 0.8)
    [graded] = judged(COMPLETE, {"/totals/gross": proof}).evidence.values()
    assert graded.checks
    told = replace(graded, confidence=proof.confidence, level=proof.level, checks=proof.checks)
    assert told == proof


def test_a_receipt_needs_no_number() -> None:
    result = {k: v for k, v in COMPLETE.items() if k != "invoice_number"}
    assert not judged({**result, "document_type": "receipt"}, {}).needs_review


def test_a_field_that_matters_below_the_threshold_needs_a_person() -> None:
    found = judged(COMPLETE, {"/seller/name": evidence("text", 0.79)})
    assert found.review_reasons == ["The seller's name is not certain."]
    assert not judged(COMPLETE, {"/seller/name": evidence("text", 0.8)}).needs_review


def test_an_empty_invoice_is_judged_too() -> None:
    found = judged({}, {})
    assert found.needs_review
    assert {check.status for check in found.checks} == {"not_applicable"}


def test_an_answer_is_the_same_after_it_was_written_and_read() -> None:
    boxed = {"/totals/gross": evidence("text", 0.8), "/currency": evidence("xml", 1.0, boxes=False)}
    found = judged(COMPLETE, boxed)
    assert ExtractedInvoice.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize("wrong", [{"confidence": 2}, {"level": "sure"}, {"sure": True}])
def test_evidence_that_is_not_as_it_should_be_is_refused_when_it_is_read(
    wrong: dict[str, Any],
) -> None:
    told = {"origin": "xml", "confidence": 1, "level": "high", **wrong}
    with pytest.raises(ValidationError):
        ExtractedInvoice.model_validate({"result": {}, "evidence": {"/currency": told}})
