"""What a hostile file may do to its own reader, and to nothing else."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction.errors import (
    CorruptFile,
    DocumentError,
    InvalidEInvoiceXML,
    OptionError,
    PasswordRequired,
    ReaderCrashed,
    ReaderTimeout,
    TooComplex,
)
from invoice_extraction.intake import open_document
from invoice_extraction.model.options import Limits, ModelOptions, Options
from invoice_extraction.sandbox import client, landlock, limits, pool, seccomp
from invoice_extraction.sandbox.client import Readers, ReadersUnavailable
from invoice_extraction.sandbox.wire import Isolation
from tests.intake.heic import heic

ROOT = Path(__file__).resolve().parents[2]
KILLERS = [sys.executable, "-I", str(Path(__file__).with_name("killers.py")), str(ROOT)]

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
filtered = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine not in seccomp._MACHINES,
    reason="no filter on system calls for this machine",
)

locked = pytest.mark.skipif(landlock.version() < 1, reason="the kernel has no Landlock")


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers(2) as pool:
        yield pool


@pytest.fixture
def killers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Readers]:
    monkeypatch.setattr(client, "CPU_SECONDS", 1)
    monkeypatch.setattr(client, "WALL_SECONDS", 3.0)
    with Readers(1, command=KILLERS) as pool:
        yield pool


def a_pdf(text: str = "Invoice 12") -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 300))
    canvas.drawString(50, 200, text)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def a_png() -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize((96, 48)).save(out, "PNG")
    return out.getvalue()


def looping_pdf() -> bytes:
    """Return a PDF whose page is filled with a pattern that is drawn with itself."""
    pattern = b"/Pattern cs /P scn 0 0 9000 9000 re f"
    page = b"/Pattern cs /P scn 0 0 600 800 re f BT /F 9 Tf 9 9 Td (x) Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Pattern<</P 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(page), page),
        b"<</PatternType 1/PaintType 1/TilingType 1/BBox[0 0 9000 9000]/XStep 0.001/YStep 0.001"
        b"/Resources<</Pattern<</P 5 0 R>>>>/Length %d>>stream\n%s\nendstream"
        % (len(pattern), pattern),
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (
            table,
            len(out),
        )
    )


def test_an_isolated_document_is_the_same_as_one_opened_in_process(readers: Readers) -> None:
    for data in (a_pdf(), a_png(), b"<Invoice><ID>1</ID></Invoice>"):
        assert readers.open(data, Options()) == open_document(data, Options())


def test_errors_come_back_as_the_class_that_was_raised(readers: Readers) -> None:
    with pytest.raises(CorruptFile) as caught:
        readers.open(b"%PDF-1.7 and nothing else", Options())
    assert type(caught.value) is CorruptFile
    with pytest.raises(InvalidEInvoiceXML, match="DTD"):
        readers.open(b"<!DOCTYPE a><a/>", Options())
    with pytest.raises(OptionError):
        readers.picture(a_pdf(), "application/pdf", 7, 320, Limits())


def test_a_picture_of_a_page_is_webp(readers: Readers) -> None:
    picture = Image.open(BytesIO(readers.picture(a_pdf(), "application/pdf", 1, 320, Limits())))
    assert (picture.format, picture.size) == ("WEBP", (320, 240))


def test_a_password_reaches_the_child_and_a_models_key_does_not(
    readers: Readers, killers: Readers
) -> None:
    import pikepdf

    locked = BytesIO()
    with pikepdf.open(BytesIO(a_pdf())) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(user="tulip", owner="rose"))
    with pytest.raises(PasswordRequired):
        readers.open(locked.getvalue(), Options())
    model = ModelOptions(model="google:some", api_key="a-secret-key")
    assert readers.open(locked.getvalue(), Options(password="tulip", model=model)).has_words
    assert b"a-secret-key" not in msgspec.msgpack.encode(client._for_child(Options(model=model)))


def test_an_endless_loop_ends_at_the_limit_of_time(killers: Readers) -> None:
    began = time.monotonic()
    with pytest.raises(ReaderTimeout):
        killers.ask("loop", None, b"")
    assert time.monotonic() - began < 20
    with pytest.raises(ReaderTimeout):
        killers.ask("sleep", None, b"")
    assert killers.ask("echo", None, b"next") == b"next"


def test_a_pdf_that_never_stops_drawing_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CPU_SECONDS", 1)
    monkeypatch.setattr(client, "WALL_SECONDS", 4.0)
    with Readers(1) as readers:
        with pytest.raises((ReaderTimeout, TooComplex)):
            readers.picture(looping_pdf(), "application/pdf", 1, 320, Limits())
        assert readers.open(a_pdf(), Options()).has_words


@pytest.mark.parametrize("kind", ["segfault", "abort", "die_at_once"])
def test_a_reader_that_dies_costs_its_own_document_alone(killers: Readers, kind: str) -> None:
    _, parent = killers.ask("pid", None, b"").split()
    with pytest.raises(ReaderCrashed):
        killers.ask(kind, None, b"")
    assert killers.ask("echo", None, b"next") == b"next"
    assert killers.ask("pid", None, b"").split()[1] == parent


@on_linux
@pytest.mark.parametrize("kind", ["memory", "balloon"])
def test_memory_beyond_the_limit_is_too_complex(
    killers: Readers, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a busy machine gives memory slowly
    monkeypatch.setattr(client, "WALL_SECONDS", 60.0)
    monkeypatch.setattr(client, "CPU_SECONDS", 30)
    with pytest.raises(TooComplex):
        killers.ask(kind, None, b"")
    assert killers.ask("echo", None, b"next") == b"next"


@filtered
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("segfault", ReaderCrashed),
        ("abort", ReaderCrashed),
        ("memory", TooComplex),
        ("loop", ReaderTimeout),
        ("write_much", CorruptFile),
        ("fork_bomb", CorruptFile),
        ("thread_bomb", DocumentError),
        ("call_home", CorruptFile),
        pytest.param("read_file", CorruptFile, marks=locked),
    ],
)
def test_whatever_a_reader_is_made_to_do_is_one_typed_failure_and_the_next_file_is_read(
    killers: Readers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    error: type[DocumentError],
) -> None:
    monkeypatch.setattr(client, "WALL_SECONDS", 10.0)
    secret = tmp_path / "key"
    secret.write_text("secret")
    _, parent = killers.ask("pid", None, b"").split()
    with pytest.raises(error):
        killers.ask(kind, None, str(secret).encode())
    began = time.monotonic()
    assert killers.ask("pid", None, b"").split()[1] == parent
    assert time.monotonic() - began < 5
    assert secret.read_text() == "secret"


def test_isolation_is_what_a_reader_finds_by_trying(readers: Readers) -> None:
    on = sys.platform == "linux"
    assert readers.isolation == Isolation(
        landlock=landlock.version() > 0,
        seccomp=on and os.uname().machine in seccomp._MACHINES,
        rlimits=on,
    )
    assert limits.isolation() == Isolation(landlock=False, seccomp=False, rlimits=False)


@locked
@pytest.mark.parametrize("name", ["/etc/passwd", "/proc/self/environ", str(ROOT / "README.md")])
def test_a_reader_can_read_no_file_but_programs_and_fonts(killers: Readers, name: str) -> None:
    with pytest.raises(CorruptFile):
        killers.ask("read_file", None, name.encode())


def test_a_heic_picture_is_decoded_by_a_reader_though_its_decoder_starts_a_thread(
    readers: Readers,
) -> None:
    data = heic(Image.linear_gradient("L").resize((128, 64)).convert("RGB"))
    assert readers.open(data, Options()) == open_document(data, Options())
    assert readers.picture(data, "image/heic", 1, 64, Limits())


@filtered
@pytest.mark.parametrize("kind", ["fork", "connect", "execute", "kill_parent"])
def test_a_reader_can_start_nothing_call_nobody_and_kill_nobody(
    killers: Readers, kind: str
) -> None:
    assert killers.ask(kind, None, b"") in (b"PermissionError", b"BlockingIOError")


@filtered
def test_a_reader_can_write_no_file(killers: Readers, tmp_path: Path) -> None:
    target = tmp_path / "planted"
    assert killers.ask("write", None, str(target).encode()) == b"PermissionError"
    assert not target.exists()


def test_a_reader_knows_no_secret_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, killers: Readers
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "secret")
    names = set(killers.ask("environment", None, b"").decode().split())
    harmless = {name for name in names if name.endswith("_THREADS")}
    assert names - harmless <= {"LC_CTYPE", "ORT_DISABLE_TELEMETRY"}


def test_an_answer_that_is_too_long_is_refused(killers: Readers) -> None:
    with pytest.raises(TooComplex):
        killers.ask("flood", None, b"")


def test_an_answer_that_is_not_a_document_is_refused() -> None:
    good = {"media_type": "application/pdf", "pages": [], "xml": [], "notes": []}
    broken = [
        b"",
        b"\xc1",
        msgspec.msgpack.encode(good | {"pages": 7}),
        msgspec.msgpack.encode(good | {"pages": [{"number": "one", "width": 1, "height": 1}]}),
        msgspec.msgpack.encode(
            good | {"pages": [{"number": 1, "width": float("nan"), "height": 1.0}]}
        ),
    ]
    for payload in broken:
        with Readers(1) as readers, pytest.MonkeyPatch.context() as patch:
            patch.setattr(readers, "ask", lambda *_, payload=payload, **__: payload)
            with pytest.raises(ReaderCrashed):
                readers.open(b"%PDF-", Options())


def test_an_exception_nobody_knows_is_a_damaged_file_and_tells_nothing(killers: Readers) -> None:
    with pytest.raises(CorruptFile) as caught:
        killers.ask("unknown", None, b"")
    assert "nobody" not in caught.value.message


def test_a_parent_killed_from_outside_is_replaced_and_the_document_read(killers: Readers) -> None:
    _, parent = killers.ask("pid", None, b"").split()
    os.kill(int(parent), signal.SIGKILL)
    assert killers.ask("echo", None, b"again") == b"again"

    _, parent = killers.ask("pid", None, b"").split()
    timer = threading.Timer(0.5, os.kill, (int(parent), signal.SIGKILL))
    timer.start()
    with pytest.raises(ReaderTimeout):  # the second try runs into its limit
        killers.ask("sleep", None, b"")


def test_a_parent_that_hangs_is_killed_by_the_client(
    killers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_GRACE", 0.5)
    _, parent = killers.ask("pid", None, b"").split()
    os.kill(int(parent), signal.SIGSTOP)
    with pytest.raises(ReaderTimeout):
        killers.ask("echo", None, b"x" * 5_000_000)
    assert killers.ask("echo", None, b"next") == b"next"


def test_many_threads_share_few_slots(readers: Readers) -> None:
    def number(index: int) -> str:
        return readers.open(a_pdf(f"Invoice {index}"), Options()).pages[0].words[1].text

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(number, range(40))) == [str(index) for index in range(40)]


def test_big_bodies_travel_whole(killers: Readers) -> None:
    body = os.urandom(1_000_000) * 19
    assert killers.ask("echo", None, body) == body


def test_closing_ends_the_processes_and_tells_whoever_waits(killers: Readers) -> None:
    _, parent = killers.ask("pid", None, b"").split()
    told: list[BaseException] = []

    def wait() -> None:
        try:
            killers.ask("sleep", None, b"")
        except (ReadersUnavailable, DocumentError) as exc:
            told.append(exc)

    threads = [threading.Thread(target=wait) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    killers.close()
    for thread in threads:
        thread.join(5)
    assert [type(error) for error in told] == [ReadersUnavailable, ReadersUnavailable]
    assert not _runs(int(parent))
    with pytest.raises(ReadersUnavailable):
        killers.ask("echo", None, b"")


def test_readers_that_cannot_start_are_no_fault_of_the_file() -> None:
    for command in ([sys.executable, "-c", "pass"], ["/there/is/no/such/program"]):
        with Readers(1, command=command) as readers, pytest.raises(ReadersUnavailable):
            readers.open(a_pdf(), Options())


@on_linux
def test_parent_and_child_end_with_their_client(tmp_path: Path) -> None:
    script = f"""
import sys, threading, time
sys.path.insert(0, {str(ROOT)!r})
from invoice_extraction.sandbox.client import Readers
readers = Readers(1, command={KILLERS!r})
print(readers.ask("pid", None, b"").decode().split()[1], flush=True)
threading.Thread(target=readers.ask, args=("sleep", None, b""), daemon=True).start()
time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    parent = int(holder.stdout.readline())
    children = Path(f"/proc/{parent}/task/{parent}/children")
    deadline = time.monotonic() + 10
    while not children.read_text().split() and time.monotonic() < deadline:
        time.sleep(0.05)
    child = int(children.read_text().split()[0])
    holder.kill()
    holder.wait()
    holder.stdout.close()
    while (_runs(parent) or _runs(child)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(parent)
    assert not _runs(child)


def test_the_client_imports_nothing_heavy() -> None:
    script = (
        "import sys, types; sys.path.insert(0, sys.argv[1])\n"
        "package = types.ModuleType('invoice_extraction')\n"
        "package.__path__ = [sys.argv[1] + '/invoice_extraction']\n"
        "sys.modules['invoice_extraction'] = package\n"
        "import invoice_extraction.sandbox.client\n"
        "print(*{name.split('.')[0] for name in sys.modules})"
    )
    out = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "pypdfium2", "lxml", "PIL", "pikepdf"} & set(out.stdout.split())


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
