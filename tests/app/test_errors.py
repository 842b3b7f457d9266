import re
from pathlib import Path

import pytest
from fastapi import APIRouter

from app.errors import STATUS, answer
from app.routes.reference import BASES, listed_errors
from invoice_extraction.errors import ExtractionError
from service.errors import ServiceError
from tests.app.conftest import upload

DOCS = Path(__file__).parents[2] / "docs"
FIELDS = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "hint",
    "retryable",
    "request_id",
}


def subclasses(kind: type) -> set[type]:
    return {kind}.union(*(subclasses(sub) for sub in kind.__subclasses__()))


@pytest.mark.parametrize("base", [ExtractionError, ServiceError])
def test_every_error_has_a_status(base):
    ours = {kind for kind in subclasses(base) if not kind.__module__.startswith("tests")}
    assert ours <= set(STATUS)


def test_an_error_that_passes_says_when_to_come_back():
    for kind, status in STATUS.items():
        if status in {503, 504, 507}:
            response = answer(kind("It passes."), {"path": "/"})
            assert int(response.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/status/", 404, "not_found"),
        ("POST", "/extract-invoice/", 404, "not_found"),
        ("GET", "/extract-invoice", 405, "method_not_allowed"),
        ("PATCH", "/v1/documents", 405, "method_not_allowed"),
        ("GET", "/v1/documents?limit=x", 422, "invalid_option"),
        ("GET", f"/status/{'0' * 32}", 404, "unknown_task"),
    ],
)
def test_every_error_is_a_problem(client, method, path, status, code):
    response = client.request(method, path)
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert set(problem) - {"errors"} == FIELDS
    assert problem["code"] == code
    assert problem["type"] == f"/docs/errors#{code}"
    assert problem["instance"] == path.partition("?")[0]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    if status == 405:
        assert response.headers["Allow"]


def test_a_fault_tells_nothing_of_itself(app, client):
    def broken():
        raise RuntimeError("secret detail")

    router = APIRouter()
    router.add_api_route("/broken", broken)
    app.router.routes.insert(0, router.routes[0])
    response = client.get("/broken", headers={"X-Request-ID": "mine"})
    assert response.status_code == 500
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "internal_error"
    assert response.json()["request_id"] == response.headers["X-Request-ID"] == "mine"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "secret" not in response.text


@pytest.mark.parametrize("sent", ["", "x" * 65, "a b", "a\tb", "<script>"])
def test_an_unsafe_request_id_is_replaced(client, sent):
    answered = client.get("/health/live", headers={"X-Request-ID": sent}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", answered)


def test_the_request_id_goes_with_the_task(client):
    task = client.post(
        "/extract-invoice", files={"files": b"%PDF-"}, headers={"X-Request-ID": "abc.1"}
    ).json()[0]
    assert client.get(f"/v1/documents/{task['task_id']}").json()["request_id"] == "abc.1"


def test_the_log_names_requests_but_no_file(client, caplog):
    with caplog.at_level("INFO"):
        upload(client, ("secret-name.pdf", b"%PDF-secret-content"))
    lines = [vars(record) for record in caplog.records if record.message == "request"]
    assert [line["route"] for line in lines] == ["/extract-invoice"]
    assert "secret" not in str(lines)


@pytest.mark.parametrize(
    "path", ["/v1/limits", "/nothing", "/health/live", "/docs", "/openapi.json"]
)
def test_every_answer_is_hardened(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert ("script-src 'self'" in policy) == (path == "/docs")


def test_every_code_is_documented_with_its_status():
    text = (DOCS / "errors.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.M))
    assert told == {error["code"]: str(error["status"]) for error in listed_errors()}


def test_every_code_has_its_place_in_the_reference(client):
    page = client.get("/docs/errors").text
    for kind in STATUS:
        if kind not in BASES:
            assert f'id="{kind.code}"' in page


def test_a_wrong_method_is_told_all_that_the_path_knows(client):
    for path, allowed in {
        "/v1/keys": "GET, POST",
        "/v1/documents/0": "DELETE, GET",
        "/extract-invoice": "POST",
    }.items():
        answer = client.put(path)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["Allow"] == allowed
