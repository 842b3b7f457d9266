"""The contract of a file store. Keys are `tenant/job/role`, made by us; file names never enter one."""

from typing import Protocol


class Writer(Protocol):
    """A file that is being received; nothing is to be seen of it until `commit` returned."""

    def write(self, chunk: bytes) -> None:
        """Add bytes at the end.

        Raises:
            StorageFull: There is no room; the caller must `abort`.
        """
        ...

    def commit(self) -> None:
        """Make the file durable under its key, replacing one that is there."""
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
        """
        ...

    def get(self, key: str) -> bytes:
        """Return a file.

        Raises:
            FileNotFoundError: Nothing under that key.
        """
        ...

    def delete(self, prefix: str) -> None:
        """Remove every file whose key begins with `prefix/`; none there is no error."""
        ...

    def check(self) -> None:
        """Return when a file could be written now.

        Raises:
            StorageFull: There is no room.
            ServiceUnavailable: The storage does not answer.
        """
        ...
