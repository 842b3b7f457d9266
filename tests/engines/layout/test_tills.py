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
        "CARROT SOUP     64,00  1,00   64,00",
        "CIDER 0,4L",
        "                31,00  2,00   62,00",
        "Summe                        126,00",
    )
    assert told(found) == [
        ("CARROT SOUP", "1.00", "64.00", "64.00"),
        ("CIDER 0,4L", "2.00", "31.00", "62.00"),
    ]


def test_a_weight_and_its_price_may_stand_above_or_below_the_item() -> None:
    found = reading(
        "0,625 kg x 4,40",
        "Tomaten                        2,75",
        "Kresse                         0,85",
        "Laugen                         1,58",
        "   2 Stk x 0,79",
        "SUMME EUR                      5,18",
    )
    assert told(found) == [
        ("Tomaten", "0.625", "4.40", "2.75"),
        ("Kresse", None, None, "0.85"),
        ("Laugen", "2", "0.79", "1.58"),
    ]


def test_an_amount_that_ocr_misread_is_the_product_where_that_leads_to_the_total() -> None:
    rows = (
        "Cocoa           2X     3,10    6,20",
        "To go           2X     0,30    U.6U",
        "Waffle          1X     1,50    1,SO",
        "Summe                          8,30",
    )
    found = reading(*rows)
    assert [line[3] for line in told(found)] == ["6.20", "0.60", "1.50"]
    assert found.values["/lines/1/gross_amount"].origin == "derived"
    [doubt] = found.doubts
    assert doubt.id == "line_amount_derived"
    assert doubt.fields == ("/lines/1/gross_amount", "/lines/2/gross_amount")
    # Where it does not lead there, nothing is repaired.
    assert lines(reading(*rows[:-1], "Summe                          8,40")) == []


def test_numbers_multiplied_in_a_name_are_no_quantity() -> None:
    [line] = told(reading("Sheet 70cm*130cm              47,00", "Summe                    47,00"))
    assert line == ("Sheet 70cm*130cm", None, None, "47.00")


def test_a_deposit_given_back_is_a_line_with_its_sign() -> None:
    found = reading(
        "XB  LEERGUT",
        "                             0,75-K",
        "HONIG                         5,36 C",
        "MOHNZOPF                      2,48 C",
        "SUMME EUR                     7,09",
    )
    assert told(found)[0] == ("LEERGUT", None, None, "-0.75")
    assert [line[3] for line in told(found)] == ["-0.75", "5.36", "2.48"]


def test_names_above_their_numbers_are_found_beyond_codes() -> None:
    found = reading(
        "-RECEIPT-",
        "GARDEN GLOVES GREEN         *Z",
        "HG31 - 4/20",
        "4006381333931    1 X  8.40    8.40",
        "SEED TRAYS                  *Z",
        "HG44 - 25",
        "4006381333948    4 X  7.25   29.00",
        "PAPER CARRIER               *Z",
        "77777            1 X  0.30    0.30",
        "Total                        37.70",
    )
    assert told(found) == [
        ("GARDEN GLOVES GREEN", "1", "8.40", "8.40"),
        ("SEED TRAYS", "4", "7.25", "29.00"),
        ("PAPER CARRIER", "1", "0.30", "0.30"),
    ]


def test_names_below_their_numbers_are_found_where_as_many_rows_follow_the_last() -> None:
    found = reading(
        "HARBOUR ROW 9",
        "3100240070112     1      12.50 V",
        "WOOL CAP",
        "TX 8.5 % = 1.06",
        "3100240070129     1      14.00 V",
        "SILK TIE",
        "TX 8.5 % = 0.84",
        "3100240070136     1       6.50 V",
        "LACES",
        "TX 8.5 % = 0.55",
        "Sbtotl                   33.00",
    )
    assert [line[0] for line in told(found)] == ["WOOL CAP", "SILK TIE", "LACES"]


def test_a_list_is_known_by_the_sum_below_it_whatever_that_is_called() -> None:
    found = reading(
        "Kvass maly   1.00   2.85      2.85",
        "Ozolina      1.00   5.25      5.25",
        "Sulaite      2.00   1.90      3.80",
        "Vrblt qoph                   11.90",
    )
    assert told(found)[2] == ("Sulaite", "2.00", "1.90", "3.80")
    assert found.values["/totals/gross"].canonical == "11.90"


def test_a_list_ends_at_the_total_though_payments_and_taxes_follow() -> None:
    found = reading(
        "1 Ginger Fizz                 6.15",
        "1 Oat Cortado                 3.85",
        "+ extra shot",
        "Debit Card                   10.00",
        "0.25 at 7%                    3.85",
        "Subtotal                     10.00",
        "Total                        10.00",
    )
    assert told(found) == [
        ("Ginger Fizz", "1", None, "6.15"),
        ("Oat Cortado", "1", None, "3.85"),
    ]


def test_numbers_of_rows_are_no_quantities() -> None:
    found = reading(
        "1 Ginger Fizz                 6.15",
        "2 Oat Cortado                 3.85",
        "Total                        10.00",
    )
    assert [line[1] for line in told(found)] == [None, None]


def test_a_subtotal_among_the_items_is_none_of_them() -> None:
    found = reading(
        "1 PUMPKIN RISOTTO            6,40",
        "1 TONIC                      1,70",
        "ZWIRO                        8,10",
        "1 CUP                        0,10",
        "1 BAG                        0,10",
        "Total                        8,30",
    )
    assert [line[0] for line in told(found)] == ["PUMPKIN RISOTTO", "TONIC", "CUP", "BAG"]


def test_the_size_below_an_item_that_costs_nothing_has_its_price() -> None:
    found = reading(
        "1 Herb Butter                14.00",
        "1 Nachos                      0.00",
        "Large                        41.00",
        "1 Punch                      65.00",
        "Total                       120.00",
    )
    assert told(found) == [
        ("Herb Butter", "1", None, "14.00"),
        ("Nachos Large", "1", None, "41.00"),
        ("Punch", "1", None, "65.00"),
    ]


def test_parts_that_add_up_to_the_item_above_them_are_no_items() -> None:
    found = reading(
        "1 x Waffles                   3.40",
        "- Waffles 4 Pc                3.40 F",
        "1 x Lunch                    13.60",
        "- Falafel                    11.20 F",
        "- Mustard                     0.70 F",
        "- Lemonade                    1.70 E",
        "Total EUR                    17.00",
    )
    assert told(found) == [("Waffles", "1", None, "3.40"), ("Lunch", "1", None, "13.60")]


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
        "Pierogi           1 x 21,00  21,00",
        "Herbata           2 x 7,50   15,00",
        "Opodatkowana A               30,00",
        "PTU A 23 %                    5,61",
        "Suma PTU                      9,17",
        "Suma PLN                     36,08",
        "Rozliczenie",
        "Karta                        36,00",
    )
    assert told(found) == [("Pierogi", "1", "21.00", "21.00"), ("Herbata", "2", "7.50", "15.00")]


def test_charges_and_credits_that_come_to_the_same_are_an_account_of_charges() -> None:
    found = reading(
        "Date      Description           Charges   Credits",
        "12.02.25  Deposit transferred              57.00",
        "18.02.25  Chalet                  46.00",
        "          TAX4                     3.00",
        "18.02.25  Sauna                   15.00",
        "19.02.25  Girocard                          7.00",
        "Balance                                    0.00",
    )
    assert [(line[0], line[3]) for line in told(found)] == [
        ("Chalet", "46.00"),
        ("Sauna", "15.00"),
    ]


def test_a_table_is_read_where_its_rows_prove_themselves_though_others_stand_between() -> None:
    found = reading(
        "Article       Description     Qty   Price    Amount",
        "7730918203314  QX318          100    0.0730     7.30",
        "Power",
        "7730918203321  ZF640           20    1.5000    30.00",
        "Surcharge: high",
        "Labour",
        "Rebate 1: 25.00   Rebate: 3.60   Sum: 118.40",
        "7730918203338  RU9             10    1.3300    13.30",
        "Paper",
        "Goods value   Discount   Net",
        "     50.60       -1.60   49.00",
        "Total                    58.80",
    )
    assert [line[1:] for line in told(found)] == [
        ("100", "0.0730", "7.30"),
        ("20", "1.5000", "30.00"),
        ("10", "1.3300", "13.30"),
    ]


def test_a_fee_between_items_is_one_of_them() -> None:
    found = reading(
        "Description                  Amount",
        "Auction lot                  240.00",
        "Handling charge                6.80",
        "Storage of a week             13.20",
        "Total                        260.00",
    )
    assert [line[0] for line in told(found)] == [
        "Auction lot",
        "Handling charge",
        "Storage of a week",
    ]


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
        "7730918     BQ730              10    1.60    16.00",
        "NN58 Flour 400 g",
        "as agreed without any further charge",
        "7730919     TV226               2   31.40    62.80",
        "Oat bars 4 x 15",
        "Total                                       78.80",
    )
    assert [line[0] for line in told(found)] == ["NN58 Flour 400 g", "Oat bars 4 x 15"]


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
        "3/4/2025  514207  SUITE         $214.60",
        "3/4/2025  514207  LODGING TAX    $11.80",
        "3/4/2025  514207  PARKING        $17.50",
        "3/5/2025  514399  CARD 4417   ($243.90)",
        "Balance                           $0.00",
    )
    assert [(line[0], line[3]) for line in told(found)] == [
        ("SUITE", "214.60"),
        ("PARKING", "17.50"),
    ]
    assert "/allowances/0/amount" not in found.values


def test_a_tax_in_an_account_is_an_item_where_the_tax_is_told_elsewhere() -> None:
    found = reading(
        "Date      Description       Charges",
        "22/06/25  Tourist tax          6.30",
        "22/06/25  Cabin              103.70",
        "Total                        110.00",
        "Net                          100.00",
        "VAT 10%    100.00             10.00",
    )
    assert [line[0] for line in told(found)] == ["Tourist tax", "Cabin"]
