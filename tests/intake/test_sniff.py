"""A file's type follows from its content alone."""

import io
import tarfile
import zipfile

import pytest

from invoice_extraction.errors import EmptyFile, FileTooLarge, UnsupportedType
from invoice_extraction.intake import READERS, media_type, open_document, unsupported
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
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "text/html"),
        (b"<?xml version='1.0'?>\n<!-- x --><svg xmlns='x'>", "image/svg+xml"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>", "image/svg+xml"),
        (b"<svgs/>", "application/xml"),
        (b"II*\0\x08\0\0\0", "image/tiff"),
        (b"MM\0*\0\0\0\x08", "image/tiff"),
        (b"II+\0\x08\0\0\0", "image/tiff"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "image/heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0", "image/heic"),
        (b"GIF89a", "image/gif"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "image/bmp"),
        (b"BM is no picture but a motor", "text/plain"),
        (b"\x89PNG\r\n\x1a\n and %PDF-1.7", "image/png"),
        (b"MZ and %PDF-1.7", "application/pdf"),
        (b"\0" * 2_000, "application/octet-stream"),
    ],
)
def test_the_type_is_told_from_the_first_bytes(data: bytes, kind: str) -> None:
    assert media_type(data) == kind


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04", "application/zip"),
        (
            b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml",
            "application/vnd.openxmlformats-officedocument",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
        (b"{\\rtf1", "application/rtf"),
        (b"Rar!\x1a\x07\x01\0", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"x" * 257 + b"ustar", "application/x-tar"),
        (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
        (b"MZ\x90\0", "application/x-executable"),
        (b"\x7fELF", "application/x-executable"),
        (b"#!/bin/sh\n", "application/x-executable"),
        (b"%!PS-Adobe", "application/postscript"),
        (b"\0\0\0\x1cftypavif", "image/avif"),
        (b"\0\0\0\x0cjP  \r\n", "image/jp2"),
        (b"UNA:+.? 'UNB+UNOC:3", "application/edifact"),
        (b"Received: from somewhere\r\n", "message/rfc822"),
        (b"<!doctype html><p>", "text/html"),
        (b"<svg/>", "image/svg+xml"),
        (b"an invoice for you", "text/plain"),
    ],
)
def test_a_type_that_is_not_read_is_named_with_a_way_out(data: bytes, kind: str) -> None:
    assert media_type(data) == kind
    with pytest.raises(UnsupportedType) as caught:
        open_document(data, Options())
    assert unsupported.KINDS[kind][0] in caught.value.message
    assert caught.value.hint != UnsupportedType.hint


@pytest.mark.parametrize("pack", ["zip", "tar"])
def test_an_archive_is_none_of_the_pdfs_that_lie_in_it_unpacked(pack: str) -> None:
    held = io.BytesIO()
    if pack == "zip":
        with zipfile.ZipFile(held, "w") as archive:
            for name in ("first.pdf", "second.pdf"):
                archive.writestr(name, b"%PDF-1.7\n")
    else:
        with tarfile.open(fileobj=held, mode="w") as archive:
            for name in ("first.pdf", "second.pdf"):
                member = tarfile.TarInfo(name)
                member.size = 9
                archive.addfile(member, io.BytesIO(b"%PDF-1.7\n"))
    with pytest.raises(UnsupportedType, match="archive"):
        open_document(held.getvalue(), Options())


def test_what_is_not_known_is_told_what_is_read() -> None:
    with pytest.raises(UnsupportedType, match="no type that is known") as caught:
        open_document(b"\0\1\2", Options())
    assert "PDF" in caught.value.hint


def test_no_type_is_both_read_and_refused() -> None:
    assert not set(READERS) & set(unsupported.KINDS)


def test_what_is_empty_too_large_or_unknown_is_refused() -> None:
    with pytest.raises(EmptyFile):
        open_document(b"", Options())
    with pytest.raises(FileTooLarge):
        open_document(b"%PDF-1.7", Options(limits=Limits(max_bytes=7)))
    with pytest.raises(UnsupportedType):
        open_document(b"an invoice for you", Options())
