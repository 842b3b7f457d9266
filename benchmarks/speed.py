"""CPU time of the pipeline for one-page PDFs with text, in process and isolated.

    python -m benchmarks.speed [FOLDER] [--rounds N]

FOLDER's PDFs of one page that the local engine reads; without it our own samples. Isolated time is that
of this process, the reader's parent and its children, taken over all documents of a round (the kernel
counts children's time in steps of 10 ms); in-process time is the median document's.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.sandbox.client import Readers

SAMPLES = Path(__file__).parent.parent / "samples" / "files"
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?", default=SAMPLES)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    documents = [path.read_bytes() for path in sorted(args.folder.rglob("*.pdf"))]
    documents = [data for data in documents if is_one_page(data)]
    each = [in_process(data) for _ in range(args.rounds) for data in documents]
    median, p95 = statistics.median(each), statistics.quantiles(each, n=20)[-1]
    print(f"{len(documents)} documents, {args.rounds} rounds, CPU ms a document")
    print(
        f"in process  median {median * 1e3:.1f}  mean {statistics.mean(each) * 1e3:.1f}  p95 {p95 * 1e3:.1f}"
    )
    with Readers(slots=1) as readers:
        for data in documents:
            isolated(data, readers)
        began = spent()
        for _ in range(args.rounds):
            for data in documents:
                isolated(data, readers)
        mean = (spent() - began) / (args.rounds * len(documents))
    print(
        f"isolated    mean {mean * 1e3:.1f}  (+{(mean - statistics.mean(each)) * 1e3:.1f} over in process)"
    )


def is_one_page(data: bytes) -> bool:
    """Return whether the local engine reads it and it has one page; warms everything up."""
    try:
        return len(extract(data, Options(engine="layout")).pages) == 1
    except ExtractionError:
        return False


def in_process(data: bytes) -> float:
    began = time.process_time()
    extract(data, Options(engine="layout"))
    return time.process_time() - began


def isolated(data: bytes, readers: Readers) -> None:
    extract(data, Options(engine="layout", isolate=True), readers=readers)


def spent() -> float:
    """Return the CPU seconds of this process and of the readers it started."""
    total = time.process_time()
    mine = os.getpid()
    for child in Path(f"/proc/{mine}/task/{mine}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rpartition(") ")[2].split()
        total += sum(int(field) for field in fields[11:15]) / TICK
    return total


if __name__ == "__main__":
    main()
