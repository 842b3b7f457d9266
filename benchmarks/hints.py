"""What hints per seller gain: series of invoices of one seller each, the first ones corrected and given as hints.

    python -m benchmarks.hints --sellers 40 --each 8 --corrected 1 3

Each seller's documents have one look and say different things. The first `--corrected` of them are learned from with
all their values right; the others are read without and with what was learned. F1 over the fields of the head, all
documents' values counted together.
"""

import argparse
from collections import Counter
from typing import Any

from invoice_extraction import ExtractionError, Options, extract
from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.engines.layout.lessons import learn
from invoice_extraction.intake import open_document
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.hints import SellerHints
from invoice_extraction.model.invoice import Invoice
from samples.formats import Sample
from samples.synth import library
from samples.synth.__main__ import recipes

_FIELDS = (
    "invoice_number",
    "issue_date",
    "due_date",
    "purchase_order_reference",
    "currency",
    "seller.name",
    "seller.tax_id",
    "buyer.name",
    "totals.net",
    "totals.tax",
    "totals.gross",
)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sellers", type=int, default=40)
    parser.add_argument("--each", type=int, default=8)
    parser.add_argument("--seed", type=int, default=21)
    parser.add_argument("--corrected", type=int, nargs="+", default=[1, 3])
    args = parser.parse_args()
    most = max(args.corrected)
    counts: dict[int, Counter[tuple[str, str]]] = {k: Counter() for k in (0, *args.corrected)}
    made = recipes(args.sellers * args.each, args.seed, series=args.each)
    for start in range(0, len(made), args.each):
        samples = [library.make(recipe) for recipe in made[start : start + args.each]]
        learned = tuple(
            learn(ExtractedInvoice(result=one.truth), open_document(one.data, Options()))
            for one in samples[:most]
        )
        for sample in samples[most:]:
            for k, counted in counts.items():
                counted.update(judged(sample, learned[:k]))
    print(f"{args.sellers} sellers, {args.sellers * (args.each - most)} documents")
    print(f"{'corrected':28}" + "".join(f"{k:>8}" for k in counts))
    for name in (*_FIELDS, "all"):
        print(f"{name:28}" + "".join(f"{f1(counted, name):8.3f}" for counted in counts.values()))


def judged(sample: Sample, hints: tuple[SellerHints, ...]) -> list[tuple[str, str]]:
    """Return each field with "right", "wrong" (a value that is not there) or "missed"; both for another value."""
    try:
        found = extract(sample.data, Options(engine="layout", hints=hints)).invoices[0].result
    except ExtractionError:
        found = Invoice()
    outcome = []
    for name in _FIELDS:
        true, read = value(sample.truth, name), value(found, name)
        if true is not None and true == read:
            outcome.append((name, "right"))
            continue
        if read is not None:
            outcome.append((name, "wrong"))
        if true is not None:
            outcome.append((name, "missed"))
    return outcome


def value(invoice: Invoice, name: str) -> Any:
    """Return a field's value, texts without case, spaces and punctuation."""
    found: Any = invoice
    for part in name.split("."):
        found = getattr(found, part, None)
    return squash(found) if isinstance(found, str) else found


def f1(counted: Counter[tuple[str, str]], name: str) -> float:
    """Return the F1 of a field, or of all."""
    names = _FIELDS if name == "all" else (name,)
    right, wrong, missed = (
        sum(counted[one, outcome] for one in names) for outcome in ("right", "wrong", "missed")
    )
    return 2 * right / max(1, 2 * right + wrong + missed)


if __name__ == "__main__":
    main()
