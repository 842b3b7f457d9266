"""What is exported, and what a format promises."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import datetime

from invoice_extraction.model.extraction import Extraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document to export: its `Extraction` as JSON text, and what is known of it beside.

    None is what nobody knows: a file that was read without the service has no `task_id`.
    """

    extraction: str
    filename: str | None = None
    task_id: str | None = None
    reference: str | None = None
    received_at: datetime | None = None

    @classmethod
    def of(cls, extraction: Extraction, filename: str | None = None) -> "Entry":
        """Return the entry of what the library answered."""
        return cls(extraction=extraction.model_dump_json(), filename=filename)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format of a file: `one` writes a document, `many` several into one file, piece by piece.

    `many` is None where each document needs a file of its own, and `one` where a document alone looks as
    one of several: the format is a table, and each invoice is a row or more of it. `many` takes entries as it
    writes; what they raise goes through it, and leaves nothing behind.
    """

    media_type: str
    extension: str
    one: Callable[[Entry], bytes] | None = None
    many: Callable[[Iterable[Entry]], Generator[bytes, None, None]] | None = None

    @property
    def is_table(self) -> bool:
        """True where documents are rows, which belong into one file."""
        return self.one is None

    def write(self, entry: Entry) -> bytes:
        """Return the file of one document."""
        if self.one is not None:
            return self.one(entry)
        return b"".join(self.write_all([entry]))

    def write_all(self, entries: Iterable[Entry]) -> Generator[bytes, None, None]:
        """Return the file of several documents, in pieces; ValueError where each needs one of its own."""
        if self.many is None:
            raise ValueError("this format holds one document")
        return self.many(entries)
