"""The list in the order that is asked for, by the API and in the inbox."""

import re
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest

from invoice_extraction.model.extraction import ExtractedInvoice, Extraction
from invoice_extraction.model.invoice import Invoice, Party, Totals
from tests.app.conftest import upload

TOTALS = {"slate.pdf": "840.00", "cedar.pdf": "35.50", "flint.pdf": None, "amber.pdf": "7200.00"}


@pytest.fixture
def sent(client, finish) -> None:
    """Documents with totals; one of them says none."""
    for n, (name, total) in enumerate(TOTALS.items(), 1):
        task = upload(client, (name, b"%PDF-1.7 " + name.encode())).json()[0]["task_id"]
        invoice = Invoice(
            seller=Party(name=name.removesuffix(".pdf")),
            issue_date=date(2026, 5, n),
            totals=Totals(gross=Decimal(total)) if total else Totals(),
        )
        read = [ExtractedInvoice(result=invoice, pages=[1])]
        finish(task, Extraction(media_type="application/pdf", engine="layout", invoices=read))


def test_documents_are_listed_by_their_totals_page_by_page(client, sent):
    address, names = "/v1/documents?sort=-total&status=SUCCESS&limit=1", []
    while address:
        answer = client.get(address)
        names += [document["filename"] for document in answer.json()["documents"]]
        address = answer.links["next"]["url"] if "next" in answer.links else None
    assert names == ["amber.pdf", "slate.pdf", "cedar.pdf", "flint.pdf"]


def test_a_cursor_of_another_order_is_refused_by_its_name(client, sent):
    cursor = client.get("/v1/documents?sort=-total&limit=1").json()["next"]
    for other in ("", "&sort=total", "&sort=seller"):
        answer = client.get(f"/v1/documents?cursor={cursor}{other}")
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["pointer"], "sorted by" in error["detail"]) == ("/cursor", True)


def test_an_order_that_does_not_exist_is_422(client):
    answer = client.get("/v1/documents?sort=size")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")


def rows_of(page: str) -> list[str]:
    return re.findall(r'<li class="row" data-job="[^"]*" data-name="([^"]*)"', page)


def links_of(page: str) -> dict[str, dict[str, list[str]]]:
    """Return the query of each link that chooses an order, by its word; the current ones with a star."""
    nav = page[page.index('<nav class="order"') :].partition("</nav>")[0]
    found = re.findall(r'<a href="([^"]*)"( aria-current="true")?>([^<]*)</a>', nav)
    return {
        word + "*" * bool(current): parse_qs(urlsplit(url.replace("&amp;", "&")).query)
        for url, current, word in found
    }


def test_the_inbox_is_sorted_both_ways_and_keeps_what_was_looked_for(client, sent):
    page = client.get("/?show=done&q=pdf&sort=seller").text
    assert rows_of(page) == ["amber.pdf", "cedar.pdf", "flint.pdf", "slate.pdf"]
    links = links_of(page)
    assert list(links) == ["Received", "Issue date", "Seller*", "Total", "A to Z*", "Z to A"]
    kept = {"show": ["done"], "q": ["pdf"]}
    assert links["Z to A"] == kept | {"sort": ["-seller"]}
    assert links["Total"] == kept | {"sort": ["-total"]}
    assert links["Received"] == kept
    assert '<input type="hidden" name="sort" value="seller">' in page
    turned = client.get("/?show=done&q=pdf&sort=-seller").text
    assert rows_of(turned) == rows_of(page)[::-1]


def test_an_inbox_without_an_order_begins_with_the_newest(client, sent):
    for address in ("/", "/?sort=nothing"):
        page = client.get(address).text
        assert rows_of(page) == list(TOTALS)[::-1]
        assert "data-everything" in page
        assert "Newest first*" in links_of(page)
    assert "data-everything" not in client.get("/?sort=-total").text
