"""Files in a folder of the local disk, each durable before its key can be seen."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Self
from urllib.parse import unquote, urlsplit

from service.errors import ServiceUnavailable, StorageFull
from service.storage.base import check_key

_FULL = {errno.ENOSPC, errno.EDQUOT}
PIECE = 1 << 16
"""Bytes of a file that are read at a time when it is given back."""

RESERVE = 8_000_000
"""Bytes that must be free for a new file to be begun: the database needs room to say so."""


class DiskStorage:
    """See `Storage`. Each file is written beside its place, synced, renamed, and its folder synced."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Return the storage of a `file:` URL (`file:///var/lib/invoices`).

        Raises:
            ValueError: The URL names a host, which is most likely a slash too few.
        """
        parts = urlsplit(url)
        if parts.netloc:
            raise ValueError(f"STORAGE_URL names a host; write file:///{parts.netloc}{parts.path}")
        return cls(Path(unquote(parts.path)))

    def writer(self, key: str) -> "DiskWriter":
        """See `Storage.writer`."""
        self.check()
        return DiskWriter(self._path(key))

    def put(self, key: str, data: bytes) -> None:
        """See `Storage.put`."""
        writer = self.writer(key)
        try:
            writer.write(data)
            writer.commit()
        finally:
            writer.abort()

    def get(self, key: str) -> bytes:
        """See `Storage.get`."""
        with _told():
            return self._path(key).read_bytes()

    def chunks(self, key: str) -> Iterator[bytes]:
        """See `Storage.chunks`."""
        with _told():
            return _pieces(self._path(key).open("rb"))

    def folders(self, prefix: str, before: datetime) -> Iterator[str]:
        """See `Storage.folders`."""
        with _told():
            root = self._path(prefix)
            if not root.is_dir():
                return
            with os.scandir(root) as entries:
                for entry in entries:
                    if entry.is_dir() and _is_older(entry, before):
                        yield entry.name

    def delete(self, prefix: str) -> None:
        """See `Storage.delete`."""
        folder = self._path(prefix)
        with _told():
            while folder.exists():
                # it ends where somebody else takes a file away just then; the others are still there
                with contextlib.suppress(FileNotFoundError):
                    shutil.rmtree(folder)
                    _sync_folder(folder.parent)

    def check(self) -> None:
        """See `Storage.check`."""
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise as_service_error(exc) from exc
        check_room(self.root)

    def _path(self, key: str) -> Path:
        check_key(key)
        return self.root.joinpath(key)


class DiskWriter:
    """See `Writer`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file: BinaryIO | None = self._temporary.open("xb+")
        except OSError as exc:
            raise as_service_error(exc) from exc

    def write(self, chunk: bytes) -> None:
        """See `Writer.write`."""
        if self._file is None:
            raise ValueError("the file is closed")
        try:
            self._file.write(chunk)
        except OSError as exc:
            raise as_service_error(exc) from exc

    def pieces(self) -> Iterator[bytes]:
        """See `Writer.pieces`."""
        if self._file is None:
            raise ValueError("the file is closed")
        return read_back(self._file)

    def commit(self) -> None:
        """See `Writer.commit`."""
        if self._file is None:
            raise ValueError("the file is closed")
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            self._temporary.replace(self._path)
            _sync_folder(self._path.parent)
            _sync_folder(self._path.parent.parent)
        except OSError as exc:
            raise as_service_error(exc) from exc

    def abort(self) -> None:
        """See `Writer.abort`."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # a full disk fails the last flush; the file goes away
            self._file.close()
        self._file = None
        self._temporary.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # the job's folder holds another file
            self._path.parent.rmdir()


def check_room(folder: Path) -> None:
    """Return when a new file could be begun in the folder.

    Raises:
        StorageFull: Less than RESERVE bytes are free, or it cannot be written to.
        ServiceUnavailable: The disk does not answer.
    """
    try:
        free = shutil.disk_usage(folder).free
        writable = os.access(folder, os.W_OK)
        flags = os.statvfs(folder).f_flag
    except OSError as exc:
        raise as_service_error(exc) from exc
    if free < RESERVE:
        raise StorageFull("There is no space left to keep files.")
    if not writable or flags & os.ST_RDONLY:
        raise StorageFull("The folder for files cannot be written to.")


def as_service_error(exc: OSError) -> StorageFull | ServiceUnavailable:
    """Return our error for one of the local disk."""
    if exc.errno in _FULL:
        return StorageFull("There is no space left to keep the file.")
    if exc.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
        return StorageFull("The folder for files cannot be written to.")
    return ServiceUnavailable("The storage for files does not answer.")


def read_back(file: BinaryIO) -> Iterator[bytes]:
    """Give an open file piece by piece from its beginning; where it is written next does not change.

    Raises:
        StorageFull, ServiceUnavailable: The disk does not take or give it.
    """
    try:
        file.flush()
        place = 0
        while piece := os.pread(file.fileno(), PIECE, place):
            place += len(piece)
            yield piece
    except OSError as exc:
        raise as_service_error(exc) from exc


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what the system refuses into our errors; a file that is not there stays what it is."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise as_service_error(exc) from exc


def _is_older(folder: os.DirEntry[str], instant: datetime) -> bool:
    """Return whether a folder's last file came or went before the instant; False once it was deleted."""
    try:
        return folder.stat().st_mtime < instant.timestamp()
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    """Make a rename or a removal in the folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
