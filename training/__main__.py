"""Fit the local engine's confidence on labelled documents and on our own: `make model CORPUS=DIR`.

Writes `invoice_extraction/validate/weights.json` and `docs/reliability.svg`, and tells what the confidence is
worth in documents of families that were left out of the fit. Without labelled documents it only tells that
of our own, which are easier to read than what comes by post: weights fitted on them alone promise too much.
"""

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from invoice_extraction import Options
from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document
from invoice_extraction.normalise import normalise
from invoice_extraction.validate import Context, check, fitted
from invoice_extraction.validate.confidence import at_most, outcomes
from invoice_extraction.validate.pages import checks_of_pages
from training import documents, plot
from training.documents import Labelled
from training.regression import (
    Array,
    Judged,
    Table,
    accepted,
    calibration_error,
    fit,
    intervals,
    limit,
    table,
    unseen,
)
from training.truth import judged

ROOT = Path(__file__).resolve().parents[1]
WEIGHTS = ROOT / "invoice_extraction" / "validate" / "weights.json"
PLOT = ROOT / "docs" / "reliability.svg"
WORDS = ROOT / "out" / "training"

TODAY = date(2026, 11, 22)
"""The day of the checks, so that the same documents give the same file."""

PENALTY = 2.0
GENERATED = "generated"
SOUND = "no failed check"
AS_PRINTED = "no sign turned"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, help="a folder of folders with a cases.jsonl each")
    parser.add_argument("--generated", type=int, default=90, help="how many of each own generator")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--words", type=Path, default=WORDS, help="where words are kept")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    args = parser.parse_args()
    own = list(documents.generated(args.generated, args.seed, args.words))
    real = list(documents.of_corpus(args.corpus, args.words)) if args.corpus else []
    values = [value for one in [*own, *real] for value in of_document(one)]
    found = table(values)
    confidence = as_told(values, unseen(found, PENALTY, args.seed))
    # what is told of the confidence is told of documents that we did not draw ourselves
    told = np.array([not real or value.group != GENERATED for value in values])
    threshold = limit(confidence[told])
    report(values, found, confidence, told, threshold, args.seed)
    if args.dry or not real:
        print("Nothing was written.")
        return
    weights = fit(found.signs, found.right, found.counts, PENALTY)
    rounded = {
        name: round(float(weight), 4) for name, weight in zip(found.names, weights, strict=True)
    }
    content = {
        "about": about([*own, *real], args.seed),
        "accepted": round(threshold, 4),
        "weights": {name: weight for name, weight in rounded.items() if weight},
    }
    WEIGHTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    PLOT.write_text(plot.reliability(list(series(values, found, confidence, told))), "utf-8")


def of_document(labelled: Labelled) -> Iterator[Judged]:
    """Yield the values that the local engine reads from a document, each with its signs."""
    document = Document("application/pdf", b"", labelled.pages)
    for invoice in normalise(read(document, Options()), document, Options()):
        checks = [*checks_of_pages(labelled.pages, by_words=True), *invoice.checks]
        checks += check(invoice, Context(TODAY))
        checked = invoice.model_copy(update={"checks": checks})
        right = dict(judged(labelled.fields, checked.result.model_dump(mode="json")))
        most = at_most(checked)
        turned = {p for one in checks if one.id == "sign_normalised" for p in one.fields}
        for pointer, signs in fitted.signs(checked, labelled.pages, *outcomes(checked)):
            if pointer in right:
                yield Judged(
                    labelled.group,
                    labelled.family,
                    fitted.field_of(pointer),
                    dict(signs),
                    right[pointer],
                    most.get(pointer, 1.0),
                    pointer in turned,
                )


def as_told(values: Sequence[Judged], confidence: Array) -> Array:
    """Return the confidence with the cap on what fails a check."""
    return np.minimum(confidence, [value.at_most for value in values])


def fails(value: Judged) -> bool:
    """Return whether the value fails a check."""
    return value.at_most < 1


def about(used: Sequence[Labelled], seed: int) -> dict[str, Any]:
    """Return what the weights were fitted on; no text of any document is among it."""
    hashes = "\n".join(sorted(one.sha256 for one in used))
    counts = Counter((one.source, one.licence) for one in used)
    return {
        "documents": len(used),
        "sha256": hashlib.sha256(hashes.encode()).hexdigest(),
        "seed": seed,
        "penalty": PENALTY,
        "data": [
            {"source": source, "licence": licence, "documents": count}
            for (source, licence), count in sorted(counts.items())
        ],
    }


def report(
    values: Sequence[Judged],
    found: Table,
    confidence: Array,
    told: Array,
    threshold: float,
    seed: int,
) -> None:
    """Print what the confidence is worth: unseen, by kind of document and of field."""
    print(f"accepted from {threshold:.4f}")
    print("| values | n | right | error | accepted | of them right | at 99 % |")
    print("|---|---|---|---|---|---|---|")
    for name, places in _parts(values, told):
        right, sure = found.right[places], confidence[places]
        above = sure >= threshold
        share = right[above].mean() if above.any() else float("nan")
        most = accepted(sure, right, np.ones(len(right)))[1]
        print(
            f"| {name} | {len(right)} | {right.mean():.3f} | {calibration_error(sure, right):.3f} "
            f"| {above.mean():.3f} | {share:.4f} | {most:.3f} |"
        )
    every = np.flatnonzero(told)
    families = [found.families[n] for n in every]

    def measures(chosen: Array) -> list[float]:
        sure, right = confidence[every[chosen]], found.right[every[chosen]]
        above = sure >= threshold
        return [
            calibration_error(sure, right),
            float(above.mean()),
            float(right[above].mean()) if above.any() else 1.0,
            accepted(sure, right, np.ones(len(right)))[1],
        ]

    names = ("error", "accepted", "of them right", "at 99 %")
    for name, (low, high) in zip(names, intervals(families, measures, seed), strict=True):
        print(f"95 % of {name}: {low:.3f} to {high:.3f} ({len(set(families))} families)")


def series(
    values: Sequence[Judged], found: Table, confidence: Array, told: Array
) -> Iterator[tuple[str, Array, Array]]:
    """Yield name, confidence and truth of what the plot shows: values that fail no check."""
    for name, places in _parts(values, told):
        if name.endswith(SOUND):
            yield (
                f"{name.removesuffix(f', {SOUND}')} ({len(places)})",
                confidence[places],
                found.right[places],
            )


def _parts(values: Sequence[Judged], told: Array) -> Iterable[tuple[str, Any]]:
    """Yield the places of values of each kind of document, of the head, of lines, of both, and parts of them."""
    kinds: dict[str, set[str]] = {"all documents": {value.group for value in values}}
    kinds["PDFs with text"] = {"born-digital pdf", "printed e-invoice"}
    kinds["printed e-invoices"] = {"printed e-invoice"}
    kinds["scans and photos"] = kinds["all documents"] - kinds["PDFs with text"] - {GENERATED}
    for kind, groups in kinds.items():
        of_kind = [n for n, value in enumerate(values) if told[n] and value.group in groups]
        lines = [n for n in of_kind if values[n].field.startswith("/lines")]
        parts = {
            "head": sorted({*of_kind} - {*lines}),
            "lines": lines,
            "all values": of_kind,
            SOUND: [n for n in of_kind if not fails(values[n])],
            AS_PRINTED: [n for n in of_kind if not values[n].turned],
        }
        for name, places in parts.items():
            if places and (name != AS_PRINTED or len(places) < len(of_kind)):
                yield f"{kind}, {name}", np.array(places)


if __name__ == "__main__":
    main()
