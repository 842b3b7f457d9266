"""What exports cost: `python -m benchmarks.exports [FORMAT ...] [--count N]`; see benchmarks/README.md.

Through the service's own use case: documents are read from SQLite page by page and written in the format, as
for GET /v1/export. CPU time is that of the process, memory its peak since the rows were made.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.routes.exports import OFFERED, _entries
from config.config import Settings
from invoice_extraction import extract
from service.keys import ANYBODY
from service.store.base import Filter, Job
from service.tenants import TENANT
from service.wiring import Services, build_services

FILES = Path(__file__).parent.parent / "samples" / "files"
NAMES = ("invoice-ubl.xml", "factur-x-de.pdf", "invoice-en.pdf", "credit-note-en.pdf")


def services_in(folder: Path) -> Services:
    services = build_services(Settings(_env_file=None, data_dir=folder))
    services.prepare()
    return services


def fill(services: Services, count: int) -> None:
    """Make that many documents of our own samples' extractions, 1 to 5 lines each."""
    texts = [extract(FILES / name).model_dump_json() for name in NAMES]
    began = datetime.now(UTC)
    for start in range(0, count, 500):
        services.store.add(
            [
                Job(
                    id=f"{number:032x}",
                    filename=f"{number}.pdf",
                    size=0,
                    status="SUCCESS",
                    created_at=began + timedelta(microseconds=number),
                    updated_at=began,
                    finished_at=began,
                    reference="PO-7",
                    extraction=texts[number % len(texts)],
                )
                for number in range(start, min(start + 500, count))
            ]
        )


def measure(folder: Path, name: str) -> None:
    """Export all documents; printed by a process of its own, so that its peak is the export's."""
    services = services_in(folder)
    peak = Path("/proc/self/clear_refs")
    peak.write_text("5")  # forget the peak until now
    began, wall = time.process_time(), time.perf_counter()
    found = services.jobs.each(TENANT, Filter(status="SUCCESS"))
    size = sum(map(len, OFFERED[name].write_all(_entries(found, services.keys, ANYBODY))))
    took, waited = time.process_time() - began, time.perf_counter() - wall
    status = Path("/proc/self/status").read_text()
    megabytes = int(status.partition("VmHWM:")[2].split()[0]) // 1024
    print(f"{name}: {took:.1f} s CPU, {waited:.1f} s, {megabytes} MB, file {size // 1_000:,} kB")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("formats", nargs="*", default=list(OFFERED))
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--in", dest="folder", type=Path)
    args = parser.parse_args()
    if args.folder:
        measure(args.folder, args.formats[0])
        return
    with tempfile.TemporaryDirectory() as folder:
        services = services_in(Path(folder))
        fill(services, args.count)
        services.stop()
        for name in args.formats:
            subprocess.run(
                [sys.executable, "-m", "benchmarks.exports", name, "--in", folder], check=True
            )


if __name__ == "__main__":
    main()
