"""Webhooks over HTTP: made, changed, tried and deleted; and the URL that an upload may name."""

import json

import pytest

from service.errors import ForbiddenUrl
from service.webhooks import EVENTS
from tests.app.conftest import upload

URL = "http://127.0.0.1:9/hook"
"""Nobody sends to it here, since no worker runs; and no name is looked up."""


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"webhook_allowed_hosts": ("127.0.0.1:9",)})


def make(client, **asked) -> dict:
    answer = client.post("/v1/webhooks", json={"url": URL} | asked)
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.json()


def told(client, hook: dict) -> list[dict]:
    return client.get(f"/v1/webhooks/{hook['id']}/deliveries").json()["deliveries"]


def test_a_secret_is_shown_once(client):
    made = make(client)
    assert made["secret"].startswith("whsec_")
    assert made["events"] == list(EVENTS)
    listed = client.get("/v1/webhooks")
    one = client.get(f"/v1/webhooks/{made['id']}")
    changed = client.patch(f"/v1/webhooks/{made['id']}", json={"events": ["document.failed"]})
    for answer in (listed, one, changed):
        assert made["secret"] not in answer.text
    assert listed.json()["webhooks"] == [one.json()]
    assert changed.json() == one.json() | {"events": ["document.failed"]}
    rotated = client.post(f"/v1/webhooks/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    assert rotated["secret_before_until"] is not None


@pytest.mark.parametrize(
    "asked",
    [
        {"url": "http://example.com/"},
        {"url": "https://127.0.0.1/"},
        {"url": "https://169.254.169.254/latest/meta-data/"},
        {"url": "https://user:word@127.0.0.1:9/"},
        {"url": "http://127.0.0.1:10/"},
        {"url": "https://localhost/"},
        {"url": "https://[::1]/"},
        {"url": "nothing"},
    ],
)
def test_a_private_url_is_refused(client, asked):
    hook = make(client)
    for answer in (
        client.post("/v1/webhooks", json=asked),
        client.patch(f"/v1/webhooks/{hook['id']}", json=asked),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "forbidden_url")
        assert answer.json()["hint"] == ForbiddenUrl.hint
    assert [one["url"] for one in client.get("/v1/webhooks").json()["webhooks"]] == [URL]


@pytest.mark.parametrize(
    "asked",
    [{"url": URL, "events": ["document.eaten"]}, {"url": URL, "color": "red"}, {"events": []}],
)
def test_what_no_webhook_can_be_is_refused(client, asked):
    answer = client.post("/v1/webhooks", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_option")


def test_a_switched_off_webhook_says_why_and_is_not_tried(client):
    hook = make(client, events=[])
    tried = client.post(f"/v1/webhooks/{hook['id']}/test")
    assert tried.status_code == 202
    assert (tried.json()["type"], tried.json()["state"]) == ("webhook.test", "pending")
    off = client.patch(f"/v1/webhooks/{hook['id']}", json={"enabled": False}).json()
    assert (off["enabled"], off["disabled_reason"]) == (False, "asked")
    assert [(one["state"], one["error"]) for one in told(client, hook)] == [
        ("failed", "switched_off")
    ]
    again = f"/v1/webhooks/{hook['id']}/deliveries/{tried.json()['id']}/redeliver"
    for path in (f"/v1/webhooks/{hook['id']}/test", again):
        answer = client.post(path)
        assert (answer.status_code, answer.json()["code"]) == (409, "webhook_conflict")
    on = client.patch(f"/v1/webhooks/{hook['id']}", json={"enabled": True}).json()
    assert (on["enabled"], on["disabled_reason"]) == (True, None)
    assert client.post(again).json()["state"] == "pending"


def test_deliveries_are_listed_by_state_and_page(client):
    hook = make(client)
    ids = [client.post(f"/v1/webhooks/{hook['id']}/test").json()["id"] for _ in range(3)]
    path = f"/v1/webhooks/{hook['id']}/deliveries"
    first = client.get(path, params={"limit": 2}).json()
    rest = client.get(path, params={"limit": 2, "cursor": first["next"]}).json()
    assert rest["next"] is None
    assert {one["id"] for one in first["deliveries"] + rest["deliveries"]} == set(ids)
    assert client.get(path, params={"state": "delivered"}).json()["deliveries"] == []
    assert client.get(path, params={"state": "lost"}).status_code == 422
    assert client.get(path, params={"limit": 201}).status_code == 422


def test_a_deleted_webhook_is_unknown(client):
    hook = make(client)
    assert client.delete(f"/v1/webhooks/{hook['id']}").status_code == 204
    assert client.get(f"/v1/webhooks/{hook['id']}").json()["code"] == "unknown_webhook"
    assert client.get("/v1/webhooks").json() == {"webhooks": []}


def test_what_became_of_a_document_is_told(client, finish):
    hook = make(client)
    good, refused = upload(client, b"%PDF-1.7\n", b"").json()
    finish(good["task_id"])
    types = {(one["task_id"], one["type"]) for one in told(client, hook)}
    assert {
        (good["task_id"], "document.completed"),
        (refused["task_id"], "document.failed"),
    } <= types
    client.delete(f"/v1/documents/{good['task_id']}")
    assert good["task_id"] not in {one["task_id"] for one in told(client, hook)}


def test_a_batch_is_told_with_a_link_to_it(client, finish):
    hook = make(client, events=["batch.completed"])
    first, second = upload(client, b"%PDF-1.7\n1", b"%PDF-1.7\n2").json()
    finish(first["task_id"])
    assert told(client, hook) == []
    finish(second["task_id"])
    (delivery,) = told(client, hook)
    data = json.loads(delivery["body"])["data"]
    assert data["counts"] == {"SUCCESS": 2}
    assert client.get(data["links"]["batch"]).status_code == 200


def test_an_upload_names_its_own_url(client, finish):
    url = f"{URL}?order=7"
    (task,) = upload(client, webhook_url=url).json()
    finish(task["task_id"])
    (hook,) = client.get("/v1/webhooks").json()["webhooks"]
    assert (hook["by_upload"], hook["url"], hook["events"]) == (True, "http://127.0.0.1:9", [])
    found = [one for one in told(client, hook) if one["task_id"]]
    assert [(one["url"], one["type"]) for one in found] == [(url, "document.completed")]
    assert json.loads(found[0]["body"])["data"]["task_id"] == task["task_id"]


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "ftp://127.0.0.1:9/", "http://127.0.0.1/"])
def test_an_upload_with_a_private_url_is_refused_as_a_whole(client, kept, url):
    answer = upload(client, webhook_url=url)
    assert (answer.status_code, answer.json()["code"]) == (422, "forbidden_url")
    assert kept() == []
    assert client.get("/v1/documents").json()["documents"] == []
    assert client.get("/v1/webhooks").json()["webhooks"] == []


def test_an_empty_url_counts_as_not_sent(client):
    assert upload(client, webhook_url=" ").status_code == 202
    assert client.get("/v1/webhooks").json()["webhooks"] == []


def test_neither_urls_nor_secrets_are_logged(client, finish, caplog):
    with caplog.at_level("DEBUG"):
        hook = make(client)
        (task,) = upload(client, webhook_url=f"{URL}?token=canary").json()
        finish(task["task_id"])
        client.post(f"/v1/webhooks/{hook['id']}/test")
    logged = "".join(
        repr(vars(record)) for record in caplog.records if not record.name.startswith("httpx")
    )
    assert "canary" not in logged
    assert hook["secret"] not in logged
