"""A recipe and what becomes of it: the wide samples, each decided by its recipe alone."""

from dataclasses import dataclass, replace
from random import Random

from invoice_extraction.model.invoice import DocumentType, Invoice
from samples import camera, truth
from samples.formats import Sample
from samples.pictures import PICTURES
from samples.sheet import Sheet
from samples.synth import deals, looks, manner, sellers
from samples.synth.countries import COUNTRIES
from samples.synth.deals import Deal
from samples.synth.looks import Look
from samples.synth.others import OTHERS
from samples.synth.parts import paper, tills
from samples.synth.parts.scene import Scene
from samples.synth.tongues import tongue
from samples.synth.trades import TRADES
from samples.wear import CAPTURES, Turn

KINDS: dict[str, DocumentType] = {
    "invoice": "invoice",
    "credit_note": "credit_note",
    "receipt": "receipt",
}
TILL_MARGIN = 10.0
LONGEST = 3000.0
"""Points: longer than any roll."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that decides a document; the same recipe gives the same bytes.

    `seller` decides who sells and how its papers look, `seed` what this one says: documents of one seller
    differ in `seed` alone. `kind` is a document type, or a name of OTHERS for what is no invoice. `format` is
    "pdf" or a name of PICTURES.
    """

    country: str
    language: str
    trade: str
    kind: str
    seller: int
    seed: int
    format: str = "pdf"
    capture: str = "flatbed"
    turn: Turn = 0


def scene(recipe: Recipe) -> Scene:
    """Return what the recipe says and how it looks, on empty paper. Raises KeyError for unknown names."""
    rng = Random(recipe.seller)
    country, words = COUNTRIES[recipe.country], tongue(recipe.language)
    trade = TRADES[recipe.trade]
    of = sellers.seller(rng, country, words, recipe.trade, trade.called)
    writing = manner.choose(rng, country, recipe.language)
    look = looks.choose(rng, country, recipe.language, trade)
    kind = KINDS.get(recipe.kind, "invoice")
    deal = deals.draw_up(Random(recipe.seed), of, kind)
    if look.title == "none" and recipe.kind != "invoice":
        look = replace(look, title="left")  # without a title it would be an invoice
    size = country.paper
    if trade.paper == "till":
        look = replace(look, margin=TILL_MARGIN)
        if writing.shows == "note":
            writing = replace(
                writing, shows="totals", money_form=rng.choice(("{n} {c}", "{c} {n}"))
            )
        size = (tills.width(look.size), LONGEST)
    return Scene(_empty(size, look, deal), deal, look, writing, of)


def make(recipe: Recipe) -> Sample:
    """Return the sample of a recipe.

    Raises:
        KeyError: It has a name that no registry holds.
        ValueError: It asks for more pages than its kind of picture holds.
    """
    found = scene(recipe)
    if recipe.kind in OTHERS:
        OTHERS[recipe.kind].draw(found, Random(recipe.seed), recipe.kind)
    elif TRADES[recipe.trade].paper == "till":
        # drawn twice: only then it is known how long the roll must be
        size = (found.sheet.width, tills.draw(found))
        found = replace(found, sheet=_empty(size, found.look, found.deal))
        tills.draw(found)
    else:
        paper.draw(found)
    sheet = found.sheet
    if recipe.kind in OTHERS:
        told, places = Invoice(document_type=OTHERS[recipe.kind].type), {}
    else:
        told = truth.told(found.invoice, sheet.places.keys() | truth.SAID_BY_PAGE)
        places = sheet.places
    sample = Sample(
        data=sheet.finish(),
        suffix=".pdf",
        medium="born-digital pdf",
        truth=told,
        places=places,
        pages=sheet.page,
    )
    return pictured(sample, recipe)


def _empty(size: tuple[float, float], look: Look, deal: Deal) -> Sheet:
    return Sheet(size, look.family, title=f"{deal.invoice.invoice_number}")


def pictured(sample: Sample, recipe: Recipe) -> Sample:
    """Return the sample as the recipe's kind of file."""
    if recipe.format == "pdf":
        return sample
    wear = replace(CAPTURES[recipe.capture].draw(Random(recipe.seed)), turn=recipe.turn)
    return camera.take(sample, PICTURES[recipe.format], wear)
