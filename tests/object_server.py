"""Object storage for tests: a real S3 server on a free port, and one that answers as it is told."""

import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import httpx
from moto.server import ThreadedMotoServer

from tests.servers import free_port


class ObjectServer:
    """moto's S3: can be stopped and started again, and its buckets are still there. Any credentials do."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server: ThreadedMotoServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", self.port, verbose=False)
        self._server.start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    @property
    def environment(self) -> dict[str, str]:
        return environment(self.port)

    def bucket(self) -> str:
        """Make an empty bucket and return its name."""
        name = f"t{secrets.token_hex(6)}"
        httpx.put(f"http://127.0.0.1:{self.port}/{name}").raise_for_status()
        return name

    def keys(self, bucket: str) -> list[str]:
        """What lies in a bucket, uploads that were not completed too."""
        url = f"http://127.0.0.1:{self.port}/{bucket}"
        texts = [httpx.get(f"{url}?{query}").text for query in ("list-type=2", "uploads")]
        return [part.partition("<")[0] for text in texts for part in text.split("<Key>")[1:]]


def environment(port: int) -> dict[str, str]:
    """The variables by which the client finds a server on this machine, and no other."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_METADATA_ENDPOINT": f"http://127.0.0.1:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


class FailingServer:
    """Answers each request with `status` and `body`, after `delay` seconds."""

    def __init__(self) -> None:
        self.status, self.body, self.delay, self.cut = 200, b"", 0.0, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                time.sleep(outer.delay)
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body) + outer.cut))
                self.send_header("ETag", '"a"')
                self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
                self.end_headers()
                self.wfile.write(outer.body)

            do_GET = do_PUT = do_POST = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.environment = environment(self._server.server_port)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
