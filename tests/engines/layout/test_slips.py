"""Receipts as they are told: who runs the place, taxes of several rates, small sums without decimals."""

import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from tests.engines.layout.paper import SLIP, Line, texts, values

TOTAL: tuple[Line, ...] = ((20, 300, "Total EUR"), (250, 300, "31.50"))


def slip(*lines: Line) -> dict[str, str]:
    """Return the values of a till's receipt."""
    return texts(values(*lines, size=SLIP, by_ocr=True))


def with_brand(*brand: str, below: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the values of a slip whose first rows are of large print, centred as what is below them."""
    words, y = [], 20.0
    for height, text in [*((18, one) for one in brand), *((8, one) for one in below)]:
        at = 150 - 4 * len(text)
        for part in text.split():
            words.append(Word(part, at, y, at + 8 * len(part), y + height))
            at += 8 * len(part) + 4
        y += height + 4
    for n, (x, text) in enumerate([(20, "Tea"), (250, "4.20"), (20, "Total"), (250, "4.20")]):
        top = 250 + 15 * (n // 2)
        words.append(Word(text, x, top, x + 5 * len(text), top + 8))
    page = Page(1, *SLIP, tuple(words), "ocr")
    [found] = read(Document("image/png", b"", (page,)), Options()).invoices
    return texts(found.values)


@pytest.mark.parametrize(
    "told",
    [
        "Operated by Fennick Retail Ltd",
        "Betreiber: Fennick Retail Ltd",
        "Explotado por: Fennick Retail Ltd",
        "A unit of Fennick Retail Ltd",
    ],
)
def test_who_runs_a_place_sells_there(told: str) -> None:
    found = slip((90, 20, "Moor Lane Stores"), (70, 32, told), *TOTAL)
    assert found["/seller/name"] == "Fennick Retail Ltd"


def test_a_brand_in_large_print_may_go_on_in_a_second_row() -> None:
    assert with_brand("Cantina", "Bluebell")["/seller/name"] == "Cantina Bluebell"


def test_rows_of_another_size_are_no_part_of_a_brand() -> None:
    assert with_brand("Cantina", below=("Food and drinks",))["/seller/name"] == "Cantina"


def test_a_brand_in_large_print_needs_no_capital() -> None:
    found = with_brand("bluebell", below=("coffee to go", "7 Moor Lane", "Tel 555 0147"))
    assert found["/seller/name"] == "bluebell"


def test_a_greeting_above_is_not_who_sells() -> None:
    found = slip(
        (100, 20, "Buon appetito!"), (100, 32, "Fennick Kitchen"), (100, 44, "7 Moor Lane"), *TOTAL
    )
    assert found["/seller/name"] == "Fennick Kitchen"


TAXED = ((20, 315, "VAT 13%"), (250, 315, "2.59"), (20, 330, "VAT 24%"), (250, 330, "1.74"))


def test_taxes_of_several_rates_are_added_up_where_the_total_is_theirs() -> None:
    assert slip(*TOTAL, *TAXED)["/totals/tax"] == "4.33"


def test_the_printed_sum_of_taxes_of_several_rates_is_the_tax() -> None:
    found = values(*TOTAL, *TAXED, (20, 345, "Total VAT"), (250, 345, "4.33"), size=SLIP)
    assert (found["/totals/tax"].text, found["/totals/tax"].origin) == ("4.33", None)


def test_taxes_that_do_not_make_the_total_are_not_added_up() -> None:
    found = slip((20, 300, "Total EUR"), (250, 300, "68.40"), *TAXED)
    assert found.get("/totals/tax") != "4.33"


def test_a_small_amount_without_decimals_is_an_item_where_the_others_have_none() -> None:
    rows = [("Torta", "1 450"), ("Sajtos", "2 110"), ("Limonádé", "840"), ("ÖSSZESEN", "4 400 Ft")]
    lines: list[Line] = []
    for n, (name, amount) in enumerate(rows):
        lines += [
            (20, 200 + 15 * n, name),
            (270 - 5 * len(amount.replace(" Ft", "")), 200 + 15 * n, amount),
        ]
    found = slip(*lines)
    assert found["/lines/2/gross_amount"] == "840"


def test_an_item_of_a_few_letters_and_a_size_is_no_charge() -> None:
    rows = [("2 Oat biscuit", "7.00"), ("1 U&G 1.5L", "5.00"), ("Total", "12.00")]
    lines = [
        line
        for n, row in enumerate(rows)
        for line in ((20.0, 200.0 + 15 * n, row[0]), (250.0, 200.0 + 15 * n, row[1]))
    ]
    found = slip(*lines)
    assert "/charges/0/amount" not in found
    assert found["/lines/1/gross_amount"] == "5.00"


def test_goods_are_no_currency_where_a_country_has_another() -> None:
    found = slip(
        (60, 20, "FENNICK STATIONERY SDN BHD"),
        (20, 200, "CUP 14 OZ"),
        (250, 200, "12.00"),
        (20, 300, "TOTAL RM"),
        (250, 300, "12.00"),
    )
    assert found["/currency"] == "MYR"


def test_the_end_of_a_word_is_no_currency() -> None:
    found = slip(
        (60, 20, "Fennick Handel, 8400 Winterthur"),
        (20, 300, "Total CHF"),
        (250, 300, "8.90"),
        (20, 315, "MWST 1 2.60%"),
        (250, 315, "0.12"),
        (20, 330, "MWST 2 8.10%"),
        (250, 330, "0.31"),
    )
    assert (found["/currency"], found["/totals/tax"]) == ("CHF", "0.43")


def test_the_letters_of_a_name_in_a_tax_number_are_no_country() -> None:
    found = slip(
        (60, 20, "FENNICK TAPIA LUNA"),
        (60, 32, "RFC GBFT850314KX2"),
        (20, 300, "Total $"),
        (250, 300, "361.40"),
    )
    assert found["/currency"] == "MXN"


def test_a_dot_may_stand_between_date_and_time() -> None:
    assert slip((20, 100, "18.10.2025.16:40"), *TOTAL)["/issue_date"] == "2025-10-18"


def test_lei_are_romanias() -> None:
    found = slip(
        (60, 20, "S.C. FENNICK S.R.L."),
        (20, 285, "Apă plată"),
        (250, 285, "31,50"),
        (20, 300, "TOTAL LEI"),
        (250, 300, "31,50"),
        (20, 315, "TVA 19%"),
        (250, 315, "5,03"),
        (20, 330, "Bon fiscal din data 02-07-2025"),
    )
    assert found["/currency"] == "RON"


def test_a_zero_may_begin_a_word_that_ocr_read() -> None:
    found = slip((60, 20, "Fennick Taxi AB"), (60, 32, "0rg.nr 556741-2208"), *TOTAL)
    assert "/invoice_number" not in found
    assert found["/seller/tax_id"] == "556741-2208"
