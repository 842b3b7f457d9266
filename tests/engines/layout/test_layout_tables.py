"""Items in tables: columns, wrapped names, discounts, sums between."""

from collections.abc import Sequence

from tests.engines.layout import paper
from tests.engines.layout.paper import Line


def values(lines: Sequence[Line]) -> dict[str, str]:
    return paper.texts(paper.values(*lines))


HEAD: list[Line] = [
    (50, 300, "Description"),
    (250, 300, "Qty"),
    (300, 300, "Unit"),
    (350, 300, "Price"),
    (420, 300, "Disc."),
    (500, 300, "Amount"),
]


def test_a_wrapped_name_a_unit_and_a_discount_belong_to_their_item() -> None:
    found = values(
        [
            *HEAD,
            (50, 315, "Maintenance of the plant"),
            (250, 315, "3"),
            (300, 315, "each"),
            (350, 315, "10.00"),
            (420, 315, "10%"),
            (500, 315, "27.00"),
            (50, 326, "with filter change"),
            (50, 345, "Filter"),
            (250, 345, "2 pcs"),
            (350, 345, "4.00"),
            (500, 345, "8.00"),
            (400, 380, "Total"),
            (500, 380, "35.00"),
        ]
    )
    assert found["/lines/0/description"] == "Maintenance of the plant with filter change"
    assert [found[f"/lines/{n}/unit"] for n in (0, 1)] == ["each", "pcs"]
    assert found["/lines/0/discount_percent"] == "10"
    assert found["/lines/1/quantity"] == "2"


def test_discounts_and_charges_lead_from_the_items_to_the_sum() -> None:
    found = values(
        [
            *HEAD,
            (50, 315, "Filter"),
            (250, 315, "2"),
            (350, 315, "50.00"),
            (500, 315, "100.00"),
            (400, 340, "Sum of items"),
            (500, 340, "100.00"),
            (400, 355, "Discount 10%"),
            (500, 355, "-10.00"),
            (400, 370, "Shipping"),
            (500, 370, "5.00"),
            (400, 385, "Net amount"),
            (500, 385, "95.00"),
            (400, 400, "VAT 20%"),
            (500, 400, "19.00"),
            (400, 415, "Total"),
            (500, 415, "114.00"),
        ]
    )
    assert found["/lines/0/net_amount"] == "100.00"
    assert "/lines/1/net_amount" not in found
    assert (found["/allowances/0/amount"], found["/charges/0/amount"]) == ("-10.00", "5.00")
    assert found["/charges/0/reason"] == "Shipping"
    assert found["/totals/lines_net"] == "100.00"


def test_what_is_carried_forward_is_no_item() -> None:
    rows = [("Bolt", "10.00"), ("Nut", "20.00"), ("Carried forward", "30.00"), ("Washer", "5.00")]
    lines = [
        part
        for n, (name, amount) in enumerate(rows)
        for part in ((50.0, 315.0 + 15 * n, name), (500.0, 315.0 + 15 * n, amount))
    ]
    found = values([*HEAD, *lines, (50, 400, "Total"), (500, 400, "35.00")])
    assert [found[f"/lines/{n}/description"] for n in range(3)] == ["Bolt", "Nut", "Washer"]


def test_an_amount_below_its_quantity_and_price_is_theirs() -> None:
    found = values(
        [
            *HEAD,
            (50, 315, "Filter"),
            (250, 315, "2"),
            (350, 315, "50.00"),
            (500, 326, "100.00"),
            (50, 345, "Hose"),
            (250, 345, "1"),
            (350, 345, "7.00"),
            (500, 356, "7.00"),
            (400, 385, "Total"),
            (500, 385, "107.00"),
        ]
    )
    assert [found[f"/lines/{n}/description"] for n in (0, 1)] == ["Filter", "Hose"]
    assert found["/lines/0/unit_price"] == "50.00"


def test_a_tills_items_have_no_head() -> None:
    found = values(
        [
            (50, 30, "Cafe am Ring"),
            (50, 60, "Kassenbon"),
            (50, 90, "Brezel"),
            (50, 100, "2 x 0,69"),
            (200, 100, "1,38"),
            (50, 115, "Pfand"),
            (200, 115, "0,25"),
            (50, 130, "Rabatt"),
            (190, 130, "-0,50"),
            (50, 150, "SUMME EUR"),
            (200, 150, "1,13"),
        ]
    )
    assert found["/lines/0/description"] == "Brezel"
    assert (found["/lines/0/quantity"], found["/lines/0/unit_price"]) == ("2", "0.69")
    assert found["/lines/0/gross_amount"] == "1.38"
    assert found["/lines/1/gross_amount"] == "0.25"
    assert (found["/lines/2/description"], found["/lines/2/gross_amount"]) == ("Rabatt", "-0.50")


def test_columns_set_a_little_lower_keep_their_rows() -> None:
    found = values(
        [
            (50, 300, "Bank details below"),
            (350, 305, "Subtotal"),
            (500, 305, "100.00"),
            (350, 320, "VAT 20%"),
            (500, 320, "20.00"),
            (50, 315, "Account 4711"),
            (350, 335, "Total"),
            (500, 335, "120.00"),
        ]
    )
    assert [found[f"/totals/{n}"] for n in ("net", "tax", "gross")] == ["100.00", "20.00", "120.00"]
