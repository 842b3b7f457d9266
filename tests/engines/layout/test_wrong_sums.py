"""An invoice whose sums are wrong is read as it is printed: the checks tell it then."""

import pytest

from tests.engines.layout.paper import column, texts, values

HEAD = ("Linden Glazing Ltd", "INVOICE 2026-418", "Invoice date: 4 March 2026")


def read(*rows: str) -> dict[str, str]:
    found = texts(values(*column(HEAD), *column(rows, y=300)))
    return {
        name: found[f"/totals/{name}"]
        for name in ("net", "tax", "gross")
        if f"/totals/{name}" in found
    }


WRONG = {"net": "240.00", "tax": "48.00", "gross": "388.00"}


@pytest.mark.parametrize(
    "rows",
    [
        ("Net 240.00 GBP", "VAT 20% 48.00 GBP", "Total 388.00 GBP"),
        ("Subtotal: 240.00", "VAT (20 %): 48.00", "Total: 388.00"),
        ("Total net 240.00", "VAT 48.00", "Total gross 388.00"),
    ],
)
def test_net_and_tax_that_do_not_make_the_total_are_read_as_printed(rows):
    assert read(*rows) == WRONG


def test_one_band_of_two_is_not_the_whole():
    found = read("Net 20% 240.00 VAT 48.00", "Net 5% 31.00 VAT 1.90", "Total 321.00")
    assert found.get("net") != "240.00"
    assert found.get("tax") != "48.00"
