"""What providers say of their models when they are asked for nothing, as their references have it."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from invoice_extraction.engines.llm import probe as module
from invoice_extraction.engines.llm.probe import INQUIRIES, probe
from invoice_extraction.engines.llm.providers import PROVIDERS
from invoice_extraction.model.options import ModelOptions
from tests.engines.llm.stand_in import KEY
from tests.servers import free_port


class Server:
    """Answers every request alike, and keeps their methods, paths, headers and bodies."""

    def __init__(self) -> None:
        self.status, self.body, self.delay = 200, b"{}", 0.0
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def says(self, body: Any, status: int = 200, delay: float = 0.0) -> None:
        self.status, self.delay = status, delay
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(server) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.requests.append((self.command, self.path, headers, body))
                self.send_response(server.status)
                self.end_headers()
                try:
                    for start in range(0, len(server.body), 100_000):
                        time.sleep(server.delay)
                        self.wfile.write(server.body[start : start + 100_000])
                except OSError:
                    self.close_connection = True

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                return

        return Handler


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


KINDS: dict[str, tuple[str, str, str, Any, tuple[str, str]]] = {
    # the model, what stands behind the base URL, the request, an answer, the header with the key
    "google": ("gemini-3.8-flash", "", "GET /v1beta/models/gemini-3.8-flash",
               {"name": "models/gemini-3.8-flash", "supportedGenerationMethods": ["generateContent"]},
               ("x-goog-api-key", KEY)),
    "openai": ("gpt-5.2", "/v1", "GET /v1/models/gpt-5.2",
               {"id": "gpt-5.2", "object": "model"}, ("authorization", f"Bearer {KEY}")),
    "azure": ("our-own", "/openai/v1", "GET /openai/v1/models",
              {"data": [{"id": "gpt-5.2"}]}, ("api-key", KEY)),
    "anthropic": ("claude-sonnet-4-6", "", "GET /v1/models/claude-sonnet-4-6",
                  {"id": "claude-sonnet-4-6", "capabilities": {"image_input": {"supported": True}}},
                  ("x-api-key", KEY)),
    "mistral": ("mistral-large-latest", "/v1", "GET /v1/models/mistral-large-latest",
                {"id": "mistral-large-latest", "capabilities": {"vision": True}},
                ("authorization", f"Bearer {KEY}")),
    "openrouter": ("qwen/qwen3-vl-32b", "/api/v1", "GET /api/v1/models/qwen/qwen3-vl-32b/endpoints",
                   {"data": {"architecture": {"input_modalities": ["text", "image"]}}},
                   ("authorization", f"Bearer {KEY}")),
    "openai-chat": ("one", "/v1", "GET /v1/models",
                    {"object": "list", "data": [{"id": "other"}, {"id": "one"}]},
                    ("authorization", f"Bearer {KEY}")),
    "openai-chat-pdf": ("one", "/v1", "GET /v1/models", {"data": [{"id": "one"}]},
                        ("authorization", f"Bearer {KEY}")),
    "ollama": ("qwen3-vl:8b", "/v1", "POST /api/show",
               {"capabilities": ["completion", "vision"]}, ("authorization", f"Bearer {KEY}")),
}  # fmt: skip
BLIND: dict[str, Any] = {
    "anthropic": {"capabilities": {"image_input": {"supported": False}}},
    "mistral": {"capabilities": {"vision": False}},
    "openrouter": {"data": {"architecture": {"input_modalities": ["text"]}}},
    "ollama": {"capabilities": ["completion"]},
}


def options(server: Server, kind: str = "google", key: str = KEY) -> ModelOptions:
    name, base, *_ = KINDS[kind]
    return ModelOptions(model=f"{kind}:{name}", api_key=key, base_url=server.url + base)


def test_every_provider_is_asked_but_the_one_that_tells_nothing() -> None:
    assert PROVIDERS.keys() - INQUIRIES.keys() == {"google-cloud"}
    assert INQUIRIES.keys() == KINDS.keys()
    vertex = ModelOptions(model="google-cloud:gemini-3.8-flash", api_key=KEY)
    assert probe(vertex).ready


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_can_be_used_is_asked_for_once_with_the_key_in_a_header(
    server: Server, kind: str
) -> None:
    _, _, request, answer, (header, value) = KINDS[kind]
    server.says(answer)
    assert probe(options(server, kind)).ready
    ((method, path, headers, body),) = server.requests
    assert f"{method} {path}" == request
    assert headers[header] == value
    assert KEY not in path
    assert json.loads(body or b"{}") == ({"model": "qwen3-vl:8b"} if kind == "ollama" else {})


def test_a_caller_that_runs_a_loop_may_ask_too(server: Server) -> None:
    """A notebook's thread runs one."""
    server.says(KINDS["openai"][3])

    async def cell() -> bool:
        return probe(options(server, "openai")).ready

    assert asyncio.run(cell())


@pytest.mark.parametrize("kind", BLIND)
def test_a_model_that_takes_no_pictures_is_told(server: Server, kind: str) -> None:
    server.says(BLIND[kind])
    found = probe(options(server, kind))
    assert not found.ready
    assert "does not take pictures" in (found.reason or "")


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"error": {"message": f"Incorrect API key {KEY}"}}, "refuses the key"),
        (403, b"<html>no</html>", "refuses the key"),
        (400, {"error": {"details": [{"reason": "API_KEY_INVALID"}]}}, "refuses the key"),
        (404, {"error": {"message": "not found"}}, "does not know the model 'google:gemini-3.8"),
        (404, {"object": "error", "message": "no"}, "does not know"),
        (404, {"detail": "Not Found"}, None),
        (404, b"<html>no such page</html>", None),
        (405, b"", None),
        (429, {"error": {"message": "slow down"}}, None),
        (501, b"", None),
        (502, b"<html>bad gateway</html>", "HTTP 502"),
        (200, b"no JSON", None),
        (200, [1], None),
        (200, b"[" * 100_000, None),
        (200, {"supportedGenerationMethods": ["embedContent"]}, "does not know"),
        (301, b"", None),
    ],
)
def test_what_a_server_says_is_told_in_our_words(
    server: Server, status: int, body: Any, told: str | None
) -> None:
    server.says(body, status)
    found = probe(options(server))
    assert found.ready is (told is None)
    assert (told or "") in (found.reason or "")
    assert KEY not in (found.reason or "")
    assert len(server.requests) == 1


def test_a_model_that_a_server_does_not_list_is_unknown_there(server: Server) -> None:
    server.says({"data": [{"id": "other"}]})
    assert "does not know" in (probe(options(server, "openai-chat")).reason or "")


def test_a_server_that_cannot_be_reached_is_told() -> None:
    model = ModelOptions(model="ollama:x", api_key="", base_url=f"http://127.0.0.1:{free_port()}")
    assert "cannot be reached" in (probe(model).reason or "")


def test_a_server_that_drips_or_floods_ends_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST", 0.5)
    for size, delay in ((1, 5.0), (5_000_000, 0.2), (5_000_000, 0.0)):
        server.says(b"x" * size, delay=delay)
        began = time.monotonic()
        assert not probe(options(server)).ready
        assert time.monotonic() - began < 3


def test_nobody_is_asked_where_something_is_not_set(server: Server) -> None:
    found = probe(options(server, key=""))
    assert "No key is set" in (found.reason or "")
    assert not server.requests
