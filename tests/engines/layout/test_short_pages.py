"""Letters whose addresses stand at the very top: who sells comes first, then who buys."""

from tests.engines.layout import paper
from tests.engines.layout.paper import Line

BELOW: list[Line] = [
    (50, 150, "Hedge trimming"),
    (400, 150, "210.00"),
    (50, 165, "Total"),
    (400, 165, "210.00"),
]


def parties(*lines: Line) -> tuple[str | None, str | None]:
    found = paper.texts(paper.values(*lines, *BELOW))
    return found.get("/seller/name"), found.get("/buyer/name")


def test_the_second_address_is_the_buyers_though_no_gap_parts_them() -> None:
    texts = ("Larkfield Gardens Ltd", "4 Orchard Row", "Leeds LS1 4AB")
    others = ("Millbank Nursery", "18 Weir Lane", "York YO1 7HH")
    lines = paper.column([*texts, *others], y=30, step=10)
    assert parties(*lines, (400, 30, "INVOICE 118")) == (
        "Larkfield Gardens Ltd",
        "Millbank Nursery",
    )


def test_an_address_beside_the_sellers_is_the_buyers() -> None:
    left = paper.column(("Larkfield Gardens Ltd", "4 Orchard Row", "Leeds LS1 4AB"), y=30, step=10)
    right = paper.column(("Millbank Nursery", "18 Weir Lane", "York YO1 7HH"), x=380, y=32, step=10)
    assert parties(*left, *right) == ("Larkfield Gardens Ltd", "Millbank Nursery")


def test_the_only_address_at_the_top_is_not_the_buyers() -> None:
    lines = paper.column(("Larkfield Gardens Ltd", "4 Orchard Row", "Leeds LS1 4AB"), y=30, step=10)
    assert parties(*lines) == ("Larkfield Gardens Ltd", None)


def test_a_letterhead_without_a_legal_form_sells_where_the_buyer_is_known() -> None:
    head = paper.column(("Dr. Ada Finch", "Dentist", "4 Orchard Row", "Leeds LS1 4AB"), y=30, step=10)  # fmt: skip
    buyer = paper.column(("Mr", "Tom Weller", "18 Weir Lane", "York YO1 7HH"), y=90, step=10)
    assert parties(*head, *buyer) == ("Dr. Ada Finch", "Tom Weller")


def test_a_town_set_flush_right_belongs_to_the_sellers_address() -> None:
    right = [
        (545 - 5.0 * len(t), 30.0 + 10 * n, t) for n, t in enumerate(("4 Orchard Row", "8020 Graz"))
    ]
    buyer = paper.column(("An die", "Stadtwerke Linde", "Bauamt", "Markt 1", "8113 Stiwoll"), y=60, step=10)  # fmt: skip
    assert parties((50, 30, "Gartenbau Larch"), *right, *buyer)[1] == "Stadtwerke Linde"
