"""The committed samples: which they are, and how each is made again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from invoice_extraction.model.invoice import DocumentType
from samples import camera, facts, truth, wording
from samples.formats import FORMATS, Sample
from samples.layouts import LAYOUTS
from samples.pictures import PICTURES
from samples.regions import REGIONS
from samples.wear import CAPTURES, Turn


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a sample; the same recipe gives the same bytes.

    `format` is a name of FORMATS or PICTURES; `capture` and `turn` (degrees clockwise) matter to pictures only.
    """

    region: str
    kind: DocumentType
    layout: str
    format: str
    seed: int
    capture: str = "flatbed"
    turn: Turn = 0


COMMITTED: dict[str, Recipe] = {
    "invoice-en.pdf": Recipe("GB", "invoice", "modern", "pdf", 5),
    "rechnung-de.pdf": Recipe("DE", "invoice", "letter", "pdf", 3),
    "credit-note-en.pdf": Recipe("IE", "credit_note", "ruled", "pdf", 2),
    "factur-x-de.pdf": Recipe("DE", "invoice", "modern", "facturx", 8),
    "invoice-ubl.xml": Recipe("DE", "invoice", "letter", "ubl", 4),
    "invoice-scan-en.pdf": Recipe("GB", "invoice", "letter", "scan-pdf", 58),
    "receipt-photo-de.jpg": Recipe("DE", "receipt", "till", "scan-jpeg", 35, "phone"),
}

TRUTH = "truth.json"
PLACES = "places.jsonl"


def make(recipe: Recipe) -> Sample:
    """Return the sample of a recipe.

    Raises:
        KeyError: It has a name that no registry holds.
        ValueError: It asks for more pages than its kind of picture holds.
    """
    rng = Random(recipe.seed)
    region = REGIONS[recipe.region]
    invoice = facts.draw_up(rng, region, recipe.kind)
    manner = wording.choose(rng, region)
    if recipe.format in FORMATS:
        return FORMATS[recipe.format](invoice, LAYOUTS[recipe.layout], manner)
    paper = FORMATS["pdf"](invoice, LAYOUTS[recipe.layout], manner)
    wear = replace(CAPTURES[recipe.capture].draw(rng), turn=recipe.turn)
    return camera.take(paper, PICTURES[recipe.format], wear)


def fits(recipe: Recipe) -> bool:
    """Return whether the recipe's kind of file can hold all of its pages."""
    if recipe.format in FORMATS or PICTURES[recipe.format].holds_pages:
        return True
    return make(replace(recipe, format="pdf")).pages == 1


def committed() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every committed file; the truth and the places come last."""
    truths, places = {}, []
    for name, recipe in COMMITTED.items():
        sample = make(recipe)
        truths[name] = truth.plain(sample.truth)
        if sample.pages:
            boxes = truth.boxes(sample.places)
            places.append({"path": name, "wear": truth.worn(sample.wear), "boxes": boxes})
        yield name, sample.data
    yield TRUTH, (json.dumps(truths, ensure_ascii=False, indent=2) + "\n").encode()
    yield PLACES, truth.lines_of_json(places).encode()


def write_committed(folder: Path) -> None:
    """Write the committed files anew."""
    for name, data in committed():
        (folder / name).write_bytes(data)
