"""Totals, taxes and what is neither."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.options import Options
from tests.engines.layout import paper
from tests.engines.layout.paper import Line, document


def values(lines: Sequence[Line]) -> dict[str, str]:
    return paper.texts(paper.values(*lines))


def test_a_minus_before_the_currency_counts() -> None:
    found = values([(50, 40, "CREDIT NOTE"), (50, 300, "Total"), (300, 300, "-£12.50")])
    assert found["/totals/gross"] == "-12.50"


def test_change_and_cash_are_no_totals() -> None:
    found = values(
        [
            (50, 30, "Cafe am Ring"),
            (50, 60, "Datum: 14.03.2026"),
            (50, 90, "Kaffee"),
            (200, 90, "3,50"),
            (50, 105, "Kuchen"),
            (200, 105, "4,20"),
            (50, 120, "SUMME EUR"),
            (200, 120, "7,70"),
            (50, 135, "Bar"),
            (200, 135, "20,00"),
            (50, 150, "Rückgeld"),
            (200, 150, "12,30"),
        ]
    )
    assert found["/totals/gross"] == "7.70"
    assert found["/currency"] == "EUR"
    assert found["/issue_date"] == "2026-03-14"


def till(*rows: tuple[str, str]) -> list[Line]:
    """Return a receipt's rows: words on the left, an amount on the right."""
    return [
        line
        for n, (text, amount) in enumerate(rows)
        for line in ((50, 60 + 15 * n, text), (250 - 5 * len(amount), 60 + 15 * n, amount))
    ]


def test_what_was_handed_over_less_the_change_is_the_total_whatever_it_is_called() -> None:
    found = values(
        till(
            ("Tea", "2.50"),
            ("Soup", "6.10"),
            ("Zwyzk", "8.60"),
            ("Cash", "10.00"),
            ("Change", "1.40"),
        )
    )
    assert found["/totals/gross"] == "8.60"


@pytest.mark.parametrize("label", ["Subtotal", "Net total", "Total payable", "Total (incl. GST)"])
def test_the_only_sum_is_the_total_where_it_is_what_was_paid(label: str) -> None:
    found = values(till(("Soup", "6.10"), ("Bread", "2.50"), (label, "8.60"), ("VISA", "8.60")))
    assert found["/totals/gross"] == "8.60"
    assert "/totals/net" not in found


def test_the_largest_amount_printed_again_is_the_total_in_a_language_that_is_not_known() -> None:
    found = values(
        till(("Birra", "4.55"), ("Peshk", "9.05"), ("Gjithsej", "13.60"), ("Lekë", "13.60"))
    )
    assert found["/totals/gross"] == "13.60"
    assert "/totals/gross" not in values(till(("Birra", "4.55"), ("Gjithsej", "13.60")))


@pytest.mark.parametrize("before", ["Previous balance", "Balance brought forward", "Last invoice"])
def test_a_balance_that_was_paid_is_not_the_total(before: str) -> None:
    rows = [(before, "500.00"), ("Payment", "500.00"), ("Charges", "80.00"), ("Total due", "80.00")]
    found = values(till(*rows))
    assert found["/totals/gross"] == "80.00"
    assert "/totals/paid" not in found


def test_a_rounded_total_is_the_total_and_its_parts_are_those_before_it_was_rounded() -> None:
    found = values(
        till(
            ("Total excl. GST", "39.17"),
            ("GST 6%", "2.35"),
            ("Total incl. GST", "41.52"),
            ("Rounding adjustment", "-0.02"),
            ("Total", "41.50"),
            ("Cash", "50.00"),
            ("Change", "8.50"),
        )
    )
    sums = {name: found[f"/totals/{name}"] for name in ("gross", "tax", "rounding")}
    assert sums == {"gross": "41.50", "tax": "2.35", "rounding": "-0.02"}
    assert found["/taxes/0/taxable_amount"] == "39.17"


def test_a_payment_on_a_bill_is_no_negative_total() -> None:
    found = values(
        till(("Room", "150.00"), ("Breakfast", "10.00"), ("Water", "2.00"), ("Card payment", "-162.00"), ("Total", "-162.00"))
    )  # fmt: skip
    assert "/totals/gross" not in found


def test_a_currency_between_label_and_amount_is_none_of_either() -> None:
    found = values(
        [(50, 60, "Tea"), (200, 60, "17.70"), (50, 90, "Total"), (120, 90, "EUR"), (200, 90, "17.70")]
    )  # fmt: skip
    assert (found["/totals/gross"], found["/currency"]) == ("17.70", "EUR")


def test_a_label_with_one_letter_misread_is_known_where_ocr_read_it() -> None:
    lines = [(50, 60, "Tea"), (200, 60, "3.50"), (50, 90, "Sublotal"), (200, 90, "3.50"),
             (50, 105, "Tutal"), (200, 105, "3.85")]  # fmt: skip
    printed = document(*lines)
    page = replace(printed.pages[0], origin="ocr")
    [read_by_ocr] = read(replace(printed, pages=(page,)), Options()).invoices
    assert read_by_ocr.values["/totals/gross"].text == "3.85"
    assert "/totals/gross" not in values(lines)


def test_the_bands_of_two_rates_make_the_total() -> None:
    found = values(
        [
            (50, 300, "MwSt-Satz"),
            (150, 300, "Netto"),
            (250, 300, "MwSt"),
            (350, 300, "Brutto"),
            (50, 320, "19 %"),
            (150, 320, "100,00"),
            (250, 320, "19,00"),
            (350, 320, "119,00"),
            (50, 335, "7 %"),
            (150, 335, "50,00"),
            (250, 335, "3,50"),
            (350, 335, "53,50"),
            (50, 360, "Gesamtbetrag"),
            (350, 360, "172,50"),
        ]
    )
    assert found["/totals/gross"] == "172.50"
    assert (found["/totals/net"], found["/totals/tax"]) == ("150.00", "22.50")
    assert {found["/taxes/0/rate"], found["/taxes/1/rate"]} == {"19", "7"}


def test_a_total_that_includes_the_tax_is_no_tax() -> None:
    found = values([(50, 300, "Total incl. VAT"), (300, 300, "99.00")])
    assert found["/totals/gross"] == "99.00"
    assert "/totals/tax" not in found


def test_a_total_without_tax_is_the_net_sum() -> None:
    found = values(
        [
            (50, 300, "Total (excl. VAT)"),
            (300, 300, "100.00"),
            (50, 315, "VAT 20%"),
            (300, 315, "20.00"),
            (50, 330, "Total (incl. VAT)"),
            (300, 330, "120.00"),
        ]
    )
    assert [found[f"/totals/{name}"] for name in ("net", "tax", "gross")] == [
        "100.00",
        "20.00",
        "120.00",
    ]


def test_one_rate_beside_its_base_proves_the_tax() -> None:
    found = values(
        [
            (50, 90, "Klebeband"),
            (200, 90, "3,84"),
            (50, 120, "SUMME EUR"),
            (200, 120, "3,84"),
            (50, 140, "A 20 % auf 3,20"),
            (200, 140, "0,64"),
        ]
    )
    assert found["/totals/tax"] == found["/taxes/0/tax_amount"] == "0.64"
    assert found["/taxes/0/taxable_amount"] == found["/totals/net"] == "3.20"


def test_a_tax_of_nothing_in_a_summary_leaves_the_total_with_its_tax() -> None:
    found = values(
        [
            (50, 300, "Sub Total"),
            (300, 300, "68.87"),
            (50, 315, "GST 6%"),
            (300, 315, "4.13"),
            (50, 330, "TOT"),
            (300, 330, "73.00"),
            (50, 360, "GST Summary"),
            (200, 360, "Amount"),
            (300, 360, "Tax"),
            (50, 375, "SR @ 6%"),
            (200, 375, "68.87"),
            (300, 375, "4.13"),
            (50, 390, "ZR"),
            (200, 390, "0.00"),
            (300, 390, "0.00"),
        ]
    )
    assert [found[f"/totals/{n}"] for n in ("net", "tax", "gross")] == ["68.87", "4.13", "73.00"]
