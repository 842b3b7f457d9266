"""How one seller's papers look: choices that are made apart from one another, so that few of each give very many."""

from dataclasses import dataclass
from random import Random

from samples.synth.countries import Country
from samples.synth.trades import Trade

WESTERN = frozenset("en de fr es it nl pt sv da nb fi id ms".split())
"""Languages whose letters the fonts have that every reader of PDF brings along (WinAnsiEncoding)."""

INKS = ("#1f4e79", "#7a1f2b", "#2e6b3f", "#333333", "#5b3a8c", "#c2571a", "#00788a", "#000000")

COLUMNS: dict[str, tuple[str, ...]] = {
    "full": ("position", "code", "description", "quantity", "unit", "price", "rate", "amount"),
    "usual": ("position", "description", "quantity", "unit", "price", "amount"),
    "american": ("quantity", "description", "price", "amount"),
    "american code": ("quantity", "code", "description", "price", "amount"),
    "plain": ("description", "quantity", "price", "amount"),
    "rate": ("description", "quantity", "price", "rate", "amount"),
    "rate first": ("description", "rate", "quantity", "price", "amount"),
    "bare": ("description", "amount"),
    "numbered bare": ("position", "description", "amount"),
    "discount": ("code", "description", "quantity", "price", "discount", "amount"),
    "discount rate": (
        "description",
        "code",
        "quantity",
        "unit",
        "price",
        "discount",
        "rate",
        "amount",
    ),
    "both": (
        "position",
        "description",
        "unit",
        "quantity",
        "price",
        "net",
        "rate",
        "tax",
        "gross",
    ),
    "net and gross": ("description", "quantity", "price", "net", "gross"),
    "unit first": ("quantity", "unit", "description", "price", "amount"),
    "code last": ("description", "code", "price", "quantity", "amount"),
    "price before": ("position", "description", "price", "quantity", "amount"),
    "dated": ("date", "description", "quantity", "price", "amount"),
    "dated bare": ("date", "description", "amount"),
}
"""Columns by the name of their order. "amount" is with tax where the prices are."""


@dataclass(frozen=True, slots=True)
class Look:
    """The look of a seller's papers; each field is a name that the parts of the page know, or a measure in points."""

    family: str
    size: float
    margin: float
    ink: str
    logo: str
    head: str
    title: str
    parties: str
    meta: str
    columns: str
    rules: str
    heads: str
    sums: str
    bands: str
    foot: str
    pay: str
    country: bool
    tax_id_at: str
    opening: bool
    carried: bool
    till: str
    letters: str
    minus: bool


def choose(rng: Random, country: Country, language: str, trade: Trade) -> Look:
    """Return the look of one seller."""
    western = language in WESTERN
    dated = [name for name in COLUMNS if name.startswith("dated")]
    undated = [name for name in COLUMNS if not name.startswith("dated")]
    return Look(
        family=rng.choice(("sans", "sans", "serif", "embedded", "condensed", "mono"))
        if western
        else "condensed",
        size=rng.choice((7.5, 8, 8.5, 9, 9, 9.5, 10)),
        margin=rng.choice((34, 40, 48, 56, 68)),
        ink=rng.choice(INKS),
        logo=rng.choice(("none", "none", "square", "disc", "bars", "word", "word")),
        head=rng.choice(
            ("left", "right", "centre", "band", "split", "foot only", "boxed", "brand")
        ),
        title=rng.choice(
            ("meta", "right", "above table", "centre", "inline", "left", "left", "none")
        ),
        parties=rng.choice(
            (
                "window",
                "window",
                "window right",
                "pair",
                "pair",
                "triple",
                "labelled",
                "boxes",
                "row",
            )
        ),
        meta=rng.choice(
            ("list", "list", "list left", "table", "inline", "stacked", "pairs", "grid")
        ),
        columns=rng.choice(dated if trade.dated and rng.random() < 0.8 else undated),
        rules=rng.choice(("none", "head", "head", "all", "boxed", "zebra", "dotted", "frame")),
        heads=rng.choice(("plain", "bold", "bold", "filled", "grey", "tall")),
        sums=rng.choice(("right", "right", "right", "left", "wide", "boxed", "columns", "middle")),
        bands=rng.choice(("each", "each", "each", "total", "table", "table only", "row table")),
        foot=rng.choice(("none", "2", "3", "4", "centred", "line")),
        pay=rng.choice(("list", "list", "inline", "boxed", "foot", "above", "sentence", "slip")),
        country=rng.random() < 0.25,
        tax_id_at=rng.choice(("head", "foot", "meta", "seller")),
        opening=rng.random() < 0.3,
        carried=rng.random() < 0.5,
        till=rng.choice(("before", "after", "inline", "columns", "below", "wide")),
        letters=rng.choice(("ABC", "123", "*#+", "", "%")),
        minus=rng.random() < 0.35,
    )
