import pytest

from invoice_extraction.model.reading import Value
from tests.engines.layout import paper
from tests.engines.layout.paper import SLIP


def found(*rows: tuple[str, str]) -> dict[str, Value]:
    names = paper.column([text for text, _ in rows], y=60)
    amounts = [
        (250.0 - 5 * len(amount), 60.0 + 15 * n, amount) for n, (_, amount) in enumerate(rows)
    ]
    return paper.values(*names, *amounts, size=SLIP)


def sums(*rows: tuple[str, str]) -> dict[str, str | None]:
    values = found(*rows)
    keys = ("net", "tax", "gross")
    told = {key: values.get(f"/totals/{key}") for key in keys}
    return {key: value.canonical if value else None for key, value in told.items()}


def test_the_sums_of_several_rates_are_derived_where_their_parts_make_the_total() -> None:
    values = found(
        ("Lunch", "53,50"),
        ("Wine", "119,00"),
        ("Summe EUR", "172,50"),
        ("19 % MwSt auf 100,00", "19,00"),
        ("7 % MwSt auf 50,00", "3,50"),
    )
    assert values["/totals/net"].canonical == "150.00"
    assert values["/totals/tax"].canonical == "22.50"
    assert {values[f"/totals/{name}"].origin for name in ("net", "tax")} == {"derived"}


def test_two_taxes_on_one_sum_are_added_up() -> None:
    rows = (("Soup", "36.20"), ("Subtotal", "36.20"), ("PST", ""), ("Tax", "2.90"), ("GST", "1.81"))
    assert sums(*rows, ("Total", "40.91")) == {"net": "36.20", "tax": "4.71", "gross": "40.91"}


def test_taxes_that_do_not_lead_to_the_total_are_not_added_up() -> None:
    told = sums(("Soup", "36.20"), ("Subtotal", "36.20"), ("Tax", "2.90"), ("GST", "1.81"), ("Total", "41.91"))  # fmt: skip
    assert told["tax"] is None


@pytest.mark.parametrize(
    ("text", "tax"),
    [("davon 13 % USt", "5,20"), ("GST @13% included in total", "5.20"), ("incl. 13% VAT", "5.20")],
)
def test_a_tax_within_the_total_is_read_where_its_rate_proves_it(text: str, tax: str) -> None:
    total = "45,20" if "," in tax else "45.20"
    assert sums(("Tea", total), ("Total", total), (text, tax))["tax"] == "5.20"


def test_a_sum_in_passing_that_no_rate_proves_is_no_tax() -> None:
    assert sums(("Tee", "45,20"), ("Gesamt", "45,20"), ("davon 13 % USt", "6,10"))["tax"] is None


def test_base_and_tax_in_two_rows_prove_each_other() -> None:
    told = sums(("Lock", "71,40"), ("Summe", "71,40"), ("19,00% M. auf", "60,00"), ("", "11,40"))
    assert told == {"net": "60.00", "tax": "11.40", "gross": "71.40"}


@pytest.mark.parametrize(
    "number",
    [
        "BE 0123.456.749",
        "NL 8123.45.678.B.01",
        "812345678 RT0001",
        "29ABCDE1234F1Z5",
        "ES-B1234567-8",
    ],
)
def test_a_number_of_a_sales_tax_is_known_by_its_form(number: str) -> None:
    values = found(("Oak Bakery", ""), (number, ""), ("Total", "12.50"))
    assert values["/seller/tax_id"].text == number


def test_a_tax_offices_number_is_told_where_there_is_no_vat_number() -> None:
    office = ("Steuer-Nr. 133/8150/8159", "")
    assert found(office, ("Summe", "12,50"))["/seller/tax_id"].text == "133/8150/8159"
    both = found(office, ("DE 123456789", ""), ("Summe", "12,50"))
    assert both["/seller/tax_id"].text == "DE 123456789"


def test_an_invoices_number_is_no_vat_number() -> None:
    assert "/seller/tax_id" not in found(("INVOICE NO 123 456 789", ""), ("Total", "12.50"))


def test_the_sum_of_the_bands_is_the_total_and_not_one_of_them() -> None:
    columns = (50, 150, 250, 350)
    rows = (
        ("Rate", "Net", "VAT", "Gross"),
        ("19 %", "11.30", "2.15", "13.45"),
        # 7 % of 2.90 is 0.20 too; the row adds up with 2.82 alone.
        ("7 % 2.90", "2.82", "0.20", "3.02"),
        ("EUR", "14.12", "2.35", "16.47"),
    )
    cells = [
        (x + 30.0 * at, 60.0 + 15 * n, word)
        for n, row in enumerate(rows)
        for x, text in zip(columns, row, strict=True)
        for at, word in enumerate(text.replace(" %", "%").split())
    ]
    values = paper.values(*cells)
    told = {name: values[f"/totals/{name}"].text for name in ("net", "tax", "gross")}
    assert told == {"net": "14.12", "tax": "2.35", "gross": "16.47"}
