"""Numbers in groups, dates behind places, accounts over two lines, and heads that are items."""

import pytest

from tests.engines.layout import paper
from tests.engines.layout.paper import Line

TOTAL: tuple[Line, ...] = ((50, 400, "Total"), (200, 400, "64,20 EUR"))


def read(*lines: Line) -> dict[str, str]:
    return paper.texts(paper.values(*lines, *TOTAL))


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("Rechnungsnummer 402 118 937", "402 118 937"),
        ("Facture n° : 3 118 402 55", "3 118 402 55"),
    ],
)
def test_a_number_in_groups_is_one_number_where_nothing_follows(printed: str, number: str) -> None:
    assert read((50, 60, printed))["/invoice_number"] == number


@pytest.mark.parametrize("place", ["Köln,", "Bad Homburg, den", "Saint-Malo, le", "Graz, am"])
def test_the_date_behind_a_place_is_the_letters_and_not_that_of_an_item(place: str) -> None:
    found = read(
        (350, 90, f"{place} 22.04.2026"),
        (50, 200, "Datum"),
        (150, 200, "Leistung"),
        (350, 200, "Betrag"),
        (50, 215, "14.04.2026"),
        (150, 215, "Beratung"),
        (350, 215, "64,20"),
    )
    assert found["/issue_date"] == "2026-04-22"


def test_an_account_may_go_on_in_the_next_line() -> None:
    lines: list[Line] = [
        (50, 300, "Bitte zahlen Sie auf unser Konto bei der Bank am Markt, IBAN DE02"),
        (50, 310, "1203 0000 0000 2020 51. Vielen Dank."),
    ]
    value = paper.values(*lines, *TOTAL)["/payment/accounts/0/iban"]
    assert "".join(value.text.split()) == "DE02120300000000202051"
    assert len(value.boxes) == 2
    for other in ("1203 0000 0000 2020 52. Vielen Dank.", "und grüßen Sie freundlich aus Köln"):
        wrong = paper.values(lines[0], (50, 310, other), *TOTAL)
        assert "/payment/accounts/0/iban" not in wrong


def test_an_item_is_no_head_of_a_table_though_its_name_is_made_of_such_words() -> None:
    cells: list[Line] = [
        (x, 100.0 + 15 * n, text)
        for n, row in enumerate(
            (
                ("Artikel", "Menge", "Preis", "Betrag"),
                ("Zelt Service gross", "6", "20.00", "120.00"),
                ("Leine", "2", "5.00", "10.00"),
                ("Total", "", "", "130.00"),
            )
        )
        for x, text in zip((50, 250, 350, 450), row, strict=True)
        if text
    ]
    found = paper.texts(paper.values(*cells))
    assert [found[f"/lines/{n}/quantity"] for n in (0, 1)] == ["6", "2"]
