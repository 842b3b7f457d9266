"""The files of one upload, followed together; and files that were sent before."""

from datetime import datetime, timedelta

import pytest

from app.application import build_app
from tests.app.conftest import PDF, client_of, upload
from tests.app.test_access_matrix import bearer


def batch_of(answer) -> str:
    return answer.headers["Location"]


def test_an_upload_tells_where_its_files_are_followed_together(client, finish):
    answer = upload(client, ("a.pdf", PDF), ("b.pdf", b"%PDF-1.7 b"), ("empty.pdf", b""))
    first, second, refused = (entry["task_id"] for entry in answer.json())
    told = client.get(batch_of(answer)).json()
    assert [task["task_id"] for task in told["tasks"]] == [first, second, refused]
    assert (told["documents"], told["final"], told["finished_at"]) == (3, False, None)
    assert told["counts"] == {
        **dict.fromkeys(["STARTED", "RETRY", "SUCCESS", "REVOKED"], 0),
        "PENDING": 2,
        "FAILURE": 1,
    }
    for task in (first, second):
        assert client.get(f"/status/{task}").json()["batch_id"] == told["batch_id"]
        finish(task)
    told = client.get(batch_of(answer)).json()
    assert (told["final"], told["counts"]["SUCCESS"]) == (True, 2)
    assert told["finished_at"] == max(
        client.get(f"/status/{task}").json()["finished_at"] for task in (first, second)
    )


def test_deleted_documents_are_counted_apart_and_a_batch_goes_with_its_last(client):
    answer = upload(client, PDF, b"%PDF-1.7 b")
    for n, task in enumerate(entry["task_id"] for entry in answer.json()):
        client.delete(f"/v1/documents/{task}")
        told = client.get(batch_of(answer))
        if n == 0:
            assert (told.json()["documents"], told.json()["deleted"]) == (1, 1)
    assert (told.status_code, told.json()["code"]) == (410, "expired")


@pytest.mark.parametrize("unknown", ["0" * 32, "x", "%00", "é"])
def test_an_unknown_batch_is_404(client, unknown):
    answer = client.get(f"/v1/batches/{unknown}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_batch")


def test_an_upload_that_is_sent_again_is_told_the_same_batch(client):
    headers = {"Idempotency-Key": "k"}
    files = {"files": ("a.pdf", PDF)}
    first, again = (client.post("/extract-invoice", files=files, headers=headers) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert batch_of(first) == batch_of(again)
    assert first.json() == again.json()


def test_a_file_that_was_sent_before_says_so(client, services):
    (first,) = upload(client).json()
    (again,) = upload(client, ("other name.pdf", PDF)).json()
    assert "duplicate_of" not in first
    told = {"task_id": first["task_id"], "reason": "same_file"}
    assert again["duplicate_of"] == told
    assert client.get(f"/status/{again['task_id']}").json()["duplicate_of"] == told
    (listed, _) = client.get("/v1/documents").json()["documents"]
    assert listed["duplicate_of"] == told
    _, text = services.keys.make("acme", "k", frozenset({"read", "write"}))
    files = {"files": ("a.pdf", PDF)}
    answer = client.post("/extract-invoice", files=files, headers=bearer(text))
    assert "duplicate_of" not in answer.json()[0]


def test_a_document_tells_when_its_time_is_over(make_services, settings):
    services = make_services(settings.model_copy(update={"retention_days": 30}))
    with client_of(build_app(services)) as client:
        task = upload(client).json()[0]["task_id"]
        told = client.get(f"/status/{task}").json()
        gone = datetime.fromisoformat(told["created_at"]) + timedelta(days=30)
        assert datetime.fromisoformat(told["expires_at"]) == gone


def test_without_a_setting_a_document_is_kept(client):
    task = upload(client).json()[0]["task_id"]
    assert client.get(f"/status/{task}").json()["expires_at"] is None
