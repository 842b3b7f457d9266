"""How long callers wait while others keep the service busy; each case starts a service of its own.

    python -m benchmarks.waits held [UPLOADS] [WAITS]

Sequential uploads, quiet and while many clients hold `?wait=20`. No worker takes the jobs away.

    python -m benchmarks.waits scans [--celery] [--model] [--pages 50] [--singles 50] [--every 0.5]

Born-digital documents, one after another, quiet and while scans are read: a long one and many of one page.
With --celery the jobs go over a broker to a Celery worker. With --model all of them go to a model first, a
stand-in here that takes two seconds.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from samples import __main__ as samples
from samples import library
from tests.engines.llm.answers import answer, invoice
from tests.engines.llm.stand_in import KEY, StandIn, says
from tests.servers import Valkey, free_port, wait_until

ROOT = Path(__file__).parent.parent
FILE = b"%PDF-1.7\n" + os.urandom(100_000)
SEND = "/extract-invoice"


def main() -> None:
    """Run the case that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    cases = parser.add_subparsers(required=True, metavar="CASE")
    held = cases.add_parser("held", help="uploads while clients hold ?wait=20")
    held.add_argument("uploads", type=int, nargs="?", default=200)
    held.add_argument("waits", type=int, nargs="?", default=500)
    held.set_defaults(run=run_held)
    scans = cases.add_parser("scans", help="born-digital documents while scans are read")
    scans.add_argument("--celery", action="store_true", help="with a broker and a Celery worker")
    scans.add_argument("--model", action="store_true", help="with a model that takes 2 s")
    scans.add_argument("--pages", type=int, default=50, help="of the long scan")
    scans.add_argument("--singles", type=int, default=50, help="scans of one page")
    scans.add_argument("--every", type=float, default=0.5, help="seconds between documents")
    scans.set_defaults(run=run_scans)
    args = parser.parse_args()
    args.run(args)


# -------------------------------------------------------------------- waits that are held


def run_held(args: argparse.Namespace) -> None:
    """Start the API without a worker, measure, stop it."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    # a broker that nobody listens to: jobs are accepted, and no worker takes them
    broker = {"BROKER_URL": f"redis://127.0.0.1:{free_port()}/0"}
    with tempfile.TemporaryDirectory() as folder, api(folder, broker) as (url, pid):
        asyncio.run(measure(url, args.uploads, args.waits, pid))


async def uploads(client: httpx.AsyncClient, count: int) -> list[float]:
    """Return the milliseconds of each upload, one after another."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        answer = await client.post(SEND, files={"files": ("a.pdf", FILE)})
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 202, answer.text
    return times


async def hold(client: httpx.AsyncClient, task_id: str, ended: asyncio.Event) -> None:
    """Hold a wait, again and again until the end."""
    while not ended.is_set():
        answer = await client.get(f"/status/{task_id}", params={"wait": 20})
        assert answer.status_code == 200, answer.text


async def measure(url: str, count: int, waits: int, pid: int) -> None:
    """Print the quiet and the crowded figures."""
    limits = httpx.Limits(max_connections=None)
    # a client of its own for the waits: a pool of hundreds of connections slows each call of its own
    async with (
        httpx.AsyncClient(base_url=url, timeout=60) as client,
        httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as waiter,
    ):
        await uploads(client, 10)
        show("quiet", await uploads(client, count), pid)
        made = await client.post(SEND, files={"files": ("a.pdf", FILE)})
        task_id = made.json()[0]["task_id"]
        ended = asyncio.Event()
        held = [asyncio.create_task(hold(waiter, task_id, ended)) for _ in range(waits)]
        await asyncio.sleep(5)
        before = cpu(pid)
        await asyncio.sleep(5)
        print(f"{waits} waits cost {(cpu(pid) - before) / 5:.1%} of one core")
        show(f"{waits} waits", await uploads(client, count), pid)
        ended.set()
        for task in held:
            task.cancel()
        await asyncio.gather(*held, return_exceptions=True)
        show("quiet", await uploads(client, count), pid)


def show(name: str, times: list[float], pid: int) -> None:
    """Print the distribution, and what the server weighs."""
    print(
        f"{name:10}  {spread(times)}  RSS {status(pid, 'VmRSS') // 1024} MB  "
        f"threads {status(pid, 'Threads')}"
    )


# -------------------------------------------------------------------- scans beside documents


def run_scans(args: argparse.Namespace) -> None:
    """Start the service, measure, stop it."""
    print("making the documents ...", flush=True)
    documents = made(40, ["pdf"])
    pictures = made(args.singles, ["scan-jpeg", "scan-pdf", "scan-png"])
    long = one_document(made(min(args.pages, 10), ["scan-jpeg"]), args.pages)
    with (
        tempfile.TemporaryDirectory() as folder,
        model() if args.model else nullcontext() as stand_in,
        service(folder, args.celery, settings_for(stand_in)) as url,
    ):
        asked = asyncio.run(beside(url, documents, pictures, long, args.every))
    if stand_in is not None:
        print(f"calls       {stand_in.calls} for {asked} documents, each another")


def model() -> StandIn:
    """Return a stand-in for a model that takes two seconds and reads next to nothing."""
    stand_in = StandIn()
    stand_in.script = [says(json.dumps(answer(invoice(invoice_number="1"))), delay=2.0)]
    return stand_in


def settings_for(stand_in: StandIn | None) -> dict[str, str]:
    """Return the settings by which the service asks the stand-in."""
    if stand_in is None:
        return {}
    return {"GEMINI_API_KEY": KEY, "LLM_BASE_URL": stand_in.base_url}


def made(count: int, formats: list[str]) -> list[bytes]:
    """Return so many documents of these formats, each another."""
    return [library.make(recipe).data for recipe in samples.recipes(count, 11, formats)]


def one_document(pictures: list[bytes], pages: int) -> bytes:
    """Return a PDF of so many pages, each one of the pictures."""
    opened = [Image.open(BytesIO(data)) for data in pictures]
    first, *others = [opened[n % len(opened)] for n in range(pages)]
    out = BytesIO()
    first.save(out, "PDF", save_all=True, append_images=others, resolution=150)
    return out.getvalue()


async def beside(
    url: str, documents: list[bytes], pictures: list[bytes], long: bytes, every: float
) -> int:
    """Print how long documents wait, quiet and beside scans, and what became of the scans.

    Return how many were sent.
    """
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
        for data in documents[:5]:
            await finish(client, await send(client, data))
        # the first five once more, and so another
        quiet = [await timed(client, data + b"\n") for data in documents]
        print(f"quiet       {spread(quiet)}", flush=True)
        began = time.perf_counter()
        ended: dict[str, float] = {}
        waiting = [asyncio.create_task(scan(client, long, "long", began, ended))]
        waiting += [
            asyncio.create_task(scan(client, data, f"single {n}", began, ended))
            for n, data in enumerate(pictures)
        ]
        sent = []
        while not all(task.done() for task in waiting):
            # another each time: a model's answers are kept
            data = documents[len(sent) % len(documents)] + b"\n%" + str(len(sent)).encode()
            sent.append(asyncio.create_task(timed(client, data)))
            await asyncio.sleep(every)
        answers = await asyncio.gather(*waiting)
        crowded = await asyncio.gather(*sent)
        print(f"with scans  {spread(crowded)}")
        print(f"scans       {dict(Counter(answer['status'] for answer in answers))}")
        pages = Counter(page["status"] for page in await pages_of(client, answers[0]))
        print(f"long scan   {ended.pop('long'):.0f} s  pages {dict(pages)}")
        singles = sorted(ended.values())
        if singles:
            print(
                f"singles     first {singles[0]:.0f} s  median {statistics.median(singles):.0f} s  "
                f"last {singles[-1]:.0f} s"
            )
    return 5 + len(quiet) + len(waiting) + len(sent)


async def send(client: httpx.AsyncClient, data: bytes) -> str:
    """Send a document and return its task."""
    answer = await client.post(SEND, files={"files": ("a", data)})
    assert answer.status_code == 202, answer.text
    task: str = answer.json()[0]["task_id"]
    return task


async def finish(client: httpx.AsyncClient, task: str) -> dict[str, Any]:
    """Return a task's answer once it is final."""
    while True:
        found = (await client.get(f"/status/{task}", params={"wait": 20})).json()
        if found["status"] in ("SUCCESS", "FAILURE", "REVOKED"):
            return dict(found)


async def timed(client: httpx.AsyncClient, data: bytes) -> float:
    """Return the milliseconds from the first byte sent to the answer."""
    began = time.perf_counter()
    answer = await finish(client, await send(client, data))
    assert answer["status"] == "SUCCESS", answer["error"]
    return (time.perf_counter() - began) * 1000


async def scan(
    client: httpx.AsyncClient, data: bytes, name: str, began: float, ended: dict[str, float]
) -> dict[str, Any]:
    """Return a scan's answer, having noted when it was there."""
    answer = await finish(client, await send(client, data))
    ended[name] = time.perf_counter() - began
    return answer


async def pages_of(client: httpx.AsyncClient, answer: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what became of each page."""
    found = (await client.get(f"/v1/documents/{answer['task_id']}")).json()
    return list(found["pages"])


# -------------------------------------------------------------------- the service


@contextmanager
def service(folder: str, celery: bool, settings: dict[str, str]) -> Iterator[str]:
    """Run the API and its worker, embedded or on a broker; the value is the API's address."""
    if not celery:
        with api(folder, settings) as (url, _):
            yield url
        return
    broker = Valkey(Path(folder))
    broker.start()
    settings = settings | {"BROKER_URL": broker.url}
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "worker.celery_app", "worker", "--loglevel=error"],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": folder} | settings,
    )
    try:
        with api(folder, settings) as (url, _):
            wait_until(lambda: httpx.get(f"{url}/health/ready").is_success, 60)
            yield url
    finally:
        end(worker)
        broker.stop()


@contextmanager
def api(folder: str, settings: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Run the API on a free port with a folder of its own; the value is its address and its pid."""
    port = free_port()
    environment = os.environ | {"DATA_DIR": folder, "PORT": str(port), "LOG_LEVEL": "ERROR"}
    process = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environment | settings)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(url), 60)
        yield url, process.pid
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process, by force where it does not end."""
    process.terminate()
    try:
        process.wait(40)
    except subprocess.TimeoutExpired:
        process.kill()


def answers(url: str) -> bool:
    """Return whether the server answers."""
    try:
        return httpx.get(f"{url}/health/live").is_success
    except httpx.HTTPError:
        return False


def spread(times: list[float]) -> str:
    """Return the distribution of milliseconds, as a line of text."""
    times = sorted(times)
    p95 = times[int(len(times) * 0.95)]
    return (
        f"n {len(times):4}  p50 {statistics.median(times):7.1f} ms  p95 {p95:7.1f} ms  "
        f"max {times[-1]:7.1f} ms"
    )


def status(pid: int, name: str) -> int:
    """Return a number from /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
