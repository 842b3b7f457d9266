"""Two taxes on one and the same sum, and dates as Lithuania writes them."""

from datetime import date

from invoice_extraction.normalise import dates
from tests.engines.layout import paper


def test_a_sum_that_two_taxes_are_taken_on_counts_once() -> None:
    rows = (
        ("Taux", "Montant HT", "Taxe", "Montant TTC"),
        ("5 %", "200.00", "10.00", "210.00"),
        ("9.975 %", "200.00", "19.95", "219.95"),
    )
    cells = [
        (x, 100.0 + 15 * n, text)
        for n, row in enumerate(rows)
        for x, text in zip((50, 150, 280, 400), row, strict=True)
    ]
    found = paper.texts(paper.values(*cells, (280, 160, "Total"), (400, 160, "229.95")))
    sums = [found.get(f"/totals/{name}") for name in ("net", "tax", "gross")]
    assert sums == ["200.00", "29.95", "229.95"]


def test_a_year_and_a_day_may_be_named() -> None:
    [(start, end, found)] = dates.find("2026 m. sausio 2 d.", "lt")
    assert (start, end, found) == (0, 16, (date(2026, 1, 2),))
