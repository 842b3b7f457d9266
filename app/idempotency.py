"""The header Idempotency-Key (IETF draft): a request that is sent again is carried out once."""

import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import anyio
from anyio import to_thread

from app.errors import FieldError, InvalidOption
from app.submission import PASSWORD
from app.uploads import Form
from service.errors import IdempotencyMismatch, ServiceError
from service.keys import Caller
from service.store.base import Once
from service.store.idempotency import Done, Idempotency

# a string of RFC 8941, as the draft wants it, or the same without its quotes
_KEY = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})')

REPLAYED = {"Idempotent-Replayed": "true"}
"""The header of an answer that was given before."""


@dataclass(slots=True)
class Sending:
    """A request with an Idempotency-Key, or without one.

    `once` is the right to carry it out; `done` what came of it before; both None where it has no key.
    """

    once: Once | None = None
    done: Done | None = None

    def sent(self, form: Form) -> tuple[str, ...] | None:
        """Note what was sent; return the jobs it was answered with, None where it is to be carried out.

        Raises:
            IdempotencyMismatch: Something else was sent under the same key.
        """
        if self.once is not None:
            self.once = replace(self.once, fingerprint=_fingerprint(form))
        if self.done is None:
            return None
        if self.done.fingerprint != _fingerprint(form):
            raise IdempotencyMismatch("The Idempotency-Key was sent with other files or options.")
        return self.done.jobs


@asynccontextmanager
async def begun(
    idempotency: Idempotency, caller: Caller, header: str | None
) -> AsyncIterator[Sending]:
    """Begin a request; when the block fails it is given up, and may be sent anew under the same key.

    Raises:
        InvalidOption: The header holds no key.
        IdempotencyInProgress: The same request is under way.
    """
    if header is None:
        yield Sending()
        return
    found = _KEY.fullmatch(header.strip())
    if not found:
        detail = "`Idempotency-Key` is not 1 to 255 visible ASCII characters."
        raise InvalidOption([FieldError("/Idempotency-Key", "invalid", detail)])
    owner = f"{caller.tenant}/{caller.key_id or ''}"
    state = await to_thread.run_sync(idempotency.begin, owner, found[1] or found[2])
    if isinstance(state, Done):
        yield Sending(done=state)
        return
    try:
        yield Sending(once=state)
    except BaseException:
        # where the database is away just now, it ends by itself after a while
        with anyio.CancelScope(shield=True), suppress(ServiceError):
            await to_thread.run_sync(idempotency.give_up, state)
        raise


def _fingerprint(form: Form) -> str:
    """Return the SHA-256 of what was sent. The password is left out: a hash of it must not be kept either."""
    files = [[file.filename, file.size if file.too_large else file.sha256] for file in form.files]
    fields = sorted((name, value) for name, value in form.fields.items() if name != PASSWORD)
    return hashlib.sha256(json.dumps([files, fields]).encode()).hexdigest()
