"""How one worker fares with a model: `python -m benchmarks.llm STAND_IN [RUN ...]`.

STAND_IN is the program of a local server that speaks Gemini's protocol, takes --port, --latency and
--api-key, and is told at POST /__control what to answer and how to fail ("answers", "faults"); GET
/__log?summary counts its calls. It is started here, and nothing else is called.

The runs (all of them where none is named):
  steady   640 documents of 100 kB through one worker, and beside it the naive design, two processes that wait
  size     1,000 documents of 1 MB: what the worker weighs
  storm    a third of the calls of the first minute are turned away with 429
  outage   the stand-in is gone for a minute

Each run has a service, a database and a folder of its own. CPU is that of each process with the children it
has reaped; the documents are drawn here and differ in their numbers.
"""

import argparse
import asyncio
import hashlib
import io
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from invoice_extraction import Options, extract
from invoice_extraction.model.options import ModelOptions
from tests.servers import free_port, wait_until

ROOT = Path(__file__).parent.parent
MODEL = "google:gemini-3.8-flash"
KEY = "benchmark-key"
IN_FLIGHT = 64
NUMBER = "R-xxxxx"
FINAL = ("SUCCESS", "FAILURE", "REVOKED")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sent:
    """What became of some documents: seconds from the last upload accepted until all were final."""

    uploading: float
    seconds: float
    statuses: dict[str, int]
    codes: dict[str, int]


class StandIn:
    """The model's stand-in as a process, which can go away and come back on its port."""

    def __init__(self, program: Path, latency: float) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._program = program
        self._latency = latency
        self._answers: dict[str, Any] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, self._program, "--port", str(self.port)]
        command += ["--latency", str(self._latency), "--api-key", KEY]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: answers(f"{self.url}/__health"), 30)
        self.control(answers=self._answers)

    def stop(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def answer(self, facts: dict[str, Any]) -> None:
        """Set what is answered to each document, by its SHA-256."""
        self._answers = {"by_sha256": facts}
        self.control(answers=self._answers)

    def control(self, **what: Any) -> None:
        httpx.post(f"{self.url}/__control", json=what, timeout=60).raise_for_status()

    def log(self) -> dict[str, Any]:
        summary: dict[str, Any] = httpx.get(f"{self.url}/__log?summary", timeout=60).json()
        return summary


def documents(count: int, size: int, first: int = 0) -> tuple[list[bytes], dict[str, Any]]:
    """Return invoices of about so many bytes, and what a model reads from each, by its SHA-256."""
    # a picture of noise makes the weight, since it cannot be compressed
    side = max(8, int((size / 3) ** 0.5))
    noise = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(5).randbytes(side * side * 3)).save(
        noise, "JPEG", quality=95, subsampling=0
    )
    made, facts = [], {}
    plain = _invoice(NUMBER, noise.getvalue())
    for number in range(first, first + count):
        data = plain.replace(NUMBER.encode(), f"R-{number:05}".encode())  # of the same length
        made.append(data)
        facts[hashlib.sha256(data).hexdigest()] = {"facts": _facts(f"R-{number:05}")}
    return made, facts


def _facts(number: str) -> dict[str, Any]:
    return {
        "invoice_number": number,
        "issue_date": "2026-01-31",
        "currency": "EUR",
        "seller": {"name": "Nordwind Handel GmbH", "tax_id": "DE123456788"},
        "buyer": {"name": "Beispiel AG"},
        "lines": [
            {
                "description": "Consulting",
                "quantity": "2",
                "unit_price": "40.00",
                "amount": "80.00",
            },
            {"description": "Travel", "quantity": "1", "unit_price": "20.00", "amount": "20.00"},
        ],
        "subtotal": "100.00",
        "tax": "19.00",
        "total": "119.00",
    }


def _invoice(number: str, noise: bytes) -> bytes:
    out = io.BytesIO()
    page = Canvas(out, pageCompression=0)
    rows = [
        "Nordwind Handel GmbH",
        "VAT ID DE123456788",
        "Bill to: Beispiel AG",
        f"Invoice {number}",
        "Date 2026-01-31",
        "Consulting   2 x 40.00   80.00",
        "Travel   1 x 20.00   20.00",
        "Subtotal EUR 100.00",
        "VAT 19% EUR 19.00",
        "Total EUR 119.00",
    ]
    for row, text in enumerate(rows):
        page.drawString(60, 780 - 18 * row, text)
    page.drawImage(ImageReader(io.BytesIO(noise)), 400, 40, 100, 100)
    page.save()
    return out.getvalue()


@contextmanager
def service(stand_in: StandIn, **settings: str) -> Iterator["Service"]:
    """Run the service with its embedded worker; both end with the block."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("LLM_", "GEMINI_"))}
        port = free_port()
        environment |= {
            "DATA_DIR": folder,
            "PORT": str(port),
            "LOG_LEVEL": "ERROR",
            "GEMINI_API_KEY": KEY,
            "LLM_MODEL": MODEL,
            "LLM_BASE_URL": stand_in.url,
            "LLM_CONCURRENCY": str(IN_FLIGHT),
        } | settings
        process = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environment)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: answers(f"{url}/health/ready"), 60)
            yield Service(url, process.pid, Path(folder) / "jobs.db")
        finally:
            process.terminate()
            process.wait(60)


@dataclass(frozen=True)
class Service:
    """A running service."""

    url: str
    pid: int
    database: Path

    def send(self, made: list[bytes]) -> Sent:
        """Upload all, eight at a time, and wait until all are final."""
        began = time.monotonic()
        asyncio.run(_upload(self.url, made))
        accepted = time.monotonic()
        while self._open():
            time.sleep(0.2)
        done = time.monotonic()
        statuses = self._counted("SELECT status, count(*) FROM jobs GROUP BY status")
        codes = self._counted(
            "SELECT json_extract(error, '$.code'), count(*) FROM jobs "
            "WHERE json_extract(error, '$.code') IS NOT NULL GROUP BY 1"
        )
        return Sent(accepted - began, done - accepted, statuses, codes)

    def _open(self) -> int:
        return sum(
            count
            for status, count in self._counted(
                "SELECT status, count(*) FROM jobs GROUP BY status"
            ).items()
            if status not in FINAL
        )

    def _counted(self, query: str) -> dict[str, int]:
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        try:
            return dict(connection.execute(query).fetchall())
        finally:
            connection.close()

    def cpu(self) -> dict[str, float]:
        """Return the seconds of CPU of each of our processes, by what it is."""
        found: dict[str, float] = {}
        for pid in [self.pid, *descendants(self.pid)]:
            name = kind(pid)
            found[name] = found.get(name, 0.0) + cpu(pid)
        return found

    def worker(self) -> int:
        return next(pid for pid in descendants(self.pid) if kind(pid) == "worker")


async def _upload(url: str, made: list[bytes]) -> None:
    """Upload the documents one a request, as many clients do; eight at a time."""
    waiting = iter(made)
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:

        async def send() -> None:
            for data in waiting:
                answer = await client.post("/extract-invoice", files={"files": ("a.pdf", data)})
                assert answer.status_code == 202, answer.text

        await asyncio.gather(*(send() for _ in range(8)))


def steady(program: Path, count: int) -> None:
    """All documents through one worker, the stand-in answering at an even pace; then the naive design."""
    stand_in = StandIn(program, 2.0)
    made, facts = documents(count, 100_000)
    with running(stand_in, facts), service(stand_in) as ours:
        ours.send(documents(2, 1000)[0])  # imports the client library
        before, clients = ours.cpu(), time.process_time()
        stand_before, calls = cpu(stand_in.process.pid), stand_in.log()["count"]
        sent = ours.send(made)
        after = ours.cpu()
        spent = {name: (after[name] - before.get(name, 0.0)) / count * 1e3 for name in after}
        told(f"steady, {count} x {len(made[0]) // 1000} kB", sent, stand_in, calls, count)
        ideal = count / IN_FLIGHT * 2.0
        print(
            f"  ideal {ideal:.1f} s; with the uploads {ideal / (sent.uploading + sent.seconds):.0%}"
        )
        parts = ", ".join(f"{name} {ms:.1f}" for name, ms in sorted(spent.items()))
        print(f"  CPU ms a document: {sum(spent.values()):.1f} ({parts})")
        print(
            f"  beside it: stand-in {(cpu(stand_in.process.pid) - stand_before) / count * 1e3:.1f}, "
            f"clients {(time.process_time() - clients) / count * 1e3:.1f}"
        )
        print(f"  worker RSS now {rss(ours.worker())}, at most {rss(ours.worker(), 'VmHWM')} MB")
        naive(stand_in, made[:32], count)


def naive(stand_in: StandIn, made: list[bytes], count: int) -> None:
    """The design of a prefork pool: each of two processes reads, waits for the model, and reads on."""
    read = partial(_read_naively, url=stand_in.url)
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(read, made[:2]))  # imports
        began = time.monotonic()
        list(pool.map(read, made))
        seconds = time.monotonic() - began
    print(
        f"naive, two processes that wait: {len(made)} documents in {seconds:.1f} s, "
        f"so {count} in {seconds / len(made) * count:.0f} s"
    )


def _read_naively(data: bytes, *, url: str) -> str:
    model = ModelOptions(model=MODEL, api_key=KEY, base_url=url)
    return extract(data, Options(engine="llm", model=model)).engine


def size(program: Path, count: int) -> None:
    """Documents of 1 MB: the worker must not grow."""
    stand_in = StandIn(program, 2.0)
    with running(stand_in, {}), service(stand_in) as ours:
        weights = []
        for start in range(0, count, 100):
            made, facts = documents(min(100, count - start), 1_000_000, first=start)
            stand_in.answer(facts)
            calls = stand_in.log()["count"]
            sent = ours.send(made)
            weights.append(rss(ours.worker()))
        told(
            f"size, the last {len(made)} of {count} x {len(made[0]) // 1000} kB",
            sent,
            stand_in,
            calls,
            len(made),
        )
        print(f"  worker RSS after each 100, MB: {', '.join(map(str, weights))}")
        print(f"  worker RSS at most {rss(ours.worker(), 'VmHWM')} MB")


def storm(program: Path, count: int) -> None:
    """Of the calls of the first minute 30 % are turned away, with the wait that the provider asks for."""
    stand_in = StandIn(program, 2.0)
    made, facts = documents(count, 100_000)
    with running(stand_in, facts), service(stand_in) as ours:
        stand_in.control(faults=[{"fault": "429", "probability": 0.3, "retry_after": 2}], seed=1)
        end = Timer(60.0, partial(stand_in.control, faults=[]))
        sent = ours.send(made)
        end.wait()
        told("storm, 429 for 30 % of a minute's calls", sent, stand_in, 0, count)


def outage(program: Path, count: int) -> None:
    """The provider is gone for a minute, from the moment the first documents are sent."""
    stand_in = StandIn(program, 2.0)
    made, facts = documents(count, 100_000)
    with running(stand_in, facts), service(stand_in) as ours:
        before = ours.cpu()
        stand_in.stop()
        back = Timer(60.0, stand_in.start)
        sent = ours.send(made)
        back.wait()
        told("outage of 60 s from the first upload", sent, stand_in, 0, count)
        print(f"  all done {sent.uploading + sent.seconds - 60:.1f} s after its end")
        after = ours.cpu()
        spent = sum(after.values()) - sum(before.values())
        print(f"  CPU ms a document: {spent / count * 1e3:.1f}")


class Timer:
    """Does something after a while, in a thread; a fault of it is raised by `wait`."""

    def __init__(self, seconds: float, what: Any) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._done = self._pool.submit(lambda: (time.sleep(seconds), what()))

    def wait(self) -> None:
        self._done.result()
        self._pool.shutdown()


def told(name: str, sent: Sent, stand_in: StandIn, before: int, count: int) -> None:
    """Print what became of a run."""
    log = stand_in.log()
    calls = log["count"] - before
    print(
        f"{name}: uploaded in {sent.uploading:.1f} s, all done {sent.seconds:.1f} s after the last was "
        f"accepted\n  {sent.statuses} {sent.codes or ''}\n  calls {calls}, {calls / count:.2f} a document, "
        f"at most {log['max_in_flight']} at once, statuses {log['statuses']}"
    )


@contextmanager
def running(stand_in: StandIn, facts: dict[str, Any]) -> Iterator[None]:
    stand_in.start()
    stand_in.answer(facts)
    try:
        yield
    finally:
        stand_in.stop()


def kind(pid: int) -> str:
    """Return what one of our processes is."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    if "worker.embedded" in command:
        return "worker"
    return "readers" if "sandbox" in command else "api"


def descendants(pid: int) -> list[int]:
    """Return the processes under one, those that still run."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            try:
                found += [child, *descendants(child)]
            except FileNotFoundError:
                continue
    return [child for child in found if Path(f"/proc/{child}/cmdline").exists()]


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used, with its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def rss(pid: int, name: str = "VmRSS") -> int:
    """Return megabytes of memory from /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


def answers(url: str) -> bool:
    """Return whether the server answers."""
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


RUNS = {
    "steady": (steady, 640),
    "size": (size, 1000),
    "storm": (storm, 640),
    "outage": (outage, 640),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("stand_in", type=Path)
    parser.add_argument("runs", nargs="*", choices=[[], *RUNS], default=[])
    parser.add_argument("--documents", type=int, help="so many instead, for a quick look")
    asked = parser.parse_args()
    for name in asked.runs or RUNS:
        run, count = RUNS[name]
        load = os.getloadavg()[0]
        print(f"load {load:.1f}", flush=True)
        run(asked.stand_in.resolve(), asked.documents or count)


if __name__ == "__main__":
    main()
