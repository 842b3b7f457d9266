import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.engines.einvoice.engine import knows, read, root_name
from invoice_extraction.errors import EngineUnavailable, InvalidEInvoiceXML, NotAnInvoice
from invoice_extraction.model.document import Attachment, Document
from invoice_extraction.model.options import Limits, Options

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CBC = f"{UBL}CommonBasicComponents-2"


def invoice(number: str) -> bytes:
    return (
        f'<Invoice xmlns="{UBL}Invoice-2" xmlns:cbc="{CBC}"><cbc:ID>{number}</cbc:ID></Invoice>'
    ).encode()


def holding(*attachments: tuple[str | None, bytes]) -> Document:
    return Document("application/pdf", b"", xml=tuple(Attachment(n, d) for n, d in attachments))


def test_the_e_invoice_with_a_name_of_the_profiles_is_read_first() -> None:
    document = holding(("order.xml", invoice("B")), ("Factur-X.xml", invoice("A")))
    found = read(document, Options())
    assert found.invoices[0].values["/invoice_number"].text == "A"
    assert found.warnings == ("The e-invoice order.xml was not read.",)


def test_xml_that_is_no_e_invoice_is_passed_over_for_one_that_is() -> None:
    document = holding(("factur-x.xml", b"<other/>"), ("data.xml", invoice("A")))
    assert read(document, Options()).invoices[0].values["/invoice_number"].text == "A"


def test_unknown_xml_is_refused_with_its_root_element() -> None:
    with pytest.raises(InvalidEInvoiceXML, match="root element shoppingList"):
        read(holding((None, b"<shoppingList><item/></shoppingList>")), Options())


@pytest.mark.parametrize(
    "root",
    [
        (f"{UBL}Order-2", "Order"),
        (f"{UBL}DespatchAdvice-2", "DespatchAdvice"),
        (f"{UBL}ApplicationResponse-2", "ApplicationResponse"),
        ("urn:un:unece:uncefact:data:standard:CrossIndustryOrder:100", "CrossIndustryOrder"),
    ],
)
def test_an_order_or_a_reply_is_no_invoice(root: tuple[str, str]) -> None:
    space, local = root
    with pytest.raises(NotAnInvoice, match=local):
        read(holding((None, f'<{local} xmlns="{space}"/>'.encode())), Options())


def test_a_document_without_xml_is_not_for_this_engine() -> None:
    with pytest.raises(EngineUnavailable):
        read(holding(), Options())


def test_an_e_invoice_without_anything_in_it_is_refused() -> None:
    with pytest.raises(InvalidEInvoiceXML, match="no number"):
        read(holding((None, f'<Invoice xmlns="{UBL}Invoice-2"/>'.encode())), Options())


def test_xml_over_the_limit_is_not_known() -> None:
    document = holding(("factur-x.xml", invoice("A")))
    assert knows(document, Limits())
    assert not knows(document, Limits(max_xml=20))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_root_is_found_in_every_encoding(encoding: str) -> None:
    text = f'<?xml version="1.0"?>\n<!-- <a> -->\n<u:Invoice\n a="1" xmlns:u="{UBL}Invoice-2">'
    assert root_name(text.encode(encoding)) == f"{{{UBL}Invoice-2}}Invoice"


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("<a/>", "a"),
        ("<a xmlns='n' b='&lt;'>", "{n}a"),
        ("<p:a xmlns:q='n'/>", "a"),
        ("no markup", None),
        ("<!-- never closed", None),
        ("<!DOCTYPE a><a/>", None),
        ("", None),
    ],
)
def test_the_root_is_named_with_its_namespace(text: str, root: str | None) -> None:
    assert root_name(text.encode()) == root


@given(st.binary(max_size=400))
def test_any_bytes_have_a_root_or_none(data: bytes) -> None:
    root_name(data)
    root_name(b"<" + data)
