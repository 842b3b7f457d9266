from dataclasses import replace

import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Word
from invoice_extraction.model.options import Options
from tests.engines.layout.paper import SLIP, Line, column, document, invoice, texts, values
from tests.engines.layout.test_trades import values as page_values


def sums(page: str) -> dict[str, str]:
    return {
        pointer.removeprefix("/totals/"): value
        for pointer, value in page_values(page).items()
        if pointer.startswith("/totals/")
    }


def test_a_net_sum_and_what_follows_it_lead_to_a_total_that_no_label_names() -> None:
    found = sums("""
Sub-total                    300.00
Climate contribution           4.00
Levy                          60.80
Gone to your card            364.80
""")
    assert found["gross"] == "364.80"
    assert found["net"] == "300.00"


def test_taxes_of_the_same_amount_are_added_up() -> None:
    found = sums("""
Taxable value                1,310.00
CGST 9%                        117.90
SGST 9%                        117.90
Total                        1,545.80
""")
    assert (found["net"], found["tax"], found["gross"]) == ("1310.00", "235.80", "1545.80")


def test_a_part_of_what_is_to_be_paid_is_no_total() -> None:
    found = sums("""
Total 5% goods excl. GST        40.00
GST                              2.00
Total 5% goods incl. GST        42.00
Total 0% goods                  18.00
Total payable                   60.00
""")
    assert found["gross"] == "60.00"


@pytest.mark.parametrize(("height", "total"), [(8, "61.00"), (16, "76.00")])
def test_the_largest_amount_in_large_print_is_the_total(height: float, total: str) -> None:
    lines: list[Line] = [
        (50, 40, "Invoice 2026-77"),
        (480, 300, "Total"),
        (50, 315, "Work"),
        (480, 315, "61.00"),
        (50, 330, "Paint"),
        (480, 330, "12.00"),
        (50, 345, "Brushes"),
        (480, 345, "8.00"),
    ]
    page = document(*lines).pages[0]
    large = Word("76.00", 300, 400, 350, 400 + height, size=height)
    page = replace(page, words=(*page.words, large))
    [found] = read(Document("application/pdf", b"", (page,)), Options()).invoices
    assert texts(found.values)["/totals/gross"] == total


def test_the_only_sum_on_a_ticket_is_its_total() -> None:
    ticket = column(["TOWN MUSEUM", "Admission adult", "8.50 EUR", "12/05/2026 10:14"])
    found = values(*ticket, size=SLIP)
    assert texts(found)["/totals/gross"] == "8.50"
    assert found["/totals/gross"].score == 0.6


def test_one_of_two_sums_on_a_ticket_is_not_chosen() -> None:
    ticket = column(["TOWN MUSEUM", "Adult 8.50 EUR", "Child 3.00 EUR"])
    assert "/totals/gross" not in values(*ticket, size=SLIP)


def test_a_tax_that_a_label_tells_proves_the_sum_it_is_part_of() -> None:
    found = sums("""
Parking 2 h                  11.90 EUR
incl. 19% VAT                 1.90 EUR
""")
    assert (found["gross"], found["tax"]) == ("11.90", "1.90")


def test_bands_whose_parts_stand_below_one_another_are_added_up() -> None:
    found = sums("""
Burger and fries             11.20
Drink                         4.84
Total                        16.04
Taxable amount 12%           10.00
VAT amount 12%                1.20
Taxable amount 21%            4.00
VAT amount 21%                0.84
""")
    assert (found["net"], found["tax"], found["gross"]) == ("14.00", "2.04", "16.04")


def test_a_rate_is_no_base_of_another_rates_tax() -> None:
    found = sums("""
Gesamt EUR                            77,64
MwSt %          Netto     MwSt       Brutto
B 7,00          60,00     4,20        64,20
A 12,00         12,00     1,44        13,44
""")
    assert (found["net"], found["tax"], found["gross"]) == ("72.00", "5.64", "77.64")


def test_all_is_due_of_an_invoice_that_tells_of_no_payment() -> None:
    found = invoice((50, 40, "Invoice 2026-114"), (50, 300, "Total"), (480, 300, "£90.00")).values
    due = found["/totals/amount_due"]
    assert (due.canonical, due.origin) == ("90.00", "derived")


def test_nothing_is_said_to_be_due_where_a_payment_is_told() -> None:
    head: Line = (50, 40, "Invoice 2026-114")
    total: list[Line] = [(50, 300, "Total"), (480, 300, "£90.00")]
    for told in ("PAID", "Card **** 4471"):
        assert "/totals/amount_due" not in values(head, *total, (50, 500, told))
    paid: list[Line] = [(50, 315, "Mastercard"), (480, 315, "£90.00")]
    assert "/totals/amount_due" not in values(head, *total, *paid)
    kept: list[Line] = [(50, 315, "Kept back"), (480, 315, "-£9.00")]
    assert "/totals/amount_due" not in values(head, *total, *kept)


def test_amounts_without_decimals_are_thousands_where_all_are_written_so() -> None:
    found = sums("""
Oak table       1     84.000     84.000
Oak chair       2     21.500     43.000
Total                           127.000
""")
    assert found["gross"] == "127000"


def test_a_weight_of_three_decimals_leaves_the_amounts_as_they_are() -> None:
    found = sums("""
Apples     1.250 kg    2.40      3.00
Pears      0.500 kg    4.00      2.00
Total                            5.00
""")
    assert found["gross"] == "5.00"


def test_a_long_number_is_no_total() -> None:
    found = sums("""
Amount charged          98211740035
Ticket                        41.00
Total                         41.00
""")
    assert found["gross"] == "41.00"


def test_what_comes_on_top_of_a_named_total_is_no_part_of_it() -> None:
    for aside in ("Tip", "Arrears", "Gratuity"):
        found = sums(f"""
Fish pie                        18.00
Total                           18.00
{aside:<10}                       2.50
Amount due                      20.50
Cash                            20.50
""")
        assert found["gross"] == "18.00"
        assert found["amount_due"] == "20.50"


def test_thousands_are_money_where_no_amount_has_decimals() -> None:
    found = sums("""
Asztal           1               61 000
Adóalap                          61 000
ÁFA 27%                          16 470
Számla összesen                  77 470
""")
    assert (found["net"], found["tax"], found["gross"]) == ("61000", "16470", "77470")
