"""HEAD, over a real connection."""

import httpx
import pytest

from tests.app.conftest import PDF, upload


@pytest.mark.parametrize(
    "path",
    [
        "/status/{id}",
        "/v1/documents",
        "/v1/documents/{id}/file",
        "/v1/limits",
        "/health/live",
        "/openapi.json",
        "/docs",
        "/",
        "/documents/{id}",
        "/static/style.css",
        "/status/unknown",
    ],
)
def test_head_is_answered_as_get_without_the_body(server, path):
    with httpx.Client(base_url=server) as client:
        path = path.format(id=upload(client, PDF).json()[0]["task_id"])
        got, head, again = client.get(path), client.head(path), client.get(path)
    assert head.status_code == got.status_code == again.status_code
    assert head.content == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Content-Security-Policy"):
        assert head.headers.get(name) == got.headers.get(name), name


def test_head_where_there_is_no_get_is_405(server):
    answer = httpx.head(f"{server}/extract-invoice")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
