"""What a worker and its page readers hold after many documents: `python -m benchmarks.growth [DOCUMENTS]`.

Sends born-digital samples (PDFs and e-invoices, each another) to a service of its own with one embedded
worker, and prints the memory, open files and threads of the worker and of the processes it started.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from benchmarks.waits import SEND, api, status
from samples import __main__ as samples
from samples import library

AT_ONCE = 20
"""Files of a request, and of which the end is waited for before the next."""

EVERY = 200
"""Documents from one line to the next."""


def main() -> None:
    """Start the service, send the documents, print what grows."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    with tempfile.TemporaryDirectory() as folder:
        temp = Path(folder) / "tmp"
        temp.mkdir()
        settings = {"TMPDIR": str(temp)}
        with api(folder, settings) as (url, pid), httpx.Client(base_url=url, timeout=60) as client:
            ended: Counter[str] = Counter()
            recipes = samples.recipes(count, 17)
            for start in range(0, count, AT_ONCE):
                batch = recipes[start : start + AT_ONCE]
                ended.update(read(client, [library.make(recipe).data for recipe in batch]))
                if ended.total() == AT_ONCE or ended.total() % EVERY == 0:
                    told = f"{ended.total():5} documents  {weight(pid)}"
                    print(f"{told}  temporary files {files_in(temp)}", flush=True)
            print(dict(ended))


def read(client: httpx.Client, files: list[bytes]) -> list[str]:
    """Send the files together and return how each ended: SUCCESS, or the code of its error."""
    answer = client.post(SEND, files=[("files", ("a", data)) for data in files])
    assert answer.status_code == 202, answer.text
    return [final(client, task["task_id"]) for task in answer.json()]


def final(client: httpx.Client, task: str) -> str:
    """Return SUCCESS once a task is that; else the code of its error."""
    while True:
        found: dict[str, Any] = client.get(f"/status/{task}", params={"wait": 20}).json()
        if found["status"] in ("SUCCESS", "FAILURE", "REVOKED"):
            return str(found["error"]["code"] if found["error"] else found["status"])


def weight(api_pid: int) -> str:
    """Return what the API's worker and its readers hold, as a line of text."""
    (worker,) = children(api_pid)
    readers = children(worker)
    megabytes = [status(pid, "VmRSS") / 1024 for pid in (worker, *readers)]
    return (
        f"worker {megabytes[0]:4.0f} MB  {len(readers)} readers {sum(megabytes[1:]):4.0f} MB  "
        f"all {sum(megabytes):4.0f} MB  open files {open_files(worker)} + "
        f"{sum(map(open_files, readers))}  threads {status(worker, 'Threads')}"
    )


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for one in lists for child in one.read_text().split()]


def open_files(pid: int) -> int:
    """Return how many files and sockets a process holds."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def files_in(folder: Path) -> int:
    """Return how many files lie in a folder and below."""
    return sum(path.is_file() for path in folder.rglob("*"))


if __name__ == "__main__":
    main()
