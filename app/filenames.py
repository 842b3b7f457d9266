"""File names as data: cleaned for the eye, never used as a path."""

import unicodedata
from urllib.parse import quote

MAX_BYTES = 255
UNNAMED = "document"

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories left out: controls, bidi and other formats, surrogates, private and unassigned
characters, separators of lines."""
_MAX_EXTENSION = 16


def clean(raw: str | bytes) -> str:
    """Return a name to show: no path, no control or bidi characters, NFC, at most 255 bytes of UTF-8.

    Bytes are UTF-8, or else Latin-1. What leaves nothing is "document".
    """
    name = _decode(raw) if isinstance(raw, bytes) else raw
    name = "".join(char for char in name if unicodedata.category(char) not in _UNSEEN)
    name = name.replace("\\", "/").rpartition("/")[2]
    name = unicodedata.normalize("NFC", name).strip()
    return _shorten(name) if name.strip(". ") else UNNAMED


def attachment(name: str) -> str:
    """Return the Content-Disposition (RFC 6266) that saves a file under a clean name."""
    plain = "".join(char if " " <= char <= "~" and char not in '"\\%' else "_" for char in name)
    extended = quote(name, safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{extended}"


def _decode(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _shorten(name: str) -> str:
    """Return the name within the limit; what is cut is the middle, so that the extension stays."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    if not dot or len(extension.encode()) > _MAX_EXTENSION:
        stem, dot, extension = name, "", ""
    room = MAX_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore") + dot + extension
