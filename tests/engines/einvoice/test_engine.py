import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.engines.einvoice.engine import read, root_name
from invoice_extraction.errors import (
    CorruptFile,
    EngineUnavailable,
    InvalidEInvoiceXML,
    NotAnInvoice,
    TooComplex,
)
from invoice_extraction.model.document import Attachment, Document
from invoice_extraction.model.options import Limits, Options
from invoice_extraction.model.reading import Reading

SAMPLES = Path(__file__).parents[2] / "data" / "einvoice"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
CII = "urn:un:unece:uncefact:data:standard:"
CBC = f"{UBL}CommonBasicComponents-2"
CAC = f"{UBL}CommonAggregateComponents-2"


def invoice(number: str, gross: str = "1.00") -> bytes:
    total = f"<cbc:TaxInclusiveAmount>{gross}</cbc:TaxInclusiveAmount>"
    return (
        f'<Invoice xmlns="{UBL}Invoice-2" xmlns:cbc="{CBC}" xmlns:cac="{CAC}">'
        f"<cbc:ID>{number}</cbc:ID>"
        f"<cac:LegalMonetaryTotal>{total}</cac:LegalMonetaryTotal></Invoice>"
    ).encode()


def holding(*attachments: tuple[str | None, bytes]) -> Document:
    return Document("application/pdf", b"", xml=tuple(Attachment(n, d) for n, d in attachments))


def numbers(found: Reading) -> list[str]:
    return [one.values["/invoice_number"].text for one in found.invoices]


def test_the_e_invoice_with_a_name_of_the_profiles_is_told_first() -> None:
    document = holding(("order.xml", invoice("B")), ("Factur-X.xml", invoice("A")))
    found = read(document, Options())
    assert numbers(found) == ["A", "B"]
    assert found.warnings == ("The file holds 2 different e-invoices; each is given.",)


def test_the_same_invoice_in_another_version_is_given_once() -> None:
    document = holding(("factur-x.xml", invoice("A", "5.0")), ("b.xml", invoice("A", "5.00")))
    found = read(document, Options())
    assert numbers(found) == ["A"]
    assert found.warnings == ("The e-invoice b.xml is the same invoice once more.",)
    assert not found.invoices[0].doubts


def test_of_an_invoice_in_zugferd_1_and_its_successor_the_newer_is_read() -> None:
    new = (SAMPLES / "cii_full.xml").read_bytes()
    old = (SAMPLES / "zugferd1_full.xml").read_bytes().replace(b"ZW-2013-0815", b"WK-2026-0815")
    document = holding(("ZUGFeRD-invoice.xml", old), ("factur-x.xml", new))
    found = read(document, Options())
    assert (found.syntax, numbers(found)) == ("cii", ["WK-2026-0815"])
    assert found.warnings == ("The e-invoice ZUGFeRD-invoice.xml is the same invoice once more.",)


def test_the_same_number_with_another_total_is_another_invoice() -> None:
    document = holding(("factur-x.xml", invoice("A", "5")), ("b.xml", invoice("A", "6")))
    assert numbers(read(document, Options())) == ["A", "A"]


def broken(data: bytes) -> bytes:
    return data[:-5]


def with_dtd(data: bytes) -> bytes:
    return b"<!DOCTYPE Invoice>" + data


@pytest.mark.parametrize("spoil", [broken, with_dtd])
def test_one_that_cannot_be_read_does_not_hide_another(spoil: Callable[[bytes], bytes]) -> None:
    document = holding(("factur-x.xml", spoil(invoice("A"))), ("b.xml", invoice("B")))
    found = read(document, Options())
    assert numbers(found) == ["B"]
    [doubt] = found.invoices[0].doubts
    assert doubt.id == "einvoice_unreadable"
    assert doubt.message.startswith("The e-invoice factur-x.xml in the document was not read.")


@pytest.mark.parametrize(
    ("spoil", "error", "reason"),
    [(broken, CorruptFile, "not well-formed"), (with_dtd, InvalidEInvoiceXML, "DTD")],
)
def test_the_error_names_the_file_in_the_document(
    spoil: Callable[[bytes], bytes], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=rf"factur-x\.xml in the document was not read.*{reason}"):
        read(holding(("factur-x.xml", spoil(invoice("A")))), Options())


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
        (f"{CII}CrossIndustryOrder:100", "CrossIndustryOrder"),
        (f"{CII}SCRDMCCBDACIOMessageStructure:100", "SCRDMCCBDACIOMessageStructure"),
        (
            f"{CII}CrossDomainAcknowledgementAndResponse:100",
            "CrossDomainAcknowledgementAndResponse",
        ),
        ("urn:oasis:names:tc:ubl:Order:1:0", "Order"),
        ("urn:sfti:documents:ObjectEnvelope:1:0", "ObjectEnvelope"),
        ("http://isdoc.cz/namespace/2013", "CommonDocument"),
        ("http://upo.schematy.mf.gov.pl/KSeF/v4-3", "Potwierdzenie"),
    ],
)
def test_an_order_or_a_reply_is_no_invoice(root: tuple[str, str]) -> None:
    space, local = root
    with pytest.raises(NotAnInvoice, match=local):
        read(holding((None, f'<{local} xmlns="{space}"/>'.encode())), Options())


@pytest.mark.parametrize(
    "root",
    [(f"{UBL}SelfBilledInvoice-2", "SelfBilledInvoice"), (f"{CII}X:13", "CrossIndustryInvoice")],
)
def test_an_invoice_that_is_not_read_is_not_said_to_be_none(root: tuple[str, str]) -> None:
    space, local = root
    with pytest.raises(InvalidEInvoiceXML, match=local):
        read(holding((None, f'<{local} xmlns="{space}"/>'.encode())), Options())


def test_a_document_without_xml_is_not_for_this_engine() -> None:
    with pytest.raises(EngineUnavailable):
        read(holding(), Options())


def test_an_e_invoice_without_anything_in_it_is_refused() -> None:
    with pytest.raises(InvalidEInvoiceXML, match="no number"):
        read(holding((None, f'<Invoice xmlns="{UBL}Invoice-2"/>'.encode())), Options())


def test_xml_over_the_limit_is_told_as_such() -> None:
    with pytest.raises(TooComplex, match="the limit is 20"):
        read(holding(("factur-x.xml", invoice("A"))), Options(limits=Limits(max_xml=20)))


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
    for text in (data, b"<" + data):
        found = root_name(text)
        assert found is None or re.fullmatch(r"[^\s<>/:=\"'!?{}]+", found.rpartition("}")[2])


@given(st.binary(max_size=400))
def test_whatever_follows_the_root_does_not_change_it(data: bytes) -> None:
    assert root_name(f'<a:Invoice xmlns:a="{UBL}">'.encode() + data) == f"{{{UBL}}}Invoice"
