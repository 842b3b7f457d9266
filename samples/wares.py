"""What the made-up companies sell: descriptions, units and price ranges, as data."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Ware:
    """A thing to bill.

    `unit_code` is of UN/ECE Recommendation 20, or of 21 with an X before it, `unit` its printed word.
    Prices lie between `low` and `high`, without tax. `reduced` marks what the second of a region's
    rates applies to; `whole` what is sold by whole numbers only.
    """

    description: str
    unit: str
    unit_code: str
    low: Decimal
    high: Decimal
    reduced: bool = False
    whole: bool = True


def _ware(
    description: str,
    unit: str,
    code: str,
    low: str,
    high: str,
    *,
    reduced: bool = False,
    whole: bool = True,
) -> Ware:
    return Ware(description, unit, code, Decimal(low), Decimal(high), reduced, whole)


TRADE: dict[str, tuple[Ware, ...]] = {
    "de": (
        _ware("Beratung vor Ort", "Std.", "HUR", "85", "140", whole=False),
        _ware("Montagearbeiten Schaltschrank", "Std.", "HUR", "58", "92", whole=False),
        _ware("Kugellager 6204-2RS", "Stk.", "C62", "3.10", "7.95"),
        _ware("Edelstahlrohr 42,4 × 2 mm, gebürstet", "m", "MTR", "9.80", "22.50", whole=False),
        _ware("Anfahrtspauschale Zone 2", "Pauschal", "LS", "35", "75"),
        _ware(
            "Wartungsvertrag Lüftungsanlage, jährliche Prüfung einschließlich Filterwechsel und Protokoll",
            "Stk.",
            "C62",
            "240",
            "690",
        ),
        _ware("Kopierpapier A4, 80 g/m², 500 Blatt", "Pkg.", "XPK", "3.49", "5.90"),
        _ware("Fachbuch „Statik im Holzbau“", "Stk.", "C62", "29.90", "64", reduced=True),
        _ware("Zementestrich CT-C25-F4", "kg", "KGM", "0.18", "0.42"),
        _ware("Softwarelizenz Lagerverwaltung, 12 Monate", "Lizenz", "C62", "180", "1450"),
        _ware("Schrauben M6x20 A2 (Beutel zu 100)", "Beutel", "XBG", "4.20", "11.30"),
        _ware("Catering Mittagsbuffet", "Pers.", "C62", "14.50", "28", reduced=True),
    ),
    "en": (
        _ware("On-site consulting", "hours", "HUR", "85", "160", whole=False),
        _ware("Workshop labour, electrical", "hours", "HUR", "48", "95", whole=False),
        _ware("Ball bearing 6204-2RS", "pcs", "C62", "3.10", "7.95"),
        _ware("Oak flooring, brushed and oiled", "m²", "MTK", "38", "92", whole=False),
        _ware("Delivery to site", "each", "EA", "25", "80"),
        _ware(
            "Annual maintenance of the ventilation plant including filter change and test certificate",
            "each",
            "EA",
            "240",
            "690",
        ),
        _ware("Copy paper A4, 80 gsm, box of 5 reams", "box", "XBX", "18.40", "27.90"),
        _ware("Handbook of Timber Joints (2nd edition)", "each", "EA", "29.90", "64", reduced=True),
        _ware("Portland cement", "kg", "KGM", "0.18", "0.42"),
        _ware("Stock control licence, 12 months", "licence", "C62", "180", "1450"),
        _ware("Coach screws M6x20, bag of 100", "bag", "XBG", "4.20", "11.30"),
        _ware("Domain registration sample-works.example, 1 year", "year", "ANN", "9", "35"),
    ),
}

COUNTER: dict[str, tuple[Ware, ...]] = {
    "de": (
        _ware("Roggenmischbrot 750 g", "Stk.", "C62", "2.80", "4.60", reduced=True),
        _ware("Kaffee Crema", "Stk.", "C62", "2.60", "3.90"),
        _ware("Apfelschorle 0,5 l", "Stk.", "C62", "1.90", "3.80"),
        _ware("Druckerpapier A4", "Pkg.", "XPK", "4.40", "6.90"),
        _ware("Butterbrezel", "Stk.", "C62", "1.20", "2.10", reduced=True),
        _ware("Klebeband 50 m", "Stk.", "C62", "2.10", "4.95"),
        _ware("Äpfel, lose", "kg", "KGM", "2.20", "3.99", reduced=True, whole=False),
    ),
    "en": (
        _ware("Sourdough loaf", "each", "EA", "2.80", "4.60", reduced=True),
        _ware("Flat white", "each", "EA", "2.60", "3.90"),
        _ware("Sparkling water 0.5 l", "each", "EA", "1.10", "2.40"),
        _ware("Printer paper A4", "pack", "XPK", "4.40", "6.90"),
        _ware("Notebook, ruled", "each", "EA", "1.90", "6.50"),
        _ware("Packing tape 50 m", "each", "EA", "2.10", "4.95"),
        _ware("Apples, loose", "kg", "KGM", "2.20", "3.99", reduced=True, whole=False),
    ),
}

STEMS: tuple[str, ...] = (
    "Brumbach",
    "Tannholt",
    "Quellmar",
    "Osterlane",
    "Fernhollow",
    "Krähwinkler",
    "Larkspit",
    "Mossbeck",
    "Nebelhorst",
    "Pinnock & Daughters",
    "Zwillbrock",
    "Thistledown",
)
"""First parts of company names."""

TRADES: dict[str, tuple[str, ...]] = {
    "de": ("Maschinenbau", "Elektrotechnik", "Bürobedarf", "Holzwerke", "Software", "Haustechnik"),
    "en": ("Engineering", "Joinery", "Office Supplies", "Software", "Building Services", "Trading"),
}

SHOPS: dict[str, tuple[str, ...]] = {
    "de": ("Backstube", "Kaufladen", "Papierladen", "Hofladen"),
    "en": ("Bakery", "Corner Shop", "Stationers", "Farm Shop"),
}
