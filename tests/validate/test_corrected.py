"""What a person corrects, and what becomes of the rest."""

from datetime import date
from decimal import Decimal

import pytest

from invoice_extraction.model.extraction import Check, Evidence, ExtractedInvoice
from invoice_extraction.model.invoice import Account, Invoice, Line, Party, Payment, Tax, Totals
from invoice_extraction.validate import validate
from invoice_extraction.validate.corrected import corrected

TODAY = date(2026, 2, 1)


def read_invoice(gross: str = "119.00", origin: str = "text") -> ExtractedInvoice:
    """Return an invoice as an engine read it, checked."""
    result = Invoice(
        document_type="invoice",
        invoice_number="17",
        issue_date=date(2026, 1, 31),
        currency="EUR",
        seller=Party(name="Muster GmbH", tax_id="DE136695976"),
        lines=[
            Line(description="one", net_amount=Decimal("60.00")),
            Line(description="two", net_amount=Decimal("40.00")),
        ],
        taxes=[Tax(rate=Decimal(19), taxable_amount=Decimal(100), tax_amount=Decimal("19.00"))],
        totals=Totals(net=Decimal("100.00"), tax=Decimal("19.00"), gross=Decimal(gross)),
    )
    pointers = (
        *("/invoice_number", "/issue_date", "/currency", "/seller/name", "/seller/tax_id"),
        *("/lines/0/description", "/lines/0/net_amount", "/lines/1/description"),
        *("/lines/1/net_amount", "/totals/net", "/totals/tax", "/totals/gross"),
    )
    confidence, level = (1.0, "high") if origin == "xml" else (0.85, "medium")
    evidence = {
        pointer: Evidence(origin=origin, text=pointer, page=1, confidence=confidence, level=level)
        for pointer in pointers
    }
    read = ExtractedInvoice(result=result, pages=[1], evidence=evidence)
    return validate(read, today=TODAY, threshold=0.8)


def correct(read: ExtractedInvoice, **changes) -> ExtractedInvoice:
    result = read.result.model_copy(update=changes, deep=True)
    return corrected(read, result, today=TODAY, threshold=0.8)


def statuses(invoice: ExtractedInvoice, check_id: str) -> list[str]:
    return [check.status for check in invoice.checks if check.id == check_id]


def test_what_is_as_it_was_read_is_told_as_it_was_read():
    read = read_invoice()
    assert correct(read) == read


def test_a_changed_value_is_the_persons_and_the_others_keep_their_proof():
    read = read_invoice()
    found = correct(read, invoice_number="18")
    assert found.evidence["/invoice_number"].origin == "person"
    assert found.evidence["/invoice_number"].confidence == 1.0
    del found.evidence["/invoice_number"], read.evidence["/invoice_number"]
    assert found.evidence == read.evidence


@pytest.mark.parametrize(("origin", "doubted"), [("text", 0.5), ("xml", 0.7)])
def test_a_sum_that_fits_again_takes_the_doubt_from_the_other_values(origin, doubted):
    read = read_invoice(gross="191.00", origin=origin)
    assert "fail" in statuses(read, "BR-CO-15")
    assert read.needs_review
    assert read.evidence["/totals/net"].confidence == doubted
    found = correct(read, totals=read.result.totals.model_copy(update={"gross": Decimal("119.00")}))
    assert statuses(found, "BR-CO-15") == ["pass"]
    assert not found.needs_review
    assert found.evidence["/totals/net"].confidence > 0.9
    assert found.evidence["/totals/net"].checks
    assert found.evidence["/totals/gross"].origin == "person"


def test_a_persons_value_that_fails_a_check_is_told_and_is_still_the_persons():
    read = read_invoice()
    found = correct(read, totals=read.result.totals.model_copy(update={"gross": Decimal("120.00")}))
    assert statuses(found, "BR-CO-15") == ["fail"]
    assert found.needs_review
    assert found.evidence["/totals/gross"].confidence == 1.0
    assert found.evidence["/totals/net"].confidence == 0.5


def test_a_line_that_moves_takes_its_proof_along():
    read = read_invoice()
    one, two = read.result.lines
    new = Line(description="new", net_amount=Decimal("1.00"))
    found = correct(read, lines=[two, new, one])
    texts = {at: evidence.text for at, evidence in found.evidence.items() if "/lines" in at}
    assert texts == {
        "/lines/0/description": "/lines/1/description",
        "/lines/0/net_amount": "/lines/1/net_amount",
        "/lines/1/description": None,
        "/lines/1/net_amount": None,
        "/lines/2/description": "/lines/0/description",
        "/lines/2/net_amount": "/lines/0/net_amount",
    }


def test_of_a_line_that_is_changed_the_rest_keeps_its_proof():
    read = read_invoice()
    one, two = read.result.lines
    found = correct(read, lines=[one.model_copy(update={"description": "uno"}), two])
    assert found.evidence["/lines/0/description"].origin == "person"
    assert found.evidence["/lines/0/net_amount"] == read.evidence["/lines/0/net_amount"]


def test_a_line_that_is_gone_leaves_no_evidence():
    read = read_invoice()
    found = correct(read, lines=read.result.lines[1:])
    assert {at for at in found.evidence if "/lines" in at} == {
        "/lines/0/description",
        "/lines/0/net_amount",
    }
    assert found.evidence["/lines/0/description"].text == "/lines/1/description"


def test_a_value_that_was_derived_without_proof_needs_none():
    read = read_invoice()
    assert "/document_type" not in correct(read, invoice_number="18").evidence


@pytest.mark.parametrize(
    ("fields", "left"),
    [(["/issue_date"], 0), (["/issue_date", "/due_date"], 1), (["/totals"], 1), ([], 1)],
)
def test_a_check_that_was_brought_along_stays_until_its_fields_are_changed(fields, left):
    read = read_invoice()
    doubt = Check(id="ambiguous_date", status="fail", fields=fields, message="Which day?")
    read = read.model_copy(update={"checks": [doubt, *read.checks]})
    found = correct(read, issue_date=date(2026, 1, 30))
    assert len(statuses(found, "ambiguous_date")) == left
    assert found.needs_review == bool(left)


def test_a_list_of_new_things_is_checked_too():
    read = read_invoice()
    found = correct(read, payment=Payment(accounts=[Account(iban="DE00370400440532013000")]))
    assert found.evidence["/payment/accounts/0/iban"].origin == "person"
    assert statuses(found, "iban_check_digits") == ["fail"]


def test_many_equal_lines_take_no_time():
    read = read_invoice()
    lines = [Line(description="same", net_amount=Decimal(1))] * 20_000
    read = read.model_copy(update={"result": read.result.model_copy(update={"lines": lines})})
    found = correct(read, lines=lines[:-1])
    assert len(found.result.lines) == 19_999


def lines_of(*descriptions: str) -> list[Line]:
    """Return lines that differ in all their values."""
    return [
        Line(description=text, quantity=Decimal(n + 2), net_amount=Decimal(n + 30))
        for n, text in enumerate(descriptions)
    ]


def proofs(read: list[Line], now: list[Line]) -> list[str | None]:
    """Return what proves the amount of each line now: the description of the line that was read."""
    texts = {f"/lines/{n}/net_amount": line.description for n, line in enumerate(read)}
    invoice = ExtractedInvoice(
        result=Invoice(lines=read),
        evidence={
            at: Evidence(origin="text", text=text, page=1, confidence=0.9, level="high")
            for at, text in texts.items()
        },
    )
    found = correct(invoice, lines=now).evidence
    return [found[f"/lines/{n}/net_amount"].text for n in range(len(now))]


def test_a_line_that_is_moved_and_changed_keeps_the_proof_of_what_it_still_says():
    rope, bell, lamp = read = lines_of("Rope", "Bell", "Lamp")
    lantern = lamp.model_copy(update={"description": "Lantern"})
    assert proofs(read, [lantern, rope, bell]) == ["Lamp", "Rope", "Bell"]
    gong = bell.model_copy(update={"description": "Gong"})
    assert proofs(read, [gong, rope, lantern]) == ["Bell", "Rope", "Lamp"]
    assert proofs(read, [lantern, gong, rope]) == ["Lamp", "Bell", "Rope"]


def test_a_line_that_is_put_before_a_changed_one_takes_none_of_its_proof():
    rope, bell, lamp = read = lines_of("Rope", "Bell", "Lamp")
    gong = bell.model_copy(update={"description": "Gong"})
    new = Line(description="Mast", net_amount=bell.net_amount)
    assert proofs(read, [rope, new, gong, lamp]) == ["Rope", None, "Bell", "Lamp"]


def test_many_lines_that_are_all_changed_take_no_time():
    read = lines_of(*(f"Rope {n}" for n in range(3000)))
    now = [line.model_copy(update={"description": "Cord"}) for line in read]
    assert proofs(read, now)[-1] == "Rope 2999"
