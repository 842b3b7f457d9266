"""A parent whose children can be asked to do harm; run as the sandbox's own `__main__` is."""

import ctypes
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from invoice_extraction.sandbox import kinds
from invoice_extraction.sandbox.parent import serve


def segfault(_: bytes) -> bytes:
    ctypes.string_at(0)
    return b""


def abort(_: bytes) -> bytes:
    os.abort()


def loop(_: bytes) -> bytes:
    while True:
        pass


def sleep(_: bytes) -> bytes:
    time.sleep(600)
    return b""


def memory(_: bytes) -> bytes:
    return bytes(4_000_000_000)


def balloon(_: bytes) -> bytes:
    """Take memory as a C library does, and abort when there is no more."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while block := libc.malloc(ctypes.c_size_t(280_000_000)):
        ctypes.memset(block, 1, 100_000_000)
    os.abort()


def fork(_: bytes) -> bytes:
    return _refusal(os.fork)


def connect(_: bytes) -> bytes:
    return _refusal(socket.socket)


def write(body: bytes) -> bytes:
    return _refusal(lambda: Path(body.decode()).write_bytes(b"x"))


def write_much(body: bytes) -> bytes:
    with Path(body.decode()).open("wb") as target:
        for _ in range(10_000):
            target.write(bytes(1_000_000))
    return b"done"


def fork_bomb(_: bytes) -> bytes:
    while True:
        os.fork()


def thread_bomb(_: bytes) -> bytes:
    while True:
        threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


def call_home(_: bytes) -> bytes:
    socket.create_connection(("127.0.0.1", 9), timeout=1)
    return b"done"


def read_file(body: bytes) -> bytes:
    return Path(body.decode()).read_bytes()


def execute(_: bytes) -> bytes:
    return _refusal(lambda: os.execv("/bin/true", ["true"]))  # noqa: S606


def kill_parent(_: bytes) -> bytes:
    return _refusal(lambda: os.kill(os.getppid(), signal.SIGKILL))


def environment(_: bytes) -> bytes:
    return "\n".join(sorted(os.environ)).encode()


def echo(body: bytes) -> bytes:
    return body


def flood(_: bytes) -> bytes:
    return bytes(70_000_000)


def unknown(_: bytes) -> bytes:
    raise ZeroDivisionError("nobody knows this one")


def pid(_: bytes) -> bytes:
    return f"{os.getpid()} {os.getppid()}".encode()


def die_at_once(_: bytes) -> bytes:
    os._exit(0)


def _refusal(act: Callable[[], object]) -> bytes:
    try:
        act()
    except OSError as exc:
        return type(exc).__name__.encode()
    return b"done"


for harm in (
    segfault, abort, loop, sleep, memory, balloon, fork, connect, write, execute,
    write_much, fork_bomb, thread_bomb, call_home, read_file, kill_parent, environment, echo, flood, unknown, pid, die_at_once,
):  # fmt: skip
    kinds.KINDS[harm.__name__] = lambda _, body, harm=harm: harm(body)

if __name__ == "__main__":
    serve()
