"""Where the made-up companies are at home: names, places, rates and ways of writing, as data.

Telephone numbers come from the ranges that regulators keep free for fiction where there are such (Bundesnetzagentur,
Ofcom, NANP 555-01xx); web and mail addresses lie under .example (RFC 2606).
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from samples import identifiers


@dataclass(frozen=True, slots=True)
class Region:
    """A country as the generator needs it.

    `rates` are percents, the usual one first, each with its UNCL 5305 category. `places` are
    (postal code, town, region). `phone` ends in the prefix to which three digits are added.
    `groups` and `decimals` are the thousands and decimal marks in use, `dates` patterns of Babel.
    `prints` are the forms of money: "{n}" the number, "{s}" the sign, "{c}" the code.
    """

    country: str
    language: str
    locale: str
    currency: str
    sign: str
    rates: tuple[tuple[Decimal, str], ...]
    tax_name: str
    tax_id: Callable[[Random], str] | None
    legal_forms: tuple[str, ...]
    registers: tuple[str, ...]
    streets: tuple[str, ...]
    house_first: bool
    places: tuple[tuple[str, str, str | None], ...]
    phone: str | None
    people: tuple[str, ...]
    bank: str
    bic: str | None
    groups: tuple[str, ...]
    decimal: str
    dates: tuple[str, ...]
    prints: tuple[str, ...]


GERMAN_STREETS = (
    "Lindenallee",
    "Am Mühlbach",
    "Fabrikstraße",
    "Hafenweg",
    "Schloßgasse",
    "Werkstraße",
)
GERMAN_PEOPLE = ("Jana Öhlers", "Till Brückmann", "Anke Voßkamp", "Ruben Käfer", "Mira Süßmilch")
ENGLISH_STREETS = (
    "Alder Row",
    "Foundry Lane",
    "Quarry Road",
    "Harbour Walk",
    "Orchard Way",
    "Mill Street",
)
ENGLISH_PEOPLE = (
    "Nora Applewhite",
    "Tobias Fenwick",
    "Priya Marlowe",
    "Owen Castell",
    "Edie Thorncroft",
)

REGIONS: dict[str, Region] = {
    "DE": Region(
        country="DE",
        language="de",
        locale="de_DE",
        currency="EUR",
        sign="€",
        rates=((Decimal("19"), "S"), (Decimal("7"), "S")),
        tax_name="USt",
        tax_id=identifiers.german_vat,
        legal_forms=("GmbH", "GmbH & Co. KG", "AG", "e. K.", "UG (haftungsbeschränkt)"),
        registers=("HRB {n}", "HRA {n}"),
        streets=GERMAN_STREETS,
        house_first=False,
        places=(
            ("04109", "Leipzig", None),
            ("20457", "Hamburg", None),
            ("24937", "Flensburg", None),
            ("88212", "Ravensburg", None),
            ("99084", "Erfurt", None),
        ),
        phone="+49 30 23125",
        people=GERMAN_PEOPLE,
        bank="Musterbank",
        bic="ZZZZDEFF",
        groups=(".",),
        decimal=",",
        dates=("dd.MM.yyyy", "dd.MM.yyyy", "d. MMMM yyyy", "dd.MM.yy"),
        prints=("{n} {s}", "{n} {s}", "{n} {c}", "{c} {n}"),
    ),
    "AT": Region(
        country="AT",
        language="de",
        locale="de_AT",
        currency="EUR",
        sign="€",
        rates=((Decimal("20"), "S"), (Decimal("10"), "S")),
        tax_name="USt",
        tax_id=identifiers.austrian_vat,
        legal_forms=("GmbH", "GesmbH", "OG", "KG"),
        registers=("FN {n}k", "FN {n}d"),
        streets=GERMAN_STREETS,
        house_first=False,
        places=(
            ("4020", "Linz", None),
            ("5020", "Salzburg", None),
            ("8010", "Graz", None),
            ("9020", "Klagenfurt", None),
        ),
        phone=None,
        people=GERMAN_PEOPLE,
        bank="Musterbank Österreich",
        bic="ZZZZATWW",
        groups=(".", " "),
        decimal=",",
        dates=("dd.MM.yyyy", "d. MMMM yyyy"),
        prints=("{n} {s}", "{s} {n}", "{c} {n}"),
    ),
    "CH": Region(
        country="CH",
        language="de",
        locale="de_CH",
        currency="CHF",
        sign="CHF",
        rates=((Decimal("8.1"), "S"), (Decimal("2.6"), "S")),
        tax_name="MWST",
        tax_id=identifiers.swiss_vat,
        legal_forms=("AG", "GmbH", "Genossenschaft"),
        registers=(),
        streets=("Lindenstrasse", "Seeweg", "Fabrikstrasse", "Mühlegasse", "Bergstrasse"),
        house_first=False,
        places=(
            ("3011", "Bern", None),
            ("6003", "Luzern", None),
            ("8400", "Winterthur", None),
            ("9000", "St. Gallen", None),
        ),
        phone=None,
        people=GERMAN_PEOPLE,
        bank="Musterbank Schweiz",
        bic="ZZZZCHZZ",
        groups=("'", "’"),
        decimal=".",
        dates=("dd.MM.yyyy", "d. MMMM yyyy"),
        prints=("{c} {n}", "{n} {c}", "{c} {n}"),
    ),
    "IE": Region(
        country="IE",
        language="en",
        locale="en_IE",
        currency="EUR",
        sign="€",
        rates=((Decimal("23"), "S"), (Decimal("13.5"), "S")),
        tax_name="VAT",
        tax_id=identifiers.irish_vat,
        legal_forms=("Ltd", "DAC", "Limited"),
        registers=("Company No. {n}",),
        streets=ENGLISH_STREETS,
        house_first=True,
        places=(("X91 A2B3", "Waterford", None), ("V94 C4D5", "Limerick", None)),
        phone=None,
        people=ENGLISH_PEOPLE,
        bank="Sample Bank of Ireland West",
        bic="ZZZZIE2D",
        groups=(",",),
        decimal=".",
        dates=("dd/MM/yyyy", "d MMMM yyyy", "dd MMM yyyy"),
        prints=("{s}{n}", "{s}{n}", "{n} {c}"),
    ),
    "GB": Region(
        country="GB",
        language="en",
        locale="en_GB",
        currency="GBP",
        sign="£",
        rates=((Decimal("20"), "S"), (Decimal("0"), "Z")),
        tax_name="VAT",
        tax_id=identifiers.british_vat,
        legal_forms=("Ltd", "Limited", "PLC", "LLP"),
        registers=("Company No. {n}",),
        streets=ENGLISH_STREETS,
        house_first=True,
        places=(
            ("LS1 9ZZ", "Leeds", None),
            ("BS1 9ZZ", "Bristol", None),
            ("NR2 9ZZ", "Norwich", None),
        ),
        phone="+44 20 7946 0",
        people=ENGLISH_PEOPLE,
        bank="Sample Bank",
        bic="ZZZZGB2L",
        groups=(",",),
        decimal=".",
        dates=("dd/MM/yyyy", "d MMMM yyyy", "dd MMM yyyy", "dd-MM-yyyy"),
        prints=("{s}{n}", "{s}{n}", "{c} {n}"),
    ),
    "US": Region(
        country="US",
        language="en",
        locale="en_US",
        currency="USD",
        sign="$",
        rates=((Decimal("8.25"), "S"), (Decimal("0"), "E")),
        tax_name="Sales tax",
        tax_id=None,
        legal_forms=("Inc.", "LLC", "Corp."),
        registers=(),
        streets=("Cedar Ave", "Juniper Blvd", "Depot Street", "Ridge Road", "Canal Street"),
        house_first=True,
        places=(
            ("97301", "Salem", "OR"),
            ("78701", "Austin", "TX"),
            ("05401", "Burlington", "VT"),
        ),
        phone="+1 202 555 0",
        people=ENGLISH_PEOPLE,
        bank="Sample National Bank",
        bic=None,
        groups=(",",),
        decimal=".",
        dates=("MM/dd/yyyy", "MMMM d, yyyy", "MMM d, yyyy", "yyyy-MM-dd"),
        prints=("{s}{n}", "{s}{n}", "{s} {n}", "{c} {n}"),
    ),
}
