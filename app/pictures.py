"""Pictures of pages: made on first request by the sandboxed reader, kept in storage after that."""

import contextlib
import logging
from enum import IntEnum
from typing import NamedTuple

from anyio import to_thread

from app.errors import NoPage
from app.reader import Reader
from invoice_extraction.errors import OptionError, UnsupportedType
from invoice_extraction.intake import PAGELESS
from invoice_extraction.sandbox.client import Readers
from service.errors import Expired, ServiceError, UnknownTask
from service.files import folder, picture_key
from service.wiring import Services

log = logging.getLogger(__name__)


class Width(IntEnum):
    """Pixels across: a thumbnail, a screen, for reading closely."""

    THUMBNAIL = 320
    SCREEN = 1240
    CLOSE = 2000


class Picture(NamedTuple):
    """A page as WebP. `has_next` is known of a drawn sheet alone: the answer tells a file's own pages."""

    data: bytes
    has_next: bool = False


class Pictures:
    """Draws pages where they are not kept yet, by `reader`."""

    def __init__(self, services: Services, reader: Reader) -> None:
        self._services = services
        self._reader = reader

    async def get(self, tenant: str, job_id: str, page: int, width: Width) -> Picture:
        """Return a page as WebP, `width` pixels wide; of an e-invoice without pages, one drawn for it.

        A sheet that is drawn for an e-invoice is not kept: it takes a tenth of a second.

        Raises:
            UnknownTask, Expired: As `Jobs.source`.
            NoPage: There is no such page.
            ReaderBusy: Other files were read for too long.
            DocumentError: The page cannot be drawn.
        """
        key = picture_key(tenant, job_id, page, width)
        kept = await to_thread.run_sync(self._kept, tenant, job_id, page, key)
        if kept is not None:
            return Picture(kept)
        reader = self._reader
        turn = reader.thumbnail_turn if width is Width.THUMBNAIL else reader.turn
        async with turn() as readers:
            return await to_thread.run_sync(self._draw, readers, tenant, job_id, page, width, key)

    def _kept(self, tenant: str, job_id: str, page: int, key: str) -> bytes | None:
        """Return the picture from storage, None where it is still to be drawn."""
        self._services.jobs.get(tenant, job_id)
        if page < 1:
            raise NoPage(f"The document has no page {page}.")
        try:
            return self._services.storage.get(key)
        except FileNotFoundError:
            return None

    def _draw(
        self, readers: Readers, tenant: str, job_id: str, page: int, width: Width, key: str
    ) -> Picture:
        services = self._services
        with contextlib.suppress(FileNotFoundError):
            return Picture(
                services.storage.get(key)
            )  # drawn for another caller, while this one waited
        job, data = services.jobs.source(tenant, job_id)
        kind, limits = job.media_type or "", services.options.limits
        try:
            if kind in PAGELESS:
                drawn = readers.sheet(data, page, int(width), limits)
                return Picture(drawn.picture, has_next=page < drawn.pages)
            picture = readers.picture(data, kind, page, int(width), limits)
        except (OptionError, UnsupportedType) as exc:
            raise NoPage(exc.message) from exc
        self._keep(tenant, job_id, key, picture)
        return Picture(picture)

    def _keep(self, tenant: str, job_id: str, key: str, picture: bytes) -> None:
        """Keep the picture where there is room, and not after its document was deleted."""
        try:
            self._services.storage.put(key, picture)
            self._services.jobs.get(tenant, job_id)
        except (UnknownTask, Expired):
            self._services.storage.delete(folder(tenant, job_id))
        except ServiceError as error:
            log.warning("a picture is not kept", extra={"code": error.code})
