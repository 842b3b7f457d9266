"""Webhooks, by Standard Webhooks (https://www.standardwebhooks.com): where they go, and what was delivered.

What is to be sent is recorded with what it tells of, in one transaction (service/store/outbox.py), and sent by
workers (service/courier.py).
"""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from service.addresses import Addresses
from service.errors import WebhookConflict

Event = Literal[
    "document.completed",
    "document.failed",
    "document.needs_review",
    "document.confirmed",
    "batch.completed",
]
"""What a webhook can be sent for."""

EVENTS: tuple[Event, ...] = (
    "document.completed",
    "document.failed",
    "document.needs_review",
    "document.confirmed",
    "batch.completed",
)

TEST = "webhook.test"
"""The event that only a person asks for."""

SCHEDULE = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds before each attempt, from the one before; the example of Standard Webhooks."""

JITTER = 0.2
"""By which part a wait is longer or shorter, so that what failed together does not come back together."""

LONGEST_REST = timedelta(days=1)
"""The longest that a receiver can make us wait by Retry-After."""

FAILING = 3
"""After so many failures one after the other a webhook is sent one delivery at a time."""

GIVEN_UP = timedelta(days=5)
"""A webhook that only fails for so long is switched off."""

OVERLAP = timedelta(days=1)
"""How long after a rotation is signed with the secret before, too."""

MAX_WEBHOOKS = 100
"""Webhooks of one tenant, with those that came by `webhook_url`."""

SWITCHED_OFF = "switched_off"
"""The error of a delivery whose webhook is."""

State = Literal["pending", "delivered", "failed"]
"""A delivery waits for its next attempt, or has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Where events are sent, and how it fares.

    `events` are what it is sent for, beside what names it by `webhook_url`. `by_upload` is true for one
    that was made by such a name: its `url` is without a path, and each delivery has its own. `secret_before` is signed with
    too until `secret_before_until`. `failures` are attempts that failed since the last one that did not,
    `failing_since` when that began. `disabled_at` and `disabled_reason` (`gone`, `failing`, `asked`) tell of one that is
    switched off; nothing is sent to it before `rests_until`.
    """

    id: str
    tenant: str
    url: str
    events: tuple[Event, ...]
    secret: str
    created_at: datetime
    by_upload: bool = False
    secret_before: str | None = None
    secret_before_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one webhook.

    `event` is the header webhook-id: the same for all attempts. `url` is the delivery's own, None where
    it is the webhook's. `status` and `error` are of the last attempt: an HTTP status, or why there was none.
    `next_at` is when the next attempt is due, None where none is.
    """

    webhook: str
    event: str
    kind: str
    state: State
    body: str
    url: str | None
    attempts: int
    created_at: datetime
    job: str | None = None
    next_at: datetime | None = None
    attempted_at: datetime | None = None
    status: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is to be attempted now by who holds the claim, and where to."""

    webhook: Webhook
    delivery: Delivery
    token: str

    @property
    def url(self) -> str:
        """Where it goes."""
        return self.delivery.url or self.webhook.url


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: an HTTP `status`, or the `error` that stood in its way.

    `rest` is how long the receiver asked to be left alone.
    """

    status: int | None = None
    error: str | None = None
    rest: timedelta | None = None

    @property
    def delivered(self) -> bool:
        """True where the receiver has taken it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Some deliveries, newest first; `next` continues after them, None at the end."""

    deliveries: tuple[Delivery, ...]
    next: str | None


class WebhookStore(Protocol):
    """Keeps webhooks and deliveries; each call is one transaction, and may raise ServiceUnavailable or StorageFull.

    A webhook of another tenant is as unknown as one that never was.
    """

    def add(self, webhook: Webhook) -> None:
        """Keep a new webhook, unless one with its id is there.

        Where the tenant has as many as it may, one that came by `webhook_url`, and that nothing waits for or
        was sent to of late, makes room.

        Raises:
            WebhookConflict: The tenant has as many as it may, and needs them.
        """
        ...

    def listed(self, tenant: str) -> list[Webhook]:
        """Return the tenant's webhooks, newest first."""
        ...

    def get(self, tenant: str, webhook_id: str) -> Webhook:
        """Return a webhook; raises UnknownWebhook."""
        ...

    def change(self, tenant: str, webhook_id: str, changes: dict[str, Any]) -> Webhook:
        """Change fields of a webhook and return it; raises UnknownWebhook.

        What waits for one that is switched off fails.
        """
        ...

    def delete(self, tenant: str, webhook_id: str) -> None:
        """Remove a webhook and its deliveries; raises UnknownWebhook."""
        ...

    def deliveries(
        self, tenant: str, webhook_id: str, *, limit: int, cursor: str | None, state: State | None
    ) -> DeliveryPage:
        """Return deliveries of a webhook, newest first; raises UnknownWebhook."""
        ...

    def test(self, tenant: str, webhook_id: str) -> Delivery:
        """Record a delivery of the event `webhook.test`; raises UnknownWebhook, WebhookConflict where it is off."""
        ...

    def redeliver(self, tenant: str, webhook_id: str, event: str) -> Delivery:
        """Begin a delivery's schedule anew, under the same id; raises as `test`."""
        ...

    def claim(self, lease: timedelta, *, failing: bool) -> Claim | None:
        """Take a delivery that is due, of the webhook whose turn it is; None when there is none to be had.

        Without `failing`, none of a webhook that fails again and again.
        """
        ...

    def settle(self, claim: Claim, outcome: Outcome) -> Webhook | None:
        """Write what came of an attempt, and when the next is due.

        Return the webhook where that switched it off, else None. Where the claim no longer holds nothing is written.
        """
        ...

    def prune(self) -> int:
        """Remove deliveries that ended long ago, and return how many."""
        ...


class Webhooks:
    """The use cases of a tenant's webhooks."""

    def __init__(
        self,
        store: WebhookStore,
        addresses: Addresses,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self._addresses = addresses
        self._clock = clock

    def make(self, tenant: str, url: str, events: tuple[Event, ...]) -> Webhook:
        """Return a new webhook with its secret.

        Raises:
            ForbiddenUrl: Nothing may be sent there.
            WebhookConflict: The tenant has as many as it may.
        """
        self._addresses.resolve(url)
        webhook = Webhook(
            id=secrets.token_hex(16),
            tenant=tenant,
            url=url,
            events=events,
            secret=new_secret(),
            created_at=self._clock(),
        )
        self.store.add(webhook)
        return webhook

    def name(self, tenant: str, url: str) -> str:
        """Return the id of the webhook for an upload's `webhook_url`: one with that URL, else that of its host.

        The latter is made where it is not there. One that is switched off because its receiver takes
        nothing is no reason to refuse documents: their deliveries fail.

        Raises:
            ForbiddenUrl: Nothing may be sent there.
            WebhookConflict: A person switched it off, or there would be too many.
        """
        place = self._addresses.resolve(url).place
        found = _named(self.store.listed(tenant), url, place.origin)
        if found is None:
            found = Webhook(
                # the same for all who name the host at the same time
                id=hashlib.sha256(f"{tenant} {place.origin}".encode()).hexdigest()[:32],
                tenant=tenant,
                url=place.origin,
                events=(),
                secret=new_secret(),
                created_at=self._clock(),
                by_upload=True,
            )
            self.store.add(found)
        if found.disabled_reason == "asked":
            raise WebhookConflict(f"The webhook {found.id} of this URL is switched off.")
        return found.id

    def change(
        self,
        tenant: str,
        webhook_id: str,
        *,
        url: str | None = None,
        events: tuple[Event, ...] | None = None,
        enabled: bool | None = None,
    ) -> Webhook:
        """Change what is given, and return the webhook. Switched on again it begins without failures.

        Raises:
            UnknownWebhook, ForbiddenUrl: As `make` and `WebhookStore.get`.
            WebhookConflict: Its URL comes with uploads, and cannot be changed.
        """
        if (url is not None or events) and self.store.get(tenant, webhook_id).by_upload:
            raise WebhookConflict(
                "This webhook has its URLs from uploads, and is sent for those alone."
            )
        changes: dict[str, Any] = {}
        if url is not None:
            self._addresses.resolve(url)
            changes["url"] = url
        if events is not None:
            changes["events"] = events
        if enabled is not None:
            off = {"disabled_at": self._clock(), "disabled_reason": "asked"}
            on = {"disabled_at": None, "disabled_reason": None, "rests_until": None}
            changes |= on | {"failures": 0, "failing_since": None} if enabled else off
        return self.store.change(tenant, webhook_id, changes)

    def rotate(self, tenant: str, webhook_id: str) -> Webhook:
        """Give the webhook a new secret and return it; for OVERLAP both sign.

        Raises:
            UnknownWebhook: The tenant has none with that id.
        """
        before = self.store.get(tenant, webhook_id).secret
        changes = {
            "secret": new_secret(),
            "secret_before": before,
            "secret_before_until": self._clock() + OVERLAP,
        }
        return self.store.change(tenant, webhook_id, changes)


def new_secret() -> str:
    """Return a secret of 256 random bits."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def wait_before(attempt: int) -> timedelta:
    """Return how long to wait before an attempt, counted from 0; it must be one of the schedule."""
    spread = 1 - JITTER + 2 * JITTER * secrets.randbelow(1_000) / 1_000
    return timedelta(seconds=SCHEDULE[attempt] * spread)


def _named(webhooks: list[Webhook], url: str, origin: str) -> Webhook | None:
    """Return the webhook that an upload's URL stands for: one with that URL, else that of its host."""
    own = [webhook for webhook in webhooks if webhook.url == url and not webhook.by_upload]
    return next(iter(own or [w for w in webhooks if w.by_upload and w.url == origin]), None)
