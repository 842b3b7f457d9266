"""Tell a file's type from its content."""

import re

_DECLARED = re.compile(rb"\A\s*<\?xml\b")
_ELEMENT = re.compile(rb"\A\s*<(?:[A-Za-z_][\w.-]*:)?[A-Za-z_][\w.-]*[\s/>]")
_HTML = re.compile(rb"\A\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # in either byte order; the last two are BigTIFF
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)  # bytes, of the versions of a BMP's header


def media_type(data: bytes) -> str:
    """Return the media type; "application/octet-stream" where it is not known.

    A PDF's header may stand anywhere in its first 1,024 bytes, as readers accept (ISO 32000-2,
    Annex I); XML in UTF-16 is told by its byte order mark or its first characters.
    """
    head = data[:1024]
    if b"%PDF-" in head:
        return "application/pdf"
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
    return _markup(head)


def _markup(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    elif head.startswith((b"<\0", b"\0<")):
        order = "utf-16-le" if head.startswith(b"<") else "utf-16-be"
        head = head[: len(head) // 2 * 2].decode(order, "replace").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(head):
        return "text/html"
    start = head.lstrip()
    if _DECLARED.match(head) or _ELEMENT.match(head) or start.startswith((b"<!DOCTYPE", b"<!--")):
        return "application/xml"
    return "application/octet-stream"
