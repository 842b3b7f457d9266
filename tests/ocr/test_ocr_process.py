"""OCR in processes of their own: what one page may do to them, and how they are replaced."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from invoice_extraction.errors import CorruptFile, ReaderCrashed, ReaderTimeout
from invoice_extraction.extract import extract
from invoice_extraction.model.document import Raster
from invoice_extraction.model.options import Options
from invoice_extraction.sandbox import client
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable
from tests.ocr.scans import FILES, a_scan, as_file, as_raster

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = [sys.executable, "-I", str(Path(__file__).with_name("stand_in.py")), str(ROOT)]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")


def asked(what: str) -> Raster:
    """Return a picture by which the stand-in is told what to do."""
    data = what.encode().ljust(64)
    return Raster(64, len(data) // 64, data)


def said(readers: Readers, what: str) -> str:
    return readers.recognise(asked(what)).marks[0].text


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(1, ocr_slots=1) as pool:
        yield pool


@pytest.fixture
def stand_in() -> Iterator[Readers]:
    with Readers(1, ocr_slots=1, ocr_command=STAND_IN) as pool:
        yield pool


def test_an_isolated_extraction_gives_the_same_answer(readers: Readers) -> None:
    data = as_file(a_scan(turned=90))
    isolated = extract(data, Options(isolate=True), readers=readers)
    here = extract(data)
    assert isolated.invoices == here.invoices
    assert isolated.pages == here.pages


@on_linux
def test_a_process_keeps_to_its_memory_and_has_given_up_its_rights(readers: Readers) -> None:
    readers.recognise(as_raster(a_scan(dpi=300)))
    process = readers._ocr._processes[0]._process
    assert process is not None
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    assert int(status["VmHWM"][0]) < 750_000  # kB
    assert status["Seccomp"] == ["2"]
    assert status["NoNewPrivs"] == ["1"]


@on_linux
def test_a_process_lets_others_go_first(stand_in: Readers) -> None:
    pid = int(said(stand_in, "pid"))
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + 5, 19)


def test_a_process_that_is_killed_costs_nothing_but_its_time(stand_in: Readers) -> None:
    pid = int(said(stand_in, "pid"))
    os.kill(pid, signal.SIGKILL)
    assert int(said(stand_in, "pid")) != pid


def test_a_page_that_kills_its_process_twice_is_told_and_the_next_one_is_read(
    stand_in: Readers,
) -> None:
    with pytest.raises(ReaderCrashed):
        said(stand_in, "die")
    assert said(stand_in, "echo") == "echo"


@on_linux
def test_a_page_that_computes_for_ever_is_stopped_at_once_and_not_tried_again(
    stand_in: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "OCR_CPU_SECONDS", 1)
    began = time.monotonic()
    with pytest.raises(ReaderTimeout):
        said(stand_in, "loop")
    assert time.monotonic() - began < 30
    assert said(stand_in, "echo") == "echo"


@on_linux
def test_the_limit_of_computing_is_for_each_page_and_not_for_the_process(
    stand_in: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "OCR_CPU_SECONDS", 2)
    pids = {said(stand_in, "work") for _ in range(5)}  # 0.7 s each
    assert len(pids) == 1


def test_a_page_that_hangs_is_stopped(stand_in: Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    said(stand_in, "echo")
    monkeypatch.setattr(client, "_OCR_WALL", 0.3)
    monkeypatch.setattr("invoice_extraction.sandbox.pool._GRACE", 0.3)
    with pytest.raises(ReaderTimeout):
        said(stand_in, "sleep")


@on_linux
def test_a_page_that_asks_for_too_much_memory_is_refused(stand_in: Readers) -> None:
    pid = said(stand_in, "pid")
    assert said(stand_in, "memory") == "MemoryError"
    assert said(stand_in, "pid") == pid


@on_linux
@pytest.mark.parametrize("act", ["connect", "fork", "write"])
def test_a_process_can_neither_connect_nor_fork_nor_write(stand_in: Readers, act: str) -> None:
    assert said(stand_in, act) == "PermissionError"


def test_an_answer_that_is_none_is_refused(stand_in: Readers) -> None:
    with pytest.raises(ReaderCrashed):
        said(stand_in, "nan")


def test_an_exception_nobody_knows_is_told_as_a_damaged_page(stand_in: Readers) -> None:
    with pytest.raises(CorruptFile):
        said(stand_in, "unknown")


def test_a_process_is_replaced_after_its_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_OCR_PAGES", 2)
    with Readers(1, ocr_slots=1, ocr_command=STAND_IN) as pool:
        pids = [said(pool, "pid") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_a_file_with_text_does_not_wait_for_a_scan(stand_in: Readers) -> None:
    said(stand_in, "echo")
    scan = threading.Thread(target=said, args=(stand_in, "nap"))
    scan.start()
    assert stand_in.open((FILES / "invoice-en.pdf").read_bytes(), Options()).has_words
    assert scan.is_alive()
    scan.join()


def test_closing_ends_who_waits(stand_in: Readers) -> None:
    said(stand_in, "echo")
    threading.Timer(0.3, stand_in.close).start()
    with pytest.raises(ReadersUnavailable):
        said(stand_in, "sleep")


@on_linux
def test_a_process_ends_when_its_client_is_gone(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from tests.ocr.test_ocr_process import *\n"
        "pool = Readers(1, ocr_slots=1, ocr_command=STAND_IN)\n"
        "print(said(pool, 'pid'), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    import subprocess

    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=False
    )
    process = Path(f"/proc/{int(done.stdout)}")
    for _ in range(50):
        if not process.exists() or "Z" in (process / "stat").read_text().split()[2]:
            return
        time.sleep(0.1)
    pytest.fail("The process lives on without its client.")
