import pytest

from invoice_extraction.engines.layout.engine import read
from invoice_extraction.model.document import Document, Page, Word
from invoice_extraction.model.options import Options
from invoice_extraction.model.reading import Value
from tests.engines.layout.party_forms import BODY, FORMS, TILL, Form


def values(form: Form) -> dict[str, Value]:
    words = []
    for x, y, text in (*form.lines, *(TILL if form.slip else BODY)):
        at = x
        for part in text.split():
            words.append(Word(part, at, y, at + 5 * len(part), y + 8, size=10))
            at += 5 * len(part) + 3
    size = (300, 600) if form.slip else (595, 842)
    page = Page(1, *size, tuple(words), "ocr" if form.slip else "text")
    [invoice] = read(Document("application/pdf", b"", (page,)), Options()).invoices
    return invoice.values


def text(found: dict[str, Value], pointer: str) -> str | None:
    return found[pointer].text if pointer in found else None


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_both_parties_are_read_of(form: Form) -> None:
    found = values(form)
    assert text(found, "/seller/name") == form.seller
    assert text(found, "/buyer/name") == form.buyer


@pytest.mark.parametrize(
    "form",
    [form for form in FORMS if form.seller_tax or form.buyer_tax],
    ids=lambda form: form.name,
)
def test_each_tax_number_is_its_owners_of(form: Form) -> None:
    found = values(form)
    if form.seller_tax is not None:
        assert text(found, "/seller/tax_id") == form.seller_tax
    if form.buyer_tax is not None:
        assert text(found, "/buyer/tax_id") == form.buyer_tax
