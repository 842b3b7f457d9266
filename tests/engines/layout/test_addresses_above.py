"""An address above a letter's window is the buyer's where it is the one that is not the seller's."""

from tests.engines.layout.paper import A4, Line, column, texts, values

SELLER = column(
    ["Sattlerei Buchfink GmbH", "Lederweg 8", "04668 Grimma", "USt-IdNr. DE428390992"], x=330
)
BUYER = column(["Reithof Am Anger", "Koppelstraße 21", "04680 Colditz"])
SUM: list[Line] = [
    (50, 220, "Rechnung Nr. 2031-118"),
    (50, 240, "Datum: 04.03.2031"),
    (50, 300, "Gesamtbetrag"),
    (400, 300, "595,00 €"),
]


def parties(*lines: Line, size: tuple[float, float] = A4) -> tuple[str | None, str | None]:
    found = texts(values(*lines, *SUM, size=size))
    return found.get("/seller/name"), found.get("/buyer/name")


def test_the_address_left_of_the_sellers_is_the_buyers() -> None:
    assert parties(*SELLER, *BUYER) == ("Sattlerei Buchfink GmbH", "Reithof Am Anger")


def test_the_sellers_own_address_alone_is_nobody_elses() -> None:
    assert parties(*SELLER) == ("Sattlerei Buchfink GmbH", None)


def test_a_tax_number_below_an_address_makes_it_no_less_the_buyers() -> None:
    right = column(
        ["Reithof Am Anger", "Koppelstraße 21", "04680 Colditz", "USt-IdNr. DE811569869"], x=330
    )
    left = column(
        ["Sattlerei Buchfink GmbH", "Lederweg 8", "04668 Grimma", "USt-IdNr. DE428390992"]
    )
    found = texts(values(*left, *right, *SUM))
    assert found["/buyer/name"] == "Reithof Am Anger"
    assert found["/seller/tax_id"] == "DE428390992"


def test_a_company_is_not_called_by_its_capital() -> None:
    seller = column(
        ["FONDERIE CLAIRVAL", "SARL au capital de 12 000 €", "4 rue du Four", "08400 Vouziers"]
    )
    buyer = column(["Mairie de Semuy", "Service technique", "1 place Haute", "08400 Semuy"], x=330)
    assert parties(*seller, *buyer)[1] == "Mairie de Semuy"


def test_the_heads_of_a_table_are_no_address() -> None:
    table: list[Line] = [
        (50, 120, "Code"),
        (120, 120, "Désignation"),
        (300, 120, "Quantité"),
        (400, 120, "Montant"),
        (50, 135, "PL"),
        (120, 135, "Plaque gravée"),
        (50, 150, "40718"),
        (120, 150, "Socle en chêne"),
    ]
    assert (
        parties(*column(["Atelier Fauvel SARL", "9 rue Basse, 08400 Vouziers"]), *table)[1] is None
    )


def test_a_baltic_postal_code_ends_an_address() -> None:
    seller = column(["SIA Dzintara Audums", "Jūras iela 4", "Liepāja, LV-3401"], x=330)
    buyer = column(["Anda Krūmiņa", "Kalna iela 17", "Kuldīga, LV-3301", "Rēķins Nr. 2031-55"])
    assert parties(*seller, *buyer)[1] == "Anda Krūmiņa"


def test_of_a_company_and_who_opens_its_letters_the_company_buys() -> None:
    block = column(
        ["Firma", "Uhlenhof Consulting AG", "Herrn Piet Sander", "Kaiweg 9", "20457 Hamburg"], y=60
    )
    assert parties(*SELLER, *block)[1] == "Uhlenhof Consulting AG"
