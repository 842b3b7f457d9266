"""What people do with documents: correct, confirm, reject, read again, cancel."""

import json
from datetime import timedelta

import pytest

from invoice_extraction.model.document import Page, Word
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.invoice import Invoice
from service import words
from service.files import words_key
from service.tenants import TENANT
from tests.app.conftest import an_extraction, upload


@pytest.fixture
def task(client, finish) -> str:
    """A document that was read."""
    (entry,) = upload(client).json()
    finish(entry["task_id"])
    return entry["task_id"]


def tag(client, task: str) -> str:
    return client.get(f"/v1/documents/{task}").headers["ETag"]


def patch(client, task: str, change, number: int = 1, **headers):
    headers = headers or {"If-Match": tag(client, task)}
    body = change if isinstance(change, bytes) else json.dumps(change).encode()
    headers |= {"Content-Type": "application/merge-patch+json"}
    return client.patch(f"/v1/documents/{task}/invoices/{number}", content=body, headers=headers)


def test_a_correction_is_told_with_what_was_read_and_who_did_it(client, task):
    answer = patch(client, task, {"invoice_number": "18", "totals": {"net": "100.00"}})
    assert answer.status_code == 200
    told = answer.json()
    assert told["result"]["invoice_number"] == "18"
    assert told["result"]["totals"] == told["invoices"][0]["result"]["totals"]
    assert told["result"]["totals"]["gross"] == "119.00"
    evidence = told["invoices"][0]["evidence"]
    assert evidence["/totals/gross"]["origin"] == "text"
    assert evidence["/invoice_number"]["origin"] == "person"
    assert told["as_read"][0]["result"]["invoice_number"] == "2026-001"
    (deed,) = told["history"]
    assert (deed["action"], deed["invoice"]) == ("corrected", 1)
    assert deed["change"] == {"invoice_number": "18", "totals": {"net": "100.00"}}
    assert client.get(f"/status/{task}").json()["result"]["invoice_number"] == "18"
    assert client.get("/v1/documents?q=18").json()["documents"][0]["task_id"] == task


def test_a_null_takes_a_value_away_and_lists_are_replaced_whole(client, task):
    patch(client, task, {"notes": ["a", "b"], "seller": {"name": "Muster", "email": "a@b.c"}})
    told = patch(client, task, {"notes": ["c"], "seller": {"email": None}}).json()["result"]
    assert told["notes"] == ["c"]
    assert (told["seller"]["name"], told["seller"]["email"]) == ("Muster", None)
    told = patch(client, task, {"notes": None, "seller": None}).json()["result"]
    assert (told["notes"], told["seller"]) == ([], None)


def test_the_history_tells_what_took_effect_and_nothing_else(client, task):
    def change(**patched):
        return patch(client, task, patched).json()["history"][0]["change"]

    lines = [{"description": "one", "net_amount": "1.00"}, {"description": "two"}]
    said = {"invoice_number": "2026-001", "no_such_field": None, "seller": {"name": "Muster"}}
    seller = {"name": "Muster", "identifiers": []}
    assert change(**said, lines=lines) == {"seller": seller, "lines": lines}
    changed = [lines[0], {"description": "two", "net_amount": "5.00"}]
    assert change(lines=changed) == {"lines": {"1": {"net_amount": "5.00"}}}
    assert change(lines=changed[:1], seller=None) == {"lines": changed[:1], "seller": None}


def test_the_checks_are_made_again(client, task):
    wrong = {"totals": {"net": "100.00", "tax": "20.00"}}
    told = patch(client, task, wrong).json()
    assert told["needs_review"]
    checks = {check["id"]: check["status"] for check in told["invoices"][0]["checks"]}
    assert checks["BR-CO-15"] == "fail"
    told = patch(client, task, {"totals": {"tax": "19.00"}}).json()
    checks = {check["id"]: check["status"] for check in told["invoices"][0]["checks"]}
    assert checks["BR-CO-15"] == "pass"
    assert [deed["action"] for deed in told["history"]] == ["corrected", "corrected"]


def test_a_patch_that_changes_nothing_leaves_all_as_it_is(client, task):
    before = client.get(f"/v1/documents/{task}")
    same = patch(client, task, {"invoice_number": "2026-001"})
    assert (same.json(), same.headers["ETag"]) == (before.json(), before.headers["ETag"])


def test_a_second_invoice_is_corrected_by_its_number(client, finish):
    task = upload(client).json()[0]["task_id"]
    extraction = an_extraction()
    extraction.invoices.append(ExtractedInvoice(result=Invoice(invoice_number="2")))
    finish(task, extraction)
    told = patch(client, task, {"invoice_number": "3"}, number=2).json()
    numbers = [invoice["result"]["invoice_number"] for invoice in told["invoices"]]
    assert numbers == ["2026-001", "3"]
    answer = patch(client, task, {}, number=3)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_invoice")


def test_a_change_has_to_name_the_version_it_is_made_to(client, task):
    answer = patch(client, task, {"invoice_number": "18"}, **{"If-None-Match": "*"})
    assert (answer.status_code, answer.json()["code"]) == (428, "missing_if_match")
    old = tag(client, task)
    assert patch(client, task, {"invoice_number": "18"}).status_code == 200
    for stale in (old, f"W/{tag(client, task)}", '"x"', "", f'{old}, "99"'):
        answer = patch(client, task, {"invoice_number": "19"}, **{"If-Match": stale})
        assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    for number in ("19", "20"):
        right = f"{old}, {tag(client, task)}" if number == "19" else "*"
        answer = patch(client, task, {"invoice_number": number}, **{"If-Match": right})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"total": 1}, "/total"),
        ({"totals": {"gross": "much"}}, "/totals/gross"),
        ({"totals": {"gross": True}}, "/totals/gross"),
        ({"issue_date": "31.01.2026"}, "/issue_date"),
        ({"currency": "Euro"}, "/currency"),
        ({"lines": {"0": {}}}, "/lines"),
        ({"lines": [{"net": "1"}]}, "/lines/0/net"),
        ({"invoice_number": ""}, "/invoice_number"),
        ({"notes": [" "]}, "/notes/0"),
        ([1], ""),
        (None, ""),
    ],
)
def test_what_would_be_no_invoice_is_refused_and_named(client, task, change, pointer):
    before = client.get(f"/v1/documents/{task}").json()
    answer = patch(client, task, change)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert client.get(f"/v1/documents/{task}").json() == before


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed_request"),
        (b"{", 400, "malformed_request"),
        (b'{"custom": {"a": NaN}}', 400, "malformed_request"),
        (rb'{"invoice_number": "\ud800"}', 400, "malformed_request"),
        (rb'{"invoice_number": "X", "\ud800": null}', 400, "malformed_request"),
        (b'{"a":' * 50_000, 400, "malformed_request"),
        (b'{"custom": ' + b'{"a":' * 900 + b"1" + b"}" * 901, 422, "invalid_option"),
        (b'"' + b"x" * 500_001 + b'"', 413, "request_too_large"),
        (b"\xff", 400, "malformed_request"),
    ],
)
def test_a_patch_that_is_none_is_refused(client, task, body, status, code):
    answer = patch(client, task, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_own_fields_have_to_fit_their_schema(client, finish):
    schema = {"type": "object", "properties": {"cost_centre": {"type": "integer"}}}
    task = upload(client, fields_schema=json.dumps(schema)).json()[0]["task_id"]
    finish(task)
    answer = patch(client, task, {"custom": {"cost_centre": "four"}})
    assert answer.json()["errors"][0]["pointer"] == "/custom/cost_centre"
    answer = patch(client, task, {"custom": {"cost_centre": 4}})
    assert answer.json()["result"]["custom"] == {"cost_centre": 4}


def test_a_confirmed_document_needs_no_look_until_it_is_changed(client, task):
    patch(client, task, {"totals": {"net": "1.00", "tax": "1.00"}})
    assert client.get("/v1/documents?needs_review=true").json()["documents"]
    told = client.post(f"/v1/documents/{task}/confirm", headers={"If-Match": tag(client, task)})
    assert (told.status_code, told.json()["decision"]) == (200, "confirmed")
    assert not client.get("/v1/documents?needs_review=true").json()["documents"]
    again = client.post(f"/v1/documents/{task}/confirm")
    assert again.json() == told.json()
    told = patch(client, task, {"notes": ["n"]}).json()
    assert (told["decision"], told["needs_review"]) == (None, True)
    told = client.post(f"/v1/documents/{task}/reject").json()
    assert (told["decision"], told["history"][0]["action"]) == ("rejected", "rejected")


def test_a_decision_is_taken_back(client, task):
    patch(client, task, {"totals": {"net": "1.00", "tax": "1.00"}})
    assert client.post(f"/v1/documents/{task}/reopen").json()["history"][0]["action"] == "corrected"
    for decision in ("confirm", "reject"):
        seen = tag(client, task)
        client.post(f"/v1/documents/{task}/{decision}")
        stale = client.post(f"/v1/documents/{task}/reopen", headers={"If-Match": seen})
        assert (stale.status_code, stale.json()["code"]) == (412, "stale")
        told = client.post(f"/v1/documents/{task}/reopen").json()
        assert (told["decision"], told["needs_review"]) == (None, True)
        assert told["history"][0]["action"] == "reopened"
        assert client.get("/v1/documents?needs_review=true").json()["documents"]
    assert client.post(f"/v1/documents/{task}/retry").status_code == 202
    assert client.post(f"/v1/documents/{task}/reopen").json()["code"] == "conflict"


def test_the_accounts_of_a_reopened_document_are_not_known_any_more(client, task, finish):
    seller = {"seller": {"name": "Muster"}}
    patch(client, task, seller | {"payment": {"accounts": [{"iban": "DE89370400440532013000"}]}})
    client.post(f"/v1/documents/{task}/confirm")
    client.post(f"/v1/documents/{task}/reopen")
    other = upload(client, b"%PDF-1.7 another").json()[0]["task_id"]
    finish(other)
    account = {"accounts": [{"iban": "GB82WEST12345698765432"}]}
    told = patch(client, other, seller | {"payment": account}).json()
    found = {check["id"]: check["status"] for check in told["invoices"][0]["checks"]}
    assert found["bank_account_changed"] != "fail"


def test_what_was_changed_since_it_was_seen_is_not_confirmed(client, task):
    seen = tag(client, task)
    patch(client, task, {"notes": ["n"]})
    answer = client.post(f"/v1/documents/{task}/confirm", headers={"If-Match": seen})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


def test_a_document_is_read_again_by_another_engine(client, task, begin, finish):
    answer = client.post(f"/v1/documents/{task}/retry", json={"engine": "llm", "force": True})
    assert (answer.status_code, answer.json()["status"]) == (202, "PENDING")
    assert answer.json()["options"] == {"engine": "llm", "force": True}
    assert (answer.json()["result"], answer.json()["invoices"]) == (None, [])
    assert client.post(f"/v1/documents/{task}/retry").status_code == 409
    assert client.get(f"/status/{task}").headers["Retry-After"]
    finish(task)
    assert client.get(f"/status/{task}").json()["status"] == "SUCCESS"
    assert client.post(f"/v1/documents/{task}/retry").status_code == 202


@pytest.mark.parametrize("body", [{"engine": "best"}, {"pages": "1"}, {"force": "perhaps"}, [1]])
def test_a_retry_with_options_that_do_not_exist_is_422(client, task, body):
    answer = client.post(f"/v1/documents/{task}/retry", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")


def test_a_document_on_its_way_is_cancelled_and_no_other(client, task, begin):
    answer = client.post(f"/v1/documents/{task}/cancel")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    waiting = upload(client).json()[0]["task_id"]
    begin(waiting)
    told = client.post(f"/v1/documents/{waiting}/cancel").json()
    assert (told["status"], told["error"]["code"]) == ("REVOKED", "cancelled")
    answer = client.post(f"/v1/documents/{waiting}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert patch(client, waiting, {}).json()["code"] == "conflict"
    assert client.get(f"/v1/documents/{waiting}/file").status_code == 200


def test_the_words_of_a_page_are_told_with_their_places(client, task, services):
    page = Page(2, 200.0, 100.0, (Word("Total", 20.0, 10.0, 60.0, 20.0, 0.9),), origin="ocr")
    kept = words.written([Page(1, 10.0, 10.0), page])
    services.storage.put(words_key(TENANT, task), kept)
    told = client.get(f"/v1/documents/{task}/pages/2/words").json()
    assert told == {
        "page": 2,
        "width": 200.0,
        "height": 100.0,
        "origin": "ocr",
        "words": [{"text": "Total", "box": [0.1, 0.1, 0.3, 0.2], "confidence": 0.9}],
    }
    assert client.get(f"/v1/documents/{task}/pages/1/words").json()["words"] == []
    answer = client.get(f"/v1/documents/{task}/pages/3/words")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_words")


def test_a_document_that_was_not_read_has_no_words(client):
    task = upload(client).json()[0]["task_id"]
    answer = client.get(f"/v1/documents/{task}/pages/1/words")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_words")


def test_a_lease_that_ran_out_does_not_bring_a_cancelled_document_back(client, services):
    task = upload(client).json()[0]["task_id"]
    services.store.claim(task, "w", timedelta(seconds=-1))
    client.post(f"/v1/documents/{task}/cancel")
    assert services.store.claim_next("w", timedelta(seconds=60)) is None
    services.jobs.reap()
    assert client.get(f"/status/{task}").json()["status"] == "REVOKED"


def test_a_corrected_invoice_is_compared_with_the_others_again(client, task, finish):
    seller = {"name": "Muster GmbH"}
    own = {"issue_date": "2026-01-31", "seller": seller}
    assert patch(client, task, own).json()["invoices"][0]["checks"][-2]["status"] == "pass"
    other = upload(client, b"%PDF-1.7 another").json()[0]["task_id"]
    finish(other)
    told = patch(client, other, own).json()
    found = {check["id"]: check for check in told["invoices"][0]["checks"]}
    assert found["duplicate"]["status"] == "fail"
    assert task in found["duplicate"]["message"]
    told = patch(client, other, {"invoice_number": "2"}).json()
    checks = [check for check in told["invoices"][0]["checks"] if check["id"] == "duplicate"]
    assert [check["status"] for check in checks] == ["pass"]


def test_a_bank_account_that_differs_from_the_confirmed_one_is_told(client, task, finish):
    def paid_to(iban: str):
        return {"seller": {"name": "Muster"}, "payment": {"accounts": [{"iban": iban}]}}

    patch(client, task, paid_to("DE89370400440532013000"))
    client.post(f"/v1/documents/{task}/confirm")
    other = upload(client, b"%PDF-1.7 another").json()[0]["task_id"]
    finish(other)
    told = patch(client, other, paid_to("GB82WEST12345698765432")).json()
    found = {check["id"]: check["status"] for check in told["invoices"][0]["checks"]}
    assert (found["bank_account_changed"], told["needs_review"]) == ("fail", True)
    told = patch(client, other, paid_to("DE89 3704 0044 0532 0130 00")).json()
    found = {check["id"]: check["status"] for check in told["invoices"][0]["checks"]}
    assert found["bank_account_changed"] == "pass"
