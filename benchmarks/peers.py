"""Computing time of e-invoices, ours beside other libraries', one after the other for each file.

    python -m benchmarks.peers ../shared/corpus/einvoice/cases.jsonl

All e-invoices of the corpus; CPU time of one thread, the best of seven runs of each. "mapped" is a bare XML
parsed and brought to values with their pointers, "answered" the whole answer with evidence and checks, "taken
out" the XML of a PDF. Other libraries are used where they can be imported: drafthorse reads CII into objects,
factur-x takes XML out of PDFs. They are no part of this project; install them into an environment of
their own that sees this one's packages.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.engines.einvoice import SYNTAXES, get_syntax
from invoice_extraction.engines.einvoice.engine import root_name
from invoice_extraction.intake import open_document
from invoice_extraction.intake.xml import parse
from invoice_extraction.model.options import Limits

EXACT = Options(engine="einvoice", compare=False)
RUNS = 7

Reader = Callable[[bytes], object]


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path, help="cases.jsonl of e-invoices")
    args = parser.parse_args()
    lines = args.cases.read_text("utf-8").splitlines()
    paths = [args.cases.parent / json.loads(line)["path"] for line in lines]
    files = [path.read_bytes() for path in paths]
    bare = [data for data in files if root_name(data) in SYNTAXES]
    pdfs = [data for data in files if data.startswith(b"%PDF") and has_xml(data)]
    cii = [
        data for data in [*bare, *map(attached, pdfs)] if "CrossIndustryI" in str(root_name(data))
    ]
    show("bare XML", bare, {"mapped": mapped, "answered": answered})
    show("CII", cii, {"mapped": mapped} | peer("drafthorse", drafthorse))
    show("PDF", pdfs, {"taken out": attached, "answered": answered} | peer("facturx", factur_x))


def mapped(data: bytes) -> object:
    root = parse(data, Limits())
    return get_syntax(str(root.tag))(root)


def answered(data: bytes) -> object:
    return extract(data, EXACT)


def attached(data: bytes) -> bytes:
    return open_document(data, EXACT).xml[0].data


def has_xml(data: bytes) -> bool:
    try:
        return bool(open_document(data, EXACT).xml)
    except ExtractionError:
        return False


def drafthorse(data: bytes) -> object:
    from drafthorse.models.document import Document

    return Document.parse(data)


def factur_x(data: bytes) -> object:
    from facturx import get_xml_from_pdf

    name, xml = get_xml_from_pdf(BytesIO(data), check_xsd=False)
    if not xml:
        raise ValueError("no XML was found")
    return name, xml


def peer(module: str, reader: Reader) -> dict[str, Reader]:
    """Return another library's reader where that can be imported, else nothing."""
    return {module: reader} if find_spec(module) else {}


def show(what: str, files: list[bytes], readers: dict[str, Reader]) -> None:
    """Print how many of the files each reader reads, and its times in milliseconds."""
    seconds: dict[str, list[float]] = {name: [] for name in readers}
    for data in files:
        for name, reader in readers.items():
            try:
                seconds[name].append(min(timed(reader, data) for _ in range(RUNS)))
            except Exception:  # noqa: BLE001, S112  # whatever a library raises: it does not read the file
                continue
    for name, found in seconds.items():
        if found:
            median, p90 = statistics.median(found), statistics.quantiles(found, n=10)[-1]
            print(
                f"{what:9} {name:11} reads {len(found)} of {len(files)}: "
                f"median {median * 1e3:.2f} ms, 90th percentile {p90 * 1e3:.2f} ms"
            )


def timed(reader: Reader, data: bytes) -> float:
    began = time.process_time()
    reader(data)
    return time.process_time() - began


if __name__ == "__main__":
    main()
