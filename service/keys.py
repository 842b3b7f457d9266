"""Keys: who calls, and what a caller may do. A key is shown once; what is kept is its SHA-256."""

import contextlib
import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Literal, Protocol

from service.errors import InvalidKey, ServiceError, UnknownKey
from service.tenants import TENANT

Scope = Literal["read", "write", "admin"]
"""What a key allows: to see documents, to send and change them, to manage the tenant's keys."""

SCOPES: tuple[Scope, ...] = ("read", "write", "admin")

FRESH = 2.0
"""Seconds for which a process believes what it knows of a key: so long a revoked one still works there."""

USED = timedelta(minutes=1)
"""How exactly it is kept when a key was last used; not each call is a write."""

KNOWN = 10_000
"""Keys that a process remembers."""

MAX_KEY = 100
"""Characters; what is longer is no key of ours, and is not hashed."""

MAX_DAYS = 3650
"""For which a key can be made."""

MAX_RATE = 1_000_000
"""Requests a minute that a key can be given."""

_TENANT = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_KEY = re.compile(r"inv_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from; `key_id` is None in open mode.

    `rate` are the key's own requests a minute, None where the service's limit holds.
    """

    tenant: str
    key_id: str | None
    scopes: frozenset[Scope]
    rate: int | None = None


ANYBODY = Caller(TENANT, None, frozenset(SCOPES))
"""Every caller of open mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What is known of a key.

    `hash` is the SHA-256 of its text, in hex. `rate` are requests a minute, None where the service's own
    limit holds; the budgets US dollars for models, on a day (UTC) and ever, None without a limit.
    `last_used_at` is right to a minute.
    """

    id: str
    tenant: str
    name: str
    hash: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    rate: int | None = None
    budget_day: Decimal | None = None
    budget_total: Decimal | None = None

    @property
    def prefix(self) -> str:
        """The part of the key that may be seen: it tells which one it is, and is no secret."""
        return f"inv_{self.id}"

    @property
    def caller(self) -> Caller:
        """Who shows this key."""
        return Caller(self.tenant, self.id, self.scopes, self.rate)


class KeyStore(Protocol):
    """Keeps keys; each call is one transaction, and may raise ServiceUnavailable or StorageFull."""

    def add(self, key: Key) -> None:
        """Keep a new key."""
        ...

    def find(self, key_id: str) -> Key | None:
        """Return a key, a revoked one too; None where there is none."""
        ...

    def listed(self, tenant: str | None) -> list[Key]:
        """Return the keys of a tenant, None for all, newest first, revoked ones too."""
        ...

    def revoke(self, tenant: str | None, key_id: str) -> bool:
        """Make a key of the tenant (None: of any) invalid for ever; False where there is none."""
        ...

    def touch(self, key_id: str, age: timedelta) -> None:
        """Note that a key is used now, where that was not noted within `age`."""
        ...

    def any_made(self) -> bool:
        """Return whether any key was ever made."""
        ...


class Keys:
    """Makes, lists, revokes and recognises keys. Safe for many threads.

    Recognising asks the database at most once in FRESH seconds for a key.
    """

    def __init__(
        self, store: KeyStore, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._clock = clock
        self._known: dict[str, tuple[Key, float]] = {}
        self._closed = False
        self._looked = -FRESH
        self._lock = threading.Lock()

    def make(
        self,
        tenant: str,
        name: str,
        scopes: frozenset[Scope],
        *,
        expires_at: datetime | None = None,
        rate: int | None = None,
        budget_day: Decimal | None = None,
        budget_total: Decimal | None = None,
    ) -> tuple[Key, str]:
        """Return a new key, and its text, which is shown this once.

        Raises:
            ValueError: The tenant's name is none, there is no scope, or it has expired already.
        """
        if not _TENANT.fullmatch(tenant):
            raise ValueError(
                "a tenant is named by up to 32 of a-z 0-9 _ -, a letter or digit first"
            )
        if not scopes:
            raise ValueError("a key without a scope allows nothing")
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise ValueError("the key would have expired already")
        key_id = secrets.token_hex(6)
        text = f"inv_{key_id}_{secrets.token_urlsafe(32)}"
        key = Key(
            id=key_id,
            tenant=tenant,
            name=name,
            hash=_hash(text),
            scopes=scopes,
            created_at=now,
            expires_at=expires_at,
            rate=rate,
            budget_day=budget_day,
            budget_total=budget_total,
        )
        self._store.add(key)
        self._closed = True
        return key, text

    def listed(self, tenant: str | None) -> list[Key]:
        """Return the keys of a tenant, None for all, newest first, revoked ones too."""
        return self._store.listed(tenant)

    def revoke(self, tenant: str | None, key_id: str) -> None:
        """Make a key of the tenant (None: of any) invalid, at once here, within FRESH elsewhere.

        Raises:
            UnknownKey: The tenant has none with that id.
        """
        if not self._store.revoke(tenant, key_id):
            raise UnknownKey("There is no key with this id.")
        with self._lock:
            self._known.pop(key_id, None)

    def is_fresh(self, text: str | None) -> bool:
        """Return whether `opened` and, with a key's text, `recognise` would answer without the database."""
        now = time.monotonic()
        if text is None:
            return self._closed or now - self._looked < FRESH
        key_id = _id(text)
        return key_id is None or (
            (found := self._known.get(key_id)) is not None and now - found[1] < FRESH
        )

    def opened(self) -> bool:
        """Return whether no key was ever made: open mode. The first key closes it for ever."""
        if not self._closed and time.monotonic() - self._looked >= FRESH:
            self._closed = self._store.any_made()
            self._looked = time.monotonic()
        return not self._closed

    def recognise(self, text: str) -> Key:
        """Return the key with that text.

        Raises:
            InvalidKey: There is none, or it was revoked, or has expired.
        """
        key_id = _id(text)
        key = self._looked_up(key_id) if key_id else None
        # a key that is not there takes as long as one that is
        same = hmac.compare_digest(_hash(text[:MAX_KEY]), key.hash if key else _NO_HASH)
        if key is None or not same:
            raise InvalidKey("There is no such key.")
        self._check(key)
        return key

    def confirm(self, caller: Caller) -> None:
        """Return while the caller's key is still valid; for calls that last long.

        Raises:
            InvalidKey: It was revoked, or has expired, or open mode has ended.
        """
        if caller.key_id is None:
            if not self.opened():
                raise InvalidKey("A key was made meanwhile, and none was shown.")
            return
        key = self._looked_up(caller.key_id)
        if key is None:
            raise InvalidKey("There is no such key.")
        self._check(key)

    def _check(self, key: Key) -> None:
        if key.revoked_at is not None:
            raise InvalidKey("The key was revoked.")
        if key.expires_at is not None and key.expires_at <= self._clock():
            raise InvalidKey("The key has expired.")

    def _looked_up(self, key_id: str) -> Key | None:
        with self._lock:
            now = time.monotonic()
            key, loaded = self._known.get(key_id, (None, -FRESH))
            if now - loaded < FRESH:
                return key
            found = self._store.find(key_id)
            if found is None:
                return None
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[key_id] = found, now
        used = found.last_used_at
        if found.revoked_at is None and (used is None or self._clock() - used >= USED):
            with contextlib.suppress(ServiceError):  # a full disk keeps nobody out
                self._store.touch(key_id, USED)
        return found


def _id(text: str) -> str | None:
    """Return the id in a key's text; None where it is no key of ours."""
    found = _KEY.fullmatch(text[: MAX_KEY + 1])
    return found[1] if found else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_NO_HASH = _hash("")
