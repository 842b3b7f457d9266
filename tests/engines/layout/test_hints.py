from datetime import date

import pytest

from invoice_extraction.engines.layout import hints
from invoice_extraction.engines.layout.engine import read
from invoice_extraction.engines.layout.lessons import learn
from invoice_extraction.errors import OptionError
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.extraction import ExtractedInvoice
from invoice_extraction.model.hints import SellerHints, Spot
from invoice_extraction.model.invoice import Invoice
from invoice_extraction.model.options import Options
from invoice_extraction.normalise import normalise
from tests.engines.layout import paper

TAX_ID = "55-1182044"


def document(number: str, day: str, buyer: str, total: str, *, tax_id: str = TAX_ID) -> Document:
    """Return an invoice of a seller who says everything in words of its own."""
    lines = (
        (60, 40, "Tannery Row Studios"),
        (60, 700, f"Tax number {tax_id}"),
        (330, 60, buyer),
        (330, 200, f"Jobsheet {number}"),
        (330, 215, f"Drawn up {day}"),
        (60, 300, "Leather repairs"),
        (500, 300, total),
        (330, 330, "Kindly remit"),
        (500, 330, total),
    )
    words = []
    for x, y, text in lines:
        at = x
        for part in text.split():
            words.append(Word(part, at, y, at + 5 * len(part), y + 8, size=10))
            at += 5 * len(part) + 3
    return Document("application/pdf", b"", (Page(1, 595, 842, tuple(words), "text"),))


FIRST = document("TR-118/A", "03/04/2026", "Percival Dunmore", "88.00")
CORRECTED = ExtractedInvoice(
    result=Invoice.model_validate(
        {
            "invoice_number": "TR-118/A",
            "issue_date": "2026-04-03",
            "currency": "GBP",
            "seller": {"name": "Tannery Row Studios", "tax_id": TAX_ID},
            "buyer": {"name": "Percival Dunmore"},
            "totals": {"gross": "88.00"},
        }
    )
)
NEXT = document("TR-131/C", "05/06/2026", "Wilhelmina Strand", "140.50")


def result(page: Document, *known: SellerHints) -> Invoice:
    options = Options(hints=known)
    return normalise(read(page, options), page, options)[0].result


def test_what_one_correction_taught_reads_the_sellers_next_invoice() -> None:
    without = result(NEXT)
    assert (without.invoice_number, without.issue_date, without.buyer) == (None, None, None)
    found = result(NEXT, learn(CORRECTED, FIRST))
    assert found.invoice_number == "TR-131/C"
    assert found.issue_date == date(2026, 6, 5)
    assert found.currency == "GBP"
    assert found.buyer is not None
    assert found.buyer.name == "Wilhelmina Strand"
    assert found.totals is not None
    assert str(found.totals.gross) == "140.50"


def test_a_correction_teaches_the_sellers_labels_places_and_order_of_dates() -> None:
    learned = learn(CORRECTED, FIRST)
    assert learned.labels["/invoice_number"] == ("Jobsheet",)
    assert learned.labels["/issue_date"] == ("Drawn up",)
    assert "/buyer/name" not in learned.labels
    [spot] = learned.spots["/buyer/name"]
    assert (spot.page, round(spot.x, 2), round(spot.y, 2)) == (1, 0.55, 0.07)
    assert learned.date_order == "dmy"
    assert learned.currency == "GBP"


def test_what_the_engine_read_right_teaches_nothing_but_who_sells() -> None:
    machine = result(NEXT, learn(CORRECTED, FIRST))
    learned = learn(ExtractedInvoice(result=result(FIRST)), FIRST)
    assert machine.seller is not None
    assert (learned.labels, learned.spots) == ({}, {})
    assert learned.tax_ids == (TAX_ID,)


def test_hints_of_one_seller_do_not_touch_anothers_invoice() -> None:
    other = document("TR-131/C", "05/06/2026", "Wilhelmina Strand", "140.50", tax_id="77-9043311")
    learned = learn(CORRECTED, FIRST)
    strange = SellerHints(
        name="Quarry Lane Press", tax_ids=(TAX_ID,), labels=learned.labels, spots=learned.spots
    )
    assert result(other, strange) == result(other)


def test_a_sellers_own_words_tell_its_total_too() -> None:
    page = NEXT.pages[0]
    words = [Word(t, x, 360, x + 30, 368, size=10) for x, t in ((330, "Total"), (500, "917.35"))]
    more = Document("application/pdf", b"", (Page(1, 595, 842, (*page.words, *words), "text"),))
    known = SellerHints(tax_ids=(TAX_ID,), labels={"/totals/gross": ("Kindly remit",)})
    totals = result(more).totals
    assert totals is not None
    assert str(totals.gross) == "917.35"
    totals = result(more, known).totals
    assert totals is not None
    assert str(totals.gross) == "140.50"


def test_a_name_tells_the_seller_where_no_number_is_printed() -> None:
    plain = document("TR-131/C", "05/06/2026", "Wilhelmina Strand", "140.50", tax_id="pending")
    known = SellerHints(name="Tannery Row Studios", labels={"/invoice_number": ("Jobsheet",)})
    assert result(plain, known).invoice_number == "TR-131/C"


def test_a_known_sellers_name_in_a_logo_is_told_as_derived() -> None:
    known = SellerHints(name="Tannery Row Limited", tax_ids=(TAX_ID,))
    value = read(NEXT, Options(hints=(known,))).invoices[0].values["/seller/name"]
    assert (value.text, value.origin, value.page) == ("Tannery Row Limited", "derived", None)


def test_hints_of_several_corrections_are_taken_together() -> None:
    first = SellerHints(tax_ids=(TAX_ID,), labels={"/invoice_number": ("Worksheet",)})
    second = SellerHints(tax_ids=(TAX_ID,), labels={"/invoice_number": ("Jobsheet",)})
    assert result(NEXT, first, second).invoice_number == "TR-131/C"


def test_a_spot_says_nothing_where_something_else_stands() -> None:
    known = SellerHints(tax_ids=(TAX_ID,), spots={"/invoice_number": (Spot(1, 0.1, 0.9),)})
    assert result(NEXT, known).invoice_number is None


def test_every_field_of_hints_is_one_of_the_invoice() -> None:
    assert {pointer.split("/")[1] for pointer in hints.FIELDS} <= Invoice.model_fields.keys()


@pytest.mark.parametrize(
    "known",
    [
        SellerHints(tax_ids=(TAX_ID,), labels={"/seller/name": ("Workshop",)}),
        SellerHints(tax_ids=("other",), labels={"/currency": ("Coin",)}),
        SellerHints(tax_ids=(TAX_ID,), labels={"/invoice_number": ("Jobsheet", "")}),
        SellerHints(tax_ids=(TAX_ID,), labels={"/invoice_number": ("31.",)}),
        SellerHints(tax_ids=(TAX_ID,), spots={"/totals/gross": (Spot(1, 0.8, 0.4),)}),
    ],
)
def test_a_hint_that_could_not_be_used_is_refused(known: SellerHints) -> None:
    with pytest.raises(OptionError, match="of a hint"):
        result(NEXT, known)


def test_a_page_without_words_teaches_who_the_seller_is() -> None:
    picture = Document("image/png", b"", (Page(1, 595, 842, (), "text"),))
    learned = learn(CORRECTED, picture)
    assert learned == SellerHints(name="Tannery Row Studios", tax_ids=(TAX_ID,), currency="GBP")
    assert learn(CORRECTED, Document("application/xml", b"")) == learned


OURS = SellerHints(
    name="Hollerbach Messtechnik GmbH",
    tax_ids=("DE318844725",),
    labels={"/invoice_number": ("Vorgang",)},
    currency="CHF",
)
"""What our own outgoing invoice taught when it was corrected."""


@pytest.mark.parametrize(
    "lines",
    [
        (*paper.column(("Hollerbach Messtechnik GmbH", "Ihre USt-IdNr: DE318844725"), y=130),),
        (
            *paper.column(
                (
                    "Rechnung an:",
                    "Hollerbach Messtechnik GmbH",
                    "Am Wehr 9",
                    "06108 Halle",
                    "USt-IdNr: DE318844725",
                ),
                y=130,
            ),
        ),
        (
            *paper.column(("Hollerbach Messtechnik GmbH", "Am Wehr 9", "06108 Halle"), y=130),
            (300, 205, "Kundennummer 4471"),
            (300, 217, "DE318844725"),
        ),
    ],
)
def test_who_buys_is_not_taken_for_the_seller_that_hints_tell(
    lines: tuple[paper.Line, ...],
) -> None:
    page = paper.document(
        (330, 40, "Ruderclub Bootsbau Tiedemann KG"),
        (330, 55, "Hafenstieg 2, 24105 Kiel"),
        (50, 800, "USt-IdNr: DE207713369"),
        *lines,
        (50, 300, "Rechnung Nr. 5518-B"),
        (330, 300, "Vorgang 90-22"),
        (50, 400, "Gesamtbetrag"),
        (500, 400, "238,00 EUR"),
    )
    found = result(page, OURS)
    assert found == result(page)
    assert found.seller is not None
    assert found.seller.name == "Ruderclub Bootsbau Tiedemann KG"
    assert found.buyer is not None


def test_a_sellers_name_counts_in_whole_words_alone() -> None:
    known = SellerHints(name="Larkspur", labels={"/invoice_number": ("Jobsheet",)}, currency="NOK")
    lines = [
        (50.0, 40.0, "Feldmann Pumpen"),
        (50.0, 60.0, "www.larkspurfeld-pumpen.example"),
        (330.0, 200.0, "Jobsheet TR-88"),
        (50.0, 300.0, "Total"),
        (500.0, 300.0, "61.40"),
    ]
    page = paper.document(*lines)
    assert result(page, known) == result(page)
    page = paper.document((50, 40, "Larkspur Trading"), *lines[1:])
    assert result(page, known).currency == "NOK"


def test_a_sellers_number_counts_in_whole_words_alone() -> None:
    known = SellerHints(tax_ids=(TAX_ID,), labels={"/invoice_number": ("Jobsheet",)})
    inside = document("TR-131/C", "05/06/2026", "Wilhelmina Strand", "140.50", tax_id="A5511820449")
    assert result(inside, known).invoice_number is None
    alone = document("TR-131/C", "05/06/2026", "Wilhelmina Strand", "140.50")
    assert result(alone, known).invoice_number == "TR-131/C"


def test_a_sellers_name_does_not_count_where_another_sells() -> None:
    known = SellerHints(name="Tannery Row Studios", labels={"/invoice_number": ("Jobsheet",)})
    page = paper.document(
        (50, 40, "Quillfern Works Ltd"),
        (50, 55, "4 Alder Yard, Leeds LS1 4DY"),
        (330, 200, "Jobsheet TR-88"),
        (50, 250, "Repairs as done for Tannery Row Studios"),
        (50, 300, "Total"),
        (500, 300, "61.40"),
    )
    assert result(page, known) == result(page)
