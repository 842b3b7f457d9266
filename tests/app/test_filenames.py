import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.filenames import MAX_BYTES, attachment, clean


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"invoice.pdf", "invoice.pdf"),
        ("Rechnung März.pdf".encode(), "Rechnung März.pdf"),
        (b"M\xe4rz.pdf", "März.pdf"),
        ("e\u0301.pdf", "é.pdf"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\a.pdf", "a.pdf"),
        ("..", "document"),
        (". .", "document"),
        ("a/", "document"),
        ("", "document"),
        ("\0\r\n", "document"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
        ("\u202egpj.pdf", "gpj.pdf"),
        ("a\u2028b\ufeff.pdf", "ab.pdf"),
    ],
)
def test_a_name_is_cleaned(raw, name):
    assert clean(raw) == name


def test_a_long_name_keeps_its_extension():
    name = clean("é" * 300 + ".pdf")
    assert name.endswith("é.pdf")
    assert len(name.encode()) <= MAX_BYTES


@given(st.one_of(st.binary(), st.text(st.characters())))
def test_whatever_comes_the_name_is_safe_and_clean_already(raw):
    name = clean(raw)
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert not set(name) & set("/\\")
    assert name.strip(". ")
    assert not any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in name)
    assert clean(name) == name
    attachment(name).encode("ascii")


def test_an_attachment_names_the_file_twice():
    told = attachment('a"é;\\.pdf')
    assert told == "attachment; filename=\"a__;_.pdf\"; filename*=UTF-8''a%22%C3%A9%3B%5C.pdf"
