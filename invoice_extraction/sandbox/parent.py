"""The parent: a slim single-threaded process that forks one child for each request.

It never looks at a file. It ends when its client's end of the socket is closed, and takes the child
that is running with it.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

import msgspec

from invoice_extraction.errors import (
    CorruptFile,
    ExtractionError,
    ReaderCrashed,
    ReaderTimeout,
    TooComplex,
)
from invoice_extraction.sandbox import kinds, limits
from invoice_extraction.sandbox.wire import (
    ANSWER,
    MAX_REPLY,
    READY,
    REPLY,
    REQUEST,
    Request,
    failure,
)

_STDIN = 0
_CHUNK = 1 << 16
_MUCH_MEMORY = 400_000_000  # bytes; a good document takes a tenth of it
_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def serve() -> None:
    """Answer the requests that come on standard input, a socket, until it is closed."""
    client = socket.socket(fileno=os.dup(_STDIN))
    silence(keep_errors=True)
    kinds.preload()
    _assert_one_thread()
    gc.collect()
    gc.freeze()
    client.sendall(REPLY.pack(len(READY)) + READY)
    while (asked := receive(client)) is not None:
        reply = _answer(client, *asked)
        try:
            client.sendall(REPLY.pack(len(reply)))
            client.sendall(reply)
        except OSError:
            return


def receive(client: socket.socket) -> tuple[Request, bytes] | None:
    """Return the next request and its body; None when the client has gone."""
    header = _exactly(client, REQUEST.size)
    if header is None:
        return None
    head_length, body_length = REQUEST.unpack(header)
    head = _exactly(client, head_length)
    body = _exactly(client, body_length)
    if head is None or body is None:
        return None
    return msgspec.msgpack.decode(head, type=Request), body


def _exactly(client: socket.socket, length: int) -> bytes | None:
    buffer = bytearray(length)
    rest = memoryview(buffer)
    while rest:
        got = client.recv_into(rest)
        if not got:
            return None
        rest = rest[got:]
    return bytes(buffer)


def _answer(client: socket.socket, request: Request, body: bytes) -> bytes:
    """Return the reply of a child made for this request alone."""
    readable, writable = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(readable)
        _be_child(client, writable, request, body, parent)
    os.close(writable)
    with contextlib.suppress(OSError):
        os.setpgid(child, child)  # the child does so too; whoever comes first
    try:
        reply = _collect(readable, client, time.monotonic() + request.wall)
    finally:
        os.close(readable)
        _kill(child)
        _, status, used = os.wait4(child, 0)
    if isinstance(reply, bytes):
        return reply
    return failure(reply or _cause(status, used.ru_maxrss * _MAXRSS_UNIT))


def _collect(
    readable: int, client: socket.socket, deadline: float
) -> bytes | ExtractionError | None:
    """Return the child's whole reply, the error that ended it, or None where it died before."""
    poll = select.poll()
    poll.register(readable, select.POLLIN)
    poll.register(client, select.POLLIN)
    received = bytearray()
    wanted: int | None = None
    while wanted is None or len(received) < wanted:
        left = deadline - time.monotonic()
        events = dict(poll.poll(max(0, left) * 1_000)) if left > 0 else {}
        if not events:
            return ReaderTimeout("Reading the file took longer than the limit.")
        if client.fileno() in events:
            # The client sends nothing while it waits, so this is its end.
            raise SystemExit(0)
        piece = os.read(readable, _CHUNK)
        if not piece:
            return None
        received += piece
        if wanted is None and len(received) >= REPLY.size:
            (length,) = REPLY.unpack_from(received)
            if length > MAX_REPLY:
                return TooComplex("What was read from the file is too large.")
            wanted = REPLY.size + length
    return bytes(received[REPLY.size :])


def _cause(status: int, memory: int) -> ExtractionError:
    """Return the error for a child that ended without an answer, having used `memory` bytes."""
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
        return ReaderTimeout("Reading the file took more computing time than the limit.")
    if memory > _MUCH_MEMORY:
        # PDFium does not tell that memory ran out, it aborts.
        return TooComplex("The file asks for more memory than the limit.")
    return ReaderCrashed("The process that read the file died of it.")


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(child, signal.SIGKILL)


def _be_child(
    client: socket.socket, writable: int, request: Request, body: bytes, parent: int
) -> NoReturn:
    """Do the work and end; nothing of the parent runs afterwards."""
    status = 1
    try:
        client.close()
        os.setpgid(0, 0)
        silence(keep_errors=False)
        limits.confine(request.cpu, request.cpu_max, parent)
        gc.disable()
        reply = _work(request, body)
        write(writable, REPLY.pack(len(reply)))
        write(writable, reply)
        status = 0
    finally:
        # Not even an exception may come back into the parent's loop, which the child has a copy of.
        os._exit(status)


def _work(request: Request, body: bytes) -> bytes:
    try:
        return ANSWER + kinds.KINDS[request.kind](bytes(request.arguments), body)
    except ExtractionError as exc:
        return failure(exc)
    except (MemoryError, RecursionError):
        return failure(TooComplex("The file asks for more memory than the limit."))
    except Exception:  # noqa: BLE001  # a library's undocumented errors; the file made it fail
        return failure(CorruptFile("The file is damaged in a way that its reader cannot handle."))


def write(target: int, data: bytes) -> None:
    """Write all of the data to a file descriptor."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(target, rest) :]


def silence(*, keep_errors: bool) -> None:
    """Point the standard streams at nothing: libraries write lines that the file's author chose."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if keep_errors else (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)


def _assert_one_thread() -> None:
    """Raise where there is a second thread: a fork would copy its locks, held for ever."""
    tasks = Path("/proc/self/task")
    count = sum(1 for _ in tasks.iterdir()) if tasks.is_dir() else threading.active_count()
    if count != 1:
        raise RuntimeError(f"The parent of readers has {count} threads; it may have one.")
