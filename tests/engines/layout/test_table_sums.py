"""A row that adds up the columns above it, whatever it is called."""

import pytest

from tests.engines.layout import paper


@pytest.mark.parametrize("called", ["Totals", "Zwyzk", ""])
def test_a_row_that_adds_up_net_tax_and_both_has_the_totals(called: str) -> None:
    rows = (
        ("Item", "Net", "VAT rate", "VAT", "Gross"),
        ("Garden lunch", "800.00", "20%", "160.00", "960.00"),
        ("Fruit baskets", "240.00", "0%", "0.00", "240.00"),
        (called, "1,040.00", "", "160.00", "1,200.00"),
    )
    cells = [
        (x - 5.0 * len(text), 100.0 + 15 * n, text)
        for n, row in enumerate(rows)
        for x, text in zip((120, 250, 330, 420, 520), row, strict=True)
        if text
    ]
    found = paper.texts(paper.values(*cells))
    sums = [found.get(f"/totals/{name}") for name in ("net", "tax", "gross")]
    assert sums == ["1040.00", "160.00", "1200.00"]
    assert [found[f"/lines/{n}/gross_amount"] for n in (0, 1)] == ["960.00", "240.00"]
