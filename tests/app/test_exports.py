"""Exports over HTTP: one document, chosen ones, what a filter finds."""

import csv
import io
import re
import tempfile

import httpx
import openpyxl
import pytest

from app.routes import exports
from invoice_extraction.export import FORMATS
from invoice_extraction.model.extraction import Extraction
from service.jobs import EACH, Jobs
from service.tenants import TENANT
from tests.app.conftest import PDF, an_extraction, client_of, upload
from tests.servers import ROOT, wait_until


@pytest.fixture
def done(client, finish):
    """Return the ids of that many finished documents, the oldest first."""

    def make(count: int = 1, **fields) -> list[str]:
        ids = []
        for _ in range(count):
            (entry,) = upload(client, ("Rechnung März.pdf", PDF), **fields).json()
            finish(entry["task_id"])
            ids.append(entry["task_id"])
        return ids

    return make


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_every_format_of_several_documents_is_offered():
    assert set(exports.OFFERED) == {name for name, form in FORMATS.items() if form.many}


@pytest.mark.parametrize("name", exports.OFFERED)
def test_a_document_is_exported_in_every_format_offered(client, done, name):
    (task_id,) = done()
    answer = client.get(f"/v1/documents/{task_id}/export?format={name}")
    form = FORMATS[name]
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == form.media_type
    assert answer.headers["Cache-Control"] == "private, no-cache"
    ending = f"filename*=UTF-8''Rechnung%20M%C3%A4rz.{form.extension}"
    assert answer.headers["Content-Disposition"].endswith(ending)
    many = client.get(f"/v1/export?format={name}")
    assert (many.status_code, many.headers["Content-Type"]) == (200, answer.headers["Content-Type"])


def test_json_of_a_document_is_its_extraction(client, done):
    (task_id,) = done()
    told = client.get(f"/v1/documents/{task_id}/export")
    assert Extraction.model_validate_json(told.content) == an_extraction()


def test_a_document_without_a_result_is_409(client):
    task_id = upload(client).json()[0]["task_id"]
    answer = client.get(f"/v1/documents/{task_id}/export")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "PENDING" in answer.json()["detail"]


def test_all_documents_with_a_result_are_exported_newest_first(client, done):
    ids = done(3)
    upload(client)
    assert [row["task_id"] for row in rows(client.get("/v1/export?format=csv"))] == ids[::-1]
    told = client.get("/v1/export").json()
    assert [document["task_id"] for document in told] == ids[::-1]
    assert told[0]["invoices"][0]["result"]["totals"]["gross"] == "119.00"
    book = openpyxl.load_workbook(io.BytesIO(client.get("/v1/export?format=xlsx").content))
    assert [row[0] for row in book["Invoices"].iter_rows(min_row=2, values_only=True)] == ids[::-1]


def test_documents_are_gone_through_page_by_page(client, done):
    ids = done(EACH + 1)
    assert [row["task_id"] for row in rows(client.get("/v1/export?format=csv"))] == ids[::-1]


def test_what_a_filter_finds_is_exported(client, done):
    done(reference="PO-6")
    (wanted,) = done(reference="PO-7")
    found = rows(client.get("/v1/export?format=csv&reference=PO-7"))
    assert [row["task_id"] for row in found] == [wanted]
    assert found[0]["reference"] == "PO-7"
    assert rows(client.get("/v1/export?format=csv&q=nothing-of-this")) == []
    assert client.get("/v1/export?reference=none").json() == []


def test_chosen_documents_are_exported_in_their_order_and_once(client, done):
    ids = done(3)
    waiting = upload(client).json()[0]["task_id"]
    chosen = ",".join([ids[0], ids[2], waiting, ids[0]])
    found = rows(client.get(f"/v1/export?format=csv&task_ids={chosen}"))
    assert [row["task_id"] for row in found] == [ids[0], ids[2]]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("format=pdf", 422, "invalid_option"),
        ("format=", 422, "invalid_option"),
        ("status=FAILURE", 422, "invalid_option"),
        ("task_ids=" + "0" * 32, 404, "unknown_task"),
        ("task_ids=x", 422, "invalid_option"),
        ("task_ids=", 422, "invalid_option"),
        ("task_ids=" + "0" * 32 + "&q=a", 422, "invalid_option"),
        ("task_ids=" + ",".join(["0" * 32] * 501), 422, "invalid_option"),
    ],
)
def test_an_export_asked_for_wrongly_is_refused(client, query, status, code):
    answer = client.get(f"/v1/export?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_chosen_document_that_was_deleted_is_410(client, done):
    ids = done(2)
    client.delete(f"/v1/documents/{ids[0]}")
    answer = client.get(f"/v1/export?task_ids={','.join(ids)}")
    assert (answer.status_code, answer.json()["code"]) == (410, "expired")


def test_a_formula_in_a_document_s_name_is_marked(client, finish):
    task_id = upload(client, ("=1+1.pdf", PDF), reference="@SUM(1)").json()[0]["task_id"]
    finish(task_id)
    (row,) = rows(client.get("/v1/export?format=csv"))
    assert (row["filename"], row["reference"]) == ("'=1+1.pdf", "'@SUM(1)")


# ---------------------------------------------------------------- what goes wrong on the way


@pytest.fixture
def limited(services, client, done):
    """A key under limits, and what its exports are counted by."""
    done(3)
    key = services.keys.make(TENANT, "k", frozenset({"read"}))
    return *key, {"Authorization": f"Bearer {key[1]}"}


def slowly(monkeypatch, do):
    """Let something be done before the third document of an export is read."""
    each = Jobs.each

    def slow(self, *arguments):
        for number, job in enumerate(each(self, *arguments)):
            if number == 2:
                do()
            yield job

    monkeypatch.setattr(Jobs, "each", slow)


def test_an_export_ends_when_its_key_is_revoked(services, client, limited, monkeypatch):
    key, _, headers = limited
    slowly(monkeypatch, lambda: services.keys.revoke(TENANT, key.id))
    answer = client.get("/v1/export?format=xlsx", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")


def test_a_database_that_goes_away_is_told_or_breaks_the_connection_off(
    server, client, done, monkeypatch
):
    done(3)

    def fail():
        raise ConnectionError

    slowly(monkeypatch, fail)
    url = f"{server}/v1/export"
    assert httpx.get(url, params={"format": "xlsx"}).status_code == 500
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url, params={"format": "json"})


def test_one_export_too_many_is_429_and_their_turns_are_given_back(services, app, limited):
    _, _, headers = limited
    turns = app.state.exports
    with client_of(app) as client:
        for _ in range(5):
            assert client.get("/v1/export?format=csv", headers=headers).status_code == 200
            assert client.get("/v1/export?format=none", headers=headers).status_code == 422
        with turns.hold(limited[0].id), turns.hold(limited[0].id):
            answer = client.get("/v1/export?format=csv", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert "exports" in answer.json()["detail"]
    assert not turns._running


def test_a_caller_who_goes_away_leaves_nothing(
    server, app, services, limited, tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _, _, headers = limited
    each = Jobs.each
    monkeypatch.setattr(
        Jobs, "each", lambda self, *a: (job for _ in range(3000) for job in each(self, *a))
    )
    with httpx.stream(
        "GET", f"{server}/v1/export?format=json", headers=headers, timeout=60
    ) as answer:
        next(answer.iter_raw())
        assert app.state.exports._running
    wait_until(lambda: not app.state.exports._running)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("tmp")]


def test_the_calls_of_the_page_work(server, done):
    (task_id,) = done(reference="PO-7")
    page = (ROOT / "docs" / "exports.md").read_text("utf-8")
    calls = re.findall(r'^curl -OJ "http://localhost:8000(\S+)"$', page, re.M)
    assert len(calls) >= 3
    for call in calls:
        answer = httpx.get(f"{server}{call.replace('$task', task_id)}")
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
