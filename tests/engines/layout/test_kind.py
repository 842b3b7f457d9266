import pytest

from tests.engines.layout import paper


def kind(*lines: str, width: float = 595) -> str | None:
    """Return the document type of a page with these lines, the words of one set side by side."""
    found = paper.values(*paper.column(lines, step=14), size=(width, 842))
    value = found.get("/document_type")
    return value.canonical if value else None


TEXT = [
    "This letter is to inform you about an outage of our pages, for which we are sorry.",
    "Please contact us by phone or by mail for now, until we are able to get back to you.",
    "We thank you for your patience and for your support over all of the last years.",
]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("INVOICE", "invoice"),
        ("Mietrechnung", "invoice"),
        ("Credit note", "credit_note"),
        ("Quotation", "other"),
        ("Lieferschein", "other"),
        ("Zahlungsavis", "other"),
        ("Bulletin de paie", "other"),
        ("Purchase Order", "purchase_order"),
        ("Statement of account", "statement"),
        ("Mahnung", "reminder"),
    ],
)
def test_a_title_tells_the_kind(title: str, name: str) -> None:
    assert kind(title, *TEXT) == name


def test_a_text_without_an_invoices_parts_is_another_thing() -> None:
    assert kind(*TEXT) == "other"


def test_a_few_words_tell_nothing() -> None:
    assert kind("Some words", "more of them") is None


def test_a_bill_without_a_title_is_an_invoice() -> None:
    lines = ["Northfield Tools Ltd", "Invoice number: NT-42", "Hammer 12.50", "Total 12.50", *TEXT]
    assert kind(*lines) == "invoice"


def test_a_tills_slip_without_a_title_is_a_receipt() -> None:
    assert kind("Cafe am Ring", "Kaffee 3,50", "SUMME 3,50", "Bar 5,00", width=220) == "receipt"


def test_a_delivery_note_named_in_passing_does_not_refuse_an_invoice() -> None:
    lines = ["INVOICE", "Invoice number: NT-42", "Delivery note", "Total 12.50", *TEXT]
    assert kind(*lines) == "invoice"
