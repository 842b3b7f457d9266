"""Storage backends: `BACKENDS` maps a URL scheme to its constructor."""

from collections.abc import Callable

from service.storage.base import Storage, Writer
from service.storage.disk import DiskStorage
from service.storage.objects import ObjectStorage

__all__ = ["BACKENDS", "Storage", "Writer"]

BACKENDS: dict[str, Callable[[str], Storage]] = {
    "file": DiskStorage.from_url,
    "s3": ObjectStorage.from_url,
    "gs": ObjectStorage.from_url,
    "az": ObjectStorage.from_url,
}
