"""The committed samples: which they are, and how each is made again."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from invoice_extraction.model.invoice import DocumentType
from samples import facts, truth, wording
from samples.formats import FORMATS, Sample
from samples.layouts import LAYOUTS
from samples.regions import REGIONS


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a sample; the same recipe gives the same bytes."""

    region: str
    kind: DocumentType
    layout: str
    format: str
    seed: int


COMMITTED: dict[str, Recipe] = {
    "invoice-en.pdf": Recipe("GB", "invoice", "modern", "pdf", 5),
    "rechnung-de.pdf": Recipe("DE", "invoice", "letter", "pdf", 3),
    "credit-note-en.pdf": Recipe("IE", "credit_note", "ruled", "pdf", 2),
    "factur-x-de.pdf": Recipe("DE", "invoice", "modern", "facturx", 8),
    "invoice-ubl.xml": Recipe("DE", "invoice", "letter", "ubl", 4),
}

TRUTH = "truth.json"


def make(recipe: Recipe) -> Sample:
    """Return the sample of a recipe. Raises KeyError for a name no registry holds."""
    rng = Random(recipe.seed)
    region = REGIONS[recipe.region]
    invoice = facts.draw_up(rng, region, recipe.kind)
    manner = wording.choose(rng, region)
    return FORMATS[recipe.format](invoice, LAYOUTS[recipe.layout], manner)


def committed() -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every committed file, the truth last."""
    truths = {}
    for name, recipe in COMMITTED.items():
        sample = make(recipe)
        truths[name] = truth.plain(sample.truth)
        yield name, sample.data
    yield TRUTH, (json.dumps(truths, ensure_ascii=False, indent=2) + "\n").encode()


def write_committed(folder: Path) -> None:
    """Write the committed files anew."""
    for name, data in committed():
        (folder / name).write_bytes(data)
