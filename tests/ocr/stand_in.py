"""An OCR process whose backend does what its picture says; run as the sandbox's own is."""

import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from invoice_extraction.model.document import Raster
from invoice_extraction.ocr.base import Mark, Recognised
from invoice_extraction.sandbox import ocr_reader


def recognise(raster: Raster) -> Recognised:
    what = raster.data.decode("latin-1").strip()
    act = ACTS.get(what, lambda: "")
    place = float("nan") if what == "nan" else 0.0
    return Recognised((Mark(act(), place, 0.0, 1.0, 1.0, 1.0),))


def work() -> str:
    began = time.process_time()
    while time.process_time() - began < 0.7:
        pass
    return str(os.getpid())


def loop() -> str:
    while True:
        pass


def pause(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def unknown() -> str:
    raise ZeroDivisionError("nobody knows this one")


def refusal(act: Callable[[], object]) -> str:
    try:
        act()
    except (OSError, MemoryError) as exc:
        return type(exc).__name__
    return "done"


ACTS: dict[str, Callable[[], str]] = {
    "echo": lambda: "echo",
    "pid": lambda: str(os.getpid()),
    "die": lambda: os._exit(3),
    "loop": loop,
    "work": work,
    "sleep": lambda: pause(600),
    "nap": lambda: pause(4),
    "memory": lambda: refusal(lambda: bytes(3_000_000_000)),
    "connect": lambda: refusal(socket.socket),
    "fork": lambda: refusal(os.fork),
    "write": lambda: refusal(lambda: Path("/tmp/written-by-ocr").write_bytes(b"x")),
    "unknown": unknown,
}

if __name__ == "__main__":
    ocr_reader.get_backend = lambda: recognise
    ocr_reader.serve()
