"""Who is written to, boxes at post offices, and labels that look like titles."""

import pytest

from tests.engines.layout import paper
from tests.engines.layout.paper import Line

TOTAL: tuple[Line, ...] = ((50, 400, "Total"), (200, 400, "64.20"))


def read(*lines: Line) -> dict[str, str]:
    return paper.texts(paper.values(*lines, *TOTAL))


@pytest.mark.parametrize("somebody", ["Mevrouw L. Bakker", "MME Claire Aubin", "Mrs L. Baker"])
def test_who_is_written_to_buys_and_does_not_sell(somebody: str) -> None:
    head = paper.column((somebody, "Lindelaan 9", "7411 AB Zutphen"), y=30, step=10)
    found = read(*head, (350, 30, "Zonnehuis Energie"))
    assert found["/buyer/name"].endswith(somebody.split()[-1])
    assert found.get("/seller/name") != found["/buyer/name"]


def test_a_box_at_a_post_office_is_no_order() -> None:
    found = read((50, 40, "Remit to: PO Box 7340, Salem"), (50, 60, "PO# KR-4471"))
    assert found["/purchase_order_reference"] == "KR-4471"


def test_the_date_of_a_statement_is_a_label_and_no_title() -> None:
    found = read((50, 40, "Account number"), (150, 40, "66-118"), (50, 55, "Statement date"), (150, 55, "14 Mar 2026"), (50, 70, "Total amount due"), (200, 70, "64.20"))  # fmt: skip
    assert found["/document_type"] != "statement"
    assert found["/issue_date"] == "2026-03-14"


def test_a_number_may_begin_with_a_letter_of_another_alphabet() -> None:
    assert read((50, 40, "Αριθμός τιμολογίου:"), (200, 40, "Β-118"))["/invoice_number"] == "Β-118"
