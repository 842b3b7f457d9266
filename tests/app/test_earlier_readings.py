"""What a document said before it was read again: by the API, and on its page beside what it says now."""

import re
from decimal import Decimal

import pytest

from invoice_extraction.model.extraction import ExtractedInvoice, Extraction, ExtractionUsage
from invoice_extraction.model.invoice import Invoice, Line
from tests.app.conftest import an_extraction, upload


def a_reading(engine: str, *invoices: Invoice, **values) -> Extraction:
    made = [ExtractedInvoice(result=invoice, pages=[1]) for invoice in invoices]
    return Extraction(media_type="application/pdf", engine=engine, invoices=made, **values)


@pytest.fixture
def task(client, finish) -> str:
    task = upload(client).json()[0]["task_id"]
    finish(task)
    return task


def again(client, task: str) -> None:
    assert client.post(f"/v1/documents/{task}/retry").status_code == 202


def rows_of(page: str) -> list[tuple[str, ...]]:
    """Return the rows of a page's tables as plain words."""
    rows = re.findall(r"<tr.*?</tr>", page, re.DOTALL)
    cells = [re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
    return [tuple(" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row) for row in cells]


def test_what_a_document_said_is_told_once_it_is_read_again(client, task, finish):
    path = f"/v1/documents/{task}/earlier"
    assert (client.get(path).status_code, client.get(path).json()["code"]) == (
        404,
        "no_earlier_reading",
    )
    again(client, task)
    assert Extraction.model_validate(client.get(path).json()) == an_extraction()
    finish(task, an_extraction("131.70"))
    assert client.get(path).json()["invoices"][0]["result"]["totals"]["gross"] == "119.00"
    assert client.get(f"/status/{task}").json()["result"]["totals"]["gross"] == "131.70"


def test_both_readings_stand_beside_one_another_with_what_differs_and_what_each_took(
    client, task, finish
):
    again(client, task)
    usage = ExtractionUsage(calls=2, cost="0.0125", seconds=3.5)
    line = Line(description="Oak stool", quantity=Decimal(2))
    invoice = Invoice(invoice_number="2026-001", lines=[line])
    finish(task, a_reading("llm", invoice, model="house:reader-2", usage=usage))
    page = client.get(f"/documents/{task}/earlier").text
    rows = rows_of(page)
    assert ("", "Earlier", "Now") in rows
    assert ("Engine", "layout", "llm") in rows
    assert ("Model", "–", "house:reader-2") in rows
    assert ("Time", "0.00 s", "3.50 s") in rows
    assert ("Cost", "–", "$0.0125") in rows
    assert ("Gross total differs", "119.00", "–") in rows
    assert ("Lines 1 · Description differs", "–", "Oak stool") in rows
    folded = page[page.index("<details") : page.index("</details>")]
    assert ("Invoice number", "2026-001", "2026-001") in rows_of(folded)
    assert "differs" not in folded


def test_what_a_person_corrected_is_what_is_compared(client, task, finish):
    path, change = f"/v1/documents/{task}/invoices/1", {"invoice_number": "2026-009"}
    assert client.patch(path, json=change, headers={"If-Match": "*"}).status_code == 200
    again(client, task)
    finish(task)
    rows = rows_of(client.get(f"/documents/{task}/earlier").text)
    told = ("Invoice number differs", "2026-009 entered by a person", "2026-001")
    assert told in rows


def test_of_several_invoices_each_is_compared_with_its_own(client, task, finish):
    first, second = (Invoice(invoice_number=number) for number in ("P-31", "P-32"))
    again(client, task)
    finish(task, a_reading("layout", first, second))
    again(client, task)
    finish(task, a_reading("llm", first))
    page = client.get(f"/documents/{task}/earlier").text
    assert "Invoice 2" in page
    assert ("Invoice number differs", "P-32", "–") in rows_of(page)
    assert ("Invoice number", "P-31", "P-31") in rows_of(page)


def test_the_page_of_a_document_leads_to_the_earlier_reading_where_there_is_one(
    client, task, finish
):
    document = f"/documents/{task}"
    assert f"{document}/earlier" not in client.get(document).text
    alone = client.get(f"{document}/earlier", follow_redirects=False)
    assert (alone.status_code, alone.headers["Location"]) == (303, document)
    again(client, task)
    assert "See the earlier reading" in client.get(document).text
    finish(task)
    assert "Compare with the earlier reading" in client.get(document).text
    assert "Both say the same" in client.get(f"{document}/earlier").text


def test_where_the_new_reading_fails_the_earlier_one_stays_and_is_seen(client, task, services):
    again(client, task)
    job = services.store.claim(task, "w", services.jobs.lease)
    problem = {"code": "x", "title": "X", "detail": "D", "hint": "H"}
    services.store.fail(task, job.lease_token, problem | {"type": "t", "retryable": False})
    again(client, task)
    client.post(f"/v1/documents/{task}/cancel")
    told = client.get(f"/v1/documents/{task}/earlier").json()
    assert Extraction.model_validate(told) == an_extraction()
    page = client.get(f"/documents/{task}/earlier").text
    assert "It was not read since." in page
    assert ("Gross total", "119.00") in rows_of(page)


def test_an_earlier_reading_is_gone_with_its_document(client, task):
    again(client, task)
    client.delete(f"/v1/documents/{task}")
    for path in (f"/v1/documents/{task}/earlier", f"/documents/{task}/earlier"):
        assert client.get(path).status_code == 410
