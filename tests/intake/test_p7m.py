"""Signed files: what is taken out of a signature, in every encoding, and what is not."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoice_extraction.errors import (
    CorruptFile,
    DocumentError,
    InvalidEInvoiceXML,
    TooComplex,
    UnsupportedType,
)
from invoice_extraction.extract import extract
from invoice_extraction.intake import media_type, open_document
from invoice_extraction.intake.p7m import NOTE, read
from invoice_extraction.model.options import Options

XML = '<?xml version="1.0"?><Fattura><Numero>àèì 1</Numero></Fattura>'.encode()
SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
DATA = bytes.fromhex("06092a864886f70d010701")
VERSION = bytes.fromhex("020101")
SHA_256 = bytes.fromhex("310f300d06096086480165030402010500")


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + content


def ber(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x80]) + content + b"\0\0"


def signed(content: bytes | None, wrap=der, octets=None) -> bytes:
    """Return a signed file; the signature itself is one empty set of signers."""
    inner = b"" if content is None else wrap(0xA0, octets or der(0x04, content))
    data = VERSION + SHA_256 + wrap(0x30, DATA + inner) + der(0x31, b"")
    return wrap(0x30, SIGNED_DATA + wrap(0xA0, wrap(0x30, data)))


def in_parts(content: bytes, size: int, wrap=ber) -> bytes:
    parts = [content[at : at + size] for at in range(0, len(content), size)]
    return wrap(0x24, b"".join(der(0x04, part) for part in parts))


def lines(data: bytes) -> bytes:
    return base64.encodebytes(data)


def pem(data: bytes) -> bytes:
    return b"-----BEGIN PKCS7-----\r\n" + lines(data) + b"-----END PKCS7-----\r\n"


@pytest.mark.parametrize(
    "data",
    [
        signed(XML),
        signed(XML.ljust(70_000)),
        signed(XML, ber),
        signed(XML, ber, in_parts(XML, 7)),
        signed(XML, der, in_parts(XML, 7, der)),
        signed(XML, ber, ber(0x24, in_parts(XML[:20], 3) + in_parts(XML[20:], 9, der))),
        lines(signed(XML)),
        base64.b64encode(signed(XML, ber)),
        b"\n" + lines(signed(XML)),
        pem(signed(XML)),
        signed(signed(XML), ber),
        signed(XML)[:-2],
        signed(XML) + b"\0" * 9,
    ],
    ids=[
        *("der", "long", "ber", "parts", "parts_der", "nested_parts", "base64", "base64_one_line"),
        *("base64_blank_line", "pem", "twice", "cut_off_behind", "padded"),
    ],
)
def test_the_xml_is_taken_out_of_a_signature(data: bytes) -> None:
    assert media_type(data) == "application/pkcs7-mime"
    document = open_document(data, Options())
    assert document.media_type == "application/pkcs7-mime"
    assert document.data is data
    [attachment] = document.xml
    assert attachment.name is None
    assert attachment.data.rstrip() == XML
    assert document.notes == (NOTE,)


def test_a_signed_invoice_is_read_and_said_to_be_signed_but_not_checked() -> None:
    body = (
        "<DatiGenerali><DatiGeneraliDocumento><Numero>7</Numero></DatiGeneraliDocumento>"
        "</DatiGenerali>"
    )
    xml = f"<FatturaElettronica><FatturaElettronicaBody>{body}</FatturaElettronicaBody></FatturaElettronica>"
    found = extract(signed(xml.encode(), ber))
    assert found.syntax == "fatturapa"
    assert found.media_type == "application/pkcs7-mime"
    assert found.invoices[0].result.invoice_number == "7"
    assert found.warnings == ["The file is signed; the signature was not checked."]


def test_a_signed_invoice_is_read_in_a_process_of_its_own() -> None:
    xml = (
        b"<FatturaElettronica><FatturaElettronicaBody><DatiGenerali><DatiGeneraliDocumento>"
        b"<Numero>7</Numero></DatiGeneraliDocumento></DatiGenerali></FatturaElettronicaBody>"
        b"</FatturaElettronica>"
    )
    found = extract(signed(xml), Options(isolate=True))
    assert found.invoices[0].result.invoice_number == "7"


def test_a_signature_without_what_it_signs_says_what_to_send() -> None:
    with pytest.raises(UnsupportedType, match="signature alone") as caught:
        open_document(signed(None), Options())
    assert caught.value.hint == "Send the file that was signed."


@pytest.mark.parametrize("content", [b"plain text", b"", b"PK\x03\x04"])
def test_a_signature_round_something_else_is_told(content: bytes) -> None:
    with pytest.raises(UnsupportedType, match=r"no XML") as caught:
        open_document(signed(content, octets=der(0x04, content)), Options())
    assert "out of the signature" in caught.value.hint


def test_the_limits_and_rules_of_xml_hold_inside_a_signature() -> None:
    with pytest.raises(InvalidEInvoiceXML, match="DTD"):
        open_document(signed(b'<?xml version="1.0"?><!DOCTYPE a><a/>'), Options())


def test_signatures_round_one_another_without_end_are_not_opened() -> None:
    data = XML
    for _ in range(9):
        data = signed(data)
    with pytest.raises(UnsupportedType, match="pkcs7"):
        open_document(data, Options())


def test_a_file_nested_without_end_is_refused() -> None:
    deep = signed(XML, ber, b"\x24\x80" * 100_000)
    with pytest.raises(DocumentError, match="nested"):
        read(deep, Options())


def test_content_in_very_many_parts_is_refused() -> None:
    with pytest.raises(TooComplex, match="parts"):
        read(signed(XML, ber, in_parts(b"a" * 100_001, 1)), Options())


@pytest.mark.parametrize(
    "data",
    [
        signed(XML)[:60],
        signed(XML).replace(SIGNED_DATA, SIGNED_DATA[:-1] + b"\x03"),
        signed(XML, octets=b"\x04\xfe" + b"\xff" * 126),
        signed(XML, ber).replace(VERSION, b"\x02\x00"),  # an integer of no bytes
        lines(signed(XML))[:47],
        base64.b64encode(signed(XML))[:-7] + b"!!",
    ],
)
def test_what_is_damaged_is_told(data: bytes) -> None:
    with pytest.raises(CorruptFile):
        read(data, Options())


@given(st.data())
def test_every_damaged_file_ends_in_a_document_or_a_typed_error(data: st.DataObject) -> None:
    whole = bytearray(signed(XML, ber, in_parts(XML, 16)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] = data.draw(st.integers(0, 255))
    whole = whole[: data.draw(st.integers(1, len(whole)))]
    with contextlib.suppress(DocumentError):
        assert read(bytes(whole), Options()).xml
