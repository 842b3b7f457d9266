"""Write wide samples: `python -m samples.synth --count 200 --seed 1 --out out/synth`, or `make synth N=200`.

Beside the documents lies `cases.jsonl`, as `python -m samples` writes it, with `trade` and `look` for each besides.
`--series 5` makes five documents of each seller; `--others` makes what is no invoice; `--format scan` pictures.
"""

import argparse
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from random import Random
from typing import Any

from samples import truth
from samples.formats import Sample
from samples.pictures import PICTURES
from samples.synth import library
from samples.synth.countries import COUNTRIES
from samples.synth.library import KINDS, Recipe
from samples.synth.others import OTHERS
from samples.synth.tongues import TONGUES, tongue
from samples.synth.trades import TRADES
from samples.wear import CAPTURES, Turn

TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m samples.synth", description="Write sample documents of many looks."
    )
    parser.add_argument("--count", type=int, default=200, help="how many documents")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    parser.add_argument("--out", type=Path, default=Path("out/synth"), help="the folder to write")
    parser.add_argument("--series", type=int, default=1, help="how many documents of each seller")
    parser.add_argument("--others", action="store_true", help="what is no invoice, instead")
    parser.add_argument("--language", nargs="+", choices=TONGUES, metavar="CODE", default=TONGUES)
    parser.add_argument("--trade", nargs="+", choices=TRADES, metavar="NAME", default=list(TRADES))
    parser.add_argument(
        "--format",
        nargs="+",
        choices=["pdf", "scan", *PICTURES],
        metavar="NAME",
        default=["pdf"],
        help=f"the kinds of file: pdf, {', '.join(PICTURES)}; scan is all pictures (default: pdf)",
    )
    parser.add_argument(
        "--capture",
        nargs="+",
        choices=CAPTURES,
        metavar="NAME",
        default=list(CAPTURES),
        help=f"how pictures are taken: {', '.join(CAPTURES)} (default: as suits the document)",
    )
    parser.add_argument("--turn", nargs="+", type=int, choices=TURNS, default=[0])
    options = parser.parse_args()
    if options.series < 1:
        parser.error("--series must be 1 or more")
    formats = options.format
    if "scan" in formats:
        formats = sorted({*formats, *PICTURES} - {"scan"})
    made = recipes(
        options.count,
        options.seed,
        series=options.series,
        others=options.others,
        languages=options.language,
        trades=options.trade,
        formats=formats,
        captures=options.capture,
        turns=options.turn,
    )
    print(f"{write(made, options.out)} documents in {options.out}")


def recipes(
    count: int,
    seed: int,
    *,
    series: int = 1,
    others: bool = False,
    languages: Sequence[str] = TONGUES,
    trades: Sequence[str] = tuple(TRADES),
    formats: Sequence[str] = ("pdf",),
    captures: Sequence[str] = tuple(CAPTURES),
    turns: Sequence[Turn] = (0,),
) -> list[Recipe]:
    """Return so many recipes, `series` of each seller; the first are the same however many there are."""
    rng = Random(seed)
    found: list[Recipe] = []
    spoken = [code for code in languages if not others or tongue(code).other]
    sheets = [name for name in trades if TRADES[name].paper == "sheet"]
    while len(found) < count:
        language = rng.choice(spoken)
        country = rng.choice([c.code for c in COUNTRIES.values() if language in c.languages])
        trade = rng.choice(sheets if others and sheets else trades)
        recipe = Recipe(country, language, trade, "invoice", rng.randrange(2**32), 0)
        for _ in range(min(series, count - len(found))):
            found.append(_one(rng, recipe, others, formats, captures, turns))
    return found


def _one(
    rng: Random,
    recipe: Recipe,
    others: bool,
    formats: Sequence[str],
    captures: Sequence[str],
    turns: Sequence[Turn],
) -> Recipe:
    till = TRADES[recipe.trade].paper == "till"
    if others:
        kind = rng.choice([name for name in OTHERS if name in tongue(recipe.language).other])
    elif till:
        kind = "receipt"
    else:
        kind = "credit_note" if rng.random() < 0.08 else "invoice"
    taken: set[str] = {"receipt" if till else "invoice"}
    suited = [name for name in captures if taken & CAPTURES[name].kinds] or list(captures)
    recipe = replace(
        recipe,
        kind=kind,
        seed=rng.randrange(2**32),
        format=rng.choice(formats),
        capture=rng.choice(suited),
        turn=rng.choice(turns),
    )
    if recipe.format == "pdf" or PICTURES[recipe.format].holds_pages:
        return recipe
    several = library.make(replace(recipe, format="pdf")).pages > 1
    return replace(recipe, format="scan-pdf") if several else recipe


def write(made: Sequence[Recipe], folder: Path) -> int:
    """Write the documents and their cases.jsonl; return how many."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "cases.jsonl").open("w", encoding="utf-8") as cases:
        for n, recipe in enumerate(made):
            sample = library.make(recipe)
            name = f"{n:05d}-{recipe.language}-{recipe.country.lower()}-{recipe.kind}-{recipe.trade}{sample.suffix}"
            (folder / name).write_bytes(sample.data)
            cases.write(json.dumps(row(name, recipe, sample), ensure_ascii=False) + "\n")
    return len(made)


def row(name: str, recipe: Recipe, sample: Sample) -> dict[str, Any]:
    """Return one measuring case."""
    negative = recipe.kind not in KINDS
    till = TRADES[recipe.trade].paper == "till"
    look = library.scene(recipe).look
    return {
        "path": name,
        "sha256": hashlib.sha256(sample.data).hexdigest(),
        "bytes": len(sample.data),
        "source": "samples.synth",
        "licence": "Apache-2.0",
        "kind": recipe.kind.replace("_", " "),
        "medium": sample.medium,
        "language": recipe.language,
        "country": recipe.country,
        "pages": sample.pages,
        "family": f"{recipe.country.lower()}-{recipe.seller}",
        "trade": recipe.trade,
        "paper": "till" if till else "sheet",
        "look": asdict(look),
        "truth": "generated",
        "embedded_xml": False,
        "fields": None if negative else fields(recipe, sample),
        "invoice": truth.plain(sample.truth),
        "boxes": truth.boxes(sample.places),
        "wear": truth.worn(sample.wear),
        "negative": negative,
    }


def fields(recipe: Recipe, sample: Sample) -> dict[str, Any]:
    """Return the flat truth; a list where more than one answer is right, no key where it cannot be said.

    A currency that the page does not show may be told from the country or left open. Cash is rounded after
    the total, which some call the total then. What a till calls a subtotal holds the tax where its prices do.
    """
    found, told = truth.fields(sample.truth), sample.truth
    sums = told.totals
    if told.currency is None:
        found["currency"] = [COUNTRIES[recipe.country].currency, None]
    if sums.amount_due is not None:
        found["amount_due"] = float(sums.amount_due)
        if sums.rounding is not None and sums.tip is None and sums.paid is None:
            found["total"] = [found["total"], found["amount_due"]]
    if told.prices_include_tax and found["subtotal"] is None:
        found["subtotal"] = [None, found["total"]]
    return found


if __name__ == "__main__":
    main()
