"""A file's type follows from its content alone."""

import pytest

from invoice_extraction.errors import EmptyFile, FileTooLarge, UnsupportedType
from invoice_extraction.intake import media_type, open_document
from invoice_extraction.model.options import Limits, Options


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"junk " * 200 + b"%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"\xef\xbb\xbf\n<ns:Invoice xmlns:ns='x'>", "application/xml"),
        ("<?xml version='1.0'?><a/>".encode("utf-16"), "application/xml"),
        ("<a/>".encode("utf-16-le"), "application/xml"),
        ("<a/>".encode("utf-16-be"), "application/xml"),
        (b"<!-- by hand --><a/>", "application/xml"),
        (b"<!DOCTYPE a><a/>", "application/xml"),
        (b"<!doctype html><p>", "text/html"),
        (b"<!-- x --><html>", "text/html"),
        (b"PK\x03\x04", "application/octet-stream"),
        (b"an invoice for you", "application/octet-stream"),
        (b"\0" * 2_000, "application/octet-stream"),
    ],
)
def test_the_type_is_told_from_the_first_bytes(data: bytes, kind: str) -> None:
    assert media_type(data) == kind


def test_what_is_empty_too_large_or_unknown_is_refused() -> None:
    with pytest.raises(EmptyFile):
        open_document(b"", Options())
    with pytest.raises(FileTooLarge):
        open_document(b"%PDF-1.7", Options(limits=Limits(max_bytes=7)))
    with pytest.raises(UnsupportedType):
        open_document(b"an invoice for you", Options())
