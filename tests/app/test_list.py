"""The list of documents: what it can be asked for."""

import pytest

from invoice_extraction.model.invoice import Party
from tests.app.conftest import an_extraction, upload


def sent(client, **fields) -> str:
    return upload(client, **fields).json()[0]["task_id"]


def listed(client, **query) -> list[str]:
    answer = client.get("/v1/documents", params=query)
    assert answer.status_code == 200
    return [document["task_id"] for document in answer.json()["documents"]]


@pytest.fixture
def three(client, finish) -> list[str]:
    """Three documents, the first two read."""
    ids = [sent(client, reference=f"PO-{n}") for n in range(3)]
    for task_id, seller in zip(ids, ("Müller GmbH", "Ödön Kft."), strict=False):
        extraction = an_extraction()
        extraction.invoices[0].result.seller = Party(name=seller)
        finish(task_id, extraction)
    return ids


def test_documents_are_found_by_words_seller_and_reference(client, three):
    assert listed(client, q="2026-001") == [three[1], three[0]]
    assert listed(client, q="muller 2026") == [three[0]]
    assert listed(client, seller="odon") == [three[1]]
    assert listed(client, reference="PO-2") == [three[2]]
    assert listed(client, needs_review="false") == [three[1], three[0]]
    assert listed(client, q="nothing") == []


def test_documents_are_found_by_the_day_they_were_received(client, three):
    (day,) = {client.get(f"/v1/documents/{one}").json()["created_at"][:10] for one in three}
    assert listed(client, **{"from": day, "to": day}) == three[::-1]
    assert listed(client, **{"from": "2999-01-01"}) == []
    assert listed(client, to="9999-12-31") == three[::-1]
    assert listed(client, to="0001-01-01") == []


def test_the_link_to_the_next_page_asks_for_the_same(client, three):
    seen, path = [], "/v1/documents?limit=1&q=2026&needs_review=false&to=2999-01-01&seller="
    while path:
        answer = client.get(path)
        seen += [document["task_id"] for document in answer.json()["documents"]]
        path = answer.links.get("next", {}).get("url")
        assert path is None or "q=2026&" in path.replace("?", "&")
    assert seen == [three[1], three[0]]


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "to=2026-13-01", "needs_review=x", "q=" + "x" * 201, "reference=a%00b"],
)
def test_a_filter_that_says_nothing_is_422(client, query):
    answer = client.get(f"/v1/documents?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert answer.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_duplicates_are_asked_for_and_left_out(client):
    first, second = sent(client), sent(client)
    assert listed(client, duplicate="true") == [second]
    assert listed(client, duplicate="false") == [first]
