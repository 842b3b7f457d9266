"""Write samples: `python -m samples --count 20 --seed 1 --out out/samples`.

Beside the documents lies `cases.jsonl`: one row for each with its truth, flat (`fields`) and whole (`invoice`), and where each
value stands (`boxes`). `python -m samples --committed` writes the files in samples/files anew.
"""

import argparse
import hashlib
from pathlib import Path
from random import Random
from typing import Any

from invoice_extraction.model.invoice import DocumentType
from samples import library, truth
from samples.formats import E_INVOICES, Sample
from samples.layouts import LAYOUTS
from samples.library import Recipe
from samples.regions import REGIONS

FILES = Path(__file__).parent / "files"

KINDS: tuple[DocumentType, ...] = ("invoice", "invoice", "invoice", "credit_note", "receipt")
"""The mix of kinds."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m samples", description="Write sample documents."
    )
    parser.add_argument("--count", type=int, default=20, help="how many documents")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    parser.add_argument("--out", type=Path, default=Path("out/samples"), help="the folder to write")
    parser.add_argument("--committed", action="store_true", help="write samples/files anew instead")
    options = parser.parse_args()
    if options.committed:
        library.write_committed(FILES)
        return
    print(f"{write(options.count, options.seed, options.out)} documents in {options.out}")


def write(count: int, seed: int, folder: Path) -> int:
    """Write so many documents and their cases.jsonl; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for n, recipe in enumerate(recipes(count, seed)):
        sample = library.make(recipe)
        name = f"{n:04d}-{recipe.region.lower()}-{recipe.kind}-{recipe.layout}{sample.suffix}"
        (folder / name).write_bytes(sample.data)
        rows.append(row(name, recipe, sample))
    (folder / "cases.jsonl").write_text(truth.lines_of_json(rows), encoding="utf-8")
    return len(rows)


def recipes(count: int, seed: int) -> list[Recipe]:
    """Return so many recipes; the first of them are the same however many there are."""
    rng = Random(seed)
    found = []
    for _ in range(count):
        region, kind = rng.choice(sorted(REGIONS)), rng.choice(KINDS)
        exact = REGIONS[region].tax_id is not None and kind != "receipt"
        layout = rng.choice([name for name, one in LAYOUTS.items() if kind in one.kinds])
        # paper first: it is what is hard to read
        form = rng.choice(sorted(E_INVOICES)) if exact and rng.random() < 0.3 else "pdf"
        found.append(Recipe(region, kind, layout, form, rng.randrange(2**32)))
    return found


def row(name: str, recipe: Recipe, sample: Sample) -> dict[str, Any]:
    """Return one measuring case."""
    return {
        "path": name,
        "sha256": hashlib.sha256(sample.data).hexdigest(),
        "bytes": len(sample.data),
        "source": "samples",
        "licence": "Apache-2.0",
        "kind": recipe.kind.replace("_", " "),
        "medium": sample.medium,
        "language": REGIONS[recipe.region].language,
        "country": recipe.region,
        "pages": sample.pages,
        "family": recipe.layout if sample.pages else recipe.format,
        "truth": "generated",
        "embedded_xml": recipe.format == "facturx",
        "fields": truth.fields(sample.truth),
        "invoice": truth.plain(sample.truth),
        "boxes": truth.boxes(sample.places),
        "negative": False,
    }


if __name__ == "__main__":
    main()
