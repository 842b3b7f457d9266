"""What sellers of each trade sell, as data: which words, how many rows, what they cost and how they are paid."""

from dataclasses import dataclass
from typing import Literal

Paper = Literal["sheet", "till"]


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade. `wares` are sections of a language's wares, drawn from in this order where `whole` is set.

    Prices are euros without tax; `most` is the largest quantity, in steps of `step` hundredths.
    `rows` are numbers of lines. Shares, 0 to 1: `included` of documents whose prices hold the tax, `paid` of
    those paid already, `people` of buyers that are no companies, `exempt` of those without tax.
    A share `weighed` of lines is sold by the kilogram.
    `dated` lines each have their day, `spans` is a period of so many days, `carries` an earlier balance;
    `rooms` tells of a guest's stay. `called` is the part of the names that suits the seller.
    """

    wares: tuple[str, ...]
    unit: str
    low: float
    high: float
    most: int
    rows: tuple[int, ...]
    step: int = 100
    whole: bool = False
    included: float = 0.12
    paid: float = 0.06
    people: float = 0.15
    exempt: float = 0.07
    dated: bool = False
    spans: int = 0
    carries: float = 0.0
    rooms: bool = False
    weighed: float = 0.0
    called: str = "trades"
    paper: Paper = "sheet"


TRADES: dict[str, Trade] = {
    "goods": Trade(("goods",), "piece", 2, 240, 40, (1, 2, 3, 3, 4, 5, 6, 8, 11, 24, 48)),
    "services": Trade(
        ("services",), "hour", 35, 190, 40, (1, 1, 2, 3, 4, 6), step=25, exempt=0.15, spans=30
    ),
    "craft": Trade(
        ("craft", "goods"), "piece", 4, 180, 12, (3, 4, 5, 7, 9, 14), step=50, people=0.5
    ),
    "diary": Trade(
        ("services",), "hour", 45, 160, 8, (3, 5, 7, 12, 22), step=25, dated=True, spans=30
    ),
    "saas": Trade(
        ("saas",), "month", 5, 240, 12, (1, 1, 2, 3), paid=0.6, people=0.35, spans=30, exempt=0.12
    ),
    "utility": Trade(
        ("power",),
        "month",
        0.2,
        90,
        1,
        (3, 4, 5),
        whole=True,
        people=0.8,
        spans=60,
        carries=0.55,
        exempt=0.0,
    ),
    "telecom": Trade(
        ("telecom",), "month", 3, 60, 2, (2, 3, 4, 5), people=0.7, spans=30, carries=0.5, exempt=0.0
    ),
    "hotel": Trade(
        ("hotel",),
        "night",
        3,
        160,
        1,
        (3, 5, 8, 12),
        included=0.8,
        paid=0.75,
        people=0.8,
        dated=True,
        rooms=True,
        called="inns",
        exempt=0.0,
    ),
    "freight": Trade(("freight",), "kg", 0.4, 95, 18, (2, 3, 4, 5), step=50, dated=True),
    "health": Trade(
        ("health",), "piece", 12, 140, 3, (1, 2, 3, 4), people=0.95, exempt=0.7, dated=True
    ),
    "rent": Trade(
        ("rent",),
        "month",
        40,
        900,
        1,
        (1, 2, 3, 4),
        whole=True,
        people=0.6,
        exempt=0.5,
        spans=30,
    ),
    "shop": Trade(
        ("goods",),
        "piece",
        3,
        120,
        4,
        (1, 2, 3, 4),
        included=0.7,
        paid=0.6,
        people=0.85,
        exempt=0.03,
        called="shops",
    ),
    "grocer": Trade(
        ("food",),
        "piece",
        0.6,
        8,
        4,
        (1, 3, 5, 8, 12, 19),
        weighed=0.2,
        included=0.92,
        paid=1,
        called="shops",
        exempt=0.03,
        paper="till",
    ),
    "kitchen": Trade(
        ("meals",),
        "piece",
        2.5,
        24,
        4,
        (1, 2, 3, 5, 7),
        included=0.85,
        paid=0.9,
        called="inns",
        exempt=0.02,
        paper="till",
    ),
    "store": Trade(
        ("goods",),
        "piece",
        2,
        90,
        3,
        (1, 2, 3, 5),
        included=0.85,
        paid=1,
        called="shops",
        exempt=0.02,
        paper="till",
    ),
    "pump": Trade(
        ("fuel",),
        "litre",
        1.1,
        1.9,
        60,
        (1, 1, 2),
        step=1,
        included=1,
        paid=1,
        exempt=0,
        paper="till",
    ),
    "cab": Trade(
        ("ride",),
        "piece",
        6,
        70,
        1,
        (1, 1, 2),
        whole=True,
        included=1,
        paid=1,
        exempt=0.1,
        paper="till",
    ),
    "garage": Trade(
        ("parking",),
        "piece",
        1,
        25,
        1,
        (1,),
        whole=True,
        included=1,
        paid=1,
        exempt=0,
        paper="till",
    ),
}
"""Trades by name. One entry makes a new one."""
