from dataclasses import replace
from typing import Any

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import InvoiceReading


def receipt(*rows: str, step: float = 12) -> Document:
    """Return a receipt with a row for each text, a letter 5 points wide; two spaces and more part columns."""
    words = []
    for n, row in enumerate(rows):
        at = 0
        for part in row.split(" "):
            if part:
                words.append(
                    Word(part, 10 + 5 * at, 20 + step * n, 10 + 5 * (at + len(part)), 28 + step * n)
                )
            at += len(part) + 1
    return Document("image/png", b"", (Page(1, 400, 800, tuple(words), "ocr"),))


def reading(*rows: str) -> InvoiceReading:
    [invoice] = read(receipt(*rows), Options()).invoices
    return invoice


def lines(invoice: InvoiceReading) -> list[dict[str, str]]:
    """Return what was read of each line, without the prefix of its pointers."""
    found: dict[int, dict[str, str]] = {}
    for pointer, value in invoice.values.items():
        if pointer.startswith("/lines/"):
            _, _, n, name = pointer.split("/")
            found.setdefault(int(n), {})[name] = value.canonical or value.text
    return [found[n] for n in sorted(found)]


def told(invoice: InvoiceReading) -> list[tuple[Any, ...]]:
    """Return name, quantity, price and amount of each line; None where it has none."""
    return [
        (
            line["description"],
            line.get("quantity"),
            line.get("unit_price"),
            line.get("gross_amount") or line.get("net_amount"),
        )
        for line in lines(invoice)
    ]


def test_quantity_and_price_are_found_wherever_they_stand_in_a_row() -> None:
    found = reading(
        "Kavarna Lipa",
        "4    Kaffee XL         3,40   13,60",
        "1    Toast 10,50             10,50",
        "Saft        2 x 2,90          5,80",
        "3xWasser               1,10   3,30",
        "Summe EUR                    33,20",
    )
    assert told(found) == [
        ("Kaffee XL", "4", "3.40", "13.60"),
        ("Toast", "1", "10.50", "10.50"),
        ("Saft", "2", "2.90", "5.80"),
        ("Wasser", "3", "1.10", "3.30"),
    ]


def test_a_price_before_its_quantity_is_told_by_the_rows_that_are_clear() -> None:
    found = reading(
        "SALMON BOWL     75,00  1,00   75,00",
        "PALE ALE 0,5L",
        "                25,00  2,00   50,00",
        "Summe                        125,00",
    )
    assert told(found) == [
        ("SALMON BOWL", "1.00", "75.00", "75.00"),
        ("PALE ALE 0,5L", "2.00", "25.00", "50.00"),
    ]


def test_a_weight_and_its_price_may_stand_above_or_below_the_item() -> None:
    found = reading(
        "0,532 kg x 3,99",
        "Tomaten                        2,12",
        "Gurke                          0,99",
        "Brezel                         1,38",
        "   2 Stk x 0,69",
        "SUMME EUR                      4,49",
    )
    assert told(found) == [
        ("Tomaten", "0.532", "3.99", "2.12"),
        ("Gurke", None, None, "0.99"),
        ("Brezel", "2", "0.69", "1.38"),
    ]


def test_an_amount_that_ocr_misread_is_the_product_where_that_leads_to_the_total() -> None:
    rows = (
        "Milo            2X     2,80    5,60",
        "Takeaway        2X     0,20    U.4U",
        "Scone           1X     1,50    1,SO",
        "Summe                          7,50",
    )
    found = reading(*rows)
    assert [line[3] for line in told(found)] == ["5.60", "0.40", "1.50"]
    assert found.values["/lines/1/gross_amount"].origin == "derived"
    [doubt] = found.doubts
    assert doubt.id == "line_amount_derived"
    assert doubt.fields == ("/lines/1/gross_amount", "/lines/2/gross_amount")
    # Where it does not lead there, nothing is repaired.
    assert lines(reading(*rows[:-1], "Summe                          7,60")) == []


def test_numbers_multiplied_in_a_name_are_no_quantity() -> None:
    [line] = told(reading("Bags 89cm*117cm               38,00", "Summe                    38,00"))
    assert line == ("Bags 89cm*117cm", None, None, "38.00")


def test_a_deposit_given_back_is_a_line_with_its_sign() -> None:
    found = reading(
        "PR  PFANDGUT",
        "                             0,45-V",
        "QUARK                         4,22 E",
        "SPKART NEUT                   1,99 E",
        "SUMME EUR                     5,76",
    )
    assert told(found)[0] == ("PFANDGUT", None, None, "-0.45")
    assert [line[3] for line in told(found)] == ["-0.45", "4.22", "1.99"]


def test_names_above_their_numbers_are_found_beyond_codes() -> None:
    found = reading(
        "-RECEIPT-",
        "RUBBER BOOTS BLACK          *S",
        "WA60 - 6/48",
        "9555590501204    1 X  9.90    9.90",
        "GARBAGE BAGS                *S",
        "WA57 - 16",
        "9557002081113    4 X  9.50   38.00",
        "PLASTIC BAGS                *S",
        "99999            1 X  0.20    0.20",
        "Total                        48.10",
    )
    assert told(found) == [
        ("RUBBER BOOTS BLACK", "1", "9.90", "9.90"),
        ("GARBAGE BAGS", "4", "9.50", "38.00"),
        ("PLASTIC BAGS", "1", "0.20", "0.20"),
    ]


def test_names_below_their_numbers_are_found_where_as_many_rows_follow_the_last() -> None:
    found = reading(
        "MALL STREET 4",
        "2000130060675     1       9.90 T",
        "COTTON T",
        "TX 8.5 % = 0.84",
        "2000130060676     1       9.90 T",
        "LINEN T",
        "TX 8.5 % = 0.84",
        "2000130060677     1       7.90 T",
        "SOCKS",
        "TX 8.5 % = 0.67",
        "Sbtotl                   27.70",
    )
    assert [line[0] for line in told(found)] == ["COTTON T", "LINEN T", "SOCKS"]


def test_a_list_is_known_by_the_sum_below_it_whatever_that_is_called() -> None:
    found = reading(
        "Alus laish   1.00   3.65      3.65",
        "Annetta      1.00   4.55      4.55",
        "Koksteilis   2.00   2.10      4.20",
        "Zwyzk mokx                   12.40",
    )
    assert told(found)[2] == ("Koksteilis", "2.00", "2.10", "4.20")
    assert found.values["/totals/gross"].canonical == "12.40"


def test_a_list_ends_at_the_total_though_payments_and_taxes_follow() -> None:
    found = reading(
        "1 Mango Frappe                5.39",
        "1 Caffe Latte                 4.59",
        "+ low fat milk",
        "Credit Card                   9.98",
        "0.30 at 7%                    4.59",
        "Subtotal                      9.98",
        "Total                         9.98",
    )
    assert told(found) == [
        ("Mango Frappe", "1", None, "5.39"),
        ("Caffe Latte", "1", None, "4.59"),
    ]


def test_numbers_of_rows_are_no_quantities() -> None:
    found = reading(
        "1 Mango Frappe                5.39",
        "2 Caffe Latte                 4.59",
        "Total                         9.98",
    )
    assert [line[1] for line in told(found)] == [None, None]


def test_a_subtotal_among_the_items_is_none_of_them() -> None:
    found = reading(
        "1 TOMATO BASIL               5,80",
        "1 COLA                       1,50",
        "MEPIKO                       7,30",
        "1 LID                        0,05",
        "1 BOX                        0,05",
        "Total                        7,40",
    )
    assert [line[0] for line in told(found)] == ["TOMATO BASIL", "COLA", "LID", "BOX"]


def test_the_size_below_an_item_that_costs_nothing_has_its_price() -> None:
    found = reading(
        "1 Mayo Dip                   17.00",
        "1 Sticks                      0.00",
        "Small                        33.00",
        "1 Beer                       79.00",
        "Total                       129.00",
    )
    assert told(found) == [
        ("Mayo Dip", "1", None, "17.00"),
        ("Sticks Small", "1", None, "33.00"),
        ("Beer", "1", None, "79.00"),
    ]


def test_parts_that_add_up_to_the_item_above_them_are_no_items() -> None:
    found = reading(
        "1 x Churros                   2.90",
        "- Churros 6 Pc                2.90 B",
        "1 x Combo                    14.80",
        "- Burger                     12.90 B",
        "- Ketchup                     0.90 B",
        "- Ice Tea                     1.00 A",
        "Total EUR                    17.70",
    )
    assert told(found) == [("Churros", "1", None, "2.90"), ("Combo", "1", None, "14.80")]


def test_a_table_whose_rows_lead_nowhere_is_still_told_as_not_read() -> None:
    found = reading(
        "Description     Qty   Price   Amount",
        "Tea              3     2.00     2.00",
        "Soap             2     3.00     3.00",
        "Total                           9.00",
    )
    assert (lines(found), found.unread) == ([], ("/lines",))


def test_an_amount_on_another_page_starts_no_list() -> None:
    [page] = receipt("Tea   2.00", "Soap   3.00").pages
    document = Document("image/png", b"", (page, replace(page, number=2)))
    [invoice] = read(document, Options()).invoices
    assert lines(invoice) == []


def test_rows_that_all_prove_themselves_may_stand_far_above_their_sum() -> None:
    found = reading(
        "Zupa              1 x 12,00  12,00",
        "Kompot            2 x 8,50   17,00",
        "Opodatkowana A               24,00",
        "PTU A 23 %                    4,49",
        "Suma PTU                      8,93",
        "Suma PLN                     29,06",
        "Rozliczenie",
        "Karta                        29,00",
    )
    assert told(found) == [("Zupa", "1", "12.00", "12.00"), ("Kompot", "2", "8.50", "17.00")]


def test_charges_and_credits_that_come_to_the_same_are_an_account_of_charges() -> None:
    found = reading(
        "Date      Description           Charges   Credits",
        "21.11.19  Deposit transferred              48.00",
        "30.11.19  Room                    40.00",
        "          TAX2                     2.00",
        "30.11.19  Breakfast               12.00",
        "01.12.19  Mastercard                        6.00",
        "Balance                                    0.00",
    )
    assert [(line[0], line[3]) for line in told(found)] == [
        ("Room", "40.00"),
        ("Breakfast", "12.00"),
    ]


def test_a_table_is_read_where_its_rows_prove_themselves_though_others_stand_between() -> None:
    found = reading(
        "Article       Description     Qty   Price    Amount",
        "4123456000014  WA997          100    0.0520     5.20",
        "Power",
        "4123456000021  OS250           20    2.0000    40.00",
        "Surcharge: high",
        "Labour",
        "Rebate 1: 30.00   Rebate: 4.50   Sum: 123.75",
        "4123456000038  KO5             10    1.2100    12.10",
        "Paper",
        "Goods value   Discount   Net",
        "     57.30       -1.30   56.00",
        "Total                    67.20",
    )
    assert [line[1:] for line in told(found)] == [
        ("100", "0.0520", "5.20"),
        ("20", "2.0000", "40.00"),
        ("10", "1.2100", "12.10"),
    ]


def test_a_fee_between_items_is_one_of_them() -> None:
    found = reading(
        "Description                  Amount",
        "Bid                          190.00",
        "Service charge                 7.90",
        "Internet access               12.10",
        "Total                        210.00",
    )
    assert [line[0] for line in told(found)] == ["Bid", "Service charge", "Internet access"]


def test_net_and_gross_side_by_side_are_both_read_and_the_price_is_the_nets() -> None:
    found = reading(
        "Description     Qty    Price     Net    Gross",
        "Hammer           2     50.00   100.00   120.00",
        "Delivery         1     20.00    20.00    24.00",
        "                     Net total          120.00",
        "                     VAT 20 %            24.00",
        "                     Total              144.00",
    )
    assert [(line["net_amount"], line["gross_amount"]) for line in lines(found)] == [
        ("100.00", "120.00"),
        ("20.00", "24.00"),
    ]
    assert [line["unit_price"] for line in lines(found)] == ["50.00", "20.00"]
    assert found.values["/prices_include_tax"].canonical == "false"


def test_the_first_line_below_a_number_of_an_article_names_it() -> None:
    found = reading(
        "Article    Description        Qty   Price   Amount",
        "4123456     GZ250              10    1.20    12.00",
        "KK12 Sugar 250 g",
        "as agreed without any further charge",
        "4123457     MP107               2   29.10    58.20",
        "Yoghurt 3 x 20",
        "Total                                       70.20",
    )
    assert [line[0] for line in told(found)] == ["KK12 Sugar 250 g", "Yoghurt 3 x 20"]


def test_a_table_goes_on_where_the_next_page_was_scanned_askew() -> None:
    [first] = receipt(
        "Description      Qty   Price   Amount",
        "Hammer            2    50.00   100.00",
    ).pages
    [second] = receipt(
        "  Description      Qty   Price   Amount",
        "  Nails             1    20.00    20.00",
        "  Total                          120.00",
    ).pages
    document = Document("image/png", b"", (first, replace(second, number=2)))
    [invoice] = read(document, Options()).invoices
    assert [line[0] for line in told(invoice)] == ["Hammer", "Nails"]


def test_an_accounts_taxes_and_its_payment_are_no_items() -> None:
    found = reading(
        "Date      Ref     Description    Amount",
        "9/9/2024  368901  GUEST ROOM    $285.21",
        "9/9/2024  368901  LODGING TAX     $9.98",
        "9/9/2024  368901  BREAKFAST      $14.00",
        "9/10/2024 369253  CARD 2961   ($309.19)",
        "Balance                           $0.00",
    )
    assert [(line[0], line[3]) for line in told(found)] == [
        ("GUEST ROOM", "285.21"),
        ("BREAKFAST", "14.00"),
    ]
    assert "/allowances/0/amount" not in found.values


def test_a_tax_in_an_account_is_an_item_where_the_tax_is_told_elsewhere() -> None:
    found = reading(
        "Date      Description       Charges",
        "13/03/24  Tourist tax          4.90",
        "13/03/24  Room               105.10",
        "Total                        110.00",
        "Net                          100.00",
        "VAT 10%    100.00             10.00",
    )
    assert [line[0] for line in told(found)] == ["Tourist tax", "Room"]
