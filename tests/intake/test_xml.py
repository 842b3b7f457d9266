"""The one XML parser, and what it refuses."""

import time

import pytest

from invoice_extraction.errors import CorruptFile, InvalidEInvoiceXML, TooComplex
from invoice_extraction.intake import open_document, xml
from invoice_extraction.model.document import Attachment
from invoice_extraction.model.options import Limits, Options

LIMITS = Limits()


def test_a_bare_xml_is_a_document_without_pages() -> None:
    data = b"<Invoice><ID>7</ID></Invoice>"
    document = open_document(data, Options())
    assert document.media_type == "application/xml"
    assert document.pages == ()
    assert document.xml == (Attachment(None, data),)


@pytest.mark.parametrize(
    "data",
    [
        "<a>Müller €</a>".encode(),
        b"\xef\xbb\xbf" + "<?xml version='1.0' encoding='UTF-8'?><a>Müller €</a>".encode(),
        "<?xml version='1.0' encoding='UTF-16'?><a>Müller €</a>".encode("utf-16"),
        "<?xml version='1.0' encoding='UTF-16'?><a>Müller €</a>".encode("utf-16-be"),
        "<a>Müller €</a>".encode("utf-16-le"),
        "<?xml version='1.0' encoding='windows-1252'?><a>Müller €</a>".encode("cp1252"),
        "<?xml version='1.0' encoding='ISO-8859-1'?><a>Müller €</a>".encode(),
        "<?xml version='1.0' encoding='UTF-16'?><a>Müller €</a>".encode(),
        "\r\n <?xml version='1.0'?><a>Müller €</a>\0\n".encode(),
        "<!-- made by hand --><a>Mül<!-- x -->ler €</a>".encode(),
    ],
)
def test_the_characters_are_right_whatever_the_encoding(data: bytes) -> None:
    assert open_document(data, Options()).xml
    assert xml.parse(data, LIMITS).text == "Müller €"


def test_latin_text_that_declares_itself_is_read_as_declared() -> None:
    data = "<?xml version='1.0' encoding='ISO-8859-15'?><a>Müller €</a>".encode("iso-8859-15")
    assert xml.parse(data, LIMITS).text == "Müller €"


@pytest.mark.parametrize(
    "data",
    [
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a>\0</a>",
        b"<a>\xed\xa0\x80</a>",
        "<a>Müller</a>".encode("cp1252"),
        "<?xml version='1.0' encoding='x-user-defined'?><a>ü</a>".encode("cp1252"),
    ],
)
def test_what_is_not_well_formed_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptFile):
        xml.parse(data, LIMITS)


LAUGHS = (
    '<!DOCTYPE a [<!ENTITY x0 "ha">'
    + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 10))
    + "]><a>&x9;</a>"
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:9/x"> %x;]><a/>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>',
        "<!DOCTYPE a><a/>",
        "<?xml version='1.0'?>\n<!-- " + "long " * 2_000 + "--><?x y?> <!DOCTYPE a><a/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_document_type_declaration_is_accepted(text: str, encoding: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidEInvoiceXML, match="DTD"):
        xml.parse(text.encode(encoding), LIMITS)
    assert time.process_time() - began < 8


def test_a_declaration_hidden_in_utf7_is_refused() -> None:
    text = "<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a+AD4-<a>\xfc</a>"
    with pytest.raises(CorruptFile):
        xml.parse(text.encode("latin-1"), LIMITS)
    with pytest.raises((CorruptFile, InvalidEInvoiceXML)):
        xml.parse(text.replace("\xfc", "").encode(), LIMITS)


def test_a_doctype_in_character_data_is_only_text() -> None:
    root = xml.parse(b"<a><![CDATA[<!DOCTYPE html><script>]]></a>", LIMITS)
    assert root.text == "<!DOCTYPE html><script>"


def test_includes_and_stylesheets_are_not_followed() -> None:
    data = (
        b"<?xml-stylesheet href='file:///etc/passwd'?>"
        b"<a xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='/etc/passwd'/></a>"
    )
    assert len(xml.parse(data, LIMITS)) == 1


@pytest.mark.parametrize("depth", [101, 300, 100_000])
def test_deep_nesting_is_too_complex(depth: int) -> None:
    with pytest.raises(TooComplex, match="deeper than 100"):
        xml.parse(b"<a>" * depth + b"</a>" * depth, LIMITS)


def test_nesting_at_the_limit_is_read() -> None:
    assert xml.parse(b"<a>" * 100 + b"</a>" * 100, LIMITS).tag == "a"


def test_too_many_elements_are_too_complex() -> None:
    limits = Limits(max_elements=10_000)
    assert len(xml.parse(b"<a>" + b"<b/>" * 9_999 + b"</a>", limits)) == 9_999
    for count in (10_000, 100_000):
        with pytest.raises(TooComplex, match="10,000 elements"):
            xml.parse(b"<a>" + b"<b/>" * count + b"</a>", limits)


def test_too_many_attributes_of_one_element_are_too_complex() -> None:
    attributes = b" ".join(b"a%d='1'" % number for number in range(5_000))
    with pytest.raises(TooComplex, match="attributes"):
        xml.parse(b"<a " + attributes + b"/>", LIMITS)


def test_more_bytes_than_the_limit_are_too_complex() -> None:
    with pytest.raises(TooComplex, match="bytes"):
        xml.parse(b"<a>" + b" " * 100 + b"</a>", Limits(max_xml=100))
