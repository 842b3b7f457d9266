"""What a row of the inbox offers to do about a document that was not read: to cancel it, to read it again."""

import re

import httpx
import pytest

from tests.app.conftest import client_of, upload

HTML = {"Accept": "text/html", "Accept-Language": "en"}


def offered(answer: httpx.Response) -> list[str]:
    """Return the names of the buttons that the rows have for it."""
    assert answer.status_code == 200
    return re.findall(r'data-act="[a-z]+" aria-label="([^"]*)"', answer.text)


def inbox(client) -> list[str]:
    return offered(client.get("/", headers=HTML))


def test_a_document_on_its_way_is_cancelled_and_then_read_again(client, begin, finish):
    (task,) = upload(client, ("bill.pdf", b"%PDF-1.7\nbill")).json()
    path = f"/v1/documents/{task['task_id']}"
    assert inbox(client) == ["Cancel bill.pdf"]
    begin(task["task_id"])
    assert inbox(client) == ["Cancel bill.pdf"]
    client.post(f"{path}/cancel").raise_for_status()
    assert inbox(client) == ["Read again bill.pdf"]
    client.post(f"{path}/retry").raise_for_status()
    assert inbox(client) == ["Cancel bill.pdf"]
    finish(task["task_id"])
    assert inbox(client) == []


def test_one_that_was_cancelled_while_it_waited_is_read_again_from_its_page_too(client):
    (task,) = upload(client).json()
    client.post(f"/v1/documents/{task['task_id']}/cancel").raise_for_status()
    assert 'data-decide="retry"' in client.get(f"/documents/{task['task_id']}", headers=HTML).text


def test_what_was_refused_at_the_door_is_not_kept_and_so_not_read_again(client):
    upload(client, ("letter.txt", b"Dear all"))
    assert inbox(client) == []


def test_one_that_failed_is_read_again(client, services, begin):
    (task,) = upload(client, ("bill.pdf", b"%PDF-1.7\nbill")).json()
    begin(task["task_id"])
    job = services.store.get("default", task["task_id"])
    services.store.fail(job.id, job.lease_token, {"title": "No", "detail": "No.", "code": "x"})
    assert inbox(client) == ["Read again bill.pdf"]


@pytest.mark.parametrize(
    ("scopes", "seen"), [(["read"], []), (["read", "write"], ["Cancel a.pdf"])]
)
def test_who_may_only_read_sees_no_such_button(app, client, scopes, seen):
    new = {"name": "desk", "scopes": ["read", "write", "admin"]}
    own = {"X-API-Key": client.post("/v1/keys", json=new).json()["key"]}
    asked = {"name": "other", "scopes": scopes}
    other = {"X-API-Key": client.post("/v1/keys", json=asked, headers=own).json()["key"]}
    files = {"files": ("a.pdf", b"%PDF-1.7\nx")}
    (task,) = client.post("/extract-invoice", files=files, headers=own).json()
    with client_of(app, headers=HTML | other) as reader:
        assert inbox(reader) == seen
        assert offered(reader.get(f"/documents/rows?ids={task['task_id']}")) == seen
