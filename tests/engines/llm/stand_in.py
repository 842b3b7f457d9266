"""A stand-in for the Gemini API on a loopback port: strict about requests, scripted in its replies.

https://ai.google.dev/api/generate-content
"""

import base64
import json
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "test-key-0123456789"
REQUEST_KEYS = {"contents", "systemInstruction", "generationConfig"}
CONFIG_KEYS = {
    "maxOutputTokens",
    "responseJsonSchema",
    "responseMimeType",
    "responseModalities",
    "thinkingConfig",
}


@dataclass
class Reply:
    """One scripted reply; `reset` cuts the connection, before it or after `reset` bytes of it."""

    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    reset: int | None = None


def says(text: str | None, *, finish: str | None = "STOP", delay: float = 0.0) -> Reply:
    """Return a reply with this text as the model's answer; None is content without parts."""
    content: dict[str, Any] = {"role": "model"}
    if text is not None:
        content["parts"] = [{"text": text}]
    candidate = {"content": content, "index": 0} | ({"finishReason": finish} if finish else {})
    return replies({"candidates": [candidate]}, delay=delay)


def replies(body: dict[str, Any], *, delay: float = 0.0) -> Reply:
    """Return a reply with this body, and the model's name and usage added."""
    common = {
        "modelVersion": "gemini-3.8-flash",
        "usageMetadata": {
            "promptTokenCount": 1000,
            "candidatesTokenCount": 200,
            "thoughtsTokenCount": 50,
            "totalTokenCount": 1250,
        },
    }
    return Reply(body=json.dumps(common | body).encode(), delay=delay)


def fails(
    status: int,
    name: str,
    message: str = "It failed.",
    *,
    retry: str | None = None,
    headers: dict[str, str] | None = None,
    details: list[dict[str, Any]] | None = None,
) -> Reply:
    """Return an error in Google's form; `retry` is the delay of its RetryInfo ("2s")."""
    found = list(details or [])
    if retry:
        found.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": retry})
    error = {"code": status, "message": message, "status": name, "details": found}
    return Reply(status, json.dumps({"error": error}).encode(), headers=headers or {})


class StandIn:
    """The server. `script` is what it replies with, one after the other, the last one for ever.

    Of the models in `unknown` it says, when it is asked about them, that there are none such.
    """

    def __init__(self) -> None:
        self.script: list[Reply] = []
        self.unknown: set[str] = set()
        self.requests: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._server.request_queue_size = 128
        self._server.socket.listen(128)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def calls(self) -> int:
        return len(self.requests)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> Reply:
        """Return the next reply; a request that the real service would refuse is refused."""
        request = {"path": path, "headers": headers, "body": json.loads(body)}
        with self._lock:
            self.requests.append(request)
            reply = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if headers.get("x-goog-api-key") != KEY:
            reason = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo"}]
            reason[0]["reason"] = "API_KEY_INVALID"
            return fails(400, "INVALID_ARGUMENT", "API key not valid.", details=reason)
        problem = _problem(path, request["body"])
        return fails(400, "INVALID_ARGUMENT", problem) if problem else reply

    def describe(self, path: str) -> Reply:
        """Return what is said of a model: that costs nothing, and is not one of the calls."""
        name = path.rpartition("/")[2]
        if name in self.unknown:
            return fails(404, "NOT_FOUND", f"models/{name} is not found.")
        return Reply(body=json.dumps({"name": f"models/{name}"}).encode())

    def _handler(stand_in) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._reply(stand_in.describe(self.path))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                self._reply(stand_in.take(self.path, headers, body))

            def _reply(self, reply: Reply) -> None:
                time.sleep(reply.delay)
                if reply.reset == 0:
                    self._cut()
                    return
                self.send_response(reply.status)
                self.send_header("content-type", reply.content_type)
                self.send_header("content-length", str(len(reply.body)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(reply.body[: reply.reset])
                if reply.reset:
                    self._cut()

            def _cut(self) -> None:
                # A linger of zero makes the close a reset.
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True

            def handle(self) -> None:
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

            def finish(self) -> None:
                try:
                    super().finish()
                except (OSError, ValueError):
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                return

        return Handler


def _problem(path: str, body: dict[str, Any]) -> str | None:
    """Return what is wrong with a request, None where nothing is."""
    if not path.startswith("/v1beta/models/") or not path.endswith(":generateContent"):
        return f"unknown path {path}"
    if unknown := body.keys() - REQUEST_KEYS:
        return f"unknown keys {sorted(unknown)}"
    config = body.get("generationConfig", {})
    if unknown := config.keys() - CONFIG_KEYS:
        return f"unknown generationConfig keys {sorted(unknown)}"
    if config.get("responseMimeType") != "application/json":
        return "a schema needs responseMimeType application/json"
    for content in body["contents"]:
        for part in content["parts"]:
            if len(part) != 1:
                return "a part has one data field"
            if "inlineData" in part:
                base64.b64decode(part["inlineData"]["data"], altchars=b"-_", validate=True)
    return None
