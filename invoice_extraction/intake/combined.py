"""Several pictures as one file: a ZIP that packs nothing, its first member says what it is.

As in OCF and ODF the first member is `mimetype`; the pictures follow in the order of their pages. Nothing
that decodes pictures is imported here, because the API process writes such files.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from invoice_extraction.errors import CorruptFile, OptionError
from invoice_extraction.intake.sniff import COMBINED, media_type

EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/tiff": "tif",
    "image/heic": "heic",
    "image/gif": "gif",
    "image/bmp": "bmp",
}
"""The types that can be combined, and how such files end."""

_MOST = 1_000  # pictures
_ENCRYPTED = 0x1  # APPNOTE.TXT, 4.4.4
_DAMAGE = (
    zipfile.BadZipFile,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def combine(sources: Iterable[bytes | str | Path]) -> bytes:
    """Return pictures, given as bytes or as paths, as one file whose pages they are, in their order.

    Raises:
        OptionError: There are none, or one of them is no picture.
    """
    pictures: list[tuple[str, Iterable[bytes]]] = []
    for number, source in enumerate(sources, 1):
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        name = f"file {number}" if isinstance(source, bytes) else Path(source).name
        kind = media_type(data)
        if kind not in EXTENSIONS:
            raise no_picture(name)
        pictures.append((kind, [data]))
    if not pictures:
        raise OptionError("There are no pictures to combine.")
    out = bytearray()
    write(out.extend, pictures)
    return bytes(out)


def write(put: Callable[[bytes], object], pictures: Iterable[tuple[str, Iterable[bytes]]]) -> None:
    """Give the file to `put`, piece by piece.

    Each picture is its media type, one of `EXTENSIONS`, and its bytes in pieces.
    """
    out = cast(IO[bytes], _Sink(put))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), COMBINED)
        for number, (kind, pieces) in enumerate(pictures, 1):
            member = zipfile.ZipInfo(f"{number:03}.{EXTENSIONS[kind]}")
            with archive.open(member, "w") as file:
                for piece in pieces:
                    file.write(piece)


def pictures(data: bytes) -> Iterator[bytes]:
    """Give the pictures in a combined file, one after the other.

    Raises:
        CorruptFile: It is cut off, or is not as `write` makes it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()[1:]
            if not _is_plain(members, len(data)):
                raise CorruptFile("The combined pictures are not as they were written.")
            for member in members:
                yield archive.read(member)
    except _DAMAGE as exc:
        raise CorruptFile("The combined pictures are damaged or cut off.") from exc


def no_picture(name: str) -> OptionError:
    """Return the error for a file that cannot be combined with others."""
    return OptionError(
        f"Only pictures can be combined into one document; {name} is none.",
        hint=f"Send {name} by itself, and combine the others.",
    )


class _Sink:
    """What a ZIP is written to; it cannot go back, and the ZIP is made accordingly."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put

    def write(self, data: bytes) -> int:
        self._put(data)
        return len(data)

    def flush(self) -> None:
        """Do nothing: all is written."""


def _is_plain(members: list[zipfile.ZipInfo], size: int) -> bool:
    """Return whether nothing is packed or locked, and no byte of the file stands for two."""
    return (
        0 < len(members) <= _MOST
        and all(
            member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & _ENCRYPTED
            for member in members
        )
        and sum(member.file_size for member in members) <= size
    )
