"""Ids and names that no database keeps, on PostgreSQL too: they are unknown or refused, and no fault here."""

import pytest
from pydantic import SecretStr

from app.application import build_app
from tests.app.conftest import client_of


@pytest.fixture
def on_postgres(make_services, settings, postgres):
    services = make_services(settings.model_copy(update={"database_url": SecretStr(postgres)}))
    with client_of(build_app(services)) as client:
        yield client


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/webhooks/a%00"),
        ("DELETE", "/v1/webhooks/%00"),
        ("GET", "/v1/webhooks/a%00/deliveries"),
        ("POST", "/v1/webhooks/" + "a" * 32 + "/deliveries/%00/redeliver"),
        ("DELETE", "/v1/keys/a%00"),
    ],
)
def test_an_id_that_cannot_be_one_of_ours_is_unknown(on_postgres, method, path):
    assert on_postgres.request(method, path).status_code == 404


def test_a_cursor_that_the_list_did_not_give_is_refused(on_postgres):
    answer = on_postgres.get("/v1/webhooks/" + "a" * 32 + "/deliveries?cursor=%00")
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_a_name_that_cannot_be_kept_is_refused(on_postgres):
    answer = on_postgres.post("/v1/keys", json={"name": "a\0"})
    assert answer.json()["errors"][0]["pointer"] == "/name"
