"""Every route by every caller: its own tenant, a foreign one, nobody, a revoked key, a key without the scope.

A route that has no row in TABLE fails the first test here: say who may call it, and what a stranger sees.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Mount, Route

from app.application import build_app
from config.config import Settings
from service.wiring import build_services
from tests.app.conftest import PDF, an_extraction, client_of

NO_WEBHOOK = {"webhook_id": "0" * 32, "delivery_id": "msg_0"}
"""What no webhook and no delivery has for its id."""

MARKER = "marker-7261"
"""Stands in all that the own tenant keeps; a stranger must never see it."""


@dataclass(frozen=True)
class Row:
    """Who may call a route, and with what it answers its own tenant and a foreign one.

    `scope` is None where any key will do, "open" where none is needed. `path` and `call` say how it is
    called: TASK and KEY in a path stand for ids of the own tenant.
    """

    scope: str | None
    own: int
    foreign: int
    path: str | None = None
    call: dict[str, Any] = field(default_factory=dict)


HOOK = "http://127.0.0.1:9/hook"
"""Where webhooks go here: nobody sends them, since no worker runs, and no name is looked up."""

FILES = {"files": [("files", ("a.pdf", PDF))]}

TABLE: dict[tuple[str, str], Row] = {
    ("POST", "/extract-invoice"): Row("write", 202, 202, call=FILES),
    ("GET", "/status/{task_id}"): Row("read", 200, 404),
    ("GET", "/v1/documents"): Row("read", 200, 200),
    ("GET", "/v1/documents/{task_id}"): Row("read", 200, 404),
    ("DELETE", "/v1/documents/{task_id}"): Row("write", 204, 404),
    ("PATCH", "/v1/documents/{task_id}/invoices/{invoice}"): Row(
        "write", 200, 404, call={"json": {"notes": ["n"]}, "headers": {"If-Match": "*"}}
    ),
    ("POST", "/v1/documents/{task_id}/confirm"): Row("write", 200, 404),
    ("POST", "/v1/documents/{task_id}/reject"): Row("write", 200, 404),
    ("POST", "/v1/documents/{task_id}/reopen"): Row("write", 200, 404),
    ("POST", "/v1/documents/{task_id}/retry"): Row("write", 202, 404),
    ("POST", "/v1/documents/{task_id}/cancel"): Row("write", 409, 404),
    ("GET", "/v1/documents/{task_id}/pages/{page}/words"): Row("read", 404, 404),
    ("GET", "/v1/documents/{task_id}/earlier"): Row("read", 404, 404),
    ("GET", "/v1/documents/{task_id}/file"): Row("read", 200, 404),
    # the file is no more than a PDF's head: its owner is told that it cannot be drawn
    ("GET", "/v1/documents/{task_id}/pages/{page}.webp"): Row("read", 422, 404),
    ("GET", "/v1/events"): Row("read", 200, 404, "/v1/events?task_ids=TASK"),
    ("GET", "/v1/batches/{batch_id}"): Row("read", 200, 404),
    ("POST", "/v1/keys"): Row("admin", 201, 201, call={"json": {"name": "new"}}),
    ("GET", "/v1/keys"): Row("admin", 200, 200),
    ("DELETE", "/v1/keys/{key_id}"): Row("admin", 204, 404),
    ("POST", "/v1/webhooks"): Row("admin", 201, 201, call={"json": {"url": HOOK}}),
    ("GET", "/v1/webhooks"): Row("admin", 200, 200),
    ("GET", "/v1/webhooks/{webhook_id}"): Row("admin", 200, 404),
    ("PATCH", "/v1/webhooks/{webhook_id}"): Row("admin", 200, 404, call={"json": {"events": []}}),
    ("DELETE", "/v1/webhooks/{webhook_id}"): Row("admin", 204, 404),
    ("POST", "/v1/webhooks/{webhook_id}/rotate"): Row("admin", 200, 404),
    ("POST", "/v1/webhooks/{webhook_id}/test"): Row("admin", 202, 404),
    ("GET", "/v1/webhooks/{webhook_id}/deliveries"): Row("admin", 200, 404),
    ("POST", "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver"): Row(
        "admin", 202, 404
    ),
    ("GET", "/v1/limits"): Row("read", 200, 200),
    ("GET", "/v1/documents/{task_id}/export"): Row("read", 200, 404),
    ("GET", "/v1/export"): Row("read", 200, 200),
    ("GET", "/v1/engines"): Row("read", 200, 200),
    ("GET", "/v1/usage"): Row("read", 200, 200),
    ("GET", "/v1/schema"): Row("read", 200, 200),
    ("GET", "/openapi.json"): Row(None, 200, 200),
    ("GET", "/docs"): Row(None, 200, 200),
    ("GET", "/docs/errors"): Row(None, 200, 200),
    ("GET", "/docs/style.css"): Row(None, 200, 200),
    ("GET", "/"): Row("read", 200, 200),
    ("GET", "/settings"): Row("read", 200, 200),
    ("GET", "/documents/rows"): Row("read", 200, 200, "/documents/rows?ids=TASK"),
    ("GET", "/documents/{task_id}"): Row("read", 200, 404),
    ("GET", "/documents/{task_id}/beside/{other}"): Row(
        "read", 200, 404, "/documents/TASK/beside/TASK"
    ),
    ("GET", "/documents/{task_id}/earlier"): Row("read", 303, 404),
    ("GET", "/login"): Row("open", 200, 200),
    ("POST", "/login"): Row("open", 401, 401, call={"data": {"key": "none"}}),
    ("POST", "/logout"): Row("open", 303, 303),
    ("GET", "/language/{code}"): Row("open", 303, 303, "/language/de"),
    ("GET", "/look/{name}"): Row("open", 303, 303, "/look/dark"),
    ("GET", "/health/live"): Row("open", 200, 200),
    ("GET", "/health/ready"): Row("open", 503, 503),  # no worker runs here
    ("GET", "/static/samples"): Row("open", 404, 404),
    ("GET", "/static"): Row("open", 200, 200, "/static/style.css"),
}


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Return method and path of every route, those of mounted applications as one."""
    found: set[tuple[str, str]] = set()
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop()
        if isinstance(route, Mount):
            found.add(("GET", route.path))
        elif isinstance(route, Route) or hasattr(route, "methods"):
            found |= {(method, route.path) for method in route.methods - {"HEAD"}}
        else:
            waiting += route.original_router.routes  # an included router of FastAPI's
    return found


@dataclass
class World:
    """The service with two tenants, and a key for each kind of caller."""

    client: TestClient
    services: Any
    keys: dict[str, str]

    def document(self) -> str:
        """Return the id of a finished document of the own tenant, with the marker in all of it."""
        form = {"reference": MARKER, "metadata": f'"{MARKER}"'}
        headers = bearer(self.keys["own"])
        files = [("files", (f"{MARKER}.pdf", PDF))]
        answer = self.client.post("/extract-invoice", data=form, headers=headers, files=files)
        (entry,) = answer.json()
        extraction = an_extraction()
        extraction.invoices[0].result.invoice_number = MARKER
        text = extraction.model_dump_json()
        done = None
        while done != entry["task_id"]:  # the tenants take turns
            job = self.services.store.claim_next("w", timedelta(seconds=60))
            said = text if job.tenant == "ours" else an_extraction().model_dump_json()
            assert self.services.store.finish(job.id, job.lease_token, said, needs_review=False)
            done = job.id
        return done


def bearer(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    services = build_services(
        Settings(
            _env_file=None,
            data_dir=folder,
            broker_url="redis://x:1",
            webhook_allowed_hosts=("127.0.0.1:9",),
            rate_limit_address=10**6,
        )
    )
    app = build_app(services)
    with client_of(app) as client:
        every = frozenset({"read", "write", "admin"})
        keys = {
            "own": services.keys.make("ours", MARKER, every)[1],
            "foreign": services.keys.make("theirs", "k", every)[1],
            **{
                f"no {scope}": services.keys.make("ours", MARKER, every - {scope})[1]
                for scope in every
            },
        }
        gone, keys["revoked"] = services.keys.make("ours", MARKER, every)
        services.keys.revoke("ours", gone.id)
        yield World(client, services, keys)


def call(world: World, route: tuple[str, str], caller: str | None):
    method, path = route
    row = TABLE[route]
    path = row.path or path
    if "{task_id}" in path or "TASK" in path:
        path = path.replace("{task_id}", "TASK").replace("TASK", world.document())
    if "{batch_id}" in path:
        batch = world.services.store.get("ours", world.document()).batch
        path = path.replace("{batch_id}", batch)
    if "{key_id}" in path:
        made, _ = world.services.keys.make("ours", MARKER, frozenset({"read"}))
        path = path.replace("{key_id}", made.id)
    if "{webhook_id}" in path:
        hook = world.services.webhooks.make("ours", f"{HOOK}?{MARKER}", ())
        sent = world.services.webhooks.store.test("ours", hook.id)
        path = path.replace("{webhook_id}", hook.id).replace("{delivery_id}", sent.event)
    path = path.replace("{page}", "1").replace("{invoice}", "1")
    options = row.call | {"headers": row.call.get("headers", {}) | bearer(world.keys.get(caller))}
    return world.client.request(method, path, follow_redirects=False, **options)


def test_every_route_has_its_row_and_every_row_its_route(world):
    assert routes_of(world.client.app) == set(TABLE)


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_the_own_tenant_is_served(world, route):
    assert call(world, route, "own").status_code == TABLE[route].own


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_a_foreign_tenant_sees_nothing_and_ids_are_unknown_to_it(world, route):
    answer = call(world, route, "foreign")
    assert answer.status_code == TABLE[route].foreign
    assert MARKER not in answer.text
    if answer.status_code == 404 and "{" in route[1]:
        unknown = world.client.request(
            route[0],
            route[1].format(
                task_id="0" * 32,
                other="0" * 32,
                batch_id="0" * 32,
                key_id="0" * 12,
                page=1,
                invoice=1,
                **NO_WEBHOOK,
            ),
            **TABLE[route].call
            | {"headers": TABLE[route].call.get("headers", {}) | bearer(world.keys["foreign"])},
        )
        assert unknown.status_code == 404
        if "json" in answer.headers["Content-Type"]:
            told = [one.json() | {"instance": "", "request_id": ""} for one in (answer, unknown)]
            assert told[0] == told[1]


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_nobody_is_served_without_a_key(world, route):
    answer = call(world, route, None)
    if TABLE[route].scope == "open":
        assert answer.status_code == TABLE[route].own
        return
    assert (answer.status_code, answer.json()["code"]) == (401, "missing_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_a_revoked_key_is_no_key(world, route):
    answer = call(world, route, "revoked")
    if TABLE[route].scope == "open":
        assert answer.status_code == TABLE[route].own
        return
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_key")
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize("route", TABLE, ids=" ".join)
def test_a_key_without_the_scope_is_refused(world, route):
    scope = TABLE[route].scope
    if scope in {None, "open"}:
        return
    answer = call(world, route, f"no {scope}")
    assert answer.status_code == 403
    assert MARKER not in answer.text
    if "json" in answer.headers["Content-Type"]:
        assert answer.json()["code"] == "forbidden_scope"
