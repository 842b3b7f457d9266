import threading
from datetime import timedelta

import pytest

from app.application import build_app
from service.errors import RateLimited
from service.limits import Rates, Turns
from tests.app.conftest import PDF, client_of, upload

FOREIGN = ("10.0.0.7", 5)
ALL = frozenset({"read", "write", "admin"})


@pytest.fixture
def make_client(make_services, settings):
    """Return the client of a service with these settings, and its services."""
    entered = []

    def make(**changes):
        services = make_services(settings.model_copy(update=changes))
        client = client_of(build_app(services))
        client.__enter__()
        entered.append(client)
        return client, services

    yield make
    for client in entered:
        client.__exit__(None, None, None)


def bearer(services, tenant="acme", **options) -> dict[str, str]:
    key = services.keys.make(tenant, "k", ALL, **options)[1]
    return {"Authorization": f"Bearer {key}"}


def test_a_key_has_so_many_requests_a_minute_and_is_told_how_it_stands(make_client):
    client, services = make_client(rate_limit=3)
    key, other = bearer(services), bearer(services)
    left = [client.get("/v1/schema", headers=key) for _ in range(3)]
    assert [answer.headers["RateLimit-Remaining"] for answer in left] == ["2", "1", "0"]
    assert left[0].headers["RateLimit-Limit"] == "3"
    assert 0 < int(left[0].headers["RateLimit-Reset"]) <= 60
    refused = client.get("/v1/schema", headers=key)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert client.get("/v1/schema", headers=other).status_code == 200


def test_a_key_can_have_a_rate_of_its_own(make_client):
    client, services = make_client(rate_limit=2)
    fast, slow = bearer(services, rate=5), bearer(services, rate=1)
    for headers, served in ((fast, 5), (slow, 1)):
        answers = [client.get("/v1/schema", headers=headers).status_code for _ in range(6)]
        assert answers == [200] * served + [429] * (6 - served)


def test_this_machine_has_no_limit_in_open_mode(make_client):
    client, _ = make_client(rate_limit=1, max_queued=1, storage_quota=1, max_uploads=1)
    assert {upload(client, PDF, PDF).status_code for _ in range(3)} == {202}
    assert "RateLimit-Limit" not in client.get("/v1/schema").headers


def test_an_address_has_a_limit_where_everybody_may_call(make_client):
    client, _ = make_client(rate_limit=2, allow_anonymous=True)
    client = client_of(client.app, client=FOREIGN)
    assert [client.get("/v1/schema").status_code for _ in range(3)] == [200, 200, 429]


def test_keys_are_not_tried_for_long(make_client):
    client, services = make_client(rate_limit_address=3)
    good = bearer(services)
    wrong = {"Authorization": "Bearer inv_0"}
    seen = [client.get("/v1/schema", headers=wrong).status_code for _ in range(5)]
    assert seen == [401, 401, 401, 429, 429]
    assert client.post("/login", data={"key": "x"}).status_code == 429
    assert client.get("/v1/schema", headers=good).status_code == 200


def test_a_tenant_has_so_many_documents_waiting(make_client):
    client, services = make_client(max_queued=2)
    key, other = bearer(services), bearer(services, "bolt")
    files = {"files": ("a.pdf", PDF)}
    assert client.post("/extract-invoice", files=files, headers=key).status_code == 202
    two = [("files", ("a.pdf", PDF))] * 2
    assert client.post("/extract-invoice", files=two, headers=key).status_code == 503
    (entry,) = client.post("/extract-invoice", files=files, headers=key).json()
    refused = client.post("/extract-invoice", files=files, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (503, "queue_full")
    assert int(refused.headers["Retry-After"]) > 0
    assert client.post("/extract-invoice", files=files, headers=other).status_code == 202
    job = services.store.claim(entry["task_id"], "w", timedelta(seconds=60))
    assert job is not None
    assert client.post("/extract-invoice", files=files, headers=key).status_code == 202


def test_a_tenant_keeps_so_many_bytes_and_deleting_makes_room(make_client, tmp_path):
    client, services = make_client(storage_quota=2 * len(PDF) + 5)
    key, other = bearer(services), bearer(services, "bolt")
    files = {"files": ("a.pdf", PDF)}
    first = client.post("/extract-invoice", files=files, headers=key).json()[0]["task_id"]
    assert client.post("/extract-invoice", files=files, headers=key).status_code == 202
    refused = client.post("/extract-invoice", files=files, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert "Delete documents" in refused.json()["hint"]
    lie = [path for path in tmp_path.rglob("source") if path.is_file()]
    assert len(lie) == 2
    assert client.post("/extract-invoice", files=files, headers=other).status_code == 202
    # what is refused at the door takes no room, and gives none back
    bad = client.post("/extract-invoice", files={"files": ("a", b"\0")}, headers=key).json()
    for task in (first, bad[0]["task_id"]):
        client.delete(f"/v1/documents/{task}", headers=key)
    assert client.post("/extract-invoice", files=files, headers=key).status_code == 202
    assert client.post("/extract-invoice", files=files, headers=key).status_code == 507


def test_so_many_uploads_of_a_key_are_under_way_at_a_time():
    turns = Turns(2)
    with turns.hold("a"), turns.hold("a"):
        with pytest.raises(RateLimited, match="2 uploads") as refused, turns.hold("a"):
            pass
        assert refused.value.retry_after == 1
        with turns.hold("b"):
            pass
    with turns.hold("a"):
        pass


def test_requests_are_counted_over_all_processes_with_a_redis(valkey):
    first, second = Rates(valkey.url), Rates(valkey.url)
    assert not first.is_local
    seen = [rates.count("k", 4).refused for rates in (first, second) * 3]
    assert seen == [False] * 4 + [True] * 2


def test_while_redis_is_away_each_process_counts_alone(valkey):
    rates = Rates(valkey.url)
    valkey.stop()
    assert [rates.count("k", 2).refused for _ in range(3)] == [False, False, True]


def test_many_threads_that_count_at_once_pass_no_more_than_the_limit():
    rates, passed = Rates(), []

    def call():
        for _ in range(50):
            if not rates.count("k", 100).refused:
                passed.append(1)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 100
