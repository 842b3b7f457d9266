from tests.engines.layout import paper
from tests.engines.layout.paper import SLIP


def kind(lines: list[paper.Line], size: tuple[float, float] = paper.A4) -> str | None:
    value = paper.values(*lines, size=size).get("/document_type")
    return value.canonical if value is not None else None


def priced(*rows: tuple[str, ...], x: float, y: float = 120) -> list[paper.Line]:
    """Return rows of a text and amounts, each amount 90 points right of the one before."""
    return [
        (30.0 if n == 0 else x + 90 * (n - 1), y + 20 * at, text)
        for at, row in enumerate(rows)
        for n, text in enumerate(row)
    ]


def test_cups_at_one_price_are_no_accounts_balances() -> None:
    head = [(30.0, 20.0, "Kaffeestube Wendelin"), (30.0, 40.0, "Am Anger 6")]
    items = priced(
        ("1x Filter", "4,00", "4,00"),
        ("2x Mokka", "4,00", "8,00"),
        ("1x Kakao", "4,00", "4,00"),
        ("2x Tee", "4,00", "8,00"),
        ("1x Chai", "4,00", "4,00"),
        ("Summe", "28,00"),
        ("Bar", "30,00"),
        ("Zurück", "2,00"),
        x=130,
    )
    assert kind(head + items, SLIP) == "receipt"
    # nor where the items lead to no sum
    assert kind(head + items[:-6], SLIP) != "statement"


def test_items_at_one_price_are_no_accounts_balances() -> None:
    head = [(30.0, 40.0, "Ottilie Brandhuber, Glaserei"), (30.0, 60.0, "Nr. GB-2207")]
    head.append((30.0, 75.0, "Datum 12.03.2026"))
    items = priced(
        ("Scheibe klar", "12,00", "12,00"),
        ("Scheibe matt", "12,00", "24,00"),
        ("Scheibe blau", "12,00", "36,00"),
        ("Scheibe rot", "12,00", "24,00"),
        ("Gesamtbetrag", "", "96,00"),
        x=300,
    )
    assert kind(head + items) == "invoice"


def test_balances_that_are_led_to_in_some_rows_alone_are_chance() -> None:
    rows = (("20.00", "80.00"), ("30.00", "50.00"), ("7.00", "99.00"), ("9.00", "90.00"))
    lines = priced(*(("Entry", *row) for row in (*rows, ("5.00", "61.00"))), x=300)
    assert kind([(30.0, 40.0, "Movements of the month"), *lines]) != "statement"
