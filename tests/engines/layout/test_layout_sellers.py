from collections.abc import Sequence

from invoice_extraction.model.reading import Value
from tests.engines.layout import paper
from tests.engines.layout.paper import A4, SLIP, Line


def found(lines: Sequence[Line], *, slip: bool = True) -> dict[str, Value]:
    return paper.values(*lines, size=SLIP if slip else A4, by_ocr=slip)


def seller(lines: Sequence[Line], *, slip: bool = True) -> str | None:
    name = found(lines, slip=slip).get("/seller/name")
    return name.text if name is not None else None


TILL: list[Line] = [
    (50, 150, "Date: 14/03/2026"),
    (50, 180, "Tea"),
    (200, 180, "3.50"),
    (50, 210, "Total"),
    (200, 210, "3.50"),
]


def test_a_slips_letterhead_names_the_seller_above_its_address() -> None:
    head: list[Line] = [
        (90, 60, "CORNER HARDWARE"),
        (90, 75, "No. 4, Harbour Road"),
        (90, 90, "Tel: 020 7946 0000"),
    ]
    assert seller([*head, *TILL]) == "CORNER HARDWARE"


def test_a_title_above_the_letterhead_is_no_name() -> None:
    head: list[Line] = [
        (90, 45, "Tax Invoice/Bill"),
        (90, 60, "CORNER HARDWARE"),
        (90, 75, "4 Harbour Road"),
        (90, 90, "Tel: 020 7946 0000"),
    ]
    assert seller([*head, *TILL]) == "CORNER HARDWARE"


def test_a_streets_name_is_none_in_other_languages_either() -> None:
    for street in ("Jalan Melati", "ul. Lipowa", "Storgatan Norra", "Rua das Flores"):
        assert seller([(90, 60, street), (90, 75, "Oak Bakery"), *TILL]) == "Oak Bakery"


def test_a_registration_number_in_brackets_is_no_part_of_the_name() -> None:
    assert seller([(50, 60, "Oak Trading Ltd (Reg. No: 730418-K)"), *TILL]) == "Oak Trading Ltd"


def test_a_legal_form_in_a_row_of_its_own_ends_the_name_above_it() -> None:
    name = found([(90, 60, "OAK PAPER TRADING"), (120, 72, "PTY LTD"), *TILL])["/seller/name"]
    assert name.text == "OAK PAPER TRADING PTY LTD"
    assert len(name.boxes) == 2


def test_a_legal_form_may_stand_before_the_name() -> None:
    page: list[Line] = [(50, 40, "Date: 14/03/2026"), (50, 60, "UAB Baltas"), (50, 75, "Vilnius")]
    assert seller(page) == "UAB Baltas"


def test_two_letters_within_a_sentence_are_no_legal_form() -> None:
    # "AS" is a Norwegian company, and an English word.
    page: list[Line] = [(50, 300, "Pay as agreed"), (50, 320, "Total"), (200, 320, "3.50")]
    assert seller(page, slip=False) is None


def test_a_name_behind_a_label_and_a_colon_is_the_seller() -> None:
    page: list[Line] = [
        (50, 60, "Retail papers"),
        (50, 80, "Sold by: Northfield Tools Ltd"),
        (50, 100, "Warehouse 12 Mill Road"),
        (350, 100, "Billing address"),
        (350, 115, "Ann Miller"),
    ]
    assert seller(page, slip=False) == "Northfield Tools Ltd"


def test_what_a_till_says_to_its_customers_is_no_name() -> None:
    head: list[Line] = [
        (60, 45, "Goods that are not paid for"),
        (90, 60, "Oak Bakery"),
        (90, 75, "4 Harbour Road"),
    ]
    assert seller([*head, *TILL]) == "Oak Bakery"


def buyer(lines: Sequence[Line]) -> str | None:
    name = found(lines, slip=False).get("/buyer/name")
    return name.text if name is not None else None


def test_a_forms_buyer_stands_beside_its_name_label() -> None:
    page: list[Line] = [
        (50, 60, "Buyer Name"),
        (150, 60, "Harbour Cafe Ltd"),
        (50, 75, "Depot Agent"),
        (150, 75, "Dockside"),
    ]
    assert buyer(page) == "Harbour Cafe Ltd"
