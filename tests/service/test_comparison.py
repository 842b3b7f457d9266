"""What comparing with the tenant's other documents tells of an invoice."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from invoice_extraction.model.extraction import ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Account, Invoice, Party, Payment, Totals
from service.comparison import Comparison, accounts_of, identities
from service.comparison import checks as checks_of
from service.store.known import Known, confirm_accounts, register
from service.tenants import TENANT
from tests.service.made import a_job

A, B = "a" * 32, "b" * 32
IBAN, OTHER = "DE02 1203 0000 0000 2020 51", "DE02 5001 0517 0137 0750 30"


@pytest.fixture
def comparison(sqlite_store) -> Comparison:
    sqlite_store.add([a_job(A), a_job(B)])
    return Comparison(Known(sqlite_store.engine))


def an_invoice(**changed) -> Invoice:
    seller = changed.pop("seller", {"name": "Acme GmbH", "tax_id": "DE123456789"})
    gross, iban = changed.pop("gross", "119.00"), changed.pop("iban", None)
    known = {"invoice_number": "2026-001", "issue_date": date(2026, 1, 31)}
    return Invoice(
        **known | changed,
        seller=Party(**seller) if seller else None,
        totals=Totals(gross=gross and Decimal(gross)),
        payment=iban and Payment(accounts=[Account(iban=iban)]),
    )


def compare(comparison, job_id, invoices):
    """Register the invoices of a document, and return the checks of each."""
    with comparison.known.engine.begin() as connection:
        others = register(connection, TENANT, job_id, list(map(identities, invoices)))
    return checks_of(invoices, others, comparison.accounts(TENANT, invoices))


def checks(comparison, job_id, *invoices):
    """Return the status of each check of each invoice."""
    made = compare(comparison, job_id, invoices)
    return [{check.id: check.status for check in some} for some in made]


def duplicate(comparison, first: Invoice, second: Invoice) -> str:
    compare(comparison, A, [first])
    ((found, _),) = compare(comparison, B, [second])
    if found.status == "fail":
        assert found.found == A
        assert A in found.message
    return found.status


@pytest.mark.parametrize(
    "again",
    [
        an_invoice(),
        an_invoice(invoice_number="2026/001", gross="119"),
        an_invoice(seller={"name": "ACME GmbH "}),
        an_invoice(seller={"name": "Acme, Berlin", "tax_id": "123 456 789"}),
    ],
    ids=["the same", "written otherwise", "by name alone", "by tax number alone"],
)
def test_the_same_seller_number_date_and_gross_total_are_a_duplicate(comparison, again):
    assert duplicate(comparison, an_invoice(), again) == "fail"


@pytest.mark.parametrize(
    "other",
    [
        an_invoice(invoice_number="2026-002"),
        an_invoice(gross="119.01"),
        an_invoice(issue_date=date(2026, 2, 1)),
        an_invoice(seller={"name": "Bolt AG", "tax_id": "DE987654321"}),
        an_invoice(document_type="credit_note"),
    ],
    ids=["number", "gross", "date", "seller", "credit note"],
)
def test_an_invoice_that_differs_in_one_of_them_is_none(comparison, other):
    assert duplicate(comparison, an_invoice(), other) == "pass"


@pytest.mark.parametrize(
    "vague",
    [
        an_invoice(invoice_number=None),
        an_invoice(gross=None),
        an_invoice(issue_date=None),
        an_invoice(seller=None),
        an_invoice(seller={"phone": "030 1"}),
        an_invoice(invoice_number="--"),
    ],
    ids=["number", "gross", "date", "seller", "nameless", "no letters"],
)
def test_an_invoice_that_does_not_say_enough_is_compared_with_nothing(comparison, vague):
    assert duplicate(comparison, vague, vague) == "not_applicable"


def test_a_correction_is_compared_anew(comparison):
    assert duplicate(comparison, an_invoice(), an_invoice()) == "fail"
    assert duplicate(comparison, an_invoice(), an_invoice(invoice_number="2026-002")) == "pass"


def test_an_invoice_that_is_in_a_file_twice_is_told(comparison):
    one, other, again = checks(
        comparison, A, an_invoice(), an_invoice(gross="5"), an_invoice(seller={"name": "Acme GmbH"})
    )
    assert [one["duplicate"], other["duplicate"], again["duplicate"]] == ["pass", "pass", "fail"]


def test_a_file_that_says_nothing_is_a_duplicate_by_its_bytes(sqlite_store):
    sqlite_store.add([a_job(A, sha256="f" * 64)])
    sqlite_store.add([a_job(B, sha256="f" * 64)])
    comparison = Comparison(Known(sqlite_store.engine))
    ((check, _),) = compare(comparison, B, [Invoice()])
    assert (check.status, check.found, check.fields) == ("fail", A, [])
    assert "file" in check.message


def confirm(comparison, *invoices: Invoice) -> None:
    with comparison.known.engine.begin() as connection:
        confirm_accounts(connection, TENANT, A, accounts_of(invoices))


def account(comparison, invoice: Invoice) -> str:
    (found,) = checks(comparison, B, invoice)
    return found["bank_account_changed"]


def test_an_account_that_no_confirmed_invoice_of_the_seller_shows_is_told(comparison):
    confirm(comparison, an_invoice(iban=IBAN))
    assert account(comparison, an_invoice(iban=IBAN.replace(" ", "").lower())) == "pass"
    ((_, check),) = compare(comparison, B, [an_invoice(iban=OTHER)])
    assert (check.id, check.status) == ("bank_account_changed", "fail")
    assert (check.fields, check.found) == (["/payment/accounts/0/iban"], OTHER)
    assert IBAN not in check.message  # the other document may be deleted, and with it all it says


@pytest.mark.parametrize(
    "seller",
    [
        {"name": "ACME GMBH"},
        {"name": "Acme GmbH", "tax_id": "DE999999999"},
        {"name": "Acme Holding", "tax_id": "123456789"},
    ],
    ids=["without its number", "under another number", "under another name"],
)
def test_a_seller_is_known_by_its_number_or_else_its_name(comparison, seller):
    confirm(comparison, an_invoice(iban=IBAN))
    assert account(comparison, an_invoice(seller=seller, iban=OTHER)) == "fail"


def test_the_tax_number_decides_where_it_is_known(comparison):
    own = {"name": "Acme GmbH", "tax_id": "DE999999999"}
    confirm(comparison, an_invoice(iban=IBAN), an_invoice(seller=own, iban=OTHER))
    assert account(comparison, an_invoice(seller=own, iban=OTHER)) == "pass"
    assert account(comparison, an_invoice(seller=own, iban=IBAN)) == "fail"


def test_without_a_confirmed_invoice_or_an_account_there_is_nothing_to_compare(comparison):
    assert account(comparison, an_invoice(iban=IBAN)) == "not_applicable"
    confirm(comparison, an_invoice(iban=IBAN))
    assert account(comparison, an_invoice()) == "not_applicable"
    assert account(comparison, an_invoice(seller=None, iban=OTHER)) == "not_applicable"


def test_an_account_number_counts_where_there_is_no_iban(comparison):
    def with_number(number):
        accounts = [Account(account_number=number, routing_number="021000021")]
        return an_invoice().model_copy(update={"payment": Payment(accounts=accounts)})

    confirm(comparison, with_number("12-345"))
    assert account(comparison, with_number("12345")) == "pass"
    assert account(comparison, with_number("54321")) == "fail"


def test_what_is_found_makes_a_person_look(comparison, sqlite_store):
    compare(comparison, A, [an_invoice()])
    read = ExtractedInvoice(result=an_invoice(), review_reasons=["The currency was not found."])
    other = ExtractedInvoice(result=an_invoice(invoice_number="7"))
    extraction = Extraction(media_type="text/xml", engine="einvoice", invoices=[read, other])
    token = sqlite_store.claim(B, "w", timedelta(seconds=60)).lease_token
    found = comparison.compared(TENANT, B, token, extraction)
    first, second = found.invoices
    assert (first.needs_review, second.needs_review) == (True, False)
    assert first.review_reasons[0] == "The currency was not found."
    assert A in first.review_reasons[1]
    assert [check.id for check in first.checks] == ["duplicate", "bank_account_changed"]
    assert extraction.invoices[0].checks == []
