"""Storage backends: `BACKENDS` maps a URL scheme to its constructor."""

from collections.abc import Callable

from service.storage.base import Storage, Writer
from service.storage.disk import DiskStorage

__all__ = ["BACKENDS", "Storage", "Writer"]

BACKENDS: dict[str, Callable[[str], Storage]] = {
    "file": DiskStorage.from_url,
}
