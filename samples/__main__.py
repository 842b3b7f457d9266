"""Write samples: `python -m samples --count 20 --seed 1 --out out/samples`.

Beside the documents lies `cases.jsonl`: one row for each with its truth, flat (`fields`) and whole (`invoice`), where each
value stands (`boxes`), and what was done to a picture (`wear`). `--format scan` makes pictures of all kinds, `--capture` and
`--turn` say how they are taken. `python -m samples --committed` writes the files in samples/files anew.
"""

import argparse
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from invoice_extraction.model.invoice import DocumentType
from samples import library, truth
from samples.formats import E_INVOICES, FORMATS, Sample
from samples.layouts import LAYOUTS
from samples.library import Recipe
from samples.pictures import PICTURES
from samples.regions import REGIONS
from samples.wear import CAPTURES, Turn

FILES = Path(__file__).parent / "files"

KINDS: tuple[DocumentType, ...] = ("invoice", "invoice", "invoice", "credit_note", "receipt")
"""The mix of kinds."""

TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m samples", description="Write sample documents."
    )
    parser.add_argument("--count", type=int, default=20, help="how many documents")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    parser.add_argument("--out", type=Path, default=Path("out/samples"), help="the folder to write")
    parser.add_argument(
        "--format",
        nargs="+",
        choices=["scan", *FORMATS, *PICTURES],
        metavar="NAME",
        help=f"the kinds of file: {', '.join((*FORMATS, *PICTURES))}; scan is all pictures "
        "(default: pdf and e-invoices)",
    )
    parser.add_argument(
        "--capture",
        nargs="+",
        choices=list(CAPTURES),
        metavar="NAME",
        help=f"how pictures are taken: {', '.join(CAPTURES)} (default: as suits the document)",
    )
    parser.add_argument(
        "--turn",
        nargs="+",
        type=int,
        choices=TURNS,
        default=[0],
        metavar="DEGREES",
        help="pictures are turned clockwise by one of these: 0, 90, 180, 270 (default: 0)",
    )
    parser.add_argument("--committed", action="store_true", help="write samples/files anew instead")
    options = parser.parse_args()
    if options.committed:
        library.write_committed(FILES)
        return
    formats = options.format or ()
    if "scan" in formats:
        formats = sorted({*formats, *PICTURES} - {"scan"})
    made = recipes(options.count, options.seed, formats, options.capture or (), options.turn)
    print(f"{write(made, options.out)} documents in {options.out}")


def write(made: Sequence[Recipe], folder: Path) -> int:
    """Write the documents and their cases.jsonl; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for n, recipe in enumerate(made):
        sample = library.make(recipe)
        name = f"{n:04d}-{recipe.region.lower()}-{recipe.kind}-{recipe.layout}{sample.suffix}"
        (folder / name).write_bytes(sample.data)
        rows.append(row(name, recipe, sample))
    (folder / "cases.jsonl").write_text(truth.lines_of_json(rows), encoding="utf-8")
    return len(rows)


def recipes(
    count: int,
    seed: int,
    formats: Sequence[str] = (),
    captures: Sequence[str] = (),
    turns: Sequence[Turn] = (0,),
) -> list[Recipe]:
    """Return so many recipes; the first of them are the same however many there are.

    Without `formats` they are PDFs and e-invoices; without `captures` pictures are taken in every way that
    suits the document.
    """
    rng = Random(seed)
    found: list[Recipe] = []
    while len(found) < count:
        region, kind = rng.choice(sorted(REGIONS)), rng.choice(KINDS)
        exact = REGIONS[region].tax_id is not None and kind != "receipt"
        layout = rng.choice([name for name, one in LAYOUTS.items() if kind in one.kinds])
        possible = [name for name in formats if exact or name not in E_INVOICES]
        if formats and not possible:
            continue
        form = rng.choice(possible) if possible else _usual(rng, exact)
        recipe = Recipe(region, kind, layout, form, rng.randrange(2**32))
        if form in PICTURES:
            suited = [name for name in captures or sorted(CAPTURES) if kind in CAPTURES[name].kinds]
            if not suited or not library.fits(recipe):
                continue
            recipe = replace(recipe, capture=rng.choice(suited), turn=rng.choice(turns))
        found.append(recipe)
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
        "wear": truth.worn(sample.wear),
        "negative": False,
    }


def _usual(rng: Random, exact: bool) -> str:
    # paper first: it is what is hard to read
    return rng.choice(sorted(E_INVOICES)) if exact and rng.random() < 0.3 else "pdf"


if __name__ == "__main__":
    main()
