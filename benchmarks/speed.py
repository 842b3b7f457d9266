"""CPU time of the pipeline for one-page PDFs with text, in process and isolated.

    python -m benchmarks.speed [FOLDER] [--rounds N]

FOLDER's PDFs of one page that the local engine reads; without it our own samples. Isolated time is that
of this process, the reader's parent and its children. The kernel counts the latter in steps of 10 ms, so
each document's time is the mean over its rounds; the figures are over documents.
"""

import argparse
import os
import statistics
import time
from pathlib import Path

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.intake import open_document
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
    print(f"{len(documents)} documents, mean of {args.rounds} rounds each, CPU ms a document")
    alone = [in_process(data, args.rounds) for data in documents]
    show("in process", alone)
    with Readers(slots=1) as readers:
        apart = [isolated(data, args.rounds, readers) for data in documents]
    show("isolated", apart)
    show("difference", [b - a for a, b in zip(alone, apart, strict=True)])


def show(name: str, seconds: list[float]) -> None:
    median, p95 = statistics.median(seconds), statistics.quantiles(seconds, n=20)[-1]
    mean = statistics.mean(seconds)
    print(f"{name:11} median {median * 1e3:5.1f}  mean {mean * 1e3:5.1f}  p95 {p95 * 1e3:5.1f}")


def is_one_page(data: bytes) -> bool:
    """Return whether it has one page, with text, that the local engine reads; warms everything up."""
    try:
        document = open_document(data, Options())
        return len(document.pages) == 1 and document.has_words and bool(in_process(data, 1))
    except ExtractionError:
        return False


def in_process(data: bytes, rounds: int) -> float:
    began = time.process_time()
    for _ in range(rounds):
        extract(data, Options(engine="layout"))
    return (time.process_time() - began) / rounds


def isolated(data: bytes, rounds: int, readers: Readers) -> float:
    options = Options(engine="layout", isolate=True)
    extract(data, options, readers=readers)  # the first call starts the reader
    began = spent()
    for _ in range(rounds):
        extract(data, options, readers=readers)
    return (spent() - began) / rounds


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
