"""The contract of a file store. Keys are `tenant/job/role`, made by us; file names never enter one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol


def check_key(key: str) -> None:
    """Return for a key, or a prefix, of visible parts with `/` between them.

    Raises:
        ValueError: It could lead out of the storage's folder, or hide a file in it.
    """
    if any(not part or part.startswith(".") or "\0" in part for part in key.split("/")):
        raise ValueError("a storage key has empty or hidden parts")


class Writer(Protocol):
    """A file that is being received; nothing is to be seen of it until `commit` returned."""

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end.

        Raises:
            StorageFull: There is no room; the caller must `abort`.
        """
        ...

    def pieces(self) -> Iterator[bytes]:
        """Return what was written so far, piece by piece; for before `commit` and `abort`.

        Raises:
            StorageFull, ServiceUnavailable: It cannot be read back; the caller must `abort`.
        """
        ...

    def commit(self) -> None:
        """Make the file durable under its key, replacing one that is there.

        Raises:
            StorageFull, ServiceUnavailable: It is not kept; the caller must `abort`.
        """
        ...

    def abort(self) -> None:
        """Throw away what was written; harmless after `commit` or a second time."""
        ...


class Storage(Protocol):
    """Keeps files under keys; what `put` or `commit` returned from survives a crash."""

    def writer(self, key: str) -> Writer:
        """Begin to receive a file.

        Raises:
            StorageFull: There is no room.
            ServiceUnavailable: The storage does not answer.
        """
        ...

    def put(self, key: str, data: bytes) -> None:
        """Keep a file, replacing one under the same key.

        Raises:
            StorageFull: There is no room.
            ServiceUnavailable: The storage does not answer.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return a file.

        Raises:
            FileNotFoundError: Nothing under that key.
            ServiceUnavailable: The storage does not answer.
        """
        ...

    def chunks(self, key: str) -> Iterator[bytes]:
        """Return a file piece by piece; it is there when this returns, and is closed at the end.

        Raises:
            FileNotFoundError: Nothing under that key.
            ServiceUnavailable: The storage does not answer.
        """
        ...

    def folders(self, prefix: str, before: datetime) -> Iterator[str]:
        """Return the next parts of keys under `prefix/`, each once, where nothing is as new as `before`.

        Raises:
            ServiceUnavailable: The storage does not answer.
        """
        ...

    def delete(self, prefix: str) -> None:
        """Remove every file whose key begins with `prefix/`; none there is no error.

        Raises:
            ServiceUnavailable: The storage does not answer; some files may be left.
        """
        ...

    def check(self) -> None:
        """Return when a file could be written now.

        Raises:
            StorageFull: There is no room.
            ServiceUnavailable: The storage does not answer.
        """
        ...
