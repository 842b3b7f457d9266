"""Pools of processes that answer requests: one request at a time each, and each may die of one.

Nothing heavy is imported here, because the API process draws page pictures through a pool.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from invoice_extraction.errors import ReaderCrashed, ReaderTimeout
from invoice_extraction.sandbox.wire import (
    ANSWER,
    MAX_REPLY,
    READY,
    REPLY,
    REQUEST,
    Request,
    raised,
)

_GRACE = 3.0  # seconds after which the client no longer trusts the process to keep the limit
_START = 60.0  # seconds a process may take to start
_TRIES = 2  # one that dies may have been killed from outside; one that dies twice was not
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
# onnxruntime would write a device id, and tell its maker of its use.
_QUIET = "ORT_DISABLE_TELEMETRY"
# And nothing else: no key may be found there.
_ENVIRONMENT = dict.fromkeys((*_THREADS, _QUIET), "1")


class ReadersUnavailable(RuntimeError):
    """No reader can be had: the pool is closed, or none starts. No fault of the file."""


class Pool:
    """Processes started by one command; may be used from many threads.

    `slots` is how many requests are answered at the same time; further callers wait. A process is
    started when its slot is first used, again when it has died, and anew after `lifetime` answers
    (None: never), which gives back the memory that its libraries keep.
    """

    def __init__(self, command: Sequence[str], slots: int, lifetime: int | None = None) -> None:
        self._processes = [_Process(command, lifetime) for _ in range(slots)]
        self._idle = list(self._processes)
        self._free = threading.Condition()
        self._closed = False

    def ask(self, request: Request, body: bytes) -> bytes:
        """Return the payload of one answer; waits for a free slot.

        Raises:
            ExtractionError: The one that the answer tells.
            ReaderCrashed, ReaderTimeout: The process died of the request, or took too long.
            ReadersUnavailable: The pool is closed, or no process can be started.
        """
        head = msgspec.msgpack.encode(request)
        process = self._take()
        try:
            for _ in range(_TRIES):
                try:
                    reply = process.ask(head, body, request.wall)
                    break
                except _Gone:
                    if self._closed:
                        raise ReadersUnavailable("The readers are closed.") from None
            else:
                raise ReaderCrashed("The process that read the file died of it.")
        finally:
            self._give_back(process)
        if reply[:1] == ANSWER:
            return reply[1:]
        raise raised(reply[1:])

    def close(self) -> None:
        """End all processes at once; whoever waits for one is told ReadersUnavailable."""
        with self._free:
            self._closed = True
            self._free.notify_all()
        for process in self._processes:
            process.close()

    def _take(self) -> "_Process":
        with self._free:
            self._free.wait_for(lambda: self._idle or self._closed)
            if self._closed:
                raise ReadersUnavailable("The readers are closed.")
            return self._idle.pop()  # the last one used: its memory is warm

    def _give_back(self, process: "_Process") -> None:
        with self._free:
            self._idle.append(process)
            self._free.notify()


def own_command(*kind: str) -> list[str]:
    """Return the command that starts a process of the package's own, of the page reader's kind."""
    folder = Path(__file__).resolve().parent
    return [sys.executable, "-I", str(folder / "__main__.py"), str(folder.parents[1]), *kind]


class _Gone(Exception):
    """The process has died, or its end of the socket is closed."""


class _Process:
    """One process and the socket to it; used by one thread at a time, closed by any."""

    def __init__(self, command: Sequence[str], lifetime: int | None) -> None:
        self._command = command
        self._lifetime = lifetime
        self._answers = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()  # of starting and ending
        self._closed = False

    def ask(self, head: bytes, body: bytes, wall: float) -> bytes:
        """Return the reply; raises _Gone, or ReaderTimeout where it used up its time."""
        line = self._started()
        deadline = time.monotonic() + wall + _GRACE
        try:
            line.settimeout(wall)
            line.sendall(REQUEST.pack(len(head), len(body)) + head)
            line.sendall(body)
            reply = _reply(line, deadline)
        except BaseException as exc:  # an interrupt too: what is left over would be the next answer
            status = self._end()
            if isinstance(exc, TimeoutError) or status == -signal.SIGXCPU:
                raise ReaderTimeout("Reading the file took longer than the limit.") from None
            if isinstance(exc, OSError):
                raise _Gone from exc
            raise
        self._answers += 1
        if self._lifetime is not None and self._answers >= self._lifetime:
            self._end()
        return reply

    def close(self) -> None:
        self._closed = True
        self._end()

    def _started(self) -> socket.socket:
        with self._lock:
            if self._closed:
                raise _Gone
            if self._socket is not None and self._process is not None:
                if self._process.poll() is None:
                    return self._socket
                self._socket.close()
            self._answers = 0
            self._process, ours = self._launched()
            self._socket = ours
        try:
            greeting = _reply(ours, time.monotonic() + _START)
        except OSError as exc:
            self._end()
            raise _not_started() from exc
        if greeting != READY:
            self._end()
            raise _not_started()
        return ours

    def _launched(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603  # our own command
                    self._command,
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    env=_ENVIRONMENT,
                    cwd="/",
                    start_new_session=True,
                )
            except OSError as exc:
                ours.close()
                raise _not_started() from exc
        return process, ours

    def _end(self) -> int | None:
        """End the process; return its status, None where there was none."""
        with self._lock:
            process, line = self._process, self._socket
            self._process = self._socket = None
            if process is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)  # its children die with it (PDEATHSIG)
                process.wait()
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits on it
                line.close()
        return None if process is None else process.returncode


def _not_started() -> ReadersUnavailable:
    return ReadersUnavailable("The process that reads files does not start.")


def _reply(line: socket.socket, deadline: float) -> bytes:
    (length,) = REPLY.unpack(_exactly(line, REPLY.size, deadline))
    if length > MAX_REPLY:
        raise OSError("The reply is longer than any may be.")
    return _exactly(line, length, deadline)


def _exactly(line: socket.socket, length: int, deadline: float) -> bytes:
    buffer = bytearray(length)
    rest = memoryview(buffer)
    while rest:
        line.settimeout(max(0.001, deadline - time.monotonic()))
        got = line.recv_into(rest)
        if not got:
            raise ConnectionError("The parent closed its end.")
        rest = rest[got:]
    return bytes(buffer)
