"""Readers: a pool of parents, and the calls that are answered by their children.

Nothing heavy is imported here, because the API process draws page pictures through it.
"""

import contextlib
import functools
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from invoice_extraction.errors import ReaderCrashed, ReaderTimeout
from invoice_extraction.model.document import Attachment, Document, Page
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.model.reading import Reading
from invoice_extraction.sandbox.wire import (
    ANSWER,
    CPU_SECONDS,
    CPU_SECONDS_A_PAGE,
    MAX_REPLY,
    READY,
    REPLY,
    REQUEST,
    EInvoiceArguments,
    Found,
    Opened,
    PictureArguments,
    Request,
    raised,
)

_WALL, _WALL_A_PAGE = 20.0, 0.2
_GRACE = 3.0  # seconds after which the client no longer trusts the parent to keep the limit
_START = 60.0  # seconds a parent may take to start
_TRIES = 2  # a parent that dies may have been killed from outside; one that dies twice was not
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_ENVIRONMENT = dict.fromkeys(_THREADS, "1")  # and nothing else: no key may be found there

T = TypeVar("T")


class ReadersUnavailable(RuntimeError):
    """No reader can be had: the pool is closed, or a parent does not start. No fault of the file."""


class Readers:
    """Reads files in processes of their own; may be used from many threads.

    `slots` is how many files are read at the same time, the number of cores if None; further callers
    wait. A parent is started when its slot is first used, and again when it has died. `command`
    starts a parent of another kind.
    """

    def __init__(self, slots: int | None = None, *, command: Sequence[str] | None = None) -> None:
        command = command or _own_command()
        self._parents = [_Parent(command) for _ in range(slots or os.cpu_count() or 1)]
        self._idle = list(self._parents)
        self._free = threading.Condition()
        self._closed = False

    def open(self, data: bytes, options: Options) -> Document:
        """Return the document, as `intake.open_document` does.

        Raises:
            DocumentError: What `intake.open_document` raises.
            ReaderCrashed, ReaderTimeout: The file killed its reader, or took too long.
            ReadersUnavailable: The pool is closed, or no reader can be started.
        """
        payload = self.ask("open", _for_child(options), data, pages=options.limits.max_pages)
        found = _decoded(payload, Opened)
        if not all(_is_sound(page) for page in found.pages):
            raise _invalid()
        return Document(
            media_type=found.media_type,
            data=data,
            pages=found.pages,
            xml=tuple(
                Attachment(item.name, data if item.data is None else item.data)
                for item in found.xml
            ),
        )

    def read_einvoice(self, document: Document, options: Options) -> Reading:
        """Return what the document's XML says, as the engine "einvoice" does; raises as `open`."""
        whole = any(item.data is document.data for item in document.xml)
        arguments = EInvoiceArguments(
            media_type=document.media_type,
            xml=tuple(
                Found(item.name, None if item.data is document.data else item.data)
                for item in document.xml
            ),
            options=_for_child(options),
        )
        return _decoded(self.ask("einvoice", arguments, document.data if whole else b""), Reading)

    def picture(
        self,
        data: bytes,
        media_type: str,
        page: int,
        width: int,
        limits: Limits,
        password: str | None = None,
    ) -> bytes:
        """Return a page's picture in WebP, as `intake.picture.render` does; raises as `open`."""
        return self.ask(
            "picture", PictureArguments(media_type, page, width, limits, password), data
        )

    def ask(self, kind: str, arguments: Any, body: bytes, *, pages: int = 0) -> bytes:
        """Return the payload of one answer; waits for a free slot. Raises as `open`.

        `pages` is the most pages the file may have; each adds to the limits of time.
        """
        request = Request(
            kind=kind,
            arguments=msgspec.Raw(msgspec.msgpack.encode(arguments)),
            cpu=CPU_SECONDS,
            cpu_max=math.ceil(CPU_SECONDS + CPU_SECONDS_A_PAGE * pages),
            wall=_WALL + _WALL_A_PAGE * pages,
        )
        head = msgspec.msgpack.encode(request)
        parent = self._take()
        try:
            for _ in range(_TRIES):
                try:
                    reply = parent.ask(head, body, request.wall)
                    break
                except _Gone:
                    if self._closed:
                        raise ReadersUnavailable("The readers are closed.") from None
            else:
                raise ReaderCrashed("The process that read the file died of it.")
        finally:
            self._give_back(parent)
        if reply[:1] == ANSWER:
            return reply[1:]
        raise raised(reply[1:])

    def close(self) -> None:
        """End all readers at once; whoever waits for one is told ReadersUnavailable."""
        with self._free:
            self._closed = True
            self._free.notify_all()
        for parent in self._parents:
            parent.close()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take(self) -> "_Parent":
        with self._free:
            self._free.wait_for(lambda: self._idle or self._closed)
            if self._closed:
                raise ReadersUnavailable("The readers are closed.")
            return self._idle.pop()  # the last one used: its memory is warm

    def _give_back(self, parent: "_Parent") -> None:
        with self._free:
            self._idle.append(parent)
            self._free.notify()


@functools.cache
def shared_readers() -> Readers:
    """Return the readers that this process shares; they end with it."""
    return Readers()


class _Gone(Exception):
    """The parent has died, or its end of the socket is closed."""


class _Parent:
    """One parent process and the socket to it; used by one thread at a time, closed by any."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._lock = threading.Lock()  # of starting and ending
        self._closed = False

    def ask(self, head: bytes, body: bytes, wall: float) -> bytes:
        """Return the reply; raises _Gone, or ReaderTimeout when even the parent hangs."""
        line = self._started()
        deadline = time.monotonic() + wall + _GRACE
        try:
            line.settimeout(wall)
            line.sendall(REQUEST.pack(len(head), len(body)) + head)
            line.sendall(body)
            return _reply(line, deadline)
        except BaseException as exc:  # an interrupt too: what is left over would be the next answer
            self._end()
            if isinstance(exc, TimeoutError):
                raise ReaderTimeout("Reading the file took longer than the limit.") from None
            if isinstance(exc, OSError):
                raise _Gone from exc
            raise

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

    def _end(self) -> None:
        with self._lock:
            process, line = self._process, self._socket
            self._process = self._socket = None
            if process is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)  # children die with it (PDEATHSIG)
                process.wait()
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits on it
                line.close()


def _not_started() -> ReadersUnavailable:
    return ReadersUnavailable("The process that reads files does not start.")


def _own_command() -> list[str]:
    folder = Path(__file__).resolve().parent
    return [sys.executable, "-I", str(folder / "__main__.py"), str(folder.parents[1])]


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


def _for_child(options: Options) -> Options:
    """Return the options without what a child must not know: a model's key."""
    return replace(options, model=None)


def _decoded(payload: bytes, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(payload, type=kind)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _invalid() from exc


def _is_sound(page: Page) -> bool:
    """Return whether the numbers are numbers: a reader's answer is as hostile as the file."""
    total = page.width + page.height
    for word in page.words:
        total += word.x0 + word.top + word.x1 + word.bottom + (word.size or 0.0)
    return math.isfinite(total)


def _invalid() -> ReaderCrashed:
    return ReaderCrashed("The process that reads files gave an answer that is not valid.")
