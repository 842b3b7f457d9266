"""A receiver of webhooks on a free port of this machine: it keeps what comes, and answers as it is told."""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook

Answer = Callable[[BaseHTTPRequestHandler, int], None]
"""What to do with a request, which is the so-manieth (from 1) with its webhook-id."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> str:
        return self.headers["webhook-id"]


def status(code: int, **headers: str) -> Answer:
    """Answer with a status, and headers with _ for -."""

    def answer(request: BaseHTTPRequestHandler, _: int) -> None:
        request.send_response(code)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


def hang(seconds: float) -> Answer:
    """Answer nothing for a while, then break off."""
    return lambda _request, _attempt: time.sleep(seconds)


def says(*pieces: bytes, pause: float = 0.0) -> Answer:
    """Send bytes as they are, with pauses between them."""

    def answer(request: BaseHTTPRequestHandler, _: int) -> None:
        for piece in pieces:
            request.wfile.write(piece)
            time.sleep(pause)

    return answer


class Trap:
    """Listens on this machine, and counts who connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self) -> None:
        self._socket.close()


@dataclass
class Receiver:
    """Use it as `with Receiver() as receiver`; `certificate` lets it speak TLS."""

    answer: Answer = field(default_factory=lambda: status(204))
    certificate: tuple[str, str] | None = None
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> "Receiver":
        receiver = self
        lock = threading.Lock()
        seen: Counter[str] = Counter()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                one = Received(self.path, headers, body, time.monotonic())
                with lock:
                    receiver.received.append(one)
                    seen[one.event] += 1
                    attempt = seen[one.event]
                receiver.answer(self, attempt)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_: object) -> None:
                pass  # the sender broke off, which is what some tests want

        self._server = Server(("127.0.0.1", 0), Handler)
        if self.certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            wrapped = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
            self._server.socket = wrapped
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def place(self) -> str:
        """Host and port, as WEBHOOK_ALLOWED_HOSTS names it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://{self.place}/hook"

    def verify(self, secret: str) -> None:
        """Check the signature of all that came, with the library that receivers use."""
        for one in self.received:
            Webhook(secret).verify(one.body, one.headers)
