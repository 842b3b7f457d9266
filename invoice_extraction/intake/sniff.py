"""Tell a file's type from its content."""

import binascii
import re

COMBINED = "application/vnd.invoice-extraction.pictures+zip"
"""The type of several pictures as one file, see `combined`."""

SIGNED = "application/pkcs7-mime"
"""The type of a signed file (.p7m), see `p7m`."""

SNIFFED = 1024
"""The first bytes of a file, by which its type is told."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # in either byte order; the last two are BigTIFF
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes, of the versions of a BMP's header

# What files of other types begin with. They are named so that an error can say what to send instead.
_ARCHIVES = (
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
)
_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"\x78\x9f\x3e\x22", "application/ms-tnef"),
    (b"MZ", "application/x-executable"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/x-executable"),
    (b"#!", "application/x-executable"),
    (b"%!PS", "application/postscript"),
    (b"\0\0\0\x0cjP  ", "image/jp2"),
    (b"UNA:+", "application/edifact"),
    (b"UNB+", "application/edifact"),
)
_OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")
_COMBINED = b"mimetype" + COMBINED.encode()
_FIRST_MEMBER = 30  # where a ZIP's first member has its name, and its content when it is not packed
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"  # RFC 5652, id-signedData, in DER
_BASE64 = re.compile(rb"\s*(?:-----BEGIN [A-Z0-9 ]{1,40}-----)?((?:\s*[A-Za-z0-9+/]){44})")
_MAIL = re.compile(
    rb"(?:From |(?:From|To|Subject|Date|Received|Return-Path|Delivered-To|Message-ID|MIME-Version|"
    rb"Content-Type|DKIM-Signature|X-[\w-]+):\s)",
    re.I,
)

_PROLOG = rb"\A(?:\s|<\?.*?\?>|<!--.*?-->)*+"
_HTML = re.compile(_PROLOG + rb"<(?:!doctype\s+html|html)\b", re.I | re.S)
_SVG = re.compile(_PROLOG + rb"<(?:!doctype\s+|[\w.-]+:)?svg\b", re.I | re.S)
_DECLARED = re.compile(rb"\A\s*<\?xml\b")
_ELEMENT = re.compile(rb"\A\s*<(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*[\s/>]")
_CONTROLS = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


def media_type(data: bytes) -> str:
    """Return the media type; "application/octet-stream" where it is not known.

    A picture's type is told by its first bytes, and so is an archive's: what it holds unpacked are files
    of their own, of which a PDF reader would open one and say nothing of the others. A PDF's header may
    stand anywhere in the first 1,024, as readers accept (ISO 32000-2, Annex I); XML in UTF-16 is told by
    its byte order mark or its first characters.
    """
    head = data[:SNIFFED]
    kind = _picture(head) or _archive(head)
    if kind:
        return kind
    if b"%PDF-" in head:
        return "application/pdf"
    for magic, told in _MAGIC:
        if head.startswith(magic):
            return told
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return "image/avif"
    if _is_signed(head):
        return SIGNED
    return _markup(head) or _text(head)


def _picture(head: bytes) -> str | None:
    if head.startswith(b"PK\x03\x04") and head.startswith(_COMBINED, _FIRST_MEMBER):
        return COMBINED
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(_TIFF):
        return "image/tiff"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC:
        return "image/heic"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    return None


def _archive(head: bytes) -> str | None:
    for magic, kind in _ARCHIVES:
        if head.startswith(magic):
            is_office = kind == "application/zip" and any(mark in head for mark in _OFFICE)
            return "application/vnd.openxmlformats-officedocument" if is_office else kind
    return "application/x-tar" if head[257:262] == b"ustar" else None


def _is_signed(head: bytes) -> bool:
    """Return whether a file begins as CMS SignedData does, in DER or BER or as Base64 of them."""
    if encoded := _BASE64.match(head):
        head = binascii.a2b_base64(encoded[1])
    return head.startswith(b"0") and _SIGNED_DATA in head[:32]


def _markup(head: bytes) -> str | None:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    elif head.startswith((b"<\0", b"\0<")):
        order = "utf-16-le" if head.startswith(b"<") else "utf-16-be"
        head = head[: len(head) // 2 * 2].decode(order, "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(head):
        return "text/html"
    if _SVG.match(head):
        return "image/svg+xml"
    start = head.lstrip()
    if _DECLARED.match(head) or _ELEMENT.match(head) or start.startswith((b"<!DOCTYPE", b"<!--")):
        return "application/xml"
    return None


def _text(head: bytes) -> str:
    """Return what a file without any mark of its type is: a mail, plain text, or not known."""
    if _MAIL.match(head):
        return "message/rfc822"
    if _CONTROLS.search(head) or not head.strip():
        return "application/octet-stream"
    return "text/plain"
