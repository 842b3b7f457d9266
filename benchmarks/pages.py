"""Compare e-invoices with their pages: false alarms, planted differences, computing time.

    python -m benchmarks.pages alarms ../shared/corpus/einvoice/cases.jsonl
    python -m benchmarks.pages planted --count 40
    python -m benchmarks.pages time ../shared/corpus/einvoice/cases.jsonl

`alarms` tells every `xml_differs_from_page` that fails on a PDF whose e-invoice is valid, `planted` how many
differences are found that our own generator made, and in which documents without one an alarm was given;
`time` is CPU time of one thread, the best of five runs of each file.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.model.extraction import Check, Extraction
from invoice_extraction.model.invoice import Invoice
from samples import facts, wording
from samples.formats import facturx
from samples.layouts import LAYOUTS
from samples.regions import REGIONS

CHECK = "xml_differs_from_page"
EXACT = Options(engine="einvoice")


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["alarms", "planted", "time"])
    parser.add_argument("cases", type=Path, nargs="?", help="cases.jsonl of e-invoices")
    parser.add_argument("--count", type=int, default=40, help="invoices, each in every layout")
    parser.add_argument("--invalid", action="store_true", help="tell those of invalid files")
    args = parser.parse_args()
    if args.what == "planted":
        planted(args.count)
    elif args.what == "alarms":
        alarms(args.cases, valid=not args.invalid)
    else:
        seconds(args.cases)


def alarms(cases: Path, *, valid: bool) -> None:
    """Print each alarm of the PDFs that are valid, or that are not."""
    compared = told = 0
    shown: Counter[str] = Counter()
    for path, is_valid in _pdfs(cases):
        if bool(is_valid) != valid:
            continue
        try:
            found = extract(path, EXACT)
        except ExtractionError as error:
            print(f"{path.name}: not read ({error.code})")
            continue
        compared += 1
        for check in _checks(found):
            shown[check.status] += len(check.fields)
            if check.status == "fail":
                told += 1
                print(f"{path.name}: {check.message}")
    print(f"{compared} PDFs, {told} alarms; values: {dict(shown)}")


def planted(count: int) -> None:
    """Print, for each kind of difference, how many were planted and found, and what was missed."""
    sought: Counter[str] = Counter()
    found: Counter[str] = Counter()
    false = documents = 0
    regions = sorted(name for name, region in REGIONS.items() if region.tax_id is not None)
    for seed in range(count):
        rng = Random(seed)
        region = REGIONS[regions[seed % len(regions)]]
        invoice = facts.draw_up(rng, region, "credit_note" if seed % 4 == 3 else "invoice")
        manner = wording.choose(rng, region)
        for name, layout in LAYOUTS.items():
            if invoice.document_type not in layout.kinds:
                continue
            same = facturx.write(invoice, layout, manner)
            documents += 1
            for check in _failed(extract(same.data, EXACT)):
                false += 1
                print(f"false: {seed} {name} {region.country}: {check.message}")
            for kind, change in facturx.DIFFERENCES.items():
                other = change(invoice)
                if other == invoice:
                    continue
                sought[kind] += 1
                read = extract(facturx.write(invoice, layout, manner, other).data, EXACT)
                if any(_is_other(c.fields[0], invoice, other) for c in _failed(read)):
                    found[kind] += 1
                else:
                    print(f"missed: {seed} {name} {region.country} {kind}")
    for kind, number in sought.items():
        print(f"{kind}: {found[kind]} of {number}")
    total = sum(sought.values())
    print(f"{sum(found.values())} of {total} found; {false} false alarms in {documents} documents")


def seconds(cases: Path) -> None:
    """Print the CPU time of the valid PDFs, with the comparison and without."""
    for options in (EXACT, Options(engine="einvoice", compare=False)):
        best = []
        for path, is_valid in _pdfs(cases):
            if not is_valid:
                continue
            data = path.read_bytes()
            try:
                best.append(min(_timed(data, options) for _ in range(5)))
            except ExtractionError:
                continue
        best.sort()
        print(
            f"compare={options.compare}: {len(best)} PDFs, median {best[len(best) // 2] * 1e3:.1f} ms, "
            f"95th percentile {best[int(len(best) * 0.95)] * 1e3:.1f} ms"
        )


def _timed(data: bytes, options: Options) -> float:
    began = time.process_time()
    extract(data, options)
    return time.process_time() - began


def _pdfs(cases: Path) -> Iterator[tuple[Path, bool | None]]:
    for line in cases.read_text("utf-8").splitlines():
        case = json.loads(line)
        if case["path"].endswith(".pdf"):
            yield cases.parent / case["path"], case["valid"]


def _is_other(pointer: str, invoice: Invoice, other: Invoice) -> bool:
    """Return whether two invoices differ in the value at a pointer."""
    one: Any = invoice.model_dump()
    two: Any = other.model_dump()
    for part in pointer.split("/")[1:]:
        key = int(part) if isinstance(one, list) else part
        one, two = one[key], two[key]
    return bool(one != two)


def _checks(found: Extraction) -> list[Check]:
    return [check for one in found.invoices for check in one.checks if check.id == CHECK]


def _failed(found: Extraction) -> list[Check]:
    return [check for check in _checks(found) if check.status == "fail"]


if __name__ == "__main__":
    main()
