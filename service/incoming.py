"""Files on their way in: counted, hashed, and kept unless they are too large."""

import hashlib
from collections.abc import Callable, Iterator

from invoice_extraction.errors import ExtractionError, FileTooLarge
from invoice_extraction.intake import combined, media_type
from service.errors import ServiceError
from service.storage import Writer

HEAD = 1024
"""Bytes of a file that tell its type."""


class Incoming:
    """One file that is being received.

    `begin` gives a new writer of the file's place; `max_bytes` is the most that is kept. `refusal` is why
    the file is refused though its bytes are all right; None where it is not.
    """

    def __init__(
        self, job_id: str, filename: str, begin: Callable[[], Writer], max_bytes: int
    ) -> None:
        self.job_id = job_id
        self.filename = filename
        self.max_bytes = max_bytes
        self.size = 0
        self._came = 0
        self.head = b""
        self.refusal: ExtractionError | ServiceError | None = None
        self._begin = begin
        self._writer = begin()
        self._hash = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; those beyond the limit are counted and thrown away.

        Raises:
            StorageFull: There is no room.
        """
        self._came += len(chunk)
        self.size = self._came
        if self.too_large:
            self._writer.abort()
            return
        if len(self.head) < HEAD:
            self.head += chunk[: HEAD - len(self.head)]
        self._hash.update(chunk)
        self._writer.write(chunk)

    def pieces(self) -> Iterator[bytes]:
        """Return what came, piece by piece; only before `commit` and `abort`, and unless `too_large`.

        Raises:
            StorageFull, ServiceUnavailable: It cannot be read back.
        """
        return self._writer.pieces()

    def replace(self, data: bytes) -> None:
        """Keep these bytes in place of those that came, whose hash `sha256` stays; they may be more.

        Raises:
            StorageFull, ServiceUnavailable: They cannot be kept.
        """
        writer = self._begin()
        self._writer.abort()
        self._writer = writer
        self.size = len(data)
        self.head = data[:HEAD]
        writer.write(data)

    def commit(self) -> None:
        """Make the file durable."""
        self._writer.commit()

    def abort(self) -> None:
        """Throw the file away."""
        self._writer.abort()

    @property
    def media_type(self) -> str:
        """The type that its first bytes tell."""
        return media_type(self.head)

    @property
    def too_large(self) -> bool:
        """True once more bytes came than are allowed."""
        return self._came > self.max_bytes

    @property
    def sha256(self) -> str:
        """The hash of what came so far, as hex."""
        return self._hash.hexdigest()


def combine(files: list[Incoming], whole: Incoming) -> None:
    """Write pictures into one file, in their order; where one is unfit, `whole` is refused for it.

    Raises:
        StorageFull, ServiceUnavailable: It cannot be kept.
    """
    whole.refusal = next((error for file in files if (error := _unfit(file))), None)
    if whole.refusal is None:
        combined.write(whole.write, ((file.media_type, file.pieces()) for file in files))


def combined_name(files: list[Incoming]) -> str:
    """Return the name of the file that several pictures become."""
    return f"{files[0].filename[:100]} and {len(files) - 1} more.zip"


def _unfit(file: Incoming) -> ExtractionError | None:
    if file.too_large:
        return FileTooLarge(
            f"{file.filename} has {file.size:,} bytes; the limit is {file.max_bytes:,}."
        )
    if file.media_type not in combined.EXTENSIONS:
        return combined.no_picture(file.filename)
    return None
