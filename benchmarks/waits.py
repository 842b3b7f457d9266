"""How uploads fare while many clients hold `?wait=20`: `python -m benchmarks.waits [UPLOADS] [WAITS]`.

Starts the API on a free port with a folder of its own and no worker that takes the jobs away (their
lease is held), then measures sequential uploads: quiet, and with the waits held open.
"""

import asyncio
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.servers import free_port, wait_until

ROOT = Path(__file__).parent.parent
FILE = b"%PDF-1.7\n" + os.urandom(100_000)


async def uploads(client: httpx.AsyncClient, count: int) -> list[float]:
    """Return the milliseconds of each upload, one after another."""
    times = []
    for _ in range(count):
        began = time.perf_counter()
        answer = await client.post("/extract-invoice", files={"files": ("a.pdf", FILE)})
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
        made = await client.post("/extract-invoice", files={"files": ("a.pdf", FILE)})
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
    times = sorted(times)
    p95 = times[int(len(times) * 0.95)]
    megabytes = status(pid, "VmRSS") // 1024
    threads = status(pid, "Threads")
    print(
        f"{name:10}  p50 {statistics.median(times):6.1f} ms  p95 {p95:6.1f} ms  "
        f"max {times[-1]:6.1f} ms  RSS {megabytes} MB  threads {threads}"
    )


def status(pid: int, name: str) -> int:
    """Return a number from /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Start the API, measure, stop it."""
    count, waits = [int(argument) for argument in [*sys.argv[1:], "200", "500"][:2]]
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        # a broker that nobody listens to: jobs are accepted, and no worker takes them
        environment = os.environ | {
            "DATA_DIR": folder,
            "PORT": str(port),
            "BROKER_URL": f"redis://127.0.0.1:{free_port()}/0",
            "LOG_LEVEL": "ERROR",
        }
        process = subprocess.Popen([sys.executable, "-m", "app"], cwd=ROOT, env=environment)
        url = f"http://127.0.0.1:{port}"
        try:
            wait_until(lambda: answers(url), 60)
            asyncio.run(measure(url, count, waits, process.pid))
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(url: str) -> bool:
    """Return whether the server answers."""
    try:
        return httpx.get(f"{url}/health/live").is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
