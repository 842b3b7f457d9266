"""Extractions as JSON."""

from collections.abc import Generator, Iterable

import msgspec

from invoice_extraction.export.base import Entry

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def write(entry: Entry) -> bytes:
    """Return the extraction as UTF-8 JSON, indented, with a newline at its end."""
    return msgspec.json.format(entry.extraction, indent=2).encode() + b"\n"


def write_all(entries: Iterable[Entry]) -> Generator[bytes, None, None]:
    """Return a list with an object for each document: what is known of it, and its extraction's members."""
    before = b"[\n"
    for entry in entries:
        known = {
            "task_id": entry.task_id,
            "filename": entry.filename,
            "reference": entry.reference,
            "received_at": entry.received_at,
        }
        yield before + msgspec.json.encode(known | _members.decode(entry.extraction))
        before = b",\n"
    yield (b"[" if before == b"[\n" else b"\n") + b"]\n"
