import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text

from service.store import search
from service.store.base import Filter
from service.tenants import TENANT
from tests.service.made import a_job

LEASE = timedelta(seconds=60)


def read(store, job_id: str, result: dict, page_text: str = "", **values):
    """Let a job be sent and read."""
    store.add([a_job(job_id, **values)])
    job = store.claim_next("w", LEASE)
    extraction = json.dumps({"invoices": [{"result": result}]})
    needs_review = bool(result.get("needs_review"))
    assert store.finish(
        job.id, job.lease_token, extraction, needs_review=needs_review, text=page_text
    )


def found(store, tenant: str = TENANT, **asked) -> list[str]:
    """Return the first letters of the ids that are found."""
    return [job.id[0] for job in store.newest(tenant, limit=9, asked=Filter(**asked)).jobs]


RESULT = {
    "invoice_number": "RE-2026/0017",
    "seller": {"name": "Müller & Söhne GmbH", "tax_id": "DE123456789"},
    "buyer": {"name": "Łódź Sp. z o.o."},
    "lines": [{"description": "Schrauben M8", "net_amount": "12.50"}],
}


@pytest.mark.parametrize(
    "question",
    [
        "RE-2026/0017",
        "re-2026",
        "re",
        "schr",
        "schraube",
        "m8",
        "0017",
        "muller",
        "MÜLLER SÖHNE",
        "gmbh schrauben",
        "Łódź",
        "de1234",
        "12.50",
        "Zahlbar sofort",
        "scan.pdf",
        "PO-7",
        "東京",
        "Ελλάδα",
        "ναύλος",
        "'; DROP TABLE jobs; --  müller",
    ],
)
def test_a_document_is_found_by_what_stands_in_it(store, question):
    text = "Zahlbar sofort. 株式会社東京 Ελλάδα ΝΑΎΛΟΣ drop table jobs"
    read(store, "a" * 32, RESULT, text, filename="scan.pdf", reference="PO-7")
    assert found(store, text=question) == ["a"]


@pytest.mark.parametrize(
    "question",
    ["2025", "q", "schraubenzieher", "sofort zahlungsziel", "0018", "***", '"', "* OR *", "京東"],
)
def test_what_stands_nowhere_is_not_found(store, question):
    read(store, "a" * 32, RESULT, "Zahlbar sofort 株式会社東京")
    assert found(store, text=question) == []


def test_a_seller_is_found_by_its_names_and_ids_alone(store):
    read(store, "a" * 32, RESULT, "von Muster AG geliefert")
    for seller in ("Müller", "sohne mull", "DE123456789"):
        assert found(store, seller=seller) == ["a"]
    for seller in ("Muster", "Łódź", "0017"):
        assert found(store, seller=seller) == []


def test_another_tenants_documents_are_not_found(store):
    read(store, "a" * 32, RESULT, tenant="acme")
    read(store, "b" * 32, RESULT, tenant="acme-2")
    assert found(store, "acme", text="müller") == ["a"]
    assert found(store, "acme", text="t61636d652d32") == []


def test_a_deleted_document_is_not_found_and_its_words_are_gone(store):
    read(store, "a" * 32, RESULT, "markerword")
    read(store, "b" * 32, RESULT)
    store.delete(TENANT, "a" * 32)
    assert found(store, text="markerword") == []
    with store.engine.connect() as connection:
        (left,) = connection.execute(text("SELECT job FROM search")).scalars()
    assert left == "b" * 32


def test_the_words_of_deleted_documents_leave_the_files_of_sqlite(sqlite_store, tmp_path):
    store = sqlite_store
    for letter in "abcdef":
        read(store, letter * 32, RESULT, f"marker{letter}word " + "filler " * 50)
    store.delete(TENANT, "c" * 32)
    store.forget_removed()
    with store.engine.connect() as connection:
        blocks = connection.exec_driver_sql("SELECT block FROM search_data").scalars().all()
        assert not connection.exec_driver_sql("SELECT id FROM search_removed").all()
        words = set(connection.exec_driver_sql("SELECT word FROM search_words").scalars())
    assert {"markerbword", "markerdword", "filler"} <= words
    assert "markercword" not in words
    assert not any(b"markercword" in block for block in blocks)
    assert found(store, text="markerdword") == ["d"]


@pytest.mark.parametrize("sort", ["-received", "received"])
def test_pages_of_what_was_found_follow_one_another_without_gap(store, sort):
    now = datetime.now(UTC)
    ids = [f"{n:032x}" for n in range(7)]
    for n, job_id in enumerate(ids):
        read(store, job_id, RESULT, created_at=now + timedelta(seconds=n // 2))
    seen, cursor = [], None
    while True:
        asked = Filter(text="müller")
        page = store.newest(TENANT, limit=3, cursor=cursor, asked=asked, sort=sort)
        seen += [job.id for job in page.jobs]
        if (cursor := page.next) is None:
            break
    assert sorted(seen) == ids
    order = [int(job_id, 16) // 2 for job_id in seen]
    assert order == sorted(order, reverse=sort == "-received")


def test_all_that_is_asked_for_has_to_hold(store):
    day = datetime(2026, 1, 31, 12, tzinfo=UTC)
    read(store, "a" * 32, RESULT | {"needs_review": True}, created_at=day, reference="one")
    read(store, "b" * 32, RESULT, created_at=day + timedelta(days=1), reference="two")
    read(store, "c" * 32, {"invoice_number": "7"}, created_at=day + timedelta(days=2))
    store.add([a_job("d" * 32, created_at=day + timedelta(days=3))])
    assert found(store) == ["d", "c", "b", "a"]
    assert found(store, status="SUCCESS") == ["c", "b", "a"]
    assert found(store, needs_review=True) == ["a"]
    assert found(store, needs_review=False, text="müller") == ["b"]
    assert found(store, reference="two") == ["b"]
    assert found(store, reference="two", text="müller") == ["b"]
    assert found(store, reference="one", text="müller", needs_review=False) == []
    assert found(store, reference="") == found(store)
    assert found(store, since=date(2026, 2, 1), until=date(2026, 2, 2)) == ["c", "b"]
    assert found(store, since=date(2026, 2, 1), text="gmbh") == ["b"]
    assert found(store, until=date(2026, 1, 31), seller="müller") == ["a"]
    assert found(store, until=date.max, since=date.min, status="PENDING") == ["d"]
    assert found(store, status="PENDING", text="müller") == []


def test_a_whole_page_has_the_extractions_too(store):
    read(store, "a" * 32, RESULT)
    (job,) = store.newest(TENANT, limit=9, whole=True).jobs
    assert json.loads(job.extraction)["invoices"][0]["result"] == RESULT
    (job,) = store.newest(TENANT, limit=9).jobs
    assert job.extraction is None


def test_a_document_of_very_many_words_is_kept_and_found(store):
    page_text = " ".join(f"word{n}" for n in range(40_000))
    read(store, "a" * 32, RESULT, page_text + " the end")
    assert found(store, text="word11000") == ["a"]
    assert len(page_text) > search.MAX_TEXT
    assert found(store, text="end") == []


def test_of_very_many_lines_the_first_are_found_and_the_rest_costs_nothing(store):
    lines = [{"description": f"item{n} of an invoice"} for n in range(20_000)]
    read(store, "a" * 32, RESULT | {"lines": lines})
    assert found(store, text="item77") == ["a"]
    assert found(store, text="item19999") == []


def test_a_beginning_that_very_many_words_have_finds_them_all(store):
    page_text = " ".join(f"begun{n}" for n in range(search.MAX_BEGUN + 9))
    read(store, "a" * 32, RESULT, page_text)
    read(store, "b" * 32, RESULT, "begun")
    assert found(store, text="begun") == ["b", "a"]
    assert found(store, text="begun begun1") == ["a"]
