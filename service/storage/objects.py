"""Files in a bucket of S3 (or what speaks it), Google Cloud Storage or Azure, by obstore.

An upload lies in an unnamed file of the folder for temporary files (TMPDIR) until it is complete, and then
goes up in one request: a request that fails, or a process that dies, leaves nothing in the bucket.
"""

import contextlib
import logging
import mmap
import tempfile
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from service.errors import ServiceUnavailable, StorageFull
from service.storage.base import check_key
from service.storage.disk import as_service_error, check_room, read_back

if TYPE_CHECKING:
    from obstore import GetResult
    from obstore.store import ClientConfig, ObjectStore, RetryConfig

log = logging.getLogger(__name__)

CONNECT_SECONDS = 2.0
"""How long a connection may take to be made."""

REQUEST_SECONDS = 30.0
"""How long one request may take: 20 MB at 6 Mbit/s."""

RETRY_SECONDS = 3.0
"""After so long a request that failed is not sent again: a server that is away is told in 5 s."""

RETRIES = 3

UPLOADS = 8
"""Files that go up at a time. Each is mapped into memory: forty of 5 MB made 220 MB of it."""

_NO_BUCKET = ("NoSuchBucket", "ContainerNotFound")
_FULL = ("507 Insufficient Storage", "QuotaExceeded", "XMinioStorageFull")
_REFUSED = ("status code: 401", "status code: 403")
"""What stands in obstore's messages; a listing hides its status in a GenericError."""


class ObjectStorage:
    """See `Storage`. Safe for many threads; nothing is sent before the first call."""

    def __init__(self, store: "ObjectStore") -> None:
        self._store = store
        self._turns = threading.BoundedSemaphore(UPLOADS)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Return the storage of `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`.

        Endpoint, region and credentials come from the provider's own environment variables.

        Raises:
            ValueError: The URL names no bucket, or the environment lacks what cannot be guessed.
        """
        from obstore.exceptions import BaseError
        from obstore.store import from_url

        client: ClientConfig = {
            # Only an endpoint that is spelled http:// is reached so: a server on the same network.
            "allow_http": True,
            "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
            "timeout": timedelta(seconds=REQUEST_SECONDS),
        }
        retry: RetryConfig = {
            "max_retries": RETRIES,
            "retry_timeout": timedelta(seconds=RETRY_SECONDS),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=1),
                "base": 2,
            },
        }
        try:
            return cls(from_url(url, client_options=client, retry_config=retry))
        except BaseError as exc:
            raise ValueError(f"STORAGE_URL cannot be used: {_first_line(exc)}") from exc

    def writer(self, key: str) -> "ObjectWriter":
        """See `Storage.writer`; whether the bucket answers is told by `commit`."""
        check_key(key)
        check_room(_scratch())
        return ObjectWriter(self, key)

    def put(self, key: str, data: bytes) -> None:
        """See `Storage.put`."""
        check_key(key)
        self._put(key, data)

    def put_file(self, key: str, file: BinaryIO) -> None:
        """Keep the whole of an open local file, as `put` does."""
        file.flush()
        size = file.tell()
        if not size:  # nothing cannot be mapped
            self._put(key, b"")
            return
        if not self._turns.acquire(timeout=REQUEST_SECONDS):
            raise ServiceUnavailable("The storage for files is too slow for what arrives.")
        try:
            # Nobody closes the map: after a time limit the client may still hold it.
            mapped = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
            self._put(key, memoryview(mapped))
        finally:
            self._turns.release()

    def _put(self, key: str, data: bytes | memoryview) -> None:
        with _told():
            # In one request: parts of an upload that was broken off would stay in the bucket, unseen.
            self._store.put(key, data, use_multipart=False)

    def get(self, key: str) -> bytes:
        """See `Storage.get`."""
        found = self._found(key)
        with _told():
            return found.bytes().to_bytes()

    def _found(self, key: str) -> "GetResult":
        check_key(key)
        with _told():
            try:
                return self._store.get(key)
            except FileNotFoundError as exc:
                if _says(exc, _NO_BUCKET):
                    raise
        raise FileNotFoundError(key)

    def chunks(self, key: str) -> Iterator[bytes]:
        """See `Storage.chunks`."""
        return (bytes(piece) for piece in self._found(key).stream())

    def folders(self, prefix: str, before: datetime) -> Iterator[str]:
        """See `Storage.folders`; keys come in their order, so those of a folder come together."""
        check_key(prefix)
        with _told():
            name, newest = "", before
            for found in self._store.list(prefix, chunk_size=1000):
                for entry in found:
                    folder = entry["path"].removeprefix(f"{prefix}/").partition("/")[0]
                    if folder != name:
                        if name and newest < before:
                            yield name
                        name, newest = folder, entry["last_modified"]
                    newest = max(newest, entry["last_modified"])
            if name and newest < before:
                yield name

    def delete(self, prefix: str) -> None:
        """See `Storage.delete`."""
        check_key(prefix)
        with _told():
            # A listing ends a prefix at a slash by itself: `a` does not find `ab/source`.
            for found in self._store.list(prefix, chunk_size=1000):
                self._remove([entry["path"] for entry in found])

    def _remove(self, keys: list[str]) -> None:
        try:
            self._store.delete(keys)
        except FileNotFoundError as exc:
            if _says(exc, _NO_BUCKET):
                raise
            # Somebody else deletes the same files; not every provider is silent about it.
            for key in keys:
                with contextlib.suppress(FileNotFoundError):
                    self._store.delete(key)

    def check(self) -> None:
        """See `Storage.check`; asks whether the bucket is there and lets us in, and writes nothing."""
        check_room(_scratch())
        with _told():
            next(iter(self._store.list("check")), None)


class ObjectWriter:
    """See `Writer`. What was written has no name in any folder: it goes with the process."""

    def __init__(self, storage: ObjectStorage, key: str) -> None:
        self._storage = storage
        self._key = key
        try:
            self._file: BinaryIO | None = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115
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
            self._storage.put_file(self._key, self._file)
        except OSError as exc:
            raise as_service_error(exc) from exc
        self.abort()

    def abort(self) -> None:
        """See `Writer.abort`."""
        if self._file is None:
            return
        with contextlib.suppress(OSError):  # a full disk fails the last flush; the file goes away
            self._file.close()
        self._file = None


def _scratch() -> Path:
    """Return the folder for temporary files."""
    return Path(tempfile.gettempdir())


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Turn what obstore raises into our errors, and tell the operator more than the caller."""
    from obstore.exceptions import BaseError

    try:
        yield
    except (BaseError, OSError) as exc:
        log.warning("the storage failed", extra={"reason": _first_line(exc)})
        if isinstance(exc, FileNotFoundError) or _says(exc, _NO_BUCKET):
            raise ServiceUnavailable("The bucket for files does not exist.") from exc
        if _says(exc, _FULL):
            raise StorageFull("There is no space left in the bucket for files.") from exc
        if _says(exc, _REFUSED):
            raise ServiceUnavailable("The bucket for files refuses our credentials.") from exc
        raise ServiceUnavailable("The storage for files does not answer.") from exc


def _says(exc: Exception, words: tuple[str, ...]) -> bool:
    text = str(exc)
    return any(word in text for word in words)


def _first_line(exc: Exception) -> str:
    """Return what happened and where; below it obstore repeats the whole answer."""
    return str(exc).partition("\n")[0]
