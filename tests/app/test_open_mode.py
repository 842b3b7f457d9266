import pytest

from app.application import build_app
from app.headers import PAGE_POLICY
from tests.app.conftest import client_of, upload

LOCAL = ("127.0.0.1", 5)
FOREIGN = ("10.0.0.7", 5)


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        (LOCAL, {}, 200),
        (("::1", 5), {}, 200),
        (("::ffff:127.0.0.1", 5), {}, 200),
        (("127.8.9.1", 5), {}, 200),
        (FOREIGN, {}, 401),
        (("::ffff:10.0.0.7", 5), {}, 401),
        (("a-unix-socket", 5), {}, 401),
        (LOCAL, {"Forwarded": "for=10.0.0.7"}, 401),
        (LOCAL, {"X-Forwarded-For": "127.0.0.1"}, 401),
        (LOCAL, {"X-Forwarded-Proto": "https"}, 401),
        (LOCAL, {"X-Real-IP": "10.0.0.7"}, 401),
        (LOCAL, {"Via": "1.1 proxy"}, 401),
        (LOCAL, {"Host": "localhost"}, 200),
        (LOCAL, {"Host": "LOCALHOST:8000"}, 200),
        (LOCAL, {"Host": "[::1]:8000"}, 200),
        (LOCAL, {"Host": "evil.example"}, 403),
        (LOCAL, {"Host": "localhost.evil.example"}, 403),
        (LOCAL, {"Host": "localhost@evil.example"}, 403),
        (LOCAL, {"Host": "localhost:x"}, 403),
        (LOCAL, {"Host": ""}, 403),
        (LOCAL, {"Host": "[::1"}, 403),
        (LOCAL, {"Origin": "http://127.0.0.1"}, 200),
        (LOCAL, {"Origin": "http://evil.example"}, 403),
        (LOCAL, {"Origin": "http://127.0.0.1:3000"}, 403),
        (LOCAL, {"Origin": "null"}, 403),
        (LOCAL, {"Origin": "http://["}, 403),
        (LOCAL, {"Sec-Fetch-Site": "same-origin"}, 200),
        (LOCAL, {"Sec-Fetch-Site": "none"}, 200),
        (LOCAL, {"Sec-Fetch-Site": "cross-site"}, 403),
        (LOCAL, {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ],
)
def test_open_mode_serves_this_machine_alone(app, peer, headers, status):
    client = client_of(app, client=peer)
    with client:
        assert client.get("/v1/limits", headers=headers).status_code == status


def test_a_refusal_says_what_to_do(app, client):
    answer = client_of(app, client=FOREIGN).get("/v1/limits")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["code"] == "missing_key"
    assert "python -m app keys create" in answer.json()["hint"]


def test_a_refused_upload_keeps_nothing(app, client, kept):
    answer = upload(client_of(app, client=FOREIGN))
    assert answer.status_code == 401
    assert kept() == []


def test_a_page_of_another_site_cannot_send(client):
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}
    answer = client.post("/extract-invoice", files={"files": b"%PDF-"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_origin")


def test_a_link_from_another_site_opens_a_page_but_no_data(client):
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert client.get("/docs", headers=headers).status_code == 200
    assert client.get("/", headers=headers).status_code == 200
    assert client.get("/v1/documents", headers=headers).status_code == 403
    assert client.get("/openapi.json", headers=headers).status_code == 403
    assert client.get("/", headers=headers | {"Sec-Fetch-Dest": "iframe"}).status_code == 403


def test_health_is_open_to_all(app):
    assert client_of(app, client=FOREIGN).get("/health/live", headers={"Host": "x"}).is_success


def test_anonymous_mode_serves_every_peer_but_no_strange_host(make_services, settings):
    everyone = settings.model_copy(update={"allow_anonymous": True, "allowed_hosts": ("Inv.test",)})
    with client_of(build_app(make_services(everyone)), client=FOREIGN) as client:
        assert client.get("/v1/limits", headers={"X-Forwarded-For": "1.2.3.4"}).is_success
        assert client.get("/v1/limits", headers={"Host": "inv.test:80"}).is_success
        assert client.get("/v1/limits", headers={"Host": "evil.example"}).status_code == 403
        assert (
            client.get("/v1/limits", headers={"Origin": "http://evil.example"}).status_code == 403
        )


def test_listed_origins_may_call(make_services, settings):
    friend = settings.model_copy(update={"cors_origins": ("http://friend.example",)})
    headers = {"Origin": "http://friend.example", "Sec-Fetch-Site": "cross-site"}
    with client_of(build_app(make_services(friend))) as client:
        answer = client.get("/v1/limits", headers=headers)
        assert answer.headers["Access-Control-Allow-Origin"] == "http://friend.example"
        assert (
            client.get("/v1/limits", headers={"Origin": "http://evil.example"}).status_code == 403
        )


def test_pages_have_the_policy_of_pages(client):
    assert client.get("/").headers["Content-Security-Policy"] == PAGE_POLICY
